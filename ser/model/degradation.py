"""Degradation: how far a recording lies beyond those that a model learnt from, towards noise, voices and rooms.

In such recordings a model is wrong more often than it says. So its probabilities are divided by a temperature that
rises with the degradation. The most probable emotion stays the same.

For each kind of disturbance there is a linear function of the model's inputs, which tells such recordings from the
training clips and their augmented copies. The copies are noisy, too, and the networks learnt from them, so the
temperature rises only where a recording lies beyond almost all of them. How far it rises is learnt from out-of-fold
answers to such recordings (`ser.data.changed_recordings`). `models/EXPERIMENTS.md` says what else was tried.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import log_softmax, softmax

from ser.model.separation import separating_direction

# The amount rises from 0 at this quantile of held-out training clips and copies to 1 at the median held-out recording
# with the disturbance.
_LOW = 0.98
_STEEPEST = 1.0


@dataclass(frozen=True)
class Degradation:
    """Measures how degraded recordings are, and says what temperatures follow.

    Attributes:
        weights: of the model's inputs for each kind of disturbance, float32, shape (n_kinds, n_used).
        low, high: between these values of the weighted sum, the amount of a kind rises from 0 to 1, shape (n_kinds,).
        slopes: logarithm of the temperature at an amount of 1, at least 0, shape (n_kinds,).
    """

    weights: np.ndarray
    low: np.ndarray
    high: np.ndarray
    slopes: np.ndarray

    def amounts(self, inputs: np.ndarray) -> np.ndarray:
        """How much of each kind recordings have, 0 to 1, shape (n, n_kinds), from `inputs` of shape (n, n_used)."""
        return np.clip((inputs @ self.weights.T - self.low) / (self.high - self.low), 0.0, 1.0)

    def temperatures(self, inputs: np.ndarray) -> np.ndarray:
        """The temperatures of recordings, at least 1, shape (n,), from their `inputs`, shape (n, n_used)."""
        return np.exp(self.amounts(inputs) @ self.slopes)


def at_temperatures(probabilities: np.ndarray, temperatures: np.ndarray | float) -> np.ndarray:
    """Probabilities, shape (..., n_labels), divided by temperatures on the scale of logarithms.

    There is one temperature for all, or one for each row, shape (n,).

    Example:
        >>> at_temperatures(np.array([[0.8, 0.2]]), 2.0).round(3)
        array([[0.667, 0.333]])
    """
    divisors = np.asarray(temperatures)[..., None]
    if (divisors == 1.0).all():
        return probabilities
    return softmax(np.log(np.maximum(probabilities, 1e-12)) / divisors, axis=-1)


@dataclass(frozen=True)
class Recordings:
    """Recordings with disturbances.

    Attributes:
        inputs: of the model, shape (n, n_used).
        kinds: which disturbance each has, 0 to n_kinds - 1, shape (n,).
        held: which of them each fold holds out, booleans, shape (n,).
    """

    inputs: np.ndarray
    kinds: np.ndarray
    held: Sequence[np.ndarray]


def fit_degradation(
    inputs: np.ndarray, folds: Sequence[np.ndarray], disturbed: Recordings
) -> tuple[Degradation, np.ndarray, np.ndarray]:
    """Learn what each kind of disturbance looks like; the slopes are 0.

    `inputs` are those of the training clips as recorded and of their augmented copies, shape (1 + n_copies, n, n_used).
    Each of the `folds` says which training clips it holds out, booleans, shape (n,); whole speakers. The disturbed
    recordings that it holds out are of the same speakers.

    The amounts of the clips as recorded and of the disturbed recordings are returned, too, measured without their
    speakers, shapes (n, n_kinds) and (n_disturbed, n_kinds).
    """
    n_kinds = int(disturbed.kinds.max()) + 1
    values = np.zeros((*inputs.shape[:2], n_kinds))
    values_disturbed = np.zeros((disturbed.kinds.size, n_kinds))
    *without, everything = _directions(inputs, folds, disturbed, n_kinds)
    for held, held_too, directions in zip(folds, disturbed.held, without, strict=True):
        values[:, held] = inputs[:, held] @ directions.T
        values_disturbed[held_too] = disturbed.inputs[held_too] @ directions.T
    low = np.quantile(values.reshape(-1, n_kinds), _LOW, axis=0)
    medians = [np.median(values_disturbed[disturbed.kinds == number, number]) for number in range(n_kinds)]
    # A kind that cannot be told from the training clips begins where they end.
    high = np.maximum(medians, low + 1e-6)
    found = Degradation(everything.astype(np.float32), low, high, np.zeros(n_kinds))
    amounts = (np.clip((each - low) / (high - low), 0.0, 1.0) for each in (values[0], values_disturbed))
    return found, *amounts


def _directions(inputs: np.ndarray, folds: Sequence[np.ndarray], disturbed: Recordings, n_kinds: int) -> np.ndarray:
    """What tells each kind from the training clips, their copies and the other kinds.

    The directions are those without the clips that each fold holds out, and then those with all clips, shape
    (1 + n_folds, n_kinds, n_used).
    """
    everything = np.concatenate([inputs.reshape(-1, inputs.shape[-1]), disturbed.inputs])
    kinds = np.concatenate([np.full(inputs[..., 0].size, -1), disturbed.kinds])
    held = [
        np.concatenate([np.tile(clips, len(inputs)), recordings])
        for clips, recordings in zip(folds, disturbed.held, strict=True)
    ]
    counted = [*(~each for each in held), np.ones(kinds.size, dtype=bool)]
    return np.array(
        [[separating_direction(everything, kinds == number, each) for number in range(n_kinds)] for each in counted]
    )


def with_slopes(
    degradation: Degradation, probabilities: np.ndarray, amounts: np.ndarray, actual: np.ndarray
) -> Degradation:
    """The degradation with the slopes, 0 to 1, that give some answers the lowest log-loss.

    `probabilities` are temperature-scaled, shape (n, n_labels), each of a model without the clip's speaker. `amounts`
    are those of the answered recordings, shape (n, n_kinds), and `actual` is the column of the actual emotion.
    """
    from scipy.optimize import minimize

    scores, rows = np.log(np.maximum(probabilities, 1e-12)), np.arange(actual.size)

    def loss(slopes: np.ndarray) -> float:
        return float(-log_softmax(scores / np.exp(amounts @ slopes)[:, None], axis=1)[rows, actual].mean())

    n_kinds = amounts.shape[1]
    found = minimize(loss, np.full(n_kinds, 0.1), method="L-BFGS-B", bounds=[(0.0, _STEEPEST)] * n_kinds)
    return replace(degradation, slopes=found.x)
