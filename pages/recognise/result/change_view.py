"""Change the voice: sliders for one clip, the changed clip to play, and the answer before and after."""

import streamlit as st

from pages.common.player import player
from pages.common.progress import wait_for
from pages.common.server.counters import sentence_of
from pages.recognise import texts
from pages.recognise.result import answer
from pages.recognise.result.sound_view import sound_of
from pages.recognise.state import InputClip
from ser.audio.voice_changes import NO_NOISE, PACES, SEMITONES, TILT, VoiceChanges, change_voice
from ser.audio.waveform import wav_bytes
from ser.errors import SerError
from ser.inference.clip_features import ClipFeatures, FeatureDemand, extract_whole
from ser.inference.prediction import answer as answer_with
from ser.model.store import StoredModel
from ser.text import percent, plain

# Longer clips are cut, so that an answer comes within a moment.
_SECONDS = 6.0


def show(clip: InputClip, clip_features: ClipFeatures, stored: StoredModel) -> None:
    """Show the sliders; a change reruns only this part."""
    st.fragment(_try)(clip, clip_features, stored)


def _try(clip: InputClip, clip_features: ClipFeatures, stored: StoredModel) -> None:
    st.markdown(texts.CHANGE)
    left, right = st.columns(2, gap="medium")
    changes = VoiceChanges(
        size=left.slider(texts.SIZE, -SEMITONES, SEMITONES, 0.0, 0.5, format="%.1f", key="recognise_change_size"),
        pitch=left.slider(texts.PITCH, -SEMITONES, SEMITONES, 0.0, 0.5, format="%.1f", key="recognise_change_pitch"),
        pace=left.slider(texts.PACE, *PACES, 1.0, 0.05, key="recognise_change_pace"),
        brightness=right.slider(
            texts.BRIGHTNESS, -TILT, TILT, 0.0, 0.5, format="%.1f", key="recognise_change_brightness"
        ),
        noise=NO_NOISE - right.slider(texts.HISS, 0.0, NO_NOISE, 0.0, 1.0, format="%.0f", key="recognise_change_noise"),
    )
    st.caption(texts.LOUDNESS)
    if not changes.any:
        return
    waveform, profile = sound_of(clip).waveform, answer.profile_for(clip, stored.model)
    demand = FeatureDemand.from_model(stored.model)
    try:
        if waveform.seconds > _SECONDS:  # both answers are to the same part
            waveform = waveform.window(0.0, _SECONDS)
            clip_features = wait_for(extract_whole, wav_bytes(waveform), demand, name="first seconds")
        data = wav_bytes(wait_for(change_voice, waveform, changes))
        changed = wait_for(extract_whole, data, demand, name="changed clip")
    except SerError as error:
        st.error(plain(sentence_of(error)), icon=":material/block:")
        return
    before, after = (answer_with(each, stored.model, profile=profile) for each in (clip_features, changed))
    player(data, name="changed clip", alt="The changed clip", autoplay=True)
    st.markdown(
        f"**Before**: {plain(answer.summary(before))} · {percent(before.confidence)}  \n"
        f"**After**: {plain(answer.summary(after))} · {percent(after.confidence)}"
    )
    if profile is not None:
        st.caption(texts.BOTH_ADAPTED)
    answer.before_and_after(before, after, "recognise_change_effect")
