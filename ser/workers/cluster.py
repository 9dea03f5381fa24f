"""Work on the workers of a Dask scheduler, which may be processes on many machines.

joblib has a back end for Dask. It hands large arguments to one worker alone and loses them with it, and it counts the
workers once. Here, what is shared can be made again from the scheduler's copy, so a worker may die at any time: another
one does its work, and the results are the same.
"""

import hashlib
import logging
import pickle
import platform
import threading
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from itertools import islice
from pathlib import Path
from typing import Any

from ser.errors import SerError
from ser.steps import Steps, finish
from ser.threads import one_blas_thread_throughout

_SECONDS_TO_CONNECT = 10
_LOOK_SECONDS = 0.2
# So long a scheduler may have no worker, for example while a cluster starts or replaces them.
SECONDS_WITHOUT_WORKERS = 120
# Tasks a thread of a worker, one that runs and two that wait, so that no worker is ever idle.
_TASKS_AHEAD = 3
# Results depend on these.
_PACKAGES = ("numpy", "scipy", "scikit-learn", "numba", "librosa", "soundfile", "soxr", "av", "pandas")


class Cluster:
    """A connection to a scheduler and its workers; made by `connected`."""

    def __init__(self, client: Any, address: str) -> None:
        """Use a client of Dask's that is connected to the scheduler at `address`."""
        self._client, self._address = client, address
        self._shared: dict[int, tuple[Any, Any]] = {}
        self._lock = threading.Lock()

    @property
    def threads(self) -> int:
        """How many tasks the workers can do at once, at least one."""
        return max(1, sum(self._client.nthreads().values()))

    def map(
        self, function: Callable[..., Any], calls: Iterable[tuple], *, together: int = 1, shared: tuple = ()
    ) -> Iterator[Any]:
        """Results of `function(*shared, *call)`, in the order of the calls, `together` of which make one task."""
        waiting: deque[Any] = deque()
        remaining = iter(calls)
        try:
            while True:
                room = _TASKS_AHEAD * self.threads
                while len(waiting) < room and (some := list(islice(remaining, together))):
                    waiting.append(self._submit(function, some, shared))
                if not waiting:
                    return
                for _ in self._until_done(waiting[0]):
                    pass
                yield from self._result(waiting.popleft())
        finally:
            self._client.cancel(list(waiting), force=True)

    def call(self, function: Callable[..., Any], *arguments: Any, shared: tuple = ()) -> Steps[None, Any]:
        """The result of `function(*shared, *arguments)`; None if a `Command` stopped it.

        It yields several times a second while a worker works. If `function` returns `Steps`, the worker finishes them.
        """
        future = self._submit(function, [arguments], shared)
        for _ in self._until_done(future):
            if (yield):
                self._client.cancel(future, force=True)
                return None
        return self._result(future)[0]

    def _submit(self, function: Callable[..., Any], calls: list[tuple], shared: tuple) -> Any:
        given = [self._share(each) for each in shared]
        return self._client.submit(_carry_out, versions(), function, pickle.dumps(calls), *given, pure=False)

    def _share(self, thing: Any) -> Any:
        """Something that many tasks use, sent once."""
        with self._lock:
            if id(thing) in self._shared:
                return self._shared[id(thing)][1]
            # What a worker unpickles is what this command sent. Dask itself sends functions in the same way, so whoever
            # reaches the scheduler can run code on the workers in any case (docs/scale-out.md says so).
            data = pickle.dumps(thing, protocol=5)
            with warnings.catch_warnings():  # Dask advises to scatter; what was scattered is lost with its workers
                warnings.filterwarnings("ignore", message="Sending large graph")
                future = self._client.submit(pickle.loads, data, pure=False)
            self._shared[id(thing)] = thing, future
            return future

    def _until_done(self, future: Any) -> Iterator[None]:
        """Wait for a task, and yield now and then; a `SerError` if the scheduler or all workers are gone for long."""
        from distributed import wait

        seen = time.monotonic()
        while True:
            try:
                wait(future, timeout=_LOOK_SECONDS)
                return
            except TimeoutError:
                yield
            except CancelledError as error:
                raise self._gone() from error
            try:
                workers = self._client.nthreads()
            except OSError as error:
                raise self._gone() from error
            if workers:
                seen = time.monotonic()
            elif time.monotonic() - seen > SECONDS_WITHOUT_WORKERS:
                raise SerError(
                    f"The scheduler at {self._address} has no workers. Start some with `dask worker {self._address}`."
                )

    def _gone(self) -> SerError:
        return SerError(f"The scheduler at {self._address} does not answer any more. Start it and this command again.")

    def _result(self, future: Any) -> list[Any]:
        from distributed import KilledWorker

        try:
            return future.result()
        except KilledWorker as error:
            raise SerError(
                "Several workers ended while they did the same piece of work. Give each worker more memory, and look "
                "into the workers' logs."
            ) from error
        except CancelledError as error:
            raise self._gone() from error


_cluster: Cluster | None = None


def cluster() -> Cluster | None:
    """The cluster that work goes to; None if it is done on this machine."""
    return _cluster


@contextmanager
def connected(address: str) -> Iterator[Cluster]:
    """Do parallel work on the workers of the scheduler at an address while this context lasts."""
    global _cluster
    try:
        from distributed import Client

        client = Client(address, timeout=_SECONDS_TO_CONNECT)
    except ImportError as error:
        raise SerError(
            "Work on a scheduler needs Dask. Install the extra `scale`, or leave --scheduler out."
        ) from error
    except (OSError, ValueError) as error:
        raise SerError(
            f"There is no Dask scheduler at {address} ({error}). Give the address that `dask scheduler` prints."
        ) from error
    logging.getLogger("distributed").setLevel(logging.ERROR)  # a lost worker is no news: its work is done again
    with client:
        _cluster = Cluster(client, address)
        try:
            yield _cluster
        finally:
            _cluster = None


@cache
def versions() -> tuple[tuple[str, str], ...]:
    """What the results depend on: this package's code, the libraries, Python and the kind of processor."""
    code = hashlib.sha256()
    root = Path(__file__).parents[1]
    for path in sorted(root.rglob("*.py")):
        code.update(path.relative_to(root).as_posix().encode() + path.read_bytes())
    found = [("Python", platform.python_version()), ("processor", platform.machine()), ("ser", code.hexdigest()[:12])]
    for package in _PACKAGES:
        try:
            found.append((package, version(package)))
        except PackageNotFoundError:
            found.append((package, "none"))
    return tuple(found)


def _carry_out(expected: tuple[tuple[str, str], ...], function: Callable[..., Any], calls: bytes, *shared: Any) -> list:
    """Do a task, in a worker."""
    differing = [
        f"{name} {mine} where this command has {theirs}"
        for (name, mine), (_, theirs) in zip(versions(), expected, strict=True)
        if mine != theirs
    ]
    if differing:
        raise SerError(
            f"A worker has {'; '.join(differing)}. Install the same versions everywhere, as results would differ."
        )
    one_blas_thread_throughout()
    results = []
    for call in pickle.loads(calls):
        result = function(*shared, *call)
        results.append(finish(result) if hasattr(result, "send") else result)
    return results
