"""A clip over time, drawn: how probable each emotion is, where somebody speaks, how loud and how high."""

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from ser.emotions import BY_NAME
from ser.figures import style
from ser.timeline import Timeline

COLUMNS = 900
_MARGIN = {"l": 104, "r": 12, "t": 44, "b": 8}
LEADING = "Leading emotion"


def timeline_figure(timeline: Timeline, *, height: int = 560) -> go.Figure:
    """Draw a clip over time, three charts on one time axis.

    On top a row for each emotion: the darker, the more probable, and a mark on the leading one of each window; names
    stand at the rows, so no colour need be told from another. Below, level with speech shaded, then F0.

    Args:
        timeline: what to draw.
        height: pixels.

    Returns:
        The figure; its trace `LEADING` has a point for each window, in order, with the window's start and end as
        `customdata`.
    """
    figure = make_subplots(rows=3, cols=1, shared_xaxes=True, row_heights=[0.56, 0.22, 0.22], vertical_spacing=0.05)
    _probabilities(figure, timeline)
    _voice(figure, timeline)
    style.dress(figure, height=height)
    figure.update_layout(margin=_MARGIN, dragmode="select", selectdirection="h", hovermode="closest")
    figure.update_xaxes(range=[0, timeline.seconds], showgrid=False, title="", automargin=False)
    figure.update_xaxes(title="Time (s)", row=3, col=1, automargin=True)
    figure.update_yaxes(automargin=False)
    figure.update_yaxes(title="", type="category", showgrid=False, row=1, col=1)
    figure.update_yaxes(title="Level (dBFS)", nticks=4, row=2, col=1)
    return figure.update_yaxes(title="Pitch, F0 (Hz)", nticks=4, row=3, col=1)


def _probabilities(figure: go.Figure, timeline: Timeline) -> None:
    labels = list(timeline.windows[0].probabilities)[::-1]  # plotly draws from the bottom up
    starts = np.array([window.start for window in timeline.windows])
    middles = np.array([(window.start + window.end) / 2 for window in timeline.windows])
    shares = 100 * np.array([[window.probabilities[label] for label in labels] for window in timeline.windows])
    # A cell a step, so that a stretch without speech stays empty.
    step = float(np.diff(starts).min()) if len(starts) > 1 else timeline.seconds
    grid = np.arange(middles[0], middles[-1] + step / 2, step) if step > 0 else middles
    nearest = np.abs(grid[:, None] - middles).argmin(axis=1)
    values = np.where((np.abs(grid - middles[nearest]) <= 0.75 * step)[:, None], shares[nearest], np.nan)
    rows = [_name(label) for label in labels]
    figure.add_heatmap(
        x=grid,
        y=rows,
        z=values.T,
        zmin=0,
        zmax=100,
        colorscale=[[0, style.fade(style.ACCENT, 0.03)], [1, style.fade(style.ACCENT, 1)]],
        colorbar=style.bar_above("Probability (%)"),
        hovertemplate="%{x:.1f} s, %{y}: %{z:.0f} %<extra></extra>",
        xgap=1,
        ygap=2,
        row=1,
        col=1,
    )
    leading = shares.argmax(axis=1)
    figure.add_scatter(
        x=middles,
        y=[rows[i] for i in leading],
        mode="markers",
        name=LEADING,
        marker={
            "color": [style.colour(labels[i]) for i in leading],
            "size": 9 if len(middles) < 80 else 6,
            "line": {"width": 1.5, "color": "white"},
        },
        customdata=[(window.start, window.end) for window in timeline.windows],
        text=[f"{share:.0f} %" for share in shares.max(axis=1)],
        hovertemplate="%{customdata[0]:.1f} to %{customdata[1]:.1f} s: %{y}, %{text}<br>click to hear<extra></extra>",
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 0.45}},
        row=1,
        col=1,
    )


def _voice(figure: go.Figure, timeline: Timeline) -> None:
    times, level, f0 = _thinned(timeline)
    bottom = float(np.floor(max(level.min(), level.max() - 60) / 10) * 10)
    top = float(np.ceil(level.max() / 10) * 10)
    for start, end in _joined(timeline.tracks.stretches(), timeline.seconds / COLUMNS * 3):
        figure.add_shape(
            type="rect",
            x0=start,
            x1=end,
            y0=bottom,
            y1=top,
            fillcolor=style.fade(style.MUTED, 0.25),
            line_width=0,
            layer="below",
            row=2,
            col=1,
        )
    figure.add_scatter(
        x=times,
        y=np.maximum(level, bottom),
        mode="lines",
        name="Level",
        line={"color": style.ACCENT, "width": 1.5},
        hovertemplate="%{x:.1f} s: %{y:.0f} dBFS<extra></extra>",
        row=2,
        col=1,
    )
    figure.add_scatter(
        x=times,
        y=f0,
        mode="lines+markers",
        name="F0",
        line={"color": style.SECOND, "width": 1.5},
        marker={"size": 3},
        connectgaps=False,
        hovertemplate="%{x:.1f} s: %{y:.0f} Hz<extra></extra>",
        row=3,
        col=1,
    )
    figure.update_yaxes(range=[bottom, top], row=2, col=1)


def _thinned(timeline: Timeline) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Times, highest level and median F0 of each of at most `COLUMNS` columns."""
    tracks = timeline.tracks
    starts = np.unique(np.linspace(0, tracks.times.size, min(COLUMNS, tracks.times.size), endpoint=False).astype(int))
    level = np.maximum.reduceat(tracks.level, starts)
    if starts.size == tracks.times.size:
        return tracks.times, level, tracks.f0
    f0 = np.full(starts.size, np.nan)
    for column, part in enumerate(np.split(tracks.f0, starts[1:])):
        known = part[~np.isnan(part)]
        f0[column] = np.median(known) if known.size else np.nan
    return tracks.times[starts], level, f0


def _joined(stretches: list[tuple[float, float]], gap: float) -> list[tuple[float, float]]:
    """Stretches with those gaps closed that are too narrow to be seen."""
    joined: list[tuple[float, float]] = []
    for start, end in stretches:
        if joined and start - joined[-1][1] <= gap:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def _name(label: str) -> str:
    return f"{BY_NAME[label].emoji} {label}" if label in BY_NAME else label
