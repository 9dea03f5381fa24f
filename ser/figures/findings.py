"""Small figures behind the findings of Explore."""

import numpy as np
import plotly.graph_objects as go

from ser.emotions import LABELS, colour
from ser.exploration.evidence import FindingChart
from ser.features.contours import POINTS
from ser.figures import style
from ser.figures.style import ACCENT, MUTED, SECOND


def finding_figure(chart: FindingChart) -> go.Figure:
    """The chart of a finding: bars, or lines over the sentence."""
    return _bars(chart) if chart.labels else _lines(chart)


def _bars(chart: FindingChart) -> go.Figure:
    several = len(chart.series) > 1
    colours = (SECOND, ACCENT)
    traces = []
    for (name, values), shade in zip(chart.series.items(), colours if several else (ACCENT,), strict=False):
        # One series by emotion has the colours of the emotions.
        own = not several and set(chart.labels) <= set(LABELS)
        traces.append(
            {
                "type": "bar",
                "x": list(values),
                "y": list(chart.labels),
                "orientation": "h",
                "name": name,
                "marker": {"color": [colour(label) for label in chart.labels] if own else shade},
                "hovertemplate": f"%{{y}}{', ' + name if name else ''}: %{{x:.3g}}<extra></extra>",
            }
        )
    return style.figure(
        traces,
        x=chart.axis,
        height=(110 if several else 100) + (30 if several else 24) * len(chart.labels),
        legend=several,
        bargap=0.25,
        yaxis=style.DOWNWARDS,
    )


def _lines(chart: FindingChart) -> go.Figure:
    position = 100 * (np.arange(POINTS) + 0.5) / POINTS
    traces = [
        {
            "type": "scatter",
            "x": position,
            "y": list(values),
            "mode": "lines",
            "name": name,
            # Neutral is grey as well, so the others differ by their dashes.
            "line": {"color": colour(name), "width": 3}
            if name in LABELS
            else {"color": MUTED, "width": 2, "dash": "dot"},
            "hovertemplate": f"{name}: %{{y:.1f}}<extra></extra>",
        }
        for name, values in chart.series.items()
    ]
    return style.figure(
        traces, x="Place in the sentence (%)", y=chart.axis, height=260, legend=True, xaxis={"range": [0, 100]}
    )
