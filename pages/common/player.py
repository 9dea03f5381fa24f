"""The one audio player of all pages."""

import streamlit as st

from ser.audio.playback import browser_type, playable
from ser.errors import AudioError

# Clips that are on the screen together, each decoded once.
_KEPT = 12


def player(data: bytes, *, name: str, alt: str, autoplay: bool = False) -> None:
    """Show a player that works in every browser, or say in a sentence why the clip cannot be played.

    Args:
        data: the clip's file, of any format that `ser.audio.decoding` reads.
        name: of the clip, for that sentence.
        alt: what is to be heard, for those who do not see where the player stands.
        autoplay: whether it begins by itself.
    """
    try:
        # What is passed on as it is need not be kept a second time.
        kind = browser_type(data)
        sound, kind = (data, kind) if kind else _decoded(data, name)
    except AudioError as error:
        st.caption(f":material/volume_off: {error}")
        return
    st.audio(sound, format=kind, alt=alt, autoplay=autoplay)


@st.cache_data(show_spinner=False, max_entries=_KEPT, scope="session")
def _decoded(data: bytes, name: str) -> tuple[bytes, str]:
    return playable(data, name=name)
