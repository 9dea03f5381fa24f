"""Peaks of a contour, as `scipy.signal.find_peaks` finds them.

This is own code because importing `scipy.signal` takes ten times as long as answering for a clip.
"""

import numpy as np


def prominent_peaks(contour: np.ndarray, *, prominence: float, distance: int) -> np.ndarray:
    """Positions of peaks that stand out by `prominence` or more and are `distance` or more apart, ascending.

    Of two peaks too near to each other the higher one stays, and only then are those left out that do not stand out.
    """
    peaks = _local_maxima(contour)
    kept = np.ones(peaks.size, dtype=bool)
    for i in np.argsort(contour[peaks])[::-1]:
        if kept[i]:
            kept &= np.abs(peaks - peaks[i]) >= distance
            kept[i] = True
    return np.array([p for p in peaks[kept] if _prominence(contour, p) >= prominence], dtype=np.intp)


def _local_maxima(contour: np.ndarray) -> np.ndarray:
    """Positions higher than both neighbours; of a plateau its middle."""
    firsts = np.flatnonzero(np.diff(contour, prepend=np.nan) != 0)
    lasts = np.append(firsts[1:], contour.size) - 1
    levels = contour[firsts]
    inner = np.flatnonzero((levels[1:-1] > levels[:-2]) & (levels[1:-1] > levels[2:])) + 1
    return (firsts[inner] + lasts[inner]) // 2


def _prominence(contour: np.ndarray, peak: int) -> float:
    """How far one has to go down from a peak, on the side where it is less far, to reach a higher one or the end."""
    higher = np.flatnonzero(contour > contour[peak])
    split = int(np.searchsorted(higher, peak))
    before = higher[split - 1] + 1 if split else 0
    after = higher[split] if split < higher.size else contour.size
    return float(contour[peak] - max(contour[before : peak + 1].min(), contour[peak:after].min()))
