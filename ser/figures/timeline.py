"""Figures of a clip over time: how probable each emotion is, and how loud and high the voice is."""

import numpy as np
import plotly.graph_objects as go

from ser.emotions import colour, described
from ser.figures import style
from ser.inference.clip_features import Gap
from ser.inference.timeline import Timeline

MOST_COLUMNS = 900
#: The same for both figures: stacked, they show the same instant at the same place.
_MARGIN = {"l": 104, "r": 12}
LEADING = "Leading emotion"
#: Of the clip's length; the words of a narrower gap would lie over their neighbours.
_NAMED_SHARE = 0.04


def emotions_figure(timeline: Timeline, *, height: int = 340) -> go.Figure:
    """Draw how probable each emotion is over time.

    There is a row for each emotion, darker where it is more probable, and a mark on the leading one of each window.
    Names stand at the rows, so nobody needs to distinguish colours. A click selects a mark. A stretch without an answer
    is shaded and says why.

    Args:
        timeline: the clip over time.
        height: pixels.

    Returns:
        The figure; its trace `LEADING` has a point for each window, in order, with the window's start and end as
        `customdata`.
    """
    labels = list(timeline.windows[0].probabilities)[::-1]  # plotly draws from the bottom up
    middles = np.array([(window.start + window.end) / 2 for window in timeline.windows])
    shares = 100 * np.array([[window.probabilities[label] for label in labels] for window in timeline.windows])
    edges, values = _cells(middles, shares)
    # Nothing else covers the clip's first and last moments, which the first and last windows reach.
    edges[0] = min(edges[0], timeline.windows[0].start)
    edges[-1] = max(edges[-1], timeline.windows[-1].end)
    rows = [_name(label) for label in labels]
    cells = {
        "type": "heatmap",
        "x": edges,
        "y": rows,
        "z": values.T,
        "zmin": 0,
        "zmax": 100,
        "colorscale": [[0, style.fade(style.ACCENT, 0.03)], [1, style.fade(style.ACCENT, 1)]],
        "colorbar": style.bar_above("Probability (%)"),
        "hovertemplate": "%{x:.1f} s, %{y}: %{z:.0f} %<extra></extra>",
        "xgap": 1,
        "ygap": 2,
    }
    return style.figure(
        [cells, _leading(timeline, labels, middles, shares)],
        x="Time (s)",
        y="Emotion",
        height=height,
        margin=_MARGIN | {"t": 44},
        clickmode="event+select",
        hovermode="closest",
        shapes=[_shade(gap.start, gap.end, 0, 1, "paper", 0.18) for gap in timeline.gaps],
        annotations=[_reason(gap) for gap in timeline.gaps if gap.end - gap.start >= _NAMED_SHARE * timeline.seconds],
        # A drag over it scrolls a phone's page; stretches are dragged over in the other figure.
        xaxis={"range": [0, timeline.seconds], "showgrid": False, "fixedrange": True},
        yaxis={"automargin": False, "type": "category", "showgrid": False, "fixedrange": True},
    )


def _leading(timeline: Timeline, labels: list[str], middles: np.ndarray, shares: np.ndarray) -> dict:
    """A mark on the leading emotion of each window."""
    leading = shares.argmax(axis=1)
    rows = [_name(label) for label in labels]
    return {
        "type": "scatter",
        "x": middles,
        "y": [rows[i] for i in leading],
        "mode": "markers",
        "name": LEADING,
        "marker": {
            "color": [colour(labels[i]) for i in leading],
            "size": 9 if len(middles) < 80 else 6,
            "line": {"width": 1.5, "color": "white"},
        },
        "customdata": [(window.start, window.end) for window in timeline.windows],
        "text": [f"{share:.0f} %" for share in shares.max(axis=1)],
        "hovertemplate": "%{customdata[0]:.1f} to %{customdata[1]:.1f} s: %{y}, %{text}<br>click to hear"
        "<extra></extra>",
        "selected": {"marker": {"opacity": 1}},
        "unselected": {"marker": {"opacity": 0.45}},
    }


