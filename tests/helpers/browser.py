"""The demo in a real browser: one server for the run, a fresh visitor for every test.

Fixtures (imported by conftest.py):

- `demo`: address of the app, served by `streamlit run app.py` in a process of its own;
- `chromium`: a browser whose microphone plays a spoken clip over and over;
- `visit`: opens a page as a new visitor; when the test ends, no script error and no console error may have occurred.
"""

import contextlib
import os
import shutil
import time
from pathlib import Path

import pytest

from pages.recognise.microphone.texts import STOP
from tests.helpers.server import ROOT, app_server

EXAMPLES = ROOT / "pages" / "common" / "examples"

# What the console may say without the demo being at fault: (part of the message, why).
EXCUSED = (
    # Opened by its own address, a page looks for the server's root below itself first, then above.
    ("/explore/_stcore/", "Streamlit finding its base path"),
    ("/train/_stcore/", "Streamlit finding its base path"),
)


def chromium_path() -> str | None:
    """The Chromium that SER_CHROMIUM names, else the one on the PATH; None if there is none."""
    return os.environ.get("SER_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


@contextlib.contextmanager
def serving(log: Path, **environment: str):
    """Serve the app, and give its address.

    Args:
        log: file that the server writes to.
        **environment: variables that the server gets beside those that are set here.
    """
    with app_server(log, **environment) as (address, _):
        yield address
    # A visitor sees no traceback, so the log is where a bug shows.
    assert "Traceback" not in log.read_text(), log.read_text()


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    """Serve the app, where visitors may keep models, and return its address."""
    with serving(tmp_path_factory.mktemp("demo") / "server.log", SER_KEEP="1") as address:
        yield address


@pytest.fixture(scope="session")
def microphone(tmp_path_factory) -> Path:
    """Return a WAV of synthetic speech for the browser's fake microphone."""
    import soundfile

    clip = sorted(EXAMPLES.glob("*.ogg"))[0]
    samples, rate = soundfile.read(clip)
    target = tmp_path_factory.mktemp("microphone") / "spoken.wav"
    soundfile.write(target, samples, rate, subtype="PCM_16")
    return target


@pytest.fixture(scope="session")
def chromium(microphone):
    """Launch Chromium once, with `microphone` at its fake microphone."""
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    path = chromium_path()
    if path is None:
        pytest.skip("Chromium is not installed (or set SER_CHROMIUM to its path)")
    with playwright.sync_playwright() as driver:
        browser = launched(driver.chromium, path, microphone)
        yield browser
        browser.close()


def launched(kind, path: str | None, microphone: Path):
    """Launch a browser of Playwright's `kind` from its `path`, whose microphone plays a WAV over and over."""
    return kind.launch(
        executable_path=path,
        args=[
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-component-update",
            "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-audio-capture={microphone}",
        ],
    )


@pytest.fixture
def visit(chromium, demo):
    """Return `open(path, browser, **context options) → Page`: a new visitor each time, watched for errors."""
    faults: list[str] = []
    contexts = []

    def note(kind: str, text: str) -> None:
        if not any(part in text for part, _ in EXCUSED):
            faults.append(f"{kind}: {text}")

    def open_page(path: str = "", browser=chromium, **options):
        context = browser.new_context(permissions=["microphone"], **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("pageerror", lambda error: note("page", str(error)))
        page.on("console", lambda line: line.type == "error" and note("console", f"{line.text} {line.location}"))
        page.goto(f"{demo}/{path}")
        page.get_by_role("heading", level=1).first.wait_for()
        return page

    yield open_page
    tracebacks = [page.get_by_text("Traceback").count() for context in contexts for page in context.pages]
    for context in contexts:
        context.close()
    assert not faults, faults
    assert not any(tracebacks), "a visitor saw a traceback"


def settle(page) -> None:
    """Wait until the script run that is under way, if any, has finished."""
    page.wait_for_timeout(150)
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()


def choose(page, group: str, option: str) -> None:
    """Choose an option of a segmented control, by the labels that a visitor reads."""
    page.get_by_role("radiogroup", name=group).get_by_role("radio", name=option, exact=True).click()
    settle(page)


def recorder_button(page):
    """The button of the recorder on Recognise, which is in a frame of its own."""
    return page.frame_locator("iframe[title*=audio_recorder]").get_by_role("button")


def record(page, press, reply) -> None:
    """Record two seconds by calling `press` twice, and wait for `reply`, a locator.

    On a busy machine Chromium loses most of the sound, or all of it. The recorder then ends by itself, and sends little
    or nothing. So the page may ask for a longer recording, or is ready again without a word; then again.
    """
    from playwright.sync_api import TimeoutError

    too_short = page.get_by_text("Record a longer one.")
    for _ in range(5):
        press()
        with contextlib.suppress(TimeoutError):
            page.get_by_text("0:02", exact=True).wait_for(timeout=10_000)
        if recorder_button(page).get_attribute("aria-label") == STOP:
            press()
        with contextlib.suppress(TimeoutError):
            page.locator(".recorder-live").wait_for(state="hidden")  # it has arrived, or 20 s have passed without it
            settle(page)
            reply.or_(too_short).first.wait_for(timeout=15_000)
            if not too_short.count():
                return
    raise AssertionError("every recording was too short or lost")


def covered(page) -> list[str]:
    """What of the buttons, tabs and links on the screen cannot be clicked in its middle, as something else lies there.

    Each is looked at in the middle of the screen, and where the page stops when it is scrolled to from below, as by the
    keyboard or by a link.
    """
    settle(page)
    # The style sheet holds, and every player can play.
    page.wait_for_function(
        "() => getComputedStyle(document.querySelector('[data-testid=stMain]')).scrollPaddingTop !== 'auto' &&"
        " Array.from(document.querySelectorAll('audio[src]')).every(each => !each.error && each.readyState >= 1)"
    )
    return page.evaluate(
        """() => {
            const seen = each => each.checkVisibility({opacityProperty: true, visibilityProperty: true,
                contentVisibilityAuto: true}) && each.getBoundingClientRect().right > 0;
            const kinds = "button, a[href], summary, [role=button], [role=tab], [role=link], [role=radio]";
            const found = [];
            for (const each of document.querySelectorAll(kinds)) {
                if (!seen(each)) continue;
                for (const block of ["center", "start"]) {
                    each.scrollIntoView({block, inline: "center", behavior: "instant"});
                    const box = each.getBoundingClientRect();
                    const hit = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
                    if (!each.contains(hit)) {
                        const name = each.innerText || each.ariaLabel || each.title || each.outerHTML.slice(0, 80);
                        found.push(`${name} (${block}) lies under ${hit && hit.outerHTML.slice(0, 80)}`);
                    }
                }
            }
            document.querySelector("[data-testid=stMain]").scrollTo(0, 0);
            return found;
        }"""
    )


def graph(page, key: str) -> list[dict]:
    """Return the traces that plotly drew in the chart with this widget key, as plain data.

    Args:
        page: Playwright's page.
        key: the widget key, as in "recognise_bars".
    """
    # While a chart is drawn anew, the old one stays for a moment, hidden.
    plot = page.locator(f".st-key-{key} .js-plotly-plot").locator("visible=true")
    deadline = time.monotonic() + 30
    while True:
        plot.wait_for()
        # Full data, because numbers that travelled packed are unpacked there; an element has it a moment after it is
        # there, or never where it is being replaced, so it is looked up again.
        found = plot.evaluate(
            """plot => plot._fullData && plot._fullData.map(trace => ({
                type: trace.type, name: trace.name,
                x: Array.from(trace.x || []), y: Array.from(trace.y || []),
            }))"""
        )
        if found is not None:
            return found
        assert time.monotonic() < deadline, f"the chart {key} was not drawn"
        page.wait_for_timeout(50)


def serious(axe, page):
    """What axe calls serious or worse in either scheme, as (scheme, rule, where)."""
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_function(
            """light => light === (getComputedStyle(document.querySelector("[data-testid=stApp]")).backgroundColor ===
                "rgb(255, 255, 255)")""",
            arg=scheme == "light",
        )
        settle(page)
        found += [
            (scheme, each["id"], node["target"], node.get("failureSummary", "")[:200])
            for each in axe.run(page).response["violations"]
            if each["impact"] in ("serious", "critical")
            for node in each["nodes"]
        ]
    return found
