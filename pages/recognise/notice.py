"""What everybody should know before believing an answer."""

import streamlit as st

_POINTS = {
    ":material/shield: What happens to your voice": (
        "A clip goes from your browser to the server that runs this page, is held in its memory while this tab is "
        "open, and is gone when you close it. Nothing is written to disk, kept, passed on or learnt from. Other "
        "visitors see nothing of it."
    ),
    ":material/help: What it cannot know": (
        "It estimates how a voice *sounds*, not what anyone feels. It learnt from 24 actors who read two sentences in "
        "North American English, so other languages, accents, ages and everyday speech may mislead it. It does not "
        "know words, faces or what happened before."
    ),
    ":material/gavel: What it must not be used for": (
        "It is not for decisions about people: not for hiring, grading, selling, policing or medicine. Inferring "
        "emotions at work and in schools is prohibited in the European Union (AI Act, Article 5)."
    ),
}


def show() -> None:
    """Show the notice, open to everyone without a click."""
    for column, (head, text) in zip(st.columns(3, gap="medium"), _POINTS.items(), strict=True):
        with column:
            st.markdown(f"**{head}**")
            st.caption(text)
