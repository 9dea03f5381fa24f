"""Recognises the clips that a model learnt from, so that nobody takes an answer to one of them for a test.

A clip is recognised by its features, because a converted file has other bytes. The distance between two clips is the
mean difference of their features in standard deviations over RAVDESS, where a single feature counts `MOST` at most. A
codec changes a few features a lot; another recording changes nearly all of them. Two clips are the same recording if
their distance is below `NEAREST`. `models/EXPERIMENTS.md` says how the thresholds were chosen and how often they are
wrong; `python -m benchmarks.training_clips` measures it.

The features are kept as bytes, 0.6 MB for the 1,440 clips of RAVDESS. Comparing a clip with them takes less than two
milliseconds.
"""

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ser.data.data_sets import RAVDESS
from ser.errors import DatasetError
from ser.features.sets import feature_set
from ser.model.emotion_model import EmotionModel, TrainingClips

if TYPE_CHECKING:
    from ser.data.table import FeatureTable

SHIPPED_CLIPS = Path(__file__).with_name("shipped_clips.npz")
"""All clips of the shipped tables, from which a model's are chosen; `python -m ser extract` writes it."""

#: Feature set → largest distance of two clips that are one recording.
NEAREST: dict[str, float] = {"standard": 0.26, "notebook": 0.22}
#: Deviations that the difference in one feature counts at most.
MOST = 0.5
LEARNT = (
    "The model learnt from this very clip, so this answer is no test of it. To test the model, give it a clip that it "
    "did not learn from."
)

_STEP = 0.04
_FLOOR = 1e-10
_EVERY = 4
_NOTEBOOK_BANDS = 70  # up to about 5 kHz


def index_clips(features: np.ndarray, set_name: str) -> TrainingClips:
    """The index of clips from their features, shape (n_clips, n_features), of the feature set `set_name`."""
    # The spread is that of RAVDESS. A few clips of one voice are so alike that a codec would seem to change them a lot.
    centre, spread = _scale(set_name)
    return TrainingClips(_codes(_compared(features, set_name), centre, spread), centre, spread)


def index_shipped(
    actors: Sequence[int], labels: Sequence[str], n_clips: int, set_name: str, left_out: Sequence[str] = ()
) -> TrainingClips | None:
    """The index of the clips of the shipped tables that a kept model learnt from.

    These are the clips of some actors with some labels, but for those left out. None if the tables do not hold exactly
    `n_clips` of them: then the model learnt from other clips.
    """
    try:
        kept = _shipped_clips(SHIPPED_CLIPS, set_name)
    except DatasetError:
        return None
    rows = np.flatnonzero(
        np.isin(kept["actors"], actors) & np.isin(kept["labels"], labels) & ~np.isin(kept["names"], left_out)
    )
    if rows.size != n_clips:
        return None
    return TrainingClips(kept[f"{set_name} codes"][rows], *_scale(set_name))


def keep_shipped_clips(table: "FeatureTable", path: Path = SHIPPED_CLIPS) -> None:
    """Write down all clips of the shipped tables as `index_shipped` wants them: reading the table takes a second."""
    arrays = {"actors": table.actors, "labels": table.labels.astype(str), "names": table.clips["name"].to_numpy(str)}
    for set_name, matrix in table.matrices.items():
        values = _compared(matrix, set_name)
        of_ravdess = values[table.corpora == RAVDESS.key]
        spread = of_ravdess.std(axis=0)
        centre = of_ravdess.mean(axis=0).astype(np.float32)
        spread = np.where(spread > 1e-9, spread, 1.0).astype(np.float32)
        codes = _codes(values, centre, spread)
        arrays |= {f"{set_name} codes": codes, f"{set_name} centre": centre, f"{set_name} spread": spread}
        arrays[f"{set_name} features"] = _digest(set_name)
    np.savez_compressed(path, **arrays)


@lru_cache(maxsize=4)
def _shipped_clips(path: Path, set_name: str) -> dict[str, np.ndarray]:
    """What `keep_shipped_clips` wrote of a feature set; `DatasetError` if that is of other features."""
    try:
        with np.load(path) as arrays:
            kept = {name: arrays[name] for name in arrays if " " not in name or name.startswith(f"{set_name} ")}
    except OSError as error:
        raise DatasetError(f"{path.name} cannot be read. Write it with `python -m ser extract`.") from error
    if str(kept[f"{set_name} features"]) != _digest(set_name):
        raise DatasetError(f"{path.name} is of another version. Write it anew with `python -m ser extract`.")
    return kept


def _digest(set_name: str) -> str:
    """A short name for the list of features of a set."""
    return hashlib.sha256(" ".join(feature_set(set_name).names).encode()).hexdigest()[:16]


def distances_to(clips: TrainingClips, features: np.ndarray, set_name: str) -> np.ndarray:
    """Distances of a clip with these features, shape (n_features,), to all clips of an index, 0 to `MOST`."""
    code = _codes(_compared(features[None], set_name), clips.centre, clips.spread)
    # Bytes have no sign, so the smaller is subtracted from the larger.
    apart = np.maximum(clips.codes, code)
    apart -= np.minimum(clips.codes, code)
    # A row instead of a number: numpy takes eight times as long for bytes and a number.
    np.minimum(apart, np.full_like(code, round(MOST / _STEP)), out=apart)
    return apart.sum(axis=1, dtype=np.uint16) * (_STEP / apart.shape[1])


def learnt_from(model: EmotionModel, features: np.ndarray) -> bool:
    """Whether a model learnt from the clip with these features, shape (n_features,); False where that is not known."""
    known = model.training_clips
    return known is not None and bool(same_recording(known, features, model.feature_set).any())


def same_recording(clips: TrainingClips, features: np.ndarray, set_name: str) -> np.ndarray:
    """Which clips of an index are the same recording as a clip, booleans, shape (n_clips,)."""
    return distances_to(clips, features, set_name) < NEAREST[set_name]


def _scale(set_name: str) -> tuple[np.ndarray, np.ndarray]:
    """Mean and deviation of each compared feature over RAVDESS, float32."""
    kept = _shipped_clips(SHIPPED_CLIPS, set_name)
    return kept[f"{set_name} centre"], kept[f"{set_name} spread"]


def _compared(features: np.ndarray, set_name: str) -> np.ndarray:
    """The values that are compared, float64, shape (n_clips, n_compared)."""
    if set_name != "notebook":
        # Each run of a visitor keeps these values, and more of them would hardly help.
        return features[:, ::_EVERY].astype(np.float64)
    # In the notebook's set the level is a feature, and all MFCC change when a codec leaves out the highest band. So the
    # mel bands below that are compared, in logarithms and relative to their mean, and the chroma.
    wanted = feature_set(set_name).features
    mel = [i for i, feature in enumerate(wanted) if feature.is_power][:_NOTEBOOK_BANDS]
    bands = np.log10(np.maximum(features[:, mel].astype(np.float64), _FLOOR))
    chroma = features[:, [i for i, feature in enumerate(wanted) if feature.group == "chroma"]]
    return np.concatenate([bands - bands.mean(axis=1, keepdims=True), chroma], axis=1)


def _codes(values: np.ndarray, centre: np.ndarray, spread: np.ndarray) -> np.ndarray:
    return np.clip(np.rint((values - centre) / (spread * _STEP)) + 128, 0, 255).astype(np.uint8)
