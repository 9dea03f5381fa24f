"""The feature table: every clip of RAVDESS as numbers, so that exploring and training need no audio.

One parquet file holds a row a clip: the fields of its name, what was measured of the recording, its contours as
lists of float16, and each feature of each feature set as a float32 column "set/feature". The file's metadata carries
units and groups, the licence and whom to cite. The shipped table is package data, written only by
`python -m ser extract`.

Licence of the table: it is computed from RAVDESS (Livingstone & Russo 2018) and so under CC BY-NC-SA 4.0.
"""

import json
from collections.abc import Generator
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ser import ravdess
from ser.audio import decode
from ser.contours import CONTOURS, POINTS, contours
from ser.errors import DatasetError, SerError
from ser.features import FEATURE_SETS, Feature
from ser.recording import UNITS, measure

SHIPPED = Path(__file__).parent / "data" / "ravdess.parquet"

# Contours and recordings are measured on what the `standard` features hear, without their levelling.
_RATE = 16_000


@dataclass(frozen=True)
class FeatureTable:
    """Clips and their features.

    Attributes:
        clips: one row a clip: the fields of `ser.ravdess.Clip` and those of `ser.recording.Recording`.
        matrices: feature set → float32, shape (n_clips, n_features), rows as in `clips`.
        contours: name out of `ser.contours.CONTOURS` → float16, shape (n_clips, POINTS); empty in a table written
            before there were contours.
    """

    clips: pd.DataFrame
    matrices: dict[str, np.ndarray]
    contours: dict[str, np.ndarray] = field(default_factory=dict)

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
        return FeatureTable(clips, matrices, lines)

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
                columns[f"{name}/{feature.name}"] = pa.array(column)
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
        table = pa.table(columns).replace_schema_metadata({"ser": json.dumps(about)})
        part = path.with_name(path.name + ".part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # Floats hardly repeat, so a dictionary only costs; their bytes, sorted by place, do compress.
            floats = [name for name, column in columns.items() if pa.types.is_float32(column.type)]
            pq.write_table(
                table, part, compression="zstd", compression_level=9, use_dictionary=False, use_byte_stream_split=floats
            )
            part.replace(path)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise DatasetError(
                f"The feature table cannot be written to {path} ({error}). Choose another place."
            ) from error


def load_table(path: Path | str | None = None) -> FeatureTable:
    """Read a feature table.

    Args:
        path: of a parquet file written by `python -m ser extract`; the shipped one if left out.

    Returns:
        The `FeatureTable`.

    Raises:
        DatasetError: the file is missing, is not such a table, or holds features other than this version computes.
    """
    path = Path(path) if path else SHIPPED
    try:
        table = pq.read_table(path)
        about = json.loads(table.schema.metadata[b"ser"])
        stored = {name: tuple(feature["name"] for feature in features) for name, features in about["sets"].items()}
    except FileNotFoundError as error:
        raise DatasetError(f"There is no feature table at {path}. Write one with `python -m ser extract`.") from error
    except (OSError, pa.ArrowException, KeyError, TypeError, ValueError) as error:
        raise DatasetError(
            f"{path} is not a feature table of this project. Write one with `python -m ser extract`."
        ) from error
    for name, names in stored.items():
        if name not in FEATURE_SETS or FEATURE_SETS[name].names != names:
            raise DatasetError(
                f"{path} holds features of the set {name!r} other than this version computes. "
                "Write it anew with `python -m ser extract`."
            )
    fields = [name for name in table.column_names if "/" not in name]
    matrices = {
        name: np.stack([table[f"{name}/{each}"].to_numpy() for each in names], axis=1) for name, names in stored.items()
    }
    lines = {
        name: table[f"contour/{name}"].combine_chunks().values.to_numpy().reshape(-1, POINTS)
        for name in CONTOURS
        if f"contour/{name}" in table.column_names
    }
    return FeatureTable(table.select(fields).to_pandas(), matrices, lines)


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


def extract(source: ravdess.Source, jobs: int = 1) -> Generator[ExtractReport, None, FeatureTable]:
    """Compute all feature sets of all clips of a source.

    Args:
        source: opened RAVDESS audio.
        jobs: processes to share the work.

    Yields:
        An `ExtractReport` for each clip, in order.

    Returns:
        The `FeatureTable` of the clips that could be used.

    Raises:
        DatasetError: not a single clip could be used.
    """
    from joblib import Parallel, delayed

    work = (delayed(_row)(clip, source.read(clip)) for clip in source.clips)
    rows = []
    # "threading" would wait for the interpreter's lock; processes share nothing but the clip's bytes.
    results = Parallel(n_jobs=jobs, return_as="generator", batch_size=8, pre_dispatch=16 * jobs)(work)
    for done, (clip, row) in enumerate(zip(source.clips, results, strict=True), start=1):
        if not isinstance(row, str):
            rows.append((clip, *row))
        yield ExtractReport(done, len(source.clips), clip.name, row if isinstance(row, str) else None)
    if not rows:
        raise DatasetError(f"Not one of the {len(source.clips)} clips in {source.path} could be used.")
    clips = pd.DataFrame([asdict(clip) | measured for clip, measured, _, _ in rows])
    matrices = {name: np.stack([vectors[name] for _, _, vectors, _ in rows]) for name in FEATURE_SETS}
    lines = {name: np.stack([own[name] for _, _, _, own in rows]) for name in CONTOURS}
    return FeatureTable(clips, matrices, lines)


def _row(clip: ravdess.Clip, data: bytes) -> tuple[dict, dict[str, np.ndarray], dict[str, np.ndarray]] | str:
    """What was measured of a clip, its vector in every set and its contours, or the sentence that says why not."""
    try:
        vectors = {}
        for name, feature_set in FEATURE_SETS.items():
            waveform = decode(data, rate=feature_set.rate, levelled=feature_set.levelled, name=clip.name)
            vectors[name] = feature_set.extract(waveform)
        waveform = decode(data, rate=_RATE, name=clip.name)
        return asdict(measure(waveform, data)), vectors, contours(waveform)
    except SerError as error:
        return str(error)
