"""Answers of a model that adapts to each speaker by some of the speaker's clips."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ser.emotions import NEUTRAL
from ser.model.emotion_model import EmotionModel
from ser.model.voice_profile import estimated_shares, speaker_offset

#: Numbers of neutral clips to enrol with.
ENROLMENTS = (1, 2, 4)
#: Numbers of clips of whatever emotion to adapt by.
UNLABELLED = (1, 3, 10)
_DRAWS = 5
# A wrong enrolment is by so many clips.
_WRONG_CLIPS = 2


@dataclass(frozen=True)
class Answers:
    """Answers to some clips.

    Attributes:
        rows: the table's row numbers, shape (n,).
        probabilities: shape (n, n_labels).
    """

    rows: np.ndarray
    probabilities: np.ndarray

    def of(self, wanted: np.ndarray) -> "Answers":
        """The answers to some clips, given as booleans over the rows of the table."""
        kept = wanted[self.rows]
        return Answers(self.rows[kept], self.probabilities[kept])


@dataclass(frozen=True)
class AdaptingAnswers:
    """Answers of a model that adapts to each actor by some of the actor's clips.

    Attributes:
        model: that answers.
        inputs: of all views of all clips, shape (n_views, n, n_used).
        shares: of the specialists, shape (n,).
        rows: row numbers in the table, shape (n,).
        actors: shape (n,).
        neutral: which clips are neutral, shape (n,).
    """

    model: EmotionModel
    inputs: np.ndarray
    shares: np.ndarray
    rows: np.ndarray
    actors: np.ndarray
    neutral: np.ndarray

    def enrolled(self, seed: int) -> dict[int, tuple[Answers, ...]]:
        """Answers with neutral clips enrolled; none unless every actor has two neutral clips or more."""
        counts = [(self.neutral & (self.actors == actor)).sum() for actor in np.unique(self.actors)]
        if not self.model.adapts or min(counts) < 2:
            return {}

        def drawn(count: int, draw: int) -> Answers:
            rng = np.random.default_rng(seed + draw)
            return self.adapted(lambda own: rng.permutation(own[self.neutral[own]])[:count], neutral=True)

        # With all four of an actor's neutral clips enrolled there is one way to draw them.
        draws = {count: _DRAWS if count < max(ENROLMENTS) else 1 for count in ENROLMENTS}
        return {count: tuple(drawn(count, draw) for draw in range(n)) for count, n in draws.items()}

    def unlabelled(self, seed: int, draws: int = _DRAWS) -> dict[int, tuple[Answers, ...]]:
        """Answers adapted by clips of whatever emotion."""
        if not self.model.adapts or min(np.unique(self.actors, return_counts=True)[1]) <= max(UNLABELLED):
            return {}

        def drawn(count: int, draw: int) -> Answers:
            rng = np.random.default_rng(seed + draw)
            return self.adapted(lambda own: rng.permutation(own)[:count])

        return {count: tuple(drawn(count, draw) for draw in range(draws)) for count in UNLABELLED}

    def wrongly_enrolled(self) -> dict[str, Answers]:
        """Answers to all clips by the mistake that was made at the enrolment."""
        present = np.unique(self.actors)
        if not self.model.adapts or any((self.neutral & (self.actors == actor)).sum() < 2 for actor in present):
            return {}
        before = {actor: present[index - 1] for index, actor in enumerate(present)}

        def other_speaker(own: np.ndarray) -> np.ndarray:
            return np.flatnonzero(self.neutral & (self.actors == before[self.actors[own[0]]]))[:_WRONG_CLIPS]

        def not_neutral(own: np.ndarray) -> np.ndarray:
            return own[~self.neutral[own]][:_WRONG_CLIPS]

        return {
            "another speaker": self.adapted(other_speaker, neutral=True, answer_all=True),
            "not neutral": self.adapted(not_neutral, neutral=True, answer_all=True),
        }

    def transductive(self) -> Answers | None:
        """Answers adapted by all of the actor's clips."""
        return self.adapted(lambda own: own, answer_all=True) if self.model.adapts else None

    def adapted(
        self, choose: Callable[[np.ndarray], np.ndarray], *, neutral: bool = False, answer_all: bool = False
    ) -> Answers:
        """`choose` takes an actor's clips and gives those to adapt by, which are not answered unless `answer_all`."""
        model, offsets, answered = self.model, np.zeros_like(self.inputs), np.ones(self.rows.size, dtype=bool)
        for actor in np.unique(self.actors):
            own = np.flatnonzero(self.actors == actor)
            chosen = choose(own)
            answered[chosen] = answer_all
            inputs = self.inputs[:, chosen]
            known = np.array([float(label == NEUTRAL) for label in model.labels])
            emotions = known if neutral else estimated_shares(model, inputs)
            offsets[:, own] = speaker_offset(model, inputs.mean(axis=1), chosen.size, emotions, known=neutral)
        inputs = self.inputs[:, answered]
        probabilities = model.probabilities_from(inputs, self.shares[answered], offsets[:, answered])
        return Answers(self.rows[answered], model.at_recordings(probabilities, inputs))
