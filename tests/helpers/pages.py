"""The pages without a browser: how a test opens one, waits for it, and reads what a visitor would."""

import time

from streamlit.testing.v1 import AppTest

from tests.helpers.browser import ROOT

KINDS = ("title", "header", "subheader", "markdown", "caption", "info", "success", "warning", "error")


def app_test(page: str = "", *, timeout: float = 90, **address: str) -> AppTest:
    """A page that has not run yet: "recognise", "explore", "train", or "" for app.py; `address` is its query.

    Train is past its guided first run, unless `preset` is empty.
    """
    if page == "train":
        address = {"preset": "fast"} | address
    path = ROOT / "pages" / page / "page.py" if page else ROOT / "app.py"
    at = AppTest.from_file(str(path), default_timeout=timeout)
    for name, value in address.items():
        at.query_params[name] = value
    return at


def run(at: AppTest) -> AppTest:
    """Run a page, which must not fail, and return it."""
    at.run()
    assert not at.exception
    return at


def press(at: AppTest, key: str) -> AppTest:
    """Press a button."""
    at.button(key=key).click()
    return run(at)


def until(at: AppTest, true, seconds: float = 90) -> AppTest:
    """Run a page over and over, as its timer does in a browser, until something is true."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)
        at.run()
    assert not at.exception
    return at


def text(at: AppTest) -> str:
    """Everything that a visitor can read as words."""
    return "\n".join(f"{element.value}" for kind in KINDS for element in getattr(at, kind))


def says(at: AppTest, part: str) -> bool:
    """Whether a visitor can read this."""
    return part in text(at)


def keys(at: AppTest) -> set[str]:
    """Keys of the buttons on a page."""
    return {button.key for button in at.button}


def remembered(at: AppTest, state: type):
    """What the server remembers of the page's visitor in a state class."""
    return at.session_state[state.__name__]


def remember(at: AppTest, *states: object) -> AppTest:
    """Let the server remember these of the page's visitor."""
    for state in states:
        at.session_state[type(state).__name__] = state
    return at
