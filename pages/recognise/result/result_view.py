"""The result: one clip in full, or many in a table with one of them in full."""

from datetime import datetime
from functools import partial

import streamlit as st

from pages.common import own_clips
from pages.common.inputs import choose, download
from pages.common.own_clips import AnsweredClip
from pages.recognise import model_choice, texts
from pages.recognise.result import (
    answer,
    batch_view,
    change_view,
    models_view,
    session_voice,
    sound_view,
    timeline_view,
    voice_view,
    why_view,
)
from pages.recognise.state import EXAMPLE, EXPLORE, InputClip
from ser.errors import AudioError, SilentError
from ser.inference.clip_features import ClipFeatures
from ser.inference.prediction import Prediction
from ser.model.store import StoredModel
from ser.reports.answer_report import report_answer

_MORE = {
    "sound": "Sound",
    "change": "Change it",
    "voice": "My voice",
    "models": "Models",
    "report": "Report",
}


def present(
    clips: tuple[InputClip, ...], clip_features: list[ClipFeatures | AudioError | None], key: str, stored: StoredModel
) -> None:
    """Show the answers to the clips, and why some cannot be used."""
    for clip, features in zip(clips, clip_features, strict=True):
        if isinstance(features, ClipFeatures):
            session_voice.gather(clip, features)
            if clip.origin not in (EXAMPLE, EXPLORE):
                vector = features.vectors[:, 0].mean(axis=0)
                own_clips.remember(clip.sha, AnsweredClip(clip.name, clip.data, features.feature_set, vector))
    if len(clips) > 1:
        batch_view.show(clips, clip_features, stored, in_full=lambda clip, features: full(clip, features, key, stored))
    elif isinstance(clip_features[0], SilentError):
        answer.say_silent(clip_features[0])
    elif isinstance(clip_features[0], AudioError):
        batch_view.refuse([clip_features[0]])
    elif clip_features[0] is not None:
        full(clips[0], clip_features[0], key, stored)


def full(clip: InputClip, clip_features: ClipFeatures, key: str, stored: StoredModel) -> None:
    """Show everything about one clip: answer, timeline, reasons, and more on request."""
    prediction = answer.answer_to(clip, clip_features, stored)
    if not answer.show(clip, prediction, key, stored):
        return
    timeline_view.show_if_long(clip, clip_features, stored.model)
    why_view.show(clip, clip_features, stored.model)
    st.subheader("More", anchor=False)
    # Nothing is chosen at first, because two pictures of the sound would fill a phone's screen.
    more = choose(
        "More about this clip",
        _MORE,
        key="recognise_more",
        label_visibility="collapsed",
        default=None,
        required=False,
    )
    if more == "sound":
        sound_view.pictures(clip)
    elif more == "change":
        change_view.show(clip, clip_features, stored)
    elif more == "voice":
        voice_view.effect(clip, clip_features, stored)
    elif more == "models":
        models_view.compare(clip, key)
    elif more == "report":
        _report(clip, clip_features, prediction, key, stored)


def _report(
    clip: InputClip, clip_features: ClipFeatures, prediction: Prediction, key: str, stored: StoredModel
) -> None:
    """Show a button for the report, which is only written when it is clicked."""

    write = partial(
        report_answer,
        prediction,
        why_view.explanation_of(clip, clip_features, stored.model),
        timeline_view.timeline_of(clip, clip_features, stored.model),
        model_name=model_choice.named(key),
        card=stored.card,
        made=datetime.now().astimezone(),
    )
    st.markdown(texts.REPORT)
    download("Save the report", write, f"{clip.name}-report.html", "text/html", key="recognise_report", type="primary")
