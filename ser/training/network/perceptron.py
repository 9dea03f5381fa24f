"""A multi-layer perceptron that learns in passes over clips, in float32 and in memory that is used again and again.

It follows scikit-learn's `MLPClassifier` step by step: initial weights, order of the clips, log-loss, penalty and
optimisers. tests/training/network/test_perceptron.py holds it against that class. Unlike scikit-learn it takes targets
that are probabilities, and it needs about half the time.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, xlogy

from ser.training.network.optimisers import PART, Adam, Sgd


@dataclass(frozen=True)
class _Activation:
    """A function of hidden units and what it makes of gradients, both in place.

    Attributes:
        apply: turns sums into outputs.
        pull_back: turns gradients by the outputs into gradients by the sums, given the outputs first.
    """

    apply: Callable[[np.ndarray], object]
    pull_back: Callable[[np.ndarray, np.ndarray], object]


_ACTIVATIONS = {
    "relu": _Activation(lambda z: np.maximum(z, 0, out=z), lambda z, delta: np.multiply(delta, z > 0, out=delta)),
    "tanh": _Activation(lambda z: np.tanh(z, out=z), lambda z, delta: np.multiply(delta, 1 - z * z, out=delta)),
    "logistic": _Activation(lambda z: expit(z, out=z), lambda z, delta: np.multiply(delta, z * (1 - z), out=delta)),
}


class Perceptron:
    """Weights, their gradients, and the passes over clips that change them.

    Attributes:
        weights: of each layer, float32, shape (inputs, units). They are views into memory that later passes change.
        biases: of each layer, float32, shape (units,); views as well.
    """

    def __init__(self, sizes: list[int], activation: str, alpha: float, rng: np.random.RandomState) -> None:
        """Draw the weights (Glorot & Bengio 2010) of layers with `sizes` units, inputs first, outputs last."""
        self._activation, self._alpha = _ACTIVATIONS[activation], alpha
        shapes = list(itertools.pairwise(sizes))
        # All numbers lie in one vector, the weights of all layers before the biases, so that an optimiser sees one.
        self.values = np.empty(sum(fan_in * fan_out + fan_out for fan_in, fan_out in shapes), dtype=np.float32)
        self._gradient = np.empty_like(self.values)
        self._n_weights = sum(fan_in * fan_out for fan_in, fan_out in shapes)
        self.weights, self.biases = _layers(self.values, shapes)
        self._weight_gradients, self._bias_gradients = _layers(self._gradient, shapes)
        for weight, bias in zip(self.weights, self.biases, strict=True):
            bound = np.sqrt((2.0 if activation == "logistic" else 6.0) / sum(weight.shape))
            weight[:] = rng.uniform(-bound, bound, weight.shape)
            bias[:] = rng.uniform(-bound, bound, bias.size)

    def learn(
        self,
        inputs: Callable[[np.ndarray, np.ndarray], object],
        targets: np.ndarray,
        weights: np.ndarray | None,
        order: np.ndarray,
        batch_size: int,
        optimiser: Adam | Sgd,
    ) -> float:
        """One pass over clips in the given order; the mean loss over the pass, penalty included.

        `inputs` writes the inputs of given rows into an array of shape (rows, inputs). `targets` are float32, shape
        (n, outputs): rows that sum to 1, or with a single output the probability of the second label. `weights` is the
        weight of each clip, shape (n,).
        """
        batch_size = min(batch_size, order.size)
        outputs = [np.empty((batch_size, weight.shape[0]), dtype=np.float32) for weight in self.weights]
        outputs.append(np.empty((batch_size, targets.shape[1]), dtype=np.float32))
        total = 0.0
        for start in range(0, order.size, batch_size):
            rows = order[start : start + batch_size]
            layers = [layer[: rows.size] for layer in outputs]
            inputs(rows, layers[0])
            total += rows.size * self._step(layers, targets[rows], None if weights is None else weights[rows])
            optimiser.step(self.values, self._gradient)
        return total / order.size

    def _step(self, layers: list[np.ndarray], targets: np.ndarray, weights: np.ndarray | None) -> float:
        """The loss of a batch; its gradient is written. `layers` are the outputs of all layers, inputs first."""
        self._forward(layers)
        weight_sum = float(len(targets) if weights is None else weights.sum())
        values = self.values[: self._n_weights]
        loss = _log_loss(targets, layers[-1], weights) + 0.5 * self._alpha * float(values @ values) / weight_sum
        delta = layers[-1] - targets
        if weights is not None:
            delta *= weights[:, None]
        # Gradients are sums over clips until here. Divided now, the small matrix is divided and not the large ones.
        delta /= weight_sum
        for i in range(len(self.weights) - 1, -1, -1):
            np.dot(layers[i].T, delta, out=self._weight_gradients[i])
            np.sum(delta, axis=0, out=self._bias_gradients[i])
            if i:
                delta = delta @ self.weights[i].T
                self._activation.pull_back(layers[i], delta)
        penalty, gradient = np.float32(self._alpha / weight_sum), self._gradient[: self._n_weights]
        for start in range(0, values.size, PART):
            gradient[start : start + PART] += values[start : start + PART] * penalty
        return loss

    def _forward(self, layers: list[np.ndarray]) -> None:
        for i, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True), start=1):
            np.dot(layers[i - 1], weight, out=layers[i])
            layers[i] += bias
            if i < len(self.weights):
                self._activation.apply(layers[i])
        last = layers[-1]
        if last.shape[1] == 1:
            expit(last, out=last)
        else:
            last -= last.max(axis=1, keepdims=True)
            np.exp(last, out=last)
            last /= last.sum(axis=1, keepdims=True)


def _layers(values: np.ndarray, shapes: list[tuple[int, int]]) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Views into a vector: the weights of all layers, then their biases."""
    weights, biases, start = [], [], 0
    for fan_in, fan_out in shapes:
        weights.append(values[start : start + fan_in * fan_out].reshape(fan_in, fan_out))
        start += fan_in * fan_out
    for _, fan_out in shapes:
        biases.append(values[start : start + fan_out])
        start += fan_out
    return weights, biases


def _log_loss(targets: np.ndarray, probabilities: np.ndarray, weights: np.ndarray | None) -> float:
    """Weighted mean of the log-loss, kept finite as scikit-learn does."""
    epsilon = np.finfo(np.float32).eps
    probabilities = np.clip(probabilities, epsilon, 1 - epsilon)
    losses = xlogy(targets, probabilities).sum(axis=1)
    if probabilities.shape[1] == 1:
        losses += xlogy(1 - targets, 1 - probabilities).sum(axis=1)
    return -float(np.average(losses, weights=weights))
