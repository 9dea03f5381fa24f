"""Metrics against scikit-learn and against cases worked out by hand."""

import json

import audmetric
import numpy as np
import pytest
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score

from ser.errors import TrainingError
from ser.metrics import expected_calibration_error, score, uar

LABELS = ("calm", "sad", "angry")


def judged(actual, predicted, actors=None):
    actual = np.array(actual)
    probabilities = np.full((actual.size, 3), 0.1)
    probabilities[np.arange(actual.size), [LABELS.index(label) for label in predicted]] = 0.8
    return score(actual, probabilities, LABELS, np.array(actors or [1] * actual.size), "heldout")


def test_perfect_answers():
    found = judged(LABELS * 2, LABELS * 2, [1, 1, 1, 2, 2, 2])
    assert (found.uar, found.accuracy, found.uar_interval) == (1.0, 1.0, (1.0, 1.0))
    assert np.array_equal(found.confusion, 2 * np.eye(3))


def test_by_hand():
    # calm 1 of 2, sad 2 of 2, angry 0 of 1; "sad" was said four times
    found = judged(["calm", "calm", "sad", "sad", "angry"], ["calm", "sad", "sad", "sad", "sad"], [1, 1, 1, 2, 2])
    assert found.uar == pytest.approx((0.5 + 1 + 0) / 3)
    assert found.accuracy == pytest.approx(0.6)
    assert found.confusion == ((1, 1, 0), (0, 2, 0), (0, 1, 0))  # rows actual, columns predicted
    assert found.per_class["sad"].precision == pytest.approx(0.5)
    assert found.per_class["sad"].f1 == pytest.approx(2 / 3)
    assert found.weighted.recall == pytest.approx(found.accuracy)
    assert found.per_actor_uar == {1: pytest.approx(0.75), 2: pytest.approx(0.5)}
    assert found.ece == pytest.approx(0.2)  # 80 % sure throughout, 60 % right


def test_against_sklearn_and_audmetric():
    rng = np.random.default_rng(0)
    actual, predicted = rng.choice(LABELS, 200), rng.choice(LABELS, 200)
    found = judged(actual, predicted, list(rng.integers(1, 9, 200)))
    assert found.uar == pytest.approx(balanced_accuracy_score(actual, predicted)) == uar(actual, predicted)
    assert found.uar == pytest.approx(audmetric.unweighted_average_recall(actual, predicted, labels=list(LABELS)))
    assert found.accuracy == pytest.approx(accuracy_score(actual, predicted))
    assert found.macro_f1 == pytest.approx(f1_score(actual, predicted, average="macro"))
    assert found.uar_interval[0] < found.uar < found.uar_interval[1]


def test_interval_is_wider_where_speakers_differ():
    alike = judged(LABELS * 8, ["calm", "sad", "sad"] * 8, [1 + i // 3 for i in range(24)])
    apart = judged(LABELS * 8, [*LABELS] * 4 + ["sad"] * 12, [1 + i // 3 for i in range(24)])
    assert alike.uar_interval[1] - alike.uar_interval[0] < apart.uar_interval[1] - apart.uar_interval[0]


def test_emotion_without_clips_is_left_out():
    found = judged(["calm", "sad"], ["calm", "angry"])
    assert found.uar == 0.5
    assert set(found.per_class) == {"calm", "sad"}


def test_overconfidence_shows_in_ece():
    right = np.array([True, False] * 50)
    assert expected_calibration_error(np.full(100, 0.5), right) == pytest.approx(0.0)
    assert expected_calibration_error(np.full(100, 1.0), right) == pytest.approx(0.5)


def test_json_has_the_contract_and_is_json():
    record = json.loads(json.dumps(judged(LABELS, LABELS).to_json()))
    contract = {
        "protocol",
        "n_clips",
        "uar",
        "uar_interval",
        "accuracy",
        "ece",
        "per_class_recall",
        "per_actor_uar",
        "confusion",
    }
    assert contract <= set(record)
    assert record["per_class_recall"] == {"calm": 1.0, "sad": 1.0, "angry": 1.0}


def test_nothing_to_score_is_refused():
    with pytest.raises(TrainingError, match="no clip to score"):
        judged([], [])
