"""The start of a training: settings, their cost, and how to pass them on."""

import json
from urllib.parse import urlencode

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.common import resources
from pages.common.charts import chart
from pages.common.progress import SECONDS_BETWEEN_LOOKS
from pages.common.server.counters import sentence_of
from pages.common.session import no_room
from pages.train import own_data, run_view, state, texts
from pages.train.report import report_view
from pages.train.settings import address
from pages.train.settings.form import (
    changes,
    chosen_corpora,
    download_settings,
    fill,
    pick_preset,
    settings_form,
)
from pages.train.workspace import Workspace
from ser.data.table import FeatureTable
from ser.errors import SerError, TrainingError
from ser.experiments.cost import check_demo_limits, estimate_seconds, n_parameters, training_bytes
from ser.experiments.run import TrainingRun
from ser.figures.training import loss_figure, uar_figure
from ser.text import percent, plain, shown_name
from ser.training.settings import TrainingSettings

_UPLOAD_BYTES = 100_000
# Memory that a host of 700 MB has left beside the demo.
_SMALL_HOST_BYTES = 350e6


def start(workspace: Workspace) -> None:
    """Show the settings on one side, the run on the other."""
    controls, result = st.columns([2, 3], gap="large")
    # Read once: a run that ends while the page is drawn must not be over for one part of it and under way for another.
    entry, busy = workspace.entry, workspace.busy
    over = entry is not None and entry.run.snapshot().over
    with controls:
        chosen, buttons = choose_settings()
        with buttons:
            if chosen is not None:
                _begin(workspace, *chosen, busy)
            # Next to the button that was pressed, because on a phone the curves and the report are far below.
            if entry is not None and not over:
                st.markdown(f"[{texts.SEE_THE_CURVES}](#{report_view.ANCHOR})")
                run_view.steer(entry.run)
            elif busy:
                until_free(workspace)
        if chosen is not None:
            _pass_on(chosen[0])
    with result:
        if entry is None:
            _preview(chosen)
        elif over:
            if entry.overdue.is_set():
                st.warning(texts.overdue(), icon=":material/timer_off:")
            report_view.report(workspace, entry)
        else:
            st.header(texts.under_way(plain(entry.name)), anchor=report_view.ANCHOR)
            run_view.watch(entry.run)


def until_free(workspace: Workspace) -> None:
    """Rerun the page once the visitor may begin a training or a search again, which its buttons do not offer now."""

    def look() -> None:
        if not workspace.busy:
            st.rerun()

    st.fragment(look, run_every=SECONDS_BETWEEN_LOOKS)()


def _preview(chosen: tuple[TrainingSettings, FeatureTable, str] | None) -> None:
    """Show what will be on this side of the page once a model is trained."""
    takes = texts.takes(_how_long(chosen[0], estimate_seconds(*chosen[:2]))) if chosen is not None else ""
    st.info(texts.curves_grow_here(takes), icon=":material/show_chart:")
    st.subheader(texts.WHAT_COMES, anchor=False)
    best = resources.score_to_beat()
    st.markdown(texts.what_comes(best and best.uar))
    n_emotions = len((chosen[0] if chosen is not None else TrainingSettings()).emotions)
    one, other = st.columns(2)
    for column, title, key, figure in (
        (one, texts.LOSS, "train_preview_loss", loss_figure(())),
        (other, texts.UAR, "train_preview_uar", uar_figure((), n_emotions)),
    ):
        with column:
            st.markdown(title)
            chart(figure, key=key, alt=texts.EMPTY_CHART)


def _how_long(settings: TrainingSettings, seconds: float) -> str:
    return texts.how_long(seconds, may_end_early=settings.patience > 0)


