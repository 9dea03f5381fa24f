"""The inputs for clips: recorders, upload and examples. The last clips that came in replace all others."""

from typing import NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.common.inputs import choose
from pages.common.server.counters import sentence_of
from pages.common.session import no_room
from pages.recognise import state, texts
from pages.recognise.examples import view as examples
from pages.recognise.microphone import record as microphone
from ser.audio.formats import NAMES
from ser.data.archives.clip_files import unpack
from ser.data.archives.opening import too_large
from ser.data.archives.zips import is_zip
from ser.errors import AudioError, SerError, SilentError
from ser.inference.clip_features import ClipFeatures
from ser.limits import VISITOR
from ser.text import plain, shown_name

_WAYS = {
    "record": ":material/mic: Record",
    "upload": ":material/upload_file: Upload",
    "examples": ":material/play_circle: Examples",
}
# Begins the keys of the widgets of the microphone.
MICROPHONE = "recognise_microphone"


class Places(NamedTuple):
    """Places at the inputs that are filled later.

    Attributes:
        status: for a line on the state of the last clips.
        model: for the choice of the model.
    """

    status: DeltaGenerator
    model: DeltaGenerator


def collect() -> Places:
    """Show the input that the visitor chose; its clips replace the last ones (`state.use_clips`)."""
    way = choose("How to give a clip", _WAYS, key="recognise_way", label_visibility="collapsed")
    status = {"record": _record, "upload": _upload, "examples": _examples}[way]()
    visitor = state.current()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Clear",
            key="recognise_clear",
            icon=":material/delete:",
            disabled=not (visitor.clips or visitor.refused),
            on_click=_clear,
            help=texts.CLEAR_HELP,
        )
        model = st.container(width="content")
        st.caption(texts.KEPT, width="content")
    return Places(status, model)


def status(clip_features: list[ClipFeatures | AudioError | None] | None) -> str:
    """Return a line on the state of the last clips; `clip_features` is None while features are extracted."""
    clips = state.current().clips
    if not clips and state.current().refused:
        return texts.NOTHING_USABLE
    if not clips:
        # The other inputs say themselves what to do.
        return texts.READY if st.session_state.get("recognise_way", "record") == "record" else ""
    name = plain(clips[0].name) if len(clips) == 1 else f"{len(clips)} clips"
    if clip_features is None:
        return texts.thinking(name)
    if len(clips) > 1:
        return _status_of_many(clip_features)
    # That a clip is silent is an answer too.
    if isinstance(clip_features[0], ClipFeatures | SilentError):
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


def _record() -> DeltaGenerator:
    data, status = microphone.record(MICROPHONE)
    if data is not None:
        state.use_clips([state.InputClip("recording", data, "recorder")])
    return status


def _clear() -> None:
    """Remove the clips, their answers, and what the inputs hold."""
    state.clear()
    microphone.forget(MICROPHONE)


def _upload() -> DeltaGenerator:
    key = f"recognise_upload_{state.current().cleared}"
    st.file_uploader(
        texts.upload_label(NAMES),
        accept_multiple_files=True,
        max_upload_size=VISITOR.upload_bytes >> 20,
        key=key,
        on_change=_uploaded,
        args=(key,),
    )
    for note in state.current().notes:
        st.caption(plain(note))
    return st.empty()


def _uploaded(key: str) -> None:
    """Use the uploaded files. Taking the last of them away removes only clips that were uploaded."""
    files, origin = st.session_state[key], "upload"
    if not files and any(clip.origin != origin for clip in state.current().clips):
        return
    clips, refused, notes = [], [], []
    if sum(file.size for file in files) > VISITOR.upload_bytes:
        # The clips that are on the page stay there.
        state.current().refused = (too_large(VISITOR),)
        return
    for file in files:
        data, name = file.getvalue(), shown_name(file.name)
        if not is_zip(data, name):
            clips.append(state.InputClip(name, data, origin))
            continue
        try:
            found = unpack([(name, data)], most=VISITOR.answered_clips)
            clips += [state.InputClip(shown_name(clip_name), clip_data, origin) for clip_name, clip_data in found.clips]
            notes += found.reported
        except SerError as error:
            refused.append(sentence_of(error))
    others = [clip for clip in clips if clip not in state.current().clips]
    freed = sum(len(clip.data) for clip in state.current().clips if clip not in clips)
    if sentence := no_room(sum(len(clip.data) for clip in others) - freed):
        state.current().refused = (sentence,)
        return
    most = VISITOR.answered_clips
    if len(clips) > most:
        notes.append(texts.too_many(len(clips), most))
    state.use_clips(clips[:most], refused, notes)


def _examples() -> DeltaGenerator:
    examples.choose_one()
    return st.empty()
