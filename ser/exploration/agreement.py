"""Which emotion effects two data sets agree on.

The effect of an emotion on a feature is how far the clips of that emotion lie from the same speakers' other clips, in
standard deviations. An effect that is alike in two languages, two sets of texts and two studios is likely to be there
on the next voice too; one that only a single data set has may come from its texts or its microphones.

Two effects are compared by the cosine of the angle between them: 1 if they are the same but for their size, 0 if they
have nothing to do with each other, -1 if they are opposites.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ser.errors import DatasetError
from ser.features.feature import GROUPS, Feature


@dataclass(frozen=True)
class Agreement:
    """How alike the emotion effects of two data sets are.

    Attributes:
        features: the features, in the order of the arrays.
        emotions: those that both data sets have.
        effects: of each data set, in standard deviations, shape (2, n_emotions, n_features); their mean over the
            emotions is 0.
        by_feature: cosine of the two effects over the emotions, -1 to 1, shape (n_features,); 0 where a feature is
            constant in one of the data sets.
        by_emotion: cosine of the two effects over the features, -1 to 1, shape (n_emotions,).
    """

    features: tuple[Feature, ...]
    emotions: tuple[str, ...]
    effects: np.ndarray
    by_feature: np.ndarray
    by_emotion: np.ndarray

    @property
    def by_group(self) -> dict[str, float]:
        """Group of features → mean of `by_feature`, the highest first."""
        groups = np.array([feature.group for feature in self.features])
        means = {group: float(self.by_feature[groups == group].mean()) for group in GROUPS if (groups == group).any()}
        return dict(sorted(means.items(), key=lambda item: -item[1]))

    @property
    def sizes(self) -> np.ndarray:
        """Size of the effects in each data set: their root mean square over the emotions, shape (2, n_features)."""
        return np.sqrt((self.effects**2).mean(axis=1))

    def strongest(self, n: int) -> np.ndarray:
        """Columns of the `n` features whose effects are large in both data sets, the largest first."""
        return np.argsort(-self.sizes.min(axis=0), stable=True)[:n]


def compare_effects(
    matrix: np.ndarray,
    features: Sequence[Feature],
    emotions: np.ndarray,
    speakers: np.ndarray,
    corpora: np.ndarray,
    *,
    order: Sequence[str],
) -> Agreement:
    """Compare the emotion effects of two data sets over the emotions that both have.

    Args:
        matrix: shape (n_clips, n_features).
        features: of the columns.
        emotions: label of each clip, shape (n_clips,).
        speakers: of each clip, shape (n_clips,).
        corpora: data set of each clip, shape (n_clips,), two different ones.
        order: all emotions in the wanted order.

    Returns:
        `Agreement`.

    Raises:
        DatasetError: the clips are not of two data sets, or these share fewer than three emotions.
    """
    present = list(dict.fromkeys(corpora.tolist()))
    if len(present) != 2:
        found = f"of {', '.join(present)} only" if present else "none"
        raise DatasetError(f"Comparing effects takes clips of two data sets; these are {found}. Widen the filters.")
    shared = tuple(each for each in order if all((emotions[corpora == corpus] == each).any() for corpus in present))
    if len(shared) < 3:
        raise DatasetError(
            f"The clips of both data sets share {' and '.join(shared) or 'no emotion'}; comparing effects takes at "
            "least three emotions. Widen the filters."
        )
    rows = np.isin(emotions, shared)
    effects = np.stack([
        _effects(matrix[chosen].astype(np.float64), emotions[chosen], speakers[chosen], shared)
        for chosen in (rows & (corpora == corpus) for corpus in present)
    ])  # fmt: skip
    first, second = effects
    return Agreement(tuple(features), shared, effects, _cosine(first, second, axis=0), _cosine(first, second, axis=1))


def agreement_of_halves(
    matrix: np.ndarray,
    features: Sequence[Feature],
    emotions: np.ndarray,
    speakers: np.ndarray,
    *,
    order: Sequence[str],
    draws: int = 4,
) -> dict[str, float]:
    """Group of features → how far the effects of two halves of one data set's speakers agree, the mean over draws.

    This is what two data sets could reach at best. It is empty where each half would have fewer than two speakers.
    """
    voices, rng = np.unique(speakers), np.random.default_rng(0)
    if len(voices) < 4:
        return {}
    found = []
    for _ in range(draws):
        half = np.isin(speakers, rng.permutation(voices)[: len(voices) // 2])
        sides = np.where(half, "one half", "the other half")
        found.append(compare_effects(matrix, features, emotions, speakers, sides, order=order).by_group)
    return {group: float(np.mean([each[group] for each in found])) for group in found[0]}


def scaled_within(matrix: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Columns of mean 0 and standard deviation 1 (0 where constant) within each group of clips, float64.

    Examples:
        >>> scaled_within(np.array([[1.0], [3.0], [10.0], [30.0]]), np.array(["a", "a", "b", "b"])).ravel()
        array([-1.,  1., -1.,  1.])
    """
    scaled = matrix.astype(np.float64)
    for group in np.unique(groups):
        rows = groups == group
        scaled[rows] -= scaled[rows].mean(axis=0)
        scaled[rows] = _divided(scaled[rows], _spread(scaled[rows], matrix))
    return scaled


def without_speakers(matrix: np.ndarray, speakers: np.ndarray, counted: np.ndarray | None = None) -> np.ndarray:
    """Columns less the mean of each speaker's clips, or of those that are `counted` (bool, (n_clips,)); float64."""
    centred = matrix.astype(np.float64)
    for speaker in np.unique(speakers):
        rows = speakers == speaker
        some = rows if counted is None or not (rows & counted).any() else rows & counted
        centred[rows] -= centred[some].mean(axis=0)
    return centred


def _effects(matrix: np.ndarray, emotions: np.ndarray, speakers: np.ndarray, order: Sequence[str]) -> np.ndarray:
    """Each emotion's mean less the speaker's, in standard deviations, over speakers; (n_emotions, n_features)."""
    sums, counts = np.zeros((len(order), matrix.shape[1])), np.zeros((len(order), 1))
    for speaker in np.unique(speakers):
        means = {
            i: matrix[(speakers == speaker) & (emotions == emotion)].mean(axis=0)
            for i, emotion in enumerate(order)
            if ((speakers == speaker) & (emotions == emotion)).any()
        }
        # Every emotion counts the same, however many clips of it the speaker has.
        middle = np.mean(list(means.values()), axis=0)
        for i, mean in means.items():
            sums[i] += mean - middle
            counts[i] += 1
    effects = sums / counts
    centred = without_speakers(matrix, speakers)
    return _divided(effects - effects.mean(axis=0), _spread(centred, matrix))


def _spread(centred: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Standard deviation of centred columns; 0 where only rounding makes a column of `matrix` vary."""
    spread = np.sqrt((centred**2).mean(axis=0))
    return np.where(spread > 1e-6 * np.abs(matrix).max(axis=0, initial=0.0), spread, 0.0)


def _divided(values: np.ndarray, by: np.ndarray) -> np.ndarray:
    """Values divided, 0 where the divisor is 0."""
    return np.divide(values, by, out=np.zeros_like(values), where=by > 0)


def _cosine(first: np.ndarray, second: np.ndarray, *, axis: int) -> np.ndarray:
    """Cosine of the angle between two sets of vectors along an axis."""
    lengths = np.linalg.norm(first, axis=axis) * np.linalg.norm(second, axis=axis)
    return np.clip(_divided((first * second).sum(axis=axis), lengths), -1.0, 1.0)
