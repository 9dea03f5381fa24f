"""scikit-learn's `MLPClassifier`, able to learn from shares of emotions instead of one emotion a clip.

Mixup (Zhang et al. 2018, arXiv:1710.09412) blends two clips and their labels; label smoothing (Szegedy et al. 2016)
keeps a little of every target for the other labels. Both need targets that are probabilities. The log-loss is defined
for them as it is for labels, and so is scikit-learn's backpropagation; only its check of the input insists on labels.
"""

import numpy as np
from sklearn.neural_network import MLPClassifier

_ROWS = 64


class SoftTargetClassifier(MLPClassifier):
    """An `MLPClassifier` whose `learn` takes targets that are rows of probabilities."""

    def _validate_input(self, X, y, incremental, reset):
        if y.ndim == 2 and y.dtype.kind == "f" and hasattr(self, "classes_"):
            return X, y
        return super()._validate_input(X, y, incremental, reset)

    def learn(self, X: np.ndarray, targets: np.ndarray, weights: np.ndarray | None = None) -> None:
        """One pass over the clips.

        Args:
            X: scaled features, float32, shape (n, n_features).
            targets: probability of each label, float32, shape (n, n_labels), rows sum to 1.
            weights: of each clip, shape (n,); all alike if left out.
        """
        if not hasattr(self, "classes_"):
            # The classifier learns what its labels are from one look at each; this also draws the first weights.
            self._label_binarizer = _binarizer(targets.shape[1])
            self.classes_ = self._label_binarizer.classes_
            self.n_features_in_ = X.shape[1]
        # scikit-learn has one output for two labels: the probability of the second.
        self._fit(X, targets[:, 1:] if targets.shape[1] == 2 else targets, sample_weight=weights, incremental=True)


def _binarizer(n_labels: int):
    from sklearn.preprocessing import LabelBinarizer

    return LabelBinarizer().fit(np.arange(n_labels))


def smoothed(y: np.ndarray, n_labels: int, smoothing: float) -> np.ndarray:
    """Targets that keep a little for the other labels.

    Args:
        y: label numbers, shape (n,).
        n_labels: how many labels there are.
        smoothing: share of each target that is spread evenly over all labels, 0 to 1.

    Returns:
        float32, shape (n, n_labels), rows sum to 1.

    Example:
        >>> smoothed(np.array([1]), 2, 0.2).round(2).tolist()
        [[0.10000000149011612, 0.8999999761581421]]
    """
    targets = np.full((y.size, n_labels), smoothing / n_labels, dtype=np.float32)
    targets[np.arange(y.size), y] += 1 - smoothing
    return targets


def mixed(
    X: np.ndarray, targets: np.ndarray, weights: np.ndarray, mixup: float, rng: np.random.RandomState
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Every clip blended with another one, drawn anew at each call.

    Args:
        X: scaled features, float32, shape (n, n_features).
        targets: shape (n, n_labels), rows sum to 1.
        weights: of each clip, shape (n,).
        mixup: both parameters of the Beta distribution that the share of the other clip comes from; the larger share
            is always the clip's own.
        rng: who draws.

    Returns:
        Features, targets and weights of the blends, in the shapes given.
    """
    own = rng.beta(mixup, mixup, size=len(X)).astype(np.float32)
    own = np.maximum(own, 1 - own)[:, None]
    other = rng.permutation(len(X))
    weighted = own * targets * weights[:, None] + (1 - own) * targets[other] * weights[other, None]
    blended_weights = weighted.sum(axis=1)
    # A few rows at a time: fresh memory for whole matrices took as long as the arithmetic.
    blended = X[other]
    for start in range(0, len(X), _ROWS):
        part = slice(start, start + _ROWS)
        blended[part] *= 1 - own[part]
        blended[part] += own[part] * X[part]
    return blended, weighted / blended_weights[:, None], blended_weights
