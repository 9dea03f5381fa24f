"""Reliability, risk-coverage, hardest clips, importance of groups, learning curve."""

from dataclasses import replace

import numpy as np
import pytest

from ser.errors import TrainingError
from ser.evaluation.crossvalidation import CrossValidation, cross_validate
from ser.evaluation.diagnostics import (
    answered_as,
    hardest,
    learning_curve,
    permutation_importance,
    reliability,
    risk_coverage,
)
from ser.metrics import score
from ser.steps import finish
from ser.training.fitting import fit
from ser.training.settings import TrainingSettings
from tests.helpers.quick import PLAIN, own_speakers
from tests.helpers.steps import stopped

pytestmark = pytest.mark.slow

SMALL = TrainingSettings(
    feature_set="standard",
    hidden_layers=(32,),
    epochs=15,
    members=1,
    calibration_folds=0,
    protocol="heldout",
    alpha=1.0,
    batch_size=64,
    schedule="constant",
    limit=0.0,
    mixup=0.0,
    smoothing=0.0,
    copies=0,
)


@pytest.fixture(scope="module")
def judged(table):
    return finish(cross_validate(SMALL, table))


def test_a_calibrated_model_lies_on_the_diagonal():
    rng = np.random.default_rng(0)
    confidence = rng.uniform(0.5, 1, 20000)
    probabilities = np.stack([confidence, 1 - confidence], axis=1)
    found = reliability(probabilities, rng.random(20000) < confidence)
    assert found.clips.sum() == 20000 and len(found.clips) == 5
    np.testing.assert_allclose(found.right, found.confidence, atol=0.03)


def test_risk_falls_if_the_sure_ones_are_right():
    confidence = np.array([0.95, 0.9, 0.8, 0.6, 0.55])
    probabilities = np.stack([confidence, 1 - confidence], axis=1)
    found = risk_coverage(probabilities, np.array([True, True, True, False, False]))
    assert found.risk.tolist() == pytest.approx([0, 0, 0, 1 / 4, 2 / 5])
    worse = risk_coverage(probabilities, np.array([False, False, True, True, True]))
    assert worse.risk.mean() > found.risk.mean() and worse.risk[-1] == found.risk[-1]


def test_hardest_clips_are_wrong_and_sorted(judged, table):
    clips = hardest(judged, table, 10)
    assert len(clips) == 10 and all(clip.actual != clip.answered for clip in clips)
    given = [clip.given_to_actual for clip in clips]
    assert given == sorted(given)
    for clip in clips:
        assert table.clips["name"][clip.row] == clip.name and table.labels[clip.row] == clip.actual
        assert clip.actor in (1, 11, 20, 21)


def test_cells_hold_the_clips_that_the_confusion_counts(judged, table):
    labels = judged.evaluation.labels
    for i, actual in enumerate(labels):
        for j, answered in enumerate(labels):
            clips = answered_as(judged, table, actual, answered)
            assert len(clips) == judged.evaluation.confusion[i][j]
            assert {(clip.actual, clip.answered) for clip in clips} <= {(actual, answered)}


def test_a_group_that_tells_everything_is_the_most_important(table):
    """Pitch features replaced by the label itself, all others by noise: shuffling pitch must cost all."""
    rng = np.random.default_rng(0)
    groups = [feature.group for feature in table.features("standard")]
    pitch = np.array([group == "pitch" for group in groups])
    X = rng.normal(size=table.matrix("standard").shape).astype(np.float32)
    X[:, np.flatnonzero(pitch)[:8]] += 6 * np.eye(8)[np.unique(table.labels, return_inverse=True)[1]]
    fake = type(table)(table.clips, {"standard": X})
    model = finish(fit(replace(SMALL, groups=("pitch", "rhythm"), epochs=30), fake, np.flatnonzero(table.actors <= 20)))
    held = table.actors > 20
    found = finish(permutation_importance(model, X[held], table.labels[held], repeats=3))
    assert found[0].group == "pitch" and found[0].drops.mean() > 0.3
    assert all(abs(other.drops.mean()) < 0.1 for other in found[1:])
    assert all(len(each.drops) == 3 for each in found)
    assert sum(each.features for each in found) == sum(group in ("pitch", "rhythm") for group in groups)


def test_importance_names_only_groups_that_the_model_uses(table):
    model = finish(fit(replace(SMALL, groups=("pitch", "rhythm"), epochs=1), table, np.arange(0, 1440, 5)))
    found = finish(permutation_importance(model, table.matrix("standard")[:100], table.labels[:100], repeats=1))
    assert {each.group for each in found} == {"pitch", "rhythm"}


def test_more_actors_do_better(table):
    found = finish(learning_curve(replace(SMALL, epochs=8), table, draws=2, points=3))
    assert [point.actors for point in found] == [2, 6, 20]
    assert [len(point.uar) for point in found] == [2, 2, 1]
    assert np.mean(found[-1].uar) > np.mean(found[0].uar)


@pytest.mark.parametrize("protocol", ["random", "clips"])
def test_a_visitors_own_speakers_are_held_out_whatever_leaks_in_their_protocol(table, protocol):
    settings = replace(PLAIN, epochs=2, protocol=protocol)
    found = finish(learning_curve(settings, own_speakers(table, 4), draws=1, points=2))
    assert [point.actors for point in found] == [2, 3]
    with pytest.raises(TrainingError, match="Add a speaker"):
        next(learning_curve(settings, own_speakers(table, 1)))


def test_the_last_point_is_the_run_itself(table, judged):
    found = finish(learning_curve(SMALL, table, draws=1, points=2))
    assert found[-1].uar == (pytest.approx(judged.evaluation.uar),)


@pytest.mark.parametrize("looks", [1, 12])
def test_both_end_within_an_epoch(table, looks):
    steps = learning_curve(replace(SMALL, epochs=5), table, draws=1, points=3)
    for _ in range(looks):
        next(steps)
    assert len(stopped(steps)) == (looks - 1) // 5


def test_everything_right_has_no_hard_clips(table):
    rows = np.arange(100)
    labels = tuple(dict.fromkeys(table.labels[rows]))
    sure = np.eye(len(labels))[[labels.index(label) for label in table.labels[rows]]]
    judged = CrossValidation(score(table.labels[rows], sure, labels, table.actors[rows], "loso"), rows, sure)
    assert hardest(judged, table) == ()
