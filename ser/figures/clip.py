"""Figures of one clip and its answer: waveform, spectrograms, probabilities.

A clip of ten minutes has millions of samples, and a screen about a thousand columns. So the waveform is thinned to the
lowest and highest sample of each column before it is sent to the browser; no peak is lost. Spectrograms have no more
frames than that.
"""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from ser.emotions import BY_NAME, colour
from ser.figures import style

if TYPE_CHECKING:
    from ser.audio.waveform import Waveform
    from ser.features.spectrograms import Spectrogram

MOST_COLUMNS = 1000
#: A spectrogram shows this much below its loudest point, in dB; what lies deeper is noise or silence.
DEPTH = 70.0
_TICKS = (500, 1000, 2000, 4000, 8000, 16000)
# The same for all figures over time: stacked, they show the same instant at the same place.
_MARGIN = {"l": 84, "r": 12}


def waveform_figure(waveform: "Waveform", *, height: int = 200) -> go.Figure:
    """Draw amplitude over time, as the band between each column's lowest and highest sample.

    Args:
        waveform: samples of shape (n,), full scale ±1.
        height: pixels.

    Returns:
        A figure of two traces, the lower and the upper edge of the band.
    """
    samples = waveform.samples
    starts = _columns(len(samples))
    low = np.minimum.reduceat(samples, starts)
    high = np.maximum.reduceat(samples, starts)
    times = starts / waveform.rate
    edge = {"type": "scatter", "x": times, "mode": "lines", "line": {"color": style.ACCENT, "width": 1}}
    upper = {
        "y": high,
        "fill": "tonexty",
        "fillcolor": style.fade(style.ACCENT, 0.55),
        "hovertemplate": "%{x:.2f} s: peak %{y:.3f}<extra></extra>",
    }
    # Quiet clips are zoomed in on, never so far that a silent room looks like speech.
    reach = max(0.02, 1.05 * max(-float(low.min(initial=0.0)), float(high.max(initial=0.0))))
    return style.figure(
        [edge | {"y": low, "hoverinfo": "skip"}, edge | upper],
        x="Time (s)",
        y="Amplitude<br>(full scale 1)",
        height=height,
        margin=_MARGIN,
        xaxis={"range": [0, waveform.seconds], "showgrid": False},
        yaxis={"range": [-reach, reach], "nticks": 5, "automargin": False},
    )


def mel_figure(spectrogram: "Spectrogram", *, height: int = 300) -> go.Figure:
    """Draw a mel spectrogram: level over time and frequency, on the mel scale.

    Args:
        spectrogram: from `ser.features.spectrograms.mel_spectrogram`: rows in Hz, values in dB.
        height: pixels.

    Returns:
        A figure of one heatmap; its rows are the mel bands, evenly spaced, so that the axis is a mel axis.
    """
    loudest = float(spectrogram.values.max(initial=-DEPTH))
    frequencies = np.asarray(spectrogram.rows)
    # Bands are categories: evenly spaced, and the pointer still reads their frequency.
    bands = [f"{frequency:.0f} Hz" for frequency in frequencies]
    ticks = [tick for tick in _TICKS if frequencies[0] <= tick <= frequencies[-1]]
    nearest = [bands[int(np.abs(frequencies - tick).argmin())] for tick in ticks]
    cells = {
        "y": bands,
        "zmin": loudest - DEPTH,
        "zmax": loudest,
        "colorscale": style.SEQUENTIAL,
        "hovertemplate": "%{x:.2f} s, %{y}: %{z:.0f} dB<extra></extra>",
    }
    labels = {"tickvals": nearest, "ticktext": [f"{tick:,}" for tick in ticks]}
    return _heatmap(spectrogram, cells, labels, height)


def frames_figure(spectrogram: "Spectrogram", *, signed: bool = False, height: int = 260) -> go.Figure:
    """Draw MFCC, chroma or spectral contrast as a heatmap; `signed` if the values spread around zero."""
    # A few extreme cells, such as the first MFCC of a vowel, would leave all others without colour.
    reach = float(np.percentile(np.abs(spectrogram.values), 98)) or 1.0
    cells = {
        "y": [str(row) for row in spectrogram.rows],
        "zmin": -reach if signed else None,
        "zmax": reach if signed else None,
        "colorscale": style.SIGNED if signed else style.SEQUENTIAL,
        "hovertemplate": "%{x:.2f} s, %{y}: %{z:.2f}<extra></extra>",
    }
    return _heatmap(spectrogram, cells, {}, height)


def probability_figure(
    probabilities: Mapping[str, float], *, likely: Collection[str] = (), height: int | None = None
) -> go.Figure:
    """Draw the probability of every emotion as a bar, the most probable on top.

    Args:
        probabilities: emotion → 0 to 1, summing to 1.
        likely: the emotions to draw in full colour, such as a prediction set; the others are paler. If empty, all are
            full.
        height: pixels; by default as much as the bars need.

    Returns:
        A figure of one bar trace whose lengths are percentages and sum to 100.
    """
    # Plotly draws from the bottom up.
    ranked = sorted(probabilities, key=probabilities.__getitem__)
    percentages = [100 * probabilities[label] for label in ranked]
    colours = [colour(label) if not likely or label in likely else style.fade(colour(label), 0.4) for label in ranked]
    bars = {
        "type": "bar",
        "x": percentages,
        "y": [_name(label) for label in ranked],
        "orientation": "h",
        "marker": {"color": colours, "line": {"width": 0}, "cornerradius": 4},
        "text": [_percent(percentage) for percentage in percentages],
        "textposition": "outside",
        "cliponaxis": False,
        "hovertemplate": "%{y}: %{x:.1f} %<extra></extra>",
    }
    return style.figure(
        [bars],
        x="Probability (%)",
        y="Emotion",
        height=height or 64 + 32 * len(ranked),
        bargap=0.35,
        # Room for the figure beside a bar of 100 %.
        xaxis={"range": [0, 112], "tickvals": [0, 25, 50, 75, 100]},
        # A report's page leaves no room between a name and its bar.
        yaxis={"showgrid": False, "ticksuffix": " "},
    )


def _heatmap(spectrogram: "Spectrogram", cells: dict, labels: dict, height: int) -> go.Figure:
    """A spectrogram with settings of its `cells` and of the `labels` of its rows."""
    times = spectrogram.times
    shared = {
        "type": "heatmap",
        "x": times,
        "z": spectrogram.values.astype(np.float32),
        "colorbar": style.bar_above(spectrogram.value_title),
    }
    seconds = float(times[-1] + times[-1] / max(1, len(times) - 1))
    return style.figure(
        [shared | cells],
        x="Time (s)",
        y=spectrogram.row_title,
        height=height,
        margin=_MARGIN | {"t": 44},  # room for the colour bar
        xaxis={"range": [0, seconds], "showgrid": False},
        yaxis={"type": "category", "showgrid": False, "automargin": False} | labels,
    )


def _columns(length: int) -> np.ndarray:
    """The first index of each of at most `MOST_COLUMNS` columns of a row of `length` values."""
    return np.unique(np.linspace(0, length, min(MOST_COLUMNS, length), endpoint=False).astype(int))


def _name(label: str) -> str:
    return f"{BY_NAME[label].emoji} {label}" if label in BY_NAME else label


def _percent(percentage: float) -> str:
    return "< 1 %" if 0 < percentage < 0.5 else f"{percentage:.0f} %"
