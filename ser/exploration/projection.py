"""Maps of clips: many features drawn on two or three axes.

There are four methods, each on standardised features:

- PCA: the directions in which the clips vary most, for whatever reason (Pearson 1901);
- LDA: the directions that separate the labels most (Fisher 1936). On the clips that it was fitted on, it separates even
  where there is nothing to find, so it is fitted on some speakers and shown on others;
- t-SNE: neighbours stay neighbours, distances between islands mean nothing (van der Maaten & Hinton 2008);
- UMAP: the same aim by another way, keeping more of the whole (McInnes, Healy & Melville 2018).

The last two start from the first 50 principal components, take seconds, and run in a process of their own
(`ser.exploration.worker`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ser.errors import DatasetError, SerError
from ser.exploration import worker
from ser.exploration.worker import ProjectionReport
from ser.features.feature import Feature
from ser.steps import Steps
from ser.text import percent

METHODS = {"lda": "LDA", "pca": "PCA", **worker.SLOW_METHODS}
"""Name of each method as papers write it."""
SLOW = frozenset(worker.SLOW_METHODS)
"""Methods that take seconds."""
FIT_SHARE = 2 / 3
"""Share of the speakers that LDA is fitted on where there are several."""

_COMPONENTS = 50
_FEWEST = 4


@dataclass(frozen=True)
class Projection:
    """Clips on two or three axes.

    Attributes:
        method: out of `METHODS`.
        points: shape (n_clips, 2 or 3).
        axes: title of each axis.
        pulls: for PCA and LDA, the names of the features with the largest weights on each axis; empty for the others.
        fitted: for LDA, which clips it was fitted on, shape (n_clips,); else None.
    """

    method: str
    points: np.ndarray
    axes: tuple[str, ...]
    pulls: tuple[tuple[str, ...], ...] = ()
    fitted: np.ndarray | None = None


def project(
    matrix: np.ndarray,
    features: Sequence[Feature],
    method: str = "pca",
    dimensions: int = 2,
    *,
    labels: np.ndarray | None = None,
    speakers: np.ndarray | None = None,
    seed: int = 0,
) -> Steps[ProjectionReport, Projection | None]:
    """Arrange clips on a map.

    Args:
        matrix: shape (n_clips, n_features).
        features: of the columns.
        method: out of `METHODS`.
        dimensions: 2 or 3.
        labels: what LDA separates, shape (n_clips,); only LDA needs it.
        speakers: of each clip, shape (n_clips,); LDA is then fitted on some speakers only.
        seed: of the speakers that LDA is fitted on, and of t-SNE and UMAP.

    Yields:
        `ProjectionReport`s, from the slow methods only. A `Command` may stop it there.

    Returns:
        `Projection`: the same for the same input and seed; None if stopped.

    Raises:
        DatasetError: too few clips, features or labels for a map.
        SerError: no such method, or the process that arranges the clips broke off.
    """
    if method not in METHODS:
        raise SerError(f"There is no map {method!r}; there are {', '.join(METHODS)}. Choose one of them.")
    if len(matrix) < _FEWEST or matrix.shape[1] < dimensions:
        raise DatasetError(
            f"A map of {dimensions} dimensions needs at least {_FEWEST} clips and {dimensions} features, and these are "
            f"{len(matrix):,} and {matrix.shape[1]:,}. Widen the filters or choose another group."
        )
    # Scaled and centred in float64: a feature in Hz and one from 0 to 1 then count the same.
    unit = _standardised(matrix)
    if method == "lda":
        return _lda(unit, features, dimensions, labels, speakers, seed)
    if method == "pca":
        return _pca(unit, features, dimensions)
    points = yield from worker.arrange(_reduced(unit), method, dimensions, seed)
    if points is None:
        return None
    return Projection(method, points, tuple(f"{METHODS[method]} {i}" for i in range(1, dimensions + 1)))


def _standardised(matrix: np.ndarray) -> np.ndarray:
    """Columns of mean 0 and standard deviation 1 (0 where constant), float64."""
    from sklearn.preprocessing import StandardScaler

    return StandardScaler().fit_transform(matrix.astype(np.float64))


def _reduced(unit: np.ndarray) -> np.ndarray:
    from sklearn.decomposition import PCA

    components = min(_COMPONENTS, *unit.shape)
    return PCA(components, svd_solver="full").fit_transform(unit).astype(np.float32)


def _pca(unit: np.ndarray, features: Sequence[Feature], dimensions: int) -> Projection:
    from sklearn.decomposition import PCA

    with np.errstate(invalid="ignore"):  # where nothing varies, PCA divides by a variance of 0
        pca = PCA(dimensions, svd_solver="full").fit(unit)
    # Signs are arbitrary: each axis points where its strongest feature rises.
    strongest = np.abs(pca.components_).argmax(axis=1)
    signs = np.where(pca.components_[np.arange(dimensions), strongest] < 0, -1.0, 1.0)
    total = max(unit.var(axis=0).sum(), np.finfo(float).tiny)
    titles = tuple(
        f"Axis {i} ({percent(share)} of how clips differ)"
        for i, share in enumerate(pca.explained_variance_ * (len(unit) - 1) / len(unit) / total, start=1)
    )
    return Projection("pca", pca.transform(unit) * signs, titles, _pulls(pca.components_, features))


def _lda(
    unit: np.ndarray,
    features: Sequence[Feature],
    dimensions: int,
    labels: np.ndarray | None,
    speakers: np.ndarray | None,
    seed: int,
) -> Projection:
    from sklearn.decomposition import PCA
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    n_labels = 0 if labels is None else len(np.unique(labels))
    if labels is None or n_labels <= dimensions:
        raise DatasetError(
            f"LDA draws {dimensions} axes that separate labels, which takes at least {dimensions + 1} labels; these "
            f"clips have {n_labels}. Choose other labels, wider filters or another map."
        )
    fitted = _fitting_clips(labels, speakers, seed)
    # Fewer components than clips a label: with as many features as clips or more, any labels at all could be separated.
    components = int(max(dimensions, min(_COMPONENTS, fitted.sum() // (2 * n_labels), unit.shape[1])))
    pca = PCA(components, whiten=True, svd_solver="full").fit(unit[fitted])
    lda = LinearDiscriminantAnalysis().fit(pca.transform(unit[fitted]), labels[fitted])
    points = lda.transform(pca.transform(unit))[:, :dimensions]
    weights = (lda.scalings_[:, :dimensions].T / np.sqrt(pca.explained_variance_)) @ pca.components_
    shares = lda.explained_variance_ratio_[:dimensions]
    titles = tuple(f"Axis {i} ({percent(share)} of what parts the groups)" for i, share in enumerate(shares, start=1))
    return Projection("lda", points, titles, _pulls(weights, features), fitted)


def _fitting_clips(labels: np.ndarray, speakers: np.ndarray | None, seed: int) -> np.ndarray:
    """Which clips LDA is fitted on: two thirds of the speakers, or all where too few clips or labels would be left."""
    everyone = np.ones(len(labels), dtype=bool)
    if speakers is None or len(present := np.unique(speakers)) < 3:
        return everyone
    drawn = np.random.default_rng(seed).permutation(present)[: round(FIT_SHARE * len(present))]
    fitted = np.isin(speakers, drawn)
    enough = set(labels[fitted]) == set(labels) and fitted.sum() > 2 * len(set(labels))
    return fitted if enough else everyone


def _pulls(weights: np.ndarray, features: Sequence[Feature]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(features[i].name for i in np.argsort(-np.abs(axis), stable=True)[:3]) for axis in weights)
