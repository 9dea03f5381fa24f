"""From bytes to an answer: windows, views, and the warnings of an answer."""

from dataclasses import replace

import numpy as np
import pytest

from ser.inference.clip_features import HOP_SECONDS, SINGLE_VIEW_SECONDS, WINDOW_SECONDS, extract_clip, extract_whole
from ser.inference.headline import UNSURE, headline
from ser.inference.prediction import OUT_OF_DISTRIBUTION, answer, predict
from ser.model.degradation import Degradation
from ser.model.emotion_model import Calibration, Trust
from ser.steps import finish
from tests.helpers import shipped
from tests.helpers.sounds import file, tone, voice


@pytest.fixture(scope="module")
def model():
    return shipped.model()


def test_a_short_clip_is_answered_as_a_whole_over_all_views(model):
    clip_features = extract_whole(file(voice(3.0), 16_000), model, name="short")
    assert clip_features.spans == ((0.0, 3.0),)
    assert clip_features.vectors.shape[:2] == (1, 1 + len(model.views))
    found = answer(clip_features, model)
    assert found.file == "short"
    assert sum(found.probabilities.values()) == pytest.approx(1)
    assert found.prediction_set[0] == found.label == max(found.probabilities, key=found.probabilities.get)


def test_a_longer_clip_is_answered_in_windows_that_overlap_by_half_and_reach_its_end(model):
    steps, shares = extract_clip(file(voice(11.0), 16_000), model), []
    clip_features = finish(steps, shares.append)
    starts = [start for start, _ in clip_features.spans]
    assert np.diff(starts[:-1]) == pytest.approx(HOP_SECONDS)
    assert {round(end - start, 6) for start, end in clip_features.spans} == {WINDOW_SECONDS}
    assert clip_features.spans[-1][1] == pytest.approx(11.0)
    assert shares == pytest.approx(np.arange(1, len(starts) + 1) / len(starts))
    # A degraded recording has one temperature after the mean; see the test below.
    found = answer(clip_features, replace(model, degradation=None))
    mean = np.mean([list(window.probabilities.values()) for window in found.windows], axis=0)
    assert list(found.probabilities.values()) == pytest.approx(mean)


def test_a_long_clip_has_an_answer_as_soon_as_one_of_its_windows_has(model):
    """The headline on the page and `abstained` of `ser predict --json` go by the same rule."""
    clip_features = replace(extract_whole(file(voice(11.0), 16_000), model), warnings=())

    def judged(abstain_below):
        doubting = replace(model, trust=Trust(Calibration(abstain_below=abstain_below)), novelty_detector=None)
        found = answer(clip_features, doubting)
        assert (headline(found).topic == UNSURE) == found.to_json()["abstained"]
        return found

    sharpest = max(max(window.probabilities.values()) for window in judged(0.0).windows)
    answered = judged(sharpest - 0.001)
    assert answered.confidence < answered.abstain_below and not answered.abstained
    assert judged(sharpest + 0.001).abstained


def test_a_degraded_recording_lowers_the_confidence_of_clip_and_windows_and_changes_no_label(model):
    """One temperature for all windows, so that a noisy stretch does not count for less."""
    clip_features = extract_whole(file(voice(11.0), 16_000), model)
    n_used = len(model.feature_names)
    rng = np.random.default_rng(0)
    weights = rng.normal(size=(2, n_used)).astype(np.float32)
    degradation = Degradation(weights, np.full(2, -100.0), np.full(2, 100.0), np.array([0.9, 0.6]))
    before = answer(clip_features, replace(model, degradation=None))
    found = answer(clip_features, replace(model, degradation=degradation))
    temperatures = degradation.temperatures(model.inputs(clip_features.vectors[:, 0]))
    temperature = np.exp(np.log(temperatures).mean())
    assert temperatures.size > 3 and np.ptp(temperatures) > 0.01 and temperature > 1.2
    assert found.label == before.label and found.confidence < before.confidence - 0.01
    pairs = [(found.probabilities, before.probabilities)]
    pairs += [(a.probabilities, b.probabilities) for a, b in zip(found.windows, before.windows, strict=True)]
    for new, old in pairs:
        powered = np.array(list(old.values())) ** (1 / temperature)
        assert list(new.values()) == pytest.approx(powered / powered.sum(), abs=1e-9)


def test_the_windows_of_a_very_long_clip_have_no_views(model):
    # Mostly silence, which costs nothing.
    long = np.zeros(round(16_000 * SINGLE_VIEW_SECONDS), np.float32)
    long[: 16_000 * 6] = voice(6.0)
    once = extract_whole(file(long, 16_000), model)
    assert once.vectors.shape[1] == 1
    thrice = extract_whole(file(long[:-16_000], 16_000), model)
    assert thrice.vectors.shape[1] == 1 + len(model.views)
    assert np.array_equal(once.vectors[0, 0], thrice.vectors[0, 0])
    assert sum(answer(once, model).probabilities.values()) == pytest.approx(1)


def test_what_is_unlike_speech_carries_a_plain_warning(model):
    found = predict(file(tone(440.0, 3.0), 16_000), model)
    assert found.novelty_p_value < OUT_OF_DISTRIBUTION
    sentence = next(warning.sentence for warning in found.warnings if warning.code == "unlike")
    assert sentence.startswith("Unlike what the model learnt from: fewer than 1 in 100 clips of new speakers")
    assert predict(file(tone(440.0, 3.0), 16_000), replace(model, novelty_detector=None)).novelty_p_value is None
