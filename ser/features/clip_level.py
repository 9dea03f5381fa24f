"""Numbers about a whole clip that are no functional of one contour: melody, syllables, rhythm and correlations."""

import itertools
from functools import lru_cache

import numpy as np
from scipy import fft

from ser.audio.activity import percentile
from ser.features import correlations
from ser.features.descriptors import HOP, RATE, Descriptors
from ser.features.feature import Feature

_MODULATION_GROUPS = 8
_MODULATION_EDGES = (0.5, 2.0, 4.0, 6.0, 8.0, 12.0, 20.0)  # Hz; 3 to 6 syllables are spoken a second
# Edges of histograms: F0 in semitones from its median, level in dB under the loud frames.
_F0_EDGES = (-8.0, -5.0, -3.0, -1.5, -0.5, 0.5, 1.5, 3.0, 5.0, 8.0)
_ENERGY_EDGES = (-35.0, -30.0, -25.0, -20.0, -16.0, -12.0, -9.0, -6.0, -3.0, 0.0)
_RUNS = ("slope", "range", "rise")
_RUN_UNITS = {"slope": "semitones/s", "range": "semitones", "rise": "semitones"}
_RUN_FUNCTIONALS = ("mean", "std", "max", "min", "magnitude", "first", "last")

FEATURES: tuple[Feature, ...] = (
    Feature("voiced.share", "", "voice quality"),
    *(Feature(f"f0.shape{k}", "semitones", "pitch") for k in range(1, 6)),
    Feature("f0.rising", "", "pitch"),
    *(Feature(f"f0.{name}", "semitones", "pitch") for name in ("above_median", "below_median", "end", "beginning")),
    *(Feature(f"run_{run}.{f}", _RUN_UNITS[run], "pitch") for run in _RUNS for f in _RUN_FUNCTIONALS),
    *(
        Feature(f"peak.{name}", unit, "loudness")
        for name, unit in (("std", "dB"), ("above_median", "dB"), ("last_first", "dB"), ("place", ""))
    ),
    *(Feature(f"rise.{name}", "dB/frame", "loudness") for name in ("p95", "p5", "mean_up", "mean_down")),
    Feature("rise.share", "", "loudness"),
    *(Feature(f"energy.shape{k}", "dB", "loudness") for k in range(1, 6)),
    *correlations.FEATURES,
    *(Feature(f"f0.share{i}", "", "pitch") for i in range(len(_F0_EDGES) + 1)),
    *(Feature(f"energy.share{i}", "", "loudness") for i in range(len(_ENERGY_EDGES) + 1)),
    Feature("rhythm.speech", "s", "rhythm"),
    Feature("rhythm.pauses", "", "rhythm"),
    Feature("rhythm.voiced_rate", "1/s", "rhythm"),
    Feature("rhythm.voiced_mean", "s", "rhythm"),
    Feature("rhythm.voiced_std", "s", "rhythm"),
    Feature("rhythm.voiced_max", "s", "rhythm"),
    Feature("rhythm.unvoiced_mean", "s", "rhythm"),
    Feature("rhythm.syllable_rate", "1/s", "rhythm"),
    Feature("rhythm.syllable_gap_std", "s", "rhythm"),
    *(
        Feature(f"modulation{g}.{low:g}-{high:g}Hz", "dB", "rhythm")
        for g in range(_MODULATION_GROUPS)
        for low, high in itertools.pairwise(_MODULATION_EDGES)
    ),
)


def compute(descriptors: Descriptors) -> np.ndarray:
    """The clip-level features, shape (len(FEATURES),), in the order of `FEATURES`."""
    energy = descriptors.on("energy", "speech")[0]
    voiced = descriptors.voiced
    f0 = descriptors.on("f0", "voiced")[0]
    change = descriptors.on("f0_change", "voiced")[0]
    rising = float((change > 0).mean()) if f0.size else 0.0
    pieces = [
        np.array([voiced.mean()]),
        _shape(f0),
        np.array([rising]),
        _melody(f0),
        _runs_of_pitch(descriptors),
        _peaks(descriptors),
        _rise(descriptors.smooth),
        _shape(energy),
        correlations.compute(descriptors),
        _shares(f0 - percentile(f0, 50) if f0.size else f0, _F0_EDGES),
        _shares(energy - percentile(energy, 95), _ENERGY_EDGES),
        _rhythm(energy, voiced, descriptors.nuclei),
        _modulation(descriptors.on("mel", "speech")),
    ]
    return np.concatenate(pieces)


def _shape(contour: np.ndarray) -> np.ndarray:
    """The first five cosines of a contour of any length after its mean (rise, arch, …), shape (5,)."""
    if contour.size < 6:
        return np.zeros(5)
    turns = np.outer(np.arange(1, 6), (np.arange(contour.size) + 0.5) * (np.pi / contour.size))
    return np.cos(turns) @ contour * (np.sqrt(2) / contour.size)


