"""The search: nested validation, halving, stopping."""

from dataclasses import replace

import numpy as np
import pytest

from ser.data.splits import EMOBOX_FOLDS
from ser.errors import TrainingError
from ser.evaluation.crossvalidation import cross_validate
from ser.experiments.search import draw_candidates, run_search
from ser.steps import finish
from tests.helpers.quick import PLAIN, own_speakers
from tests.helpers.steps import followed

pytestmark = pytest.mark.slow

BASE = replace(PLAIN, epochs=4, protocol="emobox")
SPACE = {"alpha": (0.01, 0.1, 1.0), "learning_rate": (1e-5, 1e-3, 1e-2)}


def test_candidates_start_with_the_present_settings_and_differ():
    drawn = draw_candidates(BASE, SPACE, 6, seed=1)
    assert len(drawn) == 6 == len({each.settings for each in drawn}) and drawn[0].settings == BASE
    for each in drawn:
        assert each.values["alpha"] in SPACE["alpha"] and each.values["learning_rate"] in SPACE["learning_rate"]
        assert replace(BASE, **each.values) == each.settings
    assert drawn == draw_candidates(BASE, SPACE, 6, seed=1) != draw_candidates(BASE, SPACE, 6, seed=2)


def test_a_small_space_is_exhausted():
    assert len(draw_candidates(BASE, {"alpha": (0.01, 1.0)}, 8)) == 2
    with pytest.raises(TrainingError, match="nothing to search"):
        draw_candidates(BASE, {"alpha": (0.01,)}, 8)


def test_the_best_is_chosen_inside_and_judged_outside(table):
    drawn = draw_candidates(BASE, SPACE, 4)
    seen, found = followed(run_search(drawn, table))
    assert seen and all(each.state == "done" and len(each.uar) == 3 for each in found.candidates)
    best = max(found.candidates, key=lambda each: each.mean_uar)
    assert found.best == best.number
    assert set(found.judged.evaluation.per_actor_uar) == set(EMOBOX_FOLDS[0])
    outside = replace(best.settings, protocol="heldout", test_actors=EMOBOX_FOLDS[0])
    assert finish(cross_validate(outside, table)).evaluation == found.judged.evaluation


def test_actors_set_aside_have_no_say(table):
    """Their clips turned to nonsense leave every inner score as it was."""
    drawn = draw_candidates(BASE, SPACE, 3)
    _, clean = followed(run_search(drawn, table))
    spoilt = table.matrix("notebook").copy()
    spoilt[np.isin(table.actors, EMOBOX_FOLDS[0])] = 1e3
    _, other = followed(run_search(drawn, type(table)(table.clips, {"notebook": spoilt})))
    assert [each.uar for each in clean.candidates] == [each.uar for each in other.candidates]
    assert clean.judged.evaluation.uar != other.judged.evaluation.uar


def test_halving_gives_more_epochs_to_fewer(table):
    drawn = draw_candidates(replace(BASE, epochs=8), SPACE, 8)
    seen, found = followed(run_search(drawn, table, method="halving"))
    states = [each.state for each in found.candidates]
    assert states.count("dropped") == 6 and states.count("done") == 2
    best = found.candidates[found.best - 1]
    assert best.state == "done" and best.settings.epochs == 8
    assert {each.epochs for report in (*seen, found) for each in report.candidates} == {0, 2, 4, 8}
    assert {each.epochs for each in found.candidates if each.state == "dropped"} == {2, 4}


def test_halving_stopped_in_its_last_round_keeps_the_best_of_the_round_before(table):
    drawn = draw_candidates(replace(BASE, epochs=60), SPACE, 4)
    _, found = followed(
        run_search(drawn, table, method="halving"),
        lambda seen: sum(each.epochs == 30 for each in seen[-1].candidates) == 2 and seen[-1].share > 0,
    )
    judged = [each for each in found.candidates if each.epochs >= 30]
    assert judged and found.best in {each.number for each in judged} and found.judged is None


def test_stopped_midway_the_best_so_far_is_kept(table):
    drawn = draw_candidates(replace(BASE, epochs=30), SPACE, 8)
    _, found = followed(
        run_search(drawn, table, jobs=2), lambda seen: sum(each.state == "done" for each in seen[-1].candidates) >= 2
    )
    states = [each.state for each in found.candidates]
    assert 2 <= states.count("done") < 8 and states.count("stopped") >= 1 and found.judged is None
    judged = [each for each in found.candidates if each.state == "done"]
    assert found.best == max(judged, key=lambda each: each.mean_uar).number


def test_a_candidate_that_bursts_does_not_end_the_search(table):
    space = {"learning_rate": (0.001, 1.0)}
    base = replace(BASE, solver="sgd", alpha=100.0, epochs=60)
    drawn = draw_candidates(replace(base, learning_rate=0.001), space, 2)
    drawn = (replace(drawn[0], settings=replace(drawn[0].settings, alpha=0.01)), drawn[1])
    _, found = followed(run_search(drawn, table))
    assert [each.state for each in found.candidates] == ["done", "failed"]
    assert "Lower the learning rate" in found.candidates[1].error and found.best == 1


@pytest.mark.parametrize("protocol", ["random", "clips"])
def test_a_visitors_own_speakers_are_parted_whatever_leaks_in_their_protocol(table, protocol):
    own = own_speakers(table, 4)
    _, found = followed(run_search(draw_candidates(replace(BASE, protocol=protocol), SPACE, 2), own))
    assert found.judged.evaluation.protocol == "heldout" and list(found.judged.evaluation.per_actor_uar) == [101]


@pytest.mark.parametrize("protocol", ["random", "clips"])
def test_one_voice_is_refused_in_a_sentence(table, protocol):
    with pytest.raises(TrainingError, match="needs three actors"):
        next(run_search(draw_candidates(replace(BASE, protocol=protocol), SPACE, 2), own_speakers(table, 1)))


@pytest.mark.parametrize("method", ["random", "halving"])
def test_progress_never_goes_back_before_the_judging(table, method):
    seen, _ = followed(run_search(draw_candidates(replace(BASE, epochs=8), SPACE, 8), table, method=method))
    shares = [report.share for report in seen if not report.judging]
    assert shares == sorted(shares) and shares[0] < 0.3 and shares[-1] == pytest.approx(1)


def test_too_few_actors_are_refused(table):
    pair = table.select(table.actors <= 2)
    with pytest.raises(TrainingError, match="needs three actors"):
        next(run_search(draw_candidates(replace(BASE, protocol="loso"), SPACE, 2), pair))
