"""Which clips and features the settings choose, and how much each feature counts."""

import numpy as np

from ser.features.sets import feature_set
from ser.training.settings import TrainingSettings

# These groups of features depend least on the words that are spoken.
_HEAVY_GROUPS = ("pitch", "voice quality")


def chosen_emotions(settings: TrainingSettings, labels: np.ndarray) -> np.ndarray:
    """Which clips have an emotion that the settings tell apart: booleans, shape (n,)."""
    return np.isin(labels, settings.emotions)


def chosen_columns(settings: TrainingSettings) -> np.ndarray:
    """Columns of the feature set that belong to the chosen groups, ascending; all where no group is named."""
    features = feature_set(settings.feature_set).features
    return np.array([i for i, f in enumerate(features) if not settings.groups or f.group in settings.groups])


def group_weights(settings: TrainingSettings) -> np.ndarray:
    """How much each chosen feature counts while learning, float32, shape (n_chosen,), with a mean square of 1.

    The L2 penalty is on the weights, so an input with larger numbers is cheaper to rely on. Features of pitch and voice
    quality are multiplied by `emphasis`, and correlations between descriptors are divided by it.
    """
    features = np.array(feature_set(settings.feature_set).features, dtype=object)[chosen_columns(settings)]
    if not settings.scale:
        return np.ones(features.size, dtype=np.float32)
    exponents = [-1 if each.is_correlation else int(each.group in _HEAVY_GROUPS) for each in features]
    factors = settings.emphasis ** np.array(exponents, dtype=float)
    return (factors / np.sqrt(np.mean(factors**2))).astype(np.float32)