def _shares(values: np.ndarray, edges: tuple[float, ...]) -> np.ndarray:
    """Share of the values below the first edge, between every two, and above the last; zeros if there are none."""
    counts = np.bincount(np.searchsorted(edges, values), minlength=len(edges) + 1)
    return counts / max(values.size, 1)


def _melody(f0: np.ndarray) -> np.ndarray:
    """How far F0 goes above and below its median, and where it ends and begins relative to it; semitones."""
    if f0.size == 0:
        return np.zeros(4)
    median = percentile(f0, 50)
    return np.array([f0.max() - median, median - f0.min(), f0[-10:].mean() - median, f0[:10].mean() - median])


def _runs_of_pitch(descriptors: Descriptors) -> np.ndarray:
    """Slope, range and rise of F0 within voiced stretches of 50 ms or more; functionals of each over the stretches."""
    f0 = descriptors.rows["f0"][0]
    pieces = [f0[a:b] for a, b in _runs(descriptors.voiced) if b - a >= correlations.MIN_FRAMES]
    if not pieces:
        return np.zeros(len(_RUNS) * len(_RUN_FUNCTIONALS))
    values = np.empty((len(pieces), len(_RUNS)))
    for row, piece in zip(values, pieces, strict=True):
        time = (np.arange(piece.size) - (piece.size - 1) / 2) * (HOP / RATE)
        row[:] = piece @ time / (time @ time), piece.max() - piece.min(), piece[-1] - piece[0]
    mean, spread, magnitude = values.mean(axis=0), values.std(axis=0), np.abs(values).mean(axis=0)
    numbers = [mean, spread, values.max(axis=0), values.min(axis=0), magnitude, values[0], values[-1]]
    return np.stack(numbers, axis=1).ravel()


def _peaks(descriptors: Descriptors) -> np.ndarray:
    """How syllables differ in level: spread, loudest over median, last over first (dB), and where the loudest lies."""
    if descriptors.nuclei.size == 0:
        return np.array([0.0, 0.0, 0.0, 0.5])
    levels = descriptors.smooth[descriptors.nuclei]
    position = descriptors.nuclei[levels.argmax()] / descriptors.smooth.size
    return np.array([levels.std(), levels.max() - percentile(levels, 50), levels[-1] - levels[0], position])


def _rise(smooth: np.ndarray) -> np.ndarray:
    """How steeply the level rises and falls, dB per frame, and the share of time that it rises."""
    steps = np.diff(smooth)
    up, down = steps[steps > 0], steps[steps < 0]
    if up.size == 0 or down.size == 0:
        return np.zeros(5)
    return np.array([percentile(steps, 95), percentile(steps, 5), up.mean(), down.mean(), up.size / steps.size])


def _rhythm(energy: np.ndarray, voiced: np.ndarray, nuclei: np.ndarray) -> np.ndarray:
    """Stretches, pauses and syllables of the speech; the nine `rhythm.*` features in their order."""
    step = HOP / RATE
    seconds = energy.size * step
    runs = np.array([b - a for a, b in _runs(voiced)]) * step
    gaps = np.array([b - a for a, b in _runs(~voiced)]) * step
    pauses = float((energy < percentile(energy, 95) - 25).mean())
    spacing = np.diff(nuclei) * step
    return np.array(
        [
            seconds,
            pauses,
            runs.size / seconds,
            runs.mean() if runs.size else 0.0,
            runs.std() if runs.size else 0.0,
            runs.max() if runs.size else 0.0,
            gaps.mean() if gaps.size else 0.0,
            nuclei.size / seconds,
            spacing.std() if spacing.size else 0.0,
        ]
    )


def _runs(mask: np.ndarray) -> list[tuple[int, int]]:
    """First and one past the last frame of every stretch where the mask holds."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(np.int8), [0]])))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def _modulation(mel_db: np.ndarray) -> np.ndarray:
    """How strongly groups of mel bands rise and fall at the tempi of speech, in dB, shape (groups · tempi,)."""
    groups = mel_db.reshape(_MODULATION_GROUPS, -1, mel_db.shape[1]).mean(axis=1)
    groups -= groups.mean(axis=1, keepdims=True)
    # One length for all clips, or else a band would hold other bins in a short clip than in a long one.
    size = max(512, groups.shape[1])
    spectrum = fft.rfft(groups * np.hanning(groups.shape[1] + 2)[1:-1], size, axis=1)
    power = (spectrum.real**2 + spectrum.imag**2) @ _tempi(size) / groups.shape[1]
    return (10 * np.log10(power + 1e-2)).ravel()


@lru_cache(maxsize=8)
def _tempi(size: int) -> np.ndarray:
    """Weights of a transform's bins in the mean over each band of tempi, shape (1 + size // 2, tempi)."""
    edges = np.searchsorted(np.arange(1 + size // 2) * (RATE / HOP) / size, _MODULATION_EDGES)
    weights = np.zeros((1 + size // 2, len(_MODULATION_EDGES) - 1))
    for band, (low, high) in enumerate(itertools.pairwise(edges)):
        weights[low:high, band] = 1 / (high - low)
    return weights
