"""Extraction of many clips, as `ser extract` does it, with one worker and with two."""

from collections.abc import Callable

from ser.benchmark.clips import BenchmarkClip, BenchmarkClips
from ser.data.extraction import extract
from ser.steps import finish
from ser.workers import side_by_side


def ways_to_extract(clips: BenchmarkClips) -> dict[str, Callable[[int], object]]:
    """Key of a line → the extraction of all clips; the number is ignored."""
    return {"one_worker": lambda _: _extract(clips, 1), "two_workers": lambda _: _extract(clips, 2)}


def start_workers(name: str, file: bytes) -> None:
    """Let this process and both workers extract a clip, so that later on nobody waits for imports."""
    from joblib import parallel_config

    _extract_one(name, file)
    with parallel_config("loky", inner_max_num_threads=1):
        # The first clip takes a worker longer than the other worker needs to start, so each gets one.
        for _ in side_by_side(_extract_one, [(name, file)] * 2, jobs=2):
            pass


def _extract(clips: BenchmarkClips, jobs: int) -> None:
    from joblib import parallel_config

    with parallel_config("loky", inner_max_num_threads=1):
        finish(extract(clips, jobs))


def _extract_one(name: str, file: bytes) -> None:
    _extract(BenchmarkClips("a clip", (BenchmarkClip(name),), lambda _: file), 1)
