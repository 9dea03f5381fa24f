"""Other ways to compute features: librosa and openSMILE, and the one STFT."""

import sys

import librosa
import numpy as np
import pytest

from ser.benchmark.extractors import notebook_by_librosa, one_stft, opensmile_extractors
from tests.helpers.vowel import NOISE, RATE, waveform


def test_one_stft_is_librosas_without_padding():
    expected = np.abs(librosa.stft(NOISE, n_fft=512, hop_length=160, win_length=400, center=False)) ** 2
    found = one_stft(waveform(NOISE))
    assert found.shape[1] == expected.shape[0] == 257
    # librosa pads each window to 512 samples on both sides, so its total has a few frames less.
    assert found.sum(axis=0)[10:250] == pytest.approx(expected.sum(axis=1)[10:250], rel=0.1)


def test_the_notebooks_way_gives_its_180_features():
    vector = notebook_by_librosa(np.tile(NOISE, 3).astype(np.float32), 3 * RATE)
    assert vector.shape == (180,) and np.isfinite(vector).all()


def test_without_opensmile_there_are_no_extractors(monkeypatch):
    monkeypatch.setitem(sys.modules, "opensmile", None)
    assert opensmile_extractors() == {}


def test_opensmile_is_called_through_its_package(monkeypatch):
    class FakeSmile:
        def __init__(self, feature_set, level):
            self.call = feature_set, level

        def process_signal(self, samples, rate):
            return *self.call, samples.size, rate

    class Fake:
        Smile = FakeSmile
        FeatureSet = type("FeatureSet", (), {"eGeMAPSv02": "egemaps", "ComParE_2016": "compare"})
        FeatureLevel = type("FeatureLevel", (), {"Functionals": "functionals"})

    monkeypatch.setitem(sys.modules, "opensmile", Fake)
    found = {key: extract(waveform(NOISE)) for key, extract in opensmile_extractors().items()}
    assert found == {
        "opensmile_egemaps": ("egemaps", "functionals", NOISE.size, RATE),
        "opensmile_compare": ("compare", "functionals", NOISE.size, RATE),
    }
