"""A waveform becomes a named vector: frame-level descriptors, summed up by functionals, in named feature sets.

- `spectra`: short-time spectra and what is read off them (mel, MFCC, chroma, contrast, shape);
- `pitch`: F0 and voicing by autocorrelation;
- `functionals`: statistics of a contour over frames;
- `standard`, `notebook`: the two feature sets;
- `sets`: the registry that everything else looks names up in.
"""

from ser.features.sets import AUGMENTED_SET, FEATURE_SETS, GROUPS, Feature, FeatureSet, feature_set

__all__ = ["AUGMENTED_SET", "FEATURE_SETS", "GROUPS", "Feature", "FeatureSet", "feature_set"]