def choose_settings(suffix: str = "") -> tuple[tuple[TrainingSettings, FeatureTable, str] | None, DeltaGenerator]:
    """Show the clips to learn from, the settings and their cost, or why the choices do not fit together.

    Args:
        suffix: follows the estimated time, if there will be several trainings.

    Returns:
        The settings, the clips and their source, or None if the choices do not fit together; and a container for
        buttons above the controls.
    """
    source = own_data.pick()
    pick_preset()
    table = own_data.clips_of(source, chosen_corpora())
    # The buttons stand above the controls, so that nobody has to scroll to start.
    head = st.container()
    try:
        settings = settings_form(table, source)
        seconds = estimate_seconds(settings, table)
        check_demo_limits(settings, table)
    except SerError as error:
        # The error appears where the buttons would be.
        head.error(sentence_of(error), icon=":material/block:")
        return None, head
    address.write(settings)
    with head:
        size = f"**{n_parameters(settings):,}** parameters, **{len(table):,}** clips"
        st.markdown(f"{size}, {_how_long(settings, seconds)}{suffix}")
        if (needed := training_bytes(settings, len(table))) > _SMALL_HOST_BYTES:
            st.caption(texts.memory(texts.how_much(needed)))
        # The buttons come first, so that captions below cannot move them while someone clicks.
        buttons = st.container()
        if changed := changes(settings, source):
            st.caption(f"Changed: {'; '.join(changed)}.")
    return (settings, table, source), buttons


def _begin(workspace: Workspace, settings: TrainingSettings, table: FeatureTable, source: str, busy: bool) -> None:
    all_pinned = workspace.full and workspace.makes_room is None
    why = texts.ALL_PINNED if all_pinned else texts.ONE_AT_A_TIME if busy else None
    train, last = st.columns(2, wrap=False, vertical_alignment="center")
    if train.button(
        "Train",
        type="primary",
        icon=":material/play_arrow:",
        key="train_start",
        width="stretch",
        disabled=why is not None,
        help=why,
    ):
        _start(workspace, settings, TrainingRun(settings, table, owner=workspace.token), source)
    with last:
        _last_score(workspace)
    if all_pinned:
        st.info(texts.ALL_PINNED, icon=":material/keep:")
    elif (leaves := workspace.makes_room) is not None:
        st.caption(texts.makes_room(plain(leaves.name)))
    if busy and workspace.searching:
        st.caption(texts.SEARCH_UNDER_WAY)


def _last_score(workspace: Workspace) -> None:
    """Show the score of the last finished run, with a link to its report if that is on the screen."""
    finished = [entry for entry in workspace.entries.values() if entry.run.snapshot().evaluation is not None]
    if not finished:
        return
    last, snapshot = finished[-1], finished[-1].run.snapshot()
    judged = snapshot.unseen or snapshot.judged
    name = plain(last.name)
    st.markdown(
        texts.last_score(
            f"[{name}](#{report_view.ANCHOR})" if last is workspace.entry else name,
            percent(judged.evaluation.uar, 1),
            unseen=snapshot.unseen is not None,
        )
    )


def _start(workspace: Workspace, settings: TrainingSettings, run: TrainingRun, source: str) -> None:
    # What stays of a run is mostly its model, whose weights have four bytes.
    if sentence := no_room(4 * n_parameters(settings)):
        st.error(sentence, icon=":material/block:")
        return
    workspace.begin(run, source)
    st.rerun()  # the buttons change their state


def _pass_on(settings: TrainingSettings) -> None:
    with st.expander("Settings as a file or a link", icon=":material/share:"):
        download_settings(settings, key="train_settings_download")
        st.caption(texts.SETTINGS_FILE)
        st.file_uploader(
            "Settings from a file", type=["json"], key="train_settings_upload", on_change=_take_file, max_upload_size=1
        )
        if error := state.current().settings_error:
            state.current().settings_error = ""
            st.error(plain(error), icon=":material/block:")
        st.markdown("A link with these settings:")
        base = (st.context.url or "").split("?")[0]
        st.code(f"{base}?{urlencode(address.parameters(settings))}", language=None, wrap_lines=True)
        st.caption(texts.LINK)


def _take_file() -> None:
    uploaded = st.session_state["train_settings_upload"]
    if uploaded is None:
        return
    try:
        if uploaded.size > _UPLOAD_BYTES:
            raise TrainingError(texts.file_too_large(uploaded.size / 1000000.0))
        text = uploaded.getvalue().decode("utf-8")
        record = json.loads(text)
        # The output of `evaluate --json` contains its settings.
        inner = record.get("settings") if isinstance(record, dict) else None
        fill(TrainingSettings.from_json(inner if isinstance(inner, dict) else record))
    except (UnicodeDecodeError, ValueError) as error:
        state.current().settings_error = texts.no_json(shown_name(uploaded.name), error)
    except SerError as error:
        state.current().settings_error = f"{shown_name(uploaded.name)}: {sentence_of(error)}"
