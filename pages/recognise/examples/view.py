"""The buttons that play examples, and what the actor meant, which is shown after the answer."""

from typing import Literal

import streamlit as st

from pages.common.models import EXAMPLES_KEY
from pages.recognise import state
from pages.recognise.examples import texts
from pages.recognise.examples.clips import ActedClip, acted, acted_clips, spoken_as, synthetic_clips
from pages.recognise.state import InputClip
from ser.evaluation import human_baseline
from ser.inference.prediction import Prediction
from ser.model.store import StoredModel

_CLIPS = "recognise_clips"


def choose_one() -> None:
    """Show what plays and answers an example: a button for the next clip, a list of all clips, and synthetic voices."""
    chosen = {clip.sha for clip in state.current().clips if clip.origin == state.EXAMPLE}
    st.markdown(texts.ACTORS)
    known = _chosen()
    with st.container(horizontal=True, gap="small"):
        _play_next("Next clip" if known else texts.INVITE, key="recognise_next_clip", look="primary")
        label = texts.clip_of(known.number, len(acted_clips())) if known else texts.all_clips(len(acted_clips()))
        # It is a widget, so that a click on a clip can close it.
        box = st.popover(label, key=_CLIPS, on_change="rerun")
    with box, st.container(horizontal=True, gap="xsmall"):
        for each in acted_clips():
            _button(f"Clip {each.number}", each.clip, f"recognise_actor_{each.number}", each.clip.sha in chosen)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.markdown(texts.SYNTHETIC, width="content")
        for stem, clip in synthetic_clips().items():
            _button(spoken_as(stem).capitalize(), clip, f"recognise_example_{stem}", clip.sha in chosen)


def invite() -> None:
    """Show a button that plays and answers the first clip, unless the examples are on the page anyway."""
    if st.session_state.get("recognise_way") == "examples":
        return
    _play_next(texts.INVITE, key="recognise_invite", look="secondary")


def _play_next(label: str, *, key: str, look: Literal["primary", "secondary"]) -> None:
    st.button(label, key=key, icon=":material/play_arrow:", type=look, on_click=_use_next)


def _use_next() -> None:
    known = _chosen()
    _use(acted_clips()[known.number % len(acted_clips()) if known else 0].clip)


def _use(clip: InputClip) -> None:
    st.session_state["recognise_way"] = "examples"
    st.session_state[_CLIPS] = False
    state.use_clips([clip])


def _chosen() -> ActedClip | None:
    """Return the clip of an actor on the page; None without one."""
    clips = state.current().clips
    return acted(clips[0]) if len(clips) == 1 else None


def _button(label: str, clip: InputClip, key: str, chosen: bool) -> None:
    look = "primary" if chosen else "secondary"
    st.button(label, key=key, type=look, on_click=_use, args=(clip,))


def reveal(clip: InputClip, prediction: Prediction, key: str, stored: StoredModel) -> None:
    """Show what the actor meant by a clip and how often people recognise that; nothing for other clips."""
    known = acted(clip)
    if known is None:
        return
    label = known.acted.emotion
    right = None if prediction.abstained else bool(human_baseline.right([label], [prediction.label])[0])
    with st.container(border=True):
        st.markdown(texts.meant(label, right))
        sentences = [texts.people(label)]
        if key == EXAMPLES_KEY:
            sentences.append(texts.A_COPY)
        elif known.acted.actor not in stored.card.trained_on.actors:
            sentences.append(texts.NEW_TO_THE_MODEL)
        sentences.append(texts.LICENCE)
        st.caption(" ".join(sentences))
