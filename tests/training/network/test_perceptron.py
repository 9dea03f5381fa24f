"""The passes over clips, held against scikit-learn's `MLPClassifier` weight by weight."""

import warnings

import numpy as np
import pytest
from sklearn.neural_network import MLPClassifier

from ser.training.network.mlp import mlp_in_training
from ser.training.network.optimisers import Adam
from ser.training.network.perceptron import Perceptron
from ser.training.settings import TrainingSettings
from ser.training.targets import Blend, smoothed

RNG = np.random.default_rng(0)
# 300 clips leave a last batch that is shorter than the others.
X = RNG.normal(size=(300, 12)).astype(np.float32)
EMOTIONS = ("neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised")
PLAIN = {"mixup": 0.0, "smoothing": 0.0, "schedule": "constant", "batch_size": 32, "alpha": 0.1}


def settings_and_reference(n_labels, **changes):
    """Settings, and a classifier of scikit-learn with the same numbers."""
    settings = TrainingSettings(emotions=EMOTIONS[:n_labels], **(PLAIN | {"hidden_layers": (9,)} | changes))
    reference = MLPClassifier(
        settings.hidden_layers,
        activation=settings.activation,
        solver=settings.solver,
        alpha=settings.alpha,
        batch_size=settings.batch_size,
        learning_rate=settings.schedule,
        learning_rate_init=settings.learning_rate,
        power_t=settings.power_t,
        tol=settings.tolerance,
        momentum=settings.momentum,
        nesterovs_momentum=settings.nesterov,
        beta_1=settings.beta_1,
        beta_2=settings.beta_2,
        epsilon=settings.epsilon,
        random_state=np.random.RandomState(1),
    )
    return settings, reference


def assert_alike(settings, reference, y, weights=None, epochs=4):
    """After every epoch, both have the same loss and the same weights."""
    ours = mlp_in_training(settings, 1)
    for _ in range(epochs):
        ours.advance(X, y, weights)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            reference.partial_fit(X, y, classes=np.arange(len(settings.emotions)), sample_weight=weights)
        assert ours.loss == pytest.approx(reference.loss_, rel=1e-5)
        if settings.solver == "sgd":
            assert ours.learning_rate == pytest.approx(reference._optimizer.learning_rate, rel=1e-6)
    network, theirs = ours.network(), (*reference.coefs_, *reference.intercepts_)
    if len(settings.emotions) == 2:
        # One output became two.
        theirs = (*reference.coefs_[:-1], *reference.intercepts_[:-1])
        network = type(network)(network.activation, network.weights[:-1], network.biases[:-1])
    for own, other in zip((*network.weights, *network.biases), theirs, strict=True):
        np.testing.assert_allclose(own, other, atol=1e-5)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("n_labels", [2, 3, 8])
@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_same_losses_and_weights_as_scikit_learn(solver, n_labels, weighted):
    y = RNG.integers(n_labels, size=300)
    weights = RNG.uniform(0.5, 2, 300).astype(np.float32) if weighted else None
    assert_alike(*settings_and_reference(n_labels, solver=solver), y, weights)


@pytest.mark.parametrize("activation", ["relu", "tanh", "logistic"])
@pytest.mark.parametrize("hidden_layers", [(9,), (9, 7), (9, 7, 5)])
def test_every_activation_and_depth_is_scikit_learns(activation, hidden_layers):
    y = RNG.integers(3, size=300)
    assert_alike(*settings_and_reference(3, activation=activation, hidden_layers=hidden_layers), y)


@pytest.mark.parametrize(
    "changes",
    [
        {"momentum": 0.3},
        {"nesterov": False},
        {"schedule": "invscaling", "power_t": 0.2},
        {"schedule": "adaptive", "tolerance": 0.5},
        {"solver": "adam", "beta_1": 0.5, "beta_2": 0.9, "epsilon": 0.01},
        {"batch_size": 300},
        {"batch_size": 4096},
        {"alpha": 10.0},
    ],
    ids=str,
)
def test_every_number_acts_as_in_scikit_learn(changes):
    """Thirty epochs are enough for "adaptive" to make the steps smaller twice."""
    y = RNG.integers(3, size=300)
    assert_alike(*settings_and_reference(3, **({"solver": "sgd"} | changes)), y, epochs=30)


def test_a_learning_rate_set_on_the_way_acts_as_in_scikit_learn():
    y = RNG.integers(3, size=300)
    settings, reference = settings_and_reference(3)
    ours = mlp_in_training(settings, 1)
    for rate in (0.01, 0.003):
        ours.set_learning_rate(rate)
        reference.learning_rate_init = rate
        if hasattr(reference, "_optimizer"):
            reference._optimizer.learning_rate_init = rate
        ours.advance(X, y, None)
        reference.partial_fit(X, y, classes=np.arange(3))
    np.testing.assert_allclose(ours.network().weights[0], reference.coefs_[0], atol=1e-5)


def test_mixup_and_smoothing_learn_from_blends_drawn_before_the_weights():
    y = RNG.integers(3, size=300)
    settings = TrainingSettings(emotions=EMOTIONS[:3], **(PLAIN | {"hidden_layers": (9,)}), seed=0)
    settings = TrainingSettings.from_json(settings.to_json() | {"mixup": 0.4, "smoothing": 0.1})
    ours = mlp_in_training(settings, 1)
    ours.advance(X, y, None)
    rng = np.random.RandomState(1)
    blend = Blend.drawn(300, 0.4, rng)
    targets, weights = blend.targets(smoothed(y, 3, 0.1), None)
    blended = np.empty_like(X)
    blend.inputs(X, np.arange(300), blended)
    # scikit-learn's forward and backward pass take soft targets; its check of the input does not.
    reference = MLPClassifier((9,), alpha=0.1, batch_size=32, max_iter=1, random_state=rng)
    reference._validate_input = lambda X, y, incremental, reset: (X, y)
    reference._label_binarizer = type("Labels", (), {"y_type_": "multiclass"})
    reference._fit(blended, targets, sample_weight=weights, incremental=True)
    assert ours.loss == pytest.approx(reference.loss_, rel=1e-5)
    np.testing.assert_allclose(ours.network().weights[0], reference.coefs_[0], atol=1e-5)


def test_half_certain_targets_are_learnt_as_such():
    """With the same input for all clips, the answer is the mean target."""
    targets = np.tile(np.array([[0.5, 0.3, 0.2]], dtype=np.float32), (64, 1))
    net = Perceptron([3, 4, 3], "relu", 0.0, np.random.RandomState(0))
    adam = Adam(TrainingSettings(), net.values.size, 0.02)
    loss = 0.0
    for _ in range(400):
        loss = net.learn(lambda _, out: out.fill(1), targets, None, np.arange(64), 64, adam)
    assert loss == pytest.approx(-(targets[0] * np.log(targets[0])).sum(), abs=0.001)
