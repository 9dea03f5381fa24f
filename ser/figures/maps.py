"""Figures of maps: clips as points on two or three axes."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from ser.exploration.projection import Projection
from ser.figures import style
from ser.figures.dataset import category_colours
from ser.figures.style import MUTED, fade

# By itself plotly fades all other points so far that the map is lost.
_UNSELECTED = {"marker": {"opacity": 0.4}}


def map_figure(
    projection: Projection,
    categories: np.ndarray,
    order: Sequence[str],
    names: np.ndarray,
    keys: np.ndarray,
    *,
    labels: bool = True,
    drag: str = "none",
    symbols: np.ndarray | None = None,
    own: Mapping[str, np.ndarray] | None = None,
) -> go.Figure:
    """Clips on a map, a trace for each category in the given `order`.

    `categories`, `names` (for hovering) and `keys` (the `customdata` of a clicked point) have the shape (n_clips,).
    So have `symbols`, plotly's names of symbols. `drag` is what dragging does on a flat map: "lasso", "zoom" or "none",
    which lets a phone scroll. `own` has the visitor's clips: name → where to draw it.
    Clips that LDA was fitted on are paler, because their positions prove nothing.
    """
    solid = projection.points.shape[1] == 3
    traces = _categories(projection, categories, order, names, keys, labels=labels, symbols=symbols)
    if own:
        traces.append(_own(own))
    # Streamlit turns no dragging at all into moving about; axes that stay where they are let a finger scroll the page.
    still = drag == "none"
    flat = {
        "dragmode": False if still else drag,
        "height": 560,
        "xaxis": {"fixedrange": still},
        "yaxis": {"fixedrange": still},
    }
    return style.figure(
        traces,
        x=projection.axes[0],
        y=projection.axes[1],
        # A legend of two dozen actors would take more room than the map; hovering names them. The points in space are
        # small; those of the legend need not be.
        legend={"itemsizing": "constant" if solid else "trace"} if len(traces) <= 10 else False,
        **(_in_space() if solid else flat),
    )


def _categories(
    projection: Projection,
    categories: np.ndarray,
    order: Sequence[str],
    names: np.ndarray,
    keys: np.ndarray,
    *,
    labels: bool,
    symbols: np.ndarray | None,
) -> list[dict]:
    """A trace for each category; see `map_figure`."""
    solid = projection.points.shape[1] == 3
    traces = []
    present = [category for category in order if (categories == category).any()]
    for category, colour in category_colours(present, labels=labels).items():
        chosen = np.flatnonzero(categories == category)
        if projection.fitted is not None:
            # The legend has the colour of a trace's first point: one that is not pale.
            chosen = chosen[np.argsort(projection.fitted[chosen], stable=True)]
        x, y, *z = projection.points[chosen].T
        look: dict = {"size": 3.5, "opacity": 0.8} if solid else {"size": 8, "opacity": 1}
        look["color"] = colour if solid else _shades(colour, projection, chosen)
        if symbols is not None:
            look["symbol"] = symbols[chosen]
        trace = {
            "x": x,
            "y": y,
            "marker": look,
            "mode": "markers",
            "name": category,
            "text": names[chosen],
            "customdata": keys[chosen],
            "hovertemplate": f"%{{text}}<br>{category}<extra></extra>",
        }
        # A selected point stands out, also where LDA was fitted on it.
        flat = {"type": "scatter", "selected": {"marker": {"size": 11, "color": colour}}, "unselected": _UNSELECTED}
        traces.append(trace | ({"type": "scatter3d", "z": z[0]} if solid else flat))
    return traces


def _own(own: Mapping[str, np.ndarray]) -> dict:
    """A trace of the visitor's clips: large marks in a colour that no emotion has."""
    x, y, *z = np.stack(list(own.values())).T
    trace = {
        "x": x,
        "y": y,
        "mode": "markers",
        "name": "your clip" if len(own) == 1 else "your clips",
        "text": list(own),
        "customdata": list(own),
        "marker": {
            "size": 8 if z else 20,
            "color": "#e11d9b",
            "symbol": "cross" if z else "star",
            "opacity": 1,
            "line": {"width": 2, "color": "#ffffff"},
        },
        "hovertemplate": "%{text}<extra></extra>",
    }
    # It stays as it is when another point is clicked.
    flat = {"type": "scatter", "unselected": {"marker": {"opacity": 1}}}
    return trace | ({"type": "scatter3d", "z": z[0]} if z else flat)


def _in_space() -> dict:
    """Settings of the layout of a map with three axes."""
    axes = {
        axis: {
            # Their full titles would be cut off on a phone.
            "title": {"text": f"Axis {number}", "font": {"size": 11}},
            # WebGL draws a see-through grid white.
            "gridcolor": MUTED,
            "backgroundcolor": "rgba(0,0,0,0)",
            "showticklabels": False,
        }
        for number, axis in enumerate(("xaxis", "yaxis", "zaxis"), start=1)
    }
    # From far enough that nothing is cut off.
    away = {"eye": {"x": 1.3, "y": 1.3, "z": 0.9}}
    return {"scene": axes | {"aspectmode": "cube", "camera": away}, "height": 620, "dragmode": "orbit"}


def _shades(colour: str, projection: Projection, chosen: np.ndarray) -> str | list[str]:
    # In the colours, for a legend would show the mean of the points' opacities.
    if projection.fitted is None or projection.fitted.all():
        return fade(colour, 0.75)
    return [fade(colour, 0.15 if fitted else 0.85) for fitted in projection.fitted[chosen]]
