"""The progress of background work: what the bar shows, and when the page runs anew."""

import pytest
import streamlit as st

from pages.common import progress
from pages.common.progress import Progress
from ser.jobs import JobSnapshot


def at(share, seconds_left=None):
    return lambda snapshot: Progress(share, "Working", seconds_left)


@pytest.mark.parametrize(
    ("snapshot", "describe", "shown"),
    [
        (JobSnapshot(position=1), at(0.5), (0.0, "Waiting for a free place: you are the next in line.")),
        (JobSnapshot(position=4), at(0.5), (0.0, "Waiting for a free place: you are number 4 in line.")),
        (JobSnapshot("working", seconds=30), at(0.25), (0.25, "Working · about 2 min left")),
        (JobSnapshot("working", seconds=30), at(0.75), (0.75, "Working · about 10 s left")),
        (JobSnapshot("working", seconds=30), at(0.25, 7.0), (0.25, "Working · about 7 s left")),
        (JobSnapshot("working", seconds=30), at(0.25, 0.0), (0.25, "Working")),
        (JobSnapshot("working", seconds=30), at(0.05), (0.05, "Working")),
        (JobSnapshot("working", seconds=30), at(1.2), (1.0, "Working")),
    ],
)
def test_a_bar_shows_the_share_and_the_queue_or_the_time_left(snapshot, describe, shown):
    share, line = progress.bar(snapshot, describe)
    assert share == shown[0] and line.startswith(shown[1])
    assert "left" in line or "left" not in shown[1]


@pytest.mark.parametrize("state", ["done", "stopped", "failed"])
def test_the_page_runs_anew_once_the_work_is_over(monkeypatch, state):
    reruns = []

    class Work:
        def snapshot(self):
            return JobSnapshot(state)

    monkeypatch.setattr(st, "rerun", lambda: reruns.append(state))
    monkeypatch.setattr(st, "fragment", lambda function, *, run_every: function)
    progress.follow(Work(), at(0.5), key="explore_stop", cancel=None)
    assert reruns == [state]
