"""The guided first run: train a model, compare it with a leaky test, and use it on one's own voice."""

import streamlit as st

from pages.common import models, resources
from pages.common.charts import chart
from pages.common.navigation import go_to
from pages.common.progress import SECONDS_BETWEEN_LOOKS, follow
from pages.common.server.counters import sentence_of
from pages.common.session import no_room
from pages.train import run_view, state
from pages.train.guide import texts
from pages.train.report import export_view, leaky_view
from pages.train.report.texts import LEAKY_BUTTON
from pages.train.workspace import NamedRun, Workspace
from ser.errors import SerError
from ser.experiments.cost import n_parameters
from ser.experiments.run import RunSnapshot, TrainingRun
from ser.figures.training import uar_figure
from ser.model.store import StoredModel
from ser.training.presets import PRESETS

_NAME = "my-first-model"
_SETTINGS = PRESETS["fast"]


def is_wanted(workspace: Workspace) -> bool:
    """Return whether to show the guide: on a first visit without settings in the address, until the visitor leaves."""
    visitor = state.current()
    if visitor.guided is None:
        named = any(st.query_params.get(name) for name in ("preset", "set"))
        visitor.guided = not (named or workspace.entries or workspace.search)
    return visitor.guided


def show(workspace: Workspace) -> None:
    """Show the three steps, one below the other."""
    entry = workspace.entry
    snapshot = entry.run.snapshot() if entry is not None else None
    ready = snapshot is not None and snapshot.unseen is not None
    with st.container(width=760):
        st.header(texts.TITLE, anchor=False)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(texts.ABOUT)
            st.button(
                texts.LEAVE, key="train_guide_leave", type="tertiary", icon=":material/skip_next:", on_click=_leave
            )
        with st.container(border=True):
            _train(workspace, entry, snapshot)
        with st.container(border=True):
            st.subheader(texts.LEAKY_TITLE, anchor=False)
            st.markdown(texts.LEAKY)
            if ready:
                _compare(workspace, entry, snapshot)
            else:
                _not_yet(LEAKY_BUTTON, "train_guide_leaky")
        with st.container(border=True):
            st.subheader(texts.USE_TITLE, anchor=False)
            st.markdown(texts.USE)
            if not ready:
                _not_yet(texts.USE_BUTTON, "train_guide_use")
            elif st.button(texts.USE_BUTTON, key="train_guide_use", type="primary", icon=":material/mic:"):
                _use(entry, snapshot)
        if ready:
            st.button(texts.LEAVE_AT_THE_END, key="train_guide_end", icon=":material/arrow_forward:", on_click=_leave)


def _leave() -> None:
    state.current().guided = False


def _not_yet(label: str, key: str) -> None:
    st.button(label, key=key, disabled=True)
    st.caption(texts.AFTER_TRAINING)


def _train(workspace: Workspace, entry: NamedRun | None, snapshot: RunSnapshot | None) -> None:
    st.subheader(texts.TRAIN_TITLE, anchor=False)
    table = resources.tables(_SETTINGS.corpora)
    tested = len(_SETTINGS.test_actors)
    st.markdown(texts.train(len(table), len(set(table.actors)), tested))
    if snapshot is None or (snapshot.over and snapshot.unseen is None):
        if snapshot is not None and snapshot.error:
            st.error(sentence_of(snapshot.error_type(snapshot.error)), icon=":material/block:")
        label = texts.TRAIN_BUTTON if snapshot is None else texts.TRAIN_AGAIN
        if st.button(label, key="train_guide_start", type="primary", icon=":material/play_arrow:"):
            _start(workspace)
        st.caption(texts.CURVES_COME)
    elif not snapshot.over:
        follow(entry.run, run_view.progress, key="train_guide_stop", cancel="Stop")
        st.fragment(_curves, run_every=SECONDS_BETWEEN_LOOKS)(entry.run)
    else:
        evaluation = snapshot.unseen.evaluation
        st.success(
            texts.trained(
                evaluation.accuracy,
                evaluation.n_clips,
                len(evaluation.per_actor_uar),
                len(evaluation.labels),
                snapshot.seconds,
                _accuracy_to_beat(),
            ),
            icon=":material/check_circle:",
        )
        _curves(entry.run)


def _accuracy_to_beat() -> float | None:
    best = resources.score_to_beat()
    return best and best.details.get("accuracy")


def _start(workspace: Workspace) -> None:
    if sentence := no_room(4 * n_parameters(_SETTINGS)):
        st.error(sentence, icon=":material/block:")
        return
    table = resources.tables(_SETTINGS.corpora)
    workspace.begin(TrainingRun(_SETTINGS, table, owner=workspace.token))
    st.rerun()


def _curves(run: TrainingRun) -> None:
    reports = run.snapshot().reports
    chart(
        uar_figure(reports, len(_SETTINGS.emotions), title=texts.AXIS),
        key="train_guide_uar",
        alt=f"Share recognised on training and validation clips over {len(reports)} epochs",
    )
    st.caption(texts.CURVES)


def _compare(workspace: Workspace, entry: NamedRun, snapshot: RunSnapshot) -> None:
    if leaky_view.is_offered(snapshot):
        leaky_view.offer(workspace, entry, about="")  # the guide has said it above the button
        return
    if snapshot.leaking is None:
        return
    fair, leaking = (each.evaluation.accuracy for each in (snapshot.unseen, snapshot.leaking))
    one, other = st.columns(2)
    one.metric(texts.FAIR, f"{100 * fair:.0f}\xa0%")
    other.metric(texts.LEAKY_SCORE, f"{100 * leaking:.0f}\xa0%", f"{100 * (leaking - fair):+.0f} points", "off")
    st.markdown(texts.leaky(fair, leaking))


def _use(entry: NamedRun, snapshot: RunSnapshot) -> None:
    try:
        models.adopt(StoredModel(_NAME, snapshot.model, export_view.card(entry, snapshot)))
    except SerError as error:
        st.error(sentence_of(error), icon=":material/block:")
        return
    go_to("pages/recognise/page.py")
