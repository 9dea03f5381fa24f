"""Contours: how pitch and loudness move while a sentence is said, and how they move on average.

Problem. Sentences last differently long and begin at different moments, so that curves over seconds cannot be
averaged. Every clip is therefore cut to its speech (first to last active frame) and its time stretched to
`POINTS` equal steps from 0 to 100 %: the same point of two clips is about the same word where the sentence is the same.

Conventions. F0 is in semitones over 100 Hz, NaN where nothing voiced lies within the step; loudness is the level of
25 ms frames in dBFS as recorded. Averages leave NaN out and are given only where enough clips are voiced.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ser.audio.activity import FRAME_SECONDS, active_span, frame_powers
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


@dataclass(frozen=True)
class MeanContour:
    """A group's contour on average.

    Attributes:
        group: whose it is.
        clips: how many clips it is made of.
        share: place in the sentence, 0 to 1, shape (POINTS,).
        mean: shape (POINTS,), NaN where fewer than three clips have a value.
        spread: standard deviation over clips, shape (POINTS,).
        error: half the 95 % interval of the mean, shape (POINTS,).
    """

    group: str
    clips: int
    share: np.ndarray
    mean: np.ndarray
    spread: np.ndarray
    error: np.ndarray


def contours(waveform: Waveform) -> dict[str, np.ndarray]:
    """Contours of one clip over its speech.

    Args:
        waveform: at 16 kHz or so, not levelled.

    Returns:
        For each name in `CONTOURS` float16 of shape (POINTS,): F0 in semitones over 100 Hz, NaN where unvoiced, and
        loudness in dBFS.
    """
    rate = waveform.rate
    first, last = active_span(frame_powers(waveform.samples, rate))
    speech = waveform.window(first, last)
    track = pitch_track(waveform, hop=round(_STEP * rate))
    semitones = 12 * np.log2(track.f0 / REFERENCE)
    inside = (track.times >= first) & (track.times < last)
    return {
        "f0": _stretched((track.times[inside] - first) / (last - first), semitones[inside]).astype(np.float16),
        "loudness": _loudness(speech.samples, rate).astype(np.float16),
    }


def relative(values: np.ndarray, speakers: np.ndarray) -> np.ndarray:
    """Contours against each speaker's own middle, so that a deep and a high voice can be laid over one another.

    Args:
        values: contours, shape (n_clips, POINTS).
        speakers: who says each clip, shape (n_clips,).

    Returns:
        float64 of the same shape: each less the median over all clips and points of its speaker.
    """
    moved = values.astype(np.float64)
    for speaker in np.unique(speakers):
        own = speakers == speaker
        if np.isfinite(moved[own]).any():
            moved[own] -= np.nanmedian(moved[own])
    return moved


def average(values: np.ndarray, groups: np.ndarray, order: Sequence[str]) -> tuple[MeanContour, ...]:
    """Mean and spread of contours within each group.

    Args:
        values: contours, shape (n_clips, POINTS), NaN where there is no value.
        groups: group of each clip, shape (n_clips,), strings.
        order: the groups in the order wanted; those without a clip are left out.

    Returns:
        A `MeanContour` for each group.

    Example:
        >>> up = np.tile(np.linspace(0, 4.9, POINTS), (3, 1)) + [[-1], [0], [1]]
        >>> found = average(up, np.array(["a"] * 3), ["a"])[0]
        >>> round(float(found.mean[10]), 2), round(float(found.spread[10]), 2)
        (1.0, 0.82)
    """
    share = (np.arange(POINTS) + 0.5) / POINTS
    found = []
    for group in order:
        own = values[groups == group].astype(np.float64)
        if not len(own):
            continue
        known = np.isfinite(own)
        n = known.sum(axis=0)
        enough = n >= min(_FEWEST, len(own))
        total = np.where(known, own, 0.0).sum(axis=0)
        mean = np.divide(total, n, out=np.full(POINTS, np.nan), where=enough & (n > 0))
        squares = np.where(known, (own - mean) ** 2, 0.0).sum(axis=0)
        spread = np.sqrt(np.divide(squares, n, out=np.full(POINTS, np.nan), where=enough & (n > 0)))
        error = 1.96 * np.divide(spread, np.sqrt(np.maximum(n - 1, 1)))
        found.append(MeanContour(group, len(own), share, mean, spread, error))
    return tuple(found)


def _loudness(samples: np.ndarray, rate: int) -> np.ndarray:
    """Level of 25 ms frames 10 ms apart, brought to `POINTS` steps, in dBFS."""
    size, hop = round(FRAME_SECONDS * rate), round(_STEP * rate)
    padded = np.pad(samples, size // 2)
    power = np.lib.stride_tricks.sliding_window_view(padded, size)[::hop].astype(np.float64).var(axis=1)
    return _stretched(np.linspace(0, 1, len(power), endpoint=False), 10 * np.log10(power + 1e-12))


def _stretched(places: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Mean of the known values in each of `POINTS` steps; between two steps where a step has no frame at all."""
    step = np.minimum((places * POINTS).astype(int), POINTS - 1)
    known = np.isfinite(values)
    frames = np.bincount(step, minlength=POINTS)
    n = np.bincount(step[known], minlength=POINTS)
    total = np.bincount(step[known], weights=values[known], minlength=POINTS)
    mean = np.divide(total, n, out=np.full(POINTS, np.nan), where=n > 0)
    # A clip of under half a second of speech has fewer frames than steps.
    for gap in np.flatnonzero(frames == 0):
        mean[gap] = mean[gap - 1] if gap else np.nan
    return mean
