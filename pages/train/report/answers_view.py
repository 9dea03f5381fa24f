"""A run's answers clip by clip: the confusion matrix, the hardest clips, and players."""

import pandas as pd
import streamlit as st

from pages.common import resources
from pages.common.inputs import choose
from pages.common.panel import panel
from pages.common.player import player
from pages.train import state
from pages.train.report import texts
from pages.train.workspace import NamedRun
from ser.evaluation.crossvalidation import CrossValidation
from ser.evaluation.diagnostics import HardClip, answered_as, hardest
from ser.figures.training import confusion_figure
from ser.text import percent, plain

# Clips that get a player; nobody plays more.
_MOST_PLAYERS = 6


def confusion(entry: NamedRun, judged: CrossValidation) -> None:
    """Show the confusion matrix, and the clips of the cell that is clicked or chosen."""
    evaluation = judged.evaluation
    above = st.container()
    in_cells = choose("In the cells", ["Clips", "Per cent"], key="train_cells")
    labels = list(evaluation.labels)
    clicked = panel(
        "Clips by actual and predicted emotion",
        confusion_figure(evaluation, per_cent=in_cells == "Per cent"),
        pd.DataFrame(evaluation.confusion, columns=labels).assign(actual=labels)[["actual", *labels]],
        key="train_confusion",
        alt="Confusion matrix: rows are actual emotions, columns predicted ones",
        read=texts.CONFUSION,
        select=True,
        above=above,
    )
    if clicked and state.current().clicked_cell != clicked[0]:
        # The chart keeps its selection at every rerun; only a new one may replace the visitor's choice.
        state.current().clicked_cell = clicked[0]
        row, column = map(int, clicked[0].split(","))
        st.session_state["train_cell_actual"] = labels[row]
        st.session_state["train_cell_answered"] = labels[column]
    for each in ("train_cell_actual", "train_cell_answered"):
        if st.session_state.get(each) not in labels:
            st.session_state[each] = None
    left, right = st.columns(2, wrap=False)
    actual = left.selectbox("Actual", labels, placeholder="Choose", key="train_cell_actual")
    answered = right.selectbox("Predicted", labels, placeholder="Choose", key="train_cell_answered")
    if actual is None or answered is None:
        return
    clips = answered_as(judged, entry.run.table, actual, answered)
    st.markdown(texts.answered_as(len(clips), plain(actual), plain(answered)))
    _play(entry, clips)


def hardest_clips(entry: NamedRun, judged: CrossValidation) -> None:
    """Show the clips whose actual emotion got the lowest probability."""
    clips = hardest(judged, entry.run.table)
    if not clips:
        st.success(texts.NONE_WRONG, icon=":material/check_circle:")
        return
    st.markdown(texts.HARDEST)
    st.dataframe(
        {
            "clip": [clip.name for clip in clips],
            "actor": [clip.actor for clip in clips],
            "actual": [clip.actual for clip in clips],
            "predicted": [clip.answered for clip in clips],
            "confidence (%)": [100 * clip.confidence for clip in clips],
            "chance of the actual (%)": [100 * clip.given_to_actual for clip in clips],
        },
        column_config={
            "confidence (%)": st.column_config.NumberColumn(format="%.0f"),
            "chance of the actual (%)": st.column_config.NumberColumn(format="%.1f"),
        },
        hide_index=True,
        key="train_hardest",
    )
    _play(entry, clips)


def _play(entry: NamedRun, clips: tuple[HardClip, ...]) -> None:
    """Show the first of these clips, with players if their audio is available."""
    own = state.current().own_clips if entry.source != "published" else None
    played = 0
    for clip in clips[:_MOST_PLAYERS]:
        data = own.audio(clip.name) if own else None
        if data is None and entry.source in ("published", "both") and clip.actor < 100:
            data = resources.recording(clip.name)
        emotions = plain(clip.actual), plain(clip.answered)
        st.caption(texts.played(plain(clip.name), clip.actor, *emotions, percent(clip.confidence)))
        if data is not None:
            player(data, name=clip.name, alt=f"The clip {clip.name}")
            played += 1
    if clips and not played:
        st.caption(texts.NOT_PLAYABLE)
    if len(clips) > _MOST_PLAYERS:
        st.caption(texts.first_of(_MOST_PLAYERS, len(clips)))
