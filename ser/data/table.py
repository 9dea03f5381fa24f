"""The feature table: every clip of RAVDESS as numbers, so that exploring and training need no audio.

One parquet file holds a row a clip: the fields of its name, what was measured of the recording, its contours as
lists of float16, and each feature of each feature set as a float32 column "set/feature". The file's metadata carries
units and groups, the licence and whom to cite. Beside it lies a second file with other readings of every clip, a
byte a feature: the clip through a telephone's band and in noise, over which answers are averaged, and altered copies
of it (other pitch, room, noise, colour) to learn from, clip by clip and as whole sittings. The shipped table is package
data, written only by `python -m ser extract`.

Licence of the table: it is computed from RAVDESS (Livingstone & Russo 2018) and so under CC BY-NC-SA 4.0.
"""

import json
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ser.audio.augmentation import VIEWS, augmented
from ser.audio.decoding.decoder import Decoder
from ser.audio.recording import UNITS, measure
from ser.audio.waveform import Waveform
from ser.data import ravdess
from ser.errors import DatasetError, SerError
from ser.features import FEATURE_SETS, Feature
from ser.features.contours import CONTOURS, POINTS, contours
from ser.steps import Steps

SHIPPED = Path(__file__).parent / "ravdess.parquet"

# How many altered copies of a clip there are beside its `ser.audio.augmentation.VIEWS`; of the set `READ_SET` alone.
AUGMENTED_COPIES = 4
# And how many in which all clips of a speaker are altered alike, as if recorded in one sitting: there a few clips tell
# of the voice and microphone of the others, as a visitor's neutral sentences do.
SESSION_COPIES = 2
READ_SET = "standard"
# Steps of a byte in a deviation of the feature. Rounding moves a value by 0.07 deviations on average, far less than any
# alteration does, and four bits a value are all that is left to store.
_STEPS = 4

# Contours and recordings are measured on what the `standard` features hear, without their levelling.
_RATE = 16_000


@dataclass(frozen=True)
class Readings:
    """Other readings of every clip, a byte a feature.

    Attributes:
        codes: uint8, shape (n_readings, n_clips, n_features); first `ser.audio.augmentation.VIEWS`, then the altered
            copies, then those of sittings.
        centre, step: of each feature, float32, shape (n_features,); a value is centre + step · (code - 128).
    """

    codes: np.ndarray
    centre: np.ndarray
    step: np.ndarray

    @classmethod
    def of(cls, values: np.ndarray, originals: np.ndarray) -> "Readings":
        """Round values to bytes.

        Args:
            values: shape (n_readings, n_clips, n_features).
            originals: the clips' own readings, shape (n_clips, n_features), that set centre and step.

        Returns:
            The `Readings`; what lies further than 32 deviations from the mean is held there.
        """
        centre = originals.mean(axis=0, dtype=np.float64).astype(np.float32)
        spread = originals.std(axis=0, dtype=np.float64)
        step = (np.where(spread > 1e-9, spread, 1.0) / _STEPS).astype(np.float32)
        codes = np.clip(np.rint((values - centre) / step) + 128, 0, 255).astype(np.uint8)
        return cls(codes, centre, step)

    def values(self, readings: slice, rows: np.ndarray) -> np.ndarray:
        """Some readings of some clips.

        Args:
            readings: which.
            rows: row numbers.

        Returns:
            float32, shape (n_readings, n_rows, n_features).
        """
        return self.centre + self.step * (self.codes[readings][:, rows].astype(np.float32) - 128)


