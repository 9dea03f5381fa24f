"""Clips a second of `ser extract` in processes of this machine and on workers of a Dask scheduler here.

`python -m benchmarks.scale_out [--rounds N] [--clips N]` needs RAVDESS's audio (SER_RAVDESS). All ways take turns, so
that other work on the machine slows all of them alike; the median over the rounds and the ratios count. Processor time
is that of all processes together, the scheduler's too; other work on the machine hardly changes it.
"""

import argparse
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path
from statistics import median

import psutil

from ser.data.extraction import extract
from ser.data.ravdess import Source, default_source, open_source
from ser.steps import finish
from ser.workers.cluster import connected
from tests.helpers.dask_cluster import DaskCluster, dask_cluster

WAYS = ("2 processes", "1 worker", "2 workers")


def main() -> None:
    """Print the clips a second of each way, and what a million clips would take."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale_out")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--clips", type=int, default=24)
    options = parser.parse_args()
    audio = default_source()
    assert audio is not None, "set SER_RAVDESS"
    with tempfile.TemporaryDirectory() as folder, open_source(audio) as source:
        source.clips = source.clips[:: len(source.clips) // options.clips][: options.clips]
        with dask_cluster(Path(folder) / "one", workers=1) as one, dask_cluster(Path(folder) / "two") as two:
            clusters = {"1 worker": one, "2 workers": two}
            for way in WAYS:  # the first time, each process imports and compiles
                rate(source, way, clusters.get(way))
            rates, spent = {way: [] for way in WAYS}, {way: [] for way in WAYS}
            for number in range(1, options.rounds + 1):
                for way in WAYS:
                    before = processor_seconds()
                    rates[way].append(rate(source, way, clusters.get(way)))
                    spent[way].append((processor_seconds() - before) / len(source.clips))
                figures = (f"{way} {rates[way][-1]:.2f} ({spent[way][-1]:.3f} s)" for way in WAYS)
                print(f"round {number}, clips a second (processor time of a clip): {', '.join(figures)}", flush=True)
    for way in WAYS:
        clips = median(rates[way])
        print(f"{way}: {clips:.2f} clips a second, {median(spent[way]):.3f} s of processor time a clip")
        print(f"    a million clips in {1e6 / clips / 3600:.0f} hours (an estimate)")
    pairs = zip(rates["2 workers"], rates["2 processes"], strict=True)
    print(f"2 workers / 2 processes, clips a second: {median(far / local for far, local in pairs):.2f}")
    pairs = zip(spent["2 processes"], spent["2 workers"], strict=True)
    print(f"2 processes / 2 workers, processor time: {median(local / far for local, far in pairs):.2f}")


def processor_seconds() -> float:
    """Processor time so far of this process and all that it started."""
    own = psutil.Process()
    times = [each.cpu_times() for each in (own, *own.children(recursive=True))]
    return sum(each.user + each.system for each in times)


def rate(source: Source, way: str, cluster: DaskCluster | None) -> float:
    """Clips a second in one way."""
    jobs = int(way[0])
    with connected(cluster.address) if cluster else nullcontext():
        began = time.perf_counter()  # once it is connected; processes here are kept from round to round as well
        finish(extract(source, jobs))
        seconds = time.perf_counter() - began
    return len(source.clips) / seconds


if __name__ == "__main__":
    main()
