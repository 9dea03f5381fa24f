"""What the feature table says about itself: which features tell emotions, which tell actors, which go together.

Problem. A feature that differs between emotions is of use only where it does not differ more between speakers: a
model judged on voices it never heard cannot lean on who is speaking. Three views answer that, all on a matrix of
shape (n_clips, n_features) and the clips' labels:

- `separation`: the share of each feature's variance that the emotion explains, beside the share the actor explains;
- `correlate`: which features say the same thing twice;
- `project`: the two directions in which the standardised features vary most (PCA).

Conventions. Rows are clips, columns are features, in the order of the `Feature` records that came with the matrix.
A constant column explains nothing: its effect size and its correlations are 0, never NaN.

Sources: eta squared, Cohen (1973), doi:10.1177/001316447303300111; PCA, Pearson (1901).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.cluster.hierarchy import leaves_list, linkage
from scipy.spatial.distance import squareform

from ser.errors import DatasetError
from ser.features.feature import Feature


@dataclass(frozen=True)
class Separation:
    """How well each feature tells emotions, and actors, apart.

    Attributes:
        features: the features, in the order of the arrays.
        by_emotion: eta² for emotion, 0 to 1, shape (n_features,).
        by_actor: eta² for actor, 0 to 1, shape (n_features,).
        chance_emotion: the eta² that labels drawn at random would reach on average, 0 to 1.
        chance_actor: the same for actors.
    """

    features: tuple[Feature, ...]
    by_emotion: np.ndarray
    by_actor: np.ndarray
    chance_emotion: float
    chance_actor: float

    def best(self, n: int) -> np.ndarray:
        """Columns of the `n` features that tell emotions best, best first, shape (min(n, n_features),)."""
        return np.argsort(-self.by_emotion, kind="stable")[:n]

    def tells_the_actor(self, n: int) -> np.ndarray:
        """Columns of the `n` features that tell the actor most beyond the emotion, shape (min(n, n_features),)."""
        return np.argsort(self.by_emotion - self.by_actor, kind="stable")[:n]


@dataclass(frozen=True)
class Correlations:
    """Pearson correlations between features, ordered so that features that move together stand together.

    Attributes:
        features: the features in the order of rows and columns.
        values: -1 to 1, shape (n_features, n_features), symmetric.
        left_out: how many features were left out because more than `most` were given.
    """

    features: tuple[Feature, ...]
    values: np.ndarray
    left_out: int


@dataclass(frozen=True)
class Projection:
    """Clips on the first two principal components of their standardised features.

    Attributes:
        points: shape (n_clips, 2), in standard units of the features.
        explained: share of the variance on each axis, 0 to 1, shape (2,).
        pulls: for each axis, the names of the features that pull most on it.
    """

    points: np.ndarray
    explained: np.ndarray
    pulls: tuple[tuple[str, ...], tuple[str, ...]]


def eta_squared(matrix: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Share of each column's variance that lies between the groups of `labels` (SS_between / SS_total).

    Source: Cohen (1973), doi:10.1177/001316447303300111.

    Args:
        matrix: one row a clip, shape (n_clips, n_features), any unit.
        labels: the group of each row, shape (n_clips,).

    Returns:
        float64, 0 to 1, shape (n_features,); 0 for a column that is constant.

    Raises:
        DatasetError: fewer than two groups.

    Example:
        >>> eta_squared(np.array([[1.0, 1.0], [1.0, 2.0], [3.0, 1.0], [3.0, 2.0]]), np.array(["a", "a", "b", "b"]))
        array([1., 0.])
    """
    groups, index, counts = np.unique(labels, return_inverse=True, return_counts=True)
    if len(groups) < 2:
        given = f"only “{groups[0]}”" if len(groups) else "no clip at all"
        raise DatasetError(f"The clips hold {given}; comparing groups needs at least two. Widen the filters.")
    centred = matrix.astype(np.float64) - matrix.mean(axis=0, dtype=np.float64)
    means = np.zeros((len(groups), matrix.shape[1]))
    np.add.at(means, index, centred)
    means /= counts[:, None]
    between = (counts[:, None] * means**2).sum(axis=0)
    total = (centred**2).sum(axis=0)
    # Rounding leaves a constant column of float32 a whisper of variance; it must not be divided by.
    varies = total > 1e-12 * (matrix.astype(np.float64) ** 2).sum(axis=0)
    return np.clip(np.divide(between, total, out=np.zeros_like(total), where=varies), 0.0, 1.0)


