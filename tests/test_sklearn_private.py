"""The private part of scikit-learn that the package needs is as it expects it."""

import numpy as np
from sklearn.manifold import TSNE

from ser.sklearn_private import tsne_iterations

X = np.random.default_rng(0).normal(size=(300, 12)).astype(np.float32)
PRIVATE = "ser/sklearn_private.py uses this private part of scikit-learn, and scikit-learn has changed it: "


def test_tsne_reports_its_iterations_and_arranges_as_without():
    done = []
    options = {"perplexity": 10, "max_iter": 300, "init": "pca", "random_state": 0}
    with tsne_iterations(done.append):
        watched = TSNE(**options).fit_transform(X[:60])
    assert done == list(range(1, 301)), PRIVATE + "_t_sne._kl_divergence_bh is called once per iteration"
    np.testing.assert_array_equal(watched, TSNE(**options).fit_transform(X[:60]))
    assert len(done) == 300
