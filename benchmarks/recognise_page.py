"""Measures how long a visitor waits for an answer on the Recognise page, in Chromium and with a warm server.

    python -m benchmarks.recognise_page

Starts the app and uploads two clips to warm it up. Then it measures the time from handing over a file until the chart
of the answer is drawn (a clip of 4 s, five times), and until the timeline is drawn (a clip of ten minutes, once). The
clips are made of the demo's own clips of actors.

Prints one JSON object with seconds: best and median for the short clip; for the long one, when the progress appeared
and when the timeline was drawn. Needs Chromium and the packages of tests/requirements.txt. Takes about a minute.
"""

import json
import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page

from benchmarks.clips import speech
from benchmarks.served import served

REPEATS = 5


def upload(page: Page, name: str, data: bytes) -> float:
    """Hand over a file in place of the last one, and return the time at which the upload began."""
    if page.get_by_role("button", name="Remove").count():
        page.get_by_role("button", name="Remove").first.click()
        page.get_by_text("The answer appears here").wait_for()
    # A path, because a buffer goes to the browser in one message, and with ten minutes of audio that takes longest.
    path = Path(tempfile.mkdtemp()) / name
    path.write_bytes(data)
    started = time.perf_counter()
    page.locator("input[type=file]").set_input_files(path)
    return started


def drawn(page: Page, key: str, name: str, started: float) -> float:
    """Wait until the chart with this key is drawn for the clip with this name; return the seconds since `started`."""
    page.get_by_text(f"{name} ·").first.wait_for(timeout=120_000)
    page.locator(f".st-key-{key} .js-plotly-plot .main-svg").locator("visible=true").first.wait_for(timeout=120_000)
    return time.perf_counter() - started


def measure(page: Page, address: str) -> dict:
    """Warm up the page, drive it, and return what is printed."""
    page.goto(address)
    page.get_by_role("heading", level=1).first.wait_for()
    page.get_by_role("radio", name="Upload").click()
    for warm in range(2):
        drawn(page, "recognise_why", f"warm{warm}.wav", upload(page, f"warm{warm}.wav", speech(4, 100 + warm)))
        page.wait_for_timeout(2000)
    short = []
    for i in range(REPEATS):
        name = f"short{i}.wav"
        short.append(drawn(page, "recognise_bars", name, upload(page, name, speech(4, i))))
        page.wait_for_timeout(2000)
    started = upload(page, "long.wav", speech(600, 7))
    page.locator(".st-key-recognise_cancel").wait_for(timeout=60_000)
    progress = time.perf_counter() - started
    timeline = drawn(page, "recognise_timeline", "long.wav", started)
    return {
        "answer_4_s": {"best": round(min(short), 2), "median": round(statistics.median(short), 2)},
        "timeline_600_s": {"progress_shown_after": round(progress, 1), "drawn_after": round(timeline, 1)},
    }


def main() -> None:
    """Serve, measure, print."""
    with served() as (address, browser):
        print(json.dumps(measure(browser.new_page(), address)))


if __name__ == "__main__":
    main()
