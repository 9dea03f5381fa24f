"""What the server remembers of one visitor, as dataclasses in `st.session_state`.

They lie in no file and in no cache that visitors share, so that visitors never see each other's clips or models, and
closing the tab forgets them. Each page has a dataclass of its own; what several pages use is in `pages.common.models`.
Beside them lie the values of widgets, under keys that begin with the name of their page.

What a visitor holds is bounded (`ser.limits.DEMO.memory_bytes`). A state drops old results by itself; what the visitor
made or gave is never dropped, but where there is no room for more, a sentence says so.
"""

from collections.abc import Iterable, Mapping
from functools import partial
from types import FunctionType
from typing import TypeVar

import numpy as np
import pandas as pd
import streamlit as st

from ser.limits import DEMO

State = TypeVar("State")


def remembered(state: type[State]) -> State:
    """Return this visitor's object of a class, made without arguments at the first call of a session."""
    if state.__name__ not in st.session_state:
        st.session_state[state.__name__] = state()
    return st.session_state[state.__name__]


def no_room(n_more: int, *, shared: Iterable[object] = ()) -> str | None:
    """Return a sentence if this visitor cannot hold so many bytes more; None if there is room.

    `shared` are objects of all visitors that the visitor's own refer to; they do not count.
    """
    # The value of a component has any attribute, and it is None.
    states = [each for each in st.session_state.values() if callable(getattr(each, "held", None))]
    held = n_bytes(*(state.held() for state in states), apart=shared)
    if held + n_more <= DEMO.memory_bytes:
        return None
    return (
        f"Your clips and runs hold {held >> 20} MB and this needs {max(1, n_more >> 20)} MB more, but a visitor has "
        f"{DEMO.memory_bytes >> 20} MB here. Remove clips or runs, or give less."
    )


def n_bytes(*values: object, apart: Iterable[object] = ()) -> int:
    """Return the bytes of the arrays, tables, files and texts within some objects; what several share counts once.

    Objects within `apart` do not count.
    """
    seen: set[int] = set()
    _walk(list(apart), seen)
    return _walk(list(values), seen)


def _walk(waiting: list[object], seen: set[int]) -> int:
    total, alive = 0, []
    while waiting:
        value = waiting.pop()
        if id(value) in seen or isinstance(value, type):
            continue
        seen.add(id(value))
        alive.append(value)  # an object that is freed on the way would leave its id to another
        if isinstance(value, np.ndarray):
            if isinstance(value.base, np.ndarray):
                waiting.append(value.base)
            else:
                total += value.nbytes
        elif isinstance(value, (bytes, bytearray, str)):
            total += len(value)
        elif isinstance(value, pd.DataFrame):
            total += int(value.memory_usage().sum())
        else:
            waiting.extend(_within(value))
    return total


def _within(value: object) -> list[object]:
    """Return what an object refers to, as far as it may hold data."""
    if isinstance(value, Mapping):
        return [*value.keys(), *value.values()]
    if isinstance(value, (list, tuple, set, frozenset)):
        return list(value)
    if isinstance(value, FunctionType):
        return [cell.cell_contents for cell in value.__closure__ or ()]
    if isinstance(value, partial):
        return [value.func, *value.args, *value.keywords.values()]
    if not type(value).__module__.startswith(("ser.", "pages.", "tests.")):
        return []
    slots = [getattr(value, name, None) for base in type(value).__mro__ for name in getattr(base, "__slots__", ())]
    return [*getattr(value, "__dict__", {}).values(), *slots]
