"""Effect sizes in a feature table: which features depend on the emotion, which on the actor, and which go together.

A feature that differs between emotions is useful only where it does not differ more between speakers, because a model
is judged on held-out speakers. Four functions answer that, all on a matrix of shape (n_clips, n_features) and the
clips' labels:

- `separation`: the share of each feature's variance that the emotion explains, and those of actor and sex;
- `interaction`: whether a feature moves with the emotion in the same way when it is meant strongly;
- `correlate`: which features say the same thing twice;
- `group_differences`: the features in which two groups of clips differ most.

Rows are clips. Columns are features, in the order of the `Feature` records that came with the matrix. A constant column
explains nothing: its effect size and its correlations are 0, never NaN.

Sources: eta squared, Cohen (1973), doi:10.1177/001316447303300111; d, Cohen (1988).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from ser.errors import DatasetError
from ser.features.feature import Feature
from ser.text import count


@dataclass(frozen=True)
class Separation:
    """How well each feature separates emotions, and actors.

    Attributes:
        features: the features, in the order of the arrays.
        by_emotion: eta² for emotion, 0 to 1, shape (n_features,).
        by_actor: eta² for actor, 0 to 1, shape (n_features,).
        by_sex: eta² for the actor's sex, 0 to 1, shape (n_features,); part of `by_actor`, as each actor has one. 0
            where the sexes are not known or only one is there.
        chance_emotion: the eta² that random labels would reach on average, 0 to 1.
        chance_actor: the same for actors.
    """

    features: tuple[Feature, ...]
    by_emotion: np.ndarray
    by_actor: np.ndarray
    by_sex: np.ndarray
    chance_emotion: float
    chance_actor: float

    def verdict(self, column: int, speaker: str = "actor") -> str:
        """What a feature depends on: "tells the emotion", "tells the actor more than the emotion", …; `speaker` names
        an actor.
        """
        emotion, actor, sex = (float(part[column]) for part in (self.by_emotion, self.by_actor, self.by_sex))
        # A label drawn at random explains something too; what does not beat that clearly tells nothing.
        by_emotion = emotion > max(0.05, 2 * self.chance_emotion)
        known = actor > max(0.05, 2 * self.chance_actor)
        if by_emotion and emotion >= actor:
            return "tells the emotion"
        if known and actor > 1.5 * emotion:
            # Where each sex has one actor the two shares are the same, and nothing says that it is the sex.
            by_sex = sex > 0.6 * actor and not np.isclose(sex, actor)
            return f"tells {'women from men' if by_sex else f'the {speaker}'} more than the emotion"
        return "tells a little of both" if by_emotion or known else "tells neither"

    def best(self, n: int) -> np.ndarray:
        """Columns of the `n` features that depend most on the emotion, best first."""
        return np.argsort(-self.by_emotion, stable=True)[:n]


@dataclass(frozen=True)
class Correlations:
    """Pearson correlations between features, ordered so that features that move together are neighbours.

    Attributes:
        features: the features in the order of rows and columns.
        values: -1 to 1, shape (n_features, n_features), symmetric.
        left_out: how many features were left out because more than `most` were given.
    """

    features: tuple[Feature, ...]
    values: np.ndarray
    left_out: int


@dataclass(frozen=True)
class Interaction:
    """One feature by emotion and a second field, such as the intensity.

    Attributes:
        emotions: those that have clips, in the given order.
        levels: values of the second field that have clips, in the given order.
        means: shape (n_emotions, n_levels), NaN where there is no clip.
        errors: half the 95 % interval of each mean, same shape; NaN where a cell has one clip or none.
        by_emotion: share of the variance that the emotion explains among `crossed`, 0 to 1.
        by_level: share that the second field explains beyond the emotion.
        by_both: share that their interaction explains beyond both: emotions respond to the second field differently.
        crossed: the emotions that have clips of every level; the shares are among their clips.
    """

    emotions: tuple[str, ...]
    levels: tuple[str, ...]
    means: np.ndarray
    errors: np.ndarray
    by_emotion: float
    by_level: float
    by_both: float
    crossed: tuple[str, ...]


@dataclass(frozen=True)
class GroupDifferences:
    """Two groups of clips, feature by feature.

    Attributes:
        features: those that differ most, most first.
        d: Cohen's d of each, positive where the first group has more, shape (n,).
        first: mean of each feature in the first group, in its unit, shape (n,).
        second: the same of the second group.
    """

    features: tuple[Feature, ...]
    d: np.ndarray
    first: np.ndarray
    second: np.ndarray


def eta_squared(matrix: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Share of each column's variance that lies between the groups of `labels` (SS_between / SS_total), shape
    (n_features,).

    `DatasetError` if there are fewer than two groups. Source: Cohen (1973), doi:10.1177/001316447303300111.

    Examples:
        >>> eta_squared(np.array([[1.0, 1.0], [1.0, 2.0], [3.0, 1.0], [3.0, 2.0]]), np.array(["a", "a", "b", "b"]))
        array([1., 0.])
    """
    groups, index, counts = np.unique(labels, return_inverse=True, return_counts=True)
    if len(groups) < 2:
        present = f"only “{groups[0]}”" if len(groups) else "no clip at all"
        raise DatasetError(f"The clips hold {present}; comparing groups needs at least two. Widen the filters.")
    centred = matrix.astype(np.float64) - matrix.mean(axis=0, dtype=np.float64)
    means = np.zeros((len(groups), matrix.shape[1]))
    np.add.at(means, index, centred)
    means /= counts[:, None]
    between = (counts[:, None] * means**2).sum(axis=0)
    total = (centred**2).sum(axis=0)
    # Rounding leaves a constant column of float32 a whisper of variance; it must not be divided by.
    varies = total > 1e-12 * (matrix.astype(np.float64) ** 2).sum(axis=0)
    return np.clip(np.divide(between, total, out=np.zeros_like(total), where=varies), 0.0, 1.0)


