"""Two visitors share nothing: no page, no cache, no global, no file and no worker holds what another gave.

A mark stands in the name, in the audio, in the folder and in the label of what one visitor gives. While both are there,
the other visitor's pages are searched for it. After the first has left, the server and its files are.
"""

import asyncio
import gc
import io
import json
import os
import secrets
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
import pandas as pd
import pytest
import soundfile

from benchmarks.connection import Connection
from benchmarks.protocol import Page
from benchmarks.visits import answer, choose_upload, open_page, skip_guide, start_training, training_now
from pages.train.workspaces import Workspaces
from ser.lanes import Lane, Slots
from ser.steps import finish
from ser.workers import in_worker, pool
from tests.helpers.server import app_server
from tests.helpers.traces import search

OWN = "My own"
VIEWS = ("Findings", "Overview", "Features", "Over time", "Map", "Clips")
# In two parts, because a worker that has this module would hold the whole.
FIRST, SECOND = "qxlea", "kmarkzv"
_PATIENCE = 300.0
ONE = Lane("one", Slots(1), niceness=1, idle=1)

# Streamlit as usual, and a thread beside it that searches all objects of the process when it is asked to.
SEARCHED = """
from tests.helpers.traces import answer_searches
answer_searches(*%r)
from streamlit.web.cli import main
main(prog_name="streamlit")
"""


def mark() -> str:
    """What is searched for."""
    return FIRST + SECOND


def shows_mark(page: Page) -> bool:
    """Whether a text of the page has it."""
    return any(mark() in node.text for node in page.all("markdown"))


def clip(pitch: float = 140) -> bytes:
    """A second of a vowel-like buzz, with the mark within its samples; `pitch` in hertz."""
    times = np.arange(16_000) / 16_000
    wave = 0.3 * np.sign(np.sin(2 * np.pi * pitch * times)) * (1 + np.sin(2 * np.pi * 3 * times)) / 2
    buffer = io.BytesIO()
    soundfile.write(buffer, wave, 16_000, format="WAV", subtype="PCM_16")
    data = bytearray(buffer.getvalue())
    data[8000 : 8000 + len(mark())] = mark().encode()
    return bytes(data)


