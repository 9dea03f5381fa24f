"""Figures of several runs: their curves over one another, differences by actor, and the candidates of a search."""

from collections.abc import Sequence

import plotly.graph_objects as go

from ser.evaluation.significance import Significance
from ser.experiments.search import Candidate
from ser.figures import style
from ser.figures.style import ACCENT, MUTED, SECOND
from ser.training.epochs import EpochReport

#: Runs beside each other, told apart by lightness and dash as well as by hue.
RUN_COLOURS = (ACCENT, SECOND, "#2a9d8f", "#d1495b", "#9a5fc2", "#7f7f7f")
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")


def overlay_figure(runs: Sequence[tuple[str, Sequence[EpochReport]]], measure: str) -> go.Figure:
    """The curves of several runs, given as name and reports, over one another.

    `measure` is "loss", "validation_loss", "training_uar" or "validation_uar"; runs without it are left out.
    """
    traces = []
    factor = 1 if measure.endswith("loss") else 100
    for index, (name, reports) in enumerate(runs):
        values = [getattr(report, measure) for report in reports]
        if not values or values[0] is None:
            continue
        curve = {
            "type": "scatter",
            "x": [report.epoch for report in reports],
            "y": [factor * value for value in values],
            "mode": "lines",
            "name": name,
            "line": {"color": RUN_COLOURS[index % 6], "dash": DASHES[index % 6], "width": 2},
            "hovertemplate": f"%{{fullData.name}}, epoch %{{x}}: %{{y:.{3 if factor == 1 else 1}f}}<extra></extra>",
        }
        traces.append(curve)
    # Wide enough for ticks at whole epochs in the shortest of runs.
    last = max([10, *(reports[-1].epoch for _, reports in runs if reports)])
    return style.figure(
        traces,
        x="Epoch",
        y="Loss (cross-entropy, nats)" if factor == 1 else "UAR (%)",
        height=300,
        legend=True,
        xaxis={"range": [0, last + 0.5], "tickformat": "d"},
        yaxis={} if factor == 1 else {"range": [0, 104]},
    )


def differences_figure(significance: Significance) -> go.Figure:
    """How each actor's UAR changes from one run to another; the dotted line is the mean."""
    order = significance.differences.argsort()
    values = 100 * significance.differences[order]
    bars = {
        "type": "bar",
        "x": [str(significance.actors[i]) for i in order],
        "y": values,
        "marker": {"color": [SECOND if value < 0 else ACCENT for value in values]},
        "hovertemplate": "actor %{x}: %{y:+.1f} points<extra></extra>",
    }
    mean = style.horizontal(100 * significance.mean, color=MUTED, dash="dot", width=2)
    return style.figure(
        [bars],
        x="Actor",
        y="UAR difference (points)",
        height=300,
        shapes=[style.horizontal(0, color=MUTED, width=1), mean],
        xaxis={"type": "category"},
    )


def parallel_figure(candidates: Sequence[Candidate]) -> go.Figure:
    """Every scored candidate of a search as a line through its settings to its score (parallel coordinates)."""
    judged = [each for each in candidates if each.uar]
    dimensions = []
    for name in judged[0].values if judged else ():
        # Values are unevenly spaced, and some are words: each gets an index and its name.
        values = sorted({each.values[name] for each in judged}, key=lambda value: (str(type(value)), value))
        dimensions.append(
            {
                "label": name.replace("_", " "),
                "values": [values.index(each.values[name]) for each in judged],
                "tickvals": list(range(len(values))),
                "ticktext": [_short(value) for value in values],
                "range": [-0.3, max(len(values) - 0.7, 0.7)],
            }
        )
    scores = [100 * (each.mean_uar or 0.0) for each in judged]
    dimensions.append({"label": "UAR (%)", "values": scores, "tickformat": ".1f"})
    lines = {
        "type": "parcoords",
        "dimensions": dimensions,
        # Plotly would put a white halo round the numbers, which shines on a dark page.
        "tickfont": {"shadow": "none"},
        "labelfont": {"shadow": "none"},
        "line": {"color": scores, "colorscale": [[0, MUTED], [0.6, ACCENT], [1, SECOND]], "showscale": False},
    }
    return style.figure([lines], height=370, margin={"l": 60, "r": 50, "t": 80, "b": 20})


def _short(value: object) -> str:
    if isinstance(value, tuple):
        return "×".join(map(str, value)) or "all"
    return f"{value:g}" if isinstance(value, float) else str(value)
