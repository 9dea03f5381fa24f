"""Figures of a run's report: actors, calibration, importance of features, and the effect of more actors."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from ser.evaluation.diagnostics import Importance, LearningPoint, Reliability, RiskCoverage
from ser.figures.style import ACCENT, MUTED, SECOND, dress
from ser.metrics import Evaluation


def actors_figure(evaluation: Evaluation) -> go.Figure:
    """UAR of every actor, worst first, with the mean over actors."""
    ranked = sorted(evaluation.per_actor_uar.items(), key=lambda pair: pair[1])
    values = [100 * value for _, value in ranked]
    figure = go.Figure(
        go.Bar(
            x=values,
            y=[str(actor) for actor, _ in ranked],
            orientation="h",
            marker_color=ACCENT,
            hovertemplate="actor %{y}: UAR %{x:.1f} %<extra></extra>",
        )
    )
    dress(figure, x="UAR (%)", y="Actor", height=110 + 20 * len(ranked))
    mean = float(np.mean(values))
    figure.add_vline(x=mean, line={"color": SECOND, "dash": "dot", "width": 2})
    # A word in the middle of the line would reach over the edge where the mean is near it.
    side = "right" if mean > 80 else "left" if mean < 20 else "center"
    figure.add_annotation(
        x=mean, xanchor=side, y=1, yref="paper", yanchor="bottom", text=f"mean {mean:.0f} %", showarrow=False
    )
    figure.update_layout(margin_t=30)
    figure.update_xaxes(range=[0, 100])
    figure.update_yaxes(type="category", autorange="reversed")
    return figure


def reliability_figure(curve: Reliability) -> go.Figure:
    """Share of right answers against stated confidence; a well calibrated model lies on the dotted line."""
    figure = go.Figure(
        go.Scatter(
            x=[0, 100],
            y=[0, 100],
            mode="lines",
            name="as confident as right",
            line={"color": MUTED, "dash": "dot"},
            hoverinfo="skip",
        )
    )
    figure.add_scatter(
        x=100 * curve.confidence,
        y=100 * curve.right,
        mode="lines+markers",
        name="this model",
        line={"color": ACCENT, "width": 2},
        # The area tells how many clips a point stands for.
        marker={"size": 6 + 22 * np.sqrt(curve.clips / curve.clips.sum())},
        customdata=curve.clips,
        hovertemplate="confidence %{x:.0f} %: %{y:.0f} % right, %{customdata} clips<extra></extra>",
    )
    dress(figure, x="Confidence (%)", y="Right answers (%)", height=340, legend=True)
    # Room for the largest points at the edges.
    figure.update_xaxes(range=[0, 108])
    figure.update_yaxes(range=[0, 108])
    figure.update_layout(legend_y=1.06)
    return figure


def risk_coverage_figure(curve: RiskCoverage) -> go.Figure:
    """Share of wrong answers when only the surest clips are answered."""
    figure = go.Figure(
        go.Scatter(
            x=100 * curve.coverage,
            y=100 * curve.risk,
            mode="lines",
            line={"color": ACCENT, "width": 2},
            hovertemplate="the surest %{x:.0f} % answered: %{y:.1f} % wrong<extra></extra>",
        )
    )
    dress(figure, x="Clips answered, the surest first (%)", y="Wrong answers (%)", height=340)
    figure.update_xaxes(range=[0, 101])
    # Never so fine that a single wrong answer looks like many.
    figure.update_yaxes(range=[0, max(10.0, 105 * curve.risk.max())])
    return figure


def importance_figure(importances: Sequence[Importance]) -> go.Figure:
    """UAR lost when a group of features is shuffled, the most important first, with every shuffle as a point."""
    figure = go.Figure(
        go.Bar(
            x=[100 * each.drops.mean() for each in importances],
            y=[each.group for each in importances],
            orientation="h",
            marker_color=ACCENT,
            name="mean",
            customdata=[each.features for each in importances],
            hovertemplate="%{y} (%{customdata} features): %{x:.1f} points<extra></extra>",
        )
    )
    figure.add_scatter(
        x=[100 * drop for each in importances for drop in each.drops],
        y=[each.group for each in importances for _ in each.drops],
        mode="markers",
        marker={"color": SECOND, "size": 5},
        name="each shuffle",
        hoverinfo="skip",
    )
    dress(figure, x="UAR lost (percentage points)", y="Group of features", height=130 + 36 * len(importances))
    figure.update_layout(showlegend=True, legend={"yanchor": "bottom", "y": 1.02}, margin_t=40)
    figure.add_vline(x=0, line={"color": MUTED, "width": 1})
    figure.update_yaxes(type="category", autorange="reversed", title={"text": ""})
    return figure


def learning_curve_figure(points: Sequence[LearningPoint], n_emotions: int) -> go.Figure:
    """UAR on the same held-out actors against the number of actors that the model learnt from, ascending."""
    figure = go.Figure(
        go.Scatter(
            x=[point.actors for point in points for _ in point.uar],
            y=[100 * value for point in points for value in point.uar],
            mode="markers",
            name="each draw of actors",
            marker={"color": SECOND, "size": 7},
            hovertemplate="%{x} actors: UAR %{y:.1f} %<extra></extra>",
        )
    )
    figure.add_scatter(
        x=[point.actors for point in points],
        y=[100 * np.mean(point.uar) for point in points],
        mode="lines",
        name="mean",
        line={"color": ACCENT, "width": 2},
        hoverinfo="skip",
    )
    dress(figure, x="Actors learnt from", y="UAR on held-out actors (%)", height=340, legend=True)
    figure.add_hline(y=100 / n_emotions, line={"color": MUTED, "dash": "dot", "width": 1.5})
    figure.add_annotation(
        x=1, xref="paper", xanchor="right", y=100 / n_emotions, yanchor="bottom", text="guessing", showarrow=False
    )
    # Wide enough for ticks at whole actors while only the first points are known.
    figure.update_xaxes(range=[0, max([5, *(point.actors for point in points)]) + 0.5], tickformat="d")
    figure.update_yaxes(rangemode="tozero")
    return figure
