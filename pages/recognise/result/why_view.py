"""The reasons for an answer: effects of feature groups, measured values, and the nearest clips of the data set."""

import pandas as pd
import streamlit as st

from pages.common import resources
from pages.common.charts import chart
from pages.common.player import player
from pages.recognise import state, texts
from pages.recognise.result import answer
from pages.recognise.state import InputClip
from ser.figures.explanation import effects_figure
from ser.inference.clip_features import ClipFeatures
from ser.inference.explanation import SLIGHT, Explanation, explain, nearest
from ser.model.emotion_model import EmotionModel

_SENTENCES = 4
_ALIKE = "recognise_alike"


def explanation_of(clip: InputClip, clip_features: ClipFeatures, model: EmotionModel) -> Explanation:
    """Return the reasons for an answer, computed only once; a DatasetError says that there is no feature table."""

    def work() -> Explanation:
        return explain(clip_features, model, resources.table(), profile=answer.profile_for(clip, model))

    return state.kept(answer.voiced("why", clip, model), clip, model, work)


def show(clip: InputClip, clip_features: ClipFeatures, model: EmotionModel) -> None:
    """Show the reasons for the answer."""
    explanation = explanation_of(clip, clip_features, model)
    usual = "for your voice" if answer.profile_for(clip, model) else "in the data set"
    st.subheader("Why", anchor=False)
    words, bars = st.columns([5, 6], gap="medium")
    with words:
        telling = [each for each in explanation.groups if abs(each.effect) >= SLIGHT or each.towards][:_SENTENCES]
        if telling:
            st.markdown("\n".join(f"- {each.sentence()}" for each in telling))
        else:
            st.markdown(texts.NO_REASON)
        st.caption(texts.effects(usual))
    with bars:
        chart(
            effects_figure(explanation),
            key="recognise_why",
            alt=f"Effect of each group of features on the probability of {explanation.label}, in points: "
            + ", ".join(f"{each.group} {100 * each.effect:+.0f}" for each in explanation.groups),
        )
    with st.expander("Measured values", icon=":material/straighten:"):
        st.dataframe(_measured(explanation), hide_index=True, key="recognise_measured")
    st.fragment(_alike)(clip, clip_features, model)


def _measured(explanation: Explanation) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "Measured": each.name,
                "Value": each.text,
                "In words": f"{each.word} {each.noun}" if each.word else "ordinary",
                "Higher than … of the data set": f"{each.percentile:.0f} %",
                "Group": group.group,
            }
            for group in explanation.groups
            for each in group.measurements
        ]
    )


def _alike(clip: InputClip, clip_features: ClipFeatures, model: EmotionModel) -> None:
    """Show the nearest clips of the data set; they are looked up when the visitor opens the box."""
    box = st.expander(
        "Clips of the data set that sound most alike", icon=":material/group:", key=_ALIKE, on_change="rerun"
    )
    if not box.open:
        return
    neighbours = state.kept("alike", clip, model, lambda: nearest(clip_features, model, resources.table()))
    with box:
        for each, column in zip(neighbours, st.columns(len(neighbours)), strict=True):
            with column:
                st.markdown(f"**{each.emotion}** · actor {each.actor}")
                st.caption(f"{each.name} · distance {each.distance:.2f}")
                if (data := resources.recording(each.name)) is not None:
                    player(data, name=each.name, alt=f"The clip {each.name}")
        st.caption(texts.ALIKE + ("" if resources.dataset() else texts.AUDIO_MISSING))
