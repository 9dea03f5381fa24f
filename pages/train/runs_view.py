"""The comparison of a visitor's runs: a table, overlaid curves, and a significance test."""

import numpy as np
import pandas as pd
import streamlit as st

from pages.common.charts import chart
from pages.common.inputs import download
from pages.common.server.counters import sentence_of
from pages.train import texts
from pages.train.settings.field_widgets import PROTOCOLS
from pages.train.settings.form import download_settings, fill
from pages.train.settings.widgets import brief
from pages.train.workspace import NamedRun, Workspace
from ser.errors import SerError
from ser.evaluation.scores import by_data_set
from ser.evaluation.significance import compare_runs, differing
from ser.figures import runs as figures
from ser.metrics import Evaluation
from ser.text import plain

_MOST_CURVES = 6
_MEASURES = {
    "validation_uar": "Validation UAR",
    "training_uar": "Training UAR",
    "validation_loss": "Validation loss",
    "loss": "Training loss",
}
# Transparent, so that it works in both themes.
_MARK = "background-color: rgba(199, 125, 26, 0.28); font-weight: 600"


def runs(workspace: Workspace) -> None:
    """Show all runs of the workspace."""
    if not workspace.entries:
        st.info(texts.NO_RUNS, icon=":material/compare:")
        return
    entries = workspace.ordered()
    _table(entries)
    _manage(workspace, entries)
    st.subheader("The curves of several runs", anchor=False)
    _curves(entries)
    st.subheader("Is one really better?", anchor=False)
    _test(entries)


def _row(entry: NamedRun, names: tuple[str, ...]) -> dict:
    snapshot = entry.run.snapshot()
    protocol = snapshot.evaluation.protocol if snapshot.evaluation else snapshot.settings.protocol
    unseen, leaking = snapshot.unseen, snapshot.leaking
    settings = (snapshot.replay or snapshot.settings).to_json()
    return {
        "run": ("📌 " if entry.pinned else "") + entry.name,
        "state": snapshot.state,
        "UAR, new voices (%)": 100 * unseen.evaluation.uar if unseen else None,
        **{
            f"UAR, new voices of {name} (%)": 100 * part.evaluation.uar
            for name, part in (by_data_set(unseen, entry.run.table) if unseen and unseen.others else {}).items()
        },
        "accuracy, new voices (%)": 100 * unseen.evaluation.accuracy if unseen else None,
        "accuracy, leaky test (%)": 100 * leaking.evaluation.accuracy if leaking else None,
        "tested by": PROTOCOLS[protocol][0],
        "epochs run": snapshot.reports[-1].epoch if snapshot.reports else 0,
        "seconds": snapshot.seconds,
    } | {name.replace("_", " "): brief(settings[name]) for name in names}


def _table(entries: list[NamedRun]) -> None:
    kept = [entry.run.snapshot().replay or entry.run.settings for entry in entries]
    names = tuple(name for name in differing(kept) if name != "protocol")
    rows = pd.DataFrame([_row(entry, names) for entry in entries])
    reference, settings = rows.iloc[-1], [name.replace("_", " ") for name in names]

    def marked(row: pd.Series) -> list[str]:
        return [_MARK if name in settings and row[name] != reference[name] else "" for name in row.index]

    number = st.column_config.NumberColumn
    st.dataframe(
        rows.style.apply(marked, axis=1),
        # The width is fixed, so that long names leave a phone room for the scores.
        column_config={"run": st.column_config.TextColumn(width=140, pinned=True)}
        | {name: number(format="%.1f") for name in rows.columns if "(%)" in name or name == "seconds"},
        hide_index=True,
        key="train_runs",
        placeholder="–",
    )
    st.caption(texts.marked_settings(plain(entries[-1].name)) if names else texts.SAME_SETTINGS)
    every = pd.DataFrame([_row(entry, tuple(entry.run.settings.to_json())) for entry in entries])
    download("All runs (CSV)", every.to_csv(index=False), "runs.csv", "text/csv", key="train_runs_csv")  # fmt: skip


