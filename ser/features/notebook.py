"""The notebook's 180 features: means over time of 40 MFCC, 12 chroma and 128 mel bands.

librosa's own functions compute them at 48 kHz, without trimming and levelling, because this set is to be exactly what
the notebook computed.
"""

import numpy as np

from ser.audio.waveform import Waveform
from ser.features.feature import Feature

RATE = 48_000

FEATURES: tuple[Feature, ...] = (
    *(Feature(f"mfcc{i}.mean", "dB", "timbre") for i in range(40)),
    *(Feature(f"chroma{i}.mean", "", "chroma") for i in range(12)),
    *(Feature(f"mel{i}.mean", "power", "timbre") for i in range(128)),
)


def compute(waveform: Waveform) -> np.ndarray:
    """The 180 numbers of a clip at 48 kHz: 40 MFCC (dB), 12 chroma (share of the loudest class), 128 mel bands (power).

    They equal the three calls that the notebook made::

        librosa.feature.mfcc(y=y, sr=sr, n_mfcc=40).mean(axis=1)
        librosa.feature.chroma_stft(S=abs(librosa.stft(y)), sr=sr).mean(axis=1)
        librosa.feature.melspectrogram(y=y, sr=sr).mean(axis=1)
    """
    import librosa  # here, because its import takes seconds

    magnitude = np.abs(librosa.stft(waveform.samples))
    mel = librosa.feature.melspectrogram(S=magnitude**2, sr=waveform.rate)
    mfcc = librosa.feature.mfcc(S=librosa.power_to_db(mel), sr=waveform.rate, n_mfcc=40)
    chroma = librosa.feature.chroma_stft(S=magnitude, sr=waveform.rate)
    return np.concatenate([part.mean(axis=1) for part in (mfcc, chroma, mel)])
