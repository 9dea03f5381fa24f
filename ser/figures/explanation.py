"""Figures of why a clip got its answer, and of the answers of several models."""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from ser.emotions import described
from ser.figures import style
from ser.inference.explanation import Explanation
from ser.text import signed


def effects_figure(explanation: Explanation) -> go.Figure:
    """Draw what each group of features contributed to the answer, in points of its probability.

    Args:
        explanation: the strongest group first.

    Returns:
        A figure of one bar trace, the strongest on top; to the right what spoke for the answer, to the left against it.
    """
    groups = explanation.groups[::-1]  # plotly draws from the bottom up
    points = [100 * each.effect for each in groups]
    reach = max(10.0, *(abs(point) for point in points)) * 1.25
    colours = [style.ACCENT if point >= 0 else style.SECOND for point in points]
    bars = {
        "type": "bar",
        "x": points,
        "y": [each.group for each in groups],
        "orientation": "h",
        "marker": {"color": colours, "line": {"width": 0}, "cornerradius": 4},
        "text": [signed(point) if abs(point) >= 0.5 else "0" for point in points],
        "textposition": "outside",
        "cliponaxis": False,
        "hovertemplate": "%{y}: %{x:+.1f} points<extra></extra>",
    }
    return style.figure(
        [bars],
        x=f"Effect on {explanation.label} (percentage points)",
        y="Group of features",
        height=70 + 34 * len(groups),
        bargap=0.4,
        xaxis={"range": [-reach, reach], "zeroline": True, "zerolinecolor": style.MUTED, "zerolinewidth": 1},
        yaxis={"showgrid": False},
    )


def answers_figure(answers: Mapping[str, Mapping[str, float]], order: Sequence[str]) -> go.Figure:
    """Draw several answers beside each other: before and after, two clips, or several models.

    `answers` is name → emotion → probability, 0 to 1; `order` are the emotions, the first on top. One that an answer
    does not know is left empty. Bars differ in pattern and lightness as well as in hue.
    """
    rows = list(order)[::-1]
    traces = []
    looks = ((style.ACCENT, ""), (style.SECOND, "/"), (style.MUTED, "x"), ("#2a9d8f", "."), ("#9a5fc2", "\\"))
    # Drawn from the bottom up, within a group of bars as well; the legend is turned round to match.
    for index, (name, probabilities) in reversed(list(enumerate(answers.items()))):
        colour, pattern = looks[index % len(looks)]
        hatching = {"shape": pattern, "fillmode": "overlay", "fgcolor": "#ffffff", "fgopacity": 0.55, "size": 6}
        bars = {
            "type": "bar",
            "x": [None if row not in probabilities else 100 * probabilities[row] for row in rows],
            "y": [f"{described(row).emoji} {row}" for row in rows],
            "orientation": "h",
            "name": name,
            "marker": {"color": colour, "pattern": hatching, "line": {"width": 0}},
            "text": ["" if row not in probabilities else f"{100 * probabilities[row]:.0f}" for row in rows],
            "textposition": "outside",
            "cliponaxis": False,
            "hovertemplate": f"{name}: %{{y}} %{{x:.1f}} %<extra></extra>",
        }
        traces.append(bars)
    return style.figure(
        traces,
        x="Probability (%)",
        y="Emotion",
        height=90 + (14 + 17 * len(answers)) * len(rows),
        legend={"traceorder": "reversed"},
        barmode="group",
        bargap=0.25,
        xaxis={"range": [0, 106], "tickvals": [0, 25, 50, 75, 100]},
        yaxis={"showgrid": False},
    )
