"""The demo's front door: how the pages are framed and named; everything else lives in `pages/` and `ser/`.

Run with `streamlit run app.py`.
"""

import streamlit as st

st.set_page_config(page_title="How a voice sounds", page_icon="🎙️", layout="wide")

page = st.navigation(
    [
        st.Page("pages/recognise.py", title="Recognise", icon=":material/mic:", default=True),
        st.Page("pages/explore.py", title="Explore", icon=":material/insights:"),
        st.Page("pages/train.py", title="Train", icon=":material/model_training:"),
    ],
    position="top",
)

# Wide, yet never wider than the eye reads with ease: one centred column for every page.
with st.container(horizontal_alignment="center"), st.container(width=1100):
    page.run()
