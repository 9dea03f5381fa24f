"""Targets and weights of the training clips: label smoothing, mixup and balanced emotions.

Label smoothing is from Szegedy et al. (2016), mixup from Zhang et al. (2018, arXiv:1710.09412).
"""

import numpy as np

_ROWS = 64


def class_weights(y: np.ndarray, n_labels: int) -> np.ndarray:
    """Weight of each clip, so that every emotion weighs the same and the mean weight is 1."""
    counts = np.bincount(y, minlength=n_labels)
    return (y.size / (n_labels * counts))[y].astype(np.float32)


def smoothed(y: np.ndarray, n_labels: int, smoothing: float) -> np.ndarray:
    """Targets, float32, shape (n, n_labels), of which a share is spread evenly over all labels; rows sum to 1.

    >>> smoothed(np.array([1]), 2, 0.2).round(2).tolist()
    [[0.10000000149011612, 0.8999999761581421]]
    """
    targets = np.full((y.size, n_labels), smoothing / n_labels, dtype=np.float32)
    targets[np.arange(y.size), y] += 1 - smoothing
    return targets


def mixed(
    X: np.ndarray, targets: np.ndarray, weights: np.ndarray, mixup: float, rng: np.random.RandomState
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features, targets and weights of every clip blended with another one, drawn anew at each call.

    Both parameters of the Beta distribution are `mixup`. The larger share of a blend is always the clip's own.
    """
    own = rng.beta(mixup, mixup, size=len(X)).astype(np.float32)
    own = np.maximum(own, 1 - own)[:, None]
    other = rng.permutation(len(X))
    weighted = own * targets * weights[:, None] + (1 - own) * targets[other] * weights[other, None]
    blended_weights = weighted.sum(axis=1)
    # A few rows at a time: fresh memory for whole matrices takes as long as the arithmetic.
    blended = X[other]
    for start in range(0, len(X), _ROWS):
        part = slice(start, start + _ROWS)
        blended[part] *= 1 - own[part]
        blended[part] += own[part] * X[part]
    return blended, weighted / blended_weights[:, None], blended_weights
