"""The progress of background work: what the bar shows, and when the page runs anew."""

import threading
import time
from dataclasses import replace

import pytest
import streamlit as st

from pages.common import progress
from pages.common.progress import Progress
from ser.errors import AudioError, SerError
from ser.jobs import JobSnapshot
from ser.lanes import PAGES, Slots


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


def reporting():
    """Work with reports."""
    for number in range(3):
        time.sleep(0.15)
        yield number
    return "done"


def refusing():
    raise AudioError("There is no sound. Choose another clip.")


def test_a_page_waits_for_the_result_and_shows_reports():
    shown = []
    assert progress.wait_for(reporting, show=shown.append) == "done"
    assert shown and set(shown) <= {0, 1, 2}
    assert progress.wait_for(max, 1, 2) == 2


def test_a_page_gets_the_sentence_of_work_that_failed():
    with pytest.raises(SerError, match="There is no sound"):
        progress.wait_for(refusing)


def test_a_click_elsewhere_ends_the_work():
    class ClickError(Exception):
        pass

    def click(report):
        raise ClickError

    with pytest.raises(ClickError):
        progress.wait_for(reporting, show=click)
    threads = [thread for thread in threading.enumerate() if thread.name == "job"]
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads)


def test_what_a_page_needs_waits_for_a_slot_of_its_lane(monkeypatch):
    slots, results = Slots(1), []
    monkeypatch.setattr(progress, "PAGES", replace(PAGES, slots=slots))
    assert slots.enter("another visitor", lambda: False)
    waiting = threading.Thread(target=lambda: results.append(progress.wait_for(max, 1, 2)))
    waiting.start()
    while not slots.waiting:
        time.sleep(0.005)
    assert not results
    slots.leave()
    waiting.join(30)
    assert results == [2]
