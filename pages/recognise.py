"""Recognise: a clip in, the emotion its voice carries out."""

import streamlit as st

from pages.shared import hearing, models, notice, recorder, resources, result, session
from ser.errors import SerError

resources.warm_up()

st.title("What does a voice sound like?", anchor=False)
st.markdown("Speak, upload or pick a clip, and see which of eight emotions its *sound* resembles, and how surely.")

with st.container(border=True):
    recorder.listen()
    state = st.empty()

# The model is introduced under the answer, but must be known before there is one.
choice, outcome, foot = st.container(), st.container(), st.container(border=True)
me = session.visitor()
state.markdown(recorder.state(None))

try:
    with choice:
        key = models.pick()
    with foot:
        stored = models.introduce(key)
    with outcome:
        for sentence in me.refused:
            st.error(sentence, icon=":material/block:")
        heard = hearing.hear_all(me.clips, stored.model)
        state.markdown(recorder.state(heard))
        if heard:
            result.present(me.clips, heard, key, stored)
        elif not me.clips:
            st.info(
                "The answer appears here. Record a sentence or two above; or try an example first: it takes one click.",
                icon=":material/graphic_eq:",
            )
except SerError as error:
    state.empty()
    outcome.error(str(error), icon=":material/block:")

with foot:
    notice.show()
