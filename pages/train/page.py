"""The Train page: choose settings, watch a network learn, evaluate it on held-out speakers, and use it."""

import streamlit as st

from pages.common.inputs import choose
from pages.train import own_data, runs_view, search_view, start_view, texts, workspaces
from pages.train.guide import first_run

VIEWS = {
    "Train": start_view.start,
    "Runs": runs_view.runs,
    "Search": search_view.searching,
    "My clips": lambda _: own_data.own_data(),
}

st.title("Train a model of your own", anchor=False)
st.markdown(texts.INTRODUCTION)

lab = workspaces.current()
if first_run.is_wanted(lab):
    first_run.show(lab)
else:
    view = choose("View", list(VIEWS), key="train_view", label_visibility="collapsed")
    VIEWS[view](lab)
