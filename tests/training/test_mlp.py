"""The network in training, held against scikit-learn, and the private parts of scikit-learn that it needs."""

import inspect

import numpy as np
import pytest
from sklearn.neural_network import MLPClassifier

from ser.training.mlp import MlpInTraining, SoftTargetClassifier
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


PRIVATE = "ser/training/mlp.py uses this private part of scikit-learn, and scikit-learn has changed it: "


@pytest.mark.parametrize(
    ("method", "parameters"),
    [
        ("_fit", ["self", "X", "y", "sample_weight", "incremental"]),
        ("_validate_input", ["self", "X", "y", "incremental", "reset"]),
    ],
)
def test_the_private_methods_of_scikit_learn_are_as_expected(method, parameters):
    there = getattr(MLPClassifier, method, None)
    assert there is not None, PRIVATE + method
    assert list(inspect.signature(there).parameters) == parameters, PRIVATE + method


@pytest.mark.parametrize(("solver", "rate"), [("adam", "learning_rate_init"), ("sgd", "learning_rate")])
def test_the_private_attributes_of_scikit_learn_are_as_expected(solver, rate):
    y = np.arange(300) % 3
    classifier = MLPClassifier((4,), solver=solver, learning_rate_init=0.01, random_state=0)
    assert not hasattr(classifier, "_optimizer"), PRIVATE + "_optimizer is made in the first epoch"
    classifier.partial_fit(X, y, classes=np.arange(3))
    optimizer = getattr(classifier, "_optimizer", None)
    assert getattr(optimizer, rate, None) == pytest.approx(0.01, rel=0.7), PRIVATE + f"_optimizer.{rate}"
    assert optimizer.learning_rate_init == 0.01, PRIVATE + "_optimizer.learning_rate_init"
    assert classifier._label_binarizer.classes_.tolist() == [0, 1, 2], PRIVATE + "_label_binarizer"
    # A changed rate decides the next step: with a rate of 0 the weights stay.
    before = [each.copy() for each in classifier.coefs_]
    optimizer.learning_rate_init = optimizer.learning_rate = 0.0
    if solver == "sgd":
        optimizer.momentum = 0.0
    classifier.partial_fit(X, y)
    for old, new in zip(before, classifier.coefs_, strict=True):
        np.testing.assert_array_equal(old, new, PRIVATE + "_optimizer decides the step")


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
