"""Work on a finished run that takes a while: a button that starts it, its progress, and what it has found so far."""

from collections.abc import Callable
from functools import partial
from operator import itemgetter
from typing import Any

import streamlit as st

from pages.common.progress import Progress, follow
from pages.common.server.counters import sentence_of
from pages.train.report import texts
from pages.train.workspace import Workspace
from ser.jobs import Job, JobSnapshot
from ser.text import percent


def work(
    workspace: Workspace,
    key: tuple,
    start: Callable,
    show: Callable,
    label: str,
    about: str,
    *,
    share: Callable[[Any], float] = itemgetter(0),
    so_far: Callable[[Any], Any] | None = itemgetter(1),
) -> None:
    """Show a button that starts the work, its progress, and its results so far.

    `share` and `so_far` give from a report of the work how much of it is done, and its results so far, if it has any.
    """
    job = workspace.jobs.get(key)
    if job is None:
        if st.button(label, key=f"train_job_{key[1]}", icon=":material/play_arrow:"):
            workspace.jobs[key] = Job(start(), owner=workspace.token).start()
            st.rerun()
        if about:
            st.caption(about)
        return
    snapshot = job.snapshot()
    if not snapshot.over:
        follow(
            job,
            partial(_progress, share),
            key=f"train_job_stop_{key[1]}",
            below=lambda now: show(found) if so_far and now.report and (found := so_far(now.report)) else None,
        )
        return
    if snapshot.error:
        st.error(sentence_of(snapshot.error_type(snapshot.error)), icon=":material/block:")
    if snapshot.state != "done":
        if not snapshot.error:
            st.caption(texts.STOPPED)
        if st.button("Do it again", key=f"train_job_{key[1]}", icon=":material/replay:"):
            workspace.jobs[key] = Job(start(), owner=workspace.token).start()
            st.rerun()
    if snapshot.result:
        show(snapshot.result)


def _progress(share: Callable[[Any], float], snapshot: JobSnapshot) -> Progress:
    done = share(snapshot.report) if snapshot.report else 0.0
    return Progress(done, f"{percent(done)} done")
