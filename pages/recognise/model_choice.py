"""The choice of the model that answers, and its score, behind a small button at the inputs."""

from collections.abc import Sequence

import streamlit as st

from pages.common import models
from pages.recognise import texts
from pages.recognise.examples.clips import answering
from pages.recognise.state import InputClip
from ser.errors import ModelStoreError
from ser.model.card import ModelCard
from ser.model.store import DEFAULT_NAME, StoredModel
from ser.text import percent

_CHOICE = "recognise_model"
_SHIPPED = {
    DEFAULT_NAME: "shipped model",
    "notebook": "notebook’s model",
    models.EXAMPLES_KEY: "copy without this actor",
}


def pick(clips: Sequence[InputClip]) -> tuple[str, StoredModel]:
    """Let the visitor choose a model if there are several, and say how often it is right.

    Return the key of the model that answers these clips, and the model; a ModelStoreError says why it cannot be used.
    """
    keys = models.keys()
    if not keys:
        raise ModelStoreError(texts.NO_MODEL)
    chosen = models.current()
    chosen.in_use = chosen.in_use if chosen.in_use in keys else keys[0]
    key = answering(chosen.in_use, clips)
    with st.popover(
        texts.model(named(key).removeprefix("model ") if key == chosen.in_use else texts.A_STAND_IN),
        icon=":material/psychology:",
        key="recognise_model_box",
    ):
        if len(keys) > 1:
            st.session_state[_CHOICE] = chosen.in_use
            st.selectbox("Model", keys, format_func=named, key=_CHOICE, on_change=_use)
        st.markdown(texts.MODELS if len(keys) > 1 else texts.ONE_MODEL)
        stored = models.load(key)
        if key != chosen.in_use:
            st.markdown(texts.STANDS_IN)
        score = stored.card.held_out_score
        st.markdown(in_words(stored.card), help=score and texts.interval(*map(percent, score.uar_interval)))
    return key, stored


def _use() -> None:
    models.current().in_use = st.session_state[_CHOICE]


def in_words(card: ModelCard) -> str:
    """Return sentences on how often a model is right on held-out speakers."""
    score = card.held_out_score
    if score is None:
        return texts.NEVER_JUDGED
    others = [each for each in card.scores if each.protocol == score.protocol and each.data_set != score.data_set]
    data_set = f" of {score.data_set}" if others else ""
    sentences = [texts.right_on_unseen_voices(percent(score.uar), len(score.labels), data_set)]
    sentences += [texts.right_on_others(each.data_set, percent(each.uar), len(each.labels)) for each in others]
    return " ".join(sentences)


def named(key: str) -> str:
    """Return a model's name for use in a sentence."""
    if key in _SHIPPED:
        return _SHIPPED[key]
    own = {models.own_key(name): name for name in models.current().own}
    return f"model {own[key]} (yours)" if key in own else f"model {key}"
