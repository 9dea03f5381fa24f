"""Neighbours on a map, and of a new clip."""

import numpy as np
import pytest

from ser.exploration.neighbours import nearest_rows, neighbour_agreement


def test_islands_of_one_label_agree_fully_and_chance_is_that_of_drawing_two():
    points = np.repeat([[0.0, 0.0], [100.0, 0.0]], 20, axis=0) + np.random.default_rng(0).normal(size=(40, 2))
    labels = np.repeat(["a", "b"], 20)
    share, by_chance = neighbour_agreement(points, labels)
    assert share == 1 and by_chance == pytest.approx(19 / 39)
    shuffled = np.random.default_rng(1).permutation(labels)
    assert neighbour_agreement(points, shuffled)[0] < 0.7
    assert neighbour_agreement(points, labels, labels == "a") == (1, 1)
    assert neighbour_agreement(points[:1], labels[:1]) == (0, 0)


def test_a_clip_is_nearest_to_itself_whatever_the_units():
    matrix = np.random.default_rng(0).normal(size=(30, 4)) * [1, 1000, 0.001, 0]
    assert nearest_rows(matrix[7], matrix)[0] == 7 and len(nearest_rows(matrix[7], matrix)) == 5
