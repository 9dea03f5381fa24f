"""Extracts all feature sets of all clips of a data set into a `FeatureTable`."""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol, runtime_checkable
from zlib import crc32

import numpy as np
import pandas as pd

from ser.audio.augmentation import VIEWS, augmented
from ser.audio.decoding.decoder import Decoder
from ser.audio.recording import measure_recording
from ser.audio.waveform import Waveform
from ser.data.archives.locations import ClipLocation, OutOfReachError
from ser.data.clip_views import ClipViews
from ser.data.table import FeatureTable
from ser.errors import DatasetError, SerError
from ser.features.contours import CONTOURS, contours
from ser.features.sets import AUGMENTED_SET, FEATURE_SETS
from ser.lanes import BATCHES
from ser.steps import Steps, finish
from ser.workers import in_worker, side_by_side
from ser.workers.cluster import cluster

# Contours and recordings are measured at the rate of the `standard` features, without levelling.
_RATE = 16_000
_NUMBERS = re.compile(r"\d+(?:-\d+)+")


class ClipSource(Protocol):
    """Clips that can be read: dataclasses with a `name`, whose other fields become columns of the table."""

    @property
    def path(self) -> Any:
        """What to call the source."""

    @property
    def clips(self) -> Sequence[Any]:
        """The clips, in the order of the table's rows."""

    def read(self, clip: Any) -> bytes:
        """The bytes of a clip's file."""


@runtime_checkable
class SharedSource(Protocol):
    """A source of clips that workers on other machines may reach by themselves."""

    def location(self, clip: Any) -> ClipLocation | None:
        """Where a worker finds the file of a clip; None if it cannot, so that the bytes have to be sent."""


@dataclass(frozen=True)
class ExtractReport:
    """One clip done.

    Attributes:
        done: number of clips done, this one included.
        total: number of clips in all.
        name: this clip's name.
        error: a sentence that says why it cannot be used; None if it can.
    """

    done: int
    total: int
    name: str
    error: str | None


def extract(source: ClipSource, jobs: int = 1, *, with_views: bool = True) -> Steps[ExtractReport, FeatureTable]:
    """Compute all feature sets of all clips of a source.

    Args:
        source: the clips.
        jobs: number of processes that share the work.
        with_views: whether augmented versions are extracted too; only for clips of a published data set.

    Yields:
        An `ExtractReport` for each clip, in order.

    Returns:
        The `FeatureTable` of the clips that could be used.

    Raises:
        DatasetError: not a single clip could be used.
    """
    calls = ((clip.name, _data(source, clip), augmentation_seed(clip) if with_views else None) for clip in source.clips)
    rows, first_error = [], ""
    results = side_by_side(_row_in_worker, calls, jobs=jobs, together=4, ahead=16)
    for done, (clip, row) in enumerate(zip(source.clips, results, strict=True), start=1):
        if isinstance(row, str):
            first_error = first_error or row
        else:
            rows.append((clip, row))
        yield ExtractReport(done, len(source.clips), clip.name, row if isinstance(row, str) else None)
    if not rows:
        raise DatasetError(
            f"Not one of the {len(source.clips)} clips in {source.path} could be used; the first: {first_error}"
        )
    clips = pd.DataFrame([asdict(clip) | row.measured for clip, row in rows])
    matrices = {name: np.stack([row.vectors[name] for _, row in rows]) for name in FEATURE_SETS}
    lines = {name: np.stack([row.contours[name] for _, row in rows]) for name in CONTOURS}
    if not with_views:
        return FeatureTable(clips, matrices, lines)
    versions = np.stack([row.versions for _, row in rows], axis=1)
    return FeatureTable(clips, matrices, lines, ClipViews.of(AUGMENTED_SET, versions, matrices[AUGMENTED_SET.name]))


def augmented_vectors(waveform: Waveform, seed: Sequence[int]) -> np.ndarray:
    """Features of a clip's views and augmented copies, shape (n_versions, n_features).

    `waveform` is at 16 kHz. `seed` is the clip's own, from `augmentation_seed`.
    """
    versions = [VIEWS[view](waveform) for view in AUGMENTED_SET.views]
    versions += [augmented(waveform, [copy, *seed]) for copy in range(AUGMENTED_SET.augmented_copies)]
    return np.stack([AUGMENTED_SET.extract(AUGMENTED_SET.prepared(each)) for each in versions])


def augmentation_seed(clip: Any) -> tuple[int, ...]:
    """The numbers that seed a clip's augmentation, the last of which is the actor.

    They come from its name, so that a clip is augmented alike whatever is extracted beside it. In RAVDESS they are the
    seven numbers of the name.
    """
    if _NUMBERS.fullmatch(clip.name):
        return tuple(int(part) for part in clip.name.split("-"))
    return crc32(clip.name.encode()), clip.actor


@dataclass(frozen=True)
class ClipRow:
    """What the table holds of a clip.

    Attributes:
        measured: fields of `ser.audio.recording.Recording`.
        vectors: feature set → its vector.
        contours: by name.
        versions: from `augmented_vectors`; None if not extracted.
    """

    measured: dict
    vectors: dict[str, np.ndarray]
    contours: dict[str, np.ndarray]
    versions: np.ndarray | None


def _data(source: ClipSource, clip: Any) -> bytes | ClipLocation | str:
    """A clip's file, or where a worker of a cluster finds it, or the sentence that says why it cannot be read."""
    try:
        location = source.location(clip) if cluster() and isinstance(source, SharedSource) else None
        return location or source.read(clip)
    except SerError as error:
        return str(error)


def _row_in_worker(name: str, data: bytes | ClipLocation | str, seed: Sequence[int] | None) -> ClipRow | str:
    """A clip's row, from a worker process if this one has any."""
    return finish(in_worker(row_of, name, data, seed, lane=BATCHES))


def row_of(name: str, data: bytes | ClipLocation | str, seed: Sequence[int] | None) -> ClipRow | str:
    """A clip's row, with augmented versions if there is a seed; or the sentence that says why it cannot be used."""
    if isinstance(data, str):
        return data
    try:
        if isinstance(data, ClipLocation):
            data = data.read()
        decoder, vectors = Decoder(), {}
        for set_name, feature_set in FEATURE_SETS.items():
            waveform = decoder.decode(data, rate=feature_set.rate, name=name)
            vectors[set_name] = feature_set.extract(feature_set.prepared(waveform))
        waveform = decoder.decode(data, rate=_RATE, name=name)
        versions = None if seed is None else augmented_vectors(waveform, seed)
        return ClipRow(asdict(measure_recording(waveform, data)), vectors, contours(waveform), versions)
    except OutOfReachError:
        raise
    except SerError as error:
        return str(error)
