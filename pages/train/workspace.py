"""A visitor's laboratory on Train: runs with what is said of them, and a search."""

import time
from dataclasses import dataclass, field, replace

from ser.experiments.run import TrainingRun
from ser.jobs import Job

# A laboratory holds models of some megabytes each on a host of 700.
MOST_RUNS = 20


@dataclass(frozen=True)
class Entry:
    """A run with what its visitor says of it.

    Attributes:
        number: from 1, in the order of their starts; never given twice.
        name: as the table shows it.
        run: the training.
        pinned: whether it stays on top, and is kept when older ones make room.
        source: what it learnt from, a key of `pages.train.own_data.SOURCES`.
    """

    number: int
    name: str
    run: TrainingRun
    pinned: bool = False
    source: str = "ravdess"


@dataclass
class Workspace:
    """What one visitor does on Train.

    Attributes:
        token: names it in the address.
        entries: runs by number.
        shown: number of the run on the screen; None before the first.
        search: the search under way or last finished.
        jobs: inspections of runs by what they inspect.
        used: when it was last looked at, in seconds of the monotonic clock.
    """

    token: str
    entries: dict[int, Entry] = field(default_factory=dict)
    shown: int | None = None
    search: Job | None = None
    jobs: dict[tuple, Job] = field(default_factory=dict)
    used: float = field(default_factory=time.monotonic)
    _count: int = 0

    @property
    def entry(self) -> Entry | None:
        """The run on the screen."""
        return self.entries.get(self.shown)

    @property
    def busy(self) -> bool:
        """Whether a training or a search is under way."""
        running = any(not entry.run.snapshot().over for entry in self.entries.values())
        return running or self.searching

    @property
    def searching(self) -> bool:
        """Whether a search is under way."""
        return self.search is not None and not self.search.snapshot().over

    def begin(self, run: TrainingRun, source: str = "ravdess") -> Entry:
        """Start a run and show it; the oldest that is not pinned makes room."""
        self._count += 1
        self.shown = self._count
        self.entries[self._count] = Entry(self._count, f"Run {self._count}", run, source=source)
        loose = [entry.number for entry in self.entries.values() if not entry.pinned and entry.number != self.shown]
        for number in loose[: max(0, len(self.entries) - MOST_RUNS)]:
            self.delete(number)
        run.start()
        return self.entries[self._count]

    def rename(self, number: int, name: str) -> None:
        """Call a run something else; an empty name leaves it."""
        if name.strip():
            self.entries[number] = replace(self.entries[number], name=name.strip()[:40])

    def pin(self, number: int, pinned: bool) -> None:
        """Keep a run on top, or let it go."""
        self.entries[number] = replace(self.entries[number], pinned=pinned)

    def delete(self, number: int) -> None:
        """Forget a run; one under way is stopped."""
        self.entries.pop(number).run.stop()
        for key in [key for key in self.jobs if key[0] == number]:
            self.jobs.pop(key).stop()
        if self.shown == number:
            self.shown = max(self.entries, default=None)

    def ordered(self) -> list[Entry]:
        """The runs, pinned ones first, else newest first."""
        return sorted(self.entries.values(), key=lambda entry: (not entry.pinned, -entry.number))
