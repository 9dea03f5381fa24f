"""Every visit comes in through app.py, also the first one that a server sees."""

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager


def enter() -> None:
    """Run the page inside app.py if Streamlit runs it alone.

    Until app.py has called `st.navigation` once, Streamlit takes the files of pages/ for pages of its own: whoever
    opens a fresh server at /explore would see that page without its frame and its way to the others.
    """
    if getattr(PagesManager, "uses_pages_directory", False):
        PagesManager.uses_pages_directory = False
        st.rerun()
