"""t-SNE and UMAP in a process of their own: progress, neighbours, a stop, and the same map for the same seed."""

import numpy as np
import pytest

from ser.exploration.projection import project
from ser.exploration.worker import ProjectionReport
from ser.features.feature import Feature
from tests.helpers.steps import followed, stopped

pytestmark = pytest.mark.slow

RNG = np.random.default_rng(0)


def features(n):
    return tuple(Feature(f"f{i}", "dB", "timbre") for i in range(n))


def mapped(matrix, method, dimensions=2):
    reports, projection = followed(project(matrix, features(matrix.shape[1]), method, dimensions))
    return projection, reports


# UMAP compiles itself for every map, which takes longer than the map: one test of it proves all that there is.
@pytest.mark.parametrize(("method", "dimensions", "each"), [("tsne", 2, 20), ("umap", 3, 6)])
def test_slow_maps_report_and_keep_neighbours(method, dimensions, each):
    centres = np.repeat(np.eye(3) * 40, each, axis=0)
    matrix = centres @ RNG.normal(size=(3, 12)) + RNG.normal(size=(3 * each, 12))
    found, reports = mapped(matrix, method, dimensions)
    shares = [report.share for report in reports]
    assert shares == sorted(shares) and 0 < shares[-1] <= 1 and len(set(shares)) > 3
    assert found.points.shape == (3 * each, dimensions)
    nearest = ((found.points[:, None] - found.points) ** 2).sum(axis=2) + np.eye(3 * each) * 1e9
    assert (nearest.argmin(axis=1) // each == np.arange(3 * each) // each).all()


def test_a_slow_map_repeats_itself():
    matrix = RNG.normal(size=(60, 12))
    assert np.array_equal(mapped(matrix, "tsne")[0].points, mapped(matrix, "tsne")[0].points)


def test_a_slow_map_is_stopped_and_the_next_one_finds_room():
    matrix = RNG.normal(size=(400, 30))
    steps = project(matrix, features(30), "tsne")
    assert isinstance(next(steps), ProjectionReport)
    waiting = project(matrix, features(30), "tsne")
    assert next(waiting).stage == "waiting"
    assert stopped(steps) is None
    assert next(waiting).stage == "starting"
    waiting.close()
