"""Breakdowns of a cross-validation: sums that must come out, and profiles that must not be scored on themselves."""

from dataclasses import replace

import numpy as np
import pytest
from ser.training.enrolled import enrolled_probabilities

from ser.emotions import NEUTRAL
from ser.evaluation.breakdown import break_down
from ser.evaluation.crossvalidation import cross_validate, fold_answers
from ser.metrics import uar
from ser.steps import finish
from ser.training.settings import TrainingSettings
from tests.helpers import shipped

QUICK = replace(
    TrainingSettings(), hidden_layers=(16,), epochs=4, members=1, copies=0, calibration_folds=2, protocol="heldout"
)


@pytest.fixture(scope="module")
def judged(table):
    return finish(cross_validate(QUICK, table))


def test_every_part_is_the_score_of_that_part(judged, table):
    found = break_down(judged, table).to_json()
    actual = table.labels[judged.rows]
    answered = np.array(judged.evaluation.labels)[judged.probabilities.argmax(axis=1)]
    women = (table.clips["sex"] == "female").to_numpy()[judged.rows]
    assert found["uar_by"]["sex"]["female"] == uar(actual[women], answered[women])
    assert set(found["uar_by"]["actor"]) == {"1", "11", "20", "21"}
    assert found["as_listeners"]["accuracy"] >= judged.evaluation.accuracy
    assert found["abstention"]["curve"][-1]["right"] == pytest.approx(judged.evaluation.accuracy)
    assert sum(each["clips"] for each in found["reliability"]) == judged.evaluation.n_clips
    in_set = np.concatenate([each.in_set for each in judged.answers])
    columns = [judged.evaluation.labels.index(label) for label in actual]
    assert found["conformal"]["coverage"] == pytest.approx(in_set[np.arange(actual.size), columns].mean())
    assert found["conformal"]["mean_size"] == pytest.approx(in_set.sum(axis=1).mean())
    assert 0.75 < found["conformal"]["coverage"] < 0.99
    assert set(found["enrolled_uar_by_clips"]) == {"1", "2", "4"}
    adapted = np.concatenate([each.transductive.probabilities for each in judged.answers]).argmax(axis=1)
    assert found["transductive_uar"] == pytest.approx(uar(actual, np.array(judged.evaluation.labels)[adapted]))


def test_clips_enrolled_with_are_never_scored(table):
    model = shipped.model()
    rows = np.flatnonzero(np.isin(table.actors, (3, 4)))
    labels, actors = table.labels[rows], table.actors[rows]
    _, places = enrolled_probabilities(model, table.views("standard", rows, model.views), labels, actors, 2, seed=0)
    left = np.setdiff1d(np.arange(rows.size), places)
    assert len(left) == 4 and set(labels[left]) == {NEUTRAL} and sorted(actors[left]) == [3, 3, 4, 4]
    assert (labels[places] == NEUTRAL).sum() == 4


def test_a_fold_says_what_its_model_says(table):
    model = shipped.model()
    rows = np.flatnonzero(table.actors == 5)
    found = fold_answers(model, table, rows)
    said = model.probabilities(table.views("standard", rows, model.views))
    np.testing.assert_array_equal(found.probabilities, said)
    assert found.in_set[np.arange(60), found.probabilities.argmax(axis=1)].all()
    assert {count: len(draws) for count, draws in found.enrolled.items()} == {1: 5, 2: 5, 4: 1}
