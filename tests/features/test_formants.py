"""Formants of sounds with known resonances."""

import numpy as np
import pytest
from scipy.linalg import solve_toeplitz
from scipy.signal import argrelmin, lfilter

from ser.features.formants import formants
from ser.features.spectra import power_spectrogram
from tests.helpers.vowel import RATE

FORMANTS = (600.0, 1500.0, 2600.0)


def vowel() -> np.ndarray:
    """A second of noise through three resonances of 80 Hz, each on top of the last."""
    sound = np.random.default_rng(0).standard_normal(RATE)
    radius = np.exp(-np.pi * 80 / RATE)
    for frequency in FORMANTS:
        sound = lfilter([1.0], [1.0, -2 * radius * np.cos(2 * np.pi * frequency / RATE), radius**2], sound)
    return (0.1 * sound / np.abs(sound).max()).astype(np.float32)


def spectrum(samples: np.ndarray) -> np.ndarray:
    return power_spectrogram(samples, n_fft=512, hop=160, window=400)


def test_resonances_are_found():
    frequencies, levels = formants(spectrum(vowel()), RATE)
    assert frequencies.shape == levels.shape == (3, 101)
    np.testing.assert_allclose(np.nanmedian(frequencies, axis=1), FORMANTS, rtol=0.1)


def test_rows_rise_and_end_with_nan():
    frequencies, levels = formants(spectrum(vowel()), RATE)
    known = ~np.isnan(frequencies)
    assert np.array_equal(known, ~np.isnan(levels))
    assert (known[:-1] >= known[1:]).all()
    steps = np.diff(frequencies, axis=0)
    assert (steps[~np.isnan(steps)] > 0).all()


@pytest.mark.parametrize("samples", [np.zeros(RATE, np.float32), np.sin(np.arange(RATE)).astype(np.float32)])
def test_silence_and_tones_are_no_error(samples):
    frequencies, _ = formants(spectrum(samples), RATE)
    assert frequencies.shape == (3, 101)


def test_formants_are_the_valleys_of_the_predictor_of_the_emphasised_band():
    """Against the way of the textbook: pre-emphasis of the samples, a window, and the autocorrelation of the band."""
    frame = vowel()[3800:4200]
    emphasised = np.append(frame[0], frame[1:] - 0.97 * frame[:-1]) * np.hanning(401)[:-1]
    band = np.abs(np.fft.rfft(emphasised, 1024))[: int(5500 / RATE * 1024) + 1] ** 2
    correlation = np.fft.irfft(band)[:11]
    correlation[0] *= 1.0001
    polynomial = np.append(1.0, solve_toeplitz(correlation[:10], -correlation[1:]))
    inverse = np.abs(np.fft.rfft(polynomial, 512)) ** 2
    valleys = argrelmin(inverse)[0] * 11_000 / 512
    frequencies, _ = formants(spectrum(vowel())[:, [25]], RATE)  # its middle is 25 · 160
    np.testing.assert_allclose(frequencies[:, 0], valleys[valleys > 200][:3], rtol=0.03)
