"""The plane of answers."""

import numpy as np
import pytest

from ser.exploration.radviz import answer_map, places


@pytest.mark.parametrize("k", [3, 5, 8])
def test_sure_answers_lie_on_their_places_and_clueless_ones_in_the_middle(k):
    np.testing.assert_allclose(answer_map(np.eye(k)), places(k), atol=1e-12)
    np.testing.assert_allclose(answer_map(np.full((2, k), 1 / k)), 0, atol=1e-12)


def test_a_surer_answer_lies_nearer_to_its_place():
    shares = np.linspace(0.2, 1, 9)
    points = answer_map(np.stack([shares, *[(1 - shares) / 4] * 4], axis=1))
    assert (np.diff(np.linalg.norm(points - places(5)[0], axis=1)) < 0).all()


def test_a_clip_moves_only_if_its_own_answer_does():
    rng = np.random.default_rng(0)
    before = rng.dirichlet(np.ones(8), 50)
    after = before.copy()
    after[7] = np.eye(8)[3]
    moved = np.linalg.norm(answer_map(after) - answer_map(before), axis=1) > 1e-12
    assert np.flatnonzero(moved).tolist() == [7]


def test_between_two_emotions_the_height_is_the_answer():
    points = answer_map(np.array([[1.0, 0.0], [0.5, 0.5], [0.0, 1.0]]))
    np.testing.assert_allclose(points[:, 1], [1, 0, -1], atol=1e-12)
    assert len(set(points[:, 0])) == 3
