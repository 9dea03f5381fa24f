"""What the server remembers of a visitor: one object of each class, kept for the session."""

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import pytest
import streamlit as st

from pages.common import session
from pages.common.session import n_bytes, no_room, remembered


@dataclass
class Shelf:
    """Something to remember."""

    books: list[str] = field(default_factory=list)


@dataclass
class Drawer:
    """Something else to remember."""

    letters: int = 0


def test_each_class_has_one_object_a_session():
    st.session_state.clear()
    remembered(Shelf).books.append("one")
    remembered(Drawer).letters += 1
    assert remembered(Shelf).books == ["one"] and remembered(Drawer).letters == 1
    st.session_state.clear()
    assert remembered(Shelf).books == [] and remembered(Drawer).letters == 0


@dataclass
class Vault:
    """Something large to remember."""

    gold: bytes = b""

    def held(self) -> tuple:
        """All of it."""
        return (self.gold,)


ARRAY = np.zeros(1000)


@pytest.mark.parametrize(
    ("value", "size"),
    [
        (b"12345", 5),
        ("12345", 5),
        (7, 0),
        (np.zeros((10, 3), np.float32), 120),
        (pd.DataFrame({"a": np.zeros(100)}, index=pd.RangeIndex(100)), 800 + 132),
        ([ARRAY, ARRAY], 8000),
        ([ARRAY, ARRAY[::2]], 8000),
        (ARRAY[:1], 8000),  # a view keeps all of its array
        ({"key": [Shelf(["ab", "cde"])]}, 3 + 5),
        (lambda: ARRAY, 0),
        ((lambda held: lambda: held)(ARRAY), 8000),
    ],
)
def test_bytes_have_known_answers(value, size):
    assert n_bytes(value) == size


def test_what_others_hold_does_not_count():
    assert n_bytes([ARRAY, b"123"], apart=[(ARRAY,)]) == 3


def test_there_is_room_up_to_the_limit(monkeypatch):
    monkeypatch.setattr(session, "DEMO", replace(session.DEMO, memory_bytes=3 << 20))
    st.session_state.clear()
    remembered(Vault).gold = bytes(2 << 20)
    assert no_room(1 << 20) is None
    assert no_room((1 << 20) + 1) == (
        "Your clips and runs hold 2 MB and this needs 1 MB more, but a visitor has 3 MB here. Remove clips or runs, or "
        "give less."
    )
    st.session_state.clear()
