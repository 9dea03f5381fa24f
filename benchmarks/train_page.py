"""Measures how quickly the Train and Explore pages respond while models are being trained, in Chromium.

    python -m benchmarks.train_page

Starts the app. One visitor, then a second one, starts a training of a network of 256 units that runs until it is
stopped. Meanwhile they click a toggle on Train. The time from the click until the page names the changed setting is
taken inside the browser. Then Explore is opened from Train, and the time until its first chart is drawn is taken: first
while both trainings run, then after both are stopped.

Prints one JSON object with seconds: median, maximum and number of each measurement. Needs Chromium and the packages of
tests/requirements.txt. Takes a few minutes.
"""

import json
import statistics
from urllib.parse import urlencode

from playwright.sync_api import Browser, Page

from benchmarks.served import served

REPEATS = 12
SETTINGS = {"preset": "fast", "set": json.dumps({"epochs": 2000, "hidden_layers": [256]})}

# Clicks an element. Resolves to the seconds until something else has appeared on the page, or has disappeared from it.
RESPONSE_SECONDS = """([clicked, shown, there]) => new Promise(resolve => {
    const began = performance.now();
    const look = () => !!Array.from(document.querySelectorAll(shown.selector)).find(
        each => each.offsetParent !== null && (!shown.text || each.innerText.includes(shown.text))) === there;
    const watch = () => look() ? resolve((performance.now() - began) / 1000) : requestAnimationFrame(watch);
    document.querySelector(clicked).click();
    watch();
})"""
TOGGLE = ".st-key-train_balanced input"
CHANGED = {"selector": "[data-testid=stCaptionContainer]", "text": "balanced"}
FIRST_CHART = {"selector": ".st-key-explore_counts .js-plotly-plot .main-svg", "text": ""}


def visit(browser: Browser, address: str) -> Page:
    """Open Train as a new visitor and start a long training."""
    page = browser.new_context().new_page()
    page.set_default_timeout(120_000)
    page.goto(f"{address}/train?{urlencode(SETTINGS)}")
    start(page)
    page.get_by_role("tab", name="Data", exact=True).click()
    return page


def start(page: Page) -> None:
    """Start the training and wait until the chart of its first epochs is drawn."""
    page.get_by_role("button", name="Train", exact=True).click()
    page.locator(".st-key-train_loss .js-plotly-plot").locator("visible=true").first.wait_for()


def stop(page: Page) -> None:
    """Stop the training and wait until it has been evaluated."""
    page.get_by_test_id("stMain").get_by_role("button", name="Stop").click()
    page.get_by_text("Stopped after").wait_for()


def click_times(pages: list[Page]) -> list[float]:
    """Click the toggle on each page in turn, and return the seconds until each page responds."""
    seconds = []
    for repeat in range(REPEATS):
        for page in pages:
            seconds.append(page.evaluate(RESPONSE_SECONDS, [TOGGLE, CHANGED, repeat % 2 == 0]))
            page.wait_for_timeout(400)
    return seconds


def chart_times(page: Page) -> list[float]:
    """Open Explore from Train several times, and return the seconds until its first chart; the first is a warm-up."""
    seconds = []
    for _ in range(REPEATS // 2 + 1):
        seconds.append(page.evaluate(RESPONSE_SECONDS, ["a[href$='/explore']", FIRST_CHART, True]))
        page.wait_for_timeout(500)
        page.get_by_role("link", name="Train").click()
        page.get_by_role("button", name="Train", exact=True).wait_for()
        page.wait_for_timeout(500)
    return seconds[1:]


def summary(seconds: list[float]) -> dict:
    """Median, maximum and number, as printed."""
    return {"median": round(statistics.median(seconds), 2), "max": round(max(seconds), 2), "n": len(seconds)}


def measure(browser: Browser, address: str) -> dict:
    """Drive both visitors and return what is printed."""
    first = visit(browser, address)
    alone = click_times([first])
    second = visit(browser, address)
    report = {
        "click_while_training": summary(alone),
        "click_while_two_visitors_train": summary(click_times([first, second])),
        "first_chart_of_explore_while_two_train": summary(chart_times(first)),
    }
    stop(first)
    stop(second)
    report["first_chart_of_explore"] = summary(chart_times(first))
    return report


def main() -> None:
    """Serve, measure, print."""
    with served() as (address, browser):
        print(json.dumps(measure(browser, address)))


if __name__ == "__main__":
    main()
