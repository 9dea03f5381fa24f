"""Human recall: the published figures, and a model's figures counted in the same way."""

import numpy as np
import pytest

from ser.emotions import LABELS
from ser.errors import SerError
from ser.evaluation import human_baseline


def test_every_emotion_intensity_and_sex_has_a_share():
    assert tuple(human_baseline.BY_EMOTION) == LABELS
    assert set(human_baseline.BY_INTENSITY) == {"normal", "strong"} and set(human_baseline.BY_SEX) == {"female", "male"}
    for shares in human_baseline.BY_FIELD.values():
        assert all(0 < share < 1 for share in shares.values())


def test_the_figures_agree_with_one_another():
    # 96 clips are neutral, 192 of every other emotion; each clip was judged equally often.
    weights = {label: 96 if label == "neutral" else 192 for label in LABELS}
    mean = sum(human_baseline.BY_EMOTION[label] * n for label, n in weights.items()) / 1440
    assert mean == pytest.approx(human_baseline.OVERALL, abs=0.001)
    assert np.mean(list(human_baseline.BY_SEX.values())) == pytest.approx(human_baseline.OVERALL, abs=0.001)
    normal, strong = human_baseline.BY_INTENSITY["normal"], human_baseline.BY_INTENSITY["strong"]
    assert (768 * normal + 672 * strong) / 1440 == pytest.approx(human_baseline.OVERALL, abs=0.001)


def test_neutral_and_calm_count_as_one():
    actual = np.array(["neutral", "calm", "calm", "sad", "sad"])
    answered = np.array(["calm", "neutral", "sad", "sad", "calm"])
    assert human_baseline.right(actual, answered).tolist() == [True, True, False, True, False]


def test_recall_from_counts_equals_recall_from_answers():
    rng = np.random.default_rng(0)
    actual, answered = rng.choice(LABELS, 400), rng.choice(LABELS, 400)
    counts = np.array([[((actual == a) & (answered == b)).sum() for b in LABELS] for a in LABELS])
    right = human_baseline.right(actual, answered)
    found = human_baseline.as_listeners(counts, LABELS)
    assert tuple(found) == LABELS
    for label in LABELS:
        rows = np.isin(actual, list(human_baseline.ONE)) if label in human_baseline.ONE else actual == label
        assert found[label] == pytest.approx(right[rows].mean())


def test_a_model_without_calm_is_counted_by_what_it_knows():
    found = human_baseline.as_listeners(np.array([[3, 1], [0, 0]]), ["neutral", "sad"])
    assert found == {"neutral": 0.75}  # no sad clip was judged


def test_a_matrix_that_does_not_fit_is_refused():
    with pytest.raises(SerError, match="2 labels"):
        human_baseline.as_listeners(np.eye(3), ["sad", "calm"])
