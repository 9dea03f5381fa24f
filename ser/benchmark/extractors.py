"""Other ways to compute features that the benchmark compares with: librosa as the notebook called it, and openSMILE."""

from collections.abc import Callable

import numpy as np
import scipy.fft

from ser.audio.waveform import Waveform

_FRAME, _HOP, _FFT = 400, 160, 512


def notebook_by_librosa(samples: np.ndarray, rate: int) -> np.ndarray:
    """The notebook's 180 features by the three calls that it made; `ser.features.notebook` computes the same."""
    import librosa

    return np.concatenate(
        [
            librosa.feature.mfcc(y=samples, sr=rate, n_mfcc=40).mean(axis=1),
            librosa.feature.chroma_stft(S=np.abs(librosa.stft(samples)), sr=rate).mean(axis=1),
            librosa.feature.melspectrogram(y=samples, sr=rate).mean(axis=1),
        ]
    )


def opensmile_extractors() -> dict[str, Callable[[Waveform], object]]:
    """Key of a line → openSMILE's functionals of a waveform; none if the package `opensmile` is not installed."""
    try:
        import opensmile
    except ImportError:
        return {}
    sets = {
        "opensmile_egemaps": opensmile.FeatureSet.eGeMAPSv02,
        "opensmile_compare": opensmile.FeatureSet.ComParE_2016,
    }

    def extractor(feature_set: object) -> Callable[[Waveform], object]:
        smile = opensmile.Smile(feature_set, opensmile.FeatureLevel.Functionals)
        return lambda waveform: smile.process_signal(waveform.samples, waveform.rate)

    return {key: extractor(feature_set) for key, feature_set in sets.items()}


def one_stft(waveform: Waveform) -> np.ndarray:
    """The power of one short-time Fourier transform at 16 kHz, shape (n_frames, 257)."""
    frames = np.lib.stride_tricks.sliding_window_view(waveform.samples, _FRAME)[::_HOP]
    spectra = scipy.fft.rfft(frames * np.hanning(_FRAME).astype(np.float32), _FFT)
    return np.abs(spectra) ** 2
