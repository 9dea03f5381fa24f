"""What the server remembers of a visitor: one object of each class, kept for the session."""

from dataclasses import dataclass, field

import streamlit as st

from pages.common.session import remembered


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
