"""What a model's card says about trusting its answers, beside how often people are right about the same clips.

The sentences in here are plain text for pages and reports alike.
"""

from dataclasses import dataclass

import numpy as np

from ser.data.splits import SPEAKER_INDEPENDENT
from ser.evaluation.human_baseline import BY_EMOTION, ONE, as_listeners
from ser.text import percent

# Confidences further than this from the share of right answers are not worth putting in words.
MAX_ECE = 0.10


@dataclass(frozen=True)
class EmotionRecord:
    """How one emotion fared on voices that the model never heard.

    Attributes:
        names: the emotion, or the two that count as one where listeners are compared.
        found: share of its clips that the model found (recall), 0 to 1.
        listeners: share of its clips that people found; None for an emotion that they were not asked about.
        right: share of the model's answers with this emotion alone that were right (precision); None if it never
            gave it.
        n_clips: how many of its clips were judged.
    """

    names: tuple[str, ...]
    found: float
    listeners: float | None
    right: float | None
    n_clips: int


@dataclass(frozen=True)
class TrackRecord:
    """A card's score on unseen voices.

    Attributes:
        labels: the emotions told apart.
        uar: unweighted average recall, 0 to 1.
        uar_interval: its 95 % interval.
        ece: expected calibration error, 0 to 1.
        n_clips: clips judged.
        confusion: counts, rows actual, columns answered.
    """

    labels: tuple[str, ...]
    uar: float
    uar_interval: tuple[float, float]
    ece: float
    n_clips: int
    confusion: tuple[tuple[int, ...], ...]

    @property
    def calibrated(self) -> bool:
        """Whether a confidence of this model says how often such answers are right."""
        return self.ece <= MAX_ECE

    def of(self, label: str) -> EmotionRecord | None:
        """How one emotion fared.

        Args:
            label: an emotion.

        Returns:
            The `EmotionRecord`; None where the card does not say.
        """
        if label not in self.labels or not self.confusion:
            return None
        counts = np.array(self.confusion)
        names = tuple(name for name in self.labels if name == label or {name, label} <= ONE)
        own = self.labels.index(label)
        answers = int(counts[:, own].sum())
        found = as_listeners(counts, self.labels).get(label)
        if found is None:
            return None
        return EmotionRecord(
            names=names,
            found=found,
            listeners=BY_EMOTION.get(label),
            right=counts[own, own] / answers if answers else None,
            n_clips=int(counts[[self.labels.index(name) for name in names]].sum()),
        )


def track_record(card: dict) -> TrackRecord | None:
    """The first score of a card that comes from unseen voices.

    Args:
        card: as `ser.model.store.StoredModel.card`.

    Returns:
        The `TrackRecord`; None where every score has the same voices on both sides, and so flatters, or there is none.

    Example:
        >>> score = {"protocol": "loso", "labels": ["calm", "sad"], "uar": 0.75, "uar_interval": [0.5, 0.9],
        ...          "ece": 0.02, "n_clips": 4, "confusion": [[2, 0], [1, 1]]}
        >>> record = track_record({"scores": [score]})
        >>> record.of("sad").found, round(float(record.of("calm").right), 2), track_record({"scores": []})
        (0.5, 0.67, None)
    """
    for score in card.get("scores", ()):
        if score["protocol"] in SPEAKER_INDEPENDENT:
            low, high = score["uar_interval"]
            return TrackRecord(
                labels=tuple(score["labels"]),
                uar=score["uar"],
                uar_interval=(low, high),
                ece=score.get("ece", 1.0),
                n_clips=score.get("n_clips", 0),
                confusion=tuple(map(tuple, score.get("confusion", ()))),
            )
    return None


def reliability(confidence: float, record: TrackRecord | None, *, doubtful: bool = False) -> str:
    """How often answers with a confidence are right, as far as that is known, in a sentence.

    Args:
        confidence: of the answer, 0 to 1.
        record: the model's.
        doubtful: whether something is wrong with the recording, for the record is one of good recordings.

    Returns:
        The sentence.

    Example:
        >>> reliability(0.7, None)
        'How often such answers are right was never tested on voices that the model had not heard.'
    """
    if record is None:
        return "How often such answers are right was never tested on voices that the model had not heard."
    if not record.calibrated:
        return (
            f"Its confidence is {percent(confidence)}, but on unseen voices its confidence was "
            f"{percent(record.ece)} off: do not rely on the figure."
        )
    count = in_ten(confidence)
    if doubtful:
        return f"Of good recordings {count} such answers are right, but this one is in doubt."
    return f"{count[0].upper()}{count[1:]} such answers are right on voices like those it was tested on."


def beside_people(label: str, record: TrackRecord | None) -> str | None:
    """How often a model finds an emotion in unseen voices, beside how often people do, in one or two sentences.

    Args:
        label: the emotion.
        record: the model's.

    Returns:
        The sentences; None where nothing is known.
    """
    emotion = record and record.of(label)
    if not emotion:
        return None
    text = f"Of {' and '.join(emotion.names)} clips of unseen actors it finds {percent(emotion.found)}"
    if emotion.listeners is not None:
        text += f"; human listeners find {percent(emotion.listeners)}"
    if emotion.right is not None:
        text += f". When it says {label}, it is right {percent(emotion.right)} of the time"
    return f"{text}."


def in_ten(share: float) -> str:
    """A share as people count.

    Args:
        share: 0 to 1.

    Returns:
        Words for the middle of a sentence.

    Example:
        >>> in_ten(0.72), in_ten(0.98), in_ten(0.02)
        ('about 7 in 10', 'more than 9 in 10', 'fewer than 1 in 10')
    """
    if share > 0.95:
        return "more than 9 in 10"
    return f"about {round(10 * share)} in 10" if share >= 0.05 else "fewer than 1 in 10"
