"""What a model's card says about trusting its answers, and how often people are right about the same clips.

The sentences are plain text for pages and reports.
"""

from dataclasses import dataclass

import numpy as np

from ser.data.data_sets import DATA_SETS, RAVDESS
from ser.evaluation.human_baseline import BY_EMOTION, ONE, as_listeners
from ser.model.card import Score
from ser.text import percent

# Confidences further than this from the share of right answers are not worth putting in words.
MAX_ECE = 0.10
# RAVDESS, by which most models are judged, is not named in sentences.
_OTHERS = {each.title for each in DATA_SETS.values()} - {RAVDESS.title}


@dataclass(frozen=True)
class EmotionScore:
    """How well one emotion was recognised on held-out speakers.

    Attributes:
        names: the emotion, or the two that count as one in the human baseline.
        recall: share of its clips that the model recognised, 0 to 1.
        human_recall: share of its clips that people recognised; None for an emotion or clips that
            they were not asked about.
        precision: share of the answers with this emotion alone that were right; None if there was no such answer.
        n_clips: number of its clips.
    """

    names: tuple[str, ...]
    recall: float
    human_recall: float | None
    precision: float | None
    n_clips: int


def calibrated(score: Score) -> bool:
    """Whether a confidence of this model says how often such answers are right."""
    return score.ece <= MAX_ECE


def emotion_score(score: Score, label: str) -> EmotionScore | None:
    """How well one emotion was recognised; None where the score does not say.

    Example:
        >>> score = Score("loso", ("calm", "sad"), 0.75, (0.5, 0.9), n_clips=4, confusion=((2, 0), (1, 1)))
        >>> emotion_score(score, "sad").recall, round(float(emotion_score(score, "calm").precision), 2)
        (0.5, 0.67)
    """
    if label not in score.labels or not score.confusion:
        return None
    counts = np.array(score.confusion)
    names = tuple(name for name in score.labels if name == label or {name, label} <= ONE)
    own = score.labels.index(label)
    answers = int(counts[:, own].sum())
    recall = as_listeners(counts, score.labels).get(label)
    if recall is None:
        return None
    return EmotionScore(
        names=names,
        recall=recall,
        # People were asked about clips of RAVDESS.
        human_recall=BY_EMOTION.get(label) if score.data_set == RAVDESS.title else None,
        precision=counts[own, own] / answers if answers else None,
        n_clips=int(counts[[score.labels.index(name) for name in names]].sum()),
    )


def describe_reliability(confidence: float, score: Score | None, *, doubtful: bool = False) -> str:
    """How often answers with this confidence are right, as far as that is known, in a sentence.

    `doubtful` says that something is wrong with the recording; scores come from good recordings.

    Example:
        >>> describe_reliability(0.7, Score("loso", ("calm", "sad"), 0.75, (0.5, 0.9), ece=0.02))
        'About 7 in 10 such answers are right on voices like those it was tested on.'
        >>> describe_reliability(0.5, Score("loso", ("calm", "sad"), 0.75, (0.5, 0.9), ece=0.06, data_set="nEMO"))
        'About 5 in 10 such answers are right on unseen voices of nEMO.'
    """
    if score is None:
        return "How often such answers are right was never tested on voices that the model had not heard."
    if not calibrated(score):
        return (
            f"Its confidence is {percent(confidence)}, but on unseen voices its confidence was "
            f"{percent(score.ece)} off: do not rely on the figure."
        )
    count = in_ten(confidence)
    if doubtful:
        return f"Of good recordings {count} such answers are right, but this one is in doubt."
    voices = f"unseen voices of {score.data_set}" if score.data_set in _OTHERS else "voices like those it was tested on"
    return f"{count[0].upper()}{count[1:]} such answers are right on {voices}."


def describe_recall(label: str, score: Score | None) -> str | None:
    """How often a model and people find an emotion in held-out voices, in one or two sentences; None if not known."""
    emotion = emotion_score(score, label) if score else None
    if not score or not emotion:
        return None
    data_set = f" of {score.data_set}" if score.data_set in _OTHERS else ""
    text = f"Of {' and '.join(emotion.names)} clips of unseen actors{data_set} it finds {percent(emotion.recall)}"
    if emotion.human_recall is not None:
        text += f"; human listeners find {percent(emotion.human_recall)}"
    if emotion.precision is not None:
        text += f". When it says {label}, it is right {percent(emotion.precision)} of the time"
    return f"{text}."


def in_ten(share: float) -> str:
    """A share, 0 to 1, in words for the middle of a sentence.

    Example:
        >>> in_ten(0.72), in_ten(0.98), in_ten(0.02)
        ('about 7 in 10', 'more than 9 in 10', 'fewer than 1 in 10')
    """
    if share > 0.95:
        return "more than 9 in 10"
    return f"about {round(10 * share)} in 10" if share >= 0.05 else "fewer than 1 in 10"
