"""Which clips and features the settings choose, and how much each feature counts."""

import numpy as np

from ser.training.feature_weights import columns_of, weight_exponents
from ser.training.settings import TrainingSettings


def chosen_emotions(settings: TrainingSettings, labels: np.ndarray) -> np.ndarray:
    """Which clips have an emotion that the settings tell apart: booleans, shape (n,)."""
    return np.isin(labels, settings.emotions)


def chosen_columns(settings: TrainingSettings) -> np.ndarray:
    """Columns of the feature set that belong to the chosen groups, ascending; all where no group is named."""
    return columns_of(settings.feature_set, settings.groups)


def group_weights(settings: TrainingSettings) -> np.ndarray:
    """How much each chosen feature counts while learning, float32, shape (n_chosen,), with a mean square of 1.

    The L2 penalty is on the weights, so an input with larger numbers is cheaper to rely on. Features of pitch and voice
    quality are multiplied by `emphasis`, and correlations between descriptors are divided by it.
    """
    exponents = weight_exponents(settings.feature_set, settings.groups)
    if not settings.scale:
        return np.ones(len(exponents), dtype=np.float32)
    factors = settings.emphasis ** np.array(exponents, dtype=float)
    return (factors / np.sqrt(np.mean(factors**2))).astype(np.float32)
