"""Figures of a training run: its curves while it learns, and the answers it got right."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from ser.emotions import colour
from ser.exploration.radviz import anchors, radviz_points
from ser.figures.style import ACCENT, GRID, MUTED, SECOND, dress
from ser.metrics import Evaluation
from ser.training.epochs import EpochReport

# See-through at the lower end, so that empty cells stand back on a light page and on a dark one.
SHARE = ((0.0, "rgba(91, 127, 209, 0.1)"), (1.0, "rgba(29, 79, 196, 1)"))
_MOST_MARKS = 40
# From here on white numbers are easier to read than those in the colour of the page's text.
_DARK = 80
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
            mode=_mode(reports),
            name="loss",
            line={"color": ACCENT, "width": 2},
            marker_size=4,
            hovertemplate="epoch %{x}: loss %{y:.3f}<extra></extra>",
        )
    )
    dress(figure, x="Epoch", y="Loss (cross-entropy, nats)", height=300)
    figure.update_yaxes(rangemode="tozero")
    return _epochs(figure, reports)


def uar_figure(reports: Sequence[EpochReport], n_emotions: int) -> go.Figure:
    """UAR on the training and the validation clips, with the best epoch and the chance level.

    Args:
        reports: in order of their epochs; may be empty.
        n_emotions: number of emotions to guess from.

    Returns:
        The figure.
    """
    epochs = [report.epoch for report in reports]
    figure = go.Figure()
    curves: list[tuple[str, str, list[float | None]]] = [
        ("training", ACCENT, [report.training_uar for report in reports])
    ]
    if any(report.validation_uar is not None for report in reports):
        curves.append(("validation", SECOND, [report.validation_uar for report in reports]))
    for name, shade, values in curves:
        figure.add_scatter(
            x=epochs,
            y=[None if value is None else 100 * value for value in values],
            mode=_mode(reports),
            name=name,
            line={"color": shade, "width": 2},
            marker_size=4,
            hovertemplate=f"epoch %{{x}}: {name} %{{y:.1f}} %<extra></extra>",
        )
    dress(figure, x="Epoch", y="UAR (%)", height=300, legend=True)
    figure.add_hline(y=100 / n_emotions, line={"color": MUTED, "dash": "dot", "width": 1.5})
    figure.add_annotation(
        x=0, xref="paper", xanchor="left", y=100 / n_emotions, yanchor="top", text="guessing", showarrow=False
    )
    if len(curves) == 2:
        best = reports[-1].best_epoch
        figure.add_vline(x=best, line={"color": SECOND, "dash": "dot", "width": 1.5})
        # On the side where there is room, and clear of the word that stands below the line of guessing.
        side = "right" if best > epochs[-1] / 2 else "left"
        figure.add_annotation(x=best, xanchor=side, y=100 / n_emotions, yanchor="bottom", text="best", showarrow=False)
    figure.update_yaxes(range=[0, 104])
    return _epochs(figure, reports)


def radviz_figure(probabilities: np.ndarray, actual: np.ndarray, labels: Sequence[str]) -> go.Figure:
    """Answers among the emotions (`ser.exploration.radviz`), each clip in the colour of its actual emotion.

    `probabilities` have the shape (n, len(labels)) and `actual` the shape (n,).
    """
    points, corners = radviz_points(probabilities), anchors(len(labels))
    figure = go.Figure()
    ring = np.linspace(0, 2 * np.pi, 181)
    figure.add_scatter(x=np.cos(ring), y=np.sin(ring), mode="lines", line={"color": GRID, "width": 1}, hoverinfo="skip")
    answered = np.array(labels)[probabilities.argmax(axis=1)]
    for label in labels:
        clips = actual == label
        figure.add_scatter(
            x=points[clips, 0],
            y=points[clips, 1],
            mode="markers",
            name=label,
            marker={"color": colour(label), "size": 6, "opacity": 0.75},
            customdata=np.stack(
                [answered[clips], np.round(100 * probabilities[clips].max(axis=1)).astype(int)], axis=1
            ),
            hovertemplate=f"actual {label}<br>answer %{{customdata[0]}} (%{{customdata[1]}} %)<extra></extra>",
        )
    for label, (x, y) in zip(labels, 1.12 * corners, strict=True):
        side = "center" if abs(x) < 0.3 else "left" if x > 0 else "right"
        # The colour on a dot of its own: as words, some of the colours are hard to read on one page or the other.
        dot = f'<span style="color:{colour(label)}">●</span>'
        text = f"{label} {dot}" if side == "right" else f"{dot} {label}"
        figure.add_annotation(x=x, y=y, text=text, showarrow=False, xanchor=side, font_size=13)
    dress(figure, height=340)
    # The two directions have no unit: what counts is how near a clip is to which name.
    figure.update_xaxes(visible=False, range=[-1.75, 1.75])
    figure.update_yaxes(visible=False, range=[-1.25, 1.25], scaleanchor="x")
    return figure


def confusion_figure(evaluation: Evaluation, *, per_cent: bool = False) -> go.Figure:
    """Actual against predicted emotions, shaded by the share of the actual emotion.

    Args:
        evaluation: confusion with rows actual and columns predicted.
        per_cent: whether to write the share of the actual emotion rather than the number of clips.

    Returns:
        The figure; its second trace has a point for each cell that can be clicked, with "row,column" as the first of
        its `customdata`.
    """
    counts = np.array(evaluation.confusion)
    share = 100 * counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    labels = list(evaluation.labels)
    figure = go.Figure(
        go.Heatmap(
            z=share,
            x=labels,
            y=labels,
            zmin=0,
            zmax=100,
            colorscale=SHARE,
            showscale=False,
            xgap=1,
            ygap=1,
            hoverinfo="skip",
        )
    )
    # As annotations, for a heatmap's own text cannot take the colour of the page's.
    numbers = np.round(share).astype(int) if per_cent else counts
    figure.layout.annotations = [
        {"x": x, "y": y, "text": str(numbers[row, column]), "showarrow": False}
        | ({"font_color": "#ffffff"} if share[row, column] > _DARK else {})
        for row, y in enumerate(labels)
        for column, x in enumerate(labels)
    ]
    # A heatmap's cells cannot be selected; points that lie on them unseen can.
    figure.add_scatter(
        x=labels * len(labels),
        y=[label for label in labels for _ in labels],
        mode="markers",
        marker={"symbol": "square", "size": 30, "opacity": 0},
        selected={"marker": {"opacity": 0}},
        unselected={"marker": {"opacity": 0}},
        customdata=[
            [f"{row},{column}", int(counts[row, column]), float(share[row, column])]
            for row in range(len(labels))
            for column in range(len(labels))
        ],
        hovertemplate="actual %{y}, predicted %{x}<br>%{customdata[1]} clips, %{customdata[2]:.0f} % of the actual"
        "<extra></extra>",
    )
    dress(figure, x="Predicted emotion", y="Actual emotion", height=140 + 40 * len(labels))
    # Fixed, so that a finger that scrolls over it does not zoom.
    figure.update_xaxes(
        type="category", tickangle=-45, showgrid=False, range=[-0.5, len(labels) - 0.5], fixedrange=True
    )
    figure.update_yaxes(type="category", showgrid=False, range=[len(labels) - 0.5, -0.5], fixedrange=True)
    return figure


def per_class_figure(evaluation: Evaluation) -> go.Figure:
    """Precision, recall and F1 of each emotion, as bars."""
    emotions = list(evaluation.per_class)
    figure = go.Figure()
    for name, shade in SCORES:
        title = "F1" if name == "f1" else name
        figure.add_bar(
            x=[100 * getattr(evaluation.per_class[emotion], name) for emotion in emotions],
            y=emotions,
            name=title,
            orientation="h",
            marker_color=shade,
            hovertemplate=f"%{{y}}: {title} %{{x:.1f}} %<extra></extra>",
        )
    dress(figure, x="Score (%)", y="Emotion", height=140 + 40 * len(emotions), legend=True)
    figure.update_layout(barmode="group", bargap=0.25)
    figure.update_xaxes(range=[0, 100])
    figure.update_yaxes(type="category", autorange="reversed")
    return figure


def _mode(reports: Sequence[EpochReport]) -> str:
    """Marks for epochs as long as they can be distinguished; a browser draws hundreds of them slowly."""
    return "lines+markers" if len(reports) <= _MOST_MARKS else "lines"


def _epochs(figure: go.Figure, reports: Sequence[EpochReport]) -> go.Figure:
    """An axis of whole epochs that grows with the run but never shows fewer than ten."""
    # The margins are fixed: to find them, a browser would draw the curves of a run under way several times a look.
    figure.update_layout(margin={"l": 56, "b": 48})
    figure.update_yaxes(automargin=False)
    figure.update_xaxes(
        automargin=False, range=[0, max([10, *(report.epoch for report in reports)]) + 0.5], tickformat="d"
    )
    return figure
