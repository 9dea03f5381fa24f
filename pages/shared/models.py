"""Which model answers, and how far to trust it."""

import streamlit as st

from pages.shared import resources, session
from pages.shared.words import percent
from ser.errors import ModelStoreError
from ser.splits import SPEAKER_INDEPENDENT
from ser.store import DEFAULT_NAME, StoredModel


def pick() -> str:
    """Offer a choice where there are several models, and return the key of the one that answers.

    Raises:
        ModelStoreError: there is no model.
    """
    keys = resources.model_keys()
    if not keys:
        raise ModelStoreError("No model is at hand. Make one on the Train page, or with `python -m ser train`.")
    me = session.visitor()
    me.model = me.model if me.model in keys else keys[0]
    if len(keys) > 1:
        me.model = st.selectbox(
            "Which model answers",
            keys,
            index=keys.index(me.model),
            format_func=_named,
            key="recognise_model",
            width=360,
        )
    return me.model


def introduce(key: str) -> StoredModel:
    """Say which model answers and how well it does on unseen voices, and return it.

    Raises:
        ModelStoreError: it cannot be used.
    """
    stored = resources.model(key)
    st.markdown(f"Answered by the **{_named(key)}**")
    st.caption(track_record(stored.card))
    return stored


def track_record(card: dict) -> str:
    """Return in a sentence how often a model is right on voices it never heard.

    Args:
        card: as `ser.store.StoredModel.card`.
    """
    for score in card["scores"]:
        # Any other protocol has the same voices on both sides, and its score flatters.
        if score["protocol"] in SPEAKER_INDEPENDENT:
            low, high = score["uar_interval"]
            n = len(score["labels"])
            return (
                f"On voices that it never heard it is right for **{percent(score['uar'])}** of clips, each of its {n} "
                f"emotions counting the same (95 % interval {percent(low)} to {percent(high)}; guessing: 1 in {n})."
            )
    return "This model was never judged on voices that it had not heard: take its answers lightly."


def _named(key: str) -> str:
    if key == DEFAULT_NAME:
        return "shipped model"
    own = {session.own_key(name): name for name in session.visitor().models}
    return f"model {own[key]} (yours)" if key in own else f"model {key}"
