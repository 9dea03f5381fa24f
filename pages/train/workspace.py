"""A visitor's workspace on Train: named runs and a search."""

import threading
from dataclasses import dataclass, field, replace

from pages.common.server import counters
from pages.common.session import n_bytes
from ser.experiments.run import TrainingRun
from ser.jobs import Job
from ser.limits import DEMO

# Each run keeps a model, most of them of a megabyte, and a small host has 700 MB.
MOST_RUNS = DEMO.runs
MOST_RUN_BYTES = DEMO.memory_bytes // 4
SECONDS_BETWEEN_LOOKS = 0.5


@dataclass(frozen=True)
class NamedRun:
    """A run with a name.

    Attributes:
        number: counts the runs from 1.
        name: shown in the table.
        run: the training.
        pinned: whether it stays on top, and is kept when older runs are deleted.
        source: the clips it learns from, a key of `pages.train.own_data.SOURCES`.
        overdue: set when the run was stopped because it took longer than a training may.
    """

    number: int
    name: str
    run: TrainingRun
    pinned: bool = False
    source: str = "published"
    overdue: threading.Event = field(default_factory=threading.Event, repr=False, compare=False)


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
        """Whether as many trainings and searches are under way as a visitor may have at once."""
        running = sum(not entry.run.snapshot().over for entry in self.entries.values())
        return running + self.searching >= DEMO.visitor_trainings

    @property
    def makes_room(self) -> NamedRun | None:
        """The run that is deleted when another begins; None if there is still room, or if all runs are pinned."""
        loose = [entry for entry in self.entries.values() if not entry.pinned]
        return loose[0] if loose and self.full else None

    @property
    def full(self) -> bool:
        """Whether there are as many runs as can be kept."""
        return len(self.entries) >= MOST_RUNS or self._run_bytes() > MOST_RUN_BYTES

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

    def begin(self, run: TrainingRun, source: str = "published") -> NamedRun:
        """Start a run and show it; if there are too many, the oldest that are not pinned are deleted."""
        self._count += 1
        self.shown = self._count
        self.entries[self._count] = NamedRun(self._count, f"Run {self._count}", run, source=source)
        loose = [entry.number for entry in self.entries.values() if not entry.pinned and entry.number != self.shown]
        for number in loose:
            if len(self.entries) <= MOST_RUNS and self._run_bytes() <= MOST_RUN_BYTES:
                break
            self.delete(number)
        run.start()
        counters.count("trainings")
        stop_in_time(run, DEMO.training_seconds, self.entries[self._count].overdue)
        return self.entries[self._count]

    def begin_search(self, search: Job, n_candidates: int) -> None:
        """Start a search; all its candidates together may take as long as so many trainings."""
        self.search = search.start()
        stop_in_time(search, DEMO.training_seconds * n_candidates, threading.Event())

    def _run_bytes(self) -> int:
        return n_bytes([entry.run.snapshot() for entry in self.entries.values()])

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


def stop_in_time(work: TrainingRun | Job, seconds: float, overdue: threading.Event) -> None:
    """Stop work in the background once it has worked for longer than this, and set `overdue` then."""

    def watch() -> None:
        left, ended = float(seconds), threading.Event()
        while not (snapshot := work.snapshot()).over:
            ended.wait(min(SECONDS_BETWEEN_LOOKS, left))
            # Time in the line and pauses, in which others may work, do not count.
            if snapshot.position is None and not snapshot.halted:
                left -= SECONDS_BETWEEN_LOOKS
            if left <= 0:
                overdue.set()
                work.stop()
                return

    threading.Thread(target=watch, name="time-limit", daemon=True).start()
