"""The network in training, held against scikit-learn."""

import numpy as np
import pytest
from sklearn.neural_network import MLPClassifier

from ser.sklearn_private import SoftTargetClassifier
from ser.training.mlp import MlpInTraining
from ser.training.settings import TrainingSettings
from ser.training.targets import smoothed

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


@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_the_learning_rate_is_set_before_and_after_the_first_epoch(solver):
    settings = TrainingSettings(solver=solver, schedule="constant", hidden_layers=(4,), emotions=("calm", "sad"))
    mlp, y = MlpInTraining(settings, 0), np.arange(300) % 2
    for rate in (0.02, 0.03):
        mlp.set_learning_rate(rate)
        mlp.advance(X, y, None)
        assert mlp.learning_rate == rate


def test_two_emotions_have_two_outputs():
    mlp = MlpInTraining(TrainingSettings(hidden_layers=(4,), emotions=("calm", "sad")), 0)
    mlp.advance(X, np.arange(300) % 2, None)
    assert mlp.network().logits(X).shape == (300, 2)
