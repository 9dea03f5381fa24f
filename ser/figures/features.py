"""Figures of features: their distribution, what explains them, which go together, how pitch and loudness move."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from ser.exploration.effect_sizes import Correlations, GroupDifferences, Interaction, Separation
from ser.features.contours import MeanContour
from ser.features.feature import GROUPS, Feature
from ser.figures import style
from ser.figures.dataset import axis_title, category_colours
from ser.figures.style import ACCENT, MUTED, SECOND, SIGNED
from ser.text import true_minus

SHAPES = {"violin": "Violin", "box": "Box", "ridge": "Ridge"}
"""Ways to draw how a feature is spread."""
# Hues far apart that hold contrast on a white and on a dark ground; the marker's shape tells them apart as well.
GROUP_COLOURS = dict(
    zip(GROUPS, ("#d1495b", "#b8860b", "#9a5fc2", "#2a9d8f", "#4477cc", "#5f8f2f", "#7f7f7f"), strict=True)
)
GROUP_SYMBOLS = dict(
    zip(GROUPS, ("circle", "square", "diamond", "triangle-up", "cross", "star", "triangle-down"), strict=True)
)
# Below this many clips a violin's outline is drawn from its smoothing, not from the data.
FEWEST_FOR_VIOLIN = 12
_VIOLIN = {"type": "violin", "spanmode": "hard"}
# How each of `SHAPES` is drawn, and a category of few clips.
_SPREAD: dict[str, dict] = {
    "few": {"type": "box", "boxpoints": "all", "pointpos": 0, "jitter": 0.4, "marker": {"size": 6}},
    "box": {"type": "box", "boxpoints": "outliers", "marker": {"size": 4}, "boxmean": True},
    "violin": _VIOLIN | {"box": {"visible": True}, "points": "outliers", "marker": {"size": 4}, "width": 0.9},
    # The axis runs downwards, so the negative side is up.
    "ridge": _VIOLIN | {"side": "negative", "points": False, "width": 1.8, "meanline": {"visible": True}},
}
_LONGEST_NAME = 21
# Fewer values have a range of their own.
_FEWEST_FOR_RANGE = 10


def distribution_figure(
    values: np.ndarray,
    categories: np.ndarray,
    order: Sequence[str],
    feature: Feature,
    names: np.ndarray,
    *,
    title: str = "Emotion",
    labels: bool = True,
    shape: str = "violin",
) -> go.Figure:
    """Distribution of one feature within each category of clips, a trace each, from the top down in the given `order`.

    `values`, `categories` and `names` (for hovering) have the shape (n_clips,); `title` is that of the categories'
    axis, and `shape` one of `SHAPES`. A category of few clips is always drawn clip by clip.
    """
    colours = category_colours([category for category in order if (categories == category).any()], labels=labels)
    traces = []
    for category, colour in colours.items():
        chosen = categories == category
        trace = {
            "x": values[chosen],
            "y": np.repeat(category, chosen.sum()),
            "name": category,
            "text": names[chosen],
            "line": {"color": colour},
            "orientation": "h",
            "hovertemplate": f"{category}: %{{x:.4g}} {feature.unit}<br>%{{text}}<extra></extra>",
        }
        traces.append(trace | _SPREAD["few" if chosen.sum() < FEWEST_FOR_VIOLIN else shape])
    return style.figure(
        traces,
        x=axis_title(feature.name, feature.unit),
        y=title,
        height=100 + (52 if len(colours) < 12 else 30) * len(colours),
        yaxis=style.DOWNWARDS,
    )


def interaction_figure(interaction: Interaction, feature: Feature) -> go.Figure:
    """Mean of one feature by emotion with 95 % intervals, a trace for each level of the second field."""
    traces, lines = [], []
    looks = ((ACCENT, "circle"), (SECOND, "diamond"), (MUTED, "square"))
    for j, (level, (colour, symbol)) in enumerate(zip(interaction.levels, looks, strict=False)):
        # Side by side, or the intervals of two levels would cover one another.
        positions = np.arange(len(interaction.emotions)) + 0.16 * (j - (len(interaction.levels) - 1) / 2)
        trace = {
            "type": "scatter",
            "x": interaction.means[:, j],
            "y": positions,
            "error_x": {"array": interaction.errors[:, j], "color": colour, "thickness": 1.5, "width": 3},
            "mode": "markers",
            "name": level,
            "text": list(interaction.emotions),
            "marker": {"color": colour, "symbol": symbol, "size": 10},
            "hovertemplate": f"%{{text}}, {level}: %{{x:.4g}} {feature.unit}<extra></extra>",
        }
        traces.append(trace)
    dotted = {"type": "line", "layer": "below", "line": {"color": MUTED, "width": 1, "dash": "dot"}}
    for i, row in enumerate(interaction.means):
        if np.isfinite(row).sum() > 1:
            lines.append(dotted | {"x0": np.nanmin(row), "x1": np.nanmax(row), "y0": i, "y1": i})
    return style.figure(
        traces,
        x=axis_title(feature.name, feature.unit),
        y="Emotion",
        height=130 + 42 * len(interaction.emotions),
        legend=True,
        shapes=lines,
        yaxis={
            "tickvals": list(range(len(interaction.emotions))),
            "ticktext": list(interaction.emotions),
            "range": [len(interaction.emotions) - 0.5, -0.5],
        },
    )


def contour_figure(
    contours: Sequence[MeanContour], title: str, *, labels: bool = True, band: str = "interval"
) -> go.Figure:
    """Mean contours over the sentence, one per group; `title` is that of the vertical axis, with its unit.

    The `band` around each is the 95 % "interval" of the mean, the "spread" (the middle half of the clips), or "none".
    """
    bands, lines = [], []
    colours = category_colours([each.group for each in contours], labels=labels)
    for each in contours:
        position, colour = 100 * each.share, colours[each.group]
        known = np.isfinite(each.mean)
        low, high = (each.mean - each.error, each.mean + each.error) if band == "interval" else (each.low, each.high)
        if band != "none" and known.any():
            area = {
                "type": "scatter",
                "x": np.concatenate([position[known], position[known][::-1]]),
                "y": np.concatenate([high[known], low[known][::-1]]),
                "fill": "toself",
                "fillcolor": colour,
                "opacity": 0.18,
                "mode": "none",
                "hoverinfo": "skip",
                "legendgroup": each.group,
                "showlegend": False,
                "name": f"{each.group}, {band}",
            }
            bands.append(area)
        line = {
            "type": "scatter",
            "x": position,
            "y": each.mean,
            "mode": "lines",
            "name": each.group,
            "legendgroup": each.group,
            "line": {"color": colour, "width": 2.5},
            "hovertemplate": f"{each.group}: %{{y:.1f}} at %{{x:.0f}} %<extra>{each.clips} clips</extra>",
        }
        lines.append(line)
    return style.figure(
        bands + lines,  # no band covers a line
        x="Place in the sentence (% of its length)",
        y=title,
        height=420,
        legend=len(contours) <= 10,
        xaxis={"range": [0, 100]},
        yaxis={"range": _without_jumps(np.concatenate([each.mean for each in contours]))} if band == "none" else {},
    )


def _without_jumps(values: np.ndarray) -> list[float] | None:
    """The range of an axis that a few jumps by an octave do not set; None for that of all values.

    Pitch tracking takes a tone for one an octave away now and then, in a clip's first and last frames above all.
    """
    known = values[np.isfinite(values)]
    if known.size < _FEWEST_FOR_RANGE:
        return None
    low, high = np.percentile(known, [5, 95])
    # A fifth of the spread beyond what nine in ten values need, and no more than the values need.
    room = 0.2 * max(high - low, 1.0)
    return [float(max(known.min() - 0.5, low - room)), float(min(known.max() + 0.5, high + room))]


def group_differences_figure(differences: GroupDifferences, names: tuple[str, str]) -> go.Figure:
    """The features in which two groups differ most, as bars of Cohen's d; `names` are those of the groups."""
    units = [axis_title(feature.name, feature.unit) for feature in differences.features]
    bars = {
        "type": "bar",
        "x": differences.d,
        "y": units,
        "orientation": "h",
        "marker": {"color": [ACCENT if d > 0 else SECOND for d in differences.d]},
        "customdata": np.column_stack([differences.first, differences.second]),
        "hovertemplate": f"%{{y}}<br>{names[0]}: %{{customdata[0]:.4g}}<br>{names[1]}: %{{customdata[1]:.4g}}<br>"
        "d = %{x:.2f}<extra></extra>",
    }
    return style.figure(
        [bars],
        x="Cohen’s d",
        y="Feature",
        height=110 + 26 * len(units),
        shapes=[style.vertical(0, color=MUTED, width=1)],
        yaxis=style.DOWNWARDS,
    )


