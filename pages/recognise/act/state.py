"""What the server remembers of a visitor who acts emotions."""

import random
from dataclasses import dataclass, field

from pages.common import session
from pages.recognise.state import InputClip
from ser.emotions import LABELS

TRIES = 3


@dataclass(frozen=True)
class Try:
    """One recording for a prompt.

    Attributes:
        clip: the recording.
        label: what the model says.
        confidence: the probability of that, 0 to 1.
        share: the probability of the emotion that was asked for, 0 to 1.
        warnings: sentences on the recording.
    """

    clip: InputClip
    label: str
    confidence: float
    share: float
    warnings: tuple[str, ...] = ()


@dataclass
class ActState:
    """What the server remembers; recordings go when the next prompt comes.

    Attributes:
        prompts: the emotions in their order; empty before the first prompt.
        position: which of them is asked for, from 0.
        tries: what was recorded for it.
        passed: for each prompt that the visitor has left, whether the model said the emotion that was asked for.
        waiting: a recording that the model has not answered yet.
        refused: why the last recording did not count.
    """

    prompts: tuple[str, ...] = ()
    position: int = 0
    tries: list[Try] = field(default_factory=list)
    passed: list[bool] = field(default_factory=list)
    waiting: InputClip | None = None
    refused: str = ""

    def held(self) -> tuple:
        """What counts as this visitor's memory."""
        return (self.tries, self.waiting)

    @property
    def begun(self) -> bool:
        """Whether a recording was answered, or a prompt was passed over."""
        return bool(self.tries or self.passed)

    @property
    def over(self) -> bool:
        """Whether all prompts are done."""
        return bool(self.prompts) and self.position == len(self.prompts)

    @property
    def target(self) -> str:
        """The emotion that is asked for."""
        return self.prompts[self.position]

    @property
    def best(self) -> Try:
        """The try that sounded most like the emotion that is asked for."""
        return max(self.tries, key=lambda each: each.share)

    @property
    def hit(self) -> bool:
        """Whether the model said the emotion that is asked for in any try."""
        return any(each.label == self.target for each in self.tries)

    @property
    def done(self) -> bool:
        """Whether the prompt takes no more tries."""
        return self.hit or len(self.tries) == TRIES

    def start(self) -> None:
        """Begin anew with all emotions in a random order."""
        self.leave()
        self.prompts = tuple(random.sample(LABELS, len(LABELS)))

    def leave(self) -> None:
        """Forget everything."""
        self.prompts, self.position, self.tries, self.passed, self.waiting, self.refused = (), 0, [], [], None, ""

    def take(self, clip: InputClip) -> None:
        """Take a recording that the model shall answer."""
        self.waiting, self.refused = clip, ""

    def count(self, tried: Try) -> None:
        """Count the recording that was waiting."""
        self.waiting = None
        self.tries.append(tried)

    def refuse(self, sentence: str) -> None:
        """Do not count the recording that was waiting."""
        self.waiting, self.refused = None, sentence

    def go_on(self) -> None:
        """Leave this prompt, and forget its recordings."""
        self.passed.append(self.hit)
        self.position, self.tries, self.waiting, self.refused = self.position + 1, [], None, ""


def current() -> ActState:
    """Return what is remembered of this visitor."""
    return session.remembered(ActState)
