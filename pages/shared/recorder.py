"""How a clip comes in: recorded, uploaded, or one of the examples. What comes in last is what counts."""

import streamlit as st
from audio_recorder_streamlit import audio_recorder

from pages.shared import session
from pages.shared.resources import EXAMPLES
from ser.emotions import BY_NAME
from ser.figures.style import ACCENT

_WAYS = {
    "record": ":material/mic: Record",
    "upload": ":material/upload_file: Upload",
    "examples": ":material/play_circle: Examples",
}
# The uploader looks at names only; what a file really holds is for `ser.audio` to say.
_KINDS = ["wav", "flac", "ogg", "oga", "opus", "mp3", "aif", "aiff", "m4a", "aac", "mp4", "webm", "mkv", "mov"]
_QUIET_SECONDS = 2.0


def listen() -> None:
    """Offer every way to give a clip; a clip that comes in replaces the last (`session.hear`)."""
    way = st.segmented_control(
        "How to give a clip",
        list(_WAYS),
        format_func=_WAYS.__getitem__,
        default="record",
        required=True,
        key="recognise_way",
        label_visibility="collapsed",
        persist_state="session",
    )
    {"record": _record, "upload": _upload, "examples": _examples}[way]()


def _record() -> None:
    st.markdown(
        "Say a sentence or two as you feel it. Nothing comes to mind? Read this aloud: "
        "*“The kettle is on, and the train leaves at nine.”*"
    )
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown(
            ":small[Click the microphone, speak, click again. "
            f"It stops by itself after {_QUIET_SECONDS:.0f} seconds of quiet.]"
        )
        data = audio_recorder(
            text="",
            pause_threshold=_QUIET_SECONDS,
            neutral_color=ACCENT,
            recording_color=BY_NAME["angry"].colour,
            icon_size="3x",
            key="recognise_recorder",
        )
    with right:
        st.audio_input(
            "Or use your browser’s own recorder, which shows the level and works by keyboard.",
            # What the `notebook` features are taken at; the `standard` ones are resampled from it.
            sample_rate=48_000,
            key="recognise_browser",
            on_change=_heard_by_browser,
        )
    if data is not None:
        clip = session.HeardClip("recording", data, "recorder")
        # The recorder hands out its last recording at every rerun; only a new one may replace an upload.
        if clip.sha != session.visitor().recorded:
            session.visitor().recorded = clip.sha
            session.hear([clip])


def _heard_by_browser() -> None:
    _hear_files([st.session_state.recognise_browser], "browser")


def _upload() -> None:
    st.file_uploader(
        "Audio files, or videos with sound, of up to ten minutes each",
        type=_KINDS,
        accept_multiple_files=True,
        key="recognise_upload",
        on_change=_uploaded,
    )


def _uploaded() -> None:
    _hear_files(st.session_state.recognise_upload, "upload")


def _hear_files(files: list, origin: str) -> None:
    """Take what a widget holds now; a widget emptied by hand takes back only what it gave itself."""
    files = [file for file in files if file is not None]
    if files or all(clip.origin == origin for clip in session.visitor().clips):
        name = "recording" if origin == "browser" else None
        session.hear([session.HeardClip(name or file.name, file.getvalue(), origin) for file in files])


def _examples() -> None:
    st.markdown(
        "One sentence, spoken five ways by a **synthetic voice** (eSpeak NG). Nobody felt anything while saying it, "
        "so there is no right answer: see what the model makes of pace and pitch alone."
    )
    heard = {clip.sha for clip in session.visitor().clips if clip.origin == "example"}
    with st.container(horizontal=True):
        for path in sorted(EXAMPLES.glob("*.ogg")):
            name = path.stem.replace("_", " ")
            clip = session.HeardClip(f"synthetic voice, {name}", path.read_bytes(), "example")
            st.button(
                name.capitalize(),
                icon=":material/play_arrow:",
                type="primary" if clip.sha in heard else "secondary",
                key=f"recognise_example_{path.stem}",
                on_click=session.hear,
                args=([clip],),
            )
