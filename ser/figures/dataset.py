"""Figures of the data set: counts, lengths, one feature by emotion, a map of the clips, and what tells whom apart.

Every function takes numbers and returns a `plotly.graph_objects.Figure`; nothing here loads or computes.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from ser.emotions import BY_NAME, LABELS
from ser.features.feature import GROUPS, Feature
from ser.figures.style import ACCENT, MUTED, SIGNED, bar_above, dress
from ser.statistics import Correlations, Projection, Separation

# Hues far apart that hold contrast on a white and on a dark ground; the marker's shape tells them apart as well.
GROUP_COLOURS = dict(
    zip(GROUPS, ("#d1495b", "#b8860b", "#9a5fc2", "#2a9d8f", "#4477cc", "#5f8f2f", "#7f7f7f"), strict=True)
)
GROUP_SYMBOLS = dict(
    zip(GROUPS, ("circle", "square", "diamond", "triangle-up", "cross", "star", "triangle-down"), strict=True)
)
# Below this many clips a violin's outline is drawn from its smoothing, not from the data.
FEWEST_FOR_VIOLIN = 12


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


def category_colours(categories: Sequence[str]) -> dict[str, str]:
    """A colour for each category: an emotion's own, or hues evenly round the circle.

    Args:
        categories: in the order in which they are shown.

    Returns:
        Category → CSS colour; middling lightness, to be seen on white and on black.
    """
    if all(category in BY_NAME for category in categories):
        return {category: BY_NAME[category].colour for category in categories}
    hues = np.linspace(210, 570, len(categories), endpoint=False) % 360
    # Neighbours alternate in lightness as well: 24 actors are more than hue alone can tell apart.
    return {
        c: f"hsl({hue:.0f},60%,{45 + 13 * (i % 2)}%)" for i, (c, hue) in enumerate(zip(categories, hues, strict=True))
    }


def counts_figure(counts: Mapping[str, int], title: str) -> go.Figure:
    """How many clips there are of each kind, as bars.

    Args:
        counts: kind → number of clips, in the order of the bars.
        title: of the kinds' axis, such as "Emotion".

    Returns:
        The figure.
    """
    kinds, numbers = list(counts), list(counts.values())
    colours = [BY_NAME[kind].colour if kind in BY_NAME else ACCENT for kind in kinds]
    figure = go.Figure(
        go.Bar(
            x=numbers,
            y=kinds,
            orientation="h",
            marker_color=colours,
            text=numbers,
            textposition="auto",
            hovertemplate="%{y}: %{x} clips<extra></extra>",
        )
    )
    dress(figure, x="Clips", y=title, height=90 + (34 if len(kinds) < 12 else 22) * len(kinds))
    # Categories read from the top down; without a type, plotly would take actors "1", "2" for numbers.
    figure.update_yaxes(autorange="reversed", type="category", dtick=1)
    return figure


def durations_figure(seconds: np.ndarray) -> go.Figure:
    """How long the clips are, as a histogram.

    Args:
        seconds: length of each clip, shape (n_clips,).

    Returns:
        The figure.
    """
    figure = go.Figure(
        go.Histogram(
            x=seconds,
            xbins={"size": 0.1},
            marker_color=ACCENT,
            marker_line={"width": 1, "color": "rgba(127,127,127,0.4)"},
            hovertemplate="%{x} s: %{y} clips<extra></extra>",
        )
    )
    return dress(figure, x="Length of the clip (s)", y="Clips", height=320)


def distribution_figure(values: np.ndarray, emotions: np.ndarray, feature: Feature, names: np.ndarray) -> go.Figure:
    """Spread of one feature within each emotion: violins with quartiles, or every clip where there are few.

    Args:
        values: the feature of each clip, in its unit, shape (n_clips,).
        emotions: label of each clip, shape (n_clips,).
        feature: what is shown.
        names: of the clips, for hovering, shape (n_clips,).

    Returns:
        The figure.
    """
    present = [label for label in LABELS if (emotions == label).any()]
    figure = go.Figure()
    for label in present:
        chosen = emotions == label
        common = {
            "x": values[chosen],
            "y": np.repeat(label, chosen.sum()),
            "name": label,
            "text": names[chosen],
            "line_color": BY_NAME[label].colour,
            "orientation": "h",
            "hovertemplate": f"{label}: %{{x:.4g}} {feature.unit}<br>%{{text}}<extra></extra>",
        }
        if chosen.sum() >= FEWEST_FOR_VIOLIN:
            figure.add_violin(**common, box_visible=True, points="outliers", marker_size=4, spanmode="hard", width=0.9)
        else:
            figure.add_box(**common, boxpoints="all", pointpos=0, jitter=0.4, marker_size=6)
    dress(figure, x=axis_title(feature.name, feature.unit), y="Emotion", height=100 + 52 * len(present))
    figure.update_yaxes(autorange="reversed", type="category")
    return figure


def map_figure(projection: Projection, kinds: np.ndarray, order: Sequence[str], names: np.ndarray) -> go.Figure:
    """Clips on their first two principal components.

    Args:
        projection: the points and what the axes explain.
        kinds: the kind of each clip that colours it, shape (n_clips,).
        order: the kinds in the order of the legend.
        names: of the clips, for hovering, shape (n_clips,).

    Returns:
        The figure.
    """
    titles = [
        f"Principal component {i} ({share:.0%} of the variance)" for i, share in enumerate(projection.explained, 1)
    ]
    figure = go.Figure()
    for kind, colour in category_colours([kind for kind in order if (kinds == kind).any()]).items():
        chosen = kinds == kind
        figure.add_scatter(
            x=projection.points[chosen, 0],
            y=projection.points[chosen, 1],
            mode="markers",
            name=kind,
            text=names[chosen],
            marker={"color": colour, "size": 7, "opacity": 0.75},
            hovertemplate=f"%{{text}}<br>{kind}<extra></extra>",
        )
    # A legend of two dozen actors would take more room than the map; hovering names them.
    return dress(figure, x=titles[0], y=titles[1], height=560, legend=len(figure.data) <= 10)


def correlation_figure(correlations: Correlations) -> go.Figure:
    """Correlations between features as a map of squares, blocks being features that move together.

    Args:
        correlations: values of shape (n_features, n_features).

    Returns:
        The figure.
    """
    # Names across would stand on end and take a third of a phone; numbers lead the eye to the rows instead.
    numbers = list(range(1, len(correlations.features) + 1))
    names = [feature.name for feature in correlations.features]
    figure = go.Figure(
        go.Heatmap(
            z=correlations.values,
            x=numbers,
            y=[f"{name}  {number}" for number, name in zip(numbers, names, strict=True)],
            text=[[f"{row}<br>{column}" for column in names] for row in names],
            zmin=-1,
            zmax=1,
            colorscale=SIGNED,
            colorbar=bar_above("Correlation r"),
            hovertemplate="%{text}<br>r = %{z:.2f}<extra></extra>",
        )
    )
    dress(figure, x="Feature (number of its row)", y="Feature", height=max(360, 120 + 16 * len(names)))
    figure.update_yaxes(autorange="reversed", type="category", dtick=1, tickfont_size=10)
    figure.update_xaxes(showgrid=False)
    return figure.update_layout(margin_t=44)


def separation_figure(separation: Separation) -> go.Figure:
    """Every feature by what it tells: the emotion (upwards) or the actor (to the right).

    Args:
        separation: effect sizes of shape (n_features,).

    Returns:
        The figure.
    """
    figure = go.Figure()
    groups = np.array([feature.group for feature in separation.features])
    names = np.array([axis_title(feature.name, feature.unit) for feature in separation.features])
    for group in GROUPS:
        chosen = groups == group
        if chosen.any():
            figure.add_scatter(
                x=100 * separation.by_actor[chosen],
                y=100 * separation.by_emotion[chosen],
                mode="markers",
                name=group,
                text=names[chosen],
                marker={"color": GROUP_COLOURS[group], "symbol": GROUP_SYMBOLS[group], "size": 8, "opacity": 0.75},
                hovertemplate="%{text}<br>emotion %{y:.0f} %, actor %{x:.0f} %<extra>" + group + "</extra>",
            )
    right, top = 105 * float(separation.by_actor.max()), 118 * float(separation.by_emotion.max())
    end = max(right, top)
    figure.add_shape(type="line", x0=0, y0=0, x1=end, y1=end, line={"color": MUTED, "dash": "dot", "width": 1.5})
    for x, text, anchor in ((0.01, "tells the emotion", "left"), (0.99, "tells the actor", "right")):
        figure.add_annotation(
            x=x, y=0.99, xref="paper", yref="paper", xanchor=anchor, yanchor="top", text=text, showarrow=False
        )
    dress(
        figure,
        x="Variance that the actor explains (eta², %)",
        y="Variance that the emotion explains (eta², %)",
        height=560,
        legend=True,
    )
    figure.update_xaxes(range=[0, right])
    return figure.update_yaxes(range=[0, top])
