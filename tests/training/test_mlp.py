"""Soft targets: held against scikit-learn's own learning from labels."""

import numpy as np
import pytest
from sklearn.neural_network import MLPClassifier

from ser.training.mlp import SoftTargetClassifier, mixed, smoothed

RNG = np.random.default_rng(0)
X = RNG.normal(size=(300, 12)).astype(np.float32)


@pytest.mark.parametrize("n_labels", [2, 3, 8])
@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_certain_targets_are_labels(solver, n_labels):
    y = RNG.integers(n_labels, size=300)
    options = {"hidden_layer_sizes": (9,), "solver": solver, "batch_size": 32, "alpha": 0.1}
    ours = SoftTargetClassifier(**options, random_state=np.random.RandomState(1))
    theirs = MLPClassifier(**options, random_state=np.random.RandomState(1))
    for _ in range(3):
        ours.learn(X, smoothed(y, n_labels, 0.0))
        theirs.partial_fit(X, y, classes=np.arange(n_labels))
    for own, other in zip(ours.coefs_, theirs.coefs_, strict=True):
        np.testing.assert_allclose(own, other, atol=1e-5)


def test_half_certain_targets_are_learnt_as_such():
    """With the same input for all clips, the answer is the mean target."""
    same = np.ones((64, 3), dtype=np.float32)
    targets = np.tile(np.array([[0.5, 0.3, 0.2]], dtype=np.float32), (64, 1))
    net = SoftTargetClassifier((4,), alpha=0.0, learning_rate_init=0.02, random_state=np.random.RandomState(0))
    for _ in range(400):
        net.learn(same, targets)
    np.testing.assert_allclose(net.predict_proba(same[:1])[0], [0.5, 0.3, 0.2], atol=0.02)


def test_smoothing_spreads_a_share_evenly():
    np.testing.assert_allclose(smoothed(np.array([2]), 4, 0.2), [[0.05, 0.05, 0.85, 0.05]], atol=1e-6)


def test_mixing_keeps_sums_and_lies_between():
    targets, weights = smoothed(RNG.integers(3, size=300), 3, 0.0), RNG.uniform(0.5, 2, 300).astype(np.float32)
    blend, blended, total = mixed(X, targets, weights, 0.4, np.random.RandomState(0))
    np.testing.assert_allclose(blended.sum(axis=1), 1, atol=1e-5)
    assert total.mean() == pytest.approx(weights.mean(), rel=0.1)
    assert X.min() <= blend.min() and blend.max() <= X.max() and not np.array_equal(blend, X)
    # The larger share is the clip's own, so the blend is nearer to it than to a stranger.
    assert np.linalg.norm(blend - X, axis=1).mean() < np.linalg.norm(blend - X[::-1], axis=1).mean()
