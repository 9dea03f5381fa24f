"""The answers of all models to one clip, side by side."""

from functools import partial

import pandas as pd
import streamlit as st

from pages.common import models
from pages.common.charts import chart
from pages.common.progress import wait_for
from pages.common.server.counters import sentence_of
from pages.recognise import extraction, texts
from pages.recognise.model_choice import named
from pages.recognise.result import answer
from pages.recognise.state import InputClip
from ser.errors import SerError
from ser.figures.explanation import answers_figure
from ser.inference.clip_features import ClipFeatures, FeatureDemand, extract_clip
from ser.inference.prediction import Prediction
from ser.model.store import StoredModel
from ser.text import percent, plain


def compare(clip: InputClip, key: str) -> None:
    """Show the answer of every model to one clip, beside its score on unseen voices; the model `key` comes first."""
    answers: dict[str, tuple[StoredModel, Prediction]] = {}
    refusals = []
    keys = list(dict.fromkeys([key, *models.keys()]))
    for number, other in enumerate(keys, start=1):
        try:
            stored = models.load(other)
            answers[other] = (
                stored,
                answer.answer_to(
                    clip, _features_for(clip, stored, texts.asking(number, len(keys), named(other))), stored
                ),
            )
        except SerError as error:
            refusals.append(f"The {named(other)}: {sentence_of(error)}")
    for sentence in refusals:
        st.error(plain(sentence), icon=":material/block:")
    if not answers:
        return
    # A phone shows the first three columns without scrolling sideways.
    st.dataframe(
        pd.DataFrame([_row(other, *both) for other, both in answers.items()]),
        hide_index=True,
        key="recognise_models",
        column_config={
            "Answer": st.column_config.TextColumn(width=108),
            "New voices": st.column_config.TextColumn(width=108, help=texts.UAR_HELP),
        },
    )
    labels = list(dict.fromkeys(label for _, prediction in answers.values() for label in answer.ranked(prediction)))
    chart(
        answers_figure({named(other): prediction.probabilities for other, (_, prediction) in answers.items()}, labels),
        key="recognise_models_chart",
        alt="Probability of each emotion by model: "
        + "; ".join(f"{named(other)} says {answer.summary(prediction)}" for other, (_, prediction) in answers.items()),
    )
    if len(answers) == 1 and not refusals:
        st.caption(texts.ONE_MODEL)
        st.page_link("pages/train/page.py", label="Go to Train", icon=":material/arrow_forward:")


def _row(key: str, stored: StoredModel, prediction: Prediction) -> dict:
    score = stored.card.held_out_score
    return {
        "Model": named(key),
        "Answer": answer.headword(prediction),
        "New voices": percent(score.uar) if score else "never tested",
        "Confidence": percent(prediction.confidence),
        "Tells apart": f"{len(prediction.probabilities)} emotions",
        "Features": stored.model.feature_set,
    }


def _features_for(clip: InputClip, stored: StoredModel, doing: str) -> ClipFeatures:
    """Return the features of a clip for a model, extracted only once; a SerError says why there are none.

    `doing` stands above the bar that shows the progress.
    """
    known = extraction.recall(clip, stored.model)
    if isinstance(known, SerError):
        raise known
    if known is None:
        bar = st.progress(0.0, plain(doing))
        show = partial(bar.progress, text=plain(doing))
        try:
            # A click elsewhere on the page ends this between two windows.
            demand = FeatureDemand.from_model(stored.model)
            clip_features = wait_for(extract_clip, clip.data, demand, name=clip.name, show=show)
            known = extraction.remember(clip, stored.model, clip_features)
        finally:
            bar.empty()
    return known
