"""Two data sets side by side: one feature in both, and which emotion effects agree."""

import numpy as np
import pandas as pd
import streamlit as st

from pages.common.panel import heading, panel
from pages.explore import texts
from pages.explore.selection import Selection
from ser.exploration.agreement import Agreement, compare_effects, without_speakers
from ser.exploration.effect_sizes import interaction
from ser.features.feature import Feature
from ser.figures.dataset import axis_title
from ser.figures.features import agreement_figure, interaction_figure

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
    if relative:
        values = without_speakers(values[:, None], selection.values("actor"))[:, 0]
    emotions, data_sets = selection.values("emotion"), selection.values("data_set")
    orders = (selection.order("emotion"), list(dict.fromkeys(data_sets.tolist())))
    found = interaction(values, emotions, data_sets, orders)
    unit = f" ({feature.unit})" if feature.unit else ""
    cells = [
        (emotion, data_set, found.means[i, j], found.errors[i, j])
        for i, emotion in enumerate(found.emotions)
        for j, data_set in enumerate(found.intensities)
    ]
    panel(
        f"{feature.name} in each data set",
        interaction_figure(found, feature),
        pd.DataFrame(cells, columns=["Emotion", "Data set", f"Mean{unit}", f"Half of the 95 % interval{unit}"]),
        key="explore_each",
        alt=f"Mean of {feature.name} by emotion in {' and '.join(found.intensities)}, with 95 % intervals",
        read=texts.EACH_DATA_SET,
        above=above,
    )


def agreeing(selection: Selection, set_name: str, group: str) -> None:
    """Show which emotion effects agree between two data sets: by group of features, by emotion, and by feature."""

    def work() -> Agreement:
        speakers, data_sets = selection.values("actor"), selection.values("data_set")
        order = selection.order("emotion")
        matrix, columns = selection.features(set_name, group)
        return compare_effects(matrix, columns, selection.values("emotion"), speakers, data_sets, order=order)

    found = selection.kept("agreement", set_name, group, work=work)
    left, right = st.columns(2, gap="large")
    with left:
        by_group = found.by_group
        _bars("Which emotion effects agree", by_group, "Group", texts.agreement(len(found.emotions)), "explore_agree")
        if len(by_group) > 1:
            st.markdown(texts.agreement_in_words(next(iter(by_group)), list(by_group)[-1]))
    with right:
        by_emotion = dict(zip(found.emotions, found.by_emotion.tolist(), strict=True))
        _bars("By emotion", by_emotion, "Emotion", texts.AGREEMENT_BY_EMOTION, "explore_agree_emotion")
    _strongest(selection, found)


def _bars(title: str, cosines: dict[str, float], what: str, read: str, key: str) -> None:
    panel(
        title,
        agreement_figure(cosines, what),
        pd.DataFrame({what: list(cosines), "Cosine of the effects (-1 to 1)": list(cosines.values())}),
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
