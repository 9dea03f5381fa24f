"""The time until an app is ready: a real start, and what is said about several."""

import os

import pytest

from benchmarks import start
from benchmarks.start import EMPTY, as_text, measure, ready, seconds_to_ready
from tests.helpers.processes import all_end, below
from tests.helpers.server import free_port


@pytest.mark.slow
def test_an_empty_app_becomes_ready_and_is_ended(tmp_path, monkeypatch):
    script = tmp_path / "empty.py"
    script.write_text(EMPTY, "utf-8")
    before = below(os.getpid())
    port = free_port()
    monkeypatch.setattr(start, "free_port", lambda: port)
    seconds_to_ready(script, "/_stcore/health")
    assert not ready(f"http://127.0.0.1:{port}/_stcore/health")
    assert all_end(below(os.getpid()) - before)


def test_the_first_round_does_not_count(tmp_path, monkeypatch):
    times = iter([9.0, 9.0, 4.0, 2.0, 6.0, 1.0, 5.0, 3.0])
    monkeypatch.setattr(start, "seconds_to_ready", lambda script, health: next(times))
    found = measure(tmp_path / "empty.py", 3)
    assert found["seconds"] == {"app": [4.0, 6.0, 5.0], "empty": [2.0, 1.0, 3.0]}
    assert found["medians"] == {"app": 5.0, "empty": 2.0} and found["ratio"] == 2.5


@pytest.mark.slow
def test_an_app_that_does_not_start_is_named(tmp_path):
    with pytest.raises(SystemExit, match=r"no\.py did not start"):
        seconds_to_ready(tmp_path / "no.py", "/health")


def test_nobody_is_not_ready():
    assert not ready(f"http://127.0.0.1:{free_port()}/health")


def test_the_ratio_of_the_medians_is_told():
    found = {"seconds": {"app": [4.0, 6.0, 5.0], "empty": [2.0, 2.5, 3.0]}, "ratio": 2.0}
    found["medians"] = {"app": 5.0, "empty": 2.5}
    said = as_text(found).splitlines()
    assert said[0] == "the app, ready at /health: median 5.00 s, 4.00 to 6.00 s"
    assert said[2] == "The app takes 2.00 times as long (at most 4)."
