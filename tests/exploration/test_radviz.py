"""The plane of answers."""

import numpy as np
import pytest

from ser.exploration.radviz import anchors, radviz_points


@pytest.mark.parametrize("k", [3, 5, 8])
def test_sure_answers_lie_on_their_places_and_clueless_ones_in_the_middle(k):
    np.testing.assert_allclose(radviz_points(np.eye(k)), anchors(k), atol=1e-12)
    np.testing.assert_allclose(radviz_points(np.full((2, k), 1 / k)), 0, atol=1e-12)


def test_a_surer_answer_lies_nearer_to_its_place():
    shares = np.linspace(0.2, 1, 9)
    points = radviz_points(np.stack([shares, *[(1 - shares) / 4] * 4], axis=1))
    assert (np.diff(np.linalg.norm(points - anchors(5)[0], axis=1)) < 0).all()


def test_a_clip_moves_only_if_its_own_answer_does():
    rng = np.random.default_rng(0)
    before = rng.dirichlet(np.ones(8), 50)
    after = before.copy()
    after[7] = np.eye(8)[3]
    moved = np.linalg.norm(radviz_points(after) - radviz_points(before), axis=1) > 1e-12
    assert np.flatnonzero(moved).tolist() == [7]


def test_between_two_emotions_the_height_is_the_answer():
    points = radviz_points(np.array([[1.0, 0.0], [0.5, 0.5], [0.0, 1.0]]))
    np.testing.assert_allclose(points[:, 1], [1, 0, -1], atol=1e-12)
    assert len(set(points[:, 0])) == 3
