"""Peaks of a contour, as `scipy.signal.find_peaks` finds them.

This is own code because importing `scipy.signal` takes ten times as long as answering for a clip.
"""

import itertools

import numpy as np


def prominent_peaks(contour: np.ndarray, *, prominence: float, distance: int) -> np.ndarray:
    """Positions of peaks that stand out by `prominence` or more and are `distance` or more apart, ascending.

    Of two peaks too near to each other the higher one stays, and only then are those left out that do not stand out.
    """
    peaks = _local_maxima(contour)
    kept = np.ones(peaks.size, dtype=bool)
    for i in np.argsort(contour[peaks])[::-1].tolist():
        if kept[i]:
            first, end = np.searchsorted(peaks, (peaks[i] - distance + 1, peaks[i] + distance))
            kept[first:i] = kept[i + 1 : end] = False
    levels = contour.tolist()
    return np.array([p for p in peaks[kept].tolist() if _prominence(levels, p) >= prominence], dtype=np.intp)


def _local_maxima(contour: np.ndarray) -> np.ndarray:
    """Positions higher than both neighbours; of a plateau its middle."""
    firsts = np.flatnonzero(np.diff(contour, prepend=np.nan) != 0)
    lasts = np.append(firsts[1:], contour.size) - 1
    levels = contour[firsts]
    inner = np.flatnonzero((levels[1:-1] > levels[:-2]) & (levels[1:-1] > levels[2:])) + 1
    return (firsts[inner] + lasts[inner]) // 2


def _prominence(levels: list[float], peak: int) -> float:
    """How far one has to go down from a peak, on the side where it is less far, to reach a higher one or the end."""
    level = levels[peak]
    return level - max(_lowest(levels[peak::-1], level), _lowest(levels[peak:], level))


def _lowest(levels: list[float], limit: float) -> float:
    """The lowest level before the first that is higher than the limit. Lists, as these are few numbers."""
    return min(itertools.takewhile(lambda level: level <= limit, levels))