def separation(
    matrix: np.ndarray,
    features: Sequence[Feature],
    emotions: np.ndarray,
    actors: np.ndarray,
    sexes: np.ndarray | None = None,
) -> Separation:
    """Effect size of emotion, actor and sex for every feature.

    Args:
        matrix: shape (n_clips, n_features).
        features: of the columns.
        emotions: label of each clip, shape (n_clips,).
        actors: number of each clip's actor, shape (n_clips,).
        sexes: of each clip's actor, shape (n_clips,); None where not known.

    Returns:
        `Separation`, its arrays of shape (n_features,).

    Raises:
        DatasetError: the clips hold only one emotion or only one actor, or no more clips than groups.
    """
    n = len(matrix)
    n_emotions, n_actors = len(np.unique(emotions)), len(np.unique(actors))
    if n_emotions < 2 or n_actors < 2:
        raise DatasetError(
            f"These clips hold {count(n_emotions, 'emotion')} and {count(n_actors, 'actor')}; comparing what tells "
            "emotions with what tells actors needs at least two of each. Widen the filters."
        )
    if n <= max(n_emotions, n_actors):
        raise DatasetError(
            f"{count(n, 'clip')} of {count(n_emotions, 'emotion')} and {count(n_actors, 'actor')} are too few to "
            "compare: each group needs more than one clip. Widen the filters."
        )
    return Separation(
        tuple(features),
        eta_squared(matrix, emotions),
        eta_squared(matrix, actors),
        np.zeros(matrix.shape[1]) if sexes is None or len(np.unique(sexes)) < 2 else eta_squared(matrix, sexes),
        (n_emotions - 1) / (n - 1),
        (n_actors - 1) / (n - 1),
    )


def correlate(
    matrix: np.ndarray, features: Sequence[Feature], *, most: int = 40, weight: np.ndarray | None = None
) -> Correlations:
    """Correlations between features, similar ones side by side.

    Args:
        matrix: shape (n_clips, n_features).
        features: of the columns.
        most: how many features are kept; a map of more cannot be read.
        weight: features to keep where there are more than `most`, highest first, shape (n_features,); the first ones if
            left out.

    Returns:
        `Correlations` of at most `most` features, ordered by average-linkage clustering of 1 - |r|.

    Raises:
        DatasetError: fewer than three clips or fewer than two features.
    """
    if len(matrix) < 3 or matrix.shape[1] < 2:
        raise DatasetError(
            f"{count(len(matrix), 'clip')} and {count(matrix.shape[1], 'feature')} give no correlation; at least 3 "
            "clips and 2 features are needed. Widen the filters or choose another group of features."
        )
    order = np.arange(matrix.shape[1]) if weight is None else np.argsort(-weight, stable=True)
    from scipy.cluster.hierarchy import leaves_list, linkage
    from scipy.spatial.distance import squareform

    kept = np.sort(order[:most])
    unit = _standardised(matrix[:, kept])
    values = np.clip(unit.T @ unit / len(unit), -1.0, 1.0)
    np.fill_diagonal(values, 1.0)
    distance = 1.0 - np.abs(values)
    leaves = leaves_list(linkage(squareform(distance, checks=False), "average"))
    chosen = tuple(features[kept[i]] for i in leaves)
    return Correlations(chosen, values[np.ix_(leaves, leaves)], matrix.shape[1] - len(kept))


