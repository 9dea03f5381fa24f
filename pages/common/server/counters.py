"""Counts for the operator: visitors, answers, trainings and refusals, and how much work runs and waits.

Nothing here says who did what: no address, no file name, no audio and no sentence with a file's name in it. The log
gets a line with the counts from time to time (`log_regularly`). `SER_COUNTERS` opens an address with them
(`pages.common.server.routes`).
"""

import logging
import threading
from collections import Counter

import streamlit as st
from streamlit import runtime

from ser.errors import SerError
from ser.lanes import ANSWERS, BATCHES, PAGES, TRAININGS

SECONDS_BETWEEN_LINES = 300.0
# In a visitor's session: hashes of the sentences that were counted, because a page is drawn again and again.
_SHOWN = "counted_refusals"

_log = logging.getLogger(__name__)
_lock = threading.Lock()
_counts: Counter[tuple[str, str]] = Counter()


def count(name: str, group: str = "") -> None:
    """Count one more of something, such as an answer."""
    with _lock:
        _counts[name, group] += 1


def visit() -> None:
    """Count the visitor whose page is drawn, once in a session."""
    if _SHOWN not in st.session_state:
        st.session_state[_SHOWN] = set()
        count("visitors")


def sentence_of(error: SerError) -> str:
    """Return the sentence of an error for the page to show; the log and the counts get the error's kind alone."""
    sentence, shown = str(error), st.session_state.setdefault(_SHOWN, set())
    if hash(sentence) not in shown:
        shown.add(hash(sentence))
        count("refusals", type(error).__name__)
        _log.info("refused: %s", type(error).__name__)
    return sentence


def counts() -> dict[tuple[str, str], int]:
    """Return all numbers by name and group: those that were counted, and what runs and waits now."""
    with _lock:
        found = dict(_counts)
    for name in ("visitors", "answers", "trainings"):
        found.setdefault((name, ""), 0)
    found["connected", ""] = len(runtime.get_instance()._session_mgr.list_active_sessions()) if runtime.exists() else 0
    for lane in (ANSWERS, PAGES, BATCHES, TRAININGS):
        found["running", lane.name] = lane.slots.running
        found["waiting", lane.name] = lane.slots.waiting
    return found


def line() -> str:
    """Return all numbers in one line for the log, as in “visitors 3, answers 12, refusals AudioError 1”."""
    return ", ".join(" ".join(filter(None, (*key, str(number)))) for key, number in sorted(counts().items()))


def exposition() -> str:
    """Return all numbers in the text format that Prometheus reads."""
    lines, named = [], ""
    for (name, group), number in sorted(counts().items()):
        now = name in ("connected", "running", "waiting")
        metric = f"ser_{name}" if now else f"ser_{name}_total"
        if metric != named:
            lines.append(f"# TYPE {metric} {'gauge' if now else 'counter'}")
            named = metric
        label = "kind" if name == "refusals" else "lane"
        lines.append(f'{metric}{{{label}="{group}"}} {number}' if group else f"{metric} {number}")
    return "\n".join(lines) + "\n"


def log_regularly(ended: threading.Event, seconds: float = SECONDS_BETWEEN_LINES) -> None:
    """Write the counts to the log every so many seconds if they have changed, and at the end."""
    before = line()
    while True:
        over = ended.wait(seconds)
        now = line()
        if over or now != before:
            _log.info("counts: %s", now)
        if over:
            return
        before = now
