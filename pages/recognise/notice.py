"""The notice on privacy, limits and permitted use."""

import streamlit as st

from pages.recognise import texts


def show(*, in_full: bool) -> None:
    """Show the notice, or a line that opens it."""
    frame = st.container(border=True) if in_full else st.expander(texts.NOTICE_LINE, icon=":material/shield:")
    with frame:
        for column, (head, text) in zip(st.columns(3, gap="medium"), texts.NOTICE.items(), strict=True):
            with column:
                st.markdown(f"**{head}**")
                st.caption(text)
