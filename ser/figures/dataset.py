"""Figures of the data set: how many clips of which kind, how they were recorded, who recognises them.

Every function takes numbers and returns a `plotly.graph_objects.Figure`; nothing here loads or computes.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from ser.emotions import colour
from ser.figures.style import ACCENT, SECOND, dress


def axis_title(name: str, unit: str) -> str:
    """Title of an axis.

    Args:
        name: what the axis shows.
        unit: what it is measured in; "" for a plain number.

    Returns:
        The name, with the unit in brackets where there is one.

    Example:
        >>> axis_title("f0.mean", "semitones"), axis_title("f0.skewness", "")
        ('f0.mean (semitones)', 'f0.skewness')
    """
    return f"{name} ({unit})" if unit else name


def category_colours(categories: Sequence[str], *, labels: bool = True) -> dict[str, str]:
    """A colour for each category.

    Args:
        categories: in the order in which they are shown.
        labels: whether they are emotions or a visitor's own labels, which have the same colour in every figure; other
            categories get hues evenly round the circle.

    Returns:
        Category → CSS colour; middling lightness, to be seen on white and on black.
    """
    if labels:
        return {category: colour(category) for category in categories}
    hues = np.linspace(210, 570, len(categories), endpoint=False) % 360
    # Neighbours alternate in lightness as well: 24 actors are more than hue alone can tell apart.
    return {
        category: f"hsl({hue:.0f},60%,{45 + 13 * (place % 2)}%)"
        for place, (category, hue) in enumerate(zip(categories, hues, strict=True))
    }


def counts_figure(counts: Mapping[str, int], title: str, *, labels: bool = True) -> go.Figure:
    """How many clips there are of each kind, as bars.

    Args:
        counts: kind → number of clips, in the order of the bars.
        title: of the kinds' axis, such as "Emotion".
        labels: as for `category_colours`.

    Returns:
        The figure.
    """
    kinds, numbers = list(counts), list(counts.values())
    # Values of other fields need no colours of their own: their place says which is which.
    colours = list(category_colours(kinds).values()) if labels else ACCENT
    figure = go.Figure(
        go.Bar(
            x=numbers,
            y=kinds,
            orientation="h",
            marker_color=colours,
            text=numbers,
            # On the bars white numbers would be hard to read on the lighter colours.
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{x} clips<extra></extra>",
        )
    )
    dress(figure, x="Clips", y=title, height=90 + (34 if len(kinds) < 12 else 22) * len(kinds))
    # Categories read from the top down; without a type, plotly would take actors "1", "2" for numbers.
    figure.update_yaxes(autorange="reversed", type="category", dtick=1)
    return figure.update_xaxes(dtick=_whole(max(numbers, default=0)))


def histogram_figure(values: np.ndarray, title: str, *, size: float | None = None) -> go.Figure:
    """How a measurement of the clips is spread, as a histogram.

    Args:
        values: of each clip, shape (n_clips,).
        title: what is measured, with its unit, such as "Length of the clip (s)".
        size: width of a bar in that unit; chosen by plotly if left out.

    Returns:
        The figure.
    """
    figure = go.Figure(
        go.Histogram(
            x=values,
            xbins={"size": size} if size else None,
            nbinsx=None if size else 30,
            marker_color=ACCENT,
            marker_line={"width": 1, "color": "rgba(127,127,127,0.4)"},
            hovertemplate="%{x}: %{y} clips<extra></extra>",
        )
    )
    bars = max(1, round(np.ptp(values) / size)) if size else 30
    return dress(figure, x=title, y="Clips", height=300).update_yaxes(
        dtick=_whole(int(np.histogram(values, bins=bars)[0].max()))
    )


def _whole(most: int) -> int | None:
    """Step of an axis that counts clips: of few of them, plotly would mark halves."""
    return 1 if most < 5 else None


def recall_figure(shares: Mapping[str, Mapping[str, float]], title: str) -> go.Figure:
    """How often each kind of clip is recognised, people and models side by side.

    Args:
        shares: who answers → kind of clip → share right, 0 to 1; "people" and at most two models.
        title: of the kinds' axis, such as "Emotion".

    Returns:
        A figure of one bar trace for each answerer.
    """
    figure = go.Figure()
    models = [who for who in shares if who != "people"]
    for who, by_kind in shares.items():
        colour, pattern = (ACCENT, "/" if who in models[1:] else "") if who in models else (SECOND, "")
        percentages = [100 * share for share in by_kind.values()]
        figure.add_bar(
            x=percentages,
            y=list(by_kind),
            orientation="h",
            name=who,
            marker={"color": colour, "pattern": {"shape": pattern}, "line": {"width": 0}},
            text=[f"{percentage:.0f}" for percentage in percentages],
            textposition="outside",
            cliponaxis=False,
            textangle=0,
            hovertemplate=f"{who}, %{{y}}: %{{x:.1f}} % right<extra></extra>",
        )
    kinds = max((len(by_kind) for by_kind in shares.values()), default=0)
    dress(figure, x="Recognised rightly (%)", y=title, height=110 + (16 + 20 * len(shares)) * kinds, legend=True)
    figure.update_layout(bargap=0.25, bargroupgap=0.08)
    figure.update_xaxes(range=[0, 105])
    return figure.update_yaxes(autorange="reversed", type="category", dtick=1)
