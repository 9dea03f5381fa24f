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

    Examples:
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

    Examples:
        >>> describe_reliability(0.7, Score("loso", ("calm", "sad"), 0.75, (0.5, 0.9), ece=0.02))
        'Answers this sure are right about 7 times in 10.'
        >>> describe_reliability(0.5, Score("loso", ("calm", "sad"), 0.75, (0.5, 0.9), ece=0.06, data_set="nEMO"))
        'Answers this sure are right about 5 times in 10 on the voices of nEMO.'
    """
    if score is None:
        return "Nobody has tested this model on new voices."
    if not calibrated(score):
        return (
            f"Do not rely on the {percent(confidence)}. In tests with new voices, such figures were off by "
            f"{percent(score.ece)} on average."
        )
    voices = f" on the voices of {score.data_set}" if score.data_set in _OTHERS else ""
    sentence = f"Answers this sure are right {times_in_ten(confidence)}{voices}."
    return f"{sentence} That holds for good recordings, and this one has a problem." if doubtful else sentence


def describe_recall(label: str, score: Score | None) -> str | None:
    """How often a model and people find an emotion in held-out voices, one number a sentence; None if not known."""
    emotion = emotion_score(score, label) if score else None
    if not score or not emotion:
        return None
    voices = f"voices of {score.data_set}" if score.data_set in _OTHERS else "voices"
    one = ", which count as one" if len(emotion.names) > 1 else ""
    clips = f"{' and '.join(emotion.names)} clips{one}"
    sentences = [f"In tests with new {voices}, the model recognised {percent(emotion.recall)} of the {clips}."]
    if emotion.human_recall is not None:
        sentences.append(f"People recognised {percent(emotion.human_recall)} of them.")
    if emotion.precision is not None:
        # Beside the share for answers of this confidence, this one must say that it is about all of them.
        sentences.append(f"Of all its answers “{label}”, sure or not, {percent(emotion.precision)} were right.")
    return " ".join(sentences)


def describe_faint(score: Score | None) -> str:
    """What it means that an emotion is not in the prediction set, with the share of tests in which that held.

    Examples:
        >>> describe_faint(Score("loso", ("calm", "sad"), 0.7, (0.5, 0.9), details={"conformal": {"coverage": 0.91}}))
        'Faint bars are unlikely: in 9 of 10 tests the true emotion was one of the solid bars.'
    """
    coverage = score.details.get("conformal", {}).get("coverage") if score else None
    if coverage is None:
        return "Faint bars are unlikely."
    return f"Faint bars are unlikely: in {round(10 * coverage)} of 10 tests the true emotion was one of the solid bars."


def times_in_ten(share: float) -> str:
    """A share, 0 to 1, in words for the middle of a sentence.

    Examples:
        >>> times_in_ten(0.72), times_in_ten(0.98), times_in_ten(0.02)
        ('about 7 times in 10', 'more than 9 times in 10', 'less than once in 10')
    """
    if share > 0.95:
        return "more than 9 times in 10"
    if share < 0.05:
        return "less than once in 10"
    return f"about {round(10 * share)} times in 10" if round(10 * share) != 1 else "about once in 10"
