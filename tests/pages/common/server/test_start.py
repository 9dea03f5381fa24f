"""The start of the server: everything is warm before the first visitor is let in."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import streamlit as st
from streamlit import config as streamlit_config
from streamlit.web.server.app_discovery import discover_asgi_app

from pages.common.server import rehearsal, start
from tests.helpers.pages import app_test, run
from tests.helpers.server import ROOT, app_server


@pytest.fixture
def upload_size():
    """Streamlit's own limit, as it was again after the test."""
    before = st.get_option("server.maxUploadSize")
    yield before
    streamlit_config.set_option("server.maxUploadSize", before)


def test_streamlit_finds_the_app_object_that_warms_the_server_up():
    found = discover_asgi_app(ROOT / "app.py")
    assert found.is_asgi_app and found.import_string == "app:app"


def test_a_visitor_sees_a_page_in_its_frame():
    assert [title.value for title in run(app_test()).title] == ["How a voice sounds"]


def test_a_server_is_warm_and_has_told_of_missing_audio_before_it_answers(tmp_path):
    log = tmp_path / "server.log"
    program = (
        "import gc, sys\n"
        "from pages.common.server import rehearsal\n"
        "rehearse = rehearsal.rehearse\n"
        "def told():\n"
        "    rehearse()\n"
        "    print('warm:', gc.get_freeze_count() > 100_000, 'pages.train.start_view' in sys.modules, flush=True)\n"
        "rehearsal.rehearse = told\n"
        "from streamlit.web.cli import main\n"
        "main(prog_name='streamlit')\n"
    )
    with app_server(log, program=("-c", program), SER_RAVDESS=str(ROOT / "nowhere.zip")):
        written = log.read_text()
    assert "warm: True True" in written
    assert written.count("There is no RAVDESS audio at") == 1
    assert "ScriptRunContext" not in log.read_text() and "Traceback" not in log.read_text()


def test_a_server_that_cannot_be_warmed_up_lets_visitors_in_and_collects_garbage(monkeypatch, caplog):
    monkeypatch.setattr(rehearsal, "rehearse", lambda: 1 / 0)
    monkeypatch.setenv("SER_WORKERS", "0")
    ready, ended = threading.Event(), threading.Event()
    thread = threading.Thread(target=start.work, args=(ready, ended))
    thread.start()
    assert ready.wait(60)
    assert thread.is_alive()
    ended.set()
    thread.join(60)
    assert not thread.is_alive()
    assert "could not be warmed up" in caplog.text


@pytest.mark.parametrize("headless", [True, False])
def test_a_browser_opens_only_where_there_is_a_screen(monkeypatch, headless):
    opened = []
    monkeypatch.setattr(start, "work", lambda ready, ended: ready.set())
    monkeypatch.setattr(start, "SECONDS_UNTIL_OPEN", 0.0)
    monkeypatch.setattr(start.cli_util, "open_browser", opened.append)
    monkeypatch.setattr(
        start.st,
        "get_option",
        lambda name: headless if name == "server.headless" else streamlit_config.get_option(name),
    )

    async def serve():
        async with start.warmed_up(None):
            await asyncio.sleep(0.05)

    with ThreadPoolExecutor() as executor:  # because Playwright's loop may run in this thread
        executor.submit(asyncio.run, serve()).result()
    assert [address.startswith("http://localhost:") for address in opened] == [True] * (not headless)


@pytest.mark.parametrize(("megabytes", "accepted"), [(1000, 1000), (1, 200)])
def test_streamlit_accepts_what_the_limits_of_the_app_allow(monkeypatch, upload_size, megabytes, accepted):
    monkeypatch.setattr(start, "VISITOR", replace(start.VISITOR, upload_bytes=megabytes << 20))
    assert upload_size == 200
    start.accept_large_uploads()
    assert st.get_option("server.maxUploadSize") == accepted
