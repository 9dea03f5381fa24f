"""The progress of work in the background: a bar, the place in the queue, the time left, and a button that ends it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import streamlit as st

from pages.common import texts
from ser.text import time_left

# Often enough to see the bar move, seldom enough for a slow line and a small machine.
SECONDS_BETWEEN_LOOKS = 0.8
# Before this share is done, the pace says little about the time left.
_SHARE_TO_JUDGE_BY = 0.1


class Work(Protocol):
    """Work in the background, such as a `ser.jobs.Job`; its snapshots are like a `ser.jobs.JobSnapshot`."""

    def snapshot(self) -> Any:
        """How it stands now."""

    def stop(self) -> None:
        """Ask it to end."""


@dataclass(frozen=True)
class Progress:
    """How far work is.

    Attributes:
        share: 0 to 1.
        line: describes what is being done.
        seconds_left: an estimate; 0 where none is to be shown; None to judge by the pace so far.
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
) -> None:
    """Show how far work is, again and again, and run the page anew when it is over.

    Args:
        work: the work.
        describe: makes the progress out of a snapshot.
        key: names the button.
        cancel: label of the button that ends the work; None for no button.
        about: help on that button.
        below: draws more of a snapshot below the bar.
        over: whether the page has to run anew.
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

    # Only work under way is polled: once it is over, the whole page runs again and does not come by here.
    st.fragment(look, run_every=SECONDS_BETWEEN_LOOKS)()


def bar(snapshot: Any, describe: Describe) -> tuple[float, str]:
    """Return the share that a bar shows, 0 to 1, and the line above it."""
    if snapshot.position:
        return 0.0, texts.waiting(snapshot.position)
    progress = describe(snapshot)
    share, seconds = min(1.0, progress.share), progress.seconds_left
    if seconds is None:
        seconds = snapshot.seconds / share - snapshot.seconds if share > _SHARE_TO_JUDGE_BY else 0.0
    return share, progress.line + (f" · {time_left(seconds)}" if seconds >= 1 else "")
