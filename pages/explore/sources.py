"""The data sets to explore: one of those whose feature tables are shipped, or all of them side by side."""

from textwrap import shorten

import pandas as pd
import streamlit as st

from pages.common import resources
from ser.data.data_sets import DATA_SETS, RAVDESS, SHIPPED_CORPORA
from ser.data.table import FeatureTable

ONLY_RAVDESS = (RAVDESS.key,)
SOURCES: dict[str, tuple[str, ...]] = {DATA_SETS[key].title: (key,) for key in SHIPPED_CORPORA}
SOURCES[" and ".join(SOURCES)] = SHIPPED_CORPORA
"""What a visitor can choose → keys of the data sets."""
SYMBOLS = dict(zip(SHIPPED_CORPORA, ("circle", "diamond"), strict=True))
"""Data set → the symbol of its clips on a map."""
# Longer sentences would leave a phone no room for the chart beside them.
_LONGEST_SENTENCE = 28


def table(corpora: tuple[str, ...]) -> FeatureTable:
    """Return the clips of some data sets.

    Other than for RAVDESS alone, speakers have names instead of numbers, and a column holds the whole sentence.
    """
    return resources.table() if corpora == ONLY_RAVDESS else _named(corpora)


@st.cache_resource(show_spinner=False)
def _named(corpora: tuple[str, ...]) -> FeatureTable:
    whole = resources.tables(corpora)
    clips = whole.clips
    titles = clips["corpus"].map({key: DATA_SETS[key].title for key in corpora})
    several = {"data_set": titles, "actor": titles + " " + clips["speaker"]} if len(corpora) > 1 else {}
    named: pd.DataFrame = clips.assign(
        actor=clips["speaker"],
        sentence=clips["statement"],
        statement=[shorten(sentence, _LONGEST_SENTENCE, placeholder=" …") for sentence in clips["statement"]],
    ).assign(**several)
    # No chart needs the augmented versions, and each filter would copy them.
    return FeatureTable(named, whole.matrices, whole.contours)
