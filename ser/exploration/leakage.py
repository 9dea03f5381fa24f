"""What a leaky test is worth: how much better a model looks if its test has speakers that it learnt from."""

from dataclasses import dataclass

import numpy as np

from ser.errors import DatasetError
from ser.exploration.agreement import scaled_within
from ser.text import count

_FOLDS = 6


@dataclass(frozen=True)
class Leakage:
    """A simple model, judged in two ways.

    Attributes:
        leaking: share of right answers where folds are drawn by chance, so that tests share speakers with training.
        held_out: the same where all clips of a speaker are in one fold.
    """

    leaking: float
    held_out: float


def leakage(matrix: np.ndarray, emotions: np.ndarray, speakers: np.ndarray, *, seed: int = 0) -> Leakage:
    """Judge a model that answers with the emotion of the nearest clip it knows, by both kinds of folds.

    There are as many folds of either kind. `matrix` has the shape (n_clips, n_features); labels are one a clip.
    """
    voices = np.unique(speakers)
    folds = min(_FOLDS, len(voices))
    if folds < 2 or len(np.unique(emotions)) < 2 or len(matrix) < 10 * folds:
        raise DatasetError(
            f"These are {count(len(matrix), 'clip')} of {count(len(voices), 'speaker')}; a test on new speakers needs "
            "two speakers and two emotions, and ten clips a fold. Widen the filters."
        )
    rng = np.random.default_rng(seed)
    by_speaker = dict(zip(rng.permutation(voices).tolist(), np.arange(len(voices)) % folds, strict=True))
    held_out = np.array([by_speaker[speaker] for speaker in speakers.tolist()])
    by_chance = rng.permutation(np.arange(len(matrix)) % folds)
    return Leakage(_right(matrix, emotions, by_chance), _right(matrix, emotions, held_out))


def _right(matrix: np.ndarray, emotions: np.ndarray, fold_of: np.ndarray) -> float:
    """Share of clips whose nearest clip of the other folds has their emotion."""
    unit = scaled_within(matrix, np.zeros(len(matrix)))
    squares = (unit**2).sum(axis=1)
    distances = squares[:, None] + squares[None] - 2 * unit @ unit.T
    distances[fold_of[:, None] == fold_of[None]] = np.inf
    return float((emotions[distances.argmin(axis=1)] == emotions).mean())
