"""The audio player of all pages."""

import streamlit as st

from pages.common.progress import wait_for
from pages.common.server.counters import sentence_of
from ser.audio.playback import browser_type, playable
from ser.errors import SerError

# Decoded clips that are kept for each visitor.
_KEPT = 12


def player(data: bytes, *, name: str, alt: str, autoplay: bool = False) -> None:
    """Show a player that works in every browser, or a sentence that says why the clip cannot be played.

    `data` is a file in any format that `ser.audio.decoding` reads. The sentence names the clip.
    Screen readers read out `alt`.
    """
    try:
        # Files that browsers can play are passed on unchanged and not kept a second time.
        mime_type = browser_type(data)
        sound, mime_type = (data, mime_type) if mime_type else _decoded(data, name)
    except SerError as error:
        st.caption(f":material/volume_off: {sentence_of(error)}")
        return
    st.audio(sound, format=mime_type, alt=alt, autoplay=autoplay)


@st.cache_data(show_spinner=False, max_entries=_KEPT, scope="session")
def _decoded(data: bytes, name: str) -> tuple[bytes, str]:
    return wait_for(playable, data, name=name)
