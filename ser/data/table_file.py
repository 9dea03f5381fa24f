"""Reads and writes feature tables.

One parquet file holds a row per clip: the fields of its name, what was measured of the recording, its contours as lists
of float16, and each feature of each feature set as a float32 column "set/feature". Its metadata holds units, groups,
licence and citation. A second file beside it holds the augmented versions of every clip as one byte per feature. Both
hold the same digest, so that a table is never read with the versions of another.

`python -m ser extract` writes the shipped tables, which are package data: RAVDESS (Livingstone & Russo 2018) and a part
of nEMO (Christop 2024). They are computed from these data sets, and so they are under CC BY-NC-SA 4.0.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ser.audio.recording import MEASUREMENT_UNITS
from ser.data.clip_views import ClipViews
from ser.data.data_sets import RAVDESS, SHIPPED_CORPORA, credits
from ser.data.table import FeatureTable, joined
from ser.errors import DatasetError
from ser.features.contours import CONTOURS, POINTS
from ser.features.sets import AUGMENTED_SET, FEATURE_SETS
from ser.files import reason, remove_left_parts, whole

_UNREADABLE = (OSError, pa.ArrowException, KeyError, TypeError, ValueError)


def shipped_path(corpus: str) -> Path:
    """The file of a data set's shipped feature table, whether or not there is one."""
    return Path(__file__).parent / f"{corpus}.parquet"


SHIPPED = shipped_path(RAVDESS.key)


def load_tables(corpora: Sequence[str] = SHIPPED_CORPORA, *, only: str | None = None) -> FeatureTable:
    """Read the shipped feature tables of some data sets as one table.

    Args:
        corpora: keys out of `SHIPPED_CORPORA`, in the order of the table's rows.
        only: the one feature set to read; the table then has neither contours nor augmented versions.

    Returns:
        The `FeatureTable`; its `corpora` says which data set each clip is of.

    Raises:
        DatasetError: no table of a data set is shipped, or none is asked for, or one cannot be read.
    """
    unknown = [corpus for corpus in corpora if corpus not in SHIPPED_CORPORA]
    if unknown or not corpora:
        raise DatasetError(
            f"Feature tables of {', '.join(unknown) or 'no data set'} are asked for; {' and '.join(SHIPPED_CORPORA)} "
            "are shipped. Choose out of them."
        )
    return joined([load_table(shipped_path(corpus), only=only) for corpus in dict.fromkeys(corpora)])


def load_table(path: Path | str | None = None, *, only: str | None = None) -> FeatureTable:
    """Read a feature table.

    Args:
        path: of a parquet file written by `python -m ser extract`; the shipped one if left out.
        only: the one feature set to read, which takes a tenth of the time; the table then has neither contours nor
            augmented versions.

    Returns:
        The `FeatureTable`.

    Raises:
        DatasetError: the file is missing, is not such a table, or holds features other than this version computes.
    """
    path = Path(path) if path else SHIPPED
    with _opened(path) as file:
        about, stored = _described(file.schema_arrow, path)
        if only is not None:
            stored = {name: names for name, names in stored.items() if name == only}
        for name, names in stored.items():
            if name not in FEATURE_SETS or FEATURE_SETS[name].names != names:
                raise DatasetError(
                    f"{path} holds features of the set {name!r} other than this version computes. "
                    "Write it anew with `python -m ser extract`."
                )
        fields = [name for name in file.schema_arrow.names if "/" not in name]
        columns = [*fields, *(f"{name}/{each}" for name, names in stored.items() for each in names)]
        try:
            table = file.read(columns=None if only is None else columns)
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
    clip_views = _load_views(path, len(table), about.get("views")) if only is None else None
    clips = table.select(fields).to_pandas()
    if "corpus" not in clips:  # a table written before there was another data set
        clips = clips.assign(corpus=RAVDESS.key, speaker=clips["actor"].map(RAVDESS.speaker))
    return FeatureTable(clips, matrices, lines, clip_views)


def _opened(path: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path)
    except FileNotFoundError as error:
        raise DatasetError(f"There is no feature table at {path}. Write one with `python -m ser extract`.") from error
    except _UNREADABLE as error:
        raise _no_table(path) from error


def _described(schema: pa.Schema, path: Path) -> tuple[dict, dict[str, tuple[str, ...]]]:
    """What a table says about itself, and the names of its features by set."""
    try:
        about = json.loads(schema.metadata[b"ser"])
        return about, {name: tuple(each["name"] for each in features) for name, features in about["sets"].items()}
    except _UNREADABLE as error:
        raise _no_table(path) from error


def _no_table(path: Path) -> DatasetError:
    return DatasetError(f"{path} is not a feature table of this project. Write one with `python -m ser extract`.")


