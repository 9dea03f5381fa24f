"""The named feature sets: names, units and groups of a model's inputs, and how they are computed."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from ser.audio.augmentation import VIEWS
from ser.audio.waveform import Waveform, at_target_level
from ser.errors import SerError
from ser.features import notebook, standard
from ser.features.feature import GROUPS, Feature


@dataclass(frozen=True)
class FeatureSet:
    """A fixed list of features and the audio they are computed from.

    Attributes:
        name: what models, tables and settings call it.
        rate: sampling rate in Hz that `extract` wants.
        levelled: whether `extract` wants audio brought to one loudness (`ser.audio.decode(levelled=...)`).
        features: name, unit and group of each feature, in the vector's order.
        compute: waveform → vector of `len(features)` numbers.
        views: names out of `ser.audio.augmentation.VIEWS`: how a clip may be augmented at test time.
        augmented_copies: how many augmented copies of each clip the feature table holds to learn from.
    """

    name: str
    rate: int
    levelled: bool
    features: tuple[Feature, ...]
    compute: Callable[[Waveform], np.ndarray]
    views: tuple[str, ...] = ()
    augmented_copies: int = 0

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Feature names, in the vector's order."""
        return tuple(feature.name for feature in self.features)

    @cached_property
    def powers(self) -> np.ndarray:
        """Which features are powers, booleans in the vector's order."""
        return np.array([feature.is_power for feature in self.features])

    @property
    def n_views(self) -> int:
        """Number of versions of a clip that test-time augmentation averages over, the clip itself included."""
        return 1 + len(self.views)

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """The groups that have features in this set, in the order of `GROUPS`."""
        present = {feature.group for feature in self.features}
        return tuple(group for group in GROUPS if group in present)

    def prepared(self, waveform: Waveform) -> Waveform:
        """A clip, or a stretch of one, as `extract` wants it: levelled if `levelled` says so."""
        if not self.levelled:
            return waveform
        return replace(waveform, samples=at_target_level(waveform.samples, waveform.rate))

    def extract(self, waveform: Waveform) -> np.ndarray:
        """Features of a prepared clip, float32, shape (len(features),), finite; `SerError` if it has another rate."""
        if waveform.rate != self.rate:
            raise SerError(
                f"The waveform is at {waveform.rate} Hz; the feature set {self.name!r} needs {self.rate} Hz. "
                f"Decode the clip with rate={self.rate}."
            )
        return self.compute(waveform).astype(np.float32)


FEATURE_SETS: dict[str, FeatureSet] = {
    "standard": FeatureSet(
        "standard",
        standard.RATE,
        True,
        standard.FEATURES,
        standard.compute,
        views=tuple(VIEWS),
        augmented_copies=4,
    ),
    "notebook": FeatureSet("notebook", notebook.RATE, False, notebook.FEATURES, notebook.compute),
}

AUGMENTED_SET = next(each for each in FEATURE_SETS.values() if each.views)
"""The one set of which the feature table holds augmented versions."""


def feature_set(name: str) -> FeatureSet:
    """The feature set of a name.

    Args:
        name: "standard" or "notebook".

    Returns:
        The `FeatureSet`.

    Raises:
        SerError: no such set.

    Examples:
        >>> len(feature_set("notebook").features)
        180
    """
    if name not in FEATURE_SETS:
        raise SerError(f"There is no feature set {name!r}; there are {' and '.join(FEATURE_SETS)}. Choose one of them.")
    return FEATURE_SETS[name]