def _manage(workspace: Workspace, entries: list[NamedRun]) -> None:
    with st.expander("Rename, pin, delete, use again", icon=":material/edit:"):
        names = {entry.number: entry.name for entry in entries}
        number = st.selectbox("Run", list(names), format_func=names.get, key="train_runs_chosen")
        entry = workspace.entries[number]
        key = f"train_runs_name_{number}"
        st.session_state.setdefault(key, entry.name)
        st.text_input(
            "Name",
            max_chars=40,
            key=key,
            on_change=lambda: workspace.rename(number, st.session_state[key]),
        )
        settings = entry.run.snapshot().replay or entry.run.settings
        with st.container(horizontal=True):
            st.button(
                "Unpin" if entry.pinned else "Pin",
                icon=":material/keep:",
                key="train_runs_pin",
                on_click=workspace.pin,
                args=(number, not entry.pinned),
                help=texts.PIN_HELP,
            )
            st.button("Show its report", icon=":material/article:", key="train_runs_show", on_click=_show,
                      args=(workspace, number))  # fmt: skip
            st.button("Use these settings", icon=":material/tune:", key="train_runs_fill", on_click=_fill,
                      args=(settings,))  # fmt: skip
            download_settings(settings, key="train_runs_json")
            st.button("Delete", icon=":material/delete:", key="train_runs_delete", on_click=workspace.delete,
                      args=(number,))  # fmt: skip


def _show(workspace: Workspace, number: int) -> None:
    workspace.shown = number
    st.session_state["train_view"] = "Train"


def _fill(settings) -> None:
    fill(settings)
    st.session_state["train_view"] = "Train"


def _curves(entries: list[NamedRun]) -> None:
    learnt = {entry.number: entry for entry in entries if entry.run.snapshot().reports}
    if not learnt:
        st.caption(texts.NO_EPOCH)
        return
    left, right = st.columns([3, 2])
    key = "train_runs_curves"
    if not set(st.session_state.get(key, ())) <= set(learnt):
        st.session_state[key] = [number for number in st.session_state[key] if number in learnt]
    chosen = left.multiselect(
        "Runs",
        list(learnt),
        default=None if key in st.session_state else list(learnt)[:3],
        format_func=lambda number: learnt[number].name,
        max_selections=_MOST_CURVES,
        key=key,
    )
    measure = right.selectbox("Measure", list(_MEASURES), format_func=_MEASURES.get, key="train_runs_measure")
    curves = [(learnt[number].name, learnt[number].run.snapshot().reports) for number in chosen]
    figure = figures.overlay_figure(curves, measure)
    if figure.data:
        chart(
            figure, key="train_runs_overlay", alt=f"{_MEASURES[measure]} of {len(figure.data)} runs over their epochs"
        )
    else:
        st.caption(texts.NO_VALIDATION)


def _test(entries: list[NamedRun]) -> None:
    judged = {entry.number: entry for entry in entries if entry.run.snapshot().unseen is not None}
    if len(judged) < 2:
        st.caption(texts.TWO_RUNS)
        return
    left, right = st.columns(2)
    numbers = list(judged)
    best, next_best = best_two({number: entry.run.snapshot().unseen.evaluation for number, entry in judged.items()})
    for key, default in (("train_test_first", next_best), ("train_test_second", best)):
        if st.session_state.get(key) not in judged:
            st.session_state[key] = default
    second = left.selectbox("Is this run better …", numbers, format_func=_named(judged), key="train_test_second")
    first = right.selectbox("… than this one?", numbers, format_func=_named(judged), key="train_test_first")
    if first == second:
        st.caption("Choose two different runs.")
        return
    names = judged[first].name, judged[second].name
    try:
        found = compare_runs(*(judged[n].run.snapshot().unseen.evaluation for n in (first, second)))
    except SerError as error:
        st.warning(sentence_of(error), icon=":material/block:")
        return
    st.markdown(texts.verdict(found, *map(plain, names)))
    if not np.any(found.differences):
        return
    chart(
        figures.differences_figure(found),
        key="train_runs_differences",
        alt=f"UAR differences of {len(found.actors)} actors, mean {100 * found.mean:+.1f} points",
    )
    st.caption(texts.differences(plain(names[1])))


def best_two(evaluations: dict[int, Evaluation]) -> tuple[int, int]:
    """Return the numbers of the best run and of the best of those that can be compared with it and differ from it.

    Where no run differs, it is the next best.
    """
    best, *others = sorted(evaluations, key=lambda number: -evaluations[number].uar)
    first = evaluations[best]
    different = (
        number
        for number in others
        if set(evaluations[number].labels) == set(first.labels)
        and evaluations[number].per_actor_uar != first.per_actor_uar
    )
    return best, next(different, others[0])


def _named(entries: dict[int, NamedRun]):
    return lambda number: entries[number].name
