"""Long work as a generator: it yields reports of its progress, takes commands, and returns its result."""

from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

ReportT = TypeVar("ReportT")
RelayedT = TypeVar("RelayedT")
ResultT = TypeVar("ResultT")


@dataclass(frozen=True)
class Command:
    """What may be sent to long work after a report. A command is true if it asks the work to stop.

    Attributes:
        stop: whether to end after that report.
        learning_rate: the step size from the next epoch on; None leaves it as it is. Only a training uses it.
    """

    stop: bool = False
    learning_rate: float | None = None

    def __bool__(self) -> bool:
        """Whether to end there."""
        return self.stop


#: The one command that most work understands.
STOP = Command(stop=True)

#: Work that yields reports and returns a result. None, or nothing, is sent to let it go on.
Steps: TypeAlias = Generator[ReportT, Command | None, ResultT]


def finish(
    steps: Steps[ReportT, ResultT],
    show: Callable[[ReportT], object] | None = None,
    command: Callable[[], Command | None] | None = None,
) -> ResultT:
    """Run work to its end.

    Examples:
        >>> def count():
        ...     for number in (1, 2):
        ...         yield number
        ...     return "done"
        >>> finish(count(), show=print)
        1
        2
        'done'
    """
    received = None
    while True:
        try:
            report = steps.send(received)
        except StopIteration as end:
            return end.value
        if show is not None:
            show(report)
        received = command() if command is not None else None


def relay(
    steps: Steps[ReportT, ResultT],
    convert: Callable[[ReportT], RelayedT],
    command: Callable[[Command | None], Command | None] = lambda received: received,
) -> Steps[RelayedT, ResultT]:
    """Run work as a part of larger work."""
    received = None
    with closing(steps):
        while True:
            try:
                report = steps.send(received)
            except StopIteration as end:
                return end.value
            received = command((yield convert(report)))


def until_stopped(
    steps: Steps[ReportT, ResultT], convert: Callable[[ReportT], RelayedT]
) -> Steps[RelayedT, ResultT | None]:
    """Run work as a part of larger work, and drop the part when a command asks to stop."""
    with closing(steps):
        while True:
            try:
                report = next(steps)
            except StopIteration as end:
                return end.value
            if (yield convert(report)):
                return None
