"""The Explore page: a set of clips in charts, and the features that tell emotions apart."""

from dataclasses import replace

import streamlit as st

from pages.common.inputs import choose
from pages.explore import sources, texts, upload
from pages.explore.clips import browse
from pages.explore.contours import over_time
from pages.explore.features import features
from pages.explore.filters import filters, in_words, reset, rows
from pages.explore.map import map_of_clips
from pages.explore.overview import overview
from pages.explore.selection import Selection
from ser.data.data_sets import credits
from ser.errors import SerError
from ser.text import plural

VIEWS = {
    "Overview": overview,
    "Features": features,
    "Over time": over_time,
    "Map": map_of_clips,
    "Clips": browse,
}


def explore(everything: Selection) -> None:
    """Show the filters, and one view of the clips that they keep."""
    whole, owner = everything.table, everything.owner
    chosen = filters(whole.clips, owner, private=everything.own is not None)
    kept = whole.select(rows(whole.clips, chosen))
    if len(kept) == 0:
        st.info(texts.no_clip_fits(in_words(chosen)), icon=":material/filter_alt_off:")
        st.button("Show all clips", on_click=reset, args=(owner,), key="explore_reset_empty", type="primary")
        return
    speaker = everything.fields["actor"].lower()
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
    VIEWS[view](replace(everything, table=kept, chosen=chosen))


st.title("What the voices are like", anchor=False)
source = choose(
    "Clips to explore",
    [*sources.SOURCES, "My own"],
    key="explore_source",
    in_address=True,
    label_visibility="collapsed",
    wrap=True,
)
corpora = sources.SOURCES.get(source, ())
try:
    if corpora:
        everything = Selection(sources.table(corpora), (), corpora=corpora)
        st.markdown(texts.introduction(everything.table.clips, corpora))
        explore(everything)
    elif (own := upload.bring()) is not None:
        explore(Selection(own.table, (), own, corpora=()))
except SerError as error:
    st.info(str(error), icon=":material/info:")
if corpora:
    st.caption("{attribution} {citation}".format(**credits(corpora)))
