"""Label smoothing and mixup."""

import numpy as np
import pytest

from ser.training.targets import Blend, smoothed

RNG = np.random.default_rng(0)
X = RNG.normal(size=(300, 12)).astype(np.float32)


def test_smoothing_spreads_a_share_evenly():
    np.testing.assert_allclose(smoothed(np.array([2]), 4, 0.2), [[0.05, 0.05, 0.85, 0.05]], atol=1e-6)


def test_mixing_keeps_sums_and_lies_between():
    targets, weights = smoothed(RNG.integers(3, size=300), 3, 0.0), RNG.uniform(0.5, 2, 300).astype(np.float32)
    drawn = Blend.drawn(300, 0.4, np.random.RandomState(0))
    blended, total = drawn.targets(targets, weights)
    blend = np.empty_like(X)
    drawn.inputs(X, np.arange(300), blend)
    np.testing.assert_allclose(blended.sum(axis=1), 1, atol=1e-5)
    assert total.mean() == pytest.approx(weights.mean(), rel=0.1)
    assert X.min() <= blend.min() and blend.max() <= X.max() and not np.array_equal(blend, X)
    # The larger share is the clip's own, so the blend is nearer to it than to a stranger.
    assert np.linalg.norm(blend - X, axis=1).mean() < np.linalg.norm(blend - X[::-1], axis=1).mean()


def test_a_blend_of_some_rows_is_written_by_its_definition():
    drawn, rows = Blend.drawn(300, 0.4, np.random.RandomState(0)), np.arange(299, 100, -2)
    out = np.empty((rows.size, 12), dtype=np.float32)
    drawn.inputs(X, rows, out)
    expected = [drawn.own[row] * X[row] + (1 - drawn.own[row]) * X[drawn.other[row]] for row in rows]
    np.testing.assert_allclose(out, expected, atol=1e-6)


def test_without_weights_all_clips_weigh_the_same():
    targets, drawn = smoothed(RNG.integers(3, size=300), 3, 0.1), Blend.drawn(300, 0.4, np.random.RandomState(0))
    ones = drawn.targets(targets, np.ones(300, dtype=np.float32))
    for without, given in zip(drawn.targets(targets, None), ones, strict=True):
        np.testing.assert_array_equal(without, given)
