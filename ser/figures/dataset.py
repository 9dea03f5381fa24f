"""Figures of the data set: how many clips there are, how they were recorded, how well people and models recognise
them.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from ser.emotions import colour
from ser.figures import style
from ser.figures.style import ACCENT, SECOND


def axis_title(name: str, unit: str) -> str:
    """Title of an axis, with the unit in brackets where there is one.

    Examples:
        >>> axis_title("f0.mean", "semitones"), axis_title("f0.skewness", "")
        ('f0.mean (semitones)', 'f0.skewness')
    """
    return f"{name} ({unit})" if unit else name


def category_colours(categories: Sequence[str], *, labels: bool = True) -> dict[str, str]:
    """A CSS colour for each category, of medium lightness, readable on white and on black.

    With `labels`, the categories are emotions or a visitor's own labels, which have the same colour in every figure.
    Other categories get hues evenly around the circle.
    """
    if labels:
        return {category: colour(category) for category in categories}
    hues = np.linspace(210, 570, len(categories), endpoint=False) % 360
    # Neighbours alternate in lightness as well: 24 actors are more than hue alone can tell apart.
    return {
        category: f"hsl({hue:.0f},60%,{45 + 13 * (index % 2)}%)"
        for index, (category, hue) in enumerate(zip(categories, hues, strict=True))
    }


def counts_figure(counts: Mapping[str, int], title: str, *, labels: bool = True) -> go.Figure:
    """Number of clips in each category, as bars; `title` is that of the categories' axis."""
    categories, numbers = list(counts), list(counts.values())
    # Values of other fields need no colours of their own: their position identifies them.
    colours = list(category_colours(categories).values()) if labels else ACCENT
    bars = {
        "type": "bar",
        "x": numbers,
        "y": categories,
        "orientation": "h",
        "marker": {"color": colours},
        "text": numbers,
        # On the bars white numbers would be hard to read on the lighter colours.
        "textposition": "outside",
        "cliponaxis": False,
        "hovertemplate": "%{y}: %{x} clips<extra></extra>",
    }
    return style.figure(
        [bars],
        x="Clips",
        y=title,
        height=118 + (34 if len(categories) < 12 else 22) * len(categories),
        xaxis={"dtick": _whole(max(numbers, default=0))},
        yaxis=style.DOWNWARDS,
    )


def histogram_figure(values: np.ndarray, title: str, *, size: float | None = None) -> go.Figure:
    """Histogram of a measurement of the clips, with bars `size` wide; `title` names it and its unit."""
    bars = max(1, round(np.ptp(values) / size)) if size else 30
    histogram = {
        "type": "histogram",
        "x": values,
        "marker": {"color": ACCENT, "line": {"width": 1, "color": "rgba(127,127,127,0.4)"}},
        "hovertemplate": "%{x}: %{y} clips<extra></extra>",
    } | ({"xbins": {"size": size}} if size else {"nbinsx": bars})
    highest = int(np.histogram(values, bins=bars)[0].max())
    return style.figure([histogram], x=title, y="Clips", height=300, yaxis={"dtick": _whole(highest)})


def _whole(largest: int) -> int | None:
    """Step of an axis that counts clips; for few clips, plotly would mark halves."""
    return 1 if largest < 5 else None


def recall_figure(shares: Mapping[str, Mapping[str, float]], title: str) -> go.Figure:
    """How often each category is recognised, by people and at most two models, side by side.

    `shares` is name of the people or model → category → share of right answers, 0 to 1.
    """
    models = [name for name in shares if name != "people"]
    traces = []
    for name, by_category in shares.items():
        colour, pattern = (ACCENT, "/" if name in models[1:] else "") if name in models else (SECOND, "")
        percentages = [100 * share for share in by_category.values()]
        bars = {
            "type": "bar",
            "x": percentages,
            "y": list(by_category),
            "orientation": "h",
            "name": name,
            "marker": {"color": colour, "pattern": {"shape": pattern}, "line": {"width": 0}},
            "text": [f"{percentage:.0f}" for percentage in percentages],
            "textposition": "outside",
            "cliponaxis": False,
            "textangle": 0,
            "hovertemplate": f"{name}, %{{y}}: %{{x:.1f}} % right<extra></extra>",
        }
        traces.append(bars)
    n_categories = max((len(by_category) for by_category in shares.values()), default=0)
    return style.figure(
        traces,
        x="Recognised rightly (%)",
        y=title,
        height=110 + (16 + 20 * len(shares)) * n_categories,
        # One bar a category needs no name; the title says whose it is.
        legend=len(shares) > 1,
        bargap=0.25,
        bargroupgap=0.08,
        xaxis={"range": [0, 105]},
        yaxis=style.DOWNWARDS,
    )
