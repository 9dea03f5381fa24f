"""Feature vectors of augmented versions of every clip, stored as one byte per feature."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self

import numpy as np

from ser.features.sets import FeatureSet

# Steps per standard deviation of a feature. Rounding moves a value by 0.07 deviations on average, far less than any
# augmentation does, and it leaves only four bits per value to store.
_STEPS = 4


@dataclass(frozen=True)
class ClipViews:
    """Augmented versions of every clip of a table.

    Only trainings need them, so what comes from a file is read when it is first asked for.

    Attributes:
        feature_set: the set that was extracted. It says which versions there are: first its views, then its augmented
            copies.
        source: the codes, or a function that reads them.
        centre, step: of each scale and feature, float32, shape (n_scales, n_features); a value is
            centre + step · (code - 128). Each corpus has a scale of its own.
        scale: of each clip, int, shape (n_clips,).
    """

    feature_set: FeatureSet
    source: np.ndarray | Callable[[], np.ndarray]
    centre: np.ndarray
    step: np.ndarray
    scale: np.ndarray

    @cached_property
    def codes(self) -> np.ndarray:
        """uint8, shape (n_versions, n_clips, n_features); `DatasetError` if they cannot be read."""
        return self._read()

    def _read(self) -> np.ndarray:
        """The codes, which are not kept if they had to be read."""
        known = vars(self).get("codes", self.source)
        return known if isinstance(known, np.ndarray) else known()

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the codes themselves, as a function that reads them means nothing to another process."""
        return type(self), (self.feature_set, self._read(), self.centre, self.step, self.scale)

    @classmethod
    def of(cls, feature_set: FeatureSet, values: np.ndarray, originals: np.ndarray) -> Self:
        """Round values to bytes.

        `values` have the shape (n_versions, n_clips, n_features). `originals` are the vectors of the clips themselves,
        which set centre and step; values more than 32 deviations from their mean are clipped.
        """
        centre = originals.mean(axis=0, dtype=np.float64).astype(np.float32)
        spread = originals.std(axis=0, dtype=np.float64)
        step = (np.where(spread > 1e-9, spread, 1.0) / _STEPS).astype(np.float32)
        codes = np.clip(np.rint((values - centre) / step) + 128, 0, 255).astype(np.uint8)
        return cls(feature_set, codes, centre[None], step[None], np.zeros(codes.shape[1], dtype=np.intp))

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """The versions of the clips of several tables, one table after the other."""
        first = np.cumsum([0, *(len(part.centre) for part in parts)])
        return cls(
            parts[0].feature_set,
            lambda: np.concatenate([part._read() for part in parts], axis=1),
            np.concatenate([part.centre for part in parts]),
            np.concatenate([part.step for part in parts]),
            np.concatenate([part.scale + start for part, start in zip(parts, first, strict=False)]),
        )

    def select(self, rows: np.ndarray) -> Self:
        """The versions of some clips, given as row numbers in the wanted order."""
        return replace(self, source=lambda: self.codes[:, rows], scale=self.scale[rows])

    def first(self, count: int) -> Self:
        """The versions of the first clips, which share the memory of these."""
        return replace(self, source=lambda: self.codes[:, :count], scale=self.scale[:count])

    def values(self, versions: slice, rows: np.ndarray) -> np.ndarray:
        """Some versions of some clips, float32, shape (n_versions, n_rows, n_features)."""
        scale = self.scale[rows]
        return self.centre[scale] + self.step[scale] * (self.codes[versions][:, rows].astype(np.float32) - 128)
