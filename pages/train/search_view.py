"""The search for better settings: what to vary, a live table of candidates, and the best one."""

import pandas as pd
import streamlit as st

from pages.common.charts import chart
from pages.common.inputs import choose
from pages.common.progress import SECONDS_BETWEEN_LOOKS, Progress, follow
from pages.common.server.counters import sentence_of
from pages.train import texts
from pages.train.report.scores_view import headline
from pages.train.settings.form import fill
from pages.train.settings.widgets import brief
from pages.train.start_view import choose_settings, until_free
from pages.train.workspace import Workspace
from ser.data.table import FeatureTable
from ser.errors import SerError
from ser.experiments.cost import check_demo_limits
from ser.experiments.search import (
    SEARCHED_FIRST,
    SEARCHED_VALUES,
    SearchReport,
    draw_candidates,
    run_search,
    search_space,
)
from ser.figures import runs as figures
from ser.jobs import Job, JobSnapshot
from ser.text import percent
from ser.training.setting_fields import SETTINGS
from ser.training.settings import TrainingSettings

_METHODS = {"random": "Random", "halving": "Successive halving"}


def searching(workspace: Workspace) -> None:
    """Show the choices of the search on one side, its results on the other."""
    controls, result = st.columns([2, 3], gap="large")
    # Read once, as on the view of a training.
    busy, under_way = workspace.busy, workspace.searching
    with controls:
        chosen, buttons = choose_settings(" a training")
        with buttons:
            if chosen is not None:
                _begin(workspace, *chosen[:2], busy)
            # Next to the button that was pressed, because on a phone the candidates are far below.
            if under_way:
                follow(
                    workspace.search,
                    _progress,
                    key="train_search_stop",
                    about=texts.SEARCH_STOP_HELP,
                )
            elif busy:
                until_free(workspace)
    with result:
        if workspace.search is None:
            st.info(
                texts.SEARCH,
                icon=":material/travel_explore:",
            )
        elif under_way:
            st.fragment(_live, run_every=SECONDS_BETWEEN_LOOKS)(workspace.search)
        else:
            _found(workspace)
        st.caption(texts.NESTED_VALIDATION)


def _begin(workspace: Workspace, settings: TrainingSettings, table: FeatureTable, busy: bool) -> None:
    names = st.pills(
        "Vary",
        list(SEARCHED_VALUES),
        selection_mode="multi",
        wrap=True,
        default=SEARCHED_FIRST,
        format_func=lambda name: SETTINGS[name].label,
        key="train_search_names",
        persist_state="session",
    )
    count = st.slider("Candidates", 2, 48, 8, key="train_search_count", persist_state="session",
                      help=texts.CANDIDATES_HELP)  # fmt: skip
    method = choose("Way of searching", _METHODS, key="train_search_method", help=texts.METHOD_HELP)
    if st.button("Search", type="primary", icon=":material/travel_explore:", key="train_search", width="stretch",
                 disabled=busy, help=texts.BUSY if busy else None):  # fmt: skip
        try:
            drawn = draw_candidates(settings, search_space(settings, names), count, seed=settings.seed)
            for candidate in drawn:
                check_demo_limits(candidate.settings)
        except SerError as error:
            st.error(sentence_of(error), icon=":material/block:")
            return
        workspace.begin_search(Job(run_search(drawn, table, method=method), owner=workspace.token), len(drawn))
        st.rerun()


def _live(job: Job) -> None:
    report = job.snapshot().report
    if report is None:
        st.info("The candidates come here.", icon=":material/hourglass_empty:")
    else:
        _candidates(report)


def _progress(snapshot: JobSnapshot) -> Progress:
    report: SearchReport | None = snapshot.report
    if report is None:
        return Progress(0.0, "Starting …")
    if report.judging:
        return Progress(report.share, "Testing the best on the actors set aside …", 0.0)
    judged = sum(bool(each.uar) for each in report.candidates)
    return Progress(report.share, f"{judged} of {len(report.candidates)} candidates tested")


def _found(workspace: Workspace) -> None:
    snapshot = workspace.search.snapshot()
    if snapshot.error:
        st.error(sentence_of(snapshot.error_type(snapshot.error)), icon=":material/block:")
        return
    report = snapshot.result
    if report is None or report.best is None:
        st.info(texts.NO_BEST, icon=":material/stop_circle:")
        return
    best = report.candidates[report.best - 1]
    summary = (
        f"after {snapshot.seconds:.0f} s. The best is candidate {best.number}. Its UAR in the search is "
        f"{percent(best.mean_uar, 1)}."
    )
    if best.number == 1:
        # The first candidate has the settings that the search started from.
        st.info(texts.BEST_IS_THE_START, icon=":material/flag:")
    if snapshot.state == "stopped":
        st.info(f"Stopped {summary}", icon=":material/stop_circle:")
    else:
        st.success(f"Done {summary}", icon=":material/check_circle:")
    if report.judged is not None:
        evaluation = report.judged.evaluation
        headline("The best one, on the actors set aside", f"{len(evaluation.per_actor_uar)} actors", evaluation)
    else:
        st.caption(texts.BEST_NOT_JUDGED)
    st.button(
        "Use these settings",
        type="primary",
        icon=":material/tune:",
        key="train_search_fill",
        on_click=_take,
        args=(best.settings,),
    )
    _candidates(report)


def _take(settings: TrainingSettings) -> None:
    fill(settings)
    st.session_state["train_view"] = "Train"


def _candidates(report: SearchReport) -> None:
    ranked = sorted(report.candidates, key=lambda each: (-each.epochs, -(each.mean_uar or 0), each.number))
    names = list(ranked[0].values)
    st.dataframe(
        pd.DataFrame(
            [
                {
                    "candidate": ("★ " if each.number == report.best else "") + str(each.number),
                    "state": each.state,
                    "UAR in the search (%)": 100 * each.mean_uar if each.uar else None,
                    "done (%)": 100 * each.share,
                }
                | {name.replace("_", " "): brief(each.values[name]) for name in names}
                | {"epochs judged": each.epochs, "seconds": each.seconds, "why": each.error or ""}
                for each in ranked
            ]
        ),
        column_config={
            "candidate": st.column_config.TextColumn(pinned=True),
            "UAR in the search (%)": st.column_config.NumberColumn(format="%.1f"),
            "done (%)": st.column_config.ProgressColumn(min_value=0, max_value=100, format="%.0f"),
            "seconds": st.column_config.NumberColumn(format="%.1f"),
        },
        hide_index=True,
        key="train_candidates",
        placeholder="–",
    )
    judged = [each for each in report.candidates if each.uar]
    if len(judged) > 1:
        st.markdown("**All candidates, with their settings and UAR**")
        chart(
            figures.parallel_figure(judged),
            key="train_parallel",
            alt=f"Parallel coordinates of {len(judged)} candidates over {', '.join(names)} and UAR",
        )
        st.caption(texts.PARALLEL)
