"""The app, served by `streamlit run app.py` in a process of its own, for tests and benchmarks."""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
_SECONDS_TO_START = 60
_SECONDS_TO_END = 15


@contextlib.contextmanager
def app_server(
    log: Path, *, program: Sequence[str] = ("-m", "streamlit"), **environment: str
) -> Iterator[tuple[str, int]]:
    """Serve the app, and yield its address and the server's process ID.

    The server writes to the file `log`, and gets these variables beside those that are set here. `program` are the
    arguments of Python that run Streamlit's command.
    """
    port = free_port()
    command = [sys.executable, *program, "run", "app.py", "--server.headless=true", f"--server.port={port}"]
    command += ["--server.address=127.0.0.1"]
    with log.open("w") as out:
        server = subprocess.Popen(
            command, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT, env=os.environ | {"SER_WORKERS": "1"} | environment
        )
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + _SECONDS_TO_START
        while not _healthy(address):
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"The app did not start:\n{log.read_text()}")
            time.sleep(0.2)
        yield address, server.pid
    finally:
        server.terminate()
        try:
            server.wait(timeout=_SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
            raise


def _healthy(address: str) -> bool:
    with contextlib.suppress(OSError), urllib.request.urlopen(f"{address}/_stcore/health", timeout=2) as reply:
        return reply.status == 200
    return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
