"""How work in the background is shown: how far it is, and a button that ends it."""

import streamlit as st

from ser.jobs import Job
from ser.text import percent


def watch(job: Job, what: str, key: str) -> None:
    """Show a running job's progress twice a second and run the page anew when it is over.

    Args:
        job: the work.
        what: it does, as a sentence without its stop.
        key: names the widgets.
    """

    @st.fragment(run_every=0.5)
    def bar() -> None:
        now = job.snapshot()
        if now.over:
            st.rerun()
        share = getattr(now.report, "share", 0.0)
        left = getattr(now.report, "seconds_left", None)
        told = f", about {left:.0f} s left" if left is not None and share > 0.1 else ""
        waits = ", when other work is done" if now.position or getattr(now.report, "stage", "") == "waiting" else ""
        st.progress(min(1.0, share), f"{what}{waits} … {percent(share)}{told}")
        st.button("Stop", on_click=job.stop, key=f"explore_stop_{key}", icon=":material/stop_circle:")

    bar()
