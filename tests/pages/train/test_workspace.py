"""A workspace without a page: what stops its work in time."""

import threading
import time

from pages.train import workspace
from pages.train.workspace import Workspace
from ser.jobs import Job
from ser.lanes import BATCHES


def endless():
    """Work that goes on until it is stopped, and returns what it has by then."""
    number = 0
    while not (yield number):
        number += 1
        time.sleep(0.01)
    return number


def test_a_search_ends_with_what_it_has_once_all_its_candidates_have_had_their_time(monkeypatch):
    monkeypatch.setattr(workspace, "_SECONDS_BETWEEN_LOOKS", 0.01)
    monkeypatch.setattr(workspace, "DEMO", workspace.replace(workspace.DEMO, training_seconds=0.05))
    lab, search = Workspace("token"), Job(endless(), lane=BATCHES)
    lab.begin_search(search, 3)
    assert lab.searching
    search.join(60)
    assert search.snapshot().state == "stopped" and search.snapshot().result > 0
    assert not lab.searching


def test_a_search_that_waits_in_line_loses_no_time(monkeypatch):
    monkeypatch.setattr(workspace, "_SECONDS_BETWEEN_LOOKS", 0.01)
    waiting = Job(endless(), lane=BATCHES)
    monkeypatch.setattr(waiting, "snapshot", lambda: Snapshot)
    overdue = threading.Event()
    workspace._stop_in_time(waiting, 0.02, overdue)
    assert not overdue.wait(0.3)
    Snapshot.over = True


class Snapshot:
    """Of work that has not begun."""

    over, position, halted = False, 1, False
