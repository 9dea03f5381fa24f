"""Figures of a training run: its curves while it learns, and the answers it got right."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from ser.emotions import colour
from ser.exploration.radviz import anchors, radviz_points
from ser.figures import style
from ser.figures.style import ACCENT, GRID, MUTED, SECOND
from ser.metrics import Evaluation
from ser.training.epochs import EpochReport

# See-through at the lower end, so that empty cells stand back on a light page and on a dark one.
SHARE = ((0.0, "rgba(91, 127, 209, 0.1)"), (1.0, "rgba(29, 79, 196, 1)"))
_MOST_MARKS = 40
# Fixed: to find the margins, a browser would draw the curves of a run under way several times a look.
_MARGIN = {"l": 56, "b": 48}
_ANGLES = np.linspace(0, 2 * np.pi, 181)
_RING = {
    "type": "scatter",
    "x": np.cos(_ANGLES),
    "y": np.sin(_ANGLES),
    "mode": "lines",
    "line": {"color": GRID, "width": 1},
    "hoverinfo": "skip",
}
# From here on white numbers are easier to read than those in the colour of the page's text.
_DARK = 80
SCORES = (("precision", ACCENT), ("recall", SECOND), ("f1", MUTED))


def loss_figure(reports: Sequence[EpochReport], drawn: go.Figure | None = None) -> go.Figure:
    """The loss of every epoch so far, on the training clips and on the validation clips if there are any.

    The first contains the penalty on large weights, and the second does not.

    Args:
        reports: in order of their epochs; may be empty.
        drawn: an earlier figure of the same run, which is then changed and returned.

    Returns:
        The figure.
    """
    losses: dict[str, list[float | None]] = {"training": [report.loss for report in reports]}
    if any(report.validation_loss is not None for report in reports):
        losses["validation"] = [report.validation_loss for report in reports]
    curves = [
        _curve(reports, name, colour, values, f"epoch %{{x}}: {name} loss %{{y:.3f}}<extra></extra>")
        for (name, values), colour in zip(losses.items(), (ACCENT, SECOND), strict=False)
    ]
    return style.redraw(
        drawn,
        curves,
        {"xaxis": _epochs(reports)},
        x="Epoch",
        y="Loss (cross-entropy, nats)",
        height=300,
        legend=True,
        margin=_MARGIN,
        yaxis={"automargin": False, "rangemode": "tozero"},
    )


def uar_figure(
    reports: Sequence[EpochReport], n_emotions: int, drawn: go.Figure | None = None, *, title: str = "UAR (%)"
) -> go.Figure:
    """UAR on the training and the validation clips, with the best epoch and the chance level.

    Args:
        reports: in order of their epochs; may be empty.
        n_emotions: number of emotions to guess from.
        drawn: an earlier figure of the same run, which is then changed and returned.
        title: of the vertical axis.

    Returns:
        The figure.
    """
    shares: dict[str, list[float | None]] = {"training": [report.training_uar for report in reports]}
    if any(report.validation_uar is not None for report in reports):
        shares["validation"] = [report.validation_uar for report in reports]
    curves = [
        _curve(
            reports,
            name,
            colour,
            [None if share is None else 100 * share for share in values],
            f"epoch %{{x}}: {name} %{{y:.1f}} %<extra></extra>",
        )
        for (name, values), colour in zip(shares.items(), (ACCENT, SECOND), strict=False)
    ]
    chance = 100 / n_emotions
    lines = [style.horizontal(chance, color=MUTED, dash="dot", width=1.5)]
    notes = [style.note("guessing", x=0, xref="paper", xanchor="left", y=chance, yanchor="top")]
    if "validation" in shares:
        best = reports[-1].best_epoch
        lines.append(style.vertical(best, color=SECOND, dash="dot", width=1.5))
        # On the side where there is room, and clear of the word that stands below the line of guessing.
        side = "right" if best > reports[-1].epoch / 2 else "left"
        notes.append(style.note("best", x=best, xanchor=side, y=chance, yanchor="bottom"))
    return style.redraw(
        drawn,
        curves,
        {"shapes": lines, "annotations": notes, "xaxis": _epochs(reports)},
        x="Epoch",
        y=title,
        height=300,
        legend=True,
        margin=_MARGIN,
        yaxis={"automargin": False, "range": [0, 104]},
    )


def radviz_figure(
    probabilities: np.ndarray, actual: np.ndarray, labels: Sequence[str], drawn: go.Figure | None = None
) -> go.Figure:
    """Answers among the emotions (`ser.exploration.radviz`), each clip in the colour of its actual emotion.

    `probabilities` have the shape (n, len(labels)) and `actual` the shape (n,). An earlier figure of the same run,
    `drawn`, is changed and returned.
    """
    # To a fraction of a pixel; short lists take less time than many small arrays.
    points = radviz_points(probabilities).round(3)
    best = zip(probabilities.argmax(axis=1), 100 * probabilities.max(axis=1), strict=True)
    answers = np.array([f"{labels[index]} ({percentage:.0f} %)" for index, percentage in best])
    traces = [_RING]
    for label in labels:
        clips = actual == label
        trace = {
            "type": "scatter",
            "x": points[clips, 0].tolist(),
            "y": points[clips, 1].tolist(),
            "mode": "markers",
            "name": label,
            "marker": {"color": colour(label), "size": 6, "opacity": 0.75},
            "customdata": answers[clips].tolist(),
            "hovertemplate": f"actual {label}<br>answer %{{customdata}}<extra></extra>",
        }
        traces.append(trace)
    return style.redraw(
        drawn,
        traces,
        {},
        height=340,
        annotations=[_corner(label, x, y) for label, (x, y) in zip(labels, anchors(len(labels)), strict=True)],
        # The two directions have no unit: what counts is how near a clip is to which name.
        xaxis={"visible": False, "range": [-1.75, 1.75]},
        yaxis={"visible": False, "range": [-1.25, 1.25], "scaleanchor": "x"},
    )


def _corner(label: str, x: float, y: float) -> dict:
    """The name of an emotion beyond its anchor, with its colour."""
    side = "center" if abs(1.12 * x) < 0.3 else "left" if x > 0 else "right"
    # The colour on a dot of its own: as words, some of the colours are hard to read on one page or the other.
    dot = f'<span style="color:{colour(label)}">●</span>'
    text = f"{label} {dot}" if side == "right" else f"{dot} {label}"
    return style.note(text, x=1.12 * x, y=1.12 * y, xanchor=side, font={"size": 13})


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
    heat = {
        "type": "heatmap",
        "z": share,
        "x": labels,
        "y": labels,
        "zmin": 0,
        "zmax": 100,
        "colorscale": SHARE,
        "showscale": False,
        "xgap": 1,
        "ygap": 1,
        "hoverinfo": "skip",
    }
    cells = [(row, column) for row in range(len(labels)) for column in range(len(labels))]
    # As annotations, for a heatmap's own text cannot take the colour of the page's.
    numbers = np.round(share).astype(int) if per_cent else counts
    white = {"font": {"color": "#ffffff"}}
    notes = [
        style.note(str(numbers[cell]), x=labels[cell[1]], y=labels[cell[0]], **white if share[cell] > _DARK else {})
        for cell in cells
    ]
    # Fixed, so that a finger that scrolls over it does not zoom.
    axis = {"type": "category", "showgrid": False, "fixedrange": True}
    end = len(labels) - 0.5
    return style.figure(
        [heat, _cells_to_click(labels, cells, counts, share)],
        x="Predicted emotion",
        y="Actual emotion",
        height=164 + 40 * len(labels),
        # The toolbar, which a touch screen always shows, is above the cells.
        margin={"t": 36},
        annotations=notes,
        xaxis=axis | {"tickangle": -45, "range": [-0.5, end]},
        yaxis=axis | {"range": [end, -0.5]},
    )


def _cells_to_click(labels: list[str], cells: list[tuple[int, int]], counts: np.ndarray, share: np.ndarray) -> dict:
    """Unseen points on the cells of a heatmap, which cannot be selected themselves."""
    return {
        "type": "scatter",
        "x": [labels[column] for _, column in cells],
        "y": [labels[row] for row, _ in cells],
        "mode": "markers",
        "marker": {"symbol": "square", "size": 30, "opacity": 0},
        "selected": {"marker": {"opacity": 0}},
        "unselected": {"marker": {"opacity": 0}},
        "customdata": [
            [f"{row},{column}", int(counts[row, column]), float(share[row, column])] for row, column in cells
        ],
        "hovertemplate": "actual %{y}, predicted %{x}<br>%{customdata[1]} clips, %{customdata[2]:.0f} % of the actual"
        "<extra></extra>",
    }


def per_class_figure(evaluation: Evaluation) -> go.Figure:
    """Precision, recall and F1 of each emotion, as bars."""
    emotions = list(evaluation.per_class)
    traces = []
    for name, shade in SCORES:
        title = "F1" if name == "f1" else name
        bars = {
            "type": "bar",
            "x": [100 * getattr(evaluation.per_class[emotion], name) for emotion in emotions],
            "y": emotions,
            "name": title,
            "orientation": "h",
            "marker": {"color": shade},
            "hovertemplate": f"%{{y}}: {title} %{{x:.1f}} %<extra></extra>",
        }
        traces.append(bars)
    return style.figure(
        traces,
        x="Score (%)",
        y="Emotion",
        height=140 + 40 * len(emotions),
        legend=True,
        barmode="group",
        bargap=0.25,
        xaxis={"range": [0, 100]},
        yaxis={"type": "category", "autorange": "reversed"},
    )


def _curve(
    reports: Sequence[EpochReport], name: str, colour: str, values: Sequence[float | None], hover: str
) -> dict[str, object]:
    return {
        "type": "scatter",
        "x": [report.epoch for report in reports],
        "y": values,
        # Marks for epochs as long as they can be distinguished; a browser draws hundreds of them slowly.
        "mode": "lines+markers" if len(reports) <= _MOST_MARKS else "lines",
        "name": name,
        "line": {"color": colour, "width": 2},
        "marker": {"size": 4},
        "hovertemplate": hover,
    }


def _epochs(reports: Sequence[EpochReport]) -> dict:
    """An axis of whole epochs that grows with the run but never shows fewer than ten."""
    last = max([10, *(report.epoch for report in reports)])
    return {"automargin": False, "range": [0, last + 0.5], "tickformat": "d"}
