"""What the server remembers of one visitor, as dataclasses in `st.session_state`.

They lie in no file and in no cache that visitors share, so that visitors never see each other's clips or models, and
closing the tab forgets them. Each page has a dataclass of its own; what several pages use is in `pages.common.models`.
Beside them lie the values of widgets, under keys that begin with the name of their page.
"""

from typing import TypeVar

import streamlit as st

State = TypeVar("State")


def remembered(state: type[State]) -> State:
    """Return this visitor's object of a class, made without arguments at the first call of a session."""
    if state.__name__ not in st.session_state:
        st.session_state[state.__name__] = state()
    return st.session_state[state.__name__]
