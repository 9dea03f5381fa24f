"""A visitor who leaves frees everything, and work under way stops."""

import asyncio
import gc
import json
import threading
import time
import weakref
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode

import pytest

from benchmarks.connection import Connection
from pages.explore.state import ExploreState, UploadedSet
from pages.recognise.state import ExtractionJob, RecogniseState
from pages.train.state import TrainState
from pages.train.workspace import NamedRun, Workspace
from ser.jobs import Job
from ser.lanes import BATCHES
from tests.helpers.server import app_server

ENDLESS = {"preset": "fast", "set": json.dumps({"epochs": 2000, "hidden_layers": [256]})}

HELD = ("TrainState", "Workspace", "TrainingRun", "training")

# Streamlit as usual, and a thread beside it that writes over and over what the server holds of visitors.
WATCHED = """
import json, sys, threading, time, weakref
from pages.train.state import TrainState
from pages.train.workspace import Workspace
from ser.experiments.run import TrainingRun

made = []

def follow(kind):
    begin = kind.__init__
    def remember(self, *arguments, **named):
        made.append(weakref.ref(self))
        begin(self, *arguments, **named)
    kind.__init__ = remember

def watch(path):
    while True:
        alive = [each() for each in made if each() is not None]
        held = [type(each).__name__ for each in alive]
        line = {name: held.count(name) for name in ("TrainState", "Workspace", "TrainingRun")}
        line["training"] = sum(isinstance(each, TrainingRun) and each.snapshot().state == "training" for each in alive)
        del alive
        with open(path, "a") as file:
            print(json.dumps(line), file=file)
        time.sleep(0.5)

for kind in (TrainState, Workspace, TrainingRun):
    follow(kind)
threading.Thread(target=watch, args=(%r,), daemon=True).start()
from streamlit.web.cli import main
main(prog_name="streamlit")
"""


def endless():
    """Work that goes on until it is stopped."""
    while not (yield 0):
        time.sleep(0.01)


def stopped_with(make):
    """Whether the job of a state stops once nobody holds the state any more."""
    job = Job(endless(), lane=BATCHES).start()
    state = make(job)
    assert not job.snapshot().over
    alive = weakref.ref(state)
    del state
    gc.collect()
    job.join(30)
    return alive() is None and job.snapshot().state == "stopped"


@pytest.mark.parametrize(
    "make",
    [
        lambda job: RecogniseState(extraction_job=ExtractionJob((), (), "", job)),
        lambda job: ExploreState(upload=UploadedSet(None, job)),
        lambda job: TrainState(extraction_jobs=[job]),
        lambda job: TrainState(workspace=Workspace("token", {1: NamedRun(1, "Run 1", job)})),
        lambda job: TrainState(workspace=Workspace("token", search=job)),
        lambda job: TrainState(workspace=Workspace("token", jobs={(1, "importance"): job})),
    ],
)
def test_work_stops_with_the_state_that_follows_it(make):
    assert stopped_with(make)


def test_a_workspace_in_two_tabs_lives_until_both_are_closed():
    job = Job(endless(), lane=BATCHES).start()
    one = TrainState(workspace=Workspace("token", search=job))
    other = TrainState(workspace=one.workspace)
    del one
    gc.collect()
    assert not job.snapshot().over and other.workspace.searching
    del other
    job.join(30)
    assert job.snapshot().over


@pytest.mark.slow
def test_a_server_keeps_nothing_of_a_visitor_who_left(tmp_path):
    watched, log = tmp_path / "watched.jsonl", tmp_path / "server.log"

    def held() -> dict[str, int]:
        lines = watched.read_text().splitlines() if watched.exists() else []
        return json.loads(lines[-1]) if lines else {}

    async def visit(address: str, executor: ThreadPoolExecutor) -> None:
        connection = Connection(address, executor, 60)
        await connection.open("train", urlencode(ENDLESS))
        await connection.click(connection.page.need("button", label="Train"))
        until(lambda: held().get("training") == 1)
        assert held() == dict.fromkeys(HELD, 1)
        await connection.close()

    with app_server(
        log, program=("-c", WATCHED % str(watched)), STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL="2"
    ) as (address, _), ThreadPoolExecutor() as executor:  # fmt: skip
        # In a thread of its own, because Playwright's loop may run in this one.
        executor.submit(asyncio.run, visit(address, executor)).result()
        until(lambda: held() == dict.fromkeys(HELD, 0))
    assert "Traceback" not in Path(log).read_text()


def until(true) -> None:
    """Wait until something is true; a failure says so after two minutes."""
    for _ in range(1200):
        if true():
            return
        threading.Event().wait(0.1)
    raise AssertionError(
        f"It never came about; the server holds {true.__closure__ and true.__closure__[0].cell_contents()}."
    )
