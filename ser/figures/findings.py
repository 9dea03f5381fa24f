"""Small figures behind the findings of Explore."""

import plotly.graph_objects as go

from ser.emotions import LABELS, colour
from ser.exploration.evidence import FindingChart
from ser.figures import style
from ser.figures.style import ACCENT, SECOND
from ser.text import true_minus


def finding_figure(chart: FindingChart) -> go.Figure:
    """The bars of a finding."""
    several = len(chart.series) > 1
    colours = (SECOND, ACCENT)
    numbers = [value for values in chart.series.values() for value in values]
    largest = max(map(abs, numbers))
    decimals = 0 if largest >= 10 else 1 if largest >= 1 else 2
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
                "text": [true_minus(f"{value:.{decimals}f}") for value in values],
                "textposition": "outside",
                "cliponaxis": False,
                "textangle": 0,
                "marker": {"color": [colour(label) for label in chart.labels] if own else shade},
                "hovertemplate": f"%{{y}}{', ' + name if name else ''}: %{{x:.3g}}<extra></extra>",
            }
        )
    return style.figure(
        traces,
        x=chart.axis,
        height=(110 if several else 100) + (36 if several else 24) * len(chart.labels),
        legend=several,
        bargap=0.25,
        # Room for the numbers at the ends of the bars.
        xaxis={"range": [min(0.0, min(numbers) - 0.2 * largest), max(0.0, max(numbers) + 0.1 * largest)]},
        yaxis=style.DOWNWARDS,
    )
