"""What a model's card says about trusting its answers, beside how often people are right about the same clips."""

from dataclasses import dataclass

import numpy as np

from ser.listeners import BY_EMOTION, ONE, as_listeners
from ser.splits import SPEAKER_INDEPENDENT

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
        card: as `ser.store.StoredModel.card`.

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
