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
    if clip.origin == state.EXAMPLE:
        return state.kept("sound", clip, None, lambda: wait_for(decode_sound, clip.data, name=clip.name))
    sounds = state.current().sounds
    if clip.sha not in sounds:
        sounds[clip.sha] = wait_for(decode_sound, clip.data, name=clip.name)
    sounds[clip.sha] = sounds.pop(clip.sha)
    while len(sounds) > 1 and (len(sounds) > _KEPT or n_bytes(sounds) > _MOST_BYTES):
        del sounds[next(iter(sounds))]
    return sounds[clip.sha]


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
