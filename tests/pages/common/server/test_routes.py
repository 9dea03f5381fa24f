"""The address that says whether the server is ready, and Streamlit's settings for a public address."""

import asyncio
import json
import threading
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import streamlit as st

from pages.common.server import routes, start
from tests.helpers.server import ROOT


def run(coroutine: Coroutine) -> Any:
    """Carry out in a thread of its own, because Playwright's loop may run in this one."""
    with ThreadPoolExecutor() as executor:
        return executor.submit(asyncio.run, coroutine).result()


@pytest.fixture(autouse=True)
def warm(monkeypatch):
    """Whether the server is warm, for the test alone."""
    monkeypatch.setattr(routes, "warm", threading.Event())
    return routes.warm


def answer() -> tuple[int, dict]:
    reply = run(routes.health(None))
    return reply.status_code, json.loads(reply.body)


def test_the_server_is_ready_only_once_it_is_warm(warm):
    status, body = answer()
    assert status == 503 and body["ready"] is False and body["seconds"] >= 0
    warm.set()
    status, body = answer()
    assert status == 200 and body["ready"] is True


def test_counts_have_an_address_only_where_the_operator_wants_them(monkeypatch):
    monkeypatch.delenv("SER_COUNTERS", raising=False)
    assert [route.path for route in routes.routes()] == ["/health"]
    monkeypatch.setenv("SER_COUNTERS", "1")
    assert [route.path for route in routes.routes()] == ["/health", "/counters"]
    assert b"ser_visitors_total" in run(routes.counts(None)).body


def test_a_server_that_could_not_be_warmed_up_does_not_say_that_it_is_ready(monkeypatch, warm):
    from pages.common.server import rehearsal

    monkeypatch.setattr(rehearsal, "rehearse", lambda: 1 / 0)
    monkeypatch.setenv("SER_WORKERS", "0")
    ready, ended = threading.Event(), threading.Event()
    ended.set()
    start.work(ready, ended)
    assert ready.is_set() and not warm.is_set()


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("server.enableXsrfProtection", True),
        ("server.enableCORS", True),
        ("server.enableStaticServing", False),
        ("client.showErrorDetails", "none"),
        ("client.toolbarMode", "viewer"),
        ("browser.gatherUsageStats", False),
    ],
)
def test_settings_are_safe_for_a_public_address(option, value):
    import tomllib

    section, name = option.split(".")
    kept = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))
    assert kept[section][name] == value == st.get_option(option)
