"""Calibration against the libraries that do the same: scikit-learn's temperature scaling and MAPIE's conformal sets."""

import numpy as np
import pytest
from mapie.classification import SplitConformalClassifier
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator

from ser.metrics import expected_calibration_error
from ser.model.calibration import COVERAGE, calibrate
from ser.model.emotion_model import Calibration

N_LABELS = 5


class Given(ClassifierMixin, BaseEstimator):
    """A classifier whose answer to a row of probabilities is that row."""

    def __init__(self):
        self.classes_ = np.arange(N_LABELS)

    def fit(self, X, y):
        return self

    def predict_proba(self, X):
        return np.asarray(X)

    def decision_function(self, X):
        return np.log(np.asarray(X))

    def predict(self, X):
        return np.asarray(X).argmax(axis=1)

    def __sklearn_is_fitted__(self):
        return True


def answers(n: int, seed: int, sure: float = 2.0) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities and actual labels; `sure` above 1 makes the probabilities too extreme."""
    rng = np.random.default_rng(seed)
    honest = rng.dirichlet(np.full(N_LABELS, 0.6), size=n)
    actual = np.array([rng.choice(N_LABELS, p=row) for row in honest])
    sharp = np.maximum(honest, 1e-9) ** sure
    return sharp / sharp.sum(axis=1, keepdims=True), actual


@pytest.mark.parametrize("sure", [0.5, 1.0, 2.5])
def test_the_temperature_is_that_of_scikit_learn(sure):
    probabilities, actual = answers(800, seed=0, sure=sure)
    judge = CalibratedClassifierCV(FrozenEstimator(Given()), method="temperature", ensemble=False)
    judge.fit(probabilities, actual)
    ours = calibrate(probabilities, actual).temperature_scaled(probabilities)
    np.testing.assert_allclose(ours, judge.predict_proba(probabilities), atol=2e-3)


@pytest.mark.parametrize("n", [30, 199, 1000])
def test_prediction_sets_are_those_of_mapie(n):
    probabilities, actual = answers(n, seed=n)
    new, _ = answers(200, seed=1)
    found = calibrate(probabilities, actual)
    scaled = found.temperature_scaled(probabilities)
    judge = SplitConformalClassifier(Given(), confidence_level=COVERAGE, conformity_score="lac", prefit=True)
    judge.conformalize(scaled, actual)
    _, sets = judge.predict_set(found.temperature_scaled(new))
    assert np.array_equal(found.temperature_scaled(new) >= found.set_threshold, sets[:, :, 0])


def test_prediction_sets_hold_new_labels_as_often_as_promised():
    found = calibrate(*answers(2000, seed=2))
    new, actual = answers(4000, seed=3)
    held = found.temperature_scaled(new)[np.arange(actual.size), actual] >= found.set_threshold
    assert held.mean() == pytest.approx(COVERAGE, abs=0.02)


def test_too_few_clips_put_every_emotion_in_the_set():
    assert calibrate(*answers(8, seed=4)).set_threshold == 0.0


def test_answers_below_the_refusal_are_wrong_more_often_than_right():
    probabilities, actual = answers(3000, seed=5)
    found = calibrate(probabilities, actual)
    scaled = found.temperature_scaled(probabilities)
    right = scaled.argmax(axis=1) == actual
    refused = scaled.max(axis=1) < found.abstain_below
    assert 0 < refused.mean() < 1 and right[refused].mean() < 0.5 < right[~refused].mean()


def test_without_calibration_probabilities_stay_as_they_are():
    probabilities, _ = answers(5, seed=6)
    assert np.array_equal(Calibration().temperature_scaled(probabilities), probabilities)


def test_overconfident_probabilities_are_tempered():
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(4000, 4))
    truth = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    actual = (truth.cumsum(axis=1) > rng.random((4000, 1))).argmax(axis=1)
    overconfident = truth**3 / (truth**3).sum(axis=1, keepdims=True)
    found = calibrate(overconfident, actual)
    assert found.temperature == pytest.approx(3, rel=0.1)
    temperature_scaled = overconfident ** (1 / found.temperature)
    temperature_scaled /= temperature_scaled.sum(axis=1, keepdims=True)
    right = temperature_scaled.argmax(axis=1) == actual
    assert expected_calibration_error(temperature_scaled.max(axis=1), right) < 0.02
    held = temperature_scaled[np.arange(actual.size), actual] >= found.set_threshold
    assert held.mean() == pytest.approx(0.9, abs=0.005)
    doubted = temperature_scaled.max(axis=1) < found.abstain_below
    assert right[doubted].mean() < 0.5 < right[~doubted].mean()
