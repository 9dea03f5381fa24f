"""Links to all pages within the page, for phones, where the bar at the top hides them behind a button."""

from collections.abc import Sequence

import streamlit as st
from streamlit.navigation.page import StreamlitPage
from streamlit.runtime.scriptrunner import get_script_run_ctx

_KEY = "pages_links"
# Buttons and pills alone: a list of radio buttons has a line for each option anyway.
_FEW = "[data-testid=stButtonGroup] > [role=radiogroup]:has(> :nth-child(5)):not(:has(> :nth-child(8)))"
#: Shows the links where Streamlit's own bar has no room for them, and fits them and other controls to a phone.
STYLE = (
    f".st-key-{_KEY} {{ display: none; }}"
    "@media (max-width: 767px) {"
    f".st-key-{_KEY} {{ display: flex; flex-wrap: nowrap; }}"
    # A finger needs 44 pixels.
    f".st-key-{_KEY} a {{ min-height: 44px; }}"
    # No option of a choice stands on a line of its own: five and six options have three columns, seven have four.
    ":is([data-testid=stElementContainer], [data-testid=stButtonGroup]):has([role=radiogroup] > :nth-child(5)) "
    "{ width: 100% !important; min-width: 100%; }"
    # A page's title has one line.
    "[data-testid=stHeading] h1 { font-size: 1.6rem; padding-top: 0; }"
    # Just below the bar at the top.
    "[data-testid=stMainBlockContainer] { padding-top: 4.25rem; }"
    f"{_FEW} {{ display: grid; width: 100%; max-width: 100%; grid-template-columns: repeat(3, auto); }}"
    f"{_FEW} > button {{ padding: 4px 6px; }}"
    f"{_FEW}:has(> :nth-child(7)) {{ grid-template-columns: repeat(4, auto); }}"
    f"{_FEW} p {{ white-space: normal; line-height: 1.2; }}"
    "}"
)


def links(pages: Sequence[StreamlitPage]) -> None:
    """Show a link to each page, beside one another."""
    with st.container(horizontal=True, gap="small", key=_KEY):
        for page in pages:
            st.page_link(page, width="content")


def go_to(path: str) -> None:
    """Open another page of the app.

    `st.switch_page` clears the address, and fails where widgets are bound to it; Streamlit has no public way around.
    """
    context = get_script_run_ctx()
    if context is not None:
        with context.session_state.query_params() as address:
            address.clear_with_no_forward_msg(preserve_embed=True)
    st.switch_page(path)
