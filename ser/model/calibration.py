"""Calibration: how far to trust the probabilities of a model, learnt from clips that it was not trained on.

Sources: temperature scaling, Guo et al. 2017; the prediction set is split conformal with the score 1 - p(actual)
(Sadinle et al. 2019); abstention by isotonic regression of being right on confidence.
"""

import numpy as np
from scipy.special import log_softmax, softmax

from ser.model.emotion_model import Calibration

COVERAGE = 0.9


def calibrate(probabilities: np.ndarray, actual: np.ndarray) -> Calibration:
    """Learn how far to trust a model from clips that it was not trained on.

    These clips come from other actors, except where the protocol of the training has the same voices on both sides.

    Args:
        probabilities: of the model without calibration, shape (n, n_labels), rows sum to 1.
        actual: column of the actual emotion, shape (n,).

    Returns:
        The temperature with the lowest log-loss (0.2 to 5), the threshold with which the prediction sets of `COVERAGE`
        of such clips hold the actual emotion, and the confidence below which answers were wrong more often than right.
    """
    from scipy.optimize import minimize_scalar
    from sklearn.isotonic import IsotonicRegression

    scores = np.log(np.maximum(probabilities, 1e-12))
    rows = np.arange(actual.size)

    def loss(log_temperature: float) -> float:
        return float(-log_softmax(scores / np.exp(log_temperature), axis=1)[rows, actual].mean())

    temperature = float(np.exp(minimize_scalar(loss, bounds=(np.log(0.2), np.log(5.0)), method="bounded").x))
    temperature_scaled = softmax(scores / temperature, axis=1)
    # The conformal quantile with its finite-sample correction, counted from the lowest probability.
    # Rounded, as 200 * (1 - 0.9) is a little below 20.
    rank = int(np.floor(round((actual.size + 1) * (1 - COVERAGE), 9)))
    threshold = float(np.sort(temperature_scaled[rows, actual])[rank - 1]) if rank >= 1 else 0.0
    confidence = temperature_scaled.max(axis=1)
    right = (temperature_scaled.argmax(axis=1) == actual).astype(float)
    believed = IsotonicRegression(y_min=0.0, y_max=1.0).fit(confidence, right).predict(confidence)
    doubtful = confidence[believed < 0.5]
    return Calibration(temperature, threshold, float(doubtful.max()) if doubtful.size else 0.0)
