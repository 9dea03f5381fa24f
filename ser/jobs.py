"""Long work in the background, in a thread that can be paused and stopped.

It runs in a thread of its own, because a page that works in its own thread cannot react to a click on Stop. Pages take
snapshots; nothing is called back. `concurrent.futures` serves no better: its work cannot be paused, cannot report
progress, and does not know its position in the queue.
"""

import logging
import threading
import time
from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import Any

from ser.errors import ProgramError, SerError
from ser.lanes import TRAININGS, Lane
from ser.steps import STOP, Command, Steps, finish


@dataclass(frozen=True)
class JobSnapshot:
    """The state of a job.

    Attributes:
        state: "waiting" for a slot, "working", then "done", "stopped" or "failed".
        report: the last report; None before the first.
        result: what the work returned. Stopped work returns what it has by then.
        error: why it failed, as a sentence.
        error_type: the class of that error, for the operator's log.
        seconds: since the start.
        position: position in the line while it waits; 1 is the next.
        paused: whether it is asked to wait for `Job.step` or `Job.resume`.
        halted: whether it waits now, because the report that was under way has come.
    """

    state: str = "waiting"
    report: Any = None
    result: Any = None
    error: str | None = None
    error_type: type[SerError] = SerError
    seconds: float = 0.0
    position: int | None = None
    paused: bool = False
    halted: bool = False

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self.state in ("done", "stopped", "failed")


class Job:
    """Work in the background. Once it is to stop, it receives a `Command` after each report."""

    def __init__(self, steps: Steps[Any, Any], *, lane: Lane = TRAININGS, owner: Hashable = None) -> None:
        """Prepare the work; nothing is computed before `start`. In a lane, the work of several owners takes turns."""
        self._steps, self._lane, self._owner = steps, lane, owner
        self._wake = threading.Condition()
        self._stopped, self._paused, self._allowed = False, False, 0
        self._stop_sent = False  # work that is stopped after its last report is done nevertheless
        self._has_slot, self._halted, self._worked_since = False, False, 0.0
        self._snapshot, self._lock, self._started = JobSnapshot(), threading.Lock(), 0.0
        self._thread = threading.Thread(target=self._work, name="job", daemon=True)

    def start(self) -> "Job":
        """Begin in the background, and return the job itself."""
        self._started = time.perf_counter()
        self._thread.start()
        return self

    def stop(self) -> None:
        """Ask it to end after the report under way."""
        with self._wake:
            self._stopped = True
            self._wake.notify_all()

    def pause(self) -> None:
        """Ask it to wait after the report under way. Meanwhile others may use its slot."""
        with self._wake:
            self._paused = True

    def step(self) -> None:
        """Let paused work go on until the next report."""
        with self._wake:
            self._allowed += 1
            self._wake.notify_all()

    def resume(self) -> None:
        """Let paused work go on."""
        with self._wake:
            self._paused, self._allowed = False, 0
            self._wake.notify_all()

    def join(self, timeout: float | None = None) -> None:
        """Wait for the end, at most so many seconds."""
        self._thread.join(timeout)

    def snapshot(self) -> JobSnapshot:
        """Its state now."""
        with self._lock:
            snapshot = self._snapshot
        if snapshot.over or not self._started:
            return snapshot
        return replace(
            snapshot,
            seconds=time.perf_counter() - self._started,
            position=self._lane.slots.position(self),
            paused=self._paused,
            halted=self._halted,
        )

    def _set(self, **changes: Any) -> None:
        with self._lock:
            seconds = time.perf_counter() - self._started
            self._snapshot = replace(self._snapshot, seconds=seconds, **changes)

    def _work(self) -> None:
        if not self._enter():
            self._set(state="stopped")
            return
        try:
            self._set(state="working")
            result = finish(self._steps, self._publish, self._command)
            self._set(state="stopped" if self._stop_sent else "done", result=result)
        except SerError as error:
            self._set(state="failed", error=str(error), error_type=type(error))
        except Exception:  # nobody above the thread could show a bug, so it goes to the log
            logging.getLogger(__name__).exception("Work in the background broke off")
            sentence = "This broke off through a fault of the program. Try again."
            self._set(state="failed", error=sentence, error_type=ProgramError)
        finally:
            self._leave()

    def _enter(self) -> bool:
        self._has_slot = self._lane.slots.enter(self, lambda: self._stopped, self._owner)
        self._worked_since = time.monotonic()
        return self._has_slot

    def _leave(self) -> None:
        if self._has_slot:
            self._has_slot = False
            self._lane.slots.leave(self._owner)

    def _publish(self, report: Any) -> None:
        self._set(report=report)
        self._make_way()
        self._wait_while_paused()

    def _make_way(self) -> None:
        """Move work that takes long for its lane to the lane of longer work."""
        if self._lane.then and time.monotonic() - self._worked_since > self._lane.seconds:
            self._leave()
            self._lane = self._lane.then
            self._enter()  # if it is stopped while in line, only its end is left

    def _command(self) -> Command | None:
        self._stop_sent = self._stopped
        return STOP if self._stop_sent else None

    def _wait_while_paused(self) -> None:
        if not self._paused or self._stopped:
            return
        self._leave()
        with self._wake:
            self._halted = True
            self._wake.wait_for(lambda: self._stopped or not self._paused or self._allowed)
            self._allowed, self._halted = max(0, self._allowed - 1), False
        self._enter()  # if it is stopped while in line, it goes on without a slot: only its end is left
