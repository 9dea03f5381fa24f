"""The files of a run's report."""

import streamlit as st

from pages.common.inputs import download
from pages.train.report import texts
from pages.train.settings.form import download_settings
from pages.train.workspace import NamedRun
from ser.evaluation.crossvalidation import CrossValidation
from ser.experiments.run import RunSnapshot
from ser.reports.run_report import answers_csv, report_run


def downloads(entry: NamedRun, snapshot: RunSnapshot, judged: CrossValidation) -> None:
    """Show buttons for the report, every answer and the settings, and how to reproduce the score."""
    name = "".join(letter if letter.isalnum() else "-" for letter in entry.name.lower())
    table = entry.run.table
    with st.container(horizontal=True):
        download(
            "Report (HTML)",
            lambda: report_run(entry.name, snapshot, table),
            f"{name}.html",
            "text/html",
            key="train_html",
            icon=":material/article:",
        )
        download(
            "Every answer (CSV)",
            lambda: answers_csv(judged, table),
            f"{name}.csv",
            "text/csv",
            key="train_csv",
            icon=":material/table:",
        )
        if snapshot.replay is not None:
            download_settings(snapshot.replay, f"{name}.json", key="train_json", icon=":material/data_object:")
    if snapshot.replay is None:
        st.caption(texts.NO_REPLAY)
    elif entry.source == "published":
        evaluation = snapshot.judged.evaluation
        st.markdown(texts.replay(name, evaluation.uar, evaluation.accuracy))
    st.caption(texts.PICTURES)
