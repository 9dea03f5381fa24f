"""Overview of the clips: counts, recognition by people and by the model, and recording quality."""

import numpy as np
import pandas as pd
import streamlit as st

from pages.common.panel import heading, panel
from pages.explore import texts
from pages.explore.data_sets.scores import recognised_by_the_model, scores_by_data_set
from pages.explore.selection import SELECT, Selection, pick_field
from pages.explore.sources import ONLY_RAVDESS
from pages.explore.views import answers
from ser.evaluation import human_baseline
from ser.figures import dataset as figures
from ser.text import percent, true_minus

# Measures of recording quality: column → (name, unit, width of a bar).
MEASURES = {
    "seconds": ("Length", "s", 0.1),
    "level": ("Level", "dBFS", 2.0),
    "noise": ("Noise floor", "dBFS", 2.0),
    "snr": ("Voice above noise", "dB", 2.0),
    "silence_before": ("Silence before the voice", "s", 0.05),
    "silence_after": ("Silence after the voice", "s", 0.05),
    "peak": ("Peak", "of full scale", 0.025),
}


def overview(selection: Selection) -> None:
    """Show counts, recognition and recording quality."""
    left, right = st.columns(2, gap="large")
    with left:
        _counts(selection)
    with right:
        if selection.own:
            _quality(selection)
        elif selection.corpora == ONLY_RAVDESS:
            _recognised(selection)
        else:
            recognised_by_the_model(selection.corpora)
    if not selection.own:
        st.divider()
        _quality(selection)
    _findings(selection)
    if not selection.own:
        st.divider()
        scores_by_data_set()


def _counts(selection: Selection) -> None:
    above = st.container()
    field = pick_field(selection, "Count by", "explore_count_by")
    groups, order = selection.values(field), selection.order(field)
    counts = {value: int((groups == value).sum()) for value in order}
    title = selection.fields[field]
    panel(
        "How many clips",
        figures.counts_figure(counts, title, labels=field == "emotion"),
        pd.DataFrame({title: list(counts), "Clips": list(counts.values())}),
        key="explore_counts",
        alt=f"Clips by {title.lower()}: " + ", ".join(f"{value} {n}" for value, n in counts.items()),
        read=texts.COUNTS,
        above=above,
    )


def _recognised(selection: Selection) -> None:
    """Show how often people and the model recognise the clips; these figures ignore the filters."""
    above = st.container()
    offered = {field: selection.fields[field] for field in ("emotion", "intensity", "sex", "statement", "actor")}
    field = st.selectbox(
        "Compare by",
        list(offered),
        format_func=offered.get,
        key="explore_recognised_by",
        bind="query-params",
        width=SELECT,
    )
    shares = {"people": dict(human_baseline.BY_FIELD[field])} if field in human_baseline.BY_FIELD else {}
    shares |= answers.model_shares(field)
    if not shares:
        with above:
            st.subheader("Who recognises them", anchor=False)
        st.info(texts.NOBODY_JUDGED, icon=":material/info:")
        return
    data = pd.DataFrame({who: {group: 100 * share for group, share in rates.items()} for who, rates in shares.items()})
    panel(
        "Who recognises them",
        figures.recall_figure(shares, offered[field]),
        data.add_suffix(" right (%)").rename_axis(offered[field]).reset_index(),
        key="explore_recognised",
        alt=f"Share recognised rightly by {field}: {_in_words(shares)}",
        read=texts.RECOGNISED,
        above=above,
    )
    people = f"{human_baseline.SOURCE}; all together {percent(human_baseline.OVERALL)}"
    asked = field in human_baseline.BY_FIELD
    st.caption(f"People: {people}." if asked else texts.no_people(offered[field].lower()))


def _in_words(shares: dict[str, dict[str, float]]) -> str:
    """Return shares of people and models in words, for those who cannot see the chart."""
    parts = []
    for who, rates in shares.items():
        parts.append(f"{who}: " + ", ".join(f"{group} {percent(share)}" for group, share in rates.items()))
    return "; ".join(parts)


def _quality(selection: Selection) -> None:
    clips = selection.table.clips
    at_hand = {
        column: figures.axis_title(name, unit) for column, (name, unit, _) in MEASURES.items() if column in clips
    }
    above = st.container()
    column = st.selectbox(
        "Measure",
        list(at_hand),
        key="explore_measure",
        format_func=lambda column: MEASURES[column][0],
        bind="query-params",
        width=240,
    )
    _, unit, size = MEASURES[column]
    title, values = at_hand[column], clips[column].to_numpy()
    low, middle, high = (true_minus(f"{value:.3g}") for value in np.percentile(values, [0, 50, 100]))
    spread = f"from {low} to {high} {unit}; half of the clips lie under {middle}" if len(clips) > 1 else f"{low} {unit}"
    panel(
        "How they were recorded",
        figures.histogram_figure(values, title, size=None if selection.own else size),
        clips[["name", *at_hand]].rename(columns=at_hand),
        key="explore_quality",
        alt=f"Histogram of {title}: {spread}",
        read=f"{texts.MEASURE[column]} The values go {spread}.",
        above=above,
    )


def _findings(selection: Selection) -> None:
    """Show unusual properties of single files, with their names."""
    clips = selection.table.clips
    stereo = clips.loc[clips["channels"] > 1, "name"].tolist()
    clipped = clips.loc[clips["clipped"] > 0, "name"].tolist()
    found = [
        ("Stereo", stereo, texts.STEREO),
        ("Cut off at full scale", clipped, texts.CUT_OFF),
    ]
    if "sha" in clips:
        same = clips[clips.duplicated("sha", keep=False)].sort_values("sha")
        found.append(("Twins", same["name"].tolist(), texts.TWINS))
    if "snr" in clips:
        found.append(("Noisy", clips.loc[clips["snr"] < 15, "name"].tolist(), texts.NOISY))
    table = pd.DataFrame(
        [(what, len(names), why, ", ".join(names)) for what, names, why in found],
        columns=["Finding", "Clips", "Meaning", "Files"],
    )
    heading("Unusual files", table, "explore_findings")
    st.caption(texts.FINDINGS)
    st.markdown("\n".join(texts.unusual(what, names, why) for what, names, why in found))
