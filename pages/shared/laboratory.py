"""A visitor's laboratory on Train: runs and a search, found again from a second tab or after a lost page.

Every session has a laboratory of its own. From its first run on, the page's address carries the laboratory's token,
drawn at random and too long to guess; a tab that opens that address works in the same laboratory. That is all that
is shared: clips, own models and answers stay in their session.
"""

import secrets
import threading
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import streamlit as st

from pages.shared import session
from ser.run import TrainingRun

if TYPE_CHECKING:
    from ser.job import Job

PARAMETER = "lab"
# A laboratory holds models of some megabytes each on a host of 700.
MOST_RUNS = 20
_MOST_LABORATORIES = 40
_FORGOTTEN_AFTER = 6 * 3600.0


@dataclass(frozen=True)
class Entry:
    """A run with what its visitor says of it.

    Attributes:
        number: from 1, in the order of their starts; never given twice.
        name: as the table shows it.
        run: the training.
        pinned: whether it stays on top, and is kept when older ones make room.
        source: what it learnt from, a key of `pages.shared.own_data.SOURCES`.
    """

    number: int
    name: str
    run: TrainingRun
    pinned: bool = False
    source: str = "ravdess"

    def audio(self, name: str) -> bytes | None:
        """Recording of one of this session's own clips, by name; None where it is not at hand."""
        return session.visitor().own_clips.audio(name) if self.source != "ravdess" else None


@dataclass
class Laboratory:
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
    search: "Job | None" = None
    jobs: dict[tuple, "Job"] = field(default_factory=dict)
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
        return running or (self.search is not None and not self.search.snapshot().over)

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


class _Laboratories:
    """All laboratories of the process, by token; those long unused make room."""

    def __init__(self) -> None:
        self._lock, self._by_token = threading.Lock(), {}

    def find(self, token: str) -> Laboratory | None:
        with self._lock:
            return self._by_token.get(token)

    def open(self) -> Laboratory:
        laboratory = Laboratory(secrets.token_urlsafe(16))
        with self._lock:
            self._by_token[laboratory.token] = laboratory
            idle = sorted((each for each in self._by_token.values() if not each.busy), key=lambda each: each.used)
            for each in idle:
                too_old = time.monotonic() - each.used > _FORGOTTEN_AFTER
                if each is not laboratory and (too_old or len(self._by_token) > _MOST_LABORATORIES):
                    del self._by_token[each.token]
        return laboratory


@st.cache_resource(show_spinner=False)
def _laboratories() -> _Laboratories:
    return _Laboratories()


def current() -> Laboratory:
    """Return this visitor's laboratory: the session's, the one that the address names, or a new one."""
    me, token = session.visitor(), st.query_params.get(PARAMETER)
    if me.laboratory is None or (token not in (None, me.laboratory.token) and not me.laboratory.entries):
        named = _laboratories().find(token) if token else None
        me.laboratory = named or me.laboratory or _laboratories().open()
    me.laboratory.used = time.monotonic()
    if me.laboratory.entries or me.laboratory.search is not None:
        if token != me.laboratory.token:
            st.query_params[PARAMETER] = me.laboratory.token
    elif token:
        del st.query_params[PARAMETER]
    return me.laboratory
