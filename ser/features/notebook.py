"""The notebook's 180 features: means over time of 40 MFCC, 12 chroma and 128 mel bands, as librosa gives them.

They are computed by librosa's own functions at 48 kHz, without trimming and without levelling, because the point of
this set is to be what the notebook did.
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
    """The 180 numbers of one clip.

    Args:
        waveform: mono, 48 kHz, as decoded.

    Returns:
        shape (180,): 40 MFCC (dB), 12 chroma (share of the loudest class), 128 mel bands (power).

    Example:
        Equal to the three calls that the notebook made::

            librosa.feature.mfcc(y=y, sr=sr, n_mfcc=40).mean(axis=1)
            librosa.feature.chroma_stft(S=abs(librosa.stft(y)), sr=sr).mean(axis=1)
            librosa.feature.melspectrogram(y=y, sr=sr).mean(axis=1)
    """
    import librosa  # its import takes seconds, so only who computes features pays for it

    magnitude = np.abs(librosa.stft(waveform.samples))
    mel = librosa.feature.melspectrogram(S=magnitude**2, sr=waveform.rate)
    mfcc = librosa.feature.mfcc(S=librosa.power_to_db(mel), sr=waveform.rate, n_mfcc=40)
    chroma = librosa.feature.chroma_stft(S=magnitude, sr=waveform.rate)
    return np.concatenate([part.mean(axis=1) for part in (mfcc, chroma, mel)])
