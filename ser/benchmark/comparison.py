"""One run of the benchmark: every line on the same clips, one thread, in interleaved rounds."""

import tempfile
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ser.benchmark.answering import ways_to_answer, ways_to_features
from ser.benchmark.clips import open_clips
from ser.benchmark.interleaved import Samples, interleaved, times, warm_up
from ser.benchmark.lines import Comparison, measurements
from ser.benchmark.processes import measure_processes
from ser.benchmark.training import EPOCHS, ways_to_train
from ser.benchmark.workers import start_workers, ways_to_extract
from ser.model.store import DEFAULT_NAME, ModelStore
from ser.steps import Steps, relay
from ser.threads import one_blas_thread

#: Clips that are measured one by one, at most; more of them would not change the median by much.
MOST_SINGLE_CLIPS = 8


@dataclass(frozen=True)
class ComparisonReport:
    """Progress of a run.

    Attributes:
        part: what is measured now.
        share: how much of this part is done, 0 to 1.
    """

    part: str
    share: float


def compare(clips: int, rounds: int) -> Steps[ComparisonReport, Comparison]:
    """Measure everything.

    Args:
        clips: how many clips one and two workers extract. The first `MOST_SINGLE_CLIPS` of them are measured one by
            one as well.
        rounds: how often everything is measured.

    Yields:
        A `ComparisonReport` after each clip or round of a part.

    Returns:
        The `Comparison`.

    Raises:
        SerError: the audio or the shipped model cannot be read, or a process cannot be started.
    """
    one_blas_thread()
    with open_clips(clips) as source:
        single = [source.read(clip) for clip in source.clips[:MOST_SINGLE_CLIPS]]
        model = ModelStore().load(DEFAULT_NAME).model
        yield ComparisonReport("answers and features", 0.0)
        ways = ways_to_answer(single, model) | ways_to_features(single)
        warm_up(ways)
        part = yield from _part("answers and features", interleaved(ways, len(single), rounds))
        samples = times(part, 1000)
        yield ComparisonReport("processes", 0.0)
        samples |= yield from _part("processes", _processes(single[0], rounds))
        yield ComparisonReport("training", 0.0)
        part = yield from _part("training", interleaved(ways_to_train(), 1, rounds))
        samples |= times(part, 1000 / EPOCHS)
        yield ComparisonReport("workers", 0.0)
        start_workers(source.clips[0].name, single[0])
        # Processor time of this process alone would miss that of the workers.
        samples |= yield from _part("workers", interleaved(ways_to_extract(source), 1, rounds, time.perf_counter))
        return Comparison(source.path, len(single), len(source.clips), rounds, measurements(model.views, samples))


def _part(name: str, steps: Steps[float, Samples]) -> Steps[ComparisonReport, Samples]:
    return relay(steps, partial(ComparisonReport, name))


def _processes(clip: bytes, rounds: int) -> Steps[float, Samples]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip.wav"
        path.write_bytes(clip)
        return (yield from measure_processes(path, rounds))
