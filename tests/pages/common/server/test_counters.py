"""What the operator sees: counts and kinds of refusals, and nothing of what visitors gave."""

import asyncio
import threading
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest

from benchmarks.connection import Connection
from benchmarks.visits import answer as give
from benchmarks.visits import choose_upload, open_page
from pages.common.server import counters
from ser.errors import AudioError, DatasetError
from ser.lanes import Slots
from tests.helpers.browser import EXAMPLES
from tests.helpers.pages import app_test, run
from tests.helpers.server import ROOT, app_server

SECRET = "letterofapatient"  # no mark in it that Markdown needs escaped


def fetch(address: str) -> tuple[int, str]:
    """The status and the text at an address."""
    try:
        with urllib.request.urlopen(address, timeout=30) as reply:
            return reply.status, reply.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


class Since:
    """Counts since a test began: other tests of this process count too."""

    def __init__(self):
        self.before = counters.counts()

    def __getitem__(self, key):
        return counters.counts().get(key, 0) - self.before.get(key, 0)


@pytest.fixture
def since():
    return Since()


def test_a_visitor_counts_once_however_often_a_page_is_drawn(since):
    at = run(app_test())
    run(at)
    assert since["visitors", ""] == 1
    run(app_test())
    assert since["visitors", ""] == 2


def test_the_log_has_the_kind_of_an_error_and_not_its_sentence(caplog, monkeypatch, since):
    monkeypatch.setattr(counters.st, "session_state", {})
    caplog.set_level("INFO", logger="pages")
    error = AudioError(f"{SECRET}.wav is silent. Choose another.")
    assert counters.sentence_of(error) == counters.sentence_of(error) == str(error)
    counters.sentence_of(DatasetError(f"{SECRET}.zip is empty. Choose another."))
    assert caplog.messages == ["refused: AudioError", "refused: DatasetError"]
    assert since["refusals", "AudioError"] == since["refusals", "DatasetError"] == 1
    total = counters.counts()["refusals", "DatasetError"]
    assert f'ser_refusals_total{{kind="DatasetError"}} {total}\n' in counters.exposition()
    assert SECRET not in counters.line() + counters.exposition()


def test_what_waits_in_line_is_counted():
    slots = Slots(1)
    assert slots.enter(1, lambda: False)
    asked, gone = threading.Event(), threading.Event()

    def given_up() -> bool:
        asked.set()
        return gone.is_set()

    thread = threading.Thread(target=slots.enter, args=(2, given_up))
    thread.start()
    asked.wait(10)
    assert (slots.running, slots.waiting) == (1, 1)
    gone.set()
    thread.join()
    slots.leave()
    assert (slots.running, slots.waiting) == (0, 0)


def test_the_log_gets_a_line_only_when_something_changed_and_at_the_end(caplog, monkeypatch):
    caplog.set_level("INFO", logger="pages")
    lines = iter(["none", "none", "one", "one", "one"])
    ended = threading.Event()
    monkeypatch.setattr(counters, "line", lambda: next(lines, "one"))
    waits = iter([False, False, False, True])
    monkeypatch.setattr(ended, "wait", lambda seconds: next(waits))
    counters.log_regularly(ended)
    assert caplog.messages == ["counts: one", "counts: one"]


@pytest.mark.slow
def test_a_server_tells_the_operator_what_happened_and_not_who_did_it(tmp_path):
    log = tmp_path / "server.log"

    async def visit(address: str, executor: ThreadPoolExecutor) -> None:
        connection = Connection(address, executor, 60)
        await open_page(connection)
        await choose_upload(connection)
        uploader = connection.page.need("file_uploader")
        await connection.upload(uploader, f"{SECRET}.wav", b"no audio at all " * 100)
        await connection.until(lambda page: page.refusal() and not page.running, "the refusal")
        await connection.remove(uploader)
        await connection.until(lambda page: not page.refusal() and not page.running, "the page without the refusal")
        await give(connection, f"{SECRET}2", sorted(EXAMPLES.glob("*.ogg"))[0].read_bytes())
        await connection.close()

    with app_server(log, SER_COUNTERS="1") as (address, _), ThreadPoolExecutor() as executor:
        assert fetch(f"{address}/health")[0] == 200
        executor.submit(asyncio.run, visit(address, executor)).result()
        status, counted = fetch(f"{address}/counters")
    assert status == 200
    for expected in ("ser_visitors_total 1", "ser_answers_total 1", 'ser_refusals_total{kind="AudioError"} 1'):
        assert expected in counted
    written = log.read_text()
    assert "refused: AudioError" in written and "counts: answers 1" in written
    assert SECRET not in written + counted


@pytest.mark.slow
def test_counts_are_no_address_unless_the_operator_says_so(tmp_path):
    with app_server(tmp_path / "server.log") as (address, _):
        status, page = fetch(f"{address}/counters")
    assert "ser_visitors" not in page and (status == 404 or "<!doctype html>" in page.lower())


def test_every_error_that_a_page_shows_goes_through_the_counts():
    """Settings in a page's address are the exception: nothing was given to the server."""
    shown_otherwise = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "pages").rglob("*.py")
        if "str(error)" in path.read_text("utf-8") and path.name not in ("counters.py", "address.py")
    ]
    assert shown_otherwise == []
