"""The progress of background work: a bar, the position in the queue, the time left, and a button to stop the work.

`follow` shows work that goes on while the visitor does something else. `wait_for` does what a page needs before it can
be drawn.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.common import texts
from ser.jobs import Job
from ser.lanes import PAGES
from ser.text import time_left
from ser.workers import in_worker

# Short enough to see the bar move, long enough for a slow connection and a small machine.
SECONDS_BETWEEN_LOOKS = 0.8
_SECONDS_BETWEEN_REPORTS = 0.1
# Before this share is done, the pace is no good estimate of the time left.
_SHARE_TO_JUDGE_BY = 0.1


class Work(Protocol):
    """Work in the background, such as a `ser.jobs.Job`; its snapshots are like a `ser.jobs.JobSnapshot`."""

    def snapshot(self) -> Any:
        """Return the present state."""

    def stop(self) -> None:
        """Ask the work to stop."""


@dataclass(frozen=True)
class Progress:
    """How much of the work is done.

    Attributes:
        share: 0 to 1.
        line: describes the work under way.
        seconds_left: an estimate; 0 shows none, None estimates from the pace so far.
    """

    share: float
    line: str
    seconds_left: float | None = None


Describe = Callable[[Any], Progress]


def follow(
    work: Work,
    describe: Describe,
    *,
    key: str,
    cancel: str | None = "Stop",
    about: str | None = None,
    below: Callable[[Any], None] | None = None,
    over: Callable[[Any], bool] = lambda snapshot: snapshot.over,
    every: float = SECONDS_BETWEEN_LOOKS,
) -> None:
    """Show the progress of work until it is over, then rerun the page.

    Args:
        work: the work.
        describe: turns a snapshot into its progress.
        key: widget key of the button.
        cancel: label of the button that stops the work; None for no button.
        about: help of that button.
        below: draws more of a snapshot below the bar.
        over: whether to rerun the page.
        every: seconds between two looks.
    """

    def look() -> None:
        snapshot = work.snapshot()
        if over(snapshot):
            st.rerun()
        st.progress(*bar(snapshot, describe))
        if cancel:
            st.button(cancel, key=key, icon=":material/stop_circle:", on_click=work.stop, help=about)
        if below:
            below(snapshot)

    # Only running work is polled: the page's next run does not call this function any more.
    st.fragment(look, run_every=every)()


def bar(snapshot: Any, describe: Describe) -> tuple[float, str]:
    """Return what a bar shows: the share done, 0 to 1, and the line above it."""
    if snapshot.position:
        return 0.0, texts.waiting(snapshot.position)
    progress = describe(snapshot)
    share, seconds = min(1.0, progress.share), progress.seconds_left
    if seconds is None:
        seconds = snapshot.seconds / share - snapshot.seconds if share > _SHARE_TO_JUDGE_BY else 0.0
    return share, progress.line + (f" · {time_left(seconds)}" if seconds >= 1 else "")


def wait_for(
    function: Callable[..., Any], *arguments: Any, show: Callable[[Any], object] | None = None, **keywords: Any
) -> Any:
    """Carry out work in a worker process when it is this visitor's turn, and return its result.

    Args:
        function: as for `ser.workers.in_worker`.
        arguments: what it takes.
        show: shows a report of the work. A click elsewhere on the page ends the work there.
        keywords: what else it takes.

    Raises:
        SerError: the work failed.
    """
    job = Job(in_worker(function, *arguments, lane=PAGES, **keywords), lane=PAGES, owner=_visitor()).start()
    try:
        while not (snapshot := job.snapshot()).over:
            if show is not None and snapshot.report is not None:
                show(snapshot.report)
            job.join(_SECONDS_BETWEEN_REPORTS)
    finally:
        job.stop()
    if snapshot.error:
        raise snapshot.error_type(snapshot.error)
    return snapshot.result


def _visitor() -> str | None:
    context = get_script_run_ctx(suppress_warning=True)
    return context and context.session_id
