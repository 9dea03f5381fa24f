"""The feature table: a data set's clips as numbers, so that exploring and training need no audio."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ser.data.clip_views import ClipViews
from ser.data.data_sets import OWN
from ser.errors import DatasetError
from ser.features.feature import Feature
from ser.features.sets import FEATURE_SETS


@dataclass(frozen=True)
class FeatureTable:
    """Clips and their features.

    Attributes:
        clips: one row per clip: the fields of `ser.data.clip.Clip` and of `ser.audio.recording.Recording`.
        matrices: feature set → float32, shape (n_clips, n_features), rows as in `clips`.
        contours: name out of `ser.features.contours.CONTOURS` → float16, shape (n_clips, POINTS); empty in a table
            written before there were contours.
        clip_views: augmented versions of every clip; None where there are none, as for a visitor's own clips.
    """

    clips: pd.DataFrame
    matrices: dict[str, np.ndarray]
    contours: dict[str, np.ndarray] = field(default_factory=dict)
    clip_views: ClipViews | None = None

    def __len__(self) -> int:
        """Return the number of clips."""
        return len(self.clips)

    @property
    def sets(self) -> tuple[str, ...]:
        """Names of the feature sets that the table holds."""
        return tuple(self.matrices)

    @property
    def labels(self) -> np.ndarray:
        """Emotion of each clip, shape (n_clips,), strings."""
        return self.clips["emotion"].to_numpy(dtype=str)

    @property
    def actors(self) -> np.ndarray:
        """Actor of each clip, shape (n_clips,), integers."""
        return self.clips["actor"].to_numpy()

    @property
    def corpora(self) -> np.ndarray:
        """Data set of each clip, a key of `DATA_SETS` or `OWN` (`ser.data.data_sets`), shape (n_clips,), strings."""
        if "corpus" not in self.clips:
            return np.full(len(self), OWN)
        return self.clips["corpus"].to_numpy(dtype=str)

    def matrix(self, feature_set: str) -> np.ndarray:
        """Features of all clips, float32, shape (n_clips, n_features); `DatasetError` if the table lacks the set."""
        if feature_set not in self.matrices:
            raise DatasetError(
                f"The feature table has no set {feature_set!r}; it has {', '.join(self.sets)}. Choose one of them."
            )
        return self.matrices[feature_set]

    def features(self, feature_set: str) -> tuple[Feature, ...]:
        """Name, unit and group of each column of `matrix`."""
        self.matrix(feature_set)
        return FEATURE_SETS[feature_set].features

    def select(self, rows: np.ndarray) -> "FeatureTable":
        """The table of some clips, given as booleans of shape (n_clips,) or as row numbers in the wanted order."""
        rows = np.asarray(rows)
        if rows.dtype == bool:
            rows = np.flatnonzero(rows)
        clips = self.clips.iloc[rows].reset_index(drop=True)
        matrices, lines = ({name: each[rows] for name, each in part.items()} for part in (self.matrices, self.contours))
        return FeatureTable(clips, matrices, lines, self.clip_views and self.clip_views.select(rows))

    def first(self, count: int) -> "FeatureTable":
        """The table of the first clips, which shares the memory of this one."""
        matrices, lines = (
            {name: each[:count] for name, each in part.items()} for part in (self.matrices, self.contours)
        )
        return FeatureTable(self.clips.iloc[:count], matrices, lines, self.clip_views and self.clip_views.first(count))

    def views(self, feature_set: str, rows: np.ndarray, names: tuple[str, ...]) -> np.ndarray:
        """The clips themselves and, for test-time augmentation, their views where the table holds any.

        Args:
            feature_set: a name out of `sets`.
            rows: row numbers.
            names: names of the views, all that the feature set has or none.

        Returns:
            float32, shape (1 + n_views, n_rows, n_features).
        """
        originals = self.matrix(feature_set)[rows][None]
        return np.concatenate([originals, self._versions(feature_set, rows, 0, len(names))])

    def augmented_copies(self, feature_set: str, rows: np.ndarray, count: int) -> np.ndarray:
        """`count` augmented copies of some clips, shape (count, n_rows, n_features); none where the table has none."""
        return self._versions(feature_set, rows, len(FEATURE_SETS[feature_set].views), count)

    def _versions(self, feature_set: str, rows: np.ndarray, first: int, count: int) -> np.ndarray:
        """`count` augmented versions of some clips from the `first` on; none where the table has none of this set."""
        known = self.clip_views
        if known is None or known.feature_set.name != feature_set:
            return np.zeros((0, rows.size, self.matrix(feature_set).shape[1]), dtype=np.float32)
        return known.values(slice(first, first + count), rows)


def joined(tables: Sequence[FeatureTable]) -> FeatureTable:
    """The clips of several tables, one table after the other, with what all of them have.

    These are the columns of `clips`, the feature sets and the contours that all tables have. The table holds augmented
    versions if all tables hold them.
    """
    first, *others = tables
    columns = [name for name in first.clips.columns if all(name in other.clips for other in others)]
    clip_views = [table.clip_views for table in tables if table.clip_views is not None]
    return FeatureTable(
        pd.concat([table.clips[columns] for table in tables], ignore_index=True),
        _concatenated([table.matrices for table in tables]),
        _concatenated([table.contours for table in tables]),
        ClipViews.joined(clip_views) if len(clip_views) == len(tables) else None,
    )


def _concatenated(parts: Sequence[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """The arrays that all parts have, those of the first part first."""
    common = [name for name in parts[0] if all(name in part for part in parts)]
    return {name: np.concatenate([part[name] for part in parts]) for name in common}
