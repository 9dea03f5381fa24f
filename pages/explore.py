"""Explore: the data set in charts, and what in it tells emotions apart."""

import streamlit as st

from pages.shared import explore_views, resources
from pages.shared.filters import filters, in_words, reset, rows
from ser import ravdess
from ser.errors import SerError

VIEWS = {
    "Overview": explore_views.overview,
    "One feature": explore_views.one_feature,
    "Map of clips": explore_views.map_of_clips,
    "Emotion or actor?": explore_views.emotion_or_actor,
    "Correlations": explore_views.correlations,
    "Listen": explore_views.listen,
}

st.title("What the voices are like", anchor=False)
st.markdown("RAVDESS: 24 actors say two sentences in eight emotions. The filters act on every chart below.")

try:
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
            persist_state="session",
        )
        VIEWS[view](kept, chosen)
except SerError as error:
    st.info(str(error), icon=":material/info:")

st.caption(f"{ravdess.ATTRIBUTION} {ravdess.CITATION}")
