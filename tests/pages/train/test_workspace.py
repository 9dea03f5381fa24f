"""A workspace without a page: what stops its work in time."""

import threading
import time
from types import SimpleNamespace

import pytest

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
    monkeypatch.setattr(workspace, "SECONDS_BETWEEN_LOOKS", 0.01)
    monkeypatch.setattr(workspace, "DEMO", workspace.replace(workspace.DEMO, training_seconds=0.05))
    lab, search = Workspace("token"), Job(endless(), lane=BATCHES)
    lab.begin_search(search, 3)
    assert lab.searching
    search.join(60)
    assert search.snapshot().state == "stopped" and search.snapshot().result > 0
    assert not lab.searching


class Run:
    """A finished run with a model of some bytes."""

    def __init__(self, size):
        self.model = bytes(size)

    def start(self):
        pass

    def stop(self):
        pass

    def snapshot(self):
        return SimpleNamespace(over=True, model=self.model)


@pytest.mark.parametrize(
    ("sizes", "kept"), [([40, 40, 40, 40], [3, 4]), ([40, 40, 10, 10], [1, 2, 3, 4]), ([500], [1])]
)
def test_the_oldest_runs_make_room_where_the_models_are_large(monkeypatch, sizes, kept):
    monkeypatch.setattr(workspace, "MOST_RUN_BYTES", 100)
    monkeypatch.setattr(workspace, "n_bytes", lambda snapshots: sum(len(snapshot.model) for snapshot in snapshots))
    lab = Workspace("token")
    for size in sizes:
        lab.begin(Run(size))
    assert list(lab.entries) == kept
    assert lab.full == (sum(sizes[number - 1] for number in kept) > 100)


def test_a_search_that_waits_in_line_loses_no_time(monkeypatch):
    monkeypatch.setattr(workspace, "SECONDS_BETWEEN_LOOKS", 0.01)
    waiting = Job(endless(), lane=BATCHES)
    monkeypatch.setattr(waiting, "snapshot", lambda: Snapshot)
    overdue = threading.Event()
    workspace.stop_in_time(waiting, 0.02, overdue)
    assert not overdue.wait(0.3)
    Snapshot.over = True


class Snapshot:
    """Of work that has not begun."""

    over, position, halted = False, 1, False