def agreement_figure(
    cosines: Mapping[str, float], title: str, within: Mapping[str, Mapping[str, float]] | None = None
) -> go.Figure:
    """How alike the emotion effects of two data sets are, as bars from -1 to 1; `title` is that of the bars' axis.

    `within` has the name of a data set → bar → how alike they are within this data set, drawn as marks.
    """
    marks = [
        {
            "type": "scatter",
            "x": list(values.values()),
            "y": list(values),
            "mode": "markers",
            "name": f"within {name}",
            "marker": {"color": SECOND, "symbol": symbol, "size": 9},
            "hovertemplate": f"%{{y}}, within {name}: %{{x:.2f}}<extra></extra>",
        }
        for (name, values), symbol in zip((within or {}).items(), ("circle", "diamond"), strict=False)
    ]
    bars = {
        "type": "bar",
        "x": list(cosines.values()),
        "y": list(cosines),
        "orientation": "h",
        "name": "between them",
        "marker": {"color": ACCENT},
        "text": [true_minus(f"{cosine:.2f}") for cosine in cosines.values()],
        # Beside a bar the numbers would lie under the marks.
        "textposition": "none" if marks else "outside",
        "cliponaxis": False,
        "hovertemplate": "%{y}: %{x:.2f}<extra></extra>",
    }
    return style.figure(
        [bars, *marks],
        x="Agreement of the effects (cosine)",
        y=title,
        height=(130 if marks else 100) + 34 * len(cosines),
        legend=bool(marks),
        shapes=[style.vertical(0, color=MUTED, width=1)],
        xaxis={"range": [min(-0.3, *cosines.values()) - 0.1, 1.1]},
        yaxis=style.DOWNWARDS,
    )


