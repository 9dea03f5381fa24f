"""The filters of Explore: which clips every chart shows."""

import numpy as np
import pandas as pd
import streamlit as st

from ser.emotions import LABELS

FIELDS = {"emotion": "Emotion", "sex": "Sex", "intensity": "Intensity", "statement": "Statement", "actor": "Actor"}

# Which values are kept of each field; hashable, so that results can be cached by it. A field left out keeps all.
Chosen = tuple[tuple[str, tuple], ...]


def values_of(clips: pd.DataFrame, field: str) -> list:
    """All values of a field, emotions in their own order."""
    present = set(clips[field].unique())
    return [label for label in LABELS if label in present] if field == "emotion" else sorted(present)


def filters(clips: pd.DataFrame) -> Chosen:
    """Show the filters and return what is chosen.

    Args:
        clips: the whole table's clips, one row each.

    Returns:
        (field, kept values) of every field that is narrowed down.
    """
    with st.container(border=True, key="explore_filters"):
        _pills(clips, "emotion")
        left, middle, right = st.columns([2, 2, 5])
        with left:
            _pills(clips, "sex")
        with middle:
            _pills(clips, "intensity")
        with right:
            _pills(clips, "statement")
        st.multiselect(
            FIELDS["actor"],
            values_of(clips, "actor"),
            format_func=lambda actor: f"{actor} ({'male' if actor % 2 else 'female'})",
            placeholder="All actors",
            key=_key("actor"),
            persist_state="session",
        )
    return tuple((field, tuple(st.session_state[_key(field)])) for field in FIELDS if st.session_state[_key(field)])


def rows(clips: pd.DataFrame, chosen: Chosen) -> np.ndarray:
    """Which clips fit all filters, bool of shape (n_clips,)."""
    fits = np.ones(len(clips), dtype=bool)
    for field, kept in chosen:
        fits &= clips[field].isin(kept).to_numpy()
    return fits


def in_words(chosen: Chosen) -> str:
    """The filters as words, such as "emotion neutral or calm, intensity strong"."""
    return ", ".join(f"{FIELDS[field].lower()} {' or '.join(map(str, kept))}" for field, kept in chosen)


def reset() -> None:
    """Let all clips in again."""
    for field in FIELDS:
        st.session_state[_key(field)] = []


def _pills(clips: pd.DataFrame, field: str) -> None:
    st.pills(
        FIELDS[field],
        values_of(clips, field),
        selection_mode="multi",
        wrap=True,
        key=_key(field),
        persist_state="session",
    )


def _key(field: str) -> str:
    return f"explore_{field}"
