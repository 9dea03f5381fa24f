"""The inputs for clips: recorders, upload and examples. The last clips that came in replace all others."""

import streamlit as st
from audio_recorder_streamlit import audio_recorder

from pages.common.inputs import choose
from pages.common.resources import EXAMPLES
from pages.common.session import no_room
from pages.recognise import state, texts
from ser.audio.formats import NAMES
from ser.data.archives.clip_files import unpack
from ser.data.archives.opening import too_large
from ser.data.archives.zips import is_zip
from ser.emotions import BY_NAME
from ser.errors import AudioError, SerError
from ser.figures.style import ACCENT
from ser.inference.clip_features import ClipFeatures
from ser.limits import VISITOR
from ser.text import plain

_WAYS = {
    "record": ":material/mic: Record",
    "upload": ":material/upload_file: Upload",
    "examples": ":material/play_circle: Examples",
}
_QUIET_SECONDS = 2.0


def collect() -> None:
    """Show the input that the visitor chose; its clips replace the last ones (`state.use_clips`)."""
    way = choose("How to give a clip", _WAYS, key="recognise_way", label_visibility="collapsed")
    {"record": _record, "upload": _upload, "examples": _examples}[way]()


def status(clip_features: list[ClipFeatures | AudioError | None] | None) -> str:
    """Return a line on the state of the last clips; `clip_features` is None while features are extracted."""
    clips = state.current().clips
    if not clips and state.current().refused:
        return texts.NOTHING_USABLE
    if not clips:
        return texts.READY
    name = plain(clips[0].name) if len(clips) == 1 else f"{len(clips)} clips"
    if clip_features is None:
        return texts.thinking(name)
    if len(clips) > 1:
        return _status_of_many(clip_features)
    if isinstance(clip_features[0], ClipFeatures):
        return texts.answered(name)
    if clip_features[0] is None:
        return texts.stopped(name)
    return texts.not_usable(name)


def _status_of_many(clip_features: list[ClipFeatures | AudioError | None]) -> str:
    answered = sum(isinstance(each, ClipFeatures) for each in clip_features)
    refused = sum(isinstance(each, AudioError) for each in clip_features)
    more = f"; {refused} could not be used" if refused else ""
    if None in clip_features:
        return texts.stopped_amid(answered, len(clip_features), more)
    if not answered:
        return texts.none_usable(len(clip_features))
    return texts.answered_many(answered, len(clip_features), more)


def _record() -> None:
    hint = st.empty()
    left, right = st.columns(2, gap="medium")
    with left, st.container(horizontal=True, vertical_alignment="center"):
        with st.container(width=56):
            data = audio_recorder(
                text="",
                pause_threshold=_QUIET_SECONDS,
                neutral_color=ACCENT,
                recording_color=BY_NAME["angry"].colour,
                icon_size="3x",
                key="recognise_recorder",
            )
        st.markdown(
            texts.recorder_help(_QUIET_SECONDS),
            width=252,  # fits beside the microphone, on a phone as well
        )
    with right:
        st.audio_input(
            "Or your browser’s own recorder; works by keyboard",
            # The `notebook` features need this rate; the clip is resampled for the `standard` ones.
            sample_rate=48_000,
            key="recognise_browser",
            on_change=_recorded_by_browser,
        )
    if data is not None:
        clip = state.InputClip("recording", data, "recorder")
        # The recorder returns its last recording at every rerun; only a new one may replace an upload.
        if clip.sha != state.current().recorded:
            state.current().recorded = clip.sha
            state.use_clips([clip])
    if not state.current().clips:
        hint.markdown(texts.RECORD_HINT)


def _recorded_by_browser() -> None:
    _use_files([st.session_state.recognise_browser], "browser")


def _upload() -> None:
    st.file_uploader(
        texts.upload_label(NAMES),
        accept_multiple_files=True,
        max_upload_size=VISITOR.upload_bytes >> 20,
        key="recognise_upload",
        on_change=_uploaded,
    )
    for note in state.current().notes:
        st.caption(plain(note))


def _uploaded() -> None:
    _use_files(st.session_state.recognise_upload, "upload")


def _use_files(files: list, origin: str) -> None:
    """Use the files of a widget. An emptied widget removes only clips that came from it."""
    files = [file for file in files if file is not None]
    if not files and any(clip.origin != origin for clip in state.current().clips):
        return
    clips, refused, notes = [], [], []
    if sum(file.size for file in files) > VISITOR.upload_bytes:
        # The clips that are on the page stay there.
        state.current().refused = (too_large(VISITOR),)
        return
    for file in files:
        data, name = file.getvalue(), "recording" if origin == "browser" else file.name
        if not is_zip(data, name):
            clips.append(state.InputClip(name, data, origin))
            continue
        try:
            found = unpack([(name, data)], most=VISITOR.answered_clips)
            clips += [state.InputClip(clip_name, clip_data, origin) for clip_name, clip_data in found.clips]
            notes += found.reported
        except SerError as error:
            refused.append(str(error))
    others = [clip for clip in clips if clip not in state.current().clips]
    freed = sum(len(clip.data) for clip in state.current().clips if clip not in clips)
    if sentence := no_room(sum(len(clip.data) for clip in others) - freed):
        state.current().refused = (sentence,)
        return
    most = VISITOR.answered_clips
    if len(clips) > most:
        notes.append(texts.too_many(len(clips), most))
    state.use_clips(clips[:most], refused, notes)


def _examples() -> None:
    st.markdown(texts.EXAMPLES)
    chosen = {clip.sha for clip in state.current().clips if clip.origin == state.EXAMPLE}
    with st.container(horizontal=True):
        for path in sorted(EXAMPLES.glob("*.ogg")):
            name = path.stem.replace("_", " ")
            clip = state.InputClip(f"synthetic voice, {name}", path.read_bytes(), state.EXAMPLE)
            st.button(
                name.capitalize(),
                icon=":material/play_arrow:",
                type="primary" if clip.sha in chosen else "secondary",
                key=f"recognise_example_{path.stem}",
                on_click=state.use_clips,
                args=([clip],),
            )
