"""A server whose workers, or which itself, are killed: others go on, and the next start works."""

import asyncio
import json
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlencode

import pytest

from benchmarks.connection import Connection
from benchmarks.visits import answer, choose_upload, open_page
from tests.helpers.processes import all_end, below, training_worker
from tests.helpers.server import ROOT, app_server

pytestmark = pytest.mark.slow

CLIPS = sorted((ROOT / "pages" / "common" / "examples" / "actors").glob("*.ogg"))
ENDLESS = {"preset": "fast", "set": json.dumps({"epochs": 2000, "hidden_layers": [256]})}


def visiting(visit, *arguments):
    """Carry out a visit in a thread of its own, because Playwright's loop may run in this one."""
    with ThreadPoolExecutor() as executor:
        return executor.submit(asyncio.run, visit(executor, *arguments)).result()


async def trains(executor, address: str) -> Connection:
    """Start a training that does not end by itself."""
    connection = Connection(address, executor, 90)
    await connection.open("train", urlencode(ENDLESS))
    await connection.click(connection.page.need("button", label="Train"))
    await connection.until(lambda page: page.find("button", label="Pause"), "a training under way")
    return connection


async def gets_an_answer(executor, address: str, clip: int = 0) -> None:
    """Upload a clip, and wait for its answer; answers to examples are shared, so another clip is other work."""
    connection = Connection(address, executor, 90)
    await open_page(connection)
    await choose_upload(connection)
    await answer(connection, "clip", CLIPS[clip].read_bytes())
    await connection.close()


def nursery(server: int) -> int:
    """The process that forks workers, which have its command line too."""
    for pid in below(server):
        with suppress(OSError):  # it has ended meanwhile
            named = b"ser.workers.nursery" in Path(f"/proc/{pid}/cmdline").read_bytes()
            parent = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
            if named and parent == server:
                return pid
    raise AssertionError("No process forks workers.")


def test_killed_workers_are_one_sentence_and_everybody_else_goes_on(tmp_path):
    log = tmp_path / "server.log"

    async def visit(executor, address: str, server: int) -> None:
        connection = await trains(executor, address)
        os.kill(training_worker(server), signal.SIGKILL)
        await connection.until(lambda page: page.refusal(), "what happened to the training")
        assert "ended unexpectedly" in connection.page.refusal()
        await gets_an_answer(executor, address)
        os.kill(nursery(server), signal.SIGKILL)
        await gets_an_answer(executor, address, clip=1)
        await connection.close()
        connection = await trains(executor, address)
        assert training_worker(server)
        await connection.close()

    with app_server(log) as (address, server):
        visiting(visit, address, server)
    written = log.read_text()
    assert "refused: WorkerDiedError" in written and "is started again" in written
    assert "Traceback" not in written


def test_a_killed_server_leaves_no_process_and_the_next_one_starts(tmp_path):
    models = tmp_path / "models"

    async def visit(executor, address: str, server: int) -> set[int]:
        connection = await trains(executor, address)
        worker = training_worker(server)
        children = below(server)
        assert worker in children
        os.kill(server, signal.SIGKILL)
        await connection.close()
        return children

    with app_server(tmp_path / "1.log", SER_MODELS=str(models)) as (address, server):
        children = visiting(visit, address, server)
    assert len(children) >= 2 and all_end(children)
    with app_server(tmp_path / "2.log", SER_MODELS=str(models)) as (address, _):
        visiting(gets_an_answer, address)
