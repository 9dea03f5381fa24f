"""Long work in the background: a generator that reports what is done, run in a thread that can be paused and stopped.

In a thread of its own, because a web page that works in its own thread cannot hear a click on Stop. Whoever watches
takes snapshots; nothing is called back.
"""

import logging
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from ser.errors import SerError
from ser.steps import STOP, Command, Steps, finish


class Places:
    """So many may work at once; whoever comes later waits in line, first come first served."""

    def __init__(self, count: int) -> None:
        """Open them.

        Args:
            count: how many may work at once.
        """
        self._free, self._line, self._change = count, [], threading.Condition()

    def enter(self, who: object, given_up: Callable[[], bool]) -> bool:
        """Wait in line for a place.

        Args:
            who: waits.
            given_up: asked again and again whether to leave the line.

        Returns:
            Whether a place was taken; `leave` gives it back.
        """
        with self._change:
            self._line.append(who)
            try:
                while not (self._free and self._line[0] is who):
                    if given_up():
                        return False
                    self._change.wait(0.1)
                self._free -= 1
                return True
            finally:
                self._line.remove(who)
                self._change.notify_all()

    def leave(self) -> None:
        """Give a place back."""
        with self._change:
            self._free += 1
            self._change.notify_all()

    def position(self, who: object) -> int | None:
        """Where someone stands in the line.

        Args:
            who: may be waiting.

        Returns:
            1 for the next; None for one who does not wait.
        """
        with self._change:
            return self._line.index(who) + 1 if who in self._line else None


# More trainings at once than processors would only slow each other down.
PLACES = Places(max(2, os.cpu_count() or 2))


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
        paused: whether it is to wait for `Job.step` or `Job.resume`.
        halted: whether it does, the report that was under way having come.
    """

    state: str = "waiting"
    report: Any = None
    result: Any = None
    error: str | None = None
    seconds: float = 0.0
    position: int | None = None
    paused: bool = False
    halted: bool = False

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self.state in ("done", "stopped", "failed")


class Job:
    """A generator run in the background. Once it is to stop, it receives a `Command` after each report."""

    def __init__(self, steps: Steps[Any, Any], *, waits: bool = True, places: Places = PLACES) -> None:
        """Prepare; nothing is computed before `start`.

        Args:
            steps: yields reports and returns the result; ends soon after it received a `Command` to stop.
            waits: whether it stands in line for a place; short work need not.
            places: the line, by default that of the trainings.
        """
        self._steps, self._waits, self._places = steps, waits, places
        self._wake = threading.Condition()
        self._stopped, self._paused, self._allowed = False, False, 0
        self._stop_sent = False  # stopped after its last report, the work is done nevertheless
        self._inside, self._halted = False, False  # whether it has a place; whether it waits for its visitor
        self._snapshot, self._lock, self._started = JobSnapshot(), threading.Lock(), 0.0
        self._thread = threading.Thread(target=self._work, name="job", daemon=True)

    def start(self) -> "Job":
        """Begin in the background; the job itself is returned."""
        self._started = time.perf_counter()
        self._thread.start()
        return self

    def stop(self) -> None:
        """Ask it to end after the report under way."""
        with self._wake:
            self._stopped = True
            self._wake.notify_all()

    def pause(self) -> None:
        """Ask it to wait after the report under way; it gives its place to others meanwhile."""
        with self._wake:
            self._paused = True

    def step(self) -> None:
        """Let paused work go on for one report."""
        with self._wake:
            self._allowed += 1
            self._wake.notify_all()

    def resume(self) -> None:
        """Let paused work go on."""
        with self._wake:
            self._paused, self._allowed = False, 0
            self._wake.notify_all()

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
        return replace(
            snapshot,
            seconds=time.perf_counter() - self._started,
            position=self._places.position(self),
            paused=self._paused,
            halted=self._halted,
        )

    def _set(self, **changes: object) -> None:
        with self._lock:
            seconds = time.perf_counter() - self._started
            self._snapshot = replace(self._snapshot, seconds=seconds, **changes)

    def _work(self) -> None:
        if self._waits and not self._enter():
            self._set(state="stopped")
            return
        try:
            self._set(state="working")
            result = finish(self._steps, self._publish, self._command)
            self._set(state="stopped" if self._stop_sent else "done", result=result)
        except SerError as error:
            self._set(state="failed", error=str(error))
        except Exception:  # a thread has nobody above it to show a bug to, so it goes to the log
            logging.getLogger(__name__).exception("Work in the background broke off")
            self._set(state="failed", error="This broke off through a fault of the program. Try again.")
        finally:
            self._leave()

    def _enter(self) -> bool:
        self._inside = self._places.enter(self, lambda: self._stopped)
        return self._inside

    def _leave(self) -> None:
        if self._inside:
            self._inside = False
            self._places.leave()

    def _publish(self, report: Any) -> None:
        self._set(report=report)
        self._wait_while_paused()

    def _command(self) -> Command | None:
        self._stop_sent = self._stopped
        return STOP if self._stop_sent else None

    def _wait_while_paused(self) -> None:
        if not self._paused or self._stopped:
            return
        # Others may work while this one waits for its visitor.
        self._leave()
        with self._wake:
            self._halted = True
            self._wake.wait_for(lambda: self._stopped or not self._paused or self._allowed)
            self._allowed, self._halted = max(0, self._allowed - 1), False
        if self._waits:
            self._enter()  # stopped while in line, it goes on without a place: only its end is left
