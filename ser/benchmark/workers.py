"""Extraction of many clips, as `ser extract` does it, with one worker and with two."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ser.benchmark.clips import BenchmarkClip, BenchmarkClips
from ser.data.extraction import extract
from ser.steps import finish


def ways_to_extract(clips: BenchmarkClips) -> dict[str, Callable[[int], object]]:
    """Key of a line → the extraction of all clips; the number is ignored."""
    return {"one_worker": lambda _: _extract(clips, 1), "two_workers": lambda _: _extract(clips, 2)}


def start_workers(name: str, file: bytes) -> None:
    """Let this process and both workers extract a clip, so that later on nobody waits for imports."""
    from joblib import Parallel, delayed, parallel_config

    _extract_one(name, file)
    with parallel_config("loky", inner_max_num_threads=1):
        # The first clip takes a worker longer than the other worker needs to start, so each gets one.
        work = (delayed(_extract_one)(name, file) for _ in range(2))
        with _interrupts_blocked():
            results = Parallel(n_jobs=2, batch_size=1, return_as="generator")(work)
        for _ in results:
            pass


@contextmanager
def _interrupts_blocked() -> Iterator[None]:
    """Let processes start that Ctrl-C does not reach: each would print where it was. This process ends them instead."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _extract(clips: BenchmarkClips, jobs: int) -> None:
    from joblib import parallel_config

    with parallel_config("loky", inner_max_num_threads=1):
        finish(extract(clips, jobs))


def _extract_one(name: str, file: bytes) -> None:
    _extract(BenchmarkClips("a clip", (BenchmarkClip(name),), lambda _: file), 1)
