"""The microphone of Recognise: the recorder, what it is doing, and the browser's own recorder one click away.

`audio_recorder_streamlit` sends a recording when it is over and says nothing before. `watch.js` looks at its frame and
shows the rest: that it waits for permission, records, for how long, how loud, and that it may not use the microphone.
"""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.recognise.microphone import texts
from ser.emotions import BY_NAME
from ser.figures.style import ACCENT

QUIET_SECONDS = 2.0
_RECORDING_COLOUR = BY_NAME["angry"].colour
# Of the recorder's frame in pixels; its height is in `watch.css`.
_WIDTH = 112
_HERE = Path(__file__).parent
_HTML = (
    "<div class='recorder-live' hidden><p role='status'><strong></strong><span></span></p>"
    "<time aria-hidden='true'></time><i aria-hidden='true'></i></div>"
)
# Within the recorder's frame: a large round target, and a ring for whoever uses the keyboard.
_FRAME_CSS = (
    "body { margin: 0; background: none; } span { display: grid; place-items: center; height: 108px; font-size: 0; }"
    "svg { box-sizing: border-box !important; font-size: 16px; width: 96px !important; height: 96px !important;"
    " padding: 22px; border: 3px solid; border-radius: 50%; cursor: pointer; outline-offset: 2px; }"
    "svg:hover { background: rgba(128, 128, 128, 0.15); } svg:focus { outline: none; }"
    "svg:focus-visible { outline: 3px solid; }"
)


class Recorded(NamedTuple):
    """What came from the microphone.

    Attributes:
        data: bytes of a recording that has just been made, as WAV; None where there is no new one.
        status: a place beside the microphone for a line on the last recording, such as `texts.READY`.
    """

    data: bytes | None
    status: DeltaGenerator


def record(key: str, *, neutral_colour: str = ACCENT) -> Recorded:
    """Show the microphone, and return a recording once, in the run in which it arrives.

    `key` begins the keys of its widgets. Fill `status`: its line shows while nothing is being recorded.
    """
    taken: dict[str, Any] = st.session_state.setdefault(f"{key}_taken", {"count": 0, "emptied": 0})
    with st.container(key=f"{key}_microphone", horizontal=True, vertical_alignment="center"):
        with st.container(width=_WIDTH, key=f"{key}_frame"):
            data = recorder(key, neutral_colour)
        with st.container(key=f"{key}_state", gap=None):
            status = st.empty()
            live = st.container()
    data = _new(data, "recorder", taken)
    taken["count"] += data is not None
    with live:
        _watcher()(key=f"{key}_live", data=watched(key, taken["count"]))
    by_browser = _new(_by_browser(key, taken["emptied"]), "browser", taken)
    return Recorded(by_browser or data, status)


def forget(key: str) -> None:
    """Empty the browser's own recorder."""
    if f"{key}_taken" in st.session_state:
        st.session_state[f"{key}_taken"]["emptied"] += 1


def _new(data: bytes | None, source: str, taken: dict[str, Any]) -> bytes | None:
    """Return a recording the first time, because both recorders return their last one at every rerun."""
    if data is None or (sha := hashlib.sha256(data).hexdigest()) == taken.get(source):
        return None
    taken[source] = sha
    return data


def recorder(key: str, neutral_colour: str) -> bytes | None:
    """Show the recorder, and return its last recording."""
    # Imported only here: Streamlit registers a component when a page imports it, not before there is one.
    from audio_recorder_streamlit import audio_recorder

    return audio_recorder(
        text="",
        pause_threshold=QUIET_SECONDS,
        neutral_color=neutral_colour,
        recording_color=_RECORDING_COLOUR,
        icon_size="3x",
        key=f"{key}_recorder",
    )


@cache
def _watcher() -> Any:
    return st.components.v2.component(
        "recognise_microphone",
        html=_HTML,
        css=(_HERE / "watch.css").read_text("utf-8"),
        js=(_HERE / "watch.js").read_text("utf-8"),
        isolate_styles=False,
    )


def watched(key: str, count: int) -> dict:
    """What `watch.js` needs to know; a higher `count` says that the last recording has arrived."""
    return {
        "place": f".st-key-{key}_microphone",
        "count": count,
        "recording_colour": _RECORDING_COLOUR,
        "frame": texts.FRAME,
        "frame_css": _FRAME_CSS,
        "start": texts.START,
        "stop": texts.STOP,
        "words": texts.live(QUIET_SECONDS),
        "refused": texts.REFUSED,
    }


def _by_browser(key: str, emptied: int) -> bytes | None:
    """Offer the browser's own recorder, and return its last recording."""
    box = st.expander(texts.BROWSER, key=f"{key}_browser_box", on_change="rerun")
    if not box.open:
        return None
    # The `notebook` features need this rate; the clip is resampled for the `standard` ones.
    file = box.audio_input(
        texts.BROWSER, sample_rate=48_000, key=f"{key}_browser_{emptied}", label_visibility="collapsed"
    )
    return file and file.getvalue()
