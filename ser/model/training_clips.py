"""Which clips a model learnt from, so that an answer to one of them is not taken for a test.

A clip is recognised by its features, for a file that was converted has other bytes. The distance between two clips is
the mean over features of how many deviations (over RAVDESS's clips) they differ, each difference counted as `MOST` at
most: a codec moves a few features far, another recording moves nearly all of them. Below `NEAREST` two clips are the
same recording. The thresholds and how often they are wrong are in `models/EXPERIMENTS.md`, by
`python -m benchmarks.training_clips`.

Values are kept in bytes, 0.6 MB for 1,440 clips; comparing a clip with them takes less than two milliseconds.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from ser.data.table_file import load_table
from ser.errors import DatasetError
from ser.features.sets import feature_set
from ser.model.emotion_model import EmotionModel, TrainingClips

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
    """Make clips recognisable.

    Args:
        features: of the clips that a model learns from, shape (n_clips, n_features).
        set_name: the feature set that they are of.

    Returns:
        The `TrainingClips`.
    """
    # Not the spread of these clips: a few of one voice are so alike that a codec would seem to move them far.
    centre, spread = _scale(set_name)
    return TrainingClips(_codes(_compared(features, set_name), centre, spread), centre, spread)


def index_shipped(
    actors: Sequence[int], labels: Sequence[str], n_clips: int, set_name: str, left_out: Sequence[str] = ()
) -> TrainingClips | None:
    """Make the clips recognisable that a kept model learnt from.

    Args:
        actors: whose clips of the shipped table these are.
        labels: with which emotions.
        n_clips: how many there must be.
        set_name: the feature set to compare them by.
        left_out: names of those of these clips that were not learnt from.

    Returns:
        The `TrainingClips`; None where the table has not exactly so many such clips, and so others were learnt from.
    """
    try:
        table = load_table(only=set_name)
    except DatasetError:
        return None
    rows = np.flatnonzero(
        np.isin(table.actors, actors) & np.isin(table.labels, labels) & ~table.clips["name"].isin(left_out).to_numpy()
    )
    return index_clips(table.matrix(set_name)[rows], set_name) if rows.size == n_clips else None


def distances_to(clips: TrainingClips, features: np.ndarray, set_name: str) -> np.ndarray:
    """How far a clip lies from each of some others.

    Args:
        clips: from `index_clips`.
        features: of the clip, shape (n_features,).
        set_name: the feature set that all are of.

    Returns:
        shape (n_clips,), 0 (the same) to `MOST`.
    """
    code = _codes(_compared(features[None], set_name), clips.centre, clips.spread)
    # In bytes, without a sign: what a subtraction of the smaller from the larger gives.
    apart = np.maximum(clips.codes, code)
    apart -= np.minimum(clips.codes, code)
    np.minimum(apart, round(MOST / _STEP), out=apart)
    return apart.sum(axis=1, dtype=np.uint32) * (_STEP / apart.shape[1])


def learnt_from(model: EmotionModel, features: np.ndarray) -> bool:
    """Whether a model learnt from this very clip, whatever it was converted to.

    Args:
        model: who answers.
        features: of the clip, the model's whole set, shape (n_features,).

    Returns:
        Whether one of its training clips is as near as only the same recording is; False where they are not known.
    """
    known = model.training_clips
    return known is not None and bool(same_recording(known, features, model.feature_set).any())


def same_recording(clips: TrainingClips, features: np.ndarray, set_name: str) -> np.ndarray:
    """Which clips are the same recording as a clip, whatever it was converted to.

    Args:
        clips: from `index_clips`.
        features: of the clip, shape (n_features,).
        set_name: the feature set that all are of.

    Returns:
        Booleans, shape (n_clips,).
    """
    return distances_to(clips, features, set_name) < NEAREST[set_name]


@lru_cache
def _scale(set_name: str) -> tuple[np.ndarray, np.ndarray]:
    """Mean and deviation of each compared feature over RAVDESS, float32."""
    values = _compared(load_table(only=set_name).matrix(set_name), set_name)
    spread = values.std(axis=0)
    return values.mean(axis=0).astype(np.float32), np.where(spread > 1e-9, spread, 1.0).astype(np.float32)


def _compared(features: np.ndarray, set_name: str) -> np.ndarray:
    """What clips are compared by, float64, shape (n_clips, n_compared)."""
    if set_name != "notebook":
        # A visitor's runs each keep them, and all features tell hardly more.
        return features[:, ::_EVERY].astype(np.float64)
    # The notebook's set takes the level for a feature, and all of its MFCC move when a codec leaves out the highest
    # band. So its mel bands below that are compared, in logarithms and relative to their mean, and chroma.
    wanted = feature_set(set_name).features
    mel = [i for i, feature in enumerate(wanted) if feature.is_power][:_NOTEBOOK_BANDS]
    bands = np.log10(np.maximum(features[:, mel].astype(np.float64), _FLOOR))
    chroma = features[:, [i for i, feature in enumerate(wanted) if feature.group == "chroma"]]
    return np.concatenate([bands - bands.mean(axis=1, keepdims=True), chroma], axis=1)


def _codes(values: np.ndarray, centre: np.ndarray, spread: np.ndarray) -> np.ndarray:
    return np.clip(np.rint((values - centre) / (spread * _STEP)) + 128, 0, 255).astype(np.uint8)
