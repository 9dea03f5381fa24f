"""The private parts of scikit-learn that the package needs are as it expects them."""

import inspect

import numpy as np
import pytest
from sklearn.manifold import TSNE
from sklearn.neural_network import MLPClassifier

from ser.sklearn_private import tsne_iterations

X = np.random.default_rng(0).normal(size=(300, 12)).astype(np.float32)
PRIVATE = "ser/sklearn_private.py uses this private part of scikit-learn, and scikit-learn has changed it: "


@pytest.mark.parametrize(
    ("method", "parameters"),
    [
        ("_fit", ["self", "X", "y", "sample_weight", "incremental"]),
        ("_validate_input", ["self", "X", "y", "incremental", "reset"]),
    ],
)
def test_the_private_methods_of_scikit_learn_are_as_expected(method, parameters):
    there = getattr(MLPClassifier, method, None)
    assert there is not None, PRIVATE + method
    assert list(inspect.signature(there).parameters) == parameters, PRIVATE + method


@pytest.mark.parametrize(("solver", "rate"), [("adam", "learning_rate_init"), ("sgd", "learning_rate")])
def test_the_private_attributes_of_scikit_learn_are_as_expected(solver, rate):
    y = np.arange(300) % 3
    classifier = MLPClassifier((4,), solver=solver, learning_rate_init=0.01, random_state=0)
    assert not hasattr(classifier, "_optimizer"), PRIVATE + "_optimizer is made in the first epoch"
    classifier.partial_fit(X, y, classes=np.arange(3))
    optimizer = getattr(classifier, "_optimizer", None)
    assert getattr(optimizer, rate, None) == pytest.approx(0.01, rel=0.7), PRIVATE + f"_optimizer.{rate}"
    assert optimizer.learning_rate_init == 0.01, PRIVATE + "_optimizer.learning_rate_init"
    assert classifier._label_binarizer.classes_.tolist() == [0, 1, 2], PRIVATE + "_label_binarizer"
    # A changed rate decides the next step: with a rate of 0 the weights stay.
    before = [each.copy() for each in classifier.coefs_]
    optimizer.learning_rate_init = optimizer.learning_rate = 0.0
    if solver == "sgd":
        optimizer.momentum = 0.0
    classifier.partial_fit(X, y)
    for old, new in zip(before, classifier.coefs_, strict=True):
        np.testing.assert_array_equal(old, new, PRIVATE + "_optimizer decides the step")


def test_tsne_reports_its_iterations_and_arranges_as_without():
    done = []
    options = {"perplexity": 10, "max_iter": 300, "init": "pca", "random_state": 0}
    with tsne_iterations(done.append):
        watched = TSNE(**options).fit_transform(X[:60])
    assert done == list(range(1, 301)), PRIVATE + "_t_sne._kl_divergence_bh is called once per iteration"
    np.testing.assert_array_equal(watched, TSNE(**options).fit_transform(X[:60]))
    assert len(done) == 300
