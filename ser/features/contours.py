"""Contours: how pitch and loudness move during a sentence, for single clips and on average.

Sentences differ in length and begin at different moments, so curves over seconds cannot be averaged. Every clip is
therefore cut to its speech (first to last active frame), and its time is stretched to `POINTS` equal steps from 0 to
100 %. Where the sentence is the same, the same point of two clips is about the same word.

F0 is in semitones above 100 Hz, NaN where nothing in the step is voiced. Loudness is the level of 25 ms frames in dBFS
as recorded. Averages leave NaN out, and exist only where enough clips are voiced. They are means of the middle half of
the clips: pitch tracking takes a tone for one an octave or two away in up to a sixth of the clips, at the ends of
sentences above all, and such jumps would pull a plain mean along. A median would do as well, but it jumps between the
two sentences of RAVDESS where their melodies differ.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ser.audio.activity import FRAME_SECONDS, active_span, frame_powers
from ser.audio.framing import centred_frames
from ser.audio.waveform import Waveform
from ser.features.pitch import pitch_track

POINTS = 50
"""Steps from the beginning of speech to its end."""
REFERENCE = 100.0
"""Hz that counts as 0 semitones."""
CONTOURS = {"f0": "semitones", "loudness": "dBFS"}
"""Name of each contour and its unit."""

_STEP = 0.01  # seconds from frame to frame
_FEWEST = 3  # voiced clips at a point that an average is made of
_LEFT_OUT = 0.25  # share of the clips that an average leaves out at either end


@dataclass(frozen=True)
class MeanContour:
    """The mean contour of a group.

    Attributes:
        group: name of the group.
        clips: number of clips in it.
        share: position in the sentence, 0 to 1, shape (POINTS,).
        mean: of the middle half of the clips, shape (POINTS,), NaN where fewer than three clips have a value.
        low, high: the quartiles, between which the middle half of the clips lies, shape (POINTS,).
        error: half the 95 % interval of the mean, shape (POINTS,).
    """

    group: str
    clips: int
    share: np.ndarray
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    error: np.ndarray


def contours(waveform: Waveform) -> dict[str, np.ndarray]:
    """Contours of one clip over its speech: each name in `CONTOURS` → float16, shape (POINTS,).

    The waveform is at about 16 kHz and not levelled.
    """
    rate = waveform.rate
    first, last = active_span(frame_powers(waveform.samples, rate))
    speech = waveform.window(first, last)
    track = pitch_track(waveform)
    semitones = 12 * np.log2(track.f0 / REFERENCE)
    inside = (track.times >= first) & (track.times < last)
    return {
        "f0": _stretched((track.times[inside] - first) / (last - first), semitones[inside]).astype(np.float16),
        "loudness": _loudness(speech.samples, rate).astype(np.float16),
    }


def relative(values: np.ndarray, speakers: np.ndarray) -> np.ndarray:
    """Contours of shape (n_clips, POINTS), each less the median over all clips and points of its speaker."""
    moved = values.astype(np.float64)
    for speaker in np.unique(speakers):
        rows = speakers == speaker
        if np.isfinite(moved[rows]).any():
            moved[rows] -= np.nanmedian(moved[rows])
    return moved


def average(values: np.ndarray, groups: np.ndarray, order: Sequence[str]) -> tuple[MeanContour, ...]:
    """Mean of the middle half of contours of shape (n_clips, POINTS), in each group that has clips, in the given order.

    Examples:
        >>> up = np.tile(np.linspace(0, 4.9, POINTS), (5, 1)) + [[-1], [0], [0], [1], [24]]
        >>> contour = average(up, np.array(["a"] * 5), ["a"])[0]
        >>> round(float(contour.mean[10]), 2), round(float(contour.low[10]), 2), round(float(contour.high[10]), 2)
        (1.33, 1.0, 2.0)
    """
    share = (np.arange(POINTS) + 0.5) / POINTS
    averages = []
    for group in order:
        members = values[groups == group].astype(np.float64)
        if len(members):
            enough = min(_FEWEST, len(members))
            columns = zip(*(_middle(column[np.isfinite(column)], enough) for column in members.T), strict=True)
            averages.append(MeanContour(group, len(members), share, *map(np.array, columns)))
    return tuple(averages)


def _middle(values: np.ndarray, enough: int) -> tuple[float, float, float, float]:
    """Mean of the middle half of some values, their quartiles, and half the 95 % interval of the mean."""
    if values.size < enough:
        return np.nan, np.nan, np.nan, np.nan
    ordered, out = np.sort(values), int(_LEFT_OUT * values.size)
    kept = ordered[out : values.size - out]
    low, high = np.percentile(ordered, [25, 75])
    # The error of a trimmed mean comes from the values with those left out moved to the ends of the others (Wilcox).
    moved = np.clip(ordered, kept[0], kept[-1])
    error = 1.96 * moved.std() / (kept.size / values.size * np.sqrt(max(values.size - 1, 1)))
    return float(kept.mean()), float(low), float(high), float(error)


def _loudness(samples: np.ndarray, rate: int) -> np.ndarray:
    """Level of 25 ms frames 10 ms apart, brought to `POINTS` steps, in dBFS."""
    size, hop = round(FRAME_SECONDS * rate), round(_STEP * rate)
    power = centred_frames(samples, size, hop).astype(np.float64).var(axis=1)
    return _stretched(np.linspace(0, 1, len(power), endpoint=False), 10 * np.log10(power + 1e-12))


def _stretched(positions: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Mean of the known values in each of `POINTS` steps; a step without any frame takes the value of the one
    before.
    """
    step = np.minimum((positions * POINTS).astype(int), POINTS - 1)
    known = np.isfinite(values)
    frames = np.bincount(step, minlength=POINTS)
    n = np.bincount(step[known], minlength=POINTS)
    total = np.bincount(step[known], weights=values[known], minlength=POINTS)
    mean = np.divide(total, n, out=np.full(POINTS, np.nan), where=n > 0)
    # A clip of under half a second of speech has fewer frames than steps.
    for gap in np.flatnonzero(frames == 0):
        mean[gap] = mean[gap - 1] if gap else np.nan
    return mean
