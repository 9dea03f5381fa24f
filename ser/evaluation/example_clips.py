"""The rule that draws the clips of actors which the demo offers as examples.

The clips are a small sample of the data set that must not flatter anybody. They come from the four actors of one of
EmoBox's folds, so that one model which did not learn from these actors can answer all of them. `draw` gives three clips
for each emotion, balanced over actors, sentences and strength. `is_fair` takes a draw only if the model and people do
as well on it as on all clips of the data set. `tools/examples` takes the first fair draw.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ser.data.splits import EMOBOX_FOLDS
from ser.emotions import LABELS
from ser.evaluation import human_baseline

ACTORS = EMOBOX_FOLDS[5]
"""The only fold of two women and two men."""
PER_EMOTION = 3

_ALWAYS_NORMAL = "neutral"
# Of all clips 47 % are strong. Four of the seven emotions with strong clips get two and three get one: 11 of 24.
_STRONG = (2, 2, 2, 2, 1, 1, 1)
# A share of 24 clips comes in steps of 4 points, so the nearest share lies at most 2 points away.
_MOST_OFF = 0.03


@dataclass(frozen=True)
class Rates:
    """How often answers are right, 0 to 1.

    Attributes:
        model: the share of a model's answers.
        model_as_listeners: the same where neutral and calm count as one, as they did for the listeners.
        people: the share of the listeners' answers.
    """

    model: float
    model_as_listeners: float
    people: float


def draw(clips: pd.DataFrame, seed: int) -> tuple[str, ...]:
    """The names of 24 clips: three of each emotion, each by another actor, and six of each actor.

    `clips` are rows of a feature table. 11 of the clips are strong and 12 have either sentence.
    """
    rng = np.random.default_rng(seed)
    silent = rng.permutation(np.repeat(ACTORS, len(LABELS) // len(ACTORS)))
    strong = dict(zip((each for each in LABELS if each != _ALWAYS_NORMAL), rng.permutation(_STRONG), strict=True))
    statements = iter(rng.permutation(np.repeat(sorted(set(clips["statement"])), len(LABELS) * PER_EMOTION // 2)))
    names = []
    for emotion, absent in zip(LABELS, silent, strict=True):
        count = strong.get(emotion, 0)
        intensities = ["strong"] * count + ["normal"] * (PER_EMOTION - count)
        actors = rng.permutation([actor for actor in ACTORS if actor != absent])
        for actor, intensity in zip(actors, intensities, strict=True):
            wanted = {"emotion": emotion, "actor": actor, "intensity": intensity, "statement": next(statements)}
            found = clips.loc[(clips[list(wanted)] == pd.Series(wanted)).all(axis=1), "name"]
            names.append(str(rng.choice(found)))
    return tuple(names)


def rates(actual: Sequence[str], answered: Sequence[str]) -> Rates:
    """How often a model's answers to some clips are right, and how often listeners are by the figures of emotions."""
    meant, labels = np.array(actual), np.array(answered)
    return Rates(
        float((meant == labels).mean()),
        float(human_baseline.right(meant, labels).mean()),
        float(np.mean([human_baseline.BY_EMOTION[each] for each in actual])),
    )


def overall(accuracy: float, as_listeners: float) -> Rates:
    """The rates on all clips of the data set: the model's by its card, and the listeners'."""
    return Rates(accuracy, as_listeners, human_baseline.OVERALL)


def is_fair(drawn: Rates, everything: Rates) -> bool:
    """Whether no rate of a draw is far from the rate on all clips."""
    return most_off(drawn, everything) <= _MOST_OFF


def most_off(drawn: Rates, everything: Rates) -> float:
    """The largest distance between the rates of a draw and those on all clips, 0 to 1."""
    pairs = zip(vars(drawn).values(), vars(everything).values(), strict=True)
    return max(abs(some - whole) for some, whole in pairs)


def balance(clips: pd.DataFrame) -> dict[str, Counter]:
    """How many clips there are of each emotion, actor, sex, strength and sentence."""
    return {field: Counter(clips[field]) for field in ("emotion", "actor", "sex", "intensity", "statement")}
