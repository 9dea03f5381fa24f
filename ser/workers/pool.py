"""Carries out work in worker processes, as if it were done here.

`in_worker` runs any function of a module, or any `Steps`, in a process of a lane (`ser.lanes`). Where no workers were
started (the command line, tests, systems that cannot fork), the work is done in this process.
"""

import logging
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from ser.errors import SerError
from ser.lanes import ANSWERS, Lane
from ser.steps import Steps
from ser.workers import messages
from ser.workers.messages import share
from ser.workers.worker import ERROR, REPORT, RESULT

__all__ = ["in_worker", "share", "start", "stop"]

# Longer than any step takes between two reports, on a slow and busy machine.
_PATIENCE = 300.0
_log = logging.getLogger(__name__)


class WorkerDiedError(SerError):
    """A worker process ended within its work, or no longer reacts."""


class Worker:
    """One worker process, seen from the server."""

    def __init__(self, pid: int, connection: Connection, nursery: "Nursery", *, early: bool) -> None:
        self.pid, self.connection, self._nursery = pid, connection, nursery
        self.early = early

    def receive(self) -> Any:
        """Wait for the next message; `HungUpError` if the process is gone or silent for too long."""
        if not self.connection.poll(_PATIENCE):
            raise messages.HungUpError
        return messages.receive(self.connection)

    def end(self) -> None:
        """End the process, whatever it does."""
        self.connection.close()
        self._nursery.kill(self.pid)


class Nursery:
    """The process that forks workers (`ser.workers.nursery`), seen from the server."""

    def __init__(self, names: Sequence[str]) -> None:
        self._control, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)  # one message a packet
        self._lock = threading.Lock()
        with other:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "ser.workers.nursery", str(other.fileno()), *names],
                cwd=Path(__file__).parents[2],
                # Without threads of its own, nothing can be locked while it forks.
                env=os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
                pass_fds=[other.fileno()],
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for the server, which then hangs up
            )

    def fork(self, niceness: int) -> Worker:
        """Return a fresh worker; `OSError` if there is no nursery any more."""
        ours, theirs = socket.socketpair()
        with self._lock, theirs:
            socket.send_fds(self._control, [b"fork %d" % niceness], [theirs.fileno()])
            reply = self._control.recv(64)
        if not reply:
            ours.close()
            raise ConnectionError("The process that forks workers has ended.")
        pid, *early = reply.split()
        return Worker(int(pid), Connection(ours.detach()), self, early=bool(early))

    def kill(self, pid: int) -> None:
        """End a worker, unless it has ended."""
        with self._lock, suppress(OSError):  # without a nursery, its workers have ended as well
            self._control.sendall(b"kill %d" % pid)

    def close(self) -> None:
        """End the process and all its workers."""
        self._control.close()
        self._process.wait()


class Pool:
    """Workers that are free, by their niceness, and the nursery that makes more."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._nursery = Nursery(names)
        self._free: dict[int, list[Worker]] = {}
        self._lock = threading.Lock()

    def take(self, lane: Lane) -> Worker:
        """Return a free worker for a lane, or a fresh one."""
        with self._lock:
            free = self._free.get(lane.niceness, [])
            while free:
                worker = free.pop()
                if not worker.connection.poll():
                    return worker
                worker.end()  # a free worker sends nothing, so what can be read is that it was killed
        try:
            return self._nursery.fork(lane.niceness)
        except OSError:
            with self._lock:
                _log.warning("The process that forks workers has ended and is started again.")
                self._nursery.close()
                self._nursery, self._free = Nursery(self._names), {}
            return self._nursery.fork(lane.niceness)

    def give_back(self, worker: Worker, lane: Lane) -> None:
        """Keep a worker that has done its work, if the lane keeps so many and it shares what others share."""
        with self._lock:
            free = self._free.setdefault(lane.niceness, [])
            if len(free) < lane.idle and not worker.early:
                free.append(worker)
                return
        worker.end()

    def rest(self) -> None:
        """End the workers that are free."""
        with self._lock:
            free, self._free = self._free, {}
        for worker in (worker for workers in free.values() for worker in workers):
            worker.end()

    def close(self) -> None:
        """End all workers and what makes them."""
        self._nursery.close()


_pool: Pool | None = None


def start(*names: str) -> None:
    """Carry out the work of `in_worker` in processes from now on, where the system can fork.

    Args:
        names: what workers have from the beginning. "module" names a module that they have imported, "module:function"
            a function without arguments whose result they have; see `share`.

    Raises:
        OSError: the process that forks workers could not be started.
    """
    global _pool
    if _pool is None and sys.platform == "linux":
        _pool = Pool(names)


def rest() -> None:
    """End the workers that are free, each of which holds 10 to 15 MB; the next work gets a fresh one in 20 ms."""
    if _pool is not None:
        _pool.rest()


def stop() -> None:
    """End all workers; what is to be done from now on is done in this process."""
    global _pool
    if _pool is not None:
        _pool.close()
        _pool = None


def in_worker(function: Callable[..., Any], *arguments: Any, lane: Lane = ANSWERS, **keywords: Any) -> Steps[Any, Any]:
    """Carry out a function or its `Steps` in a worker process, or here if no workers were started.

    Args:
        function: a function of a module. If it returns a generator, its reports and commands pass through.
        arguments: what it takes; they are copied, unless they were given to `share`.
        lane: the kind of work.
        keywords: what else it takes.

    Yields:
        The reports of the work, if it has any.

    Returns:
        What the function, or its generator, returns.

    Raises:
        WorkerDiedError: the process ended within the work. Other work goes on.
        SerError: as the function does.
    """
    if _pool is None:
        work = function(*arguments, **keywords)
        return (yield from work) if hasattr(work, "send") else work
    worker, started = _pool.take(lane), time.monotonic()
    unharmed = False
    try:
        slower = lane.then or lane
        messages.send(worker.connection, (function, arguments, keywords, lane.seconds, slower.niceness - lane.niceness))
        while True:
            topic, content = worker.receive()
            if topic != REPORT:
                break
            messages.send(worker.connection, (yield content))
        unharmed = time.monotonic() - started < lane.seconds  # else it has the priority of a slower lane
    except messages.HungUpError as error:
        _log.warning("Worker %d of the lane %r ended within its work.", worker.pid, lane.name)
        raise WorkerDiedError(
            "The process that worked on this ended unexpectedly. Try again; if it happens again with the same file, "
            "convert that file to WAV."
        ) from error
    finally:
        _pool.give_back(worker, lane) if unharmed else worker.end()
    if topic == RESULT:
        return content
    if topic == ERROR:
        raise content
    raise RuntimeError(f"A worker failed:\n{content}")
