"""How much single features count while learning."""

import numpy as np

from ser.features.sets import feature_set

# These groups of features depend least on the words that are spoken.
_HEAVY_GROUPS = ("pitch", "voice quality")


def columns_of(name: str, groups: tuple[str, ...]) -> np.ndarray:
    """Columns of a feature set that belong to these groups, ascending; all where no group is named."""
    return np.array([i for i, f in enumerate(feature_set(name).features) if not groups or f.group in groups])


def weight_exponents(name: str, groups: tuple[str, ...]) -> list[int]:
    """For each such feature, the power of `emphasis` that it is multiplied by.

    It is 1 for pitch and voice quality, -1 for correlations between descriptors and 0 for the others.
    """
    features = [feature_set(name).features[column] for column in columns_of(name, groups)]
    return [-1 if each.is_correlation else int(each.group in _HEAVY_GROUPS) for each in features]
