"""What happens when the server starts, before it lets the first visitor in.

Streamlit calls `warmed_up` through the app object of app.py. Without it, the first visitor would wait for seconds,
because everything is imported and loaded then, and the processes that work for visitors get ready.
"""

import asyncio
import gc
import importlib
import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st
from streamlit import cli_util
from streamlit import config as streamlit_config
from streamlit.web.server import server_util

from pages.common.server import counters, routes, stopping
from ser import config, workers
from ser.limits import VISITOR

# What workers need to begin at once with an extraction or a training: modules, and functions that load something. What
# an answer needs comes first, because the warm-up waits for it.
_NEEDED_BY_WORKERS = (
    "ser.inference.rehearsal:rehearse",
    "ser.inference.shown",
    "ser.data.extraction",
    "ser.training.own_clips",
    "ser.sklearn_private",
    "scipy.optimize",
    "sklearn.isotonic",
    "sklearn.metrics",
    "ser.evaluation.diagnostics",
    "ser.data.shipped_tables:all_clips",
    "ser.data.shipped_tables:ravdess_clips",
    "ser.data.shipped_tables:read_augmented_versions",
)
# After this time visitors come in all the same.
_MOST_SECONDS = 60.0
# The server listens a moment after `warmed_up` has let visitors in.
SECONDS_UNTIL_OPEN = 0.3

_log = logging.getLogger(__name__)


@asynccontextmanager
async def warmed_up(_: st.App) -> AsyncIterator[None]:
    """Warm the server up before it lets visitors in, and look after its memory until it ends."""
    accept_large_uploads()
    stopping.end_in_order()
    log_to_the_operator()
    ready, ended = threading.Event(), threading.Event()
    threading.Thread(target=work, args=(ready, ended), name="warm-up", daemon=True).start()
    threading.Thread(target=counters.log_regularly, args=(ended,), name="counts", daemon=True).start()
    await asyncio.to_thread(ready.wait, _MOST_SECONDS)
    # Without an app object Streamlit does so itself.
    asyncio.get_running_loop().call_later(SECONDS_UNTIL_OPEN, open_browser)
    yield
    ended.set()


def log_to_the_operator() -> None:
    """Write what this app logs to the server's log, from INFO on; libraries write there from WARNING on."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    for name in ("ser", "pages"):
        logger = logging.getLogger(name)
        if not logger.handlers:
            logger.addHandler(handler)
        logger.setLevel(logging.INFO)


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
    gc.disable()  # until then nearly all that is made stays, and looking for garbage takes a tenth of the time
    try:
        if config.work_in_processes():
            workers.start(*_NEEDED_BY_WORKERS)
        # Workers take longest, so they get ready while this process imports the rest.
        rehearsal = importlib.import_module("pages.common.server.rehearsal")
        rehearsal.rehearse()
        routes.warm.set()
    except Exception:  # visitors come in all the same, and a page that needs what is missing says so
        _log.exception("The server could not be warmed up.")
    gc.enable()
    ready.set()
    importlib.import_module("pages.common.server.memory").collect_regularly(ended)
