"""Act it on the page: the prompt, the recorder, how each try sounded, and the score at the end."""

import streamlit as st

from pages.common import models
from pages.common.player import player
from pages.common.server.counters import sentence_of
from pages.recognise import extraction
from pages.recognise.act import texts
from pages.recognise.act.state import TRIES, ActState, Try, current
from pages.recognise.microphone import record as microphone
from pages.recognise.result import answer
from pages.recognise.state import InputClip
from ser.errors import SerError
from ser.inference.clip_features import ClipFeatures
from ser.model.store import DEFAULT_NAME
from ser.text import plain

_MICROPHONE = "recognise_act"
# The warning about a clip in which there may be no voice at all.
_NO_SPEECH = "no_voice"


def show() -> None:
    """Show the prompt where the visitor left it."""
    act = current()
    with st.container(border=True):
        if not act.prompts:
            st.markdown(texts.INTRODUCTION)
            _start(act, "Start")
        elif act.over:
            st.subheader(texts.final(sum(act.passed), len(act.prompts)), anchor=False)
            st.caption(texts.TRUST)
            _start(act, "Again")
        else:
            _prompt(act)


def _start(act: ActState, label: str) -> None:
    st.button(label, key="recognise_act_start", icon=":material/mic:", type="primary", on_click=act.start)


def _prompt(act: ActState) -> None:
    """Show what to say, take a recording, and show how it sounded."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        line = texts.progress(act.position + 1, len(act.prompts), sum(act.passed))
        st.markdown(line, width="content")
        st.button("Leave", key="recognise_act_leave", type="tertiary", on_click=act.leave)
    st.subheader(texts.prompt(act.target), anchor=False)
    st.markdown(texts.SENTENCE)
    if not act.done:
        data, status = microphone.record(_MICROPHONE)
        if data is not None:
            act.take(InputClip("recording", data, "recorder"))
        status.markdown(texts.WORKING if act.waiting else texts.READY)
        if act.waiting:
            _answer(act, act.waiting)
            if not act.waiting:
                st.rerun()  # the recorder goes after the last try
    _results(act)


def _answer(act: ActState, clip: InputClip) -> None:
    """Let the model answer a recording; while it works, its progress is on the page."""
    stored = models.load(DEFAULT_NAME)
    try:
        features = extraction.extract_all((clip,), stored.model)
    except SerError as error:
        return act.refuse(sentence_of(error))
    if features is None:
        return None
    if not isinstance(found := features[0], ClipFeatures):
        return act.refuse(sentence_of(found) if found else texts.STOPPED)
    prediction = answer.answer_to(clip, found, stored)
    sentences = {warning.code: warning.sentence for warning in prediction.warnings}
    if _NO_SPEECH in sentences:
        return act.refuse(f"{sentences[_NO_SPEECH]} {texts.NOT_COUNTED}")
    share = prediction.probabilities[act.target]
    return act.count(Try(clip, prediction.label, prediction.confidence, share, tuple(sentences.values())))


def _results(act: ActState) -> None:
    if act.refused:
        st.error(plain(act.refused), icon=":material/block:")
    if act.tries:
        lines = [texts.tried(number, each, act.target) for number, each in enumerate(act.tries, start=1)]
        st.markdown("\n".join(lines))
        last = act.tries[-1]
        if last.warnings:
            st.caption(plain(" ".join(last.warnings)))
        player(last.clip.data, name="recording", alt="Your last try")
    with st.container(horizontal=True, vertical_alignment="center"):
        if act.done:
            st.markdown(texts.verdict(act.target, act.hit, act.best), width="content")
        elif act.tries:
            st.markdown(texts.tries_left(TRIES - len(act.tries)), width="content")
        st.button(
            "Next emotion" if act.done else "Skip",
            key="recognise_act_next",
            icon=":material/arrow_forward:",
            type="primary" if act.done else "tertiary",
            on_click=act.go_on,
        )
