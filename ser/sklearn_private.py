"""The private part of scikit-learn that this package needs: the progress of t-SNE. No other module touches one.

tests/test_sklearn_private.py checks that `_t_sne._kl_divergence_bh` is as expected.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np


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
