"""The sound of a clip: waveform and mel spectrogram."""

import streamlit as st

from pages.common.charts import chart
from pages.common.progress import wait_for
from pages.recognise import state, texts
from pages.recognise.state import InputClip
from ser.figures.clip import mel_figure, waveform_figure
from ser.inference.sound import Sound, decode_sound
from ser.text import duration


def sound_of(clip: InputClip) -> Sound:
    """Return a clip's sound; that of the last clips is kept, so that a rerun decodes nothing."""
    return state.sound(clip) or state.keep_sound(clip, wait_for(decode_sound, clip.data, name=clip.name))


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
