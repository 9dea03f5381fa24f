"""A Dask scheduler and its workers, each a process of its own, as an operator starts them."""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]


class DaskCluster:
    """A scheduler and workers with one thread each."""

    def __init__(self, folder: Path, workers: int) -> None:
        """Start them; their files and logs go to a folder."""
        self._folder, self._processes = folder, []
        log = folder / "scheduler.log"
        self._start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", log=log)
        self.address = _found(r"tcp://127\.0\.0\.1:\d+", log)
        self.workers = [self.add_worker() for _ in range(workers)]

    def add_worker(self) -> subprocess.Popen:
        """Start one more worker, and wait until the scheduler knows it."""
        log = self._folder / f"worker{len(self._processes)}.log"
        words = (self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory", self._folder)
        process = self._start("worker", *map(str, words), log=log)
        _found("Registered to", log)
        return process

    def end(self) -> None:
        """End all of them."""
        for process in reversed(self._processes):
            process.kill()
            process.wait()

    def _start(self, *words: str, log: Path) -> subprocess.Popen:
        with log.open("w") as out:
            command = [sys.executable, "-m", "distributed.cli.dask_" + words[0], *words[1:]]
            process = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=out)
        self._processes.append(process)
        return process


@contextmanager
def dask_cluster(folder: Path, workers: int = 2) -> Iterator[DaskCluster]:
    """A cluster that ends with this context."""
    folder.mkdir(parents=True, exist_ok=True)
    cluster = DaskCluster(folder, workers)
    try:
        yield cluster
    finally:
        cluster.end()


def kill(process: subprocess.Popen) -> None:
    """End a process at once, as a power cut does."""
    process.send_signal(signal.SIGKILL)
    process.wait()


def _found(pattern: str, log: Path) -> str:
    """What a log says, once it says it."""
    for _ in range(600):
        if found := re.search(pattern, log.read_text("utf-8")):
            return found[0]
        time.sleep(0.1)
    raise AssertionError(f"{log} never said {pattern}:\n{log.read_text('utf-8')}")
