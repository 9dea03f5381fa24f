"""Formants of sounds with known resonances."""

import numpy as np
import pytest
from scipy.signal import lfilter

from ser.features.formants import formants
from tests.helpers.vowel import RATE

FORMANTS = (600.0, 1500.0, 2600.0)


def vowel() -> np.ndarray:
    """A second of noise through three resonances of 80 Hz, each on top of the last."""
    sound = np.random.default_rng(0).standard_normal(RATE)
    radius = np.exp(-np.pi * 80 / RATE)
    for frequency in FORMANTS:
        sound = lfilter([1.0], [1.0, -2 * radius * np.cos(2 * np.pi * frequency / RATE), radius**2], sound)
    return (0.1 * sound / np.abs(sound).max()).astype(np.float32)


def test_resonances_are_found():
    frequencies, levels = formants(vowel(), RATE, window=400, hop=160)
    assert frequencies.shape == levels.shape == (3, 101)
    np.testing.assert_allclose(np.nanmedian(frequencies, axis=1), FORMANTS, rtol=0.1)


def test_rows_rise_and_end_with_nan():
    frequencies, levels = formants(vowel(), RATE, window=400, hop=160)
    known = ~np.isnan(frequencies)
    assert np.array_equal(known, ~np.isnan(levels))
    assert (known[:-1] >= known[1:]).all()
    steps = np.diff(frequencies, axis=0)
    assert (steps[~np.isnan(steps)] > 0).all()


def test_frames_are_those_of_the_whole_clip():
    whole = formants(vowel(), RATE, window=400, hop=160)
    part = formants(vowel(), RATE, window=400, hop=160, frames=slice(20, 50))
    for all_frames, some in zip(whole, part, strict=True):
        np.testing.assert_array_equal(some, all_frames[:, 20:50])


@pytest.mark.parametrize("samples", [np.zeros(RATE, np.float32), np.sin(np.arange(RATE)).astype(np.float32)])
def test_silence_and_tones_are_no_error(samples):
    frequencies, _ = formants(samples, RATE, window=400, hop=160)
    assert frequencies.shape == (3, 101)
