"""A run's scores by emotion, by actor, and by confidence."""

import numpy as np
import pandas as pd
import streamlit as st

from pages.common.panel import panel, reliability_panel
from pages.train.report import texts
from pages.train.workspace import NamedRun
from ser.data.splits import SPEAKER_INDEPENDENT
from ser.evaluation.crossvalidation import CrossValidation
from ser.evaluation.diagnostics import reliability_of, risk_coverage
from ser.evaluation.scores import by_data_set
from ser.figures.report import actors_figure, risk_coverage_figure
from ser.figures.training import per_class_figure
from ser.metrics import Evaluation
from ser.text import percent


def emotions(evaluation: Evaluation) -> None:
    """Show precision, recall and F1 of every emotion."""
    st.markdown(texts.weighted(evaluation))
    panel(
        "Scores of each emotion",
        per_class_figure(evaluation),
        pd.DataFrame([{"emotion": label, **vars(score)} for label, score in evaluation.per_class.items()]),
        key="train_per_class",
        read=texts.PER_CLASS,
        alt="; ".join(
            f"{label}: precision {percent(score.precision)}, recall {percent(score.recall)}, F1 {percent(score.f1)}"
            for label, score in evaluation.per_class.items()
        ),
    )


def actors(evaluation: Evaluation) -> None:
    """Show the UAR of every actor, and its spread."""
    values = np.array(list(evaluation.per_actor_uar.values()))
    if len(values) > 1:
        st.markdown(texts.per_actor(values))
    panel(
        "UAR of each actor",
        actors_figure(evaluation),
        pd.DataFrame(evaluation.per_actor_uar.items(), columns=["actor", "UAR"]),
        key="train_actors",
        read=texts.UNSEEN_ACTORS if evaluation.protocol in SPEAKER_INDEPENDENT else texts.SEEN_ACTORS,
        alt="; ".join(f"actor {actor}: UAR {percent(value)}" for actor, value in evaluation.per_actor_uar.items()),
    )


def trust(entry: NamedRun, judged: CrossValidation) -> None:
    """Show calibration on each data set, and the risk at every coverage."""
    table = entry.run.table
    parts = by_data_set(judged, table)
    curves = {name: reliability_of(part, table) for name, part in parts.items()}
    labels = np.array(judged.evaluation.labels)
    right = labels[judged.probabilities.argmax(axis=1)] == table.labels[judged.rows]
    risk = risk_coverage(judged.probabilities, right)
    left, other = st.columns(2)
    with left:
        reliability_panel(
            curves,
            key="train_reliability",
            read=texts.reliability({name: percent(part.evaluation.ece, 1) for name, part in parts.items()}),
        )
    with other:
        half = risk.risk[max(0, len(risk.risk) // 2 - 1)]
        panel(
            "Answering only when sure",
            risk_coverage_figure(risk),
            pd.DataFrame({"coverage": risk.coverage, "risk": risk.risk}),
            key="train_risk",
            alt="Share of wrong answers by share answered",
            read=texts.risk_coverage(percent(risk.risk[-1]), percent(half)),
        )
