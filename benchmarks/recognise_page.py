"""Measures how long a visitor waits for an answer on the Recognise page, in Chromium and with a warm server.

    python -m benchmarks.recognise_page

Starts the app and uploads two clips to warm it up. Then it measures, by the browser's own clock, the time from the
choice of a file until the chart of the answer is drawn and until the last chart, that of the reasons, is drawn (five
clips of 4 s, whose answers are no mere guesses), and until the timeline is drawn (a clip of ten minutes, once). The
clips are made of the demo's own clips of actors.

Prints one JSON object with seconds: best and median for the short clips; for the long one, when the progress appeared
and when the timeline was drawn. Needs Chromium and the packages of tests/requirements.txt. Takes about a minute.
"""

import itertools
import json
import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import Page

from benchmarks.clips import speech
from benchmarks.served import served

REPEATS = 5
_BARS, _REASONS, _TIMELINE = (
    f".st-key-recognise_{chart} .js-plotly-plot .main-svg" for chart in ("bars", "why", "timeline")
)
# Bars that the visitor has to ask for, and the button below the progress of a long clip.
_GUESS, _CANCEL = "[class*=st-key-recognise_guess_]", ".st-key-recognise_cancel"

# Notes when each selector first matches something on the screen, in milliseconds after the choice of a file.
_WATCH = """selectors => {
    const seen = window.seen = {};
    let chosen = null;
    document.addEventListener("change", () => chosen = performance.now(), {capture: true, once: true});
    const look = () => {
        for (const selector of selectors) {
            if (selector in seen || chosen === null) continue;
            if (document.querySelector(selector)?.checkVisibility()) seen[selector] = performance.now() - chosen;
        }
        if (window.seen === seen) requestAnimationFrame(look);
    };
    look();
}"""


def upload(page: Page, name: str, data: bytes, *selectors: str) -> None:
    """Hand over a file in place of the last one, and let the page note when the selectors match something."""
    if page.get_by_role("button", name="Remove").count():
        page.get_by_role("button", name="Remove").first.click()
        page.get_by_text("The answer appears here").wait_for()
    # A path, because a buffer goes to the browser in one message, and with ten minutes of audio that takes longest.
    path = Path(tempfile.mkdtemp()) / name
    path.write_bytes(data)
    page.evaluate(_WATCH, selectors)
    page.locator("input[type=file]").set_input_files(path)


def seen(page: Page, *selectors: str) -> float:
    """Wait until the page has seen one of the selectors, and return the seconds since the choice of the file."""
    page.wait_for_function("selectors => selectors.some(each => each in window.seen)", arg=selectors, timeout=120_000)
    return (
        page.evaluate("selectors => Math.min(...selectors.map(each => window.seen[each] ?? Infinity))", selectors)
        / 1000
    )


def measure(page: Page, address: str) -> dict:
    """Warm up the page, drive it, and return what is printed."""
    page.goto(address)
    page.get_by_role("heading", level=1).first.wait_for()
    page.get_by_role("radio", name="Upload").click()
    answers: list[float] = []
    charts: list[float] = []
    for i in itertools.count(-2):
        if len(charts) == REPEATS:
            break
        upload(page, f"short{i}.wav", speech(4, 100 + i), _BARS, _REASONS, _GUESS)
        seconds = seen(page, _BARS, _GUESS)
        # A mere guess has no bars until the visitor asks for them. The first two clips warm the page up.
        if not page.locator(_GUESS).count():
            last = seen(page, _REASONS)
            if i >= 0:
                answers.append(seconds)
                charts.append(last)
        page.wait_for_timeout(2000)
    upload(page, "long.wav", speech(600, 7), _CANCEL, _TIMELINE)
    return {
        "answer_4_s": summary(answers),
        "last_chart_4_s": summary(charts),
        "timeline_600_s": {
            "progress_shown_after": round(seen(page, _CANCEL), 1),
            "drawn_after": round(seen(page, _TIMELINE), 1),
        },
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
