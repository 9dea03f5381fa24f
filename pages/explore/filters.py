"""The filters of Explore, which apply to every chart and are part of the page's address."""

import numpy as np
import pandas as pd
import streamlit as st

from pages.explore import state
from pages.explore.state import EmptiedFilter
from ser.emotions import LABELS

FIELDS = {
    "emotion": "Emotion",
    "data_set": "Data set",
    "sex": "Sex",
    "intensity": "Intensity",
    "statement": "Statement",
    "actor": "Actor",
}
# Fields with more values get a list instead of pills.
_PILLS = 10
# The first two of these fields that there are have a button of their own; all other fields share one.
_OFTEN = ("emotion", "data_set", "sex")
_BUTTONS = 2
_LONGEST_LABEL = 24

# The values that are kept of each field, hashable for caches. A field that is not listed keeps all values.
Chosen = tuple[tuple[str, tuple], ...]


def fields_of(clips: pd.DataFrame, owner: str = "") -> dict[str, str]:
    """Return the fields that all these clips have, with their titles; a visitor's own clips may lack some."""
    titles = FIELDS | ({"actor": "Speaker"} if owner else {})
    return {field: title for field, title in titles.items() if field in clips and (clips[field] != "").all()}


def values_of(clips: pd.DataFrame, field: str) -> list:
    """Return all values of a field; emotions in their usual order, then other labels."""
    present = set(clips[field].unique())
    known = [label for label in LABELS if label in present] if field == "emotion" else []
    return known + sorted(present.difference(known))


def filters(clips: pd.DataFrame, owner: str = "", *, private: bool = False) -> Chosen:
    """Show the filters, and return the kept values of every field that is narrowed down.

    `owner` names the clips that the filters belong to; it is "" for RAVDESS. Filters are part of the address unless
    they are `private`.
    """
    chosen = {}
    titles = {field: title for field, title in fields_of(clips, owner).items() if len(values_of(clips, field)) > 1}
    # Filters lie behind buttons, because open ones would fill a phone's first screen.
    often = [field for field in _OFTEN if field in titles][:_BUTTONS]
    groups = [[field] for field in often] + [[field for field in titles if field not in often]]
    for group in filter(None, groups):
        # Opening it reruns the page, because `_stay_empty` has to know.
        key = f"explore_filter_{group[0] if group[0] in often else 'more'}"
        label = state.steady_label(key, _label(clips, group, titles, owner, group[0] in often))
        with st.popover(label, key=key, on_change="rerun") as behind:
            for field in group:
                _stay_empty(_key(field, owner), behind.open)
                chosen[field] = _filter(clips, field, owner, private)
    return tuple((field, tuple(kept)) for field in FIELDS if (kept := chosen.get(field)))


def rows(clips: pd.DataFrame, chosen: Chosen) -> np.ndarray:
    """Return which clips fit all filters, bool of shape (n_clips,)."""
    fits = np.ones(len(clips), dtype=bool)
    for field, kept in chosen:
        fits &= clips[field].isin(kept).to_numpy()
    return fits


def in_words(chosen: Chosen) -> str:
    """Return the filters in words, such as "emotion neutral or calm, intensity strong"."""
    return ", ".join(f"{FIELDS[field].lower()} {' or '.join(map(str, kept))}" for field, kept in chosen)


def reset(owner: str = "") -> None:
    """Empty all filters."""
    emptied = state.current().emptied
    for field in FIELDS:
        if dropped := st.session_state.get(_key(field, owner)):
            emptied[_key(field, owner)] = EmptiedFilter(list(dropped))
            st.session_state[_key(field, owner)] = []


def _label(clips: pd.DataFrame, group: list[str], titles: dict[str, str], owner: str, is_one: bool) -> str:
    """Return the label of a button, which says what is chosen behind it, as in "Emotion: happy"."""
    narrowed = []
    for field in group:
        values, key = [str(value) for value in values_of(clips, field)], _key(field, owner)
        # In the first run after a link was opened, only the address knows.
        known = st.session_state[key] if key in st.session_state else st.query_params.get_all(key)
        kept = [str(value) for value in known or () if str(value) in values and key not in state.current().emptied]
        if kept:
            words = ", ".join(kept)
            few = f"{len(kept)} of {len(values)}"
            narrowed.append(f"{titles[field]}: {words if len(words) <= _LONGEST_LABEL else few}")
    return "; ".join(narrowed) or (titles[group[0]] if is_one else "More filters")


def _stay_empty(key: str, is_open: bool) -> None:
    """Keep a filter empty after `reset`.

    The widget of a closed popover is not part of the browser's page, so the browser does not learn that the filter is
    empty. It sends the old values with every run until the popover opens and draws the widget anew.
    """
    emptied = state.current().emptied
    if key not in emptied:
        return
    sent_again = st.session_state.get(key) == emptied[key].dropped
    if sent_again:
        st.session_state[key] = []
    # During the run of the reset the browser has not answered yet.
    if emptied[key].seen and (is_open or not sent_again):
        del emptied[key]
    else:
        emptied[key].seen = True


def _filter(clips: pd.DataFrame, field: str, owner: str, private: bool) -> list:
    values, title = values_of(clips, field), fields_of(clips, owner)[field]
    # The labels of a visitor's own clips are private, so they do not go into the address.
    lasting = {"key": _key(field, owner), "persist_state": "session"} | ({} if private else {"bind": "query-params"})
    if len(values) <= _PILLS:
        return st.pills(title, values, selection_mode="multi", wrap=True, **lasting)
    return st.multiselect(title, values, placeholder="All", **lasting)


def _key(field: str, owner: str) -> str:
    return f"explore_{field}{'_' * bool(owner)}{owner}"
