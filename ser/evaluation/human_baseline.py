"""The human baseline: how often people are right about the same clips.

The audio-only speech clips of RAVDESS were each judged ten times by untrained listeners from North America. The
figures are the share of judgements that named the emotion the actor meant.

**Neutral and calm count as one**: an answer of either is right for clips of both. `as_listeners` counts a model's
answers in the same way, so that the two can be compared.

Source: Livingstone & Russo (2018), doi:10.1371/journal.pone.0196391, table S1 (validity ratings of every clip).
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np

from ser.emotions import LABELS
from ser.errors import SerError

SOURCE = "Livingstone & Russo (2018), doi:10.1371/journal.pone.0196391, table S1"

#: The labels that count as one: an answer of either is right for both.
ONE: frozenset[str] = frozenset({"neutral", "calm"})

#: Share of all judgements of the audio-only speech clips that were right.
OVERALL = 0.624

#: Recall by emotion, 0 to 1; neutral and calm have their common figure.
BY_EMOTION: Mapping[str, float] = MappingProxyType(
    {
        "neutral": 0.817,
        "calm": 0.817,
        "happy": 0.366,
        "sad": 0.479,
        "angry": 0.746,
        "fearful": 0.662,
        "disgust": 0.519,
        "surprised": 0.679,
    }
)

#: Share right by how strongly the actor was asked to speak, 0 to 1.
BY_INTENSITY: Mapping[str, float] = MappingProxyType({"normal": 0.580, "strong": 0.674})

#: Share right by the actor's sex, 0 to 1.
BY_SEX: Mapping[str, float] = MappingProxyType({"female": 0.661, "male": 0.586})

#: The published figures by the field of a clip.
BY_FIELD: Mapping[str, Mapping[str, float]] = MappingProxyType(
    {"emotion": BY_EMOTION, "intensity": BY_INTENSITY, "sex": BY_SEX}
)


def right(actual: np.ndarray, answered: np.ndarray) -> np.ndarray:
    """Which answers are right when neutral and calm count as one.

    Examples:
        >>> right(np.array(["calm", "sad"]), np.array(["neutral", "angry"])).tolist()
        [True, False]
    """
    one = list(ONE)
    return (actual == answered) | (np.isin(actual, one) & np.isin(answered, one))


def as_listeners(confusion: np.ndarray, labels: Sequence[str]) -> dict[str, float]:
    """A model's recall by emotion, counted as the listeners' was; an emotion without a clip is left out.

    Rows of `confusion` are actual emotions, columns are answers, both in the order of `labels`. Neutral and calm get
    their common figure, as in `BY_EMOTION`.

    Examples:
        >>> as_listeners(np.array([[6, 4, 0], [2, 6, 2], [0, 1, 9]]), ["neutral", "calm", "sad"])
        {'neutral': 0.9, 'calm': 0.9, 'sad': 0.9}
    """
    counts = np.asarray(confusion)
    if counts.shape != (len(labels), len(labels)):
        raise SerError(f"The confusion matrix has shape {counts.shape}; {len(labels)} labels need a square of that.")
    recalls = {}
    for label in (each for each in LABELS if each in labels):
        same = [i for i, each in enumerate(labels) if each == label or {each, label} <= ONE]
        total = counts[same].sum()
        if total:
            recalls[label] = round(float(counts[np.ix_(same, same)].sum() / total), 10)
    return recalls
