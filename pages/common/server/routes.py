"""Addresses beside those of the pages: whether the server is ready, and its counts where the operator wants them.

`/_stcore/health`, Streamlit's own, says that the server runs. `/health` says that it is warm as well.
"""

import threading
import time

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from pages.common.server import counters
from ser.config import shows_counters

#: Set once the server is warm: from then on it answers that it is ready.
warm = threading.Event()
_started = time.monotonic()


async def health(_: Request) -> Response:
    """Return status 200 once the server is warm, and 503 before or if it could not be warmed up."""
    ready = warm.is_set()
    answer = {"ready": ready, "seconds": round(time.monotonic() - _started, 1)}
    return JSONResponse(answer, 200 if ready else 503, {"Cache-Control": "no-store"})


async def counts(_: Request) -> Response:
    """Return the counts in the text format of Prometheus."""
    return PlainTextResponse(counters.exposition(), headers={"Cache-Control": "no-store"})


def routes() -> list[Route]:
    """Return the addresses; the counts are among them only if SER_COUNTERS says so."""
    found = [Route("/health", health)]
    return [*found, Route("/counters", counts)] if shows_counters() else found
