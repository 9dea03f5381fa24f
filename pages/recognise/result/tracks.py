"""The choice of another audio track, in files with several."""

import streamlit as st

from pages.common.progress import wait_for
from pages.common.server.counters import sentence_of
from pages.recognise import state
from pages.recognise.result.sound_view import sound_of
from pages.recognise.state import InputClip
from ser.audio.decoding.decoder import decode
from ser.audio.waveform import wav_bytes
from ser.errors import SerError


def pick(clip: InputClip, key: str) -> None:
    """Show the tracks of the file that a clip is, or was taken from, if there are several."""
    file = clip.taken_from or clip
    waveform = sound_of(file).waveform
    if len(waveform.tracks) < 2:
        return
    chosen = waveform.track if clip.taken_from is None else clip.track
    st.segmented_control(
        "Audio track",
        range(len(waveform.tracks)),
        format_func=lambda track: " · ".join(filter(None, (f"Track {track + 1}", waveform.tracks[track]))),
        default=chosen,
        required=True,
        wrap=True,
        key=f"{key}_{clip.sha[:12]}",
        on_change=_take,
        args=(clip, file, f"{key}_{clip.sha[:12]}"),
    )


def _take(clip: InputClip, file: InputClip, key: str) -> None:
    """Replace the clip by the chosen track."""
    track = st.session_state[key]
    visitor = state.current()
    try:
        waveform = wait_for(decode, file.data, name=file.name, track=track)
    except SerError as error:
        visitor.refused = (f"Track {track + 1}: {sentence_of(error)}",)
        return
    name = f"{file.name}, track {track + 1}"
    taken = InputClip(name, wav_bytes(waveform), file.origin, taken_from=file, track=track)
    visitor.clips = tuple(taken if each is clip or each.sha == clip.sha else each for each in visitor.clips)
