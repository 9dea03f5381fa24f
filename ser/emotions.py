"""The eight emotions of RAVDESS: their order, names, colours and faces.

Every array over emotions in this package is in the order of `LABELS` (RAVDESS's codes 01 to 08), or in that of a
model's own `labels`: those of the eight that it knows in their order, then the labels that a visitor made up.

Source: Livingstone & Russo (2018), doi:10.1371/journal.pone.0196391.
"""

from colorsys import hls_to_rgb
from dataclasses import dataclass
from functools import lru_cache
from zlib import crc32

from ser.memory import of_visitors


@dataclass(frozen=True)
class Emotion:
    """One emotion.

    Attributes:
        code: RAVDESS's number in file names, 1 to 8.
        name: the label in tables, models and JSON.
        adjective: describes a voice with it.
        colour: hex colour with a contrast of 3:1 on white and on Streamlit's dark ground (#0e1117), chosen after Paul
            Tol's colour-blind safe schemes; never the only sign of the emotion.
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

#: The emotion of the clips that a voice profile is made of.
NEUTRAL = EMOTIONS[0].name

BY_NAME: dict[str, Emotion] = {emotion.name: emotion for emotion in EMOTIONS}
BY_CODE: dict[int, Emotion] = {emotion.code: emotion for emotion in EMOTIONS}

# Relative luminances (WCAG 2) of own labels' colours, between what white and what the dark ground ask for.
_LUMINANCES = (0.15, 0.20, 0.27)


def described(label: str) -> Emotion:
    """The `Emotion` of a label. A label that RAVDESS does not know has code 0, itself for its words and a plain mark.

    Examples:
        >>> described("bored").adjective, described("disgust").adjective
        ('bored', 'disgusted')
    """
    if label in BY_NAME:
        return BY_NAME[label]
    return Emotion(0, label, label, colour(label), "🏷️")


@of_visitors
@lru_cache(1024)
def colour(label: str) -> str:
    """The hex colour of a label, the same in every figure and on every page.

    A label that RAVDESS does not know gets a hue from its name alone, because other labels beside it differ from page
    to page. Its contrast is 3:1 or more on white and on Streamlit's dark ground, like that of the eight.

    Examples:
        >>> colour("sad"), colour("bored")
        ('#4477cc', '#5878cf')
    """
    if label in BY_NAME:
        return BY_NAME[label].colour
    drawn = crc32(label.encode("utf-8", "surrogatepass"))
    hue, luminance = drawn % 360, _LUMINANCES[drawn // 360 % len(_LUMINANCES)]
    low, high = 0.0, 1.0
    for _ in range(20):
        middle = (low + high) / 2
        red, green, blue = (_linear(part) for part in hls_to_rgb(hue / 360, middle, 0.55))
        low, high = (middle, high) if 0.2126 * red + 0.7152 * green + 0.0722 * blue < luminance else (low, middle)
    return "#" + "".join(f"{round(255 * part):02x}" for part in hls_to_rgb(hue / 360, low, 0.55))


def _linear(part: float) -> float:
    """An sRGB channel, 0 to 1, as light."""
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
