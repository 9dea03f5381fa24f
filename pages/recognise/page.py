"""The Recognise page: predicts the emotion of a recorded or uploaded clip, and offers games with the model."""

import streamlit as st

from pages.common import own_clips
from pages.common.inputs import choose
from pages.common.server.counters import sentence_of
from pages.recognise import extraction, model_choice, notice, recorder, state, texts
from pages.recognise.act import view as act
from pages.recognise.act.state import current as acting
from pages.recognise.examples.view import invite
from pages.recognise.game import view as game
from pages.recognise.result import result_view, voice_view
from ser.errors import SerError

_ACTIVITIES = {"try": "Try it", "game": "Beat the machine", "act": "Act it"}


def _try() -> None:
    """Show the inputs with the choice of the model, and the answer to the clips."""
    with st.container(border=True):
        status, model = recorder.collect()
        voice = st.container()
    outcome = st.container()
    visitor = state.current()
    status.markdown(recorder.status(None))
    try:
        with model:
            key, stored = model_choice.pick(visitor.clips)
        with voice:
            voice_view.teach(stored, visitor.clips)
        with outcome:
            for sentence in visitor.refused:
                st.error(sentence, icon=":material/block:")
            clip_features = extraction.extract_all(visitor.clips, stored.model)
            status.markdown(recorder.status(clip_features))
            if clip_features:
                result_view.present(visitor.clips, clip_features, key, stored)
            elif not (visitor.clips or visitor.refused):
                st.info(
                    texts.NO_CLIP_YET,
                    icon=":material/graphic_eq:",
                )
                invite()
    except SerError as error:
        status.empty()
        outcome.error(sentence_of(error), icon=":material/block:")
    # Whoever gave a clip has had the notice on the screen.
    notice.show(in_full=not visitor.clips)


def _act() -> None:
    """Let the visitor act emotions, and say what happens to the recordings."""
    act.show()
    notice.show(in_full=not (state.current().clips or acting().begun))


if (sent := own_clips.take()) is not None:
    state.use_clips([state.InputClip(*sent, state.EXPLORE)])
    st.session_state["recognise_activity"] = "try"
st.title("How a voice sounds", anchor=False)
st.markdown(texts.INTRODUCTION)
activity = choose("What to do", _ACTIVITIES, key="recognise_activity", label_visibility="collapsed")
{"try": _try, "game": game.show, "act": _act}[activity]()