def save_table(table: FeatureTable, path: Path) -> None:
    """Write a feature table; a reader sees the old table or the new one, even if this process is killed on the way.

    Args:
        table: the table.
        path: of the parquet file.

    Raises:
        DatasetError: it cannot be written there.
    """
    columns: dict[str, pa.Array] = {name: pa.array(table.clips[name]) for name in table.clips.columns}
    for name, matrix in table.matrices.items():
        for column, feature in zip(matrix.T, FEATURE_SETS[name].features, strict=True):
            columns[f"{name}/{feature.name}"] = pa.array(_rounded(column))
    for name, lines in table.contours.items():
        columns[f"contour/{name}"] = pa.FixedSizeListArray.from_arrays(pa.array(lines.ravel()), POINTS)
    about = {
        **credits(table.corpora),
        "measured": MEASUREMENT_UNITS,
        "contours": CONTOURS,
        "sets": {name: [asdict(feature) for feature in FEATURE_SETS[name].features] for name in table.matrices},
    }
    waiting = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        remove_left_parts(path.parent)
        if table.clip_views is not None:
            about["views"] = digest = _digest(table.clip_views)
            waiting = _waiting_views(path, digest)
            _write(_views_table(table.clip_views, digest, credits(table.corpora)), waiting)
        _write(pa.table(columns).replace_schema_metadata({"ser": json.dumps(about)}), path)
        if waiting is not None:  # until this is done, a reader finds them where they wait
            waiting.replace(_views_path(path))
    except OSError as error:
        if waiting is not None:
            waiting.unlink(missing_ok=True)
        raise DatasetError(
            f"The feature table cannot be written to {path} ({reason(error)}). Choose another place."
        ) from error


def _views_path(path: Path) -> Path:
    """The file with the augmented versions that belongs to a table."""
    return path.with_name(f"{path.stem}_readings.parquet")


def _views_file(path: Path, digest: str | None) -> Path:
    """The file to read augmented versions from."""
    if digest is not None and (waiting := _waiting_views(path, digest)).exists():
        return waiting  # the process that wrote both was killed before the last step
    return _views_path(path)


def _waiting_views(path: Path, digest: str) -> Path:
    """The file with augmented versions whose table is still being written."""
    return path.with_name(f"{path.stem}_readings-{digest[:8]}.parquet.part")


def _digest(clip_views: ClipViews) -> str:
    return hashlib.sha256(np.ascontiguousarray(clip_views.codes).tobytes()).hexdigest()[:16]


def _views_table(clip_views: ClipViews, digest: str, data_credits: dict[str, str]) -> pa.Table:
    names = clip_views.feature_set.names
    columns = clip_views.codes.reshape(-1, len(names)).T
    about = {
        "names": names,
        "readings": len(clip_views.codes),
        "centre": clip_views.centre.tolist(),
        "step": clip_views.step.tolist(),
        "scale": clip_views.scale.tolist(),
        "digest": digest,
        **data_credits,
    }
    codes = {name: pa.array(column) for name, column in zip(names, columns, strict=True)}
    return pa.table(codes).replace_schema_metadata({"ser": json.dumps(about)})


def _load_views(table_path: Path, n_clips: int, digest: str | None) -> ClipViews | None:
    """The augmented versions that belong to a table; None where there are none. Their codes are read later."""
    path = _views_file(table_path, digest)
    try:
        with pq.ParquetFile(path) as file:
            n_rows, about = file.metadata.num_rows, json.loads(file.schema_arrow.metadata[b"ser"])
    except FileNotFoundError:
        return None
    except _UNREADABLE as error:
        raise _unreadable_views(path) from error
    fits = digest in (None, about.get("digest")) and n_rows == about["readings"] * n_clips
    if tuple(about["names"]) != AUGMENTED_SET.names or not fits:
        raise DatasetError(f"{path} does not belong to the table beside it. Write both with `python -m ser extract`.")
    centre, step = (np.atleast_2d(np.array(about[name], dtype=np.float32)) for name in ("centre", "step"))
    # Older files have one scale for all clips.
    scale = np.array(about.get("scale", [0] * n_clips), dtype=np.intp)

    def read() -> np.ndarray:
        return _read_codes(table_path, about, n_clips)

    return ClipViews(AUGMENTED_SET, read, centre, step, scale)


def _read_codes(table_path: Path, about: dict, n_clips: int) -> np.ndarray:
    """The codes of augmented versions, shape (n_versions, n_clips, n_features), of the file that `about` describes."""
    path = _views_file(table_path, about.get("digest"))
    try:
        table = pq.read_table(path)
        found = json.loads(table.schema.metadata[b"ser"])
    except _UNREADABLE as error:
        raise _unreadable_views(path) from error
    if found != about:
        raise DatasetError(f"{path} was written anew since its table was read. Run this again.")
    codes = np.empty((table.num_rows, len(about["names"])), dtype=np.uint8)
    for column, name in enumerate(about["names"]):
        codes[:, column] = table[name].to_numpy()
    return codes.reshape(about["readings"], n_clips, -1)


def _unreadable_views(path: Path) -> DatasetError:
    return DatasetError(f"{path} cannot be read. Write it anew with `python -m ser extract`.")


def _rounded(values: np.ndarray) -> np.ndarray:
    """Values to 18 of float32's 24 binary digits, two millionths off at most: rounding noise does not compress."""
    bits = np.ascontiguousarray(values, dtype=np.float32).view(np.uint32)
    return ((bits + 0x20) & np.uint32(0xFFFFFFC0)).view(np.float32)


def _write(table: pa.Table, path: Path) -> None:
    """Write a parquet file that is whole or not there; an `OSError` leaves nothing behind."""
    # Numbers hardly repeat, so a dictionary only costs. Their bytes compress when they are split by significance.
    split = [field.name for field in table.schema if field.type in (pa.float32(), pa.uint8())]
    with whole(path) as part:
        pq.write_table(
            table, part, compression="zstd", compression_level=19, use_dictionary=False, use_byte_stream_split=split
        )
