"""The sound of a clip: waveform and mel spectrogram."""

import streamlit as st

from pages.common.charts import chart
from pages.common.progress import wait_for
from pages.common.session import n_bytes
from pages.recognise import state, texts
from pages.recognise.state import InputClip
from ser.figures.clip import mel_figure, waveform_figure
from ser.inference.sound import Sound, decode_sound
from ser.limits import DEMO
from ser.text import duration

# At most two clips stand side by side; one of ten minutes takes 60 MB.
_KEPT = 2
_MOST_BYTES = DEMO.memory_bytes // 4


def sound_of(clip: InputClip) -> Sound:
    """Return a clip's sound; that of the last clips is kept, so that a rerun decodes nothing."""
    known = state.recall("sound", clip, None) if _is_example(clip) else state.current().sounds.get(clip.sha)
    return keep(clip, known or wait_for(decode_sound, clip.data, name=clip.name))


def keep(clip: InputClip, sound: Sound) -> Sound:
    """Keep a clip's sound as the last one, and return it."""
    if _is_example(clip):
        return state.remember("sound", clip, None, sound)
    sounds = state.current().sounds
    sounds.pop(clip.sha, None)
    sounds[clip.sha] = sound
    while len(sounds) > 1 and (len(sounds) > _KEPT or n_bytes(sounds) > _MOST_BYTES):
        del sounds[next(iter(sounds))]
    return sound


def _is_example(clip: InputClip) -> bool:
    """Whether what is made of a clip is kept for all visitors."""
    return clip.origin == state.EXAMPLE


def pictures(clip: InputClip) -> None:
    """Show waveform and mel spectrogram."""
    sound = sound_of(clip)
    st.caption(texts.WAVEFORM)
    chart(
        waveform_figure(sound.waveform),
        key="recognise_waveform",
        alt=f"Waveform: amplitude over {duration(sound.waveform.seconds)}, {sound.waveform.peak:.2f} of full scale at "
        "most",
    )
    st.caption(texts.MEL_SPECTROGRAM)
    chart(
        mel_figure(sound.spectrogram),
        key="recognise_mel",
        alt="Mel spectrogram: how loud each frequency is over time",
    )
