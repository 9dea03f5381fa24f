"""Choosing settings, knowing what they cost, starting a training, and passing settings on."""

import json
from urllib.parse import urlencode

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.train import own_data, run_view, state
from pages.train.report import report_view
from pages.train.settings.form import address, changes, fill, pick_preset, settings_form, to_address
from pages.train.workspace import Workspace
from ser.data.table import FeatureTable
from ser.errors import SerError, TrainingError
from ser.experiments.cost import estimate_seconds, n_parameters, training_bytes
from ser.experiments.run import TrainingRun
from ser.text import plain
from ser.training.settings import TrainingSettings

_UPLOAD_BYTES = 100_000
# What a host of 700 MB has left beside the demo itself.
_SMALL_HOST_BYTES = 350e6


def start(workspace: Workspace) -> None:
    """Show the settings on one side, the run on the other."""
    controls, result = st.columns([2, 3], gap="large")
    with controls:
        chosen, buttons = choose()
        with buttons:
            if chosen is not None:
                _begin(workspace, *chosen)
            entry = workspace.entry
            # Where Train was pressed: on a phone the curves and the report are a long way down.
            if entry is not None and not entry.run.snapshot().over:
                run_view.steer(entry.run)
            elif entry is not None:
                st.markdown(f"[Report of {plain(entry.name)}](#{report_view.ANCHOR})")
        if chosen is not None:
            _pass_on(chosen[0])
    with result:
        if entry is None:
            takes = f" These settings take {_how_long(estimate_seconds(*chosen[:2]))}." if chosen is not None else ""
            st.info(f"The curves grow here. Press **Train**.{takes}", icon=":material/show_chart:")
        elif entry.run.snapshot().over:
            report_view.report(workspace, entry)
        else:
            run_view.watch(entry.run)


def choose(of: str = "") -> tuple[tuple[TrainingSettings, FeatureTable, str] | None, DeltaGenerator]:
    """Show what to learn from and how, and what that costs, or why the choices do not fit together.

    Args:
        of: what the time told is that of, where there is more than one training to come.

    Returns:
        The settings, the clips and where these come from, or None where they do not fit together; and a place for
        buttons above the controls.
    """
    source, table = own_data.pick()
    pick_preset()
    # The buttons stand above the controls: nobody should have to scroll past these to begin.
    head = st.container()
    try:
        settings = settings_form(table, source)
        seconds = estimate_seconds(settings, table)
    except SerError as error:
        # Where the buttons were, for whoever looks for them.
        head.error(str(error), icon=":material/block:")
        return None, head
    to_address(settings)
    with head:
        st.markdown(f"**{n_parameters(settings):,}** parameters, **{len(table):,}** clips, {_how_long(seconds)}{of}")
        if (needed := training_bytes(settings, len(table))) > _SMALL_HOST_BYTES:
            st.caption(
                f":material/memory: Takes about {_how_much(needed)} of memory, more than a small host has to spare: "
                "if it runs out, the demo ends for everyone. Fewer units, members or copies take less."
            )
        # Room for the buttons first: what comes and goes below them cannot push them away from under a finger.
        buttons = st.container()
        if changed := changes(settings, source):
            st.caption(f"Changed: {'; '.join(changed)}.")
    return (settings, table, source), buttons


def _how_long(seconds: float) -> str:
    """An estimate in words, no finer than it is worth."""
    if seconds < 10:
        return f"about **{max(1, round(seconds))} s**"
    return f"about **{round(seconds, -1):.0f} s**" if seconds < 90 else f"about **{seconds / 60:.0f} min**"


def _how_much(size: float) -> str:
    """Memory in words, no finer than the estimate is worth."""
    return f"{size / 1e9:.1f} GB" if size > 995e6 else f"{round(size / 1e6, -1):.0f} MB"


def _begin(workspace: Workspace, settings: TrainingSettings, table: FeatureTable, source: str) -> None:
    busy = workspace.busy
    why = "One training at a time: stop the one under way first." if busy else None
    train, both = st.columns(2, wrap=False)
    if train.button(
        "Train",
        type="primary",
        icon=":material/play_arrow:",
        key="train_start",
        width="stretch",
        disabled=busy,
        help=why,
    ):
        workspace.begin(TrainingRun(settings, table), source)
        st.rerun()  # for the buttons to know
    if both.button(
        "Leak test",
        icon=":material/compare_arrows:",
        key="train_both",
        width="stretch",
        disabled=busy,
        help=why
        or "Trains the same settings twice: with the same actors on both sides and with unseen actors, and "
        "shows both scores side by side.",
    ):
        workspace.begin(TrainingRun(settings, table, both=True), source)
        st.rerun()
    if workspace.searching:
        st.caption("A search is under way. Trainings wait until it is over, or stopped on Search.")


def _pass_on(settings: TrainingSettings) -> None:
    with st.expander("Settings as a file or a link", icon=":material/share:"):
        st.download_button(
            "Download settings",
            json.dumps(settings.to_json(), indent=1, ensure_ascii=False),
            "settings.json",
            "application/json",
            key="train_settings_download",
            icon=":material/download:",
            on_click="ignore",
        )
        st.caption("`python -m ser evaluate --settings settings.json` gives the same score on the command line.")
        st.file_uploader(
            "Settings from a file", type=["json"], key="train_settings_upload", on_change=_take_file, max_upload_size=1
        )
        if error := state.current().settings_error:
            state.current().settings_error = ""
            st.error(error, icon=":material/block:")
        st.markdown("A link with these settings:")
        base = (st.context.url or "").split("?")[0]
        st.code(f"{base}?{urlencode(address(settings))}", language=None, wrap_lines=True)
        st.caption(
            "The link carries the settings alone. The address of this page, once you have trained, also names your "
            "runs: whoever opens it, as you may in a second tab, sees and steers these runs, but none of your clips."
        )


def _take_file() -> None:
    uploaded = st.session_state["train_settings_upload"]
    if uploaded is None:
        return
    try:
        if uploaded.size > _UPLOAD_BYTES:
            raise TrainingError(
                f"The file is {uploaded.size / 1e6:.1f} MB large; settings take a thousandth. Give the file that "
                "“Download settings” made."
            )
        text = uploaded.getvalue().decode("utf-8")
        record = json.loads(text)
        # What `evaluate --json` prints carries its settings inside.
        inner = record.get("settings") if isinstance(record, dict) else None
        fill(TrainingSettings.from_json(inner if isinstance(inner, dict) else record))
    except (UnicodeDecodeError, ValueError) as error:
        state.current().settings_error = (
            f"{uploaded.name} is no JSON ({error}). Give the file that “Download settings” made."
        )
    except SerError as error:
        state.current().settings_error = f"{uploaded.name}: {error}"
