"""What a visitor should read first about an answer: the emotion, its course, or that there is no answer to believe.

A clip without a voice, and one that lies far from all clips that the model learnt from, get a headline that says so.
The most probable emotion is only a guess there. `benchmarks/headlines.py` measures how often noise, music, silence and
tones get such a headline, and how often speech does.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ser.inference.prediction import Prediction, WindowPrediction

NO_SPEECH, UNLIKE, UNSURE, COURSE, EMOTION = "no speech", "unlike", "unsure", "course", "emotion"

TITLES = {
    NO_SPEECH: "I can’t hear speech in this",
    UNLIKE: "This doesn’t sound like the speech the model knows",
    UNSURE: "Not sure",
}
"""The words for headlines without an emotion."""

# Codes of warnings (`ser.audio.quality`, `ser.inference.prediction`) that make an emotion a mere guess.
_DOUBTS = {"no_voice": NO_SPEECH, "unlike": UNLIKE}
# A change of emotion costs this in log probability: what comes after it has to be e³, 20 times, as probable.
CHANGE_COST = 3.0
# A course with more changes is not told in a headline.
MOST_STRETCHES = 4


@dataclass(frozen=True)
class Stretch:
    """A stretch of a clip with one emotion.

    Attributes:
        label: the emotion.
        start, end: seconds from the clip's beginning.
    """

    label: str
    start: float
    end: float


@dataclass(frozen=True)
class Headline:
    """What matters most about an answer.

    Attributes:
        topic: `NO_SPEECH`, `UNLIKE`, `UNSURE`, `COURSE` or `EMOTION`.
        course: emotions one after the other, for `COURSE` at least two.
    """

    topic: str
    course: tuple[Stretch, ...] = ()

    @property
    def is_guess(self) -> bool:
        """Whether the emotion is a mere guess, because there is no speech or none of the kind that the model knows."""
        return self.topic in (NO_SPEECH, UNLIKE)

    def sentence(self) -> str:
        """The course in words.

        Example:
            >>> Headline(COURSE, (Stretch("happy", 0, 30), Stretch("sad", 30, 60), Stretch("angry", 60, 90))).sentence()
            'happy until 0:30, sad until 1:00, then angry'
        """
        if len(self.course) > MOST_STRETCHES:
            lasting: dict[str, float] = {}
            for each in self.course:
                lasting[each.label] = lasting.get(each.label, 0.0) + each.end - each.start
            longest = max(lasting, key=lasting.__getitem__)
            return f"mostly {longest}, with {len(self.course) - 1} changes"
        *before, last = self.course
        return "".join(f"{each.label} until {_clock(each.end)}, " for each in before) + f"then {last.label}"


def headline(prediction: Prediction) -> Headline:
    """Return what matters most about an answer.

    That there is no speech comes before all else, then that it is unlike what the model knows, then that the model
    abstains.
    """
    codes = {warning.code for warning in prediction.warnings}
    for code, topic in _DOUBTS.items():
        if code in codes:
            return Headline(topic)
    if prediction.abstained:
        return Headline(UNSURE)
    if len(prediction.windows) < 2:
        return Headline(EMOTION)
    course = course_of(prediction.windows)
    return Headline(COURSE if len(course) > 1 else EMOTION, course)


def course_of(windows: Sequence[WindowPrediction]) -> tuple[Stretch, ...]:
    """Return the most probable course of emotions over windows, in which every change costs `CHANGE_COST` (Viterbi)."""
    labels = list(windows[0].probabilities)
    scores = np.log(np.maximum([[each.probabilities[label] for label in labels] for each in windows], 1e-12))
    best, came_from = scores[0], []
    for row in scores[1:]:
        leader = int(best.argmax())
        changes = best < best[leader] - CHANGE_COST
        came_from.append(np.where(changes, leader, np.arange(len(labels))))
        best = np.where(changes, best[leader] - CHANGE_COST, best) + row
    path = [int(best.argmax())]
    for origin in reversed(came_from):
        path.append(int(origin[path[-1]]))
    stretches: list[Stretch] = []
    for index, window in zip(reversed(path), windows, strict=True):
        if stretches and stretches[-1].label == labels[index]:
            stretches[-1] = Stretch(labels[index], stretches[-1].start, window.end)
            continue
        start = window.start
        if stretches:  # overlapping windows meet half-way, and so do windows with a gap between them
            start = (start + stretches[-1].end) / 2
            stretches[-1] = Stretch(stretches[-1].label, stretches[-1].start, start)
        stretches.append(Stretch(labels[index], start, window.end))
    return tuple(stretches)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"
