"""Features: the distribution of one, what explains its variance, its relation to intensity, and correlations."""

import numpy as np
import pandas as pd
import streamlit as st

from pages.common.inputs import choose
from pages.common.panel import heading, panel
from pages.explore import texts
from pages.explore.data_sets.agreement import agreeing, in_each_data_set
from pages.explore.selection import Selection, pick_features, pick_field
from ser.errors import DatasetError
from ser.exploration.effect_sizes import Separation, correlate, eta_squared, interaction, separation
from ser.features.feature import Feature
from ser.features.sets import feature_set
from ser.figures import features as figures
from ser.figures.dataset import axis_title
from ser.text import percent


def features(selection: Selection) -> None:
    """Show one of several charts on features."""
    sides = {
        "One feature": _one_feature,
        "Emotion or actor?": _emotion_or_actor,
        "With intensity": _with_intensity,
        "Correlations": _correlations,
        "Both data sets": agreeing,
    }
    if selection.own and "intensity" not in selection.fields:
        del sides["With intensity"]
    if not selection.side_by_side:
        del sides["Both data sets"]
    side = choose(
        "Look at",
        list(sides),
        key=f"explore_side{selection.suffix}",
        in_address=True,
        wrap=True,
    )
    set_name, group = pick_features()
    sides[side](selection, set_name, group)


def _pick_feature(selection: Selection, set_name: str, group: str) -> int:
    known = feature_set(set_name).features
    columns = selection.columns(set_name, group)
    names = {known[i].name: i for i in columns}
    return names[
        st.selectbox(
            "Feature",
            list(names),
            format_func=lambda name: axis_title(name, known[names[name]].unit),
            key=f"explore_feature_{set_name}_{group}".replace(" ", "_"),
            bind="query-params",
        )
    ]


def _one_feature(selection: Selection, set_name: str, group: str) -> None:
    column = _pick_feature(selection, set_name, group)
    feature = feature_set(set_name).features[column]
    left, right = st.columns([3, 2])
    with left:
        field = pick_field(selection, "Compare by", "explore_compare_by")
    with right:
        shape = choose(
            "Drawn as",
            figures.SHAPES,
            key="explore_shape",
            in_address=True,
        )
    values, groups = selection.table.matrix(set_name)[:, column], selection.values(field)
    title = selection.fields[field]
    panel(
        f"{feature.name} by {title.lower()}",
        figures.distribution_figure(
            values,
            groups,
            selection.order(field),
            feature,
            selection.names,
            title=title,
            labels=field == "emotion",
            shape=shape,
        ),
        pd.DataFrame(
            {"Clip": selection.table.clips["name"], title: groups, axis_title(feature.name, feature.unit): values}
        ),
        key="explore_distribution",
        alt=f"Distribution of {feature.name} within each {title.lower()}",
        read=_how_to_read(shape, groups),
    )
    _explained(selection, values, feature)
    if selection.side_by_side:
        in_each_data_set(selection, values, feature)


def _how_to_read(shape: str, groups: np.ndarray) -> str:
    sizes, fewest = np.unique(groups, return_counts=True)[1], figures.FEWEST_FOR_VIOLIN
    if sizes.max() < fewest:
        return texts.FEW_CLIPS
    few = texts.some_few_clips(fewest) if sizes.min() < fewest else ""
    return f"{texts.SHAPE[shape]}{few}"


def _explained(selection: Selection, values, feature: Feature) -> None:
    """Show sentences on how much of the feature's variance emotion, actor and sex explain."""
    parts = {
        selection.fields[field].lower(): eta_squared(values[:, None], selection.values(field))[0]
        for field in ("emotion", "actor", "sex")
        if field in selection.fields and len(selection.order(field)) > 1
    }
    if not parts:
        return
    shares = [f"the **{word}** explains **{percent(share)}** of its variance" for word, share in parts.items()]
    sentence = ", ".join(shares)
    st.markdown(f"{sentence[0].upper()}{sentence[1:]} (eta²) among these {len(values):,} clips.")
    found = _separation_or_none(selection, values[:, None], [feature])
    if found:
        st.markdown(f"**This one {found.verdict(0, selection.fields['actor'].lower())}.**")


def _separation_or_none(selection: Selection, matrix, columns) -> Separation | None:
    try:
        return _separated(selection, matrix, columns)
    except DatasetError:  # with only one emotion or actor left, the shares above are all there is
        return None


