"""The reasons for an answer: effects of feature groups, measured values, and the nearest clips of the data set."""

import pandas as pd
import streamlit as st

from pages.common import resources
from pages.common.charts import chart
from pages.common.player import player
from pages.recognise import state, texts
from pages.recognise.result import answer
from pages.recognise.state import InputClip
from ser.data.data_sets import RAVDESS
from ser.data.table import FeatureTable
from ser.figures.explanation import effects_figure
from ser.inference.clip_features import ClipFeatures
from ser.inference.explanation import SLIGHT, Explanation, explain, nearest, resembled_data_set
from ser.model.emotion_model import EmotionModel
from ser.text import plain

_SENTENCES = 4


def explanation_of(clip: InputClip, clip_features: ClipFeatures, model: EmotionModel) -> Explanation:
    """Return the reasons for an answer, computed only once; a DatasetError says that there is no feature table."""

    def work() -> Explanation:
        table = _table(clip_features, model)
        return explain(clip_features, model, table, profile=answer.profile_for(clip, model))

    return state.kept(answer.voiced("why", clip, model), clip, model, work)


def show(clip: InputClip, clip_features: ClipFeatures, model: EmotionModel, *, key: str = "recognise") -> None:
    """Show the reasons for the answer; `key` begins the keys of its widgets."""
    explanation = explanation_of(clip, clip_features, model)
    usual = "for your voice" if answer.profile_for(clip, model) else f"in {_ordinary(explanation, model)}"
    st.subheader("Why", anchor=False)
    words, bars = st.columns([5, 6], gap="medium")
    with words:
        telling = [each for each in explanation.groups if abs(each.effect) >= SLIGHT or each.towards][:_SENTENCES]
        if telling:
            st.markdown("\n".join(f"- **{each.group}** · {each.sentence()}" for each in telling))
        else:
            st.markdown(texts.NO_REASON)
        first = explanation.groups[0]
        st.caption(texts.effects(usual, first.group, plain(explanation.label), 100 * first.effect))
    with bars:
        chart(
            effects_figure(explanation),
            key=f"{key}_why",
            alt=f"Effect of each group of features on the probability of {explanation.label}, in points: "
            + ", ".join(f"{each.group} {100 * each.effect:+.0f}" for each in explanation.groups),
        )
    with st.expander("Measured values", icon=":material/straighten:"):
        st.dataframe(_measured(explanation), hide_index=True, key=f"{key}_measured")
    st.fragment(_alike)(clip, clip_features, model, key)


def _ordinary(explanation: Explanation, model: EmotionModel) -> str:
    """Return what sets the ordinary values: all that the model learnt from, unless a clip resembles RAVDESS."""
    both = model.gate is not None and explanation.data_set != RAVDESS.title
    return "the data sets that it learnt from" if both else explanation.data_set


def _measured(explanation: Explanation) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "Measured": each.name,
                "Value": each.text,
                "In words": f"{each.word} {each.noun}" if each.word else "ordinary",
                f"Higher than … of {explanation.data_set}": f"{each.percentile:.0f} %",
                "Group": group.group,
            }
            for group in explanation.groups
            for each in group.measurements
        ]
    )


def _alike(clip: InputClip, clip_features: ClipFeatures, model: EmotionModel, key: str) -> None:
    """Show the nearest clips of the data set; they are looked up when the visitor opens the box."""
    box = st.expander(
        "Clips of the data set that sound most like this one",
        icon=":material/group:",
        key=f"{key}_alike",
        on_change="rerun",
    )
    if not box.open:
        return
    table = _table(clip_features, model)
    neighbours = state.kept("alike", clip, model, lambda: nearest(clip_features, model, table))
    recorded = table is resources.table()
    with box:
        for each, column in zip(neighbours, st.columns(len(neighbours)), strict=True):
            with column:
                st.markdown(f"**{each.emotion}** · {each.speaker}")
                st.caption(f"{each.name} · distance {each.distance:.2f}")
                if recorded and (data := resources.recording(each.name)) is not None:
                    player(data, name=each.name, alt=f"The clip {each.name}")
        missing = texts.NEMO_MISSING if not recorded else "" if resources.dataset() else texts.AUDIO_MISSING
        st.caption(texts.ALIKE + missing)


def _table(clip_features: ClipFeatures, model: EmotionModel) -> FeatureTable:
    """Return the clips that a clip is compared with, of the data set that it resembles."""
    return resources.tables((resembled_data_set(clip_features, model),))
