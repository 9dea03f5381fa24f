"""What the server remembers of a visitor's game."""

import random
from dataclasses import dataclass, field

from pages.common import session
from pages.recognise.examples.clips import ActedClip, acted_clips
from ser.emotions import LABELS
from ser.evaluation import human_baseline

ROUNDS = 10


@dataclass(frozen=True)
class Round:
    """One clip that was guessed.

    Attributes:
        clip: the clip.
        visitor: the visitor's guess, an emotion.
        machine: the model's first choice.
        confidence: the probability that the model gave it, 0 to 1.
    """

    clip: ActedClip
    visitor: str
    machine: str
    confidence: float

    def right(self, guess: str) -> bool:
        """Whether a guess is right; neutral and calm count as the same, as they did for the listeners."""
        return bool(human_baseline.right([self.clip.acted.emotion], [guess])[0])


@dataclass
class GameState:
    """What the server remembers.

    Attributes:
        clips: the clips of this game in their order; empty before the first game.
        guesses: the visitor's guesses so far.
        rounds: the clips that were guessed by both.
        shown: how many rounds the visitor has left behind.
        replayed: number of the clip that is played again at the end; 0 for none.
    """

    clips: tuple[ActedClip, ...] = ()
    guesses: list[str] = field(default_factory=list)
    rounds: list[Round] = field(default_factory=list)
    shown: int = 0
    replayed: int = 0

    @property
    def over(self) -> bool:
        """Whether all clips were guessed and the last result was seen."""
        return bool(self.clips) and self.shown == len(self.clips)

    @property
    def clip(self) -> ActedClip:
        """The clip on the table."""
        return self.clips[self.shown]

    @property
    def guessed(self) -> bool:
        """Whether the visitor has guessed the clip on the table."""
        return len(self.guesses) > self.shown

    def start(self) -> None:
        """Begin anew with clips drawn at random."""
        chosen = random.sample(acted_clips(), ROUNDS)
        self.clips, self.guesses, self.rounds, self.shown, self.replayed = tuple(chosen), [], [], 0, 0

    def leave(self) -> None:
        """End the game before its end."""
        self.clips, self.guesses, self.rounds, self.shown, self.replayed = (), [], [], 0, 0

    def guess(self, label: str) -> None:
        """Guess the clip on the table; a second guess is ignored."""
        if label in LABELS and not self.guessed:
            self.guesses.append(label)

    def go_on(self) -> None:
        """Put the next clip on the table."""
        if len(self.rounds) > self.shown:
            self.shown += 1

    def replay(self, number: int) -> None:
        """Play a clip again."""
        self.replayed = number

    def score(self) -> tuple[int, int]:
        """How many of the clips so far the visitor and the machine had right."""
        rounds = self.rounds
        return sum(each.right(each.visitor) for each in rounds), sum(each.right(each.machine) for each in rounds)

    def people(self) -> float:
        """How many of the clips so far people would have right on average."""
        return sum(human_baseline.BY_EMOTION[each.clip.acted.emotion] for each in self.rounds)


def current() -> GameState:
    """Return this visitor's game."""
    return session.remembered(GameState)
