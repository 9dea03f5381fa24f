"""Breakdowns of a cross-validation: sums that must come out, and profiles that must not be scored on themselves."""

from dataclasses import replace

import numpy as np
import pytest

from ser.data.table_file import load_tables
from ser.emotions import LABELS, NEUTRAL
from ser.evaluation.breakdown import adapted_scores, break_down
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
    assert set(found["unlabelled_uar_by_clips"]) == {"1", "3", "10"}
    adapted = np.concatenate([each.transductive.probabilities for each in judged.answers]).argmax(axis=1)
    assert found["transductive_uar"] == pytest.approx(uar(actual, np.array(judged.evaluation.labels)[adapted]))


def test_clips_adapted_by_are_never_scored(table):
    found = fold_answers(shipped.model(), table, np.flatnonzero(np.isin(table.actors, (3, 4))))
    rows = found.rows
    for count, draws in found.enrolled.items():
        for draw in draws:
            left = np.setdiff1d(rows, draw.rows)
            assert set(table.labels[left]) == {NEUTRAL}
            assert sorted(table.actors[left]) == [3] * count + [4] * count
    for count, draws in found.unlabelled.items():
        for draw in draws:
            left = np.setdiff1d(rows, draw.rows)
            assert sorted(table.actors[left]) == [3] * count + [4] * count
    assert len({draw.rows.tobytes() for draw in found.unlabelled[3]}) == 5


def test_each_data_set_is_scored_over_its_own_emotions():
    both = load_tables()
    found = finish(cross_validate(replace(QUICK, test_actors=(1, 11, 201, 207)), both))
    other = found.others["nemo"]
    assert set(table_actors(both, found)) == {1, 11} and set(table_actors(both, other)) == {201, 207}
    # nEMO has neither calm nor disgust, and the probability of calm counts for neutral.
    assert other.evaluation.labels == ("neutral", "happy", "sad", "angry", "fearful", "surprised")
    np.testing.assert_allclose(other.probabilities.sum(axis=1), 1)
    assert found.evaluation.labels == LABELS
    adapted = adapted_scores(other, both)
    assert set(adapted.unlabelled_uar_by_clips) == {"1", "3", "10"}
    held_out = finish(cross_validate(QUICK, both, held_out_corpus="nemo"))
    assert set(both.corpora[held_out.rows]) == {"nemo"} and held_out.rows.size == (both.corpora == "nemo").sum()


def table_actors(table, judged):
    return table.actors[judged.rows].tolist()


def test_a_fold_says_what_its_model_says(table):
    model = shipped.model()
    rows = np.flatnonzero(table.actors == 5)
    found = fold_answers(model, table, rows)
    said = model.probabilities(table.views("standard", rows, model.views))
    np.testing.assert_array_equal(found.probabilities, said)
    assert found.in_set[np.arange(60), found.probabilities.argmax(axis=1)].all()
    assert {count: len(draws) for count, draws in found.enrolled.items()} == {1: 5, 2: 5, 4: 1}
