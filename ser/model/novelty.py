"""How like the training clips a clip is, so that what the model knows nothing of does not get a sure answer.

Music, a tone, noise or another language make features that no training clip has. The distance is taken over the
features that a model uses, in deviations: along the directions in which training clips vary most (Mahalanobis 1936),
and away from all of these directions (the residual of principal component analysis). Distances mean little by
themselves, so they are compared with those of clips of actors that were held out in turn; where all clips are of one
voice, with those of other clips of it. No network takes part, so every model can learn it in a moment.
"""

from dataclasses import replace

import numpy as np

from ser.features import feature_set
from ser.model.emotion_model import EmotionModel, Familiarity
from ser.text import percent

COMPONENTS = 64
# Deviations of a feature that count at most.
LIMIT = 5.0
QUANTILES = 201
# A clip more unusual than all but so many clips of new speakers is not one of the kind that the model knows.
UNLIKE = 0.01
# Up to so many are as unusual: still one of its kind, but from the edge of what it knows.
UNUSUAL = 0.1
NEW_SPEAKERS, _SAME_VOICE = "clips of new speakers", "other clips of the same voice"


def comparable(model: EmotionModel, features: np.ndarray) -> np.ndarray:
    """The features that a model uses, as clips are compared by them.

    Args:
        model: which features it uses.
        features: vectors of its feature set, shape (n, n_features).

    Returns:
        float32, shape (n, n_used), powers in logarithms: most of their spread is that of a few loud clips.
    """
    values = features[..., model.columns].astype(np.float32)
    names = feature_set(model.feature_set).features
    powers = np.array([names[column].is_power for column in model.columns])
    values[..., powers] = np.log10(np.maximum(values[..., powers], 1e-10))
    return values


def learn(values: np.ndarray) -> Familiarity:
    """Mean, deviations and directions of the training clips.

    Args:
        values: the `comparable` features of the clips that a model was trained on, shape (n, n_used).

    Returns:
        A `Familiarity` that knows no distances yet.
    """
    from sklearn.utils.extmath import randomized_svd

    mean, spread = values.mean(axis=0, dtype=np.float64), values.std(axis=0, dtype=np.float64)
    scale = np.where(spread > 1e-9, spread, 1.0)
    inputs = _scaled(values, mean, scale)
    # With few clips half of the directions must be left, or nothing would lie away from those that are known.
    count = max(1, min(COMPONENTS, inputs.shape[1] - 1, (len(inputs) - 1) // 2))
    # A seventh of the time of the whole covariance's eigenvectors, which a quick training would notice.
    _, values, components = randomized_svd(inputs, count, n_iter=2, random_state=0)
    variances = values.astype(np.float64) ** 2 / len(inputs)
    # What is left in the other directions, as one deviation, is the last entry.
    rest = max(float((inputs**2).sum(axis=1, dtype=np.float64).mean()) - variances.sum(), 1e-9)
    deviations = np.sqrt(np.append(np.maximum(variances, 1e-9), rest))
    return Familiarity(components.astype(np.float32), deviations, np.zeros(0), mean, scale)


def _scaled(values: np.ndarray, mean: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Deviations from the mean, float32, held within `LIMIT`."""
    return np.clip((values - mean.astype(np.float32)) / scale.astype(np.float32), -LIMIT, LIMIT)


def distances(values: np.ndarray, known: Familiarity) -> np.ndarray:
    """How far clips lie from the training clips.

    Args:
        values: their `comparable` features, shape (n, n_used).
        known: from `learn`.

    Returns:
        shape (n,), about 1 for a training clip: the root of the mean of the squared deviations along the directions
        and the squared deviation away from them.
    """
    assert known.mean is not None and known.scale is not None, "`learn` sets both"
    return _apart(_scaled(values, known.mean, known.scale), known)


def _apart(inputs: np.ndarray, known: Familiarity) -> np.ndarray:
    along = inputs @ known.components.T
    away = np.maximum((inputs.astype(np.float64) ** 2).sum(axis=1) - (along.astype(np.float64) ** 2).sum(axis=1), 0.0)
    inside = ((along / known.spread[:-1]) ** 2).mean(axis=1)
    return np.sqrt((inside + away / known.spread[-1] ** 2) / 2)


def with_distances(known: Familiarity, held_out: np.ndarray) -> Familiarity:
    """What is known, with the distances of clips that were held out to compare with.

    Args:
        known: from `learn`.
        held_out: distances, shape (n,).

    Returns:
        A `Familiarity` that `familiarity` can use.
    """
    marks = np.quantile(held_out, np.linspace(0, 1, QUANTILES))
    return replace(known, distances=marks.astype(np.float32))


def _distances_of(model: EmotionModel, features: np.ndarray) -> np.ndarray | None:
    """How far clips lie from a model's training clips, shape (n,); None where it has not learnt that."""
    known = model.familiarity
    if known is None or known.distances.size == 0:
        return None
    if known.mean is None:  # the shipped model, whose distances have no scale of their own
        return _apart(model.inputs(features), known)
    return distances(comparable(model, features), known)


def familiarity(model: EmotionModel, features: np.ndarray) -> np.ndarray | None:
    """Share of the clips that were held out in training that are at least as unusual.

    Args:
        model: who would answer.
        features: vectors of the model's feature set, shape (n, n_features).

    Returns:
        shape (n,), 0 (unlike anything) to 1; None where the model has not learnt it.
    """
    found = _distances_of(model, features)
    if found is None or model.familiarity is None:
        return None
    return 1 - np.searchsorted(model.familiarity.distances, found) / QUANTILES


def held_out_clips(model: EmotionModel) -> str:
    """What the clips are that new ones are compared with.

    Args:
        model: any.

    Returns:
        "other clips of the same voice" if the model learnt from a single one, else `NEW_SPEAKERS`.
    """
    known = model.familiarity
    return NEW_SPEAKERS if known is None or known.new_speakers else _SAME_VOICE


def likeness(share: float | None, held_out: str = NEW_SPEAKERS) -> str | None:
    """How like the training clips a clip is, in a sentence.

    Args:
        share: as `familiarity` gives it.
        held_out: from `held_out_clips`.

    Returns:
        The sentence; None where it is not known, and below `UNLIKE`, of which `ser.inference.prediction` warns.

    Example:
        >>> likeness(0.62)
        'It sounds like what the model learnt from: of clips of new speakers 62\\xa0% are as unusual or more so.'
    """
    if share is None or share < UNLIKE:
        return None
    shown = percent(share)
    if share < UNUSUAL:
        return f"It is unusual: of {held_out} only {shown} are as unusual, so believe the answer less."
    return f"It sounds like what the model learnt from: of {held_out} {shown} are as unusual or more so."


def strangeness(model: EmotionModel, features: np.ndarray) -> np.ndarray | None:
    """How many times further than nearly all held-out clips a clip lies.

    Args:
        model: who would answer.
        features: vectors of the model's feature set, shape (n, n_features).

    Returns:
        shape (n,): the distance divided by the one that two of a hundred such clips exceed, at least 1; None where the
        model has not learnt it.
    """
    found = _distances_of(model, features)
    if found is None or model.familiarity is None:
        return None
    usual = model.familiarity.distances[round(0.98 * (QUANTILES - 1))]
    return np.maximum(found / usual, 1.0)


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