def voice_figure(timeline: Timeline, *, height: int = 260) -> go.Figure:
    """Draw the voice over time: level with speech shaded, and F0 below. A drag selects a stretch.

    Args:
        timeline: the clip over time.
        height: pixels.

    Returns:
        A figure of two charts, one trace each, and a rectangle for each stretch of speech.
    """
    times, level, f0 = _thinned(timeline)
    bottom = float(np.floor(max(level.min(), level.max() - 60) / 10) * 10)
    top = float(np.ceil(level.max() / 10) * 10)
    levels = {
        "type": "scatter",
        "x": times,
        "y": np.maximum(level, bottom),
        "mode": "lines",
        "name": "Level",
        "line": {"color": style.ACCENT, "width": 1.5},
        "hovertemplate": "%{x:.1f} s: %{y:.0f} dBFS<extra></extra>",
        "xaxis": "x",
        "yaxis": "y",
    }
    pitch = {
        "type": "scatter",
        "x": times,
        "y": f0,
        "mode": "lines+markers",
        "name": "F0",
        "line": {"color": style.SECOND, "width": 1.5},
        "marker": {"size": 3},
        "connectgaps": False,
        "hovertemplate": "%{x:.1f} s: %{y:.0f} Hz<extra></extra>",
        "xaxis": "x2",
        "yaxis": "y2",
    }
    stretches = _joined(timeline.tracks.speech_stretches(), timeline.seconds / MOST_COLUMNS * 3)
    across = {"range": [0, timeline.seconds], "showgrid": False, "automargin": False}
    upwards = {"automargin": False, "nticks": 4, "fixedrange": True}
    return style.figure(
        [levels, pitch],
        height=height,
        margin=_MARGIN,
        dragmode="select",
        selectdirection="h",
        hovermode="closest",
        shapes=[_shade(start, end, bottom, top, "y", 0.25) for start, end in stretches],
        xaxis=across | {"anchor": "y", "matches": "x2", "showticklabels": False},
        xaxis2=style.axis("Time (s)", **across | {"anchor": "y2", "automargin": True}),
        yaxis=style.axis("Level<br>(dBFS)", **upwards, anchor="x", domain=[0.54, 1], range=[bottom, top]),
        yaxis2=style.axis("Pitch, F0<br>(Hz)", **upwards, anchor="x2", domain=[0, 0.46]),
    )


def _shade(start: float, end: float, bottom: float, top: float, yref: str, opacity: float) -> dict:
    """A grey rectangle behind the traces, from `start` to `end` in seconds."""
    corners = {"x0": start, "x1": end, "y0": bottom, "y1": top, "xref": "x", "yref": yref}
    colour = style.fade(style.MUTED, opacity)
    return {"type": "rect", "fillcolor": colour, "line": {"width": 0}, "layer": "below"} | corners


def _reason(gap: Gap) -> dict:
    middle = {"x": (gap.start + gap.end) / 2, "xref": "x", "y": 0.5, "yref": "paper"}
    # Upright, because most gaps are narrower than the words.
    return {"text": f"no answer: {gap.reason}", "textangle": -90, "showarrow": False, "font": {"size": 12}} | middle


def _cells(middles: np.ndarray, shares: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Edges of evenly spaced cells, shape (n_cells + 1,), and their shares; NaN where no window has an answer.

    Windows are evenly spaced, except for the last, and are missing where nobody speaks.
    """
    step = float(np.median(np.diff(middles))) if len(middles) > 1 else 1.0
    grid = np.arange(middles[0], middles[-1] + step / 2, step)
    nearest = np.abs(grid[:, None] - middles).argmin(axis=1)
    close = np.abs(grid - middles[nearest]) <= 0.75 * step
    return np.append(grid, grid[-1] + step) - step / 2, np.where(close[:, None], shares[nearest], np.nan)


def _thinned(timeline: Timeline) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Times, highest level and median F0 of each of at most `MOST_COLUMNS` columns."""
    tracks = timeline.tracks
    starts = np.unique(
        np.linspace(0, tracks.times.size, min(MOST_COLUMNS, tracks.times.size), endpoint=False).astype(int)
    )
    level = np.maximum.reduceat(tracks.level, starts)
    if starts.size == tracks.times.size:
        return tracks.times, level, tracks.f0
    return tracks.times[starts], level, _medians(tracks.f0, starts)


def _medians(values: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Median of the known values of each column, given by its first index; NaN where none is known."""
    known = np.flatnonzero(~np.isnan(values))
    columns = np.searchsorted(starts, known, side="right") - 1
    ranked = values[known][np.lexsort((values[known], columns))]
    counts = np.bincount(columns, minlength=starts.size)
    firsts, filled = np.cumsum(counts) - counts, counts > 0
    medians = np.full(starts.size, np.nan)
    lower, upper = (firsts + (counts - 1) // 2)[filled], (firsts + counts // 2)[filled]
    medians[filled] = (ranked[lower] + ranked[upper]) / 2
    return medians


def _joined(stretches: list[tuple[float, float]], gap: float) -> list[tuple[float, float]]:
    """Stretches with the gaps closed that are too narrow to be seen."""
    joined: list[tuple[float, float]] = []
    for start, end in stretches:
        if joined and start - joined[-1][1] <= gap:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def _name(label: str) -> str:
    return f"{described(label).emoji} {label}"
