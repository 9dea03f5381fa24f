"""Figures of maps: clips as points on two or three axes."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from ser.exploration.projection import Projection
from ser.figures.dataset import category_colours
from ser.figures.style import MUTED, dress, fade


def map_figure(
    projection: Projection,
    categories: np.ndarray,
    order: Sequence[str],
    names: np.ndarray,
    keys: np.ndarray,
    *,
    labels: bool = True,
    drag: str = "none",
) -> go.Figure:
    """Clips on a map, a trace for each category in the given `order`.

    `categories`, `names` (for hovering) and `keys` (the `customdata` of a clicked point) have the shape (n_clips,).
    `drag` is what dragging does on a flat map: "lasso", "zoom" or "none", which lets a phone scroll. Clips that LDA was
    fitted on are paler, because their positions prove nothing.
    """
    solid = projection.points.shape[1] == 3
    figure = go.Figure()
    present = [category for category in order if (categories == category).any()]
    for category, colour in category_colours(present, labels=labels).items():
        chosen = np.flatnonzero(categories == category)
        if projection.fitted is not None:
            # The legend has the colour of a trace's first point: one that is not pale.
            chosen = chosen[np.argsort(projection.fitted[chosen], stable=True)]
        common = {
            "mode": "markers",
            "name": category,
            "text": names[chosen],
            "customdata": keys[chosen],
            "hovertemplate": f"%{{text}}<br>{category}<extra></extra>",
        }
        x, y, *z = projection.points[chosen].T
        if solid:
            figure.add_scatter3d(x=x, y=y, z=z[0], marker={"color": colour, "size": 3.5, "opacity": 0.8}, **common)
        else:
            shades = _shades(colour, projection, chosen)
            figure.add_scatter(x=x, y=y, marker={"color": shades, "size": 8, "opacity": 1}, **common)
    # A legend of two dozen actors would take more room than the map; hovering names them.
    dress(figure, x=projection.axes[0], y=projection.axes[1], height=560, legend=len(figure.data) <= 10)
    # Streamlit turns no dragging at all into moving about; axes that stay where they are let a finger scroll the page.
    figure.update_layout(dragmode=False if drag == "none" else drag)
    figure.update_xaxes(fixedrange=drag == "none").update_yaxes(fixedrange=drag == "none")
    return _in_space(figure) if solid else figure


def _in_space(figure: go.Figure) -> go.Figure:
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
    figure.update_layout(scene=axes | {"aspectmode": "cube", "camera": away}, height=620, dragmode="orbit")
    # The points are small; those of the legend need not be.
    return figure.update_layout(legend_itemsizing="constant")


def _shades(colour: str, projection: Projection, chosen: np.ndarray) -> str | list[str]:
    # In the colours, for a legend would show the mean of the points' opacities.
    if projection.fitted is None or projection.fitted.all():
        return fade(colour, 0.75)
    return [fade(colour, 0.15 if fitted else 0.85) for fitted in projection.fitted[chosen]]
