"""Takes the pictures of the pages for README and docs, from the app as it runs.

    python -m tools.pictures [--address URL]

It needs Playwright and Chromium. Without an address it starts the app itself. Pictures lie in docs/pictures/.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.helpers.browser import chromium_path, settle
from tests.helpers.server import app_server
from tools.project import ROOT

FOLDER = ROOT / "docs" / "pictures"
SIZE = {"width": 1280, "height": 1000}
MOST_BYTES = 300_000


def main(words: list[str] | None = None) -> int:
    """Take the pictures, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.pictures", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--address", metavar="URL", help="of an app that runs already (default: one is started)")
    options = parser.parse_args(words)
    if options.address:
        return _take_all(options.address)
    with tempfile.TemporaryDirectory() as folder, app_server(Path(folder) / "server.log") as (address, _):
        return _take_all(address)


def _take_all(address: str) -> int:
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox", "--disable-gpu"])
        for name, (path, prepare) in PAGES.items():
            page = browser.new_page(viewport=SIZE, color_scheme="light", reduced_motion="reduce")
            page.set_default_timeout(180_000)
            page.goto(f"{address}/{path}")
            page.get_by_role("heading", level=1).first.wait_for()
            settle(page)
            prepare(page)
            settle(page)
            page.mouse.move(0, 0)  # a chart under the mouse shows buttons
            page.wait_for_timeout(2000)  # charts are drawn after the script of the page has ended
            picture = FOLDER / f"{name}.png"
            page.screenshot(path=picture)
            page.close()
            size = picture.stat().st_size
            print(f"{picture.relative_to(ROOT)}: {size / 1000:.0f} kB")
            if size > MOST_BYTES:
                most = f"{MOST_BYTES / 1000:.0f} kB"
                print(f"{picture.name} has more than {most}: choose a smaller part.", file=sys.stderr)
                return 1
        browser.close()
    return 0


def _recognise(page: Page) -> None:
    """The answer to the first clip of an actor."""
    page.locator(".st-key-recognise_invite button").click()
    page.locator(".st-key-recognise_bars .js-plotly-plot").wait_for()
    settle(page)
    _to_top(page, page.get_by_role("heading", level=1).nth(1))


def _explore(page: Page) -> None:
    """The map of clips."""
    page.get_by_role("radiogroup", name="View").get_by_role("radio", name="Map", exact=True).click()
    page.locator(".js-plotly-plot").first.wait_for()
    settle(page)
    _to_top(page, page.get_by_role("radiogroup", name="View"))


def _train(page: Page) -> None:
    """The curves and the scores of a finished run."""
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_text("Done after").wait_for()
    page.get_by_test_id("stMetricValue").first.wait_for()
    settle(page)
    page.get_by_role("radiogroup", name="Look into").get_by_role("radio", name="How it learnt", exact=True).click()
    page.locator(".js-plotly-plot").first.wait_for()
    settle(page)
    _to_top(page, page.get_by_text("Fair test: new voices"))


def _to_top(page: Page, part) -> None:
    """Scroll until `part` is at the top."""
    part.evaluate("element => element.scrollIntoView({block: 'start', behavior: 'instant'})")


# Name of the picture → address, and what to do there. A preset in the address skips the guided first run.
PAGES = {"recognise": ("", _recognise), "explore": ("explore", _explore), "train": ("train?preset=fast", _train)}

if __name__ == "__main__":
    sys.exit(main())
