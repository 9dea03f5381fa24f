"""What happens when the server starts, before it lets the first visitor in.

Streamlit calls `warmed_up` through the app object of app.py. Without it, the first visitor would wait for seconds,
because everything is imported and loaded then, and the processes that work for visitors get ready.
"""

import asyncio
import importlib
import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st
from streamlit import cli_util
from streamlit import config as streamlit_config
from streamlit.web.server import server_util

from ser import config, workers
from ser.limits import VISITOR

# What workers need to begin at once with an extraction or a training: modules, and functions that load something.
_NEEDED_BY_WORKERS = (
    "ser.inference.batch",
    "ser.data.extraction",
    "ser.training.own_clips",
    "ser.sklearn_private",
    "scipy.optimize",
    "sklearn.isotonic",
    "sklearn.metrics",
    "ser.evaluation.diagnostics",
    "ser.data.table_file:load_table",
    "ser.inference.rehearsal:rehearse",
)
# After this time visitors come in all the same.
_MOST_SECONDS = 60.0
# The server listens a moment after `warmed_up` has let visitors in.
_SECONDS_UNTIL_OPEN = 0.3

_log = logging.getLogger(__name__)


@asynccontextmanager
async def warmed_up(_: st.App) -> AsyncIterator[None]:
    """Warm the server up before it lets visitors in, and look after its memory until it ends."""
    accept_large_uploads()
    ready, ended = threading.Event(), threading.Event()
    threading.Thread(target=work, args=(ready, ended), name="warm-up", daemon=True).start()
    await asyncio.to_thread(ready.wait, _MOST_SECONDS)
    # Without an app object Streamlit does so itself.
    asyncio.get_running_loop().call_later(_SECONDS_UNTIL_OPEN, open_browser)
    yield
    ended.set()


def accept_large_uploads() -> None:
    """Have Streamlit accept uploads as large as the limits of this app allow."""
    most = max(st.get_option("server.maxUploadSize"), VISITOR.upload_bytes >> 20)
    streamlit_config.set_option("server.maxUploadSize", most)


def open_browser() -> None:
    """Show the app to whoever started it on a machine with a screen."""
    if not st.get_option("server.headless"):
        cli_util.open_browser(server_util.get_url(st.get_option("browser.serverAddress")))


def work(ready: threading.Event, ended: threading.Event) -> None:
    """Warm up, set `ready`, and then collect garbage regularly until `ended` is set."""
    try:
        if config.work_in_processes():
            workers.start(*_NEEDED_BY_WORKERS)
        # Workers take longest, so they get ready while this process imports the rest.
        rehearsal = importlib.import_module("pages.common.rehearsal")
        rehearsal.rehearse()
    except Exception:  # visitors come in all the same, and a page that needs what is missing says so
        _log.exception("The server could not be warmed up.")
    ready.set()
    importlib.import_module("pages.common.memory").collect_regularly(ended)
