"""Train: choose how a network learns, watch it, judge it on voices it never heard, and use it."""

import streamlit as st

from pages.shared import laboratory, start_view

st.title("Train a model of your own", anchor=False)
st.markdown("Choose how a multi-layer perceptron learns, watch it, and see how it does on voices that it never heard.")

start_view.start(laboratory.current())
