"""Figures of a training run: its curves while it learns, and what its answers got right once it has.

Every function takes reports or an evaluation and returns a `plotly.graph_objects.Figure`; nothing here trains.
"""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from ser.evaluation import Evaluation
from ser.figures.style import ACCENT, MUTED, SECOND, dress
from ser.training import EpochReport

# Opaque and never too light for white numbers: they keep their contrast on a light and on a dark page.
SHARE = ((0.0, "#363c4a"), (1.0, "#4577e6"))
SCORES = (("precision", ACCENT), ("recall", SECOND), ("f1", MUTED))


def loss_figure(reports: Sequence[EpochReport]) -> go.Figure:
    """The loss of every epoch so far.

    Args:
        reports: in order of their epochs; may be empty.

    Returns:
        The figure.
    """
    figure = go.Figure(
        go.Scatter(
            x=[report.epoch for report in reports],
            y=[report.loss for report in reports],
            mode="lines+markers",
            name="loss",
            line={"color": ACCENT, "width": 2},
            marker_size=4,
            hovertemplate="epoch %{x}: loss %{y:.3f}<extra></extra>",
        )
    )
    dress(figure, x="Epoch", y="Loss (cross-entropy, nats)", height=300)
    return _epochs(figure, reports)


def uar_figure(reports: Sequence[EpochReport], n_emotions: int) -> go.Figure:
    """UAR on the clips trained on and on those watched, with the best epoch and the level of guessing.

    Args:
        reports: in order of their epochs; may be empty.
        n_emotions: how many emotions there are to guess from.

    Returns:
        The figure.
    """
    epochs = [report.epoch for report in reports]
    figure = go.Figure()
    curves = [("training", ACCENT, [report.training_uar for report in reports])]
    if any(report.validation_uar is not None for report in reports):
        curves.append(("validation", SECOND, [report.validation_uar for report in reports]))
    for name, colour, values in curves:
        figure.add_scatter(
            x=epochs,
            y=[None if value is None else 100 * value for value in values],
            mode="lines+markers",
            name=name,
            line={"color": colour, "width": 2},
            marker_size=4,
            hovertemplate=f"epoch %{{x}}: {name} %{{y:.1f}} %<extra></extra>",
        )
    dress(figure, x="Epoch", y="UAR (%)", height=300, legend=True)
    figure.add_hline(y=100 / n_emotions, line={"color": MUTED, "dash": "dot", "width": 1.5})
    figure.add_annotation(
        x=0, xref="paper", xanchor="left", y=100 / n_emotions, yanchor="top", text="guessing", showarrow=False
    )
    if len(curves) == 2:
        figure.add_vline(x=reports[-1].best_epoch, line={"color": SECOND, "dash": "dot", "width": 1.5})
    figure.update_yaxes(range=[0, 104])
    return _epochs(figure, reports)


def confusion_figure(evaluation: Evaluation) -> go.Figure:
    """Which emotion was taken for which: number of clips, shaded by the share of the actual emotion.

    Args:
        evaluation: confusion with rows actual and columns predicted.

    Returns:
        The figure.
    """
    counts = np.array(evaluation.confusion)
    share = 100 * counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    figure = go.Figure(
        go.Heatmap(
            z=share,
            x=evaluation.labels,
            y=evaluation.labels,
            zmin=0,
            zmax=100,
            colorscale=SHARE,
            showscale=False,
            xgap=1,
            ygap=1,
            text=counts,
            texttemplate="%{text}",
            textfont={"color": "#ffffff"},
            hovertemplate="actual %{y}, predicted %{x}<br>%{text} clips, %{z:.0f} % of the actual<extra></extra>",
        )
    )
    dress(figure, x="Predicted emotion", y="Actual emotion", height=140 + 40 * len(evaluation.labels))
    figure.update_xaxes(type="category", tickangle=-45, showgrid=False)
    figure.update_yaxes(type="category", autorange="reversed", showgrid=False)
    return figure


def per_class_figure(evaluation: Evaluation) -> go.Figure:
    """Precision, recall and F1 of each emotion, as bars.

    Args:
        evaluation: its `per_class` is drawn.

    Returns:
        The figure.
    """
    emotions = list(evaluation.per_class)
    figure = go.Figure()
    for name, colour in SCORES:
        title = "F1" if name == "f1" else name
        figure.add_bar(
            x=[100 * getattr(evaluation.per_class[emotion], name) for emotion in emotions],
            y=emotions,
            name=title,
            orientation="h",
            marker_color=colour,
            hovertemplate=f"%{{y}}: {title} %{{x:.1f}} %<extra></extra>",
        )
    dress(figure, x="Score (%)", y="Emotion", height=140 + 40 * len(emotions), legend=True)
    figure.update_layout(barmode="group", bargap=0.25)
    figure.update_xaxes(range=[0, 100])
    figure.update_yaxes(type="category", autorange="reversed")
    return figure


def _epochs(figure: go.Figure, reports: Sequence[EpochReport]) -> go.Figure:
    """An axis of whole epochs that grows with the run but never shows less than ten."""
    figure.update_xaxes(range=[0, max([10, *(report.epoch for report in reports)]) + 0.5], tickformat="d")
    return figure
