"""How like the training clips a clip is, so that what the model knows nothing of does not get a sure answer.

Music, a tone, noise or another language make features that no training clip has. The distance is taken in the space of
a model's scaled inputs: along the directions in which training clips vary most, measured in deviations (Mahalanobis
1936), and away from all of these directions (the residual of principal component analysis). Distances mean little by
themselves, so they are compared with those of clips of actors that were not trained on.
"""

import numpy as np
from scipy.linalg import eigh

from ser.model import EmotionModel, Familiarity
from ser.percentage import percent

COMPONENTS = 64
QUANTILES = 201
# A clip more unusual than all but so many clips of new speakers is not one of the kind that the model knows.
UNLIKE = 0.01
# Up to so many are as unusual: still one of its kind, but from the edge of what it knows.
UNUSUAL = 0.1


def learn(inputs: np.ndarray) -> Familiarity:
    """Directions and deviations of the training clips.

    Args:
        inputs: a model's inputs for the clips that it was trained on, shape (n, n_used).

    Returns:
        A `Familiarity` that knows no distances yet.
    """
    count = min(COMPONENTS, inputs.shape[1] - 1, len(inputs) - 1)
    inputs = inputs.astype(np.float64)
    covariance = inputs.T @ inputs / len(inputs)
    size = covariance.shape[0]
    values, vectors = eigh(covariance, subset_by_index=(size - count, size - 1))
    components = vectors.T[::-1].astype(np.float32)
    # What is left in the other directions, as one deviation, is the last entry.
    rest = max(np.trace(covariance) - values.sum(), 1e-9)
    return Familiarity(components, np.sqrt(np.append(np.maximum(values[::-1], 1e-9), rest)), np.zeros(0))


def distances(inputs: np.ndarray, known: Familiarity) -> np.ndarray:
    """How far clips lie from the training clips.

    Args:
        inputs: shape (n, n_used).
        known: from `learn`.

    Returns:
        shape (n,), about 1 for a training clip: the root of the mean of the squared deviations along the directions
        and the squared deviation away from them.
    """
    along = inputs @ known.components.T
    away = np.maximum((inputs.astype(np.float64) ** 2).sum(axis=1) - (along.astype(np.float64) ** 2).sum(axis=1), 0.0)
    inside = ((along / known.spread[:-1]) ** 2).mean(axis=1)
    return np.sqrt((inside + away / known.spread[-1] ** 2) / 2)


def with_distances(known: Familiarity, unheard: np.ndarray) -> Familiarity:
    """What is known, with the distances of clips of unheard actors to compare with.

    Args:
        known: from `learn`.
        unheard: distances, shape (n,).

    Returns:
        A `Familiarity` that `familiarity` can use.
    """
    marks = np.quantile(unheard, np.linspace(0, 1, QUANTILES))
    return Familiarity(known.components, known.spread, marks.astype(np.float32))


def familiarity(model: EmotionModel, features: np.ndarray) -> np.ndarray | None:
    """Share of clips of unheard actors that are at least as unusual.

    Args:
        model: who would answer.
        features: vectors of the model's feature set, shape (n, n_features).

    Returns:
        shape (n,), 0 (unlike anything) to 1; None where the model has not learnt it.
    """
    known = model.familiarity
    if known is None or known.distances.size == 0:
        return None
    return 1 - np.searchsorted(known.distances, distances(model.inputs(features), known)) / known.distances.size


def likeness(share: float | None) -> str | None:
    """How like the training clips a clip is, in a sentence.

    Args:
        share: as `familiarity` gives it.

    Returns:
        The sentence; None where it is not known, and below `UNLIKE`, of which `ser.prediction` warns.

    Example:
        >>> likeness(0.62)
        'It sounds like what the model learnt from: of clips of new speakers 62\\xa0% are as unusual or more so.'
    """
    if share is None or share < UNLIKE:
        return None
    shown = percent(share)
    if share < UNUSUAL:
        return f"It is unusual: of clips of new speakers only {shown} are as unusual, so believe the answer less."
    return f"It sounds like what the model learnt from: of clips of new speakers {shown} are as unusual or more so."


def strangeness(model: EmotionModel, features: np.ndarray) -> np.ndarray | None:
    """How many times further than nearly all clips of unheard actors a clip lies.

    Args:
        model: who would answer.
        features: vectors of the model's feature set, shape (n, n_features).

    Returns:
        shape (n,): the distance divided by the one that two of a hundred such clips exceed, at least 1; None where the
        model has not learnt it.
    """
    known = model.familiarity
    if known is None or known.distances.size == 0:
        return None
    usual = known.distances[round(0.98 * (known.distances.size - 1))]
    return np.maximum(distances(model.inputs(features), known) / usual, 1.0)


def flattened(probabilities: np.ndarray, strange: np.ndarray) -> np.ndarray:
    """Probabilities made flatter the stranger a clip is; the most probable emotion stays it.

    Args:
        probabilities: shape (n, n_labels), rows sum to 1.
        strange: from `strangeness`, shape (n,).

    Returns:
        Same shape; unchanged where `strange` is 1.
    """
    powered = np.maximum(probabilities, 1e-12) ** (1 / strange[:, None] ** 2)
    return np.where(strange[:, None] > 1, powered / powered.sum(axis=1, keepdims=True), probabilities)
