"""Spectrograms to look at fit their axes and are no larger than a screen."""

import numpy as np
import pytest

from ser.features import spectrograms
from tests.helpers.vowel import vowel, waveform


@pytest.mark.parametrize(
    "picture",
    [
        spectrograms.mel_spectrogram,
        spectrograms.mfcc_spectrogram,
        spectrograms.chroma_spectrogram,
        spectrograms.contrast_spectrogram,
    ],
)
def test_spectrograms_fit_their_axes(picture):
    shown = picture(waveform(vowel()))
    assert shown.values.shape == (shown.rows.size, shown.times.size)
    assert shown.times[-1] == pytest.approx(2.0, abs=0.05)
    assert np.isfinite(shown.values).all()
    assert picture(waveform(np.tile(vowel(), 60))).times.size <= 1300  # ten minutes must not be ten megabytes
