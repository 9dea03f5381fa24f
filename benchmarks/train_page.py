"""How long Train takes to answer a click while it trains, and Explore to draw its first chart, measured in Chromium.

    python -m benchmarks.train_page

Starts the app and lets two visitors train at once, each a network of 256 units for as long as it takes. Meanwhile each
in turn moves a toggle, and the time until the page says what was changed is taken inside the browser. Then, with both
trainings stopped, and once more with them under way, Explore is opened from Train until its first chart is drawn.
Prints one JSON object: seconds, median and maximum. Needs Chromium and the packages of tests/requirements.txt.
"""

import json
import statistics
from urllib.parse import urlencode

from playwright.sync_api import Browser, Page

from benchmarks.served import served

PORT = 8724
REPEATS = 12
SETTINGS = {"preset": "fast", "set": json.dumps({"epochs": 2000, "hidden_layers": [256]})}

# Clicks what a selector finds, and resolves to the seconds until something else is, or is no longer, on the page.
ANSWER = """([clicked, shown, there]) => new Promise(resolve => {
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
    """Open Train as a new visitor who has started a long training."""
    page = browser.new_context().new_page()
    page.set_default_timeout(120_000)
    page.goto(f"{address}/train?{urlencode(SETTINGS)}")
    start(page)
    page.get_by_role("tab", name="Data", exact=True).click()
    return page


def start(page: Page) -> None:
    """Begin the training and wait for its first epochs."""
    page.get_by_role("button", name="Train", exact=True).click()
    page.locator(".st-key-train_loss .js-plotly-plot").locator("visible=true").first.wait_for()


def stop(page: Page) -> None:
    """End the training and wait until it is judged."""
    page.get_by_test_id("stMain").get_by_role("button", name="Stop").click()
    page.get_by_text("Stopped after").wait_for()


def click_times(pages: list[Page]) -> list[float]:
    """Move the toggle of one page after the other."""
    found = []
    for repeat in range(REPEATS):
        for page in pages:
            found.append(page.evaluate(ANSWER, [TOGGLE, CHANGED, repeat % 2 == 0]))
            page.wait_for_timeout(400)
    return found


def chart_times(page: Page) -> list[float]:
    """Open Explore from Train, and go back, some times; the first, which warms up, does not count."""
    found = []
    for _ in range(REPEATS // 2 + 1):
        found.append(page.evaluate(ANSWER, ["a[href$='/explore']", FIRST_CHART, True]))
        page.wait_for_timeout(500)
        page.get_by_role("link", name="Train").click()
        page.get_by_role("button", name="Train", exact=True).wait_for()
        page.wait_for_timeout(500)
    return found[1:]


def summed_up(seconds: list[float]) -> dict:
    """Median and maximum, as printed."""
    return {"median": round(statistics.median(seconds), 2), "max": round(max(seconds), 2), "n": len(seconds)}


def measure(browser: Browser, address: str) -> dict:
    """Drive both visitors; what is printed."""
    one = visit(browser, address)
    alone = click_times([one])
    other = visit(browser, address)
    found = {
        "click_while_training": summed_up(alone),
        "click_while_two_visitors_train": summed_up(click_times([one, other])),
        "first_chart_of_explore_while_two_train": summed_up(chart_times(one)),
    }
    stop(one)
    stop(other)
    found["first_chart_of_explore"] = summed_up(chart_times(one))
    return found


def main() -> None:
    """Serve, measure, print."""
    with served(PORT) as (address, browser):
        print(json.dumps(measure(browser, address)))


if __name__ == "__main__":
    main()