def separation(matrix: np.ndarray, features: Sequence[Feature], emotions: np.ndarray, actors: np.ndarray) -> Separation:
    """Effect size of emotion and of actor for every feature.

    Args:
        matrix: shape (n_clips, n_features).
        features: of the columns, n_features of them.
        emotions: label of each clip, shape (n_clips,).
        actors: number of each clip's actor, shape (n_clips,).

    Returns:
        `Separation`, its arrays of shape (n_features,).

    Raises:
        DatasetError: the clips hold only one emotion or only one actor, or no more clips than groups.
    """
    n = len(matrix)
    n_emotions, n_actors = len(np.unique(emotions)), len(np.unique(actors))
    if n_emotions < 2 or n_actors < 2:
        raise DatasetError(
            f"These clips hold {_count(n_emotions, 'emotion')} and {_count(n_actors, 'actor')}; comparing what tells "
            "emotions with what tells actors needs at least two of each. Widen the filters."
        )
    if n <= max(n_emotions, n_actors):
        raise DatasetError(
            f"{_count(n, 'clip')} of {_count(n_emotions, 'emotion')} and {_count(n_actors, 'actor')} are too few to "
            "compare: each group needs more than one clip. Widen the filters."
        )
    return Separation(
        tuple(features),
        eta_squared(matrix, emotions),
        eta_squared(matrix, actors),
        (n_emotions - 1) / (n - 1),
        (n_actors - 1) / (n - 1),
    )


def correlate(
    matrix: np.ndarray, features: Sequence[Feature], *, most: int = 40, weight: np.ndarray | None = None
) -> Correlations:
    """Correlations between features, those alike side by side.

    Args:
        matrix: shape (n_clips, n_features).
        features: of the columns.
        most: how many features are kept; a map of more cannot be read.
        weight: which features to keep first where there are more than `most`, highest first, shape (n_features,);
            the first ones if left out.

    Returns:
        `Correlations` of at most `most` features, ordered by average-linkage clustering of 1 - |r|.

    Raises:
        DatasetError: fewer than three clips or fewer than two features.
    """
    if len(matrix) < 3 or matrix.shape[1] < 2:
        raise DatasetError(
            f"{_count(len(matrix), 'clip')} and {_count(matrix.shape[1], 'feature')} give no correlation; at least 3 "
            "clips and 2 features are needed. Widen the filters or choose another group of features."
        )
    order = np.arange(matrix.shape[1]) if weight is None else np.argsort(-weight, kind="stable")
    kept = np.sort(order[:most])
    unit = _standardised(matrix[:, kept])
    values = np.clip(unit.T @ unit / len(unit), -1.0, 1.0)
    np.fill_diagonal(values, 1.0)
    distance = 1.0 - np.abs(values)
    leaves = leaves_list(linkage(squareform(distance, checks=False), "average"))
    chosen = tuple(features[kept[i]] for i in leaves)
    return Correlations(chosen, values[np.ix_(leaves, leaves)], matrix.shape[1] - len(kept))


def project(matrix: np.ndarray, features: Sequence[Feature]) -> Projection:
    """The first two principal components of the standardised features.

    Args:
        matrix: shape (n_clips, n_features).
        features: of the columns.

    Returns:
        `Projection` with points of shape (n_clips, 2). The sign of each axis is fixed so that its strongest feature
        pulls to the positive side: the same clips give the same map every time.

    Raises:
        DatasetError: fewer than three clips or fewer than two features, which span no plane.
    """
    if len(matrix) < 3 or matrix.shape[1] < 2:
        raise DatasetError(
            f"{_count(len(matrix), 'clip')} and {_count(matrix.shape[1], 'feature')} span no map; at least 3 clips and "
            "2 features are needed. Widen the filters or choose another group of features."
        )
    unit = _standardised(matrix)
    # The small side of the matrix decides the cost: a filter often leaves fewer clips than there are features.
    wide = unit.shape[1] > unit.shape[0]
    strengths, vectors = np.linalg.eigh(unit @ unit.T if wide else unit.T @ unit)
    strengths, vectors = np.maximum(strengths[::-1][:2], 0.0), vectors[:, ::-1][:, :2]
    if wide:
        vectors = np.divide(unit.T @ vectors, np.sqrt(strengths), out=np.zeros((unit.shape[1], 2)), where=strengths > 0)
    vectors = vectors * np.where(vectors[np.abs(vectors).argmax(axis=0), [0, 1]] < 0, -1.0, 1.0)
    total = max((unit**2).sum(), np.finfo(float).tiny)
    pulls = tuple(tuple(features[i].name for i in np.argsort(-np.abs(axis), kind="stable")[:3]) for axis in vectors.T)
    return Projection(unit @ vectors, strengths / total, pulls)


def _standardised(matrix: np.ndarray) -> np.ndarray:
    """Columns of mean 0 and standard deviation 1 (0 where constant), float64, same shape."""
    centred = matrix.astype(np.float64) - matrix.mean(axis=0, dtype=np.float64)
    spread = np.sqrt((centred**2).mean(axis=0))
    varies = spread > 1e-6 * np.abs(matrix).max(axis=0, initial=0.0)
    return np.divide(centred, spread, out=np.zeros_like(centred), where=varies)


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}{'' if n == 1 else 's'}"
