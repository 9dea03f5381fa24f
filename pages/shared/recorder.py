"""How a clip comes in: recorded, uploaded, or one of the examples. What comes in last is what counts."""

import streamlit as st
from audio_recorder_streamlit import audio_recorder

from pages.shared import session
from pages.shared.resources import EXAMPLES
from pages.shared.sound import sound_of
from pages.shared.words import length, plain
from ser.archive import is_zip, unpack
from ser.emotions import BY_NAME
from ser.errors import AudioError
from ser.figures.style import ACCENT
from ser.prediction import Heard

_WAYS = {
    "record": ":material/mic: Record",
    "upload": ":material/upload_file: Upload",
    "examples": ":material/play_circle: Examples",
}
# The uploader looks at names only; what a file really holds is for `ser.audio` to say.
KINDS = ["wav", "flac", "ogg", "oga", "opus", "mp3", "aif", "aiff", "m4a", "aac", "mp4", "webm", "mkv", "mov", "zip"]
_QUIET_SECONDS = 2.0
_QUIET_ROOM = 40.0  # dB


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


def state(heard: list[Heard | AudioError | None] | None) -> str:
    """Return in a line where the last clip stands: ready for one, thinking, answered, or not usable.

    Args:
        heard: what was heard in the visitor's clips; None while they are being heard.
    """
    clips = session.visitor().clips
    if not clips:
        return (
            ":material/radio_button_unchecked: **Ready.** Half a second to ten minutes of speech; a sentence is best."
        )
    name = plain(clips[0].name) if len(clips) == 1 else f"{len(clips)} clips"
    if heard is None:
        return f":material/hourglass_top: **Thinking** about {name} …"
    if len(clips) > 1:
        answered = sum(isinstance(each, Heard) for each in heard)
        return f":material/check_circle: **Answered** {answered} of {len(clips)} clips."
    if isinstance(heard[0], Heard):
        return f":material/check_circle: **Answered** below: {name}, {_measured(clips[0])}."
    if heard[0] is None:
        return f":material/pause_circle: **Stopped** before {name} was heard to its end."
    return f":material/error: **Could not use it**: {name}. The reason is below; nothing else is lost. Try again."


def _measured(clip: session.HeardClip) -> str:
    """Return what was measured of a recording, as "3.2 s long, 1.9 s of it speech, voice at -31 dBFS, …"."""
    sound = sound_of(clip)
    measured = sound.measured
    # A digital silence is infinitely far below any voice; beyond this nobody hears a difference.
    quiet = (
        "a quiet background"
        if measured.snr > _QUIET_ROOM
        else f"{max(measured.snr, 0):.0f}\N{NO-BREAK SPACE}dB above the background"
    )
    return (
        f"{length(sound.waveform.seconds)} long, {length(measured.speech)} of it speech, voice at "
        f"{measured.level:.0f}\N{NO-BREAK SPACE}dBFS, {quiet}"
    )


def _record() -> None:
    st.markdown(
        "Say a sentence or two as you feel it. Nothing comes to mind? Read this aloud: "
        "*“The kettle is on, and the train leaves at nine.”*"
    )
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown(
            ":small[Click the microphone and speak; it is red while it records. Click again to end; "
            f"after {_QUIET_SECONDS:.0f} seconds of quiet it ends by itself.]"
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
        "Audio files, videos with sound, or a zip of them; each of up to ten minutes",
        type=KINDS,
        accept_multiple_files=True,
        key="recognise_upload",
        on_change=_uploaded,
    )


def _uploaded() -> None:
    _hear_files(st.session_state.recognise_upload, "upload")


def _hear_files(files: list, origin: str) -> None:
    """Take what a widget holds now; a widget emptied by hand takes back only what it gave itself."""
    files = [file for file in files if file is not None]
    if not files and any(clip.origin != origin for clip in session.visitor().clips):
        return
    clips, refused = [], []
    for file in files:
        data, name = file.getvalue(), "recording" if origin == "browser" else file.name
        if not is_zip(data):
            clips.append(session.HeardClip(name, data, origin))
            continue
        try:
            clips += [session.HeardClip(member.name, member.data, origin) for member in unpack(data, name)]
        except AudioError as error:
            refused.append(str(error))
    session.hear(clips, refused)


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
