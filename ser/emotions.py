"""The eight emotions of RAVDESS: their one order, and how they are named and coloured wherever they are shown.

Every array over emotions in this package is in the order of `LABELS` (RAVDESS's codes 01 to 08), or, where a
model knows fewer, in the order of that model's own `labels`, which is a subsequence of it.

Source: Livingstone & Russo (2018), doi:10.1371/journal.pone.0196391.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32


@dataclass(frozen=True)
class Emotion:
    """One emotion.

    Attributes:
        code: RAVDESS's number in file names, 1 to 8.
        name: the label in tables, models and JSON.
        adjective: how a voice with it is said to sound.
        colour: hex colour that holds contrast 3:1 on white and on Streamlit's dark ground (#0e1117), chosen after
            Paul Tol's colour-blind safe schemes; never the only carrier of meaning.
        emoji: a face for headings, beside the word.
    """

    code: int
    name: str
    adjective: str
    colour: str
    emoji: str


EMOTIONS: tuple[Emotion, ...] = (
    Emotion(1, "neutral", "neutral", "#7f7f7f", "😐"),
    Emotion(2, "calm", "calm", "#2a9d8f", "😌"),
    Emotion(3, "happy", "happy", "#b8860b", "😄"),
    Emotion(4, "sad", "sad", "#4477cc", "😢"),
    Emotion(5, "angry", "angry", "#d1495b", "😠"),
    Emotion(6, "fearful", "fearful", "#9a5fc2", "😨"),
    Emotion(7, "disgust", "disgusted", "#5f8f2f", "🤢"),
    Emotion(8, "surprised", "surprised", "#d9642a", "😲"),
)

LABELS: tuple[str, ...] = tuple(emotion.name for emotion in EMOTIONS)

BY_NAME: dict[str, Emotion] = {emotion.name: emotion for emotion in EMOTIONS}
BY_CODE: dict[int, Emotion] = {emotion.code: emotion for emotion in EMOTIONS}

# For names that RAVDESS does not know, in the order of a model's labels; as readable on light and dark as the eight.
_OWN_COLOURS = ("#4477cc", "#c77d1a", "#2a9d8f", "#d1495b", "#9a5fc2", "#5f8f2f", "#b8860b", "#7f7f7f")


def described(label: str) -> Emotion:
    """How to name and show a label, also one that a visitor made up.

    Args:
        label: one of `LABELS`, or any other text.

    Returns:
        RAVDESS's `Emotion`; for another label one with code 0, the label for its words and a plain mark for a face.

    Example:
        >>> described("bored").adjective, described("disgust").adjective
        ('bored', 'disgusted')
    """
    if label in BY_NAME:
        return BY_NAME[label]
    return Emotion(0, label, label, _OWN_COLOURS[crc32(label.encode()) % len(_OWN_COLOURS)], "🏷️")


def colours(labels: Sequence[str]) -> dict[str, str]:
    """A colour for every label, different ones as far as there are enough.

    Args:
        labels: in a model's order.

    Returns:
        Label → hex colour; RAVDESS's emotions keep their own.

    Example:
        >>> colours(["sad", "bored"])
        {'sad': '#4477cc', 'bored': '#c77d1a'}
    """
    chosen = {label: BY_NAME[label].colour for label in labels if label in BY_NAME}
    free = [colour for colour in _OWN_COLOURS if colour not in chosen.values()] or list(_OWN_COLOURS)
    own = [label for label in labels if label not in BY_NAME]
    return {label: chosen.get(label) or free[own.index(label) % len(free)] for label in labels}
