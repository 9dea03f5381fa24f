"""The choice of the model that answers, and its score."""

import streamlit as st

from pages.common import models
from pages.recognise import texts
from ser.errors import ModelStoreError
from ser.model.card import ModelCard
from ser.model.store import DEFAULT_NAME, StoredModel
from ser.text import percent

_SHIPPED = {DEFAULT_NAME: "shipped model", "notebook": "notebook’s model"}


def pick() -> str:
    """Let the visitor choose a model if there are several, and return its key."""
    keys = models.keys()
    if not keys:
        raise ModelStoreError(texts.NO_MODEL)
    chosen = models.current()
    chosen.in_use = chosen.in_use if chosen.in_use in keys else keys[0]
    if len(keys) == 1:
        st.markdown(f"Answered by the **{named(chosen.in_use)}**")
    else:
        chosen.in_use = st.selectbox(
            "Answered by the",
            keys,
            index=keys.index(chosen.in_use),
            format_func=named,
            key="recognise_model",
            width=360,
        )
    return chosen.in_use


def introduce(key: str) -> StoredModel:
    """Show a model's score on unseen voices, and return the model; a ModelStoreError says why it cannot be used."""
    stored = models.load(key)
    st.caption(in_words(stored.card))
    return stored


def in_words(card: ModelCard) -> str:
    """Return a sentence on how often a model is right on held-out speakers."""
    score = card.held_out_score
    if score is None:
        return texts.NEVER_JUDGED
    low, high = score.uar_interval
    n = len(score.labels)
    others = [each for each in card.scores if each.protocol == score.protocol and each.data_set != score.data_set]
    data_set = f" of {score.data_set}" if others else ""
    sentences = [texts.right_on_unseen_voices(percent(score.uar), n, percent(low), percent(high), data_set)]
    sentences += [texts.right_on_others(each.data_set, percent(each.uar), len(each.labels)) for each in others]
    return " ".join(sentences)


def named(key: str) -> str:
    """Return a model's name for use in a sentence."""
    if key in _SHIPPED:
        return _SHIPPED[key]
    own = {models.own_key(name): name for name in models.current().own}
    return f"model {own[key]} (yours)" if key in own else f"model {key}"
