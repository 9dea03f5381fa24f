"""The direction that separates two kinds of clips, held against scikit-learn's logistic regression."""

import numpy as np
import pytest

from ser.model.separation import C, separating_direction


@pytest.fixture(scope="module")
def clips():
    """Clips of two kinds that differ along a few of sixty correlated inputs."""
    rng = np.random.default_rng(0)
    first = rng.random(900) < 0.3
    inputs = rng.normal(size=(900, 60)) @ rng.normal(size=(60, 60)) / 8
    inputs[first, :5] += 1.0
    return inputs.astype(np.float32), first


@pytest.mark.parametrize("known", [slice(None), slice(600), slice(300, None)])
def test_the_direction_is_that_of_scikit_learn(clips, known):
    from sklearn.linear_model import LogisticRegression

    inputs, first = clips
    counted = np.zeros(900, dtype=bool)
    counted[known] = True
    direction = separating_direction(inputs, first, counted)
    reference = LogisticRegression(C=C, class_weight="balanced", max_iter=500, tol=1e-8)
    wanted = reference.fit(inputs[known].astype(np.float64), first[known]).coef_[0]
    assert np.linalg.norm(direction) == pytest.approx(1.0)
    assert direction @ wanted / np.linalg.norm(wanted) > 0.9999


def test_clips_that_do_not_count_change_nothing(clips):
    inputs, first = clips
    counted = np.arange(900) < 600
    changed = inputs.copy()
    changed[~counted] = 100.0
    before, after = (separating_direction(each, first, counted) for each in (inputs, changed))
    assert before @ after > 0.999999
