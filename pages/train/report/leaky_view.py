"""The leaky test of a finished run: the same settings, judged on voices that the model learnt from."""

from operator import attrgetter

import streamlit as st

from pages.train.report import background, texts
from pages.train.workspace import NamedRun, Workspace
from ser.experiments.run import RunSnapshot


def is_offered(snapshot: RunSnapshot) -> bool:
    """Return whether the run has a fair score, and no leaky one yet."""
    return snapshot.unseen is not None and snapshot.leaking is None and snapshot.replay is not None


def offer(workspace: Workspace, entry: NamedRun, about: str = texts.LEAKY_ABOUT) -> None:
    """Show a button that runs the leaky test, with a line on what it is, and the progress of the test."""
    background.work(
        workspace,
        (entry.number, "leaky"),
        entry.run.judge_other_way,
        st.write,
        texts.LEAKY_BUTTON,
        about,
        share=attrgetter("share"),
        so_far=None,
    )