def interaction(
    values: np.ndarray,
    emotions: np.ndarray,
    levels: np.ndarray,
    orders: tuple[Sequence[str], Sequence[str]],
) -> Interaction:
    """Means of one feature by emotion and a second field, with intervals, and how much each explains.

    Args:
        values: the feature of each clip, shape (n_clips,).
        emotions: label of each clip, shape (n_clips,).
        levels: the second field of each clip, such as its intensity, shape (n_clips,).
        orders: the emotions and the levels in the wanted order.

    Returns:
        `Interaction`. Its shares are sums of squares of nested linear models (emotion, then the second field, then both
        together) over the total, among the emotions that were recorded in every level.
    """
    values = values.astype(np.float64)
    rows = tuple(each for each in orders[0] if (emotions == each).any())
    columns = tuple(each for each in orders[1] if (levels == each).any())
    means, errors = np.full((2, len(rows), len(columns)), np.nan)
    for i, emotion in enumerate(rows):
        for j, level in enumerate(columns):
            cell = values[(emotions == emotion) & (levels == level)]
            if cell.size:
                means[i, j] = cell.mean()
            if cell.size > 1:
                errors[i, j] = stdtrit(cell.size - 1, 0.975) * cell.std(ddof=1) / np.sqrt(cell.size)
    crossed = tuple(each for each, row in zip(rows, means, strict=True) if np.isfinite(row).all())
    among = np.isin(emotions, crossed)
    shares = _nested_shares(values[among], emotions[among], levels[among])
    return Interaction(rows, columns, means, errors, *shares, crossed)


def _nested_shares(values: np.ndarray, emotions: np.ndarray, levels: np.ndarray) -> tuple[float, float, float]:
    """Shares of the variance that emotion, then the second field, then their interaction explain."""
    total = ((values - values.mean()) ** 2).sum() if values.size else 0.0
    if total <= 0 or len(np.unique(emotions)) < 2 or len(np.unique(levels)) < 2:
        return 0.0, 0.0, 0.0
    one = (emotions[:, None] == np.unique(emotions)).astype(float)
    other = (levels[:, None] == np.unique(levels)).astype(float)
    both = (one[:, :, None] * other[:, None, :]).reshape(len(values), -1)

    def explained(design: np.ndarray) -> float:
        fit = design @ np.linalg.lstsq(design, values, rcond=None)[0]
        return float(((fit - values.mean()) ** 2).sum() / total)

    first, second, third = explained(one), explained(np.hstack([one, other])), explained(both)
    return first, max(0.0, second - first), max(0.0, third - second)


def group_differences(
    matrix: np.ndarray, features: Sequence[Feature], first: np.ndarray, second: np.ndarray, *, most: int = 12
) -> GroupDifferences:
    """The features in which two groups of clips differ most.

    Source: Cohen (1988), d with the pooled standard deviation of both groups.

    Args:
        matrix: shape (n_clips, n_features).
        features: of the columns.
        first: which clips are in the first group, bool, shape (n_clips,).
        second: which are in the second, bool, shape (n_clips,).
        most: how many features are returned.

    Returns:
        `GroupDifferences`.

    Raises:
        DatasetError: a group has fewer than two clips.
    """
    sizes = int(first.sum()), int(second.sum())
    if min(sizes) < 2:
        raise DatasetError(
            f"The groups have {count(sizes[0], 'clip')} and {count(sizes[1], 'clip')}; comparing needs at least two "
            "in each. Draw round more points."
        )
    one, other = (matrix[rows].astype(np.float64) for rows in (first, second))
    pooled = np.sqrt(
        ((sizes[0] - 1) * one.var(axis=0, ddof=1) + (sizes[1] - 1) * other.var(axis=0, ddof=1)) / (sum(sizes) - 2)
    )
    gap = one.mean(axis=0) - other.mean(axis=0)
    varies = pooled > 1e-6 * np.abs(matrix).max(axis=0, initial=0.0)
    d = np.divide(gap, pooled, out=np.zeros_like(gap), where=varies)
    order = np.argsort(-np.abs(d), stable=True)[:most]
    return GroupDifferences(
        tuple(features[i] for i in order), d[order], one.mean(axis=0)[order], other.mean(axis=0)[order]
    )


def _standardised(matrix: np.ndarray) -> np.ndarray:
    """Columns of mean 0 and standard deviation 1 (0 where constant), float64, same shape."""
    centred = matrix.astype(np.float64) - matrix.mean(axis=0, dtype=np.float64)
    spread = np.sqrt((centred**2).mean(axis=0))
    varies = spread > 1e-6 * np.abs(matrix).max(axis=0, initial=0.0)
    return np.divide(centred, spread, out=np.zeros_like(centred), where=varies)
