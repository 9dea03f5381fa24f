"""The look that all figures share: transparent, quiet, with titled axes.

Backgrounds are transparent and text has no colour of its own, so the same figure suits a light page, a dark page and a
report.
"""

from collections.abc import Sequence
from typing import Any

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
#: Settings of an axis whose categories read from the top down. Without a type, plotly would take actors "1", "2" for
#: numbers.
DOWNWARDS = {"autorange": "reversed", "type": "category", "dtick": 1}

_NOWHERE = "rgba(0, 0, 0, 0)"
_DATA = {"x", "y", "customdata", "mode"}
# Without colours of its own, plotly lays a grey box behind the buttons of a figure whose paper is transparent.
_BUTTONS = {"bgcolor": _NOWHERE, "color": MUTED, "activecolor": ACCENT}
_LEGEND = {"orientation": "h", "x": 0, "y": 1, "yref": "container", "yanchor": "top", "title": {"text": ""}}
#: Streamlit's own template would be copied into every figure and sent with it, and nothing of it would be seen.
_TEMPLATE = go.layout.Template(data={"scatter": [{"marker": {"line": {"width": 0}}}]})


def figure(traces: Sequence[dict], **settings: Any) -> go.Figure:
    """A figure of some traces, with the settings of `layout`.

    Plotly checks it once, as a whole. Its `add_…` and `update_…` methods take several times as long, because they check
    and copy every setting on its own.
    """
    return go.Figure({"data": traces, "layout": layout(**settings)})


def redraw(drawn: go.Figure | None, traces: Sequence[dict], changing: dict, **settings: Any) -> go.Figure:
    """The figure of `figure`, made by changing `drawn`, an earlier one of the same kind, if it has as many traces.

    Of the traces only the data change, and of the layout only the settings `changing`. The rest is neither checked nor
    copied again, which makes it a third as expensive as a new figure.
    """
    if drawn is None or len(drawn.data) != len(traces):
        return figure(traces, **settings, **changing)
    for trace, fresh in zip(drawn.data, traces, strict=True):
        for name in _DATA & fresh.keys():
            trace[name] = fresh[name]
    for name, value in changing.items():
        if isinstance(value, dict):
            drawn.layout[name].update(value)
        else:
            drawn.layout[name] = value
    return drawn


def layout(*, x: str = "", y: str = "", height: int = 320, legend: bool | dict = False, **settings: Any) -> dict:
    """The shared look as a plotly layout, with further `settings`.

    `x` and `y` are titles of the axes with their units, empty where the tick labels are enough. A legend stands above
    the plot, where it takes no width on a phone; a dict shows it with settings of its own. A setting that is a dict,
    such as `xaxis` or `margin`, is merged into the shared one.
    """
    shared: dict[str, Any] = {
        "template": _TEMPLATE,
        "height": height,
        # The toolbar that appears at the top right covers no values, nor does the legend there.
        "margin": {"l": 8, "r": 12, "t": 40 if legend else 28, "b": 8},
        "modebar": _BUTTONS,
        "paper_bgcolor": _NOWHERE,
        "plot_bgcolor": _NOWHERE,
        "showlegend": bool(legend),
        "legend": _LEGEND | legend if isinstance(legend, dict) else _LEGEND,
        "hoverlabel": {"align": "left"},
        "dragmode": "zoom",
        "title": {"text": ""},
        "xaxis": axis(x),
        "yaxis": axis(y),
    }
    merged = {name: shared[name] | value for name, value in settings.items() if isinstance(shared.get(name), dict)}
    return shared | settings | merged


def axis(title: str, **settings: Any) -> dict:
    """An axis with a title, a quiet grid and further settings."""
    return {"title": {"text": title}, "gridcolor": GRID, "zeroline": False, "automargin": True} | settings


def horizontal(y: float, **line: Any) -> dict:
    """A line across the whole plot at a height `y`."""
    return {"type": "line", "x0": 0, "x1": 1, "xref": "x domain", "y0": y, "y1": y, "yref": "y", "line": line}


def vertical(x: float, **line: Any) -> dict:
    """A line from the bottom of the plot to its top at `x`."""
    return {"type": "line", "x0": x, "x1": x, "xref": "x", "y0": 0, "y1": 1, "yref": "y domain", "line": line}


def note(text: str, **settings: Any) -> dict:
    """Words within the plot."""
    return {"text": text, "showarrow": False} | settings


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

    Examples:
        >>> fade("#ff8000", 0.5)
        'rgba(255, 128, 0, 0.5)'
    """
    if colour.startswith("hsl("):
        return f"hsla({colour[4:-1]},{opacity:g})"
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {opacity:g})"
