"""The notice on privacy, limits and permitted use."""

import streamlit as st

from pages.recognise import texts


def show() -> None:
    """Show the notice."""
    for column, (head, text) in zip(st.columns(3, gap="medium"), texts.NOTICE.items(), strict=True):
        with column:
            st.markdown(f"**{head}**")
            st.caption(text)