def _separated(selection: Selection, matrix, columns) -> Separation:
    sexes = selection.values("sex") if "sex" in selection.fields else None
    return separation(matrix, columns, selection.values("emotion"), selection.values("actor"), sexes)


def _emotion_or_actor(selection: Selection, set_name: str, group: str) -> None:
    found = selection.kept(
        "separation", set_name, group, work=lambda: _separated(selection, *selection.features(set_name, group))
    )
    who = selection.fields["actor"]
    table = pd.DataFrame(
        {
            "Feature": [axis_title(feature.name, feature.unit) for feature in found.features],
            "Group": [feature.group for feature in found.features],
            "Emotion": 100 * found.by_emotion,
            who: 100 * found.by_actor,
            "Sex": 100 * found.by_sex,
            "What it tells": [found.verdict(i, who.lower()) for i in range(len(found.features))],
        }
    )
    if "sex" not in selection.fields:
        del table["Sex"]
    panel(
        "What each feature tells",
        figures.separation_figure(found),
        table,
        key="explore_separation",
        alt="Every feature by the share of its variance that the emotion and that the actor explains",
        read=texts.separation(percent(found.chance_emotion, 1), percent(found.chance_actor, 1), who.lower()),
    )
    verdicts = table["What it tells"].value_counts()
    heading("Every feature", table, "explore_ranking")
    st.caption(
        "Share of the variance (eta², %) that each explains"
        + (f"; sex is part of {who.lower()}. " if "Sex" in table else ". ")
        + "Of these features, "
        + "; ".join(f"{number:,} {_plural(verdict) if number > 1 else verdict}" for verdict, number in verdicts.items())
        + "."
    )
    share = st.column_config.ProgressColumn(format="%.0f %%", min_value=0, max_value=100, width="small")
    st.dataframe(
        table.iloc[sorted(table.index, key=lambda row: -table["Emotion"][row])],
        hide_index=True,
        column_config=dict.fromkeys(("Emotion", who, "Sex"), share),
        key="explore_ranking",
    )


def _plural(verdict: str) -> str:
    return verdict.replace("tells", "tell")


def _with_intensity(selection: Selection, set_name: str, group: str) -> None:
    if "intensity" not in selection.fields:
        st.info(texts.NO_INTENSITY, icon=":material/info:")
        return
    column = _pick_feature(selection, set_name, group)
    feature = feature_set(set_name).features[column]
    values = selection.table.matrix(set_name)[:, column]
    orders = (selection.order("emotion"), selection.order("intensity"))
    found = interaction(values, selection.values("emotion"), selection.values("intensity"), orders)
    unit = f" ({feature.unit})" if feature.unit else ""
    cells = [
        (emotion, intensity, found.means[i, j], found.errors[i, j])
        for i, emotion in enumerate(found.emotions)
        for j, intensity in enumerate(found.intensities)
    ]
    panel(
        f"{feature.name}, normal and strong",
        figures.interaction_figure(found, feature),
        pd.DataFrame(cells, columns=["Emotion", "Intensity", f"Mean{unit}", f"Half of the 95 % interval{unit}"]),
        key="explore_interaction",
        alt=f"Mean of {feature.name} by emotion and intensity, with 95 % intervals",
        read=texts.INTERACTION,
    )
    if len(found.crossed) > 1 and len(found.intensities) > 1:
        st.markdown(texts.explained(found))
    else:
        st.caption(texts.NO_INTERACTION)


def _correlations(selection: Selection, set_name: str, group: str) -> None:
    def work():
        matrix, columns = selection.features(set_name, group)
        try:
            weight = eta_squared(matrix, selection.values("emotion"))
        except DatasetError:  # with only one emotion left, no feature is preferred and the first ones are shown
            weight = None
        return correlate(matrix, columns, weight=weight)

    found = selection.kept("correlations", set_name, group, work=work)
    names = [feature.name for feature in found.features]
    left_out = texts.left_out(found.left_out) if found.left_out else ""
    panel(
        "Which features say the same",
        figures.correlation_figure(found),
        pd.DataFrame(found.values, columns=names).set_axis(names).rename_axis("Feature").reset_index(),
        key="explore_correlations",
        alt=f"Correlations between {len(names)} features",
        read=texts.correlations(len(names), left_out),
    )
