"""Targets and weights of the training clips: label smoothing, mixup and balanced emotions.

Label smoothing is from Szegedy et al. (2016), mixup from Zhang et al. (2018, arXiv:1710.09412).
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array


def balanced_weights(groups: np.ndarray) -> np.ndarray:
    """Weight of each clip, so that every group of clips weighs the same and the mean weight is 1."""
    _, group, counts = np.unique(groups, return_inverse=True, return_counts=True)
    return (groups.size / (counts.size * counts))[group].astype(np.float32)


def smoothed(y: np.ndarray, n_labels: int, smoothing: float) -> np.ndarray:
    """Targets, float32, shape (n, n_labels), of which a share is spread evenly over all labels; rows sum to 1.

    >>> smoothed(np.array([1]), 2, 0.2).round(2).tolist()
    [[0.10000000149011612, 0.8999999761581421]]
    """
    targets = np.full((y.size, n_labels), smoothing / n_labels, dtype=np.float32)
    targets[np.arange(y.size), y] += 1 - smoothing
    return targets


@dataclass(frozen=True)
class Blend:
    """Every clip blended with another one (mixup). The larger share of a blend is always the clip's own.

    Attributes:
        own: each clip's own share, float32, shape (n,).
        other: the row of the clip that it is blended with, shape (n,).
    """

    own: np.ndarray
    other: np.ndarray

    @classmethod
    def drawn(cls, n_clips: int, mixup: float, rng: np.random.RandomState) -> "Blend":
        """Draw shares and partners anew. Both parameters of the Beta distribution of the shares are `mixup`."""
        own = rng.beta(mixup, mixup, size=n_clips).astype(np.float32)
        return cls(np.maximum(own, 1 - own), rng.permutation(n_clips))

    def targets(self, targets: np.ndarray, weights: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
        """Targets, shape (n, n_labels), and weights, shape (n,), of all blends, from those of the clips."""
        own = self.own[:, None]
        weighted = targets if weights is None else targets * weights[:, None]
        blended = own * weighted + (1 - own) * weighted[self.other]
        blended_weights = blended.sum(axis=1)
        return blended / blended_weights[:, None], blended_weights

    def inputs(self, X: np.ndarray, rows: np.ndarray, out: np.ndarray) -> None:
        """Write the inputs of some blends, shape (len(rows), n_inputs), given those of all clips."""
        own, pairs = self.own[rows], np.stack([rows, self.other[rows]], axis=1)
        shares = np.stack([own, 1 - own], axis=1)
        # A product with a matrix of two numbers a row reads every input once.
        out[:] = csr_array((shares.ravel(), pairs.ravel(), 2 * np.arange(rows.size + 1)), (rows.size, len(X))) @ X
