"""A run's report as files: one HTML page with all charts, and tables as CSV."""

import json
from typing import Any

import numpy as np

from ser.data.splits import PROTOCOLS, SPEAKER_INDEPENDENT
from ser.data.table import FeatureTable
from ser.evaluation.crossvalidation import CrossValidation
from ser.evaluation.diagnostics import hardest, reliability_of, risk_coverage
from ser.evaluation.scores import by_data_set
from ser.experiments.run import RunSnapshot
from ser.figures import report as figures
from ser.figures import training as training_figures
from ser.inference.results import csv_line
from ser.reports.page import charts_of, render
from ser.text import percent


def answers_csv(judged: CrossValidation, table: FeatureTable) -> str:
    """CSV with one row a scored clip: who spoke, what was answered, and the probability of every emotion."""
    labels = judged.evaluation.labels
    lines = [csv_line(["clip", "actor", "actual", "answered", "right", *(f"p_{label}" for label in labels)])]
    for row, answer in zip(judged.rows, judged.probabilities, strict=True):
        actual, answered = str(table.labels[row]), labels[int(answer.argmax())]
        name = table.clips["name"].iloc[row]
        lines.append(csv_line([name, table.actors[row], actual, answered, int(actual == answered), *answer.tolist()]))
    return "".join(lines)


def report_run(name: str, snapshot: RunSnapshot, table: FeatureTable) -> str:
    """A run's report as one page that needs nothing else.

    Args:
        name: of the run.
        snapshot: of a run that has a score.
        table: its clips.

    Returns:
        HTML, with the charts' program inside.
    """
    judged = snapshot.unseen or snapshot.judged
    if judged is None:
        raise ValueError("The run has no score yet, so there is nothing to report.")
    settings = (snapshot.replay or snapshot.settings).to_json()
    return render(
        "run.html",
        title=name,
        scores=[
            _score(part, f" of {title}" if each.others else "")
            for each in (snapshot.judged, snapshot.counterpart)
            if each is not None
            for title, part in by_data_set(each, table).items()
        ],
        gap=explain_gap(snapshot.leaking, snapshot.unseen) if snapshot.leaking and snapshot.unseen else "",
        charts=charts_of(_figures(snapshot, judged, table)).values(),
        hardest=[
            (clip.name, clip.actor, clip.actual, clip.answered, percent(clip.confidence))
            for clip in hardest(judged, table, 20)
        ],
        settings=json.dumps(settings, indent=1, ensure_ascii=False),
    )


def _figures(snapshot: RunSnapshot, judged: CrossValidation, table: FeatureTable) -> dict[str, tuple[str, Any]]:
    evaluation = judged.evaluation
    right = np.array(evaluation.labels)[judged.probabilities.argmax(axis=1)] == table.labels[judged.rows]
    curves = {name: reliability_of(part, table) for name, part in by_data_set(judged, table).items()}
    charts = [
        ("Loss", training_figures.loss_figure(snapshot.reports)),
        ("UAR", training_figures.uar_figure(snapshot.reports, len(snapshot.settings.emotions))),
        ("Clips by actual and predicted emotion", training_figures.confusion_figure(evaluation)),
        ("Scores of each emotion", training_figures.per_class_figure(evaluation)),
        ("Actors", figures.actors_figure(evaluation)),
        ("As right as it is confident?", figures.reliability_figure(curves)),
        ("Answering only when sure", figures.risk_coverage_figure(risk_coverage(judged.probabilities, right))),
    ]
    return {title: (title, figure) for title, figure in charts}


def explain_gap(leaking: CrossValidation, unseen: CrossValidation) -> str:
    """Why the same settings score differently on actors that they were trained on and on held-out ones."""
    gap = 100 * (leaking.evaluation.accuracy - unseen.evaluation.accuracy)
    if gap > 0:
        return (
            f"The same settings lose {gap:.0f} points of accuracy on new voices. In the leaky test, the model knows "
            "how these people sound, and that helps it. A new person gets the fair score."
        )
    return (
        "Here the leaky test is no better than the fair one, which is rare. The model knows the voices of a leaky "
        "test, so that its score is usually too good."
    )


def _score(judged: CrossValidation, data_set: str) -> dict[str, str]:
    evaluation = judged.evaluation
    low, high = evaluation.uar_interval
    unseen = evaluation.protocol in SPEAKER_INDEPENDENT
    return {
        "protocol": PROTOCOLS[evaluation.protocol],
        "clips": f"{evaluation.n_clips:,}",
        "whom": f"unseen actors{data_set}" if unseen else f"the same actors{data_set} on both sides",
        "uar": percent(evaluation.uar, 1),
        "level": percent(0.95),
        "low": percent(low),
        "high": percent(high),
        "accuracy": percent(evaluation.accuracy, 1),
        "ece": percent(evaluation.ece, 1),
    }
