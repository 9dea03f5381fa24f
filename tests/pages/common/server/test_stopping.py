"""A server that is asked to stop ends with status 0, and its workers end with it."""

import asyncio
import json
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import pytest

from benchmarks.connection import Connection
from pages.common.server import stopping
from tests.helpers.processes import all_end, below, training_worker
from tests.helpers.server import app_server

pytestmark = pytest.mark.slow

ENDLESS = {"preset": "fast", "set": json.dumps({"epochs": 2000, "hidden_layers": [256]})}


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_a_server_in_the_middle_of_a_training_ends_in_order(tmp_path, sent):
    log = tmp_path / "server.log"

    async def train_and_stop(address: str, pid: int, executor: ThreadPoolExecutor) -> tuple[int, set[int]]:
        connection = Connection(address, executor, 60)
        await connection.open("train", urlencode(ENDLESS))
        await connection.click(connection.page.need("button", label="Train"))
        await connection.until(lambda page: page.find("button", label="Pause"), "a training under way")
        worker = training_worker(pid)
        children = below(pid)
        assert worker in children
        os.kill(pid, sent)
        ended = await asyncio.get_running_loop().run_in_executor(
            executor, os.waitid, os.P_PID, pid, os.WEXITED | os.WNOWAIT
        )
        await connection.close()
        assert ended.si_code == os.CLD_EXITED
        return ended.si_status, children

    with app_server(log) as (address, pid), ThreadPoolExecutor() as executor:
        # In a thread of its own, because Playwright's loop may run in this one.
        status, children = executor.submit(asyncio.run, train_and_stop(address, pid, executor)).result()
    assert status == 0
    assert all_end(children, 20)
    written = log.read_text()
    assert "Traceback" not in written and "Aborted" not in written
    assert "counts:" in written and "trainings 1" in written


def test_a_server_of_another_kind_keeps_its_signals():
    before = signal.getsignal(signal.SIGTERM)
    stopping.end_in_order()
    assert signal.getsignal(signal.SIGTERM) == before
