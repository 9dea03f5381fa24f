"""A run's report as files: one HTML page with all charts, and tables as CSV."""

import html
import json

import numpy as np

from ser.data.splits import PROTOCOLS, SPEAKER_INDEPENDENT
from ser.data.table import FeatureTable
from ser.evaluation.crossvalidation import CrossValidation
from ser.evaluation.diagnostics import hardest, reliability, risk_coverage
from ser.experiments.run import RunSnapshot
from ser.figures import report as figures
from ser.figures import training as training_figures
from ser.inference.results import csv_line
from ser.reports.answer_report import PRINTED
from ser.text import percent

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1d2330; }
table { border-collapse: collapse; } td, th { padding: .2rem .8rem .2rem 0; text-align: left; }
pre { background: #f3f5f9; padding: 1rem; overflow-x: auto; } figure { margin: 0; }
"""


def answers_csv(judged: CrossValidation, table: FeatureTable) -> str:
    """Every scored clip: who, what, what was answered, and how probable everything was.

    Args:
        judged: answers to clips of the table.
        table: the clips.

    Returns:
        CSV with a header.
    """
    labels = judged.evaluation.labels
    lines = [csv_line(["clip", "actor", "actual", "answered", "right", *(f"p_{label}" for label in labels)])]
    for row, answer in zip(judged.rows, judged.probabilities, strict=True):
        actual, answered = str(table.labels[row]), labels[int(answer.argmax())]
        name = table.clips["name"].iloc[row]
        lines.append(csv_line([name, table.actors[row], actual, answered, int(actual == answered), *answer.tolist()]))
    return "".join(lines)


def report_html(name: str, snapshot: RunSnapshot, table: FeatureTable) -> str:
    """A run's report as one page that needs nothing else.

    Args:
        name: of the run.
        snapshot: of a run that has a score.
        table: its clips.

    Returns:
        HTML, with the charts' program inside.
    """
    parts = [f"<h1>{html.escape(name)}</h1>"]
    for judged in (snapshot.judged, snapshot.counterpart):
        if judged is not None:
            parts.append(_scores(judged))
    if snapshot.leaking is not None and snapshot.unseen is not None:
        parts.append(f"<p>{html.escape(explain_gap(snapshot.leaking, snapshot.unseen))}</p>")
    charts = [
        ("Loss", training_figures.loss_figure(snapshot.reports)),
        ("UAR", training_figures.uar_figure(snapshot.reports, len(snapshot.settings.emotions))),
    ]
    judged = snapshot.unseen or snapshot.judged
    evaluation = judged.evaluation
    right = np.array(evaluation.labels)[judged.probabilities.argmax(axis=1)] == table.labels[judged.rows]
    charts += [
        ("Clips by actual and predicted emotion", training_figures.confusion_figure(evaluation)),
        ("Scores of each emotion", training_figures.per_class_figure(evaluation)),
        ("Actors", figures.actors_figure(evaluation)),
        ("As right as it is confident?", figures.reliability_figure(reliability(judged.probabilities, right))),
        ("Answering only when sure", figures.risk_coverage_figure(risk_coverage(judged.probabilities, right))),
    ]
    for place, (title, figure) in enumerate(charts):
        figure.update_layout(template="plotly_white")
        drawn = figure.to_html(full_html=False, include_plotlyjs=place == 0, config={"displaylogo": False})
        parts.append(f"<h2>{html.escape(title)}</h2><figure>{drawn}</figure>")
    parts.append(_hardest(judged, table))
    settings = (snapshot.replay or snapshot.settings).to_json()
    parts.append(f"<h2>Settings</h2><pre>{html.escape(json.dumps(settings, indent=1, ensure_ascii=False))}</pre>")
    title = html.escape(name)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}{PRINTED}</style></head><body>{''.join(parts)}</body></html>"
    )


def explain_gap(leaking: CrossValidation, unseen: CrossValidation) -> str:
    """Why the same settings score differently with the same actors on both sides and with unseen ones.

    Args:
        leaking: judged with the same actors on both sides.
        unseen: judged on actors that were not learnt from.

    Returns:
        A sentence or two.
    """
    gap = 100 * (leaking.evaluation.accuracy - unseen.evaluation.accuracy)
    if gap > 0:
        return (
            f"The same settings lose {gap:.0f} points of accuracy on unseen actors. With the same actors on both "
            "sides, part of what the model learnt is how these people sound; a stranger gets the second score."
        )
    return (
        "Here both scores agree, which is rare: with the same actors on both sides the model can recognise the "
        "speaker, and its score usually flatters."
    )


def _scores(judged: CrossValidation) -> str:
    evaluation = judged.evaluation
    low, high = evaluation.uar_interval
    whom = "unseen actors" if evaluation.protocol in SPEAKER_INDEPENDENT else "the same actors on both sides"
    return (
        f"<h2>{html.escape(PROTOCOLS[evaluation.protocol])}</h2><p>{evaluation.n_clips:,} clips, {whom}: "
        f"UAR <b>{percent(evaluation.uar, 1)}</b> ({percent(0.95)} interval over speakers {percent(low)} to "
        f"{percent(high)}), accuracy <b>{percent(evaluation.accuracy, 1)}</b>, expected calibration error "
        f"{percent(evaluation.ece, 1)}.</p>"
    )


def _hardest(judged: CrossValidation, table: FeatureTable) -> str:
    rows = "".join(
        f"<tr><td>{html.escape(clip.name)}</td><td>{clip.actor}</td><td>{html.escape(clip.actual)}</td>"
        f"<td>{html.escape(clip.answered)}</td><td>{percent(clip.confidence)}</td></tr>"
        for clip in hardest(judged, table, 20)
    )
    head = "<tr><th>Clip</th><th>Actor</th><th>Actual</th><th>Answered</th><th>Confidence</th></tr>"
    return f"<h2>Hardest clips</h2><table>{head}{rows}</table>"