@dataclass(frozen=True)
class FeatureTable:
    """Clips and their features.

    Attributes:
        clips: one row a clip: the fields of `ser.data.ravdess.Clip` and those of `ser.audio.recording.Recording`.
        matrices: feature set → float32, shape (n_clips, n_features), rows as in `clips`.
        contours: name out of `ser.features.contours.CONTOURS` → float16, shape (n_clips, POINTS); empty in a table
        written
            before there were contours.
        readings: other readings of every clip by the set `READ_SET`; None where there are none.
    """

    clips: pd.DataFrame
    matrices: dict[str, np.ndarray]
    contours: dict[str, np.ndarray] = field(default_factory=dict)
    readings: Readings | None = None

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

    def matrix(self, feature_set: str) -> np.ndarray:
        """Features of all clips.

        Args:
            feature_set: a name out of `sets`.

        Returns:
            float32, shape (n_clips, n_features), in the units of `features`.

        Raises:
            DatasetError: the table does not hold that set.
        """
        if feature_set not in self.matrices:
            raise DatasetError(
                f"The feature table has no set {feature_set!r}; it has {', '.join(self.sets)}. Choose one of them."
            )
        return self.matrices[feature_set]

    def features(self, feature_set: str) -> tuple[Feature, ...]:
        """Name, unit and group of each column of `matrix`.

        Args:
            feature_set: a name out of `sets`.

        Returns:
            As many `Feature` as the matrix has columns.

        Raises:
            DatasetError: the table does not hold that set.
        """
        self.matrix(feature_set)
        return FEATURE_SETS[feature_set].features

    def select(self, rows: np.ndarray) -> "FeatureTable":
        """The table of some of the clips.

        Args:
            rows: booleans, shape (n_clips,), or row numbers.

        Returns:
            A `FeatureTable` of these rows, in this order.
        """
        rows = np.asarray(rows)
        if rows.dtype == bool:
            rows = np.flatnonzero(rows)
        clips = self.clips.iloc[rows].reset_index(drop=True)
        matrices, lines = ({name: each[rows] for name, each in part.items()} for part in (self.matrices, self.contours))
        readings = self.readings and replace(self.readings, codes=self.readings.codes[:, rows])
        return FeatureTable(clips, matrices, lines, readings)

    def views(self, feature_set: str, rows: np.ndarray, names: tuple[str, ...]) -> np.ndarray:
        """Readings whose answers are averaged: the clips' own and, where there are any, the others.

        Args:
            feature_set: a name out of `sets`.
            rows: row numbers.
            names: of the other readings, all of `ser.audio.augmentation.VIEWS` or none.

        Returns:
            float32, shape (1 + len(names), n_rows, n_features); the clips' own readings alone where the table holds no
            others, as for a visitor's own clips.

        Raises:
            DatasetError: the table does not hold that set.
        """
        own = self.matrix(feature_set)[rows][None]
        if not names or feature_set != READ_SET or self.readings is None:
            return own
        return np.concatenate([own, self.readings.values(slice(len(VIEWS)), rows)])

    def copies(self, feature_set: str, rows: np.ndarray, count: int) -> np.ndarray:
        """Altered copies to learn from beside the clips themselves.

        Args:
            feature_set: a name out of `sets`.
            rows: row numbers.
            count: how many of each, up to `AUGMENTED_COPIES`.

        Returns:
            float32, shape (count, n_rows, n_features); with a count of 0 where the table holds none, as for a visitor's
            own clips.

        Raises:
            DatasetError: the table does not hold that set.
        """
        return self._read(feature_set, rows, len(VIEWS), count)

    def sessions(self, feature_set: str, rows: np.ndarray, count: int) -> np.ndarray:
        """Copies in which all clips of an actor are altered alike: another speaker in another place.

        Args:
            feature_set: a name out of `sets`.
            rows: row numbers.
            count: how many of each, up to `SESSION_COPIES`.

        Returns:
            float32, shape (count, n_rows, n_features); with a count of 0 as for `copies`.

        Raises:
            DatasetError: the table does not hold that set.
        """
        return self._read(feature_set, rows, len(VIEWS) + AUGMENTED_COPIES, count)

    def _read(self, feature_set: str, rows: np.ndarray, first: int, count: int) -> np.ndarray:
        """So many of the readings from the first on."""
        if count == 0 or feature_set != READ_SET or self.readings is None:
            return np.zeros((0, rows.size, self.matrix(feature_set).shape[1]), dtype=np.float32)
        return self.readings.values(slice(first, first + count), rows)

    def save(self, path: Path) -> None:
        """Write the table; whoever reads meanwhile sees the old file or the new one, never half of one.

        Args:
            path: of the parquet file.

        Raises:
            DatasetError: it cannot be written there.
        """
        columns: dict[str, pa.Array] = {name: pa.array(self.clips[name]) for name in self.clips.columns}
        for name, matrix in self.matrices.items():
            for column, feature in zip(matrix.T, FEATURE_SETS[name].features, strict=True):
                columns[f"{name}/{feature.name}"] = pa.array(_rounded(column))
        for name, lines in self.contours.items():
            columns[f"contour/{name}"] = pa.FixedSizeListArray.from_arrays(pa.array(lines.ravel()), POINTS)
        about = {
            "attribution": ravdess.ATTRIBUTION,
            "citation": ravdess.CITATION,
            "licence": ravdess.LICENCE,
            "measured": UNITS,
            "contours": CONTOURS,
            "sets": {name: [asdict(feature) for feature in FEATURE_SETS[name].features] for name in self.matrices},
        }
        # The readings first: a table without them is of use, they without their table are not.
        if self.readings is not None:
            names = [feature.name for feature in FEATURE_SETS[READ_SET].features]
            flat = self.readings.codes.reshape(-1, len(names))
            scaling = {
                "names": names,
                "readings": len(self.readings.codes),
                "centre": self.readings.centre.tolist(),
                "step": self.readings.step.tolist(),
                "attribution": ravdess.ATTRIBUTION,
                "licence": ravdess.LICENCE,
            }
            codes = {name: pa.array(column) for name, column in zip(names, flat.T, strict=True)}
            _write(pa.table(codes).replace_schema_metadata({"ser": json.dumps(scaling)}), _beside(path))
        _write(pa.table(columns).replace_schema_metadata({"ser": json.dumps(about)}), path)


