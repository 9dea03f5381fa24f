"""Formants and the strength of single harmonics: what the mouth and the vocal folds add to a voice.

Formants are the first peaks of a linear-prediction envelope (autocorrelation method with the Levinson-Durbin recursion;
Makhoul 1975, "Linear prediction: a tutorial review", with his selective prediction: only the band up to `BAND` is
modelled). H1-H2 and the like compare harmonics as in eGeMAPS (Eyben et al. 2016). Cepstral peak prominence is the
height of the voice's own peak in the cepstrum (Hillenbrand et al. 1994), here over the cepstrum's mean.

This is own code because librosa has no formants, and parselmouth (Praat) is under the GPL.
"""

from functools import lru_cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy import fft

BAND = 5500.0  # Hz; a voice has five formants below it
ORDER = 10  # two poles a formant
FORMANTS = 3
LOWEST = 200.0  # Hz; peaks below belong to the fundamental
PRE_EMPHASIS = 0.97
ENVELOPE_BINS = 512
BIN = 2 * BAND / ENVELOPE_BINS  # Hz between two points of the envelope
CEPSTRUM_RANGE = (70.0, 600.0)  # Hz


@lru_cache(maxsize=4)
def _window(length: int) -> np.ndarray:
    return np.hamming(length).astype(np.float32)


@lru_cache(maxsize=1)
def _waves() -> tuple[np.ndarray, np.ndarray]:
    """Real and imaginary part of the transform of a short polynomial, each (ORDER + 1, 1 + ENVELOPE_BINS // 2)."""
    matrix = fft.rfft(np.eye(ORDER + 1), ENVELOPE_BINS, axis=1)
    return np.ascontiguousarray(matrix.real), np.ascontiguousarray(matrix.imag)


def formants(
    samples: np.ndarray, rate: int, *, window: int, hop: int, frames: slice | np.ndarray = slice(None)
) -> tuple[np.ndarray, np.ndarray]:
    """Frequencies (Hz) of the first three formants of every frame, and levels (dB) of the envelope there.

    Both have the shape (3, 1 + n // hop) and are NaN where the envelope has fewer peaks. The rate is at least twice
    `BAND`; `window` and `hop` are in samples; `frames` are those that are computed.
    """
    emphasised = samples.astype(np.float64)
    emphasised[1:] -= PRE_EMPHASIS * samples[:-1].astype(np.float64)
    padded = np.pad(emphasised.astype(np.float32), window // 2)
    spectrum = fft.rfft(sliding_window_view(padded, window)[::hop][frames] * _window(window), 1024, axis=1)
    kept = int(BAND / rate * 1024)
    power = spectrum.real[:, : kept + 1] ** 2 + spectrum.imag[:, : kept + 1] ** 2
    correlation = fft.irfft(power, 2 * kept, axis=1)[:, : ORDER + 1].astype(np.float64)
    correlation /= np.maximum(correlation[:, :1], 1e-12)
    correlation[:, 0] *= 1.0001  # a little white noise keeps a pure tone's recursion finite
    polynomial = predictor(correlation)
    cosines, sines = _waves()
    # The envelope is one over this, so its peaks are the valleys here.
    inverse = (polynomial @ cosines) ** 2 + (polynomial @ sines) ** 2
    return _first_valleys(np.maximum(inverse, 1e-9))


def _first_valleys(inverse: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Frequency (Hz) of the first valleys of each frame above `LOWEST`, and the envelope's level (dB) there."""
    first = int(LOWEST / BIN) + 1
    middle = inverse[:, first:-1]
    valley = (middle < inverse[:, first - 1 : -2]) & (middle <= inverse[:, first + 1 :])
    row, column = np.divmod(np.flatnonzero(valley), valley.shape[1])
    rank = np.arange(row.size) - np.searchsorted(row, row)
    row, column, rank = row[rank < FORMANTS], column[rank < FORMANTS], rank[rank < FORMANTS]
    frequencies, levels = np.full((2, FORMANTS, len(inverse)), np.nan)
    frequencies[rank, row] = (column + first) * BIN
    levels[rank, row] = -10 * np.log10(middle[row, column])
    return frequencies, levels


def predictor(correlation: np.ndarray) -> np.ndarray:
    """Linear-prediction polynomials of all frames by the Levinson-Durbin recursion, shape (n_frames, p + 1).

    `correlation` is the autocorrelation at lags 0 to p, shape (n_frames, p + 1). The first coefficient of each is 1;
    the others are those that `scipy.linalg.solve_toeplitz` gives.
    """
    n_frames, size = correlation.shape
    coefficients = np.zeros((n_frames, size))
    coefficients[:, 0] = 1.0
    error = correlation[:, 0].copy()
    for i in range(1, size):
        reflection = -np.einsum("ij,ij->i", coefficients[:, :i], correlation[:, i:0:-1]) / np.maximum(error, 1e-9)
        mirrored = reflection[:, None] * coefficients[:, i - 1 :: -1][:, :i]
        coefficients[:, 1 : i + 1] += mirrored
        error *= np.maximum(1 - reflection**2, 1e-6)
    return coefficients


def levels_at(decibels: np.ndarray, frequencies: np.ndarray, spacing: float) -> np.ndarray:
    """Level (dB) of the partials nearest to some frequencies in each frame: the largest of the three bins around.

    `frequencies` and the result have the shape (n_partials, n_frames).
    """
    last = decibels.shape[0] - 1
    nearest = np.clip((frequencies / spacing).astype(int), 0, last - 1)
    frames = np.arange(decibels.shape[1])
    level = np.maximum(decibels[nearest, frames], decibels[nearest + 1, frames])
    return np.maximum(level, decibels[np.maximum(nearest - 1, 0), frames])


def peak_prominence(decibels: np.ndarray, rate: int) -> np.ndarray:
    """Cepstral peak prominence in dB: how far a voice's period stands out of the cepstrum, shape (n_frames,)."""
    low, high = CEPSTRUM_RANGE
    cepstrum = fft.irfft(decibels.T, axis=1)[:, int(rate / high) : int(rate / low)]
    return cepstrum.max(axis=1) - cepstrum.mean(axis=1)
