"""Inputs that pages use with the same options: a choice out of a few, and a button that downloads something."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st


def choose(label: str, options: Sequence | Mapping, *, key: str, in_address: bool = False, **more: Any) -> Any:
    """Ask for one of a few options, at first the first of them; a mapping gives the labels of its keys.

    The answer outlives a visit to another page: in the page's address, or else in the session.
    """
    names = list(options)
    if isinstance(options, Mapping):
        more["format_func"] = options.get
    lasting = {"bind": "query-params"} if in_address else {"persist_state": "session"}
    return st.segmented_control(label, names, **{"default": names[0], "required": True, "key": key} | lasting | more)


def download(label: str, data: Any | Callable[[], Any], file_name: str, mime: str, *, key: str, **more: Any) -> None:
    """Show a button that downloads something without a rerun; a function makes it when the button is clicked."""
    options = {"icon": ":material/download:", "on_click": "ignore"} | more
    st.download_button(label, data, file_name, mime, key=key, **options)
