"""The paired test over actors."""

from dataclasses import replace

import numpy as np
import pytest

from ser.errors import TrainingError
from ser.evaluation.significance import compare_runs
from ser.metrics import score


def judged(uar_by_actor, labels=("calm", "sad")):
    """An evaluation with these UARs."""
    actual = np.array(labels * 2)
    base = score(actual, np.eye(len(labels))[[0, 1] * 2], labels, np.array([1, 1, 2, 2]), "emobox")
    return replace(base, per_actor_uar=uar_by_actor)


def test_a_clean_sweep_has_the_least_p_that_its_actors_can_give():
    one = judged(dict.fromkeys(range(1, 7), 0.5))
    other = judged({actor: 0.6 + actor / 100 for actor in range(1, 7)})
    found = compare_runs(one, other)
    assert found.p_value == pytest.approx(2 / 2**6) == found.least_p
    assert found.mean == pytest.approx(0.135) and found.interval[0] > 0
    back = compare_runs(other, one)
    assert back.mean == pytest.approx(-0.135) and back.p_value == found.p_value


def test_four_actors_can_never_be_significant():
    one, other = judged(dict.fromkeys(range(4), 0.1)), judged({0: 0.9, 1: 0.8, 2: 0.7, 3: 0.95})
    assert compare_runs(one, other).p_value == 0.125


def test_equal_runs_do_not_differ():
    one = judged({1: 0.5, 2: 0.7, 3: 0.4})
    found = compare_runs(one, one)
    assert found.p_value == 1 and found.mean == 0


def test_chance_alone_is_seldom_called_a_difference():
    rng = np.random.default_rng(0)
    called = 0
    for _ in range(100):
        one = judged({actor: rng.normal(0.5, 0.1) for actor in range(8)})
        other = judged({actor: rng.normal(0.5, 0.1) for actor in range(8)})
        called += compare_runs(one, other).p_value < 0.05
    assert called <= 12  # 5 expected


def test_only_actors_in_both_count():
    found = compare_runs(judged({1: 0.1, 2: 0.2, 3: 0.9}), judged({2: 0.3, 3: 0.8, 4: 0.0}))
    assert found.actors == (2, 3) and found.differences == pytest.approx([0.1, -0.1]) and found.interval is None


def test_runs_that_cannot_be_compared_are_refused():
    with pytest.raises(TrainingError, match="at least two are needed"):
        compare_runs(judged({1: 0.1, 2: 0.2}), judged({2: 0.3, 5: 0.8}))
    with pytest.raises(TrainingError, match="other emotions"):
        compare_runs(judged({1: 0.1, 2: 0.2}), judged({1: 0.1, 2: 0.2}, ("calm", "happy")))
