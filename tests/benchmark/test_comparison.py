"""A run puts its parts together: units, number of samples, progress."""

import pytest

from ser.benchmark import comparison, processes
from ser.benchmark.clips import synthetic_voice
from ser.benchmark.training import EPOCHS, ways_to_train
from ser.errors import SerError
from ser.steps import finish


@pytest.fixture
def quick(monkeypatch, tmp_path):
    """The parts of a run without the work."""
    monkeypatch.delenv("SER_RAVDESS", raising=False)
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    ways = {"ways_to_answer": "answer", "ways_to_features": "standard"}
    for name, key in ways.items():
        monkeypatch.setattr(comparison, name, lambda *_, key=key: {key: lambda _: sum(range(10_000))})
    monkeypatch.setattr(comparison, "ways_to_train", lambda: {"epoch": lambda _: sum(range(10_000))})
    monkeypatch.setattr(comparison, "ways_to_extract", lambda _: {"one_worker": lambda _: None})
    monkeypatch.setattr(comparison, "start_workers", lambda *_: None)
    monkeypatch.setattr(processes, "run_python", lambda command: (3.0, 50.0) if command[0] == "-m" else (2.0, None))


def test_a_run(quick):
    reports = []
    found = finish(comparison.compare(10, 2), reports.append)
    samples = {each.line.key: len(each.samples) for each in found.measurements if each.samples}
    assert samples == {
        "answer": 16,
        "standard": 16,
        "epoch": 2,
        "one_worker": 2,
        "predict_process": 2,
        "imports_process": 2,
        "predict_memory": 2,
    }
    assert (found.n_clips, found.n_many, found.rounds) == (8, 10, 2)
    parts = ("answers and features", "processes", "training", "workers")
    assert tuple(dict.fromkeys(report.part for report in reports)) == parts
    for part in parts:
        shares = [report.share for report in reports if report.part == part]
        assert shares[0] == 0 and shares[-1] == 1 and shares == sorted(shares)
    values = {target.key: value for target, value in found.targets}
    assert values["predict_against_imports"] == 1.5


def test_both_trainings_learn_from_the_same_clips(monkeypatch, part):
    monkeypatch.setattr("ser.benchmark.training.load_table", lambda: part)
    ways = ways_to_train()
    (network,) = ways["epoch"](0).networks
    plain = ways["epoch_plain"](0)
    assert plain.n_iter_ == EPOCHS
    assert [weight.shape for weight in network.weights] == [weight.shape for weight in plain.coefs_]


def test_a_process_that_fails_is_one_sentence():
    seconds, megabytes = processes.run_python(["-c", "pass"])
    assert seconds > 0 and (megabytes is None or 1 < megabytes < 100)
    with pytest.raises(SerError, match=r"ended with status 3: no luck$"):
        processes.run_python(["-c", "import sys; print('no luck', file=sys.stderr); sys.exit(3)"])


def test_workers_extract_every_clip():
    from ser.benchmark.clips import BenchmarkClip, BenchmarkClips
    from ser.benchmark.workers import ways_to_extract

    read = []

    def read_name(name: str) -> bytes:
        read.append(name)
        return synthetic_voice(1)

    names = ("03-01-01-01-01-01-01",)
    ways_to_extract(BenchmarkClips("clips", tuple(map(BenchmarkClip, names)), read_name))["one_worker"](0)
    assert tuple(read) == names
