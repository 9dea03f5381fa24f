"""Figures of maps: clips as points on two or three axes."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from ser.exploration.projection import Projection
from ser.figures import style
from ser.figures.dataset import category_colours
from ser.figures.style import MUTED, fade


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
) -> go.Figure:
    """Clips on a map, a trace for each category in the given `order`.

    `categories`, `names` (for hovering) and `keys` (the `customdata` of a clicked point) have the shape (n_clips,).
    So have `symbols`, plotly's names of symbols. `drag` is what dragging does on a flat map: "lasso", "zoom" or "none",
    which lets a phone scroll. Clips that LDA was fitted on are paler, because their positions prove nothing.
    """
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
        traces.append(trace | ({"type": "scatter3d", "z": z[0]} if solid else {"type": "scatter"}))
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
