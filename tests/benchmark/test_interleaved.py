"""Ways are measured in turn, and only what counts is counted."""

from itertools import count

from ser.benchmark.interleaved import interleaved, times, warm_up
from ser.steps import finish


def test_ways_run_in_turn_with_each_clip_in_each_round():
    calls, shares, ticks = [], [], count()
    ways = {key: lambda clip, key=key: calls.append((key, clip)) for key in "ab"}
    samples = finish(interleaved(ways, 2, 2, lambda: float(next(ticks))), shares.append)
    assert calls == [("a", 0), ("b", 0), ("a", 1), ("b", 1)] * 2
    assert samples == {"a": [1.0] * 4, "b": [1.0] * 4}
    assert shares == [0.25, 0.5, 0.75, 1.0]


def test_processor_time_is_counted_by_default():
    samples = finish(interleaved({"work": lambda _: sum(range(200_000))}, 1, 3))
    assert len(samples["work"]) == 3 and all(value > 0 for value in samples["work"])


def test_every_way_runs_once_to_warm_up():
    calls = []
    warm_up({"a": calls.append, "b": calls.append})
    assert calls == [0, 0]


def test_times():
    assert times({"a": [1.0, 2.0], "b": []}, 1000) == {"a": [1000.0, 2000.0], "b": []}
