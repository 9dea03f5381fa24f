"""Two data sets side by side: one feature in both, and which emotion effects agree."""

import numpy as np
import pandas as pd
import streamlit as st

from pages.common.panel import heading, panel
from pages.explore.data_sets import texts
from pages.explore.interaction import interaction_panel
from pages.explore.selection import Selection
from ser.errors import DatasetError
from ser.exploration.agreement import Agreement, agreement_of_halves, compare_effects, without_speakers
from ser.exploration.effect_sizes import interaction
from ser.features.feature import Feature
from ser.figures.dataset import axis_title
from ser.figures.features import agreement_figure

_STRONGEST = 30


def in_each_data_set(selection: Selection, values: np.ndarray, feature: Feature) -> None:
    """Show the means of one feature by emotion and data set."""
    above = st.container()
    relative = st.toggle(
        "Against each speaker’s own mean",
        value=True,
        key="explore_each_relative",
        bind="query-params",
        help=texts.OWN_MEAN_HELP,
    )
    emotions, data_sets = selection.values("emotion"), selection.values("data_set")
    titles = list(dict.fromkeys(data_sets.tolist()))
    if relative:
        # An emotion that only one data set has would move the mean of that data set alone.
        shared = set.intersection(*(set(emotions[data_sets == title]) for title in titles))
        counted = np.isin(emotions, list(shared))
        values = without_speakers(values[:, None], selection.values("actor"), counted)[:, 0]
    orders = (selection.order("emotion"), titles)
    found = interaction(values, emotions, data_sets, orders)
    interaction_panel(
        f"{feature.name} in each data set",
        found,
        feature,
        field="Data set",
        key="explore_each",
        read=texts.EACH_DATA_SET[relative],
        above=above,
    )


def agreeing(selection: Selection, set_name: str, group: str) -> None:
    """Show which emotion effects agree between two data sets: by group of features, by emotion, and by feature."""

    found, within = selection.kept("agreement", set_name, group, work=lambda: _compared(selection, set_name, group))
    by_group, by_emotion = found.by_group, dict(zip(found.emotions, found.by_emotion.tolist(), strict=True))
    left, right = st.columns(2, gap="large")
    with left:
        read = texts.agreement(len(found.emotions)) + texts.WITHIN * bool(within)
        _bars("Which emotion effects agree", by_group, "Group", read, "explore_agree", within)
    with right:
        _bars("By emotion", by_emotion, "Emotion", texts.AGREEMENT_BY_EMOTION, "explore_agree_emotion", {})
    st.markdown(_in_words(by_group, within))
    _strongest(selection, found)


def _compared(selection: Selection, set_name: str, group: str) -> tuple[Agreement, dict[str, dict[str, float]]]:
    """Return how far the data sets agree, and data set → group → how far halves of its speakers do."""
    emotions, speakers, data_sets = (selection.values(field) for field in ("emotion", "actor", "data_set"))
    order = selection.order("emotion")
    matrix, columns = selection.features(set_name, group)
    found = compare_effects(matrix, columns, emotions, speakers, data_sets, order=order)
    within = {}
    for title in dict.fromkeys(data_sets.tolist()):
        rows = (data_sets == title) & np.isin(emotions, found.emotions)
        try:
            halves = agreement_of_halves(matrix[rows], columns, emotions[rows], speakers[rows], order=order)
        except DatasetError:  # a half that lacks an emotion has nothing to compare
            continue
        if halves:
            within[title] = halves
    return found, within


def _in_words(by_group: dict[str, float], within: dict[str, dict[str, float]]) -> str:
    """Return the group whose effects agree most, and the one that loses most from one data set to the other."""
    most = next(iter(by_group))
    sentence = texts.agrees_most(most, by_group[most])
    if len(by_group) == 1 or not within:
        return sentence
    at_best = {group: float(np.mean([values[group] for values in within.values()])) for group in by_group}
    loser = max(by_group, key=lambda group: at_best[group] - by_group[group])
    return f"{sentence} {texts.loses_most(loser, at_best[loser], by_group[loser])}"


def _bars(
    title: str, cosines: dict[str, float], what: str, read: str, key: str, within: dict[str, dict[str, float]]
) -> None:
    data = {what: list(cosines), "Between the data sets (cosine)": list(cosines.values())}
    data |= {f"Within {name} (cosine)": [values[each] for each in cosines] for name, values in within.items()}
    panel(
        title,
        agreement_figure(cosines, what, within),
        pd.DataFrame(data),
        key=key,
        alt=f"{title}: " + ", ".join(f"{name} {cosine:.2f}" for name, cosine in cosines.items()),
        read=read,
    )


def _strongest(selection: Selection, found: Agreement) -> None:
    """Show a table of the features with the largest effects in both data sets."""
    columns = found.strongest(_STRONGEST)
    first, second = dict.fromkeys(selection.values("data_set").tolist())
    table = pd.DataFrame(
        {
            "Feature": [axis_title(found.features[i].name, found.features[i].unit) for i in columns],
            "Group": [found.features[i].group for i in columns],
            "Agreement": found.by_feature[columns],
            f"Effect, {first}": found.sizes[0, columns],
            f"Effect, {second}": found.sizes[1, columns],
        }
    )
    heading("The strongest features", table, "explore_agree_features")
    st.caption(texts.STRONGEST)
    number = st.column_config.NumberColumn(format="%.2f")
    st.dataframe(
        table,
        hide_index=True,
        column_config=dict.fromkeys(table.columns[2:], number),
        key="explore_agree_features",
    )
