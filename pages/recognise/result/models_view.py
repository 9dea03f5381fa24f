"""What every model at hand answers to one clip, side by side."""

import pandas as pd
import streamlit as st

from pages.common import models
from pages.common.charts import chart
from pages.recognise import extraction, state, texts
from pages.recognise.model_choice import named
from pages.recognise.result import answer
from pages.recognise.state import InputClip
from ser.errors import SerError
from ser.figures.explanation import compared_figure
from ser.inference.clip_features import ClipFeatures, extract_clip
from ser.inference.prediction import Prediction
from ser.model.store import StoredModel
from ser.steps import finish
from ser.text import percent, plain


def compare(clip: InputClip, key: str) -> None:
    """Show the answer of every model at hand to one clip, each beside its score on unseen voices.

    Args:
        clip: which clip.
        key: of the model that answers the page; it comes first.
    """
    answers: dict[str, tuple[StoredModel, Prediction]] = {}
    refusals = []
    for other in sorted(models.keys(), key=lambda each: each != key):
        try:
            stored = models.load(other)
            answers[other] = stored, answer.answer_to(clip, _heard_by(clip, stored, other), stored)
        except SerError as error:
            refusals.append(f"The {named(other)}: {error}")
    for sentence in refusals:
        st.error(plain(sentence), icon=":material/block:")
    if not answers:
        return
    # The first three columns are what a phone shows without scrolling aside.
    st.dataframe(
        pd.DataFrame([_row(other, *both) for other, both in answers.items()]),
        hide_index=True,
        key="recognise_models",
        column_config={
            "Answer": st.column_config.TextColumn(width=108),
            "Unseen voices": st.column_config.TextColumn(width=108, help=texts.UAR_HELP),
        },
    )
    labels = list(dict.fromkeys(label for _, found in answers.values() for label in answer.ranked(found)))
    chart(
        compared_figure({named(other): found.probabilities for other, (_, found) in answers.items()}, labels),
        key="recognise_models_chart",
        alt="Probability of each emotion by model: "
        + "; ".join(f"{named(other)} says {answer.summary(found)}" for other, (_, found) in answers.items()),
    )
    if len(answers) == 1 and not refusals:
        st.caption(texts.ONE_MODEL)
        st.page_link("pages/train/page.py", label="Go to Train", icon=":material/arrow_forward:")


def _row(key: str, stored: StoredModel, found: Prediction) -> dict:
    score = stored.card.held_out_score
    return {
        "Model": named(key),
        "Answer": answer.headword(found),
        "Unseen voices": percent(score.uar) if score else "never judged",
        "Confidence": percent(found.confidence),
        "Tells apart": f"{len(found.probabilities)} emotions",
        "Features": stored.model.feature_set,
    }


def _heard_by(clip: InputClip, stored: StoredModel, key: str) -> ClipFeatures:
    """What a model hears in a clip, worked out once for all that listen to the same; a bar shows how far it is.

    Raises:
        SerError: the clip or the model cannot be used.
    """
    known = extraction.recall(clip, stored.model)
    if isinstance(known, SerError):
        raise known
    if known is None:
        bar = st.progress(0.0, f"The {plain(named(key))} listens …")
        steps = extract_clip(clip.data, stored.model, name=clip.name, decoder=state.current().decoder)
        try:
            # Between two windows a click elsewhere on the page ends this.
            clip_features = finish(steps, lambda share: bar.progress(share, f"The {plain(named(key))} listens …"))
            known = extraction.remember(clip, stored.model, clip_features)
        finally:
            bar.empty()
    return known
