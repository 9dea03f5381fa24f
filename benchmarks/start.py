"""How long the app takes from its start until it is ready, compared with an empty Streamlit app.

    python -m benchmarks.start [--rounds 7] [--json]

Both are started in turn by `streamlit run`, each in a process of its own, and are ended as soon as they are ready. The
app is ready when `/health` answers with 200, which is after its warm-up. The empty app has a single line and is ready
when Streamlit's own `/_stcore/health` answers with 200. Nothing else should run on the machine. The bar of this project
is a ratio of at most 4.
"""

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from tests.helpers.server import ROOT, free_port

EMPTY = 'import streamlit as st; st.write("x")\n'
_SECONDS_BETWEEN_LOOKS = 0.02
_PATIENCE = 120.0


def main() -> None:
    """Start both in turn and print the medians and their ratio."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.start", description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        empty = Path(folder, "empty.py")
        empty.write_text(EMPTY, "utf-8")
        found = measure(empty, options.rounds)
    print(json.dumps(found) if options.json else as_text(found))


def measure(empty: Path, rounds: int) -> dict:
    """Seconds of each start, their medians, and how many times as long the app takes."""
    seconds: dict[str, list[float]] = {"app": [], "empty": []}
    for number in range(rounds + 1):
        times = {
            "app": seconds_to_ready(ROOT / "app.py", "/health"),
            "empty": seconds_to_ready(empty, "/_stcore/health"),
        }
        if number:  # the first one may read files from the disk that are in memory later
            for name, each in times.items():
                seconds[name].append(each)
    medians = {name: statistics.median(each) for name, each in seconds.items()}
    return {"seconds": seconds, "medians": medians, "ratio": medians["app"] / medians["empty"]}


def seconds_to_ready(script: Path, health: str) -> float:
    """Start a Streamlit app, and return the seconds until a path of it answers with 200."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", script.name, "--server.headless=true", "--server.port", port]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SER_")}
    started = time.perf_counter()
    server = subprocess.Popen(
        [*map(str, command), "--server.address=127.0.0.1"],
        cwd=script.parent,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while not ready(f"http://127.0.0.1:{port}{health}"):
            if server.poll() is not None or time.perf_counter() - started > _PATIENCE:
                raise SystemExit(f"{script.name} did not start.")
            time.sleep(_SECONDS_BETWEEN_LOOKS)
        return time.perf_counter() - started
    finally:
        server.terminate()
        server.wait()


def ready(address: str) -> bool:
    """Whether an address answers with 200; a server that is not warm yet answers with 503."""
    with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=5) as reply:
        return reply.status == 200
    return False


def as_text(found: dict) -> str:
    """The medians, ranges and the ratio in words."""
    lines = [
        f"{title}: median {found['medians'][name]:.2f} s, {min(seconds):.2f} to {max(seconds):.2f} s"
        for name, title in (("app", "the app, ready at /health"), ("empty", "an empty Streamlit app"))
        for seconds in (found["seconds"][name],)
    ]
    return "\n".join([*lines, f"The app takes {found['ratio']:.2f} times as long (at most 4)."])


if __name__ == "__main__":
    main()
