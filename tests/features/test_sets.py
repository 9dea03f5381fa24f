"""Feature sets: names, finite vectors, and features that move as a known sound does."""

import numpy as np
import pytest

from ser.audio.waveform import Waveform
from ser.benchmark.extractors import notebook_by_librosa
from ser.errors import SerError
from ser.features.feature import GROUPS
from ser.features.sets import FEATURE_SETS, feature_set
from tests.helpers.vowel import NOISE, RATE, seconds, vowel, waveform


@pytest.mark.parametrize("name", FEATURE_SETS)
def test_names_are_unique_and_described(name):
    features = feature_set(name).features
    assert len({feature.name for feature in features}) == len(features)
    assert {feature.group for feature in features} <= set(GROUPS)


def test_standard_holds_what_it_promises():
    names = " ".join(feature_set("standard").names)
    for part in (
        "mfcc0.",
        "mfcc_delta0.",
        "mfcc_delta20.",
        "mel1.",
        "chroma0.",
        "spectral_contrast0.",
        "f0.",
        "periodicity.",
        "energy.",
        "centroid.",
        "rhythm.",
        "jitter.",
        "shimmer.",
    ):
        assert part in names, part


@pytest.mark.parametrize("name", FEATURE_SETS)
@pytest.mark.parametrize("sound", ["vowel", "noise", "silence", "shortest"])
def test_any_waveform_gives_a_finite_vector(name, sound):
    rate = feature_set(name).rate
    samples = {
        "vowel": vowel(),
        "noise": NOISE,
        "silence": np.zeros(rate),
        "shortest": vowel()[: rate // 2],
    }[sound]
    vector = feature_set(name).extract(Waveform.of(samples, rate))
    assert vector.dtype == np.float32
    assert vector.shape == (len(feature_set(name).features),)
    assert np.isfinite(vector).all()


def test_silence_around_speech_hardly_matters():
    """The part between is what is summed up, so features of level and pitch stay where they are."""
    names = feature_set("standard").names
    padded = np.concatenate([np.zeros(RATE), vowel(), np.zeros(RATE)])
    bare, wrapped = (feature_set("standard").extract(waveform(x)) for x in (vowel(), padded))
    for name in ("f0.p50", "mfcc1.mean", "centroid.p50", "energy.p50"):
        i = names.index(name)
        assert wrapped[i] == pytest.approx(bare[i], rel=0.02, abs=0.1), name


def test_wrong_rate_and_unknown_set_are_refused():
    with pytest.raises(SerError, match="48000 Hz"):
        feature_set("notebook").extract(waveform(NOISE))
    with pytest.raises(SerError, match="no feature set"):
        feature_set("opensmile")


def test_notebook():
    rate = 48_000
    y = np.interp(np.arange(rate) / rate, seconds(2), NOISE + vowel()).astype(np.float32)
    vector = feature_set("notebook").extract(Waveform.of(y, rate))
    expected = notebook_by_librosa(y, rate)
    np.testing.assert_allclose(vector, expected, rtol=1e-4, atol=1e-4)


def test_tilt_of_filtered_noise():
    low = np.convolve(NOISE, np.hanning(33) / np.hanning(33).sum(), mode="same")
    names = feature_set("standard").names
    white, dull = (feature_set("standard").extract(waveform(x)) for x in (NOISE, low))
    for name, sign in {
        "centroid.mean": -1,
        "alpha_ratio.mean": -1,
        "hammarberg.mean": 1,
        "rolloff85.p50": -1,
    }.items():
        i = names.index(name)
        assert sign * (dull[i] - white[i]) > 0, name


def test_swelling_shows_in_modulation():
    values = dict(zip(feature_set("standard").names, feature_set("standard").extract(waveform(vowel())), strict=True))
    assert values["modulation1.4-6Hz"] > values["modulation1.12-20Hz"] + 6
    assert values["rhythm.syllable_rate"] == pytest.approx(4, abs=0.6)


def test_higher_voice_has_higher_f0_features():
    deep, high = (feature_set("standard").extract(waveform(vowel(f0))) for f0 in (110.0, 220.0))
    names = feature_set("standard").names
    for name in ("f0.mean", "f0.p5", "f0.p95"):
        assert high[names.index(name)] - deep[names.index(name)] == pytest.approx(12, abs=0.3)  # an octave