def _brief(name: str) -> str:
    """The part of a name that tells features apart, where the whole would leave a phone no room for the squares."""
    name = name.split(" (")[0]
    if len(name) <= _LONGEST_NAME:
        return name
    # Names in words begin with what matters, and code names end with it.
    return f"{name[: _LONGEST_NAME - 1].rstrip()}…" if " " in name else f"…{name[1 - _LONGEST_NAME :]}"


def correlation_figure(correlations: Correlations) -> go.Figure:
    """Correlations between features as a map of squares; blocks are features that move together."""
    # Names across would stand on end and take a third of a phone; numbers lead the eye to the rows instead.
    numbers = list(range(1, len(correlations.features) + 1))
    names = [feature.name for feature in correlations.features]
    squares = {
        "type": "heatmap",
        "z": correlations.values,
        "x": numbers,
        "y": [f"{_brief(name)}  {number}" for number, name in zip(numbers, names, strict=True)],
        "text": [[f"{row}<br>{column}" for column in names] for row in names],
        "zmin": -1,
        "zmax": 1,
        "colorscale": SIGNED,
        "colorbar": style.bar_above("Correlation r"),
        "hovertemplate": "%{text}<br>r = %{z:.2f}<extra></extra>",
    }
    return style.figure(
        [squares],
        x="Feature (row)",
        y="Feature",
        height=max(360, 148 + 22 * len(names)),
        margin={"t": 72},  # room for the toolbar and the colour bar
        xaxis={"showgrid": False, "dtick": 1 if len(names) <= 12 else 2},
        yaxis=style.DOWNWARDS | {"tickfont": {"size": 12}, "showgrid": False},
    )


def separation_figure(separation: Separation) -> go.Figure:
    """Every feature by how much it depends on the emotion (upwards) and on the actor (to the right)."""
    traces = []
    groups = np.array([feature.group for feature in separation.features])
    names = np.array([axis_title(feature.name, feature.unit) for feature in separation.features])
    for group in GROUPS:
        chosen = groups == group
        if chosen.any():
            look = {"color": GROUP_COLOURS[group], "symbol": GROUP_SYMBOLS[group], "size": 8, "opacity": 0.75}
            trace = {
                "type": "scatter",
                "x": 100 * separation.by_actor[chosen],
                "y": 100 * separation.by_emotion[chosen],
                "mode": "markers",
                "name": group,
                "text": names[chosen],
                "marker": look,
                "hovertemplate": "%{text}<br>emotion %{y:.0f} %, actor %{x:.0f} %<extra>" + group + "</extra>",
            }
            traces.append(trace)
    right, top = 105 * float(separation.by_actor.max()), 118 * float(separation.by_emotion.max())
    end = max(right, top)
    diagonal = {"x0": 0, "y0": 0, "x1": end, "y1": end, "line": {"color": MUTED, "dash": "dot", "width": 1.5}}
    corner = {"y": 0.99, "xref": "paper", "yref": "paper", "yanchor": "top"}
    return style.figure(
        traces,
        x="Variance that the actor explains (eta², %)",
        y="Variance that the emotion explains (eta², %)",
        height=560,
        legend=True,
        shapes=[{"type": "line"} | diagonal],
        annotations=[
            style.note("tells the emotion", x=0.01, xanchor="left", **corner),
            style.note("tells the actor", x=0.99, xanchor="right", **corner),
        ],
        xaxis={"range": [0, right]},
        yaxis={"range": [0, top]},
    )


def pitch_figure(times: np.ndarray, f0: np.ndarray, seconds: float) -> go.Figure:
    """F0 of one clip in Hz over time in seconds, a line with gaps where it is NaN, on a logarithmic axis."""
    line = {
        "type": "scatter",
        "x": times,
        "y": f0,
        "mode": "lines",
        "line": {"color": ACCENT, "width": 2.5},
        "hovertemplate": "%{x:.2f} s: %{y:.0f} Hz<extra></extra>",
    }
    inside = _without_jumps(12 * np.log2(f0 / 100))
    known = f0[np.isfinite(f0)]
    low, high = (known.min() / 1.15, known.max() * 1.15) if known.size else (60.0, 600.0)
    if inside:
        low, high = (100 * 2 ** (semitones / 12) for semitones in inside)
    ticks = [tick for tick in (60, 80, 100, 150, 200, 300, 400, 600) if low <= tick <= high]
    return style.figure(
        [line],
        x="Time (s)",
        y="Pitch (F0, Hz)",
        height=220,
        # The same left edge as the waveform and the spectrograms, with which it shares its time axis.
        margin={"l": 84, "r": 12},
        xaxis={"range": [0, seconds], "showgrid": False},
        yaxis={"type": "log", "range": [np.log10(low), np.log10(high)], "tickvals": ticks, "automargin": False},
    )
