"""The Explore page: a set of clips in charts, and the features that tell emotions apart."""

from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.common.inputs import choose
from pages.common.server.counters import sentence_of
from pages.explore import sources, texts, upload
from pages.explore.filters import filters, in_words, reset, rows
from pages.explore.selection import Selection
from pages.explore.views.clips import browse
from pages.explore.views.contours import over_time
from pages.explore.views.features import features
from pages.explore.views.findings import show_findings
from pages.explore.views.map import map_of_clips
from pages.explore.views.overview import overview
from ser.data.data_sets import credits
from ser.data.table import FeatureTable
from ser.errors import SerError
from ser.text import plural

OWN = "My own"
VIEWS = {
    "Findings": show_findings,
    "Overview": overview,
    "Features": features,
    "Over time": over_time,
    "Map": map_of_clips,
    "Clips": browse,
}


def explore(everything: Selection, top: DeltaGenerator) -> None:
    """Show the choice of a view, the filters, and the view of the clips that they keep."""
    with top:
        view = choose("View", list(VIEWS), key="explore_view", in_address=True, label_visibility="collapsed", wrap=True)
    whole, owner = everything.table, everything.owner
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="explore_filters"):
        chosen = filters(whole.clips, owner, private=everything.own is not None)
        kept = whole.select(rows(whole.clips, chosen))
        if chosen and len(kept):
            st.button(
                "Show all clips", on_click=reset, args=(owner,), key="explore_reset", icon=":material/filter_alt_off:"
            )
        st.markdown(_summary(everything, kept))
    if len(kept) == 0:
        st.info(texts.no_clip_fits(in_words(chosen)), icon=":material/filter_alt_off:")
        st.button("Show all clips", on_click=reset, args=(owner,), key="explore_reset_empty", type="primary")
        return
    VIEWS[view](replace(everything, table=kept, chosen=chosen))


def _summary(everything: Selection, kept: FeatureTable) -> str:
    """Return how many clips, speakers, emotions and minutes there are."""
    if not len(kept):
        return ""
    clips = kept.clips
    counts = (
        (len(kept), "clip"),
        (clips["actor"].nunique(), everything.fields["actor"].lower()),
        (clips["emotion"].nunique(), "emotion"),
    )
    summary = " · ".join(f"**{n:,}** {plural(n, noun)}" for n, noun in counts)
    return f"{summary} · **{clips['seconds'].sum() / 60:.1f}** minutes"


st.title("What the voices are like", anchor=False)
about = st.empty()
top = st.container(horizontal=True, vertical_alignment="center", key="explore_top")
with top:
    source = st.selectbox(
        "Clips to explore",
        [*sources.SOURCES, OWN],
        key="explore_source",
        bind="query-params",
        label_visibility="collapsed",
        width=210,
    )
corpora = sources.SOURCES.get(source, ())
try:
    if corpora:
        everything = Selection(sources.table(corpora), (), corpora=corpora)
        explore(everything, top)
        # Above the findings it says whose voices they are about; other views need the room on a phone's first screen.
        slot = about if st.session_state["explore_view"] == "Findings" else st
        slot.caption(texts.introduction(everything.table.clips, corpora))
    elif (own := upload.bring()) is not None:
        explore(Selection(own.table, (), own, corpora=()), top)
except SerError as error:
    st.info(sentence_of(error), icon=":material/info:")
if corpora:
    st.caption("{attribution} {citation}".format(**credits(corpora)))
