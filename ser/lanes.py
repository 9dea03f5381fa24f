"""Who works first: the lanes that work waits in, and the priorities of the processes that do it.

This is the one place that says so. Each lane has a number of slots, so that work waits in line rather than slowing down
other work. Whoever has least work under way comes first, then whoever came first. The processes of a lane
(`ser.workers`) have a priority of the operating system: answers and what a page shows take the processors from batches,
and all of these take them from trainings. Work whose length nobody knows starts as an answer and moves to the batches
once it has taken `Lane.seconds`. A helper that a worker forks for a long clip (`ser.workers.helper`) takes no slot, and
has the priority of batches from the beginning.
"""

import os
import threading
from collections import Counter
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

from ser.limits import DEMO

_PROCESSORS = os.cpu_count() or 2


class Slots:
    """A limit on how much work runs at once. Other work waits in line."""

    def __init__(self, count: int) -> None:
        """Allow so many pieces of work at once."""
        self._free = count
        self._line: list[tuple[object, Hashable]] = []
        self._running: Counter[Hashable] = Counter()
        self._change = threading.Condition()

    def enter(self, work: object, given_up: Callable[[], bool], owner: Hashable = None) -> bool:
        """Wait in line for a slot; whether one was taken. `given_up` is asked again and again whether to leave."""
        waiting = work, owner
        with self._change:
            self._line.append(waiting)
            try:
                while not (self._free and self._ordered()[0] is waiting):
                    if given_up():
                        return False
                    self._change.wait(0.1)
                self._free -= 1
                self._running[owner] += 1
                return True
            finally:
                self._line.remove(waiting)
                self._change.notify_all()

    def leave(self, owner: Hashable = None) -> None:
        """Give a slot back."""
        with self._change:
            self._free += 1
            self._running[owner] -= 1
            self._running += Counter()  # forgets owners with nothing under way
            self._change.notify_all()

    def position(self, work: object) -> int | None:
        """The position of some work in the line, 1 for the next; None if it does not wait."""
        with self._change:
            works = [each for each, _ in self._ordered()]
            return works.index(work) + 1 if work in works else None

    @property
    def waiting(self) -> int:
        """How much work waits in line."""
        with self._change:
            return len(self._line)

    @property
    def running(self) -> int:
        """How much work has a slot."""
        with self._change:
            return self._running.total()

    def _ordered(self) -> list[tuple[object, Hashable]]:
        """The line: first the owners with least work under way, then first come, first served."""
        return sorted(self._line, key=lambda waiting: 0 if waiting[1] is None else self._running[waiting[1]])


@dataclass(frozen=True)
class Lane:
    """A kind of work.

    Attributes:
        name: names it in the log.
        slots: how much of it runs at once.
        niceness: of its processes, 0 (goes first) to 19.
        idle: how many processes of its niceness are kept for the next work. A fresh one takes about 20 ms.
        seconds: after so long, work moves on to the lane `then`.
        then: the lane for work that takes longer; None where any length is usual.
    """

    name: str
    slots: Slots = field(repr=False)
    niceness: int
    idle: int = 0
    seconds: float = float("inf")
    then: "Lane | None" = None


TRAININGS = Lane("trainings", Slots(DEMO.trainings), niceness=15)
"""Trainings, searches and cross-validation: minutes."""
BATCHES = Lane("batches", Slots(max(1, _PROCESSORS // 2)), niceness=9)
"""Long recordings, many clips, data sets: seconds to minutes."""
ANSWERS = Lane("answers", Slots(max(2, _PROCESSORS)), niceness=3, idle=max(2, _PROCESSORS), seconds=2.0, then=BATCHES)
"""What a visitor waits for: well under a second, as a rule."""
PAGES = Lane("pages", Slots(max(2, _PROCESSORS)), niceness=3, idle=max(2, _PROCESSORS), seconds=2.0, then=BATCHES)
"""What a page needs before it can be drawn, such as the sound of the clip on the screen: a tenth of a second."""
