"""The Recognise page: predicts the emotion of a recorded or uploaded clip."""

import streamlit as st

from pages.recognise import extraction, model_choice, notice, recorder, state, texts
from pages.recognise.result import result_view
from ser.errors import SerError

st.title("How a voice sounds", anchor=False)
st.markdown(texts.INTRODUCTION)

with st.container(border=True):
    recorder.collect()
    status = st.empty()

# The model's choice stands below the answer, because a phone's first screen has no room for it.
outcome, foot = st.container(), st.container(border=True)
visitor = state.current()
status.markdown(recorder.status(None))

try:
    with foot:
        key = model_choice.pick()
        stored = model_choice.introduce(key)
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
except SerError as error:
    status.empty()
    outcome.error(str(error), icon=":material/block:")

with foot:
    notice.show()
