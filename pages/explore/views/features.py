"""Features: the distribution of one, what explains its variance, its relation to intensity, and correlations."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.common.inputs import choose
from pages.common.panel import heading, panel
from pages.explore import texts
from pages.explore.data_sets.agreement import agreeing, in_each_data_set
from pages.explore.interaction import interaction_panel
from pages.explore.selection import (
    SELECT,
    Selection,
    chosen_features,
    feature_columns,
    pick_features,
    pick_field,
    rare,
    row,
)
from ser.errors import DatasetError
from ser.exploration.effect_sizes import Separation, correlate, eta_squared, interaction, separation
from ser.features.feature import Feature
from ser.features.sets import feature_set
from ser.figures import features as figures
from ser.figures.dataset import axis_title
from ser.inference.explanation import main_features
from ser.text import percent

# How many controls of their own some charts have.
_CONTROLS = {"One feature": 2, "With intensity": 1}
# Features whose value is a pitch, not a range or a change of pitch.
_HEIGHTS = ("f0.mean", "f0.p5", "f0.p50", "f0.p95")
# More could not be read on a phone.
_MOST_CORRELATED = 20


@dataclass(frozen=True)
class FeatureChoice:
    """What is chosen for all charts on features, and where a chart puts choices of its own.

    Attributes:
        set_name: of the feature set.
        group: of features.
        every: whether to offer all features of the group.
        slots: places for controls beside the others, as many as `_CONTROLS` says.
        rare: the popover of rare options.
    """

    set_name: str
    group: str
    every: bool
    slots: tuple[DeltaGenerator, ...]
    rare: DeltaGenerator


def features(selection: Selection) -> None:
    """Show one of several charts on features."""
    sides = {
        "One feature": _one_feature,
        "Emotion or actor?": _emotion_or_actor,
        "With intensity": _with_intensity,
        "Correlations": _correlations,
        "Both data sets": _both_data_sets,
    }
    if selection.own and "intensity" not in selection.fields:
        del sides["With intensity"]
    if not selection.side_by_side:
        del sides["Both data sets"]
    with row():
        side = st.selectbox(
            "Look at", list(sides), key=f"explore_side{selection.suffix}", bind="query-params", width=SELECT
        )
        slots = tuple(st.container(width=SELECT) for _ in range(_CONTROLS.get(side, 0)))
        with rare(chosen_features()) as behind:
            set_name, group = pick_features()
            every = st.toggle(
                texts.every_feature(len(feature_set(set_name).features)),
                key="explore_every_feature",
                bind="query-params",
                help=texts.EVERY_FEATURE_HELP,
            )
    sides[side](selection, FeatureChoice(set_name, group, every, slots, behind))


def _pick_feature(chosen: FeatureChoice) -> int:
    """Ask for one feature, one of those that are easy to picture or one of all in the group; return its column."""
    known, titles = feature_set(chosen.set_name).features, main_features(chosen.set_name)
    names = {known[i].name: i for i in feature_columns(chosen.set_name, chosen.group)}
    main = [name for name in titles if name in names]
    offered = list(names) if chosen.every or not main else main
    name = st.selectbox(
        "Feature",
        offered,
        # Without the unit, which would not fit beside it; the axis has it.
        format_func=lambda name: titles.get(name, name),
        key=f"explore_feature_{chosen.set_name}_{chosen.group}{'_all' * chosen.every}".replace(" ", "_"),
        bind="query-params",
        help=texts.code_names({name: titles[name] for name in main}),
    )
    return names[name]


def _named(set_name: str, column: int) -> tuple[Feature, str]:
    """Return a feature under the name that people give it, and its code name."""
    feature = feature_set(set_name).features[column]
    return replace(feature, name=main_features(set_name).get(feature.name, feature.name)), feature.name


def _one_feature(selection: Selection, chosen: FeatureChoice) -> None:
    with chosen.slots[0]:
        column = _pick_feature(chosen)
    with chosen.slots[1]:
        field = pick_field(selection, "Compare by", "explore_compare_by")
    with chosen.rare:
        shape = choose("Drawn as", figures.SHAPES, key="explore_shape", in_address=True)
    feature, code_name = _named(chosen.set_name, column)
    values, groups = selection.table.matrix(chosen.set_name)[:, column], selection.values(field)
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
            {"Clip": selection.table.clips["name"], title: groups, axis_title(code_name, feature.unit): values}
        ),
        key="explore_distribution",
        alt=f"Distribution of {feature.name} within each {title.lower()}",
        read=_how_to_read(shape, groups)
        + texts.PITCH_ZERO * (code_name in _HEIGHTS)
        + texts.code_name(code_name, feature.name),
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
    st.markdown(texts.variance(parts, len(values)))
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


def _both_data_sets(selection: Selection, chosen: FeatureChoice) -> None:
    agreeing(selection, chosen.set_name, chosen.group)


def _emotion_or_actor(selection: Selection, chosen: FeatureChoice) -> None:
    found = selection.kept(
        "separation",
        chosen.set_name,
        chosen.group,
        work=lambda: _separated(selection, *selection.features(chosen.set_name, chosen.group)),
    )
    who, known = selection.fields["actor"], feature_set(chosen.set_name).features
    table = pd.DataFrame(
        {
            "Feature": [axis_title(feature.name, feature.unit) for feature in found.features],
            "Group": [feature.group for feature in found.features],
            "Emotion": 100 * found.by_emotion,
            who: 100 * found.by_actor,
            "Sex": 100 * found.by_sex,
            "Code name": [known[i].name for i in feature_columns(chosen.set_name, chosen.group)],
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


def _with_intensity(selection: Selection, chosen: FeatureChoice) -> None:
    if "intensity" not in selection.fields:
        st.info(texts.NO_INTENSITY, icon=":material/info:")
        return
    with chosen.slots[0]:
        column = _pick_feature(chosen)
    feature, code_name = _named(chosen.set_name, column)
    values = selection.table.matrix(chosen.set_name)[:, column]
    orders = (selection.order("emotion"), selection.order("intensity"))
    found = interaction(values, selection.values("emotion"), selection.values("intensity"), orders)
    interaction_panel(
        f"{feature.name}, normal and strong",
        found,
        feature,
        field="Intensity",
        key="explore_interaction",
        read=texts.INTERACTION + texts.code_name(code_name, feature.name),
    )
    if len(found.crossed) > 1 and len(found.levels) > 1:
        st.markdown(texts.explained(found))
    else:
        st.caption(texts.NO_INTERACTION)


def _correlations(selection: Selection, chosen: FeatureChoice) -> None:
    def work():
        offered = selection.features if chosen.every else selection.pictured
        matrix, columns = offered(chosen.set_name, chosen.group)
        try:
            weight = eta_squared(matrix, selection.values("emotion"))
        except DatasetError:  # with only one emotion left, no feature is preferred and the first ones are shown
            weight = None
        return correlate(matrix, columns, most=_MOST_CORRELATED, weight=weight)

    found = selection.kept("correlations", chosen.set_name, chosen.group, chosen.every, work=work)
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
