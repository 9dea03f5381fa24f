"""Explore: the data set in charts, and what in it tells emotions apart."""

import streamlit as st

from pages.shared import resources
from pages.shared.explore_clips import browse
from pages.shared.explore_contours import over_time
from pages.shared.explore_features import features
from pages.shared.explore_map import map_of_clips
from pages.shared.explore_overview import overview
from pages.shared.explored import Explored
from pages.shared.filters import filters, in_words, reset, rows
from ser import ravdess
from ser.errors import SerError

VIEWS = {
    "Overview": overview,
    "Features": features,
    "Over time": over_time,
    "Map": map_of_clips,
    "Clips": browse,
}

st.title("What the voices are like", anchor=False)
st.markdown("RAVDESS: 24 actors say two sentences in eight emotions. The filters act on every chart below.")

try:
    own = None
    whole = resources.table()
    chosen = filters(whole.clips)
    kept = whole.select(rows(whole.clips, chosen))
    if len(kept) == 0:
        st.info(f"No clip fits all filters at once: {in_words(chosen)}.", icon=":material/filter_alt_off:")
        st.button("Show all clips", on_click=reset, key="explore_reset_empty", type="primary")
    else:
        clips = kept.clips
        actors, emotions = clips["actor"].nunique(), clips["emotion"].nunique()
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(
                f"**{len(kept):,}** clip{'s'[: len(kept) > 1]} · **{actors}** actor{'s'[: actors > 1]} · "
                f"**{emotions}** emotion{'s'[: emotions > 1]} · **{clips['seconds'].sum() / 60:.1f}** minutes",
            )
            if chosen:
                st.button("Show all clips", on_click=reset, key="explore_reset", icon=":material/filter_alt_off:")
        view = st.segmented_control(
            "View",
            list(VIEWS),
            default="Overview",
            required=True,
            key="explore_view",
            label_visibility="collapsed",
            wrap=True,
            bind="query-params",
        )
        VIEWS[view](Explored(kept, chosen, own))
except SerError as error:
    st.info(str(error), icon=":material/info:")

st.caption(f"{ravdess.ATTRIBUTION} {ravdess.CITATION}")
