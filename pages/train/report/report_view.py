"""The report of a run: its scores, and one of several parts at a time."""

import pandas as pd
import streamlit as st

from pages.common.inputs import choose
from pages.common.panel import heading
from pages.common.server.counters import sentence_of
from pages.train import run_view
from pages.train.report import (
    answers_view,
    diagnostics_view,
    evaluation_view,
    leaky_view,
    report_files,
    scores_view,
    texts,
)
from pages.train.report.export_view import take
from pages.train.workspace import NamedRun, Workspace
from ser.data.splits import SPEAKER_INDEPENDENT
from ser.evaluation.crossvalidation import CrossValidation
from ser.evaluation.scores import by_data_set
from ser.experiments.run import RunSnapshot
from ser.text import count, plain

# The anchor for links to the report.
ANCHOR = "report"
_DATA_SET = "train_report_data_set"


def report(workspace: Workspace, entry: NamedRun) -> None:
    """Show a finished run."""
    snapshot = entry.run.snapshot()
    st.header(plain(entry.name), anchor=ANCHOR)
    if snapshot.error:
        st.error(sentence_of(snapshot.error_type(snapshot.error)), icon=":material/block:")
    if snapshot.model is None:
        if not snapshot.error:
            st.info(texts.NO_MODEL, icon=":material/stop_circle:")
        return
    last = snapshot.reports[-1]
    kept = f", epoch {last.best_epoch} kept" if last.best_epoch != last.epoch else ""
    summary = f"after {count(last.epoch, 'epoch')} and {snapshot.seconds:.0f} s{kept}."
    if snapshot.state == "stopped":
        st.info(f"Stopped {summary}", icon=":material/stop_circle:")
    else:
        st.success(f"Done {summary}", icon=":material/check_circle:")
    if snapshot.judged is not None:
        scores_view.scores(snapshot)
        judged = snapshot.unseen or snapshot.judged
        if judged.others:
            scores_view.data_sets(judged, entry.run.table)
        if leaky_view.is_offered(snapshot):
            with st.container(border=True):
                leaky_view.offer(workspace, entry)
    take(entry, snapshot)
    _parts(workspace, entry, snapshot)


def _parts(workspace: Workspace, entry: NamedRun, snapshot: RunSnapshot) -> None:
    parts = {"How it learnt": lambda: _learnt(snapshot)}
    judged = snapshot.unseen or snapshot.judged
    if judged is not None and judged.others:
        judged = _of_a_data_set(entry, judged)
    if judged is not None:
        parts |= {
            "Confusion": lambda: answers_view.confusion(entry, judged),
            "Emotions": lambda: evaluation_view.emotions(judged.evaluation),
            "Actors": lambda: evaluation_view.actors(judged.evaluation),
            "Trust": lambda: evaluation_view.trust(entry, judged),
            "Biggest mistakes": lambda: answers_view.hardest_clips(entry, judged),
            "What it listens to": lambda: diagnostics_view.importance(workspace, entry, snapshot, judged),
            "More actors": lambda: diagnostics_view.more_actors(workspace, entry, snapshot),
            "Another data set": lambda: diagnostics_view.another_data_set(workspace, entry, snapshot),
            "Downloads": lambda: report_files.downloads(entry, snapshot, judged),
        }
    if len(set(entry.run.table.actors)) == 1:
        # With one actor there is nothing to compare and nobody to leave out.
        for part in ("Actors", "More actors"):
            parts.pop(part, None)
    if entry.source != "published":
        parts.pop("Another data set", None)
    chosen = st.pills(
        "Look into",
        list(parts),
        default="Confusion" if judged is not None else "How it learnt",
        required=True,
        wrap=True,
        key="train_part",
        persist_state="session",
    )
    if judged is not None and chosen not in ("How it learnt", "More actors", "Another data set", "Downloads"):
        independent = judged.evaluation.protocol in SPEAKER_INDEPENDENT
        st.caption(
            f"From {judged.evaluation.n_clips:,} clips " + (texts.UNSEEN_VOICES if independent else texts.SAME_VOICES)
        )
    parts.get(chosen, parts["How it learnt"])()


def _of_a_data_set(entry: NamedRun, judged: CrossValidation) -> CrossValidation:
    """Return the outcome for the data set that the visitor looks into."""
    parts = by_data_set(judged, entry.run.table)
    if st.session_state.get(_DATA_SET) not in parts:
        st.session_state.pop(_DATA_SET, None)  # chosen in the report of another run
    return parts[choose("Look into the clips of", list(parts), key=_DATA_SET)]


def _learnt(snapshot: RunSnapshot) -> None:
    columns = ("epoch", "loss", "training_uar", "validation_uar", "validation_loss", "learning_rate")
    heading(
        "Epoch by epoch", pd.DataFrame([{k: getattr(r, k) for k in columns} for r in snapshot.reports]), "train_epochs"
    )
    run_view.charts(snapshot)
