"""My voice: a profile from one to five neutral sentences, its effect, and how to keep or forget it."""

import json
from collections.abc import Sequence
from functools import partial

import streamlit as st

from pages.common.inputs import download
from pages.common.progress import wait_for
from pages.common.server.counters import sentence_of
from pages.recognise import state, texts
from pages.recognise.result import answer, session_voice
from pages.recognise.state import InputClip
from ser.errors import SerError
from ser.inference.clip_features import ClipFeatures
from ser.inference.enrolment import enrol
from ser.inference.prediction import answer as answer_with
from ser.model.store import StoredModel
from ser.model.voice_profile import MOST_CLIPS, VoiceProfile
from ser.text import percent, plain, shown_name


def teach(stored: StoredModel, clips: Sequence[InputClip]) -> None:
    """Offer both ways to let the model know the visitor's voice, in a box that the visitor opens."""
    box = st.expander(texts.VOICE, icon=":material/record_voice_over:", key="recognise_voice_box", on_change="rerun")
    if not box.open:
        return
    with box:
        if not stored.model.adapts:
            st.info(texts.CANNOT_ADAPT, icon=":material/info:")
            return
        visitor = state.current()
        session_voice.switch(clips[0] if len(clips) == 1 else None, stored)
        st.markdown(texts.voice_introduction(texts.NEUTRAL_SENTENCES[0], texts.NEUTRAL_SENTENCES[1]))
        _collect(visitor)
        _make(visitor, stored)
        _keep(visitor)


def effect(clip: InputClip, clip_features: ClipFeatures, stored: StoredModel) -> None:
    """Show what knowing the visitor's voice changes in the answer to a clip."""
    profile = answer.profile_for(clip, stored.model)
    if profile is None:
        st.info(texts.NO_PROFILE if stored.model.adapts else texts.CANNOT_ADAPT, icon=":material/info:")
    else:
        _effect(clip_features, stored, profile)


def _collect(visitor: state.RecogniseState) -> None:
    left, right = st.columns(2, gap="medium")
    left.audio_input("Record a neutral sentence", sample_rate=48_000, key=_key("neutral"), on_change=_recorded)
    right.file_uploader(
        "Or choose neutral clips",
        accept_multiple_files=True,
        key=_key("neutral_files"),
        on_change=_chosen,
    )
    if visitor.neutral:
        names = ", ".join(plain(clip.name) for clip in visitor.neutral)
        st.caption(f"{len(visitor.neutral)} of at most {MOST_CLIPS} clips: {names}")


def _recorded() -> None:
    visitor, file = state.current(), st.session_state[_key("neutral")]
    if file is not None and len(visitor.neutral) < MOST_CLIPS:
        visitor.neutral = (
            *visitor.neutral,
            InputClip(f"sentence {len(visitor.neutral) + 1}", file.getvalue(), "browser"),
        )


def _chosen() -> None:
    visitor = state.current()
    recorded = [clip for clip in visitor.neutral if clip.origin == "browser"]
    files = [
        InputClip(shown_name(file.name), file.getvalue(), "upload") for file in st.session_state[_key("neutral_files")]
    ]
    visitor.neutral = (*recorded, *files)


def _make(visitor: state.RecogniseState, stored: StoredModel) -> None:
    """Show the buttons that make the profile and start over."""
    with st.container(horizontal=True):
        make = st.button(
            "Use my voice",
            type="primary",
            icon=":material/record_voice_over:",
            key="recognise_enrol",
            disabled=not visitor.neutral,
            help=None if visitor.neutral else texts.NO_NEUTRAL_CLIP,
        )
        if visitor.neutral:
            st.button("Start over", icon=":material/restart_alt:", key="recognise_neutral_clear", on_click=_start_over)
    if make:
        try:
            with st.spinner("Getting to know your voice …"):
                clips, names = [clip.data for clip in visitor.neutral], [clip.name for clip in visitor.neutral]
                visitor.voice = wait_for(enrol, clips, stored.model, names=names)
        except SerError as error:
            st.error(plain(sentence_of(error)), icon=":material/block:")
        else:
            st.rerun()  # so that the answer above uses the profile


def _start_over() -> None:
    visitor = state.current()
    visitor.neutral, visitor.started_over = (), visitor.started_over + 1


def _key(name: str) -> str:
    """Return the key of an input; it changes after starting over, because only a new key empties the input."""
    return f"recognise_{name}_{state.current().started_over}"


def _effect(clip_features: ClipFeatures, stored: StoredModel, profile: VoiceProfile) -> None:
    """Show the answer to the clip without and with the profile."""
    for doubt in profile.doubts:
        st.warning(plain(doubt), icon=":material/hearing:")
    before = answer_with(clip_features, stored.model)
    after = answer_with(clip_features, stored.model, profile=profile)
    for column, title, found in zip(st.columns(2, border=True), ("Before", "After"), (before, after), strict=True):
        with column:
            st.markdown(f"**{title}**")
            st.markdown(f"{plain(answer.summary(found))} · {percent(found.confidence)}")
    answer.before_and_after(before, after, "recognise_voice_effect")


def _keep(visitor: state.RecogniseState) -> None:
    """Show the buttons that save, load and forget the profile."""
    if visitor.voice is not None:
        with st.container(horizontal=True):
            download(
                "Save my profile",
                partial(json.dumps, visitor.voice.to_json()),
                "my-voice.json",
                "application/json",
                key="recognise_voice_save",
            )
            st.button("Forget my voice", icon=":material/delete:", key="recognise_voice_forget", on_click=_forget)
    st.file_uploader("Load a saved profile", type=["json"], max_upload_size=1, key=_key("voice_load"), on_change=_load)
    if visitor.voice_error:
        st.error(plain(visitor.voice_error), icon=":material/block:")


def _forget() -> None:
    visitor = state.current()
    visitor.voice, visitor.voice_error = None, ""
    session_voice.forget()
    _start_over()


def _load() -> None:
    visitor, file = state.current(), st.session_state[_key("voice_load")]
    visitor.voice_error = ""
    if file is None:
        return
    try:
        visitor.voice = VoiceProfile.from_json(file.getvalue())
    except SerError as error:
        visitor.voice_error = sentence_of(error)
