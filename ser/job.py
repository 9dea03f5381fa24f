"""Long work in the background: a generator that reports what is done, run in a thread that can be stopped."""

import logging
import threading
import time
from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import Any

from ser.errors import SerError
from ser.run import PLACES, Places


@dataclass(frozen=True)
class JobSnapshot:
    """Work as it stands.

    Attributes:
        state: "waiting" for a place, "working", then "done", "stopped" or "failed".
        report: the last that was yielded; None before the first.
        result: what was returned; of stopped work, whatever it makes of what it had.
        error: why it failed, as a sentence.
        seconds: since the start.
        position: place in the line while it waits for others to end; 1 is the next.
    """

    state: str = "waiting"
    report: Any = None
    result: Any = None
    error: str | None = None
    seconds: float = 0.0
    position: int | None = None

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self.state in ("done", "stopped", "failed")


class Job:
    """A generator run in the background. True is sent into it after each report once it is to stop."""

    def __init__(self, steps: Generator[Any, bool | None, Any], *, waits: bool = True, places: Places = PLACES) -> None:
        """Prepare; nothing is computed before `start`.

        Args:
            steps: yields reports and returns the result; ends soon after True was sent into it.
            waits: whether it stands in line for a place; short work need not.
            places: the line, by default that of the trainings.
        """
        self._steps, self._waits, self._places = steps, waits, places
        self._stopped = False
        self._snapshot, self._lock, self._started = JobSnapshot(), threading.Lock(), 0.0
        self._thread = threading.Thread(target=self._work, name="job", daemon=True)

    def start(self) -> "Job":
        """Begin in the background; the job itself is returned."""
        self._started = time.perf_counter()
        self._thread.start()
        return self

    def stop(self) -> None:
        """Ask it to end after the report under way."""
        self._stopped = True

    def join(self, timeout: float | None = None) -> None:
        """Wait for the end.

        Args:
            timeout: seconds to wait at most.
        """
        self._thread.join(timeout)

    def snapshot(self) -> JobSnapshot:
        """How it stands now."""
        with self._lock:
            snapshot = self._snapshot
        if snapshot.over or not self._started:
            return snapshot
        return replace(snapshot, seconds=time.perf_counter() - self._started, position=self._places.position(self))

    def _set(self, **changes: object) -> None:
        with self._lock:
            seconds = time.perf_counter() - self._started
            self._snapshot = replace(self._snapshot, seconds=seconds, **changes)

    def _work(self) -> None:
        if self._waits and not self._places.enter(self, lambda: self._stopped):
            self._set(state="stopped")
            return
        try:
            self._set(state="working")
            self._follow()
        except SerError as error:
            self._set(state="failed", error=str(error))
        except Exception:  # a thread has nobody above it to show a bug to, so it goes to the log
            logging.getLogger(__name__).exception("Work in the background broke off")
            self._set(state="failed", error="This broke off through a fault of the program. Try again.")
        finally:
            if self._waits:
                self._places.leave()

    def _follow(self) -> None:
        told = None
        while True:
            try:
                report = self._steps.send(told)
            except StopIteration as end:
                self._set(state="stopped" if told else "done", result=end.value)
                return
            self._set(report=report)
            told = True if self._stopped else None
