"""Finds clips that are unlike the training clips (out of distribution), so that they do not get a sure answer.

Music, a tone, noise or another language make features that no training clip has. A clip's distance is measured over the
features that a model uses, in standard deviations: along the directions in which training clips vary most (Mahalanobis
1936), and away from all of these directions (the residual of principal component analysis). A distance means little by
itself, so it is compared with those of clips of actors that were held out in turn. Where all clips are of one voice, it
is compared with other clips of that voice. No network takes part, so every model can learn this in a moment.
"""

from dataclasses import dataclass, replace

import numpy as np

from ser.features.sets import feature_set
from ser.model.emotion_model import EmotionModel, NoveltyDetector
from ser.text import percent

COMPONENTS = 64
# Deviations of a feature that count at most.
LIMIT = 5.0
QUANTILES = 201
# A clip with a lower p-value is not of the kind that the model knows.
OUT_OF_DISTRIBUTION = 0.01
# A clip with a lower p-value is at the edge of what the model knows.
UNUSUAL = 0.1
NEW_SPEAKERS, _SAME_VOICE = "clips of new speakers", "other clips of the same voice"


def novelty_inputs(model: EmotionModel, features: np.ndarray) -> np.ndarray:
    """The features by which clips are compared, from vectors of the model's feature set, shape (n, n_features).

    The result is float32, shape (n, n_used). Powers are in logarithms, as most of their spread comes from a few loud
    clips.
    """
    values = features[..., model.columns].astype(np.float32, copy=False)
    powers = feature_set(model.feature_set).powers[model.columns]
    values[..., powers] = np.log10(np.maximum(values[..., powers], 1e-10))
    return values


def fit_detector(values: np.ndarray) -> NoveltyDetector:
    """Mean, deviations and directions of training clips, from their `novelty_inputs`; it has no held-out distances."""
    from sklearn.utils.extmath import randomized_svd

    mean, spread = values.mean(axis=0, dtype=np.float64), values.std(axis=0, dtype=np.float64)
    scale = np.where(spread > 1e-9, spread, 1.0)
    inputs = _scaled(values, mean, scale)
    # With few clips half of the directions must be left, or nothing would lie away from those that are known.
    count = max(1, min(COMPONENTS, inputs.shape[1] - 1, (len(inputs) - 1) // 2))
    # A seventh of the time of the whole covariance's eigenvectors, which a quick training would notice.
    _, values, components = randomized_svd(inputs, count, n_iter=2, random_state=0)
    variances = values.astype(np.float64) ** 2 / len(inputs)
    # The last entry is the deviation in all other directions together.
    rest = max(float((inputs**2).sum(axis=1, dtype=np.float64).mean()) - variances.sum(), 1e-9)
    deviations = np.sqrt(np.append(np.maximum(variances, 1e-9), rest))
    return NoveltyDetector(components.astype(np.float32), deviations, np.zeros(0), mean, scale)


def novelty_distances(values: np.ndarray, detector: NoveltyDetector) -> np.ndarray:
    """How far clips lie from the training clips, from their `novelty_inputs`; about 1 for a training clip, shape (n,).

    The root of the mean of two squared deviations: the mean one along the directions, and the one away from them.
    """
    assert detector.mean is not None and detector.scale is not None, "`fit_detector` sets both"
    return _distances(_scaled(values, detector.mean, detector.scale), detector)


def with_held_out(detector: NoveltyDetector, distances: np.ndarray) -> NoveltyDetector:
    """The detector with the distances of held-out clips, shape (n,), to compare with."""
    quantiles = np.quantile(distances, np.linspace(0, 1, QUANTILES))
    return replace(detector, distances=quantiles.astype(np.float32))


@dataclass(frozen=True)
class Novelty:
    """How unusual clips are to a model.

    Attributes:
        p_values: share of the held-out clips that are at least as unusual, 0 (unlike anything) to 1, shape (n,).
        ratios: distances divided by the one that two of a hundred held-out clips exceed, at least 1, shape (n,).
    """

    p_values: np.ndarray
    ratios: np.ndarray


def novelty_of(model: EmotionModel, features: np.ndarray, inputs: np.ndarray | None = None) -> Novelty | None:
    """How unusual clips are, from their vectors of the model's feature set, shape (n, n_features).

    `inputs` are the model's for these clips, if they are known. None if the model has no detector.
    """
    detector = model.novelty_detector
    if detector is None or detector.distances.size == 0:
        return None
    if detector.mean is not None and detector.scale is not None:
        inputs = _scaled(novelty_inputs(model, features), detector.mean, detector.scale)
    elif inputs is None:  # the shipped model, whose distances have no scale of their own
        inputs = model.inputs(features)
    # In float32 the rounding, and with it the answer, would depend on how many clips are answered at once.
    distances = _distances(inputs.astype(np.float64, copy=False), detector)
    return Novelty(
        1 - np.searchsorted(detector.distances, distances) / QUANTILES,
        np.maximum(distances / detector.distances[round(0.98 * (QUANTILES - 1))], 1.0),
    )


def novelty_p_values(model: EmotionModel, features: np.ndarray) -> np.ndarray | None:
    """The p-values of `novelty_of`, shape (n,)."""
    novelty = novelty_of(model, features)
    return None if novelty is None else novelty.p_values


def held_out_clips(model: EmotionModel) -> str:
    """Names the clips that new ones are compared with: other clips of the same voice if the model knows only one."""
    detector = model.novelty_detector
    return NEW_SPEAKERS if detector is None or detector.new_speakers else _SAME_VOICE


def novelty_sentence(p_value: float | None, held_out: str = NEW_SPEAKERS) -> str | None:
    """Says how like the training clips a clip is; None where that is unknown, and where a warning says it.

    Examples:
        >>> novelty_sentence(0.62)
        'The clip is not unusual for the model: 62\\xa0% of clips of new speakers are as unusual or more.'
    """
    if p_value is None or p_value < OUT_OF_DISTRIBUTION:
        return None
    shown = percent(p_value)
    if p_value < UNUSUAL:
        return (
            f"The clip is unusual for the model: believe the answer less. Of {held_out}, only {shown} are as unusual."
        )
    return f"The clip is not unusual for the model: {shown} of {held_out} are as unusual or more."


def flattened(probabilities: np.ndarray, ratios: np.ndarray) -> np.ndarray:
    """Probabilities made flatter the further away a clip lies; the most probable emotion stays the same.

    `probabilities` have the shape (n, n_labels), `ratios` come from `novelty_of`; a ratio of 1 changes nothing.
    """
    powered = np.maximum(probabilities, 1e-12) ** (1 / ratios[:, None] ** 2)
    return np.where(ratios[:, None] > 1, powered / powered.sum(axis=1, keepdims=True), probabilities)


def _scaled(values: np.ndarray, mean: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Deviations from the mean, float32, clipped at `LIMIT`."""
    return np.clip((values - mean.astype(np.float32)) / scale.astype(np.float32), -LIMIT, LIMIT)


def _distances(inputs: np.ndarray, detector: NoveltyDetector) -> np.ndarray:
    along = inputs @ detector.components.T
    squares = np.einsum("ij,ij->i", inputs, inputs, dtype=np.float64)
    away = np.maximum(squares - (along.astype(np.float64) ** 2).sum(axis=1), 0.0)
    inside = ((along / detector.spread[:-1]) ** 2).mean(axis=1)
    return np.sqrt((inside + away / detector.spread[-1] ** 2) / 2)
