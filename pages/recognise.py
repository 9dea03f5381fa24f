"""Recognise: a clip in, the emotion its voice carries out."""

import streamlit as st

from pages.shared import answer, models, recorder, resources, session
from ser.errors import SerError

resources.warm_up()

st.title("What does a voice sound like?", anchor=False)
st.markdown("Speak, upload or pick a clip, and see which of eight emotions its *sound* resembles, and how surely.")

with st.container(border=True):
    recorder.listen()

# The model is introduced under the answer, but must be known before there is one.
choice, result, foot = st.container(), st.container(), st.container(border=True)
clips = session.visitor().clips

try:
    with choice:
        key = models.pick()
    with foot:
        stored = models.introduce(key)
    with result:
        if clips:
            answer.present(clips, answer.answer_all(clips, stored.model))
        else:
            st.info(
                "The answer appears here. Record a sentence or two above; or try an example first: it takes one click.",
                icon=":material/graphic_eq:",
            )
except SerError as error:
    result.error(str(error), icon=":material/block:")

foot.caption(
    "This estimates how a voice *sounds*, not what anyone feels. It learnt from 24 actors who read two sentences in "
    "North American English, so other languages, ages and everyday speech may mislead it. It is not for decisions "
    "about people."
)
