"""Measures how long a visitor waits for an answer on the Recognise page, in Chromium and with a warm server.

    python -m benchmarks.recognise_page

Starts the app and uploads two clips to warm it up. Then it measures the time from handing over a file until the chart
of the answer and the last chart, that of the reasons, are drawn (five clips of 4 s, whose answers are no mere guesses),
and until the timeline is drawn (a clip of ten minutes, once). The clips are made of the demo's own clips of actors.

Prints one JSON object with seconds: best and median for the short clip; for the long one, when the progress appeared
and when the timeline was drawn. Needs Chromium and the packages of tests/requirements.txt. Takes about a minute.
"""

import itertools
import json
import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Locator, Page

from benchmarks.clips import speech
from benchmarks.served import served
from pages.recognise.texts import GUESS

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


def chart(page: Page, key: str) -> Locator:
    """The chart with this key, once it is drawn."""
    return page.locator(f".st-key-{key} .js-plotly-plot .main-svg").locator("visible=true")


def drawn(page: Page, seen: Locator, name: str, started: float) -> float:
    """Wait until something is seen for the clip with this name; return the seconds since `started`."""
    page.get_by_text(f"{name} ·").first.wait_for(timeout=120_000)
    seen.first.wait_for(timeout=120_000)
    return time.perf_counter() - started


def measure(page: Page, address: str) -> dict:
    """Warm up the page, drive it, and return what is printed."""
    page.goto(address)
    page.get_by_role("heading", level=1).first.wait_for()
    page.get_by_role("radio", name="Upload").click()
    # An answer that is a mere guess has no bars until the visitor asks for them.
    bars, guess, last = chart(page, "recognise_bars"), page.get_by_text(GUESS), chart(page, "recognise_why")
    for warm in range(2):
        drawn(page, bars.or_(guess), f"warm{warm}.wav", upload(page, f"warm{warm}.wav", speech(4, 100 + warm)))
        page.wait_for_timeout(2000)
    answers: list[float] = []
    charts: list[float] = []
    for i in itertools.count():
        if len(charts) == REPEATS:
            break
        name = f"short{i}.wav"
        started = upload(page, name, speech(4, i))
        seconds = drawn(page, bars.or_(guess), name, started)
        if not guess.count():
            answers.append(seconds)
            charts.append(drawn(page, last, name, started))
        page.wait_for_timeout(2000)
    started = upload(page, "long.wav", speech(600, 7))
    page.locator(".st-key-recognise_cancel").wait_for(timeout=60_000)
    progress = time.perf_counter() - started
    timeline = drawn(page, chart(page, "recognise_timeline"), "long.wav", started)
    return {
        "answer_4_s": summary(answers),
        "last_chart_4_s": summary(charts),
        "timeline_600_s": {"progress_shown_after": round(progress, 1), "drawn_after": round(timeline, 1)},
    }


def summary(seconds: list[float]) -> dict[str, float]:
    """Best and median, rounded."""
    return {"best": round(min(seconds), 2), "median": round(statistics.median(seconds), 2)}


def main() -> None:
    """Serve, measure, print."""
    with served() as (address, browser):
        print(json.dumps(measure(browser.new_page(), address)))


if __name__ == "__main__":
    main()
