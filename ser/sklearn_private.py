"""The private parts of scikit-learn that this package needs, behind a few methods. No other module touches them.

They are needed for three things that scikit-learn does not offer: targets that are probabilities (mixup, label
smoothing), a learning rate that changes between two epochs, and the progress of t-SNE.
tests/test_sklearn_private.py checks that they are as expected: `_fit`, `_validate_input`, `_label_binarizer` and
`_optimizer` of `MLPClassifier`, and `_t_sne._kl_divergence_bh`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import LabelBinarizer


class SoftTargetClassifier(MLPClassifier):
    """An `MLPClassifier` whose `learn` takes targets that are rows of probabilities.

    The log-loss is defined for such targets as for labels, and so is scikit-learn's backpropagation. Only its check of
    the input insists on labels.
    """

    def _validate_input(
        self, X: np.ndarray, y: np.ndarray, incremental: bool, reset: bool
    ) -> tuple[np.ndarray, np.ndarray]:
        if y.ndim == 2 and y.dtype.kind == "f" and hasattr(self, "classes_"):
            return X, y
        return super()._validate_input(X, y, incremental, reset)

    def learn(self, X: np.ndarray, targets: np.ndarray, weights: np.ndarray | None = None) -> None:
        """One pass over clips with targets of shape (n, n_labels), float32, whose rows sum to 1."""
        if not hasattr(self, "classes_"):
            self._label_binarizer = LabelBinarizer().fit(np.arange(targets.shape[1]))
            self.classes_ = self._label_binarizer.classes_
            self.n_features_in_ = X.shape[1]
        # scikit-learn has one output for two labels: the probability of the second.
        self._fit(X, targets[:, 1:] if targets.shape[1] == 2 else targets, sample_weight=weights, incremental=True)

    @property
    def step_size(self) -> float:
        """The size of the next step of sgd or adam, without adam's own correction of its first steps."""
        return float(self._optimizer.learning_rate if self.solver == "sgd" else self._optimizer.learning_rate_init)

    def set_step_size(self, rate: float) -> None:
        """Go on with another step size, and with all that the optimiser remembers."""
        self.learning_rate_init = rate
        # The optimiser is made in the first epoch, with `learning_rate_init`.
        if hasattr(self, "_optimizer"):
            self._optimizer.learning_rate_init = self._optimizer.learning_rate = rate


@contextmanager
def tsne_iterations(report: Callable[[int], None]) -> Iterator[None]:
    """Report the number of iterations that t-SNE has done, after each of them, while this context lasts."""
    from sklearn.manifold import _t_sne

    # scikit-learn has callbacks since 1.9, but not yet for t-SNE, which calls its objective once per iteration.
    objective, done = _t_sne._kl_divergence_bh, 0

    def counted(*args: object, **options: object) -> tuple[float, np.ndarray]:
        nonlocal done
        done += 1
        report(done)
        return objective(*args, **options)

    _t_sne._kl_divergence_bh = counted
    try:
        yield
    finally:
        _t_sne._kl_divergence_bh = objective
