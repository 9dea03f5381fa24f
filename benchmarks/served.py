"""Serves the app and opens a Chromium, for the benchmarks that measure pages. It is no benchmark by itself."""

import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.helpers.browser import chromium_path, serving


@contextmanager
def served() -> Generator[tuple[str, Browser], None, None]:
    """Serve the app while a benchmark runs, and yield its address and a browser."""
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(Path(folder) / "server.log") as address,
        sync_playwright() as driver,
    ):
        browser = driver.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox", "--disable-gpu"])
        yield address, browser
        browser.close()
