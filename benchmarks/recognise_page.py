"""How long a visitor waits on the Recognise page, measured in Chromium against a server that has warmed up.

    python -m benchmarks.recognise_page

Starts the app, lets it answer a few clips, then measures from handing over a file to the answer's bars being drawn for
a clip of 4 s, and to the timeline being drawn for one of ten minutes. Prints one JSON object: seconds, the best and the
median of five for the short clip. Needs the packages of tests/requirements.txt and Chromium; the clips are made of the
synthetic examples.
"""

import io
import json
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile
from playwright.sync_api import Page

from benchmarks.served import ROOT, served

EXAMPLES = sorted((ROOT / "pages" / "common" / "examples").glob("*.ogg"))
PORT = 8723
REPEATS = 5


def speech(seconds: float, seed: int) -> bytes:
    """Return the examples one after another, in an order that the seed decides, as WAV at 48 kHz."""
    order = np.random.default_rng(seed).integers(len(EXAMPLES), size=400)
    parts, length, rate = [], 0, 0
    for i in order:
        samples, rate = soundfile.read(EXAMPLES[i], dtype="float32")
        parts.append(samples)
        length += len(samples)
        if length >= seconds * rate:
            break
    file = io.BytesIO()
    soundfile.write(file, np.concatenate(parts)[: int(seconds * rate)], rate, format="WAV", subtype="PCM_16")
    return file.getvalue()


def upload(page: Page, name: str, data: bytes) -> float:
    """Hand a file over and return the moment at which that was done."""
    if page.get_by_role("button", name="Remove").count():
        page.get_by_role("button", name="Remove").first.click()
        page.get_by_text("The answer appears here").wait_for()
    # By path: a buffer would travel to the browser in one message, which for ten minutes takes the longest of all.
    path = Path(tempfile.mkdtemp()) / name
    path.write_bytes(data)
    started = time.perf_counter()
    page.locator("input[type=file]").set_input_files(path)
    return started


def drawn(page: Page, key: str, name: str, started: float) -> float:
    """Return the seconds until the chart with this key stands on the page of the clip with this name."""
    page.get_by_text(f"{name} ·").first.wait_for(timeout=120_000)
    page.locator(f".st-key-{key} .js-plotly-plot .main-svg").locator("visible=true").first.wait_for(timeout=120_000)
    return time.perf_counter() - started


def measure(page: Page, address: str) -> dict:
    """Drive the page once warm; what is printed."""
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
    with served(PORT) as (address, browser):
        print(json.dumps(measure(browser.new_page(), address)))


if __name__ == "__main__":
    main()
