"""Figures of a run's report: actors, calibration, importance of features, and the effect of more actors."""

import itertools
from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from ser.evaluation.diagnostics import Importance, LearningPoint, Reliability, RiskCoverage
from ser.figures import style
from ser.figures.style import ACCENT, MUTED, SECOND
from ser.metrics import Evaluation

# Told apart by lightness and by the form of the points, never by hue alone.
_CURVES = ((ACCENT, "circle"), (SECOND, "diamond"), (MUTED, "square"))


def actors_figure(evaluation: Evaluation) -> go.Figure:
    """UAR of every actor, worst first, with the mean over actors."""
    ranked = sorted(evaluation.per_actor_uar.items(), key=lambda pair: pair[1])
    values = [100 * value for _, value in ranked]
    bars = {
        "type": "bar",
        "x": values,
        "y": [str(actor) for actor, _ in ranked],
        "orientation": "h",
        "marker": {"color": ACCENT},
        "hovertemplate": "actor %{y}: UAR %{x:.1f} %<extra></extra>",
    }
    mean = float(np.mean(values))
    # A word in the middle of the line would reach over the edge where the mean is near it.
    side = "right" if mean > 80 else "left" if mean < 20 else "center"
    return style.figure(
        [bars],
        x="UAR (%)",
        y="Actor",
        height=110 + 20 * len(ranked),
        margin={"t": 30},
        shapes=[style.vertical(mean, color=SECOND, dash="dot", width=2)],
        annotations=[style.note(f"mean {mean:.0f} %", x=mean, xanchor=side, y=1, yref="paper", yanchor="bottom")],
        xaxis={"range": [0, 100]},
        yaxis={"type": "category", "autorange": "reversed"},
    )


def reliability_figure(curves: Mapping[str, Reliability]) -> go.Figure:
    """Share of right answers against stated confidence, a curve for each data set; the dotted line is ideal."""
    ideal = {
        "type": "scatter",
        "x": [0, 100],
        "y": [0, 100],
        "mode": "lines",
        "name": "as confident as right",
        "line": {"color": MUTED, "dash": "dot"},
        "hoverinfo": "skip",
    }
    points = [
        {
            "type": "scatter",
            "x": 100 * curve.confidence,
            "y": 100 * curve.right,
            "mode": "lines+markers",
            "name": name,
            "line": {"color": colour, "width": 2},
            # The area tells how many clips a point stands for.
            "marker": {"size": 6 + 22 * np.sqrt(curve.clips / curve.clips.sum()), "symbol": symbol},
            "customdata": curve.clips,
            "hovertemplate": "confidence %{x:.0f} %: %{y:.0f} % right, %{customdata} clips<extra></extra>",
        }
        for (name, curve), (colour, symbol) in zip(curves.items(), itertools.cycle(_CURVES), strict=False)
    ]
    return style.figure(
        [ideal, *points],
        x="Confidence (%)",
        y="Right answers (%)",
        height=340,
        legend=len(curves) > 1,
        # Room for the largest points at the edges.
        xaxis={"range": [0, 108]},
        yaxis={"range": [0, 108]},
    )


def risk_coverage_figure(curve: RiskCoverage) -> go.Figure:
    """Share of wrong answers when only the surest clips are answered."""
    line = {
        "type": "scatter",
        "x": 100 * curve.coverage,
        "y": 100 * curve.risk,
        "mode": "lines",
        "line": {"color": ACCENT, "width": 2},
        "hovertemplate": "the surest %{x:.0f} % answered: %{y:.1f} % wrong<extra></extra>",
    }
    return style.figure(
        [line],
        x="Clips answered, the surest first (%)",
        y="Wrong answers (%)",
        height=340,
        xaxis={"range": [0, 101]},
        # Never so fine that a single wrong answer looks like many.
        yaxis={"range": [0, max(10.0, 105 * curve.risk.max())]},
    )


def importance_figure(importances: Sequence[Importance]) -> go.Figure:
    """UAR lost when a group of features is shuffled, the most important first, with every shuffle as a point."""
    means = {
        "type": "bar",
        "x": [100 * each.drops.mean() for each in importances],
        "y": [each.group for each in importances],
        "orientation": "h",
        "marker": {"color": ACCENT},
        "name": "mean",
        "customdata": [each.features for each in importances],
        "hovertemplate": "%{y} (%{customdata} features): %{x:.1f} points<extra></extra>",
    }
    shuffles = {
        "type": "scatter",
        "x": [100 * drop for each in importances for drop in each.drops],
        "y": [each.group for each in importances for _ in each.drops],
        "mode": "markers",
        "marker": {"color": SECOND, "size": 5},
        "name": "each shuffle",
        "hoverinfo": "skip",
    }
    return style.figure(
        [means, shuffles],
        x="UAR lost (percentage points)",
        height=130 + 36 * len(importances),
        legend=True,
        shapes=[style.vertical(0, color=MUTED, width=1)],
        yaxis={"type": "category", "autorange": "reversed"},
    )


def learning_curve_figure(points: Sequence[LearningPoint], n_emotions: int) -> go.Figure:
    """UAR on the same held-out actors against the number of actors that the model learnt from, ascending."""
    draws = {
        "type": "scatter",
        "x": [point.actors for point in points for _ in point.uar],
        "y": [100 * value for point in points for value in point.uar],
        "mode": "markers",
        "name": "each draw of actors",
        "marker": {"color": SECOND, "size": 7},
        "hovertemplate": "%{x} actors: UAR %{y:.1f} %<extra></extra>",
    }
    means = {
        "type": "scatter",
        "x": [point.actors for point in points],
        "y": [100 * np.mean(point.uar) for point in points],
        "mode": "lines",
        "name": "mean",
        "line": {"color": ACCENT, "width": 2},
        "hoverinfo": "skip",
    }
    chance = 100 / n_emotions
    return style.figure(
        [draws, means],
        x="Actors learnt from",
        y="UAR on held-out actors (%)",
        height=340,
        legend=True,
        shapes=[style.horizontal(chance, color=MUTED, dash="dot", width=1.5)],
        annotations=[style.note("guessing", x=1, xref="paper", xanchor="right", y=chance, yanchor="bottom")],
        # Wide enough for ticks at whole actors while only the first points are known.
        xaxis={"range": [0, max([5, *(point.actors for point in points)]) + 0.5], "tickformat": "d"},
        yaxis={"rangemode": "tozero"},
    )
