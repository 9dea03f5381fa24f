"""One network in training, epoch by epoch: own passes for adam and sgd, scikit-learn's `MLPClassifier` for lbfgs."""

import warnings
from typing import Protocol

import numpy as np

from ser.model.emotion_model import Network
from ser.training.network.optimisers import Adam, Sgd
from ser.training.network.perceptron import Perceptron
from ser.training.settings import TrainingSettings
from ser.training.targets import Blend, smoothed

#: L-BFGS starts anew for every report, so a report spans enough iterations for it to learn the curvature.
LBFGS_STRIDE = 10


class MlpInTraining(Protocol):
    """A network that is trained one epoch at a time."""

    @property
    def loss(self) -> float:
        """Mean log-loss plus penalty over the last epoch."""

    @property
    def learning_rate(self) -> float | None:
        """The size of the next step, without adam's own correction of its first steps; None for lbfgs."""

    def set_learning_rate(self, rate: float) -> None:
        """Go on with another step size, and with all that the optimiser remembers."""

    def advance(self, X: np.ndarray, y: np.ndarray, weights: np.ndarray | None) -> None:
        """Train one epoch more; with lbfgs, `LBFGS_STRIDE` iterations more.

        Raises `ValueError` where the weights are no longer numbers.
        """

    def network(self) -> Network:
        """The weights as they are, in arrays that the next epoch changes."""


def mlp_in_training(settings: TrainingSettings, seed: int) -> MlpInTraining:
    """A network to train with the given settings and seed; its weights are drawn in the first epoch."""
    return _LbfgsMlp(settings, seed) if settings.solver == "lbfgs" else _StepwiseMlp(settings, seed)


class _StepwiseMlp:
    """A network that learns a batch at a time, with adam or sgd."""

    def __init__(self, settings: TrainingSettings, seed: int) -> None:
        self._settings, self._rng = settings, np.random.RandomState(seed)
        self._rate, self.loss = settings.learning_rate, np.inf
        self._perceptron: Perceptron | None = None
        self._optimiser: Adam | Sgd | None = None

    @property
    def learning_rate(self) -> float:
        return self._rate if self._optimiser is None else self._optimiser.rate

    def set_learning_rate(self, rate: float) -> None:
        self._rate = rate
        if self._optimiser is not None:
            self._optimiser.set_rate(rate)

    def advance(self, X: np.ndarray, y: np.ndarray, weights: np.ndarray | None) -> None:
        settings = self._settings
        targets = smoothed(y, len(settings.emotions), settings.smoothing)
        blend = None
        if settings.mixup:
            blend = Blend.drawn(len(X), settings.mixup, self._rng)
            targets, weights = blend.targets(targets, weights)
        # As in scikit-learn, two labels have one output: the probability of the second.
        targets = targets[:, 1:] if targets.shape[1] == 2 else targets
        if self._perceptron is None or self._optimiser is None:
            sizes = [X.shape[1], *settings.hidden_layers, targets.shape[1]]
            self._perceptron = Perceptron(sizes, settings.activation, settings.alpha, self._rng)
            optimiser = Sgd if settings.solver == "sgd" else Adam
            self._optimiser = optimiser(settings, self._perceptron.values.size, self._rate)

        def inputs(rows: np.ndarray, out: np.ndarray) -> None:
            if blend is None:
                np.take(X, rows, axis=0, out=out, mode="clip")
            else:
                blend.inputs(X, rows, out)

        order = np.arange(len(X))
        self._rng.shuffle(order)
        # Numbers that overflow are found below.
        with np.errstate(all="ignore"):
            self.loss = self._perceptron.learn(inputs, targets, weights, order, settings.batch_size, self._optimiser)
        self._optimiser.end_pass(self.loss, len(X))
        if not np.isfinite(self._perceptron.values).all():
            raise ValueError("The weights are no longer numbers.")

    def network(self) -> Network:
        assert self._perceptron is not None, "its weights are drawn in the first epoch"
        return _network(self._settings.activation, self._perceptron.weights, self._perceptron.biases)


class _LbfgsMlp:
    """A network that learns from all clips at once, in scikit-learn's hands."""

    learning_rate = None

    def __init__(self, settings: TrainingSettings, seed: int) -> None:
        # Imported here, because scikit-learn takes a second and 90 MB that a page without a training can do without.
        from sklearn.neural_network import MLPClassifier

        self._activation = settings.activation
        self._classifier = MLPClassifier(
            hidden_layer_sizes=settings.hidden_layers,
            activation=settings.activation,
            solver="lbfgs",
            alpha=settings.alpha,
            max_iter=LBFGS_STRIDE,
            warm_start=True,
            tol=settings.tolerance,
            random_state=np.random.RandomState(seed),
        )

    @property
    def loss(self) -> float:
        return self._classifier.loss_

    def set_learning_rate(self, rate: float) -> None:
        """There is none to set."""

    def advance(self, X: np.ndarray, y: np.ndarray, weights: np.ndarray | None) -> None:
        with warnings.catch_warnings():
            # scikit-learn warns that ten iterations do not converge. They are not meant to.
            warnings.simplefilter("ignore")
            self._classifier.fit(X, y, sample_weight=weights)

    def network(self) -> Network:
        return _network(self._activation, self._classifier.coefs_, self._classifier.intercepts_)


def _network(activation: str, weights: list[np.ndarray], biases: list[np.ndarray]) -> Network:
    """A `Network` of these layers; with two emotions the one output becomes two, as a softmax needs."""
    weights, biases = list(weights), list(biases)
    if weights[-1].shape[1] == 1:
        weights[-1] = np.concatenate([np.zeros_like(weights[-1]), weights[-1]], axis=1)
        biases[-1] = np.concatenate([np.zeros_like(biases[-1]), biases[-1]])
    return Network(activation, tuple(weights), tuple(biases))
