"""A visitor's workspace on Train: named runs and a search."""

from dataclasses import dataclass, field, replace

from ser.experiments.run import TrainingRun
from ser.jobs import Job

# Each run keeps a model of some megabytes, and a small host has 700 MB.
MOST_RUNS = 20


@dataclass(frozen=True)
class NamedRun:
    """A run with a name.

    Attributes:
        number: counts the runs from 1.
        name: shown in the table.
        run: the training.
        pinned: whether it stays on top, and is kept when older runs are deleted.
        source: the clips it learns from, a key of `pages.train.own_data.SOURCES`.
    """

    number: int
    name: str
    run: TrainingRun
    pinned: bool = False
    source: str = "ravdess"


@dataclass
class Workspace:
    """The runs and the search of one visitor.

    Attributes:
        token: identifies the workspace in the page's address.
        entries: runs by number.
        shown: number of the run on the screen; None before the first.
        search: the last search.
        jobs: diagnostics of runs, by run number and name.
    """

    token: str
    entries: dict[int, NamedRun] = field(default_factory=dict)
    shown: int | None = None
    search: Job | None = None
    jobs: dict[tuple, Job] = field(default_factory=dict)
    _count: int = 0
    _sessions: int = 0

    @property
    def entry(self) -> NamedRun | None:
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

    def enter(self) -> None:
        """Count a session more that uses the workspace."""
        self._sessions += 1

    def leave(self) -> None:
        """Count a session less, and stop all work if it was the last: nobody can see it any more."""
        self._sessions -= 1
        if self._sessions > 0:
            return
        for work in (*(entry.run for entry in self.entries.values()), *self.jobs.values(), self.search):
            if work is not None:
                work.stop()

    def begin(self, run: TrainingRun, source: str = "ravdess") -> NamedRun:
        """Start a run and show it; if there are too many, the oldest that are not pinned are deleted."""
        self._count += 1
        self.shown = self._count
        self.entries[self._count] = NamedRun(self._count, f"Run {self._count}", run, source=source)
        loose = [entry.number for entry in self.entries.values() if not entry.pinned and entry.number != self.shown]
        for number in loose[: max(0, len(self.entries) - MOST_RUNS)]:
            self.delete(number)
        run.start()
        return self.entries[self._count]

    def rename(self, number: int, name: str) -> None:
        """Rename a run; an empty name changes nothing."""
        if name.strip():
            self.entries[number] = replace(self.entries[number], name=name.strip()[:40])

    def pin(self, number: int, pinned: bool) -> None:
        """Pin or unpin a run."""
        self.entries[number] = replace(self.entries[number], pinned=pinned)

    def delete(self, number: int) -> None:
        """Delete a run, and stop it if it is under way."""
        self.entries.pop(number).run.stop()
        for key in [key for key in self.jobs if key[0] == number]:
            self.jobs.pop(key).stop()
        if self.shown == number:
            self.shown = max(self.entries, default=None)

    def ordered(self) -> list[NamedRun]:
        """Return the runs, pinned ones first, then the newest first."""
        return sorted(self.entries.values(), key=lambda entry: (not entry.pinned, -entry.number))
