"""Neighbours: how much structure a map shows, and which clips a new clip is near."""

import numpy as np

NEIGHBOURS = 10
"""Nearest points that are looked at to judge a map."""
NEAREST = 5
"""Nearest clips among which a new clip is placed."""


def neighbour_agreement(points: np.ndarray, labels: np.ndarray, shown: np.ndarray | None = None) -> tuple[float, float]:
    """Share of each point's ten nearest points that have its label, and the share that chance would give.

    `points` has the shape (n, dimensions), `labels` (n,). Only points in `shown`, bool of shape (n,), count.
    """
    if shown is not None:
        points, labels = points[shown], labels[shown]
    count = min(NEIGHBOURS, len(points) - 1)
    if count < 1:
        return 0.0, 0.0
    distances = _distances(points.astype(np.float64), points.astype(np.float64))
    np.fill_diagonal(distances, np.inf)
    near = np.argpartition(distances, count - 1, axis=1)[:, :count]
    shares = np.unique(labels, return_counts=True)[1]
    by_chance = float((shares * (shares - 1)).sum() / (len(labels) * (len(labels) - 1)))
    return float((labels[near] == labels[:, None]).mean()), by_chance


def nearest_rows(vector: np.ndarray, matrix: np.ndarray, count: int = NEAREST) -> np.ndarray:
    """Rows of the clips whose features are most like a clip's, the nearest first, at most `count`.

    Each column of `matrix`, (n_clips, n_features), counts in its standard deviations, and no further than five.
    """
    values = matrix.astype(np.float64)
    spread = values.std(axis=0)
    spread[spread == 0] = np.inf
    middle = values.mean(axis=0)
    others, new = ((np.clip((each - middle) / spread, -5, 5)) for each in (values, vector[None].astype(np.float64)))
    return np.argsort(_distances(new, others)[0], stable=True)[:count]


def _distances(rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Squared distance of each row of one matrix to each row of the other."""
    squares = (rows**2).sum(axis=1)[:, None] + (columns**2).sum(axis=1)[None]
    return squares - 2 * rows @ columns.T
