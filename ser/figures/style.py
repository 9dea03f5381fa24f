"""The look that all figures share: transparent, quiet, with titled axes.

Backgrounds are transparent and text has no colour of its own, so the same figure suits a light page, a dark page and a
report.
"""

import plotly.graph_objects as go

#: Lines and bars that stand for no emotion: readable (3:1 and more) on white and on near-black alike.
ACCENT = "#5b7fd1"
#: A second series beside `ACCENT`: told apart by lightness as well, never by hue alone.
SECOND = "#c77d1a"
#: Reference lines, chance levels, silence.
MUTED = "#8a93a3"
GRID = "rgba(138, 147, 163, 0.22)"
#: For magnitudes (spectrograms, counts): even in lightness, and readable by the colour-blind.
SEQUENTIAL = "Viridis"
#: For signed values around zero (correlations); zero takes the colour of the page, light or dark.
SIGNED = ((0.0, "rgb(33,102,172)"), (0.5, "rgba(128,128,128,0)"), (1.0, "rgb(190,40,55)"))

_NOWHERE = "rgba(0, 0, 0, 0)"


def dress(
    figure: go.Figure,
    *,
    x: str = "",
    y: str = "",
    height: int = 320,
    legend: bool = False,
) -> go.Figure:
    """Give a figure the shared look and return it.

    `x` and `y` are titles of the axes with their units, empty where the tick labels are enough. A legend stands above
    the plot, where it takes no width on a phone.
    """
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 12, "t": 40 if legend else 12, "b": 8},
        paper_bgcolor=_NOWHERE,
        plot_bgcolor=_NOWHERE,
        showlegend=legend,
        legend={"orientation": "h", "x": 0, "y": 1, "yref": "container", "yanchor": "top", "title": {"text": ""}},
        hoverlabel={"align": "left"},
        dragmode="zoom",
        title={"text": ""},
    )
    figure.update_xaxes(title={"text": x}, gridcolor=GRID, zeroline=False, automargin=True)
    figure.update_yaxes(title={"text": y}, gridcolor=GRID, zeroline=False, automargin=True)
    return figure


def bar_above(title: str) -> dict:
    """Settings of a trace's colour bar above the plot; beside it, it would take a fifth of a phone's width."""
    return {
        "title": {"text": f"{title} ", "side": "right"},
        "orientation": "h",
        "x": 1,
        "xanchor": "right",
        "y": 1,
        "yanchor": "bottom",
        "xpad": 0,
        "ypad": 4,
        # The title stands to the left of the colours and counts as part of the length.
        "len": 110 + 7 * len(title),
        "lenmode": "pixels",
        "thickness": 8,
        "outlinewidth": 0,
        "nticks": 4,
    }


def fade(colour: str, opacity: float) -> str:
    """A colour such as "#4477cc" or "hsl(210,60%,45%)" with an opacity, 0 to 1.

    Example:
        >>> fade("#ff8000", 0.5)
        'rgba(255, 128, 0, 0.5)'
    """
    if colour.startswith("hsl("):
        return f"hsla({colour[4:-1]},{opacity:g})"
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {opacity:g})"
