"""The load test: its figures with known answers, and a short form of it against the app."""

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from benchmarks import load, visits
from benchmarks.load import Load, criteria, measure, percentiles, slowest, table, tracebacks

MEMORY = {"idle": 400.0, "most": 440.0, "end": 430.0, "after": 410.0, "series": [(0.0, 400.0, 1), (2.0, 440.0, 2)]}


def test_percentiles_have_known_answers():
    assert percentiles(range(1, 101)) == {"n": 100, "p50": 50.5, "p95": 95.05, "p99": 99.01, "max": 100}
    assert percentiles([0.25]) == {"n": 1, "p50": 0.25, "p95": 0.25, "p99": 0.25, "max": 0.25}


def test_a_fifth_of_the_visitors_train_and_all_arrive_in_time():
    plans = visits.schedule(20, 10.0, seed=3)
    arrivals = [plan.arrival for plan in plans]
    assert sum(plan.trains for plan in plans) == 4
    assert arrivals == sorted(arrivals) and arrivals[0] >= 0 and arrivals[-1] <= 10
    assert [plan.number for plan in plans] == list(range(20)) and len({plan.seed for plan in plans}) == 20
    assert [sum(plan.trains for plan in visits.schedule(n, 1.0, 0)) for n in (1, 2, 4, 5, 50)] == [0, 0, 1, 1, 10]


def test_a_seed_gives_the_same_visitors_again():
    assert visits.schedule(20, 10.0, seed=3) == visits.schedule(20, 10.0, seed=3)
    assert visits.schedule(20, 10.0, seed=3) != visits.schedule(20, 10.0, seed=4)


def test_the_criteria_are_those_of_streamlit():
    record = visits.Record(sessions=[True, True, True, False])
    record.seconds["open"] += [1.0] * 99
    record.seconds["open Train"].append(7.0)
    assert criteria(record, MEMORY, visitors=20) == {
        "successful_sessions": 0.75,
        "sessions": 4,
        "page_load_p95": 1.0,
        "memory_growth_mb_per_50_users": 100.0,
    }
    assert criteria(visits.Record(), MEMORY, visitors=20)["page_load_p95"] is None


def test_the_slowest_actions_come_first():
    record = visits.Record(log=[(10.0 + number, number, "answer", float(number)) for number in range(20)])
    first, second, *others = slowest(record, started=8.0)
    assert first == {"action": "answer", "visitor": 20, "began": 21.0, "seconds": 19.0}
    assert second["seconds"] == 18 and len(others) == 6


def test_errors_in_the_log_are_found():
    log = "started\n" + "Traceback (most recent call last):\n  File x\n    y()\nValueError: no\nlater\n" * 2
    assert tracebacks(log) == ["ValueError: no"] * 2 and tracebacks("started\n") == []


def test_the_table_names_every_figure():
    measured = {
        "visitors": 20,
        "seconds": 90.0,
        "seed": 0,
        "clips": "synthetic voices",
        "notebook_extractions": {"n": 100, "before": 4.0, "after": 4.4},
        "slowness": 1.05,
        "actions": {"answer": percentiles([1.0, 2.0, 3.0])},
        "slowest": [{"action": "explore", "visitor": 2, "began": 12.0, "seconds": 4.5}],
        "errors": ["Visitor 3, answer: There was no sign of it."],
        "lasted": 95.5,
        "memory_mb": MEMORY,
        "clients_cpu": {"of_one_core": 0.1, "of_all_cores": 0.05},
        "clients_late": percentiles([0.0, 0.25]),
        "criteria": criteria(visits.Record(sessions=[True]), MEMORY, 20),
    }
    text = table(measured)
    for part in (
        "answer",
        "2.00",
        "2.90",
        "Errors: 1",
        "Visitor 3, answer",
        "idle 400, most 440",
        "2 s 440",
        "10%",
        "4.5 s at 12 s",
    ):
        assert part in text
    assert "100.0% of 1" in text and "100 MB" in text and "–" in text


def test_a_sentence_says_what_the_pages_lack(monkeypatch, capsys):
    def fail(*_: object) -> dict:
        raise load.DrivingError("The page shows no file_uploader.")

    monkeypatch.setattr(load, "measure", fail)
    monkeypatch.setattr("sys.argv", ["load"])
    with pytest.raises(SystemExit, match=r"cannot be driven\. The page shows no file_uploader"):
        load.main()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
@pytest.mark.timeout(480)
def test_four_visitors_get_what_they_came_for():
    """No time is asserted: what counts is that nothing fails, and that every visitor gets answers or clicks."""
    settings = Load(visitors=4, seconds=20.0, arrival_seconds=4.0, patience=90.0)
    with ThreadPoolExecutor(1) as executor:  # in this thread a browser's event loop may be running
        measured = executor.submit(measure, settings, extractions=3).result()
    assert measured["errors"] == []
    trainers = [plan.number for plan in visits.schedule(4, 4.0, settings.seed) if plan.trains]
    # An answer counts once its text and its chart have arrived.
    assert sorted([*measured["answers_of_visitors"], *trainers]) == list(range(4))
    assert all(count >= 1 for count in measured["answers_of_visitors"].values())
    assert list(measured["clicks_of_visitors"]) == trainers
    assert measured["criteria"]["successful_sessions"] == 1
    assert measured["actions"]["answer"]["n"] == sum(measured["answers_of_visitors"].values())
    assert measured["memory_mb"]["idle"] > 50 and measured["memory_mb"]["series"]
    assert str(measured["visitors"]) in table(measured)
