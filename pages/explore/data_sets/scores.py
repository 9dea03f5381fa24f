"""How well the shipped model does on each data set, out of its card."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from pages.common import resources
from pages.common.panel import heading, panel, reliability_panel
from pages.explore.data_sets import texts
from ser.data.data_sets import DATA_SETS, DataSet, corpora_of
from ser.evaluation.diagnostics import Reliability
from ser.figures.dataset import recall_figure
from ser.model.card import ModelCard, Score
from ser.text import count

# An interval over fewer speakers says nothing.
_FEWEST_SPEAKERS = 8
_BY_TITLE = {entry.title: entry for entry in DATA_SETS.values()}


def recognised_by_the_model(corpora: Sequence[str]) -> None:
    """Show how often the shipped model recognises each emotion of some data sets."""
    card, titles = resources.shipped_card(), [DATA_SETS[corpus].title for corpus in corpora]
    scores = [score for score in card.scores if score.data_set in titles] if card else []
    if not scores:
        st.subheader("How often the model is right", anchor=False)
        st.info(texts.NO_SCORES, icon=":material/info:")
        return
    # One bar group a data set; the card has each emotion's share under its name.
    shares = {score.data_set: dict(score.details["per_class_recall"]) for score in scores}
    data = pd.DataFrame({title: {label: 100 * share for label, share in by.items()} for title, by in shares.items()})
    panel(
        "How often the model is right",
        recall_figure(shares, "Emotion"),
        data.add_suffix(", right (%)").rename_axis("Emotion").reset_index(),
        key="explore_recognised",
        alt="Share recognised rightly by the shipped model, by emotion",
        read=texts.RECOGNISED_BY_THE_MODEL,
    )


def scores_by_data_set() -> None:
    """Show a table of the data sets that the shipped model learnt from or was judged on, with its scores."""
    card = resources.shipped_card()
    table = score_table(card) if card else pd.DataFrame()
    if table.empty:
        return
    heading("The model on each data set", table, "explore_scores")
    st.caption(texts.SCORES)
    # A column for each data set, so that a phone shows the whole table.
    st.table(table.set_index("Data set").map(_written).T, border="horizontal")
    if card:
        _confidence(card)


def _confidence(card: ModelCard) -> None:
    """Show how often answers of each confidence were right, by data set."""
    found = {score.data_set: Reliability.of_score(score) for score in reversed(card.scores)}
    curves = {title: curve for title, curve in reversed(found.items()) if curve is not None}
    if not curves:
        return
    reliability_panel(curves, key="explore_reliability", read=texts.CONFIDENCE)


def score_table(card: ModelCard) -> pd.DataFrame:
    """Return a row for each data set that a model learnt from or was judged on."""
    learnt = [DATA_SETS[corpus].title for corpus in corpora_of(card.trained_on.actors)]
    # A card may have several protocols for one data set; the first counts.
    scores = {score.data_set: score for score in reversed(card.scores)}
    titles = dict.fromkeys([*learnt, *(score.data_set for score in card.scores)])
    return pd.DataFrame([_row(title, _BY_TITLE.get(title), scores.get(title), title in learnt) for title in titles])


def _row(title: str, entry: DataSet | None, score: Score | None, learnt: bool) -> dict:
    row = {
        "Data set": title,
        "Language": entry.language if entry else "",
        "Learnt from": "yes, other speakers of it" if learnt else "no",
        "Judged on": _judged_on(score, entry, learnt),
    }
    if score is None:
        return row
    n_speakers = len(score.details.get("per_actor_uar", ())) or len(entry.speakers if entry else ())
    low, high = score.uar_interval
    row |= {
        "Clips": score.n_clips,
        "Right by chance (%)": 100 / len(score.labels),
        "Right answers (UAR, %)": 100 * score.uar,
        "Probably between (95 %)": f"{100 * low:.1f} to {100 * high:.1f}" if n_speakers >= _FEWEST_SPEAKERS else "",
    }
    adapted = score.details.get("unlabelled_uar_by_clips", {})
    row |= {f"… after {count(int(n), 'clip')} of the speaker (%)": 100 * uar for n, uar in adapted.items()}
    row |= {"Confidence off by, on average (ECE, points)": 100 * score.ece}
    if sets := score.details.get("conformal"):
        row |= {
            "Right one on the shortlist (%)": 100 * sets["coverage"],
            "Emotions on the shortlist": sets["mean_size"],
        }
    return row


def _written(value: object) -> str:
    """Return a cell as it is read; a missing number is empty."""
    if isinstance(value, float):
        return "" if np.isnan(value) else f"{value:.1f}" if value % 1 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _judged_on(score: Score | None, entry: DataSet | None, learnt: bool) -> str:
    if score is None:
        return "no"
    if learnt:
        return "each speaker, left out of the training"
    return (
        "all speakers. Of several models, one that did well here was chosen, so the figures are a little too good"
        if entry and entry.development
        else "all speakers"
    )
