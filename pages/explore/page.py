"""The Explore page: a set of clips in charts, and the features that tell emotions apart."""

import streamlit as st

from pages.common import resources
from pages.common.inputs import choose
from pages.explore import texts, upload
from pages.explore.clips import browse
from pages.explore.contours import over_time
from pages.explore.features import features
from pages.explore.filters import filters, in_words, reset, rows
from pages.explore.map import map_of_clips
from pages.explore.overview import overview
from pages.explore.selection import Selection
from pages.explore.state import UploadedSet
from ser.data.data_sets import RAVDESS
from ser.data.table import FeatureTable
from ser.errors import SerError
from ser.text import plural

VIEWS = {
    "Overview": overview,
    "Features": features,
    "Over time": over_time,
    "Map": map_of_clips,
    "Clips": browse,
}


def explore(whole: FeatureTable, own: UploadedSet | None) -> None:
    """Show the filters, and one view of the clips that they keep."""
    owner = own.key if own else ""
    chosen = filters(whole.clips, owner)
    kept = whole.select(rows(whole.clips, chosen))
    if len(kept) == 0:
        st.info(texts.no_clip_fits(in_words(chosen)), icon=":material/filter_alt_off:")
        st.button("Show all clips", on_click=reset, args=(owner,), key="explore_reset_empty", type="primary")
        return
    speaker = "speaker" if own else "actor"
    counts = (
        (len(kept), "clip"),
        (kept.clips["actor"].nunique(), speaker),
        (kept.clips["emotion"].nunique(), "emotion"),
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        summary = " · ".join(f"**{n:,}** {plural(n, noun)}" for n, noun in counts)
        st.markdown(f"{summary} · **{kept.clips['seconds'].sum() / 60:.1f}** minutes")
        if chosen:
            st.markdown(f":material/filter_alt: {in_words(chosen)}")
            st.button(
                "Show all clips", on_click=reset, args=(owner,), key="explore_reset", icon=":material/filter_alt_off:"
            )
    view = choose(
        "View",
        list(VIEWS),
        key="explore_view",
        in_address=True,
        label_visibility="collapsed",
        wrap=True,
    )
    VIEWS[view](Selection(kept, chosen, own))


st.title("What the voices are like", anchor=False)
source = choose("Clips to explore", ["RAVDESS", "My own"], key="explore_source", label_visibility="collapsed")
try:
    if source == "RAVDESS":
        st.markdown(texts.INTRODUCTION)
        explore(resources.table(), None)
    elif (own := upload.bring()) is not None:
        explore(own.table, own)
except SerError as error:
    st.info(str(error), icon=":material/info:")
if source == "RAVDESS":
    st.caption(f"{RAVDESS.attribution} {RAVDESS.citation}")
