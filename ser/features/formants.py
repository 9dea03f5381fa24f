"""Formants and the strength of single harmonics: what the mouth and the vocal folds add to a voice.

Formants are the first peaks of a linear-prediction envelope (autocorrelation method with the Levinson-Durbin recursion;
Makhoul 1975, "Linear prediction: a tutorial review", with his selective prediction: only the band up to `BAND` is
modelled). H1-H2 and the like compare harmonics as in eGeMAPS (Eyben et al. 2016). Cepstral peak prominence is the
height of the voice's own peak in the cepstrum (Hillenbrand et al. 1994), here over the cepstrum's mean.

This is own code because librosa has no formants, and parselmouth (Praat) is under the GPL.
"""

from functools import lru_cache

import numpy as np
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
def _to_correlation(rate: int, n_fft: int) -> np.ndarray:
    """Inverse transform of power up to `BAND` at lags 0 to `ORDER`, pre-emphasis included, (n_bins, ORDER + 1)."""
    last = int(BAND / rate * n_fft)
    power = fft.irfft(np.eye(last + 1), axis=1)[:, : ORDER + 1]
    angle = 2 * np.pi / n_fft * np.arange(last + 1)
    return ((1 + PRE_EMPHASIS**2 - 2 * PRE_EMPHASIS * np.cos(angle))[:, None] * power).astype(np.float32)


@lru_cache(maxsize=1)
def _cosines() -> np.ndarray:
    """Transform of an autocorrelation at lags 0 to `ORDER`, shape (ORDER + 1, 1 + ENVELOPE_BINS // 2)."""
    cosines = np.ascontiguousarray(fft.rfft(np.eye(ORDER + 1), ENVELOPE_BINS, axis=1).real)
    cosines[1:] *= 2  # for the lags below 0
    return cosines


def formants(power: np.ndarray, rate: int) -> tuple[np.ndarray, np.ndarray]:
    """Frequencies (Hz) of the first three formants of every frame, and levels (dB) of the envelope there.

    Both have the shape (3, n_frames) and are NaN where the envelope has fewer peaks. `power` holds spectra of a Hann
    window, shape (1 + n_fft // 2, n_frames); the rate is at least twice `BAND`.
    """
    to_correlation = _to_correlation(rate, 2 * (power.shape[0] - 1))
    correlation = (power[: len(to_correlation)].T @ to_correlation).astype(np.float64)
    correlation /= np.maximum(correlation[:, :1], 1e-12)
    correlation[:, 0] *= 1.0001  # a little white noise keeps a pure tone's recursion finite
    polynomial = predictor(correlation)
    # The envelope is one over the polynomial's power, so its peaks are the valleys here. That power is the transform of
    # the polynomial's autocorrelation.
    products = [(polynomial[: ORDER + 1 - lag] * polynomial[lag:]).sum(axis=0) for lag in range(ORDER + 1)]
    inverse = np.stack(products, axis=1) @ _cosines()
    return _first_valleys(np.maximum(inverse, 1e-9, out=inverse))


def _first_valleys(inverse: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Frequency (Hz) of the first valleys of each frame above `LOWEST`, and the envelope's level (dB) there."""
    first = int(LOWEST / BIN) + 1
    falls = inverse[:, first:] < inverse[:, first - 1 : -1]
    valley = falls[:, :-1] & ~falls[:, 1:]
    row, column = np.divmod(np.flatnonzero(valley), valley.shape[1])
    rank = np.arange(row.size) - np.searchsorted(row, row)
    row, column, rank = row[rank < FORMANTS], column[rank < FORMANTS], rank[rank < FORMANTS]
    frequencies, levels = np.full((2, FORMANTS, len(inverse)), np.nan)
    frequencies[rank, row] = (column + first) * BIN
    levels[rank, row] = -10 * np.log10(inverse[row, column + first])
    return frequencies, levels


def predictor(correlation: np.ndarray) -> np.ndarray:
    """Linear-prediction polynomials of all frames by the Levinson-Durbin recursion, shape (p + 1, n_frames).

    `correlation` is the autocorrelation at lags 0 to p, shape (n_frames, p + 1). The first coefficient of each is 1;
    the others are those that `scipy.linalg.solve_toeplitz` gives.
    """
    lags = np.ascontiguousarray(correlation.T)
    coefficients = np.zeros_like(lags)
    coefficients[0] = 1.0
    error = lags[0].copy()
    for i in range(1, len(lags)):
        reflection = (coefficients[:i] * lags[i:0:-1]).sum(axis=0) / -np.maximum(error, 1e-9)
        coefficients[1 : i + 1] += reflection * coefficients[i - 1 :: -1][:i]
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