def labelled_clips() -> bytes:
    """A zip of clips with two labels and two speakers, with the mark in the names of files, labels and speakers."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for number in range(8):
            label, speaker = f"{mark()}{number % 2}", f"{mark()}-speaker{number // 2 % 2}"
            archive.writestr(f"{mark()}-set/{label}/{speaker}/{mark()}-{number}.wav", clip(100 + 20 * number))
    return buffer.getvalue()


def holds(data: bytes):
    """What a worker is given; it returns nothing of it."""
    return len(data)


def in_this_worker(first: str, second: str) -> list[str]:
    """The search, with the mark in two parts so that the question does not find itself."""
    return search(first + second)


@pytest.fixture
def workers():
    """Real workers, which are gone after the test."""
    pool.start()
    yield
    pool.stop()


def test_an_idle_worker_lets_go_of_its_last_task(workers):
    """Its memory is read from outside: what is freed of something large goes back to the system at once.

    Memory goes back in whole pages, so an end of a freed block stays where something else lies on its page.
    """
    copies = 200
    large = clip() * copies
    idle = finish(in_worker(os.getpid, lane=ONE))
    assert finish(in_worker(holds, large, lane=ONE)) == len(large)
    deadline = time.monotonic() + 30
    while (left := in_memory(idle, mark().encode())) > copies / 40 and time.monotonic() < deadline:
        time.sleep(0.05)  # it frees after it has answered
    assert left <= copies / 40
    assert finish(in_worker(in_this_worker, FIRST, SECOND, lane=ONE)) == []
    assert finish(in_worker(os.getpid, lane=ONE)) == idle


def in_memory(pid: int, wanted: bytes) -> int:
    """How often the writable memory of a process holds some bytes."""
    count = 0
    with Path(f"/proc/{pid}/maps").open() as maps, Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in maps:
            extent, rights = line.split()[:2]
            if "w" not in rights or "[v" in line:
                continue
            start, end = (int(each, 16) for each in extent.split("-"))
            memory.seek(start)
            with suppress(OSError):
                count += memory.read(end - start).count(wanted)
    return count


@pytest.mark.parametrize(
    "hold",
    [
        lambda text: text,
        lambda text: text.encode(),
        lambda text: np.array([text, "other"]),
        lambda text: np.array([text, 1], dtype=object),
        lambda text: np.frombuffer(text.encode().ljust(40), np.int16),
        lambda text: io.BytesIO(text.encode()),
        lambda text: memoryview(bytearray(text.encode())),
        lambda text: pd.Series([text, "other"], dtype="string"),
        lambda text: pd.DataFrame({"emotion": [text, "other"]}),
    ],
)
def test_the_search_finds_what_is_held(hold):
    assert search(mark()) == []
    held = [hold(f"{mark()} in a list")]
    assert search(mark()) and held


def test_links_of_workspaces_cannot_be_guessed_and_expire():
    shelf = Workspaces()
    workspaces = [shelf.open() for _ in range(100)]
    tokens = {workspace.token for workspace in workspaces}
    # 128 bits of the system's random numbers, in base 64.
    assert len(tokens) == 100 and all(len(token) == 22 for token in tokens)
    assert shelf.find(secrets.token_urlsafe(16)) is None and shelf.find("") is None
    kept = workspaces[0].token
    assert shelf.find(kept) is workspaces[0]
    workspaces.clear()  # as when the last session with it has ended
    gc.collect()
    assert shelf.find(kept) is None


async def recognises(visitor: Connection) -> None:
    """Have a clip answered."""
    await open_page(visitor)
    await choose_upload(visitor)
    await answer(visitor, mark(), clip())


async def explores(visitor: Connection) -> None:
    """Upload labelled clips on Explore, and look at all views of them."""
    await visitor.open("explore", urlencode({"explore_source": OWN}))
    await visitor.upload(visitor.page.need("file_uploader", key="explore_own_files"), f"{mark()}.zip", labelled_clips())
    await visitor.until(lambda page: page.find("button", key="explore_own_start"), "the labels of the upload")
    await visitor.click(visitor.page.need("button", key="explore_own_start"))
    await visitor.until(
        lambda page: page.find("button_group", key="explore_view") and not page.running, "the clips' charts"
    )
    for view in VIEWS:
        runs = visitor.page.full_runs
        await visitor.choose(visitor.page.need("button_group", key="explore_view"), view)
        await visitor.complete(f"the view {view}", runs)
        assert not visitor.page.refusal(), visitor.page.refusal()


async def trains(visitor: Connection) -> None:
    """Upload labelled clips on Train, train on them, and look at the report."""
    await visitor.open("train")
    await skip_guide(visitor)
    await visitor.choose(visitor.page.need("button_group", key="train_view"), "My clips")
    await visitor.until(lambda page: page.find("file_uploader", key="train_own_files_0"), "the uploader of Train")
    await visitor.upload(visitor.page.need("file_uploader", key="train_own_files_0"), f"{mark()}.zip", labelled_clips())
    await visitor.until(lambda page: page.find("button", key="train_upload_add"), "the labels of the upload")
    await visitor.click(visitor.page.need("button", key="train_upload_add"))
    await visitor.until(
        lambda page: page.find("button", key="train_own_train") and not page.running, "the clips on the page"
    )
    runs = visitor.page.full_runs
    await visitor.click(visitor.page.need("button", key="train_own_train"))
    await visitor.complete("the page after the choice of the clips", runs)
    # A browser would follow the page, which has chosen this by itself.
    runs = visitor.page.full_runs
    await visitor.choose(visitor.page.need("button_group", key="train_view"), "Train")
    await visitor.complete("the settings of Train", runs)
    await start_training(visitor)
    await visitor.until(
        lambda page: not page.running and not training_now(page) and shows_mark(page), "the end of the training"
    )
    assert not visitor.page.refusal(), visitor.page.refusal()


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("visit", [recognises, explores, trains])
def test_a_visitor_leaves_no_trace_for_others_and_none_behind(tmp_path, visit):
    asked, answered, log = tmp_path / "asked", tmp_path / "answered", tmp_path / "server.log"
    temporary, models = tmp_path / "temporary", tmp_path / "models"
    temporary.mkdir()

    def in_server() -> list[str]:
        answered.unlink(missing_ok=True)
        asked.touch()
        deadline = time.monotonic() + 240
        while not answered.exists():
            assert time.monotonic() < deadline
            time.sleep(0.1)
        return json.loads(answered.read_text())

    async def visits(address: str, executor: ThreadPoolExecutor) -> None:
        first, other = (Connection(address, executor, _PATIENCE) for _ in range(2))
        await visit(first)
        assert shows_mark(first.page)
        assert in_server()
        lab, own = urlencode({"lab": secrets.token_urlsafe(16)}), urlencode({"explore_source": OWN})
        for path, query in (("", ""), ("explore", ""), ("explore", own), ("train", ""), ("train", lab)):
            await other.open(path, query)
            # Whole messages: names stand in charts and tables as well as in texts.
            assert not any(mark().encode() in each.content.SerializeToString() for each in other.page.nodes.values())
            await other.close()
            other = Connection(address, executor, _PATIENCE)
        await first.close()

    with (
        app_server(
            log,
            program=("-c", SEARCHED % ([str(asked), str(answered), FIRST, SECOND],)),
            STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL="2",
            TMPDIR=str(temporary),
            SER_MODELS=str(models),
            HOME=str(temporary),
        ) as (address, _),
        ThreadPoolExecutor() as executor,
    ):
        executor.submit(asyncio.run, visits(address, executor)).result()
        deadline = time.monotonic() + 240
        while (places := in_server()) and time.monotonic() < deadline:
            time.sleep(1)
        assert places == []
    files = [path for path in (*temporary.rglob("*"), *models.rglob("*"), log) if path.is_file()]
    assert [str(path) for path in files if mark().encode() in path.read_bytes()] == []
