"""From a waveform to a named vector: frame-level descriptors, summed up by functionals, in named feature sets.

- `spectra`, `formants`, `pitch`: short-time spectra (mel, MFCC, chroma, contrast, shape), formants, F0;
- `descriptors`: all of these on one grid of frames;
- `functionals`, `clip_level`, `correlations`: numbers about a whole clip;
- `standard`, `notebook`: the two feature sets; `sets` finds them by name;
- `contours`, `spectrograms`: curves and pictures for the pages.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "feature": ["GROUPS", "Feature"],
        "pitch": ["PitchTrack", "pitch_track"],
        "sets": ["AUGMENTED_SET", "FEATURE_SETS", "FeatureSet", "feature_set"],
        "spectrograms": ["mel_spectrogram"],
    },
)