def _beside(path: Path) -> Path:
    """Where the other readings of a table lie."""
    return path.with_name(f"{path.stem}_readings.parquet")


def _rounded(values: np.ndarray) -> np.ndarray:
    """Values to 18 of float32's 24 binary digits, two millionths off at most; the rest is rounding noise, and noise
    does not compress."""
    bits = np.ascontiguousarray(values, dtype=np.float32).view(np.uint32)
    return ((bits + 0x20) & np.uint32(0xFFFFFFC0)).view(np.float32)


def _write(table: pa.Table, path: Path) -> None:
    """Write a parquet file that is whole or not there."""
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Numbers hardly repeat, so a dictionary only costs; their bytes, sorted by place, do compress (a byte is stored
        # as four).
        sorted_types = (pa.float32(), pa.uint8())
        by_place = [field.name for field in table.schema if field.type in sorted_types]
        pq.write_table(
            table, part, compression="zstd", compression_level=19, use_dictionary=False, use_byte_stream_split=by_place
        )
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise DatasetError(f"The feature table cannot be written to {path} ({error}). Choose another place.") from error


def _load_readings(path: Path, n_clips: int) -> Readings | None:
    """The other readings beside a table; None where there are none that fit it."""
    try:
        table = pq.read_table(path)
        about = json.loads(table.schema.metadata[b"ser"])
    except FileNotFoundError:
        return None
    except (OSError, pa.ArrowException, KeyError, TypeError, ValueError) as error:
        raise DatasetError(f"{path} cannot be read. Write it anew with `python -m ser extract`.") from error
    if tuple(about["names"]) != FEATURE_SETS[READ_SET].names or table.num_rows != about["readings"] * n_clips:
        raise DatasetError(f"{path} does not belong to the table beside it. Write both with `python -m ser extract`.")
    codes = np.empty((table.num_rows, len(about["names"])), dtype=np.uint8)
    for place, name in enumerate(about["names"]):
        codes[:, place] = table[name].to_numpy()
    shaped = codes.reshape(about["readings"], n_clips, -1)
    return Readings(shaped, np.float32(about["centre"]), np.float32(about["step"]))


def load_table(path: Path | str | None = None, *, only: str | None = None) -> FeatureTable:
    """Read a feature table.

    Args:
        path: of a parquet file written by `python -m ser extract`; the shipped one if left out.
        only: the one feature set to read, which takes a tenth of the time; then the table has no contours and no other
            readings either.

    Returns:
        The `FeatureTable`.

    Raises:
        DatasetError: the file is missing, is not such a table, or holds features other than this version computes.
    """
    path = Path(path) if path else SHIPPED
    try:
        schema = pq.read_schema(path)
        about = json.loads(schema.metadata[b"ser"])
        stored = {name: tuple(feature["name"] for feature in features) for name, features in about["sets"].items()}
    except FileNotFoundError as error:
        raise DatasetError(f"There is no feature table at {path}. Write one with `python -m ser extract`.") from error
    except (OSError, pa.ArrowException, KeyError, TypeError, ValueError) as error:
        raise DatasetError(
            f"{path} is not a feature table of this project. Write one with `python -m ser extract`."
        ) from error
    if only is not None:
        stored = {name: names for name, names in stored.items() if name == only}
    for name, names in stored.items():
        if name not in FEATURE_SETS or FEATURE_SETS[name].names != names:
            raise DatasetError(
                f"{path} holds features of the set {name!r} other than this version computes. "
                "Write it anew with `python -m ser extract`."
            )
    fields = [name for name in schema.names if "/" not in name]
    columns = [*fields, *(f"{name}/{each}" for name, names in stored.items() for each in names)]
    try:
        table = pq.read_table(path, columns=None if only is None else columns)
    except (OSError, pa.ArrowException) as error:
        raise DatasetError(f"{path} is damaged. Write it anew with `python -m ser extract`.") from error
    matrices = {
        name: np.stack([table[f"{name}/{each}"].to_numpy() for each in names], axis=1) for name, names in stored.items()
    }
    lines = {
        name: table[f"contour/{name}"].combine_chunks().values.to_numpy().reshape(-1, POINTS)
        for name in CONTOURS
        if f"contour/{name}" in table.column_names
    }
    readings = _load_readings(_beside(path), len(table)) if only is None else None
    return FeatureTable(table.select(fields).to_pandas(), matrices, lines, readings)


@dataclass(frozen=True)
class ExtractReport:
    """One clip done.

    Attributes:
        done: clips done so far, this one included.
        total: clips in all.
        name: this clip's.
        error: why it cannot be used, as a sentence; None if it can.
    """

    done: int
    total: int
    name: str
    error: str | None


def extract(source: ravdess.Source, jobs: int = 1, *, readings: bool = True) -> Steps[ExtractReport, FeatureTable]:
    """Compute all feature sets of all clips of a source.

    Args:
        source: opened RAVDESS audio.
        jobs: processes to share the work.
        readings: whether other readings are computed too; for clips with RAVDESS's names only.

    Yields:
        An `ExtractReport` for each clip, in order.

    Returns:
        The `FeatureTable` of the clips that could be used.

    Raises:
        DatasetError: not a single clip could be used.
    """
    from joblib import Parallel, delayed

    work = (delayed(_row)(clip, _data(source, clip), readings) for clip in source.clips)
    rows, first = [], ""
    # "threading" would wait for the interpreter's lock; processes share nothing but the clip's bytes.
    results = Parallel(n_jobs=jobs, return_as="generator", batch_size=8, pre_dispatch=16 * jobs)(work)
    for done, (clip, row) in enumerate(zip(source.clips, results, strict=True), start=1):
        if isinstance(row, str):
            first = first or row
        else:
            rows.append((clip, row))
        yield ExtractReport(done, len(source.clips), clip.name, row if isinstance(row, str) else None)
    if not rows:
        raise DatasetError(
            f"Not one of the {len(source.clips)} clips in {source.path} could be used; the first: {first}"
        )
    clips = pd.DataFrame([asdict(clip) | row.measured for clip, row in rows])
    matrices = {name: np.stack([row.vectors[name] for _, row in rows]) for name in FEATURE_SETS}
    lines = {name: np.stack([row.contours[name] for _, row in rows]) for name in CONTOURS}
    if not readings:
        return FeatureTable(clips, matrices, lines)
    others = np.stack([row.readings for _, row in rows], axis=1)
    return FeatureTable(clips, matrices, lines, Readings.of(others, matrices[READ_SET]))


@dataclass(frozen=True)
class _Row:
    """What is written down of a clip.

    Attributes:
        measured: of the recording.
        vectors: of every set.
        contours: by name.
        readings: by the set `READ_SET`, shape (n_readings, n_features); None if not wanted.
    """

    measured: dict
    vectors: dict[str, np.ndarray]
    contours: dict[str, np.ndarray]
    readings: np.ndarray | None


def _data(source: ravdess.Source, clip: ravdess.Clip) -> bytes | str:
    """A clip's file, or the sentence that says why it cannot be read."""
    try:
        return source.read(clip)
    except SerError as error:
        return str(error)


def _row(clip: ravdess.Clip, data: bytes | str, readings: bool) -> _Row | str:
    """All that is written down of a clip, or the sentence that says why it cannot be used."""
    if isinstance(data, str):
        return data
    try:
        decoder, vectors = Decoder(), {}
        for name, feature_set in FEATURE_SETS.items():
            waveform = decoder.decode(data, rate=feature_set.rate, name=clip.name)
            vectors[name] = feature_set.extract(feature_set.prepared(waveform))
        waveform = decoder.decode(data, rate=_RATE, name=clip.name)
        others = _readings(waveform, clip.name) if readings else None
        return _Row(asdict(measure(waveform, data)), vectors, contours(waveform), others)
    except SerError as error:
        return str(error)


def _readings(waveform: Waveform, name: str) -> np.ndarray:
    """A clip's `VIEWS`, its altered copies and those of sittings, by `READ_SET`; shape (n_readings, n_features)."""
    # The name's seven numbers seed what is drawn, so that a clip is altered alike whatever is extracted beside it.
    numbers = [int(part) for part in name.split("-")]
    others = [view(waveform) for view in VIEWS.values()]
    others += [augmented(waveform, [copy, *numbers]) for copy in range(AUGMENTED_COPIES)]
    actor = numbers[-1]
    others += [augmented(waveform, [copy, *numbers], session=[copy, actor]) for copy in range(SESSION_COPIES)]
    feature_set = FEATURE_SETS[READ_SET]
    return np.stack([feature_set.extract(feature_set.prepared(each)) for each in others])
