"""Measures several ways in turn, so that a change of the machine's speed meets all of them alike."""

import sys
import time
from collections.abc import Callable, Mapping

from ser.steps import Steps

# Processor time, so that other programs on the machine disturb less; Windows counts it in steps of 16 ms.
_processor_time = time.perf_counter if sys.platform == "win32" else time.process_time

Samples = dict[str, list[float]]
"""Key of a line → its single measurements."""


def times(samples: Samples, factor: float) -> Samples:
    """All samples times a factor, as 1000 for milliseconds."""
    return {key: [value * factor for value in values] for key, values in samples.items()}


def warm_up(ways: Mapping[str, Callable[[int], object]]) -> None:
    """Run every way once, so that caches are filled and modules imported before it counts."""
    for run in ways.values():
        run(0)


def interleaved(
    ways: Mapping[str, Callable[[int], object]],
    n_clips: int,
    rounds: int,
    clock: Callable[[], float] = _processor_time,
) -> Steps[float, Samples]:
    """Seconds that each way takes with each clip in each round; yields the share that is done.

    By default these are seconds of this process's processor time.
    """
    samples: Samples = {key: [] for key in ways}
    for turn in range(rounds * n_clips):
        for key, run in ways.items():
            started = clock()
            run(turn % n_clips)
            samples[key].append(clock() - started)
        yield (turn + 1) / (rounds * n_clips)
    return samples
