"""Features of clips of RAVDESS in worse recordings: in noise, among voices, in rooms.

A model learns from them how far its confidence has to fall in such recordings (`ser.model.degradation`). The augmented
copies of the table cannot teach that, because the networks learn from them. Two clips of every actor and emotion are
changed in every way of `ser.audio.augmentation.DISTURBANCES`. The voices are the actor's own in other clips, so that a
recording holds no other actor by whom a model may be judged. Each recording has all views of test-time augmentation.

`python -m ser extract` writes the file, which is package data. It is computed from RAVDESS (Livingstone & Russo 2018),
and so it is under CC BY-NC-SA 4.0.
"""

import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ser.audio.augmentation import DISTURBANCES, VIEWS, disturbed
from ser.audio.decoding.decoder import decode
from ser.data.clip_views import ClipViews
from ser.data.data_sets import RAVDESS, credits
from ser.data.extraction import ClipSource, ExtractReport, augmentation_seed
from ser.data.table import FeatureTable
from ser.errors import DatasetError, SerError
from ser.features.sets import AUGMENTED_SET
from ser.files import whole
from ser.steps import Steps
from ser.workers import side_by_side

CHANGED_RECORDINGS = Path(__file__).with_name("ravdess_changed.npz")
"""The shipped file."""

_RATE = 16_000
# The seeds of the augmented copies begin with a small number, these with a large one.
_SEED = 1000
_OF_EACH = 2
_N_VOICES = 4
_WRITE = "Write it anew with `python -m ser extract`."


def changed_recordings(
    table: FeatureTable, rows: np.ndarray, set_name: str, path: Path = CHANGED_RECORDINGS
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The changed recordings of the clips in some rows of a table, as far as there are any of them.

    Clips of RAVDESS are recognised by their names; of others there are none. The result says for each recording which
    entry of `rows` its clip is, and which of `DISTURBANCES` it has, by number, both of shape (n,). The vectors of the
    recordings and of their views follow, float32, shape (1 + n_views, n, n_features). A `DatasetError` says that the
    file cannot be read or holds other features than this version computes.
    """
    of_ravdess = table.corpora[rows] == RAVDESS.key
    if set_name != AUGMENTED_SET.name or not of_ravdess.any():
        none = np.zeros(0, dtype=np.intp)
        return none, none, np.zeros((1, 0, table.matrix(set_name).shape[1]), dtype=np.float32)
    names, versions = _read(path)
    index = {name: number for number, name in enumerate(names)}
    present = table.clips["name"].to_numpy(dtype=str)[rows]
    entries = np.array([entry for entry in np.flatnonzero(of_ravdess) if present[entry] in index], dtype=np.intp)
    values = versions.values(slice(None), np.array([index[name] for name in present[entries]], dtype=np.intp))
    # The file has a clip's recordings one after the other, each followed by its views.
    count, n_views = len(DISTURBANCES), AUGMENTED_SET.n_views
    by_view = values.reshape(count, n_views, entries.size, values.shape[-1]).swapaxes(0, 1)
    kinds = np.repeat(np.arange(count), entries.size)
    return np.tile(entries, count), kinds, by_view.reshape(n_views, count * entries.size, values.shape[-1])


def extract_changed(
    source: ClipSource, table: FeatureTable, jobs: int = 1, path: Path = CHANGED_RECORDINGS
) -> Steps[ExtractReport, int]:
    """Extract the changed recordings of some clips of a source, write them to a file, and return the number of clips.

    `table` has the features of these clips as they are. An `ExtractReport` is yielded for each clip; a `DatasetError`
    says that not a single clip could be used.
    """
    rows = {name: row for row, name in enumerate(table.clips["name"].astype(str))}
    known = [clip for clip in source.clips if clip.name in rows]
    wanted = some_of_each(known)

    def voices(clip: Any) -> list[bytes]:
        own = [other for other in known if other.actor == clip.actor and other.name != clip.name] or [clip]
        chosen = np.random.default_rng([_SEED, *augmentation_seed(clip)]).permutation(len(own))[:_N_VOICES]
        return [source.read(own[index]) for index in chosen]

    calls = ((source.read(clip), voices(clip), augmentation_seed(clip)) for clip in wanted)
    names, vectors, first_error = [], [], ""
    results = side_by_side(_changed_vectors, calls, jobs=jobs, together=2, ahead=8)
    for done, (clip, found) in enumerate(zip(wanted, results, strict=True), start=1):
        if isinstance(found, str):
            first_error = first_error or found
        else:
            names.append(clip.name)
            vectors.append(found)
        yield ExtractReport(done, len(wanted), clip.name, found if isinstance(found, str) else None)
    if not names:
        raise DatasetError(f"Not one of {len(wanted)} clips could be used; the first: {first_error}")
    matrix = table.matrix(AUGMENTED_SET.name)
    _write(path, names, ClipViews.of(AUGMENTED_SET, np.stack(vectors, axis=1), matrix[[rows[name] for name in names]]))
    return len(names)


def some_of_each(clips: Sequence[Any]) -> list[Any]:
    """Two clips of every actor and emotion, in turn two with other sentences and intensities."""
    groups: dict[tuple[int, str], list[Any]] = {}
    for clip in sorted(clips, key=lambda clip: clip.name):
        groups.setdefault((clip.actor, clip.emotion), []).append(clip)
    chosen = []
    for turn, ((actor, _), group) in enumerate(sorted(groups.items())):
        # The actor's number moves the turn on, as there may be as many emotions as clips of each.
        order = np.roll(np.arange(len(group)), -(turn + actor))
        # In RAVDESS the first and the second half of a group are of different intensity.
        apart = max(1, (len(group) + 1) // _OF_EACH)
        chosen += [group[index] for index in order[::apart][:_OF_EACH]]
    return chosen


def _changed_vectors(data: bytes, voices: list[bytes], seed: Sequence[int]) -> np.ndarray | str:
    """The vectors of a clip's changed recordings and their views, or the sentence that says why it cannot be used."""
    try:
        others = [decode(voice, rate=_RATE) for voice in voices]
        versions = []
        for changed in disturbed(decode(data, rate=_RATE), others, [_SEED, *seed]):
            versions += [changed, *(view(changed) for view in VIEWS.values())]
        return np.stack([AUGMENTED_SET.extract(AUGMENTED_SET.prepared(each)) for each in versions])
    except SerError as error:
        return str(error)


def _write(path: Path, names: list[str], versions: ClipViews) -> None:
    arrays = {
        "names": np.array(names),
        "features": np.array(AUGMENTED_SET.names),
        "codes": versions.codes,
        "centre": versions.centre,
        "step": versions.step,
        "about": np.array(json.dumps(credits([RAVDESS.key]))),
    }
    with whole(path) as part, part.open("wb") as file:
        # Keywords are the names of the arrays; the type stubs take them for options.
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]


def _read(path: Path) -> tuple[list[str], ClipViews]:
    """Names of the clips, and their changed recordings as versions."""
    try:
        with np.load(path, allow_pickle=False) as file:
            names, features = file["names"].tolist(), tuple(file["features"].tolist())
            codes, centre, step = file["codes"], file["centre"], file["step"]
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise DatasetError(f"{path.name} cannot be read. {_WRITE}") from error
    if features != AUGMENTED_SET.names or len(codes) != len(DISTURBANCES) * AUGMENTED_SET.n_views:
        raise DatasetError(f"{path.name} holds other features than this version computes. {_WRITE}")
    return names, ClipViews(AUGMENTED_SET, codes, centre, step, np.zeros(len(names), dtype=np.intp))
