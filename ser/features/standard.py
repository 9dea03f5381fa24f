"""The `standard` feature set: contours of the voice on a 10 ms grid, summed up over the stretch that is speech.

The clip is brought to one loudness beforehand and its leading and trailing silence is left out, so that neither a
microphone's gain nor the moment of pressing the button becomes an emotion. What is kept of loudness is its
movement. F0 is in semitones, because a voice's rises are heard as ratios.
"""

import itertools
from dataclasses import dataclass

import numpy as np
from scipy import fft

from ser.audio.waveform import Waveform
from ser.features.descriptors import BANDS, CHROMA_STEP, HOP, N_MELS, N_MFCC, RATE, Descriptors, descriptors
from ser.features.feature import Feature
from ser.features.functionals import functionals, unit_of

FULL = ("mean", "std", "p5", "p50", "p95", "skewness", "kurtosis", "slope")
SPREAD = ("mean", "std", "p5", "p50", "p95")
CHANGE = ("std", "p5", "p95", "kurtosis")


SPREAD_OF_FOUR = ("mean", "std", "p5", "p95")


@dataclass(frozen=True)
class Block:
    """A family of features: the same functionals of some contours, over the same frames.

    Attributes:
        name: of the features, or their prefix where there are several contours.
        count: number of contours; 0 means one without a number in its name.
        unit: of the contours.
        group: one of `ser.features.GROUPS`.
        functionals: names out of `ser.features.functionals.FULL`.
        frames: as `Descriptors.on` takes them.
        source: which descriptor; the one called `name` if left out.
        first: number of the first contour that is used.
        step: every how many contours one is used.
    """

    name: str
    count: int
    unit: str
    group: str
    functionals: tuple[str, ...]
    frames: str = "speech"
    source: str = ""
    first: int = 0
    step: int = 1

    def features(self) -> list[Feature]:
        """The block's features, contour by contour."""
        numbers = range(self.first, self.first + self.count * self.step, self.step)
        names = [f"{self.name}{i}" for i in numbers] if self.count else [self.name]
        return [
            Feature(f"{name}.{functional}", unit_of(functional, self.unit), self.group)
            for name in names
            for functional in self.functionals
        ]

    def values(self, found: Descriptors) -> np.ndarray:
        """The block's numbers, in the order of `features`."""
        rows = found.on(self.source or self.name, self.frames)
        if self.count:
            rows = rows[self.first : self.first + self.count * self.step : self.step]
        elif np.isnan(rows).any():  # frames whose envelope has no such formant say nothing of it
            rows = rows[:, ~np.isnan(rows[0])]
        step = CHROMA_STEP * HOP if self.frames == "chroma" else HOP
        return functionals(rows, self.functionals, step / RATE).ravel()


# Descriptors of the spectrum's balance, with their units, that are summed up over voiced frames too.
_BALANCE = {
    "centroid": "Hz",
    "bandwidth": "Hz",
    "flatness": "dB",
    "flux": "",
    "rolloff25": "Hz",
    "rolloff85": "Hz",
    "zero_crossings": "",
    "alpha_ratio": "dB",
    "hammarberg": "dB",
    "high_share": "dB",
    "slope_low": "dB/kHz",
    "slope_mid": "dB/kHz",
    "slope_high": "dB/kHz",
}
_TWO = ("mean", "std")

BLOCKS: tuple[Block, ...] = (
    Block("f0", 0, "semitones", "pitch", FULL, "voiced"),
    Block("f0_change", 0, "semitones/frame", "pitch", CHANGE, "voiced"),
    Block("energy", 0, "dB", "loudness", FULL),
    Block("energy_change", 0, "dB/frame", "loudness", CHANGE),
    Block("voiced_energy", 0, "dB", "loudness", SPREAD_OF_FOUR, "voiced", "energy"),
    Block("voiced_energy_change", 0, "dB/frame", "loudness", SPREAD_OF_FOUR, "voiced", "energy_change"),
    Block("unvoiced_energy", 0, "dB", "loudness", _TWO, "unvoiced", "energy"),
    Block("loudness", 0, "", "loudness", FULL),
    Block("loudness_change", 0, "1/frame", "loudness", SPREAD_OF_FOUR),
    Block("periodicity", 0, "", "voice quality", FULL),
    Block("hnr", 0, "dB", "voice quality", SPREAD, "voiced"),
    Block("jitter", 0, "%", "voice quality", SPREAD, "voiced"),
    Block("shimmer", 0, "dB", "voice quality", SPREAD, "voiced"),
    *(Block(name, 0, "dB", "voice quality", SPREAD_OF_FOUR, "voiced") for name in ("h1_h2", "h1_h3", "h2_h4", "cpp")),
    *(Block(name, 0, "dB", "voice quality", _TWO, "voiced") for name in ("h1_a1", "h1_a3")),
    Block("centroid", 0, "Hz", "spectral balance", FULL),
    Block("bandwidth", 0, "Hz", "spectral balance", FULL),
    Block("flatness", 0, "dB", "spectral balance", FULL),
    Block("flux", 0, "", "spectral balance", FULL),
    Block("rolloff25", 0, "Hz", "spectral balance", SPREAD),
    Block("rolloff50", 0, "Hz", "spectral balance", SPREAD),
    Block("rolloff85", 0, "Hz", "spectral balance", FULL),
    Block("rolloff95", 0, "Hz", "spectral balance", SPREAD),
    Block("zero_crossings", 0, "", "spectral balance", FULL),
    Block("alpha_ratio", 0, "dB", "spectral balance", FULL),
    Block("hammarberg", 0, "dB", "spectral balance", FULL),
    Block("high_share", 0, "dB", "spectral balance", SPREAD),
    Block("slope_low", 0, "dB/kHz", "spectral balance", SPREAD),
    Block("slope_mid", 0, "dB/kHz", "spectral balance", SPREAD),
    Block("slope_high", 0, "dB/kHz", "spectral balance", SPREAD),
    Block("contrast", 7, "dB", "spectral balance", _TWO, "chroma"),
    *(Block(f"voiced_{n}", 0, u, "spectral balance", SPREAD_OF_FOUR, "voiced", n) for n, u in _BALANCE.items()),
    *(
        Block(f"unvoiced_{name}", 0, _BALANCE[name], "spectral balance", _TWO, "unvoiced", name)
        for name in ("centroid", "alpha_ratio", "zero_crossings")
    ),
    Block("mfcc", N_MFCC, "dB", "timbre", FULL),
    Block("mfcc_delta", N_MFCC, "dB/frame", "timbre", ("std",)),
    Block("mfcc_delta2", N_MFCC, "dB/frame²", "timbre", ("std",)),
    Block("voiced_mfcc", N_MFCC, "dB", "timbre", _TWO, "voiced", "mfcc"),
    Block("unvoiced_mfcc", 13, "dB", "timbre", ("mean",), "unvoiced", "mfcc"),
    Block("nucleus_mfcc", 13, "dB", "timbre", _TWO, "nuclei", "mfcc", first=1),
    Block("mel", N_MELS // 4, "dB", "timbre", _TWO, first=1, step=4),
    Block("band_change", BANDS, "dB/frame", "timbre", ("std", "p5", "p95")),
    Block("band_relative", BANDS, "dB", "timbre", (*SPREAD_OF_FOUR, "skewness")),
    *(Block(f"formant{k}", 0, "Hz", "timbre", SPREAD, "voiced") for k in (1, 2, 3)),
    *(Block(f"formant{k}_level", 0, "dB", "timbre", _TWO, "voiced") for k in (1, 2, 3)),
    Block("formant_gap12", 0, "Hz", "timbre", _TWO, "voiced"),
    Block("formant_gap23", 0, "Hz", "timbre", _TWO, "voiced"),
    Block("formant1_change", 0, "Hz/frame", "timbre", ("std",), "voiced"),
    Block("chroma", 12, "", "chroma", _TWO, "chroma"),
)

MODULATION_GROUPS = 8
MODULATION_EDGES = (0.5, 2.0, 4.0, 6.0, 8.0, 12.0, 20.0)  # Hz; syllables come at 3 to 6 a second

# How descriptors move together, as correlations over frames: a voice that gets brighter as it gets louder is not one
# that gets breathier. (name, descriptors, how many contours of each, frames, group)
VOICE = (
    "f0",
    "f0_change",
    "energy",
    "energy_change",
    "centroid",
    "hnr",
    "flux",
    "flatness",
    "slope_low",
    "alpha_ratio",
    "h1_h2",
    "cpp",
)
COUPLED_MFCC = 13
COUPLINGS: tuple[tuple[str, tuple[str, ...], str, str], ...] = (
    ("mfcc", ("mfcc",), "speech", "timbre"),
    ("mfcc_delta", ("mfcc_delta",), "speech", "timbre"),
    ("voiced_mfcc", ("mfcc",), "voiced", "timbre"),
    ("voice", VOICE, "voiced", "voice quality"),
)
# How the spectrum moves on: the correlation of each MFCC with itself, and with each other one, so many frames later.
LAGS = (5, 40)
CROSS_LAGS = (8, 20)

# Shares of the time: F0 in semitones from its median, level in dB under the loud frames.
F0_EDGES = (-8.0, -5.0, -3.0, -1.5, -0.5, 0.5, 1.5, 3.0, 5.0, 8.0)
ENERGY_EDGES = (-35.0, -30.0, -25.0, -20.0, -16.0, -12.0, -9.0, -6.0, -3.0, 0.0)

_RUNS = ("slope", "range", "rise")
_RUN_UNITS = {"slope": "semitones/s", "range": "semitones", "rise": "semitones"}
_RUN_FUNCTIONALS = ("mean", "std", "max", "min", "magnitude", "first", "last")
MIN_RUN = 5  # frames of a voiced stretch that has a melody


def _members(names: tuple[str, ...]) -> list[str]:
    """Names of the contours of some descriptors, MFCC by number."""
    return [
        name
        for descriptor in names
        for name in (
            [f"{descriptor}{i}" for i in range(COUPLED_MFCC)] if descriptor.startswith("mfcc") else [descriptor]
        )
    ]


# Numbers about the whole clip that are no functional of one contour.
SINGLES: tuple[Feature, ...] = (
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
    *(
        Feature(f"coupling_{name}.{a}~{b}", "", group)
        for name, descriptors, _, group in COUPLINGS
        for a, b in itertools.combinations(_members(descriptors), 2)
    ),
    *(Feature(f"coupling_cross.{a}~{b}", "", "voice quality") for a in VOICE for b in _members(("mfcc",))),
    *(Feature(f"{a}.lag{lag}", "", "rhythm") for lag in LAGS for a in _members(("mfcc",))),
    *(
        Feature(f"{a}~{b}.lag{lag}", "", "rhythm")
        for lag in CROSS_LAGS
        for a in _members(("mfcc",))
        for b in _members(("mfcc",))
    ),
    *(Feature(f"f0.share{i}", "", "pitch") for i in range(len(F0_EDGES) + 1)),
    *(Feature(f"energy.share{i}", "", "loudness") for i in range(len(ENERGY_EDGES) + 1)),
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
        for g in range(MODULATION_GROUPS)
        for low, high in itertools.pairwise(MODULATION_EDGES)
    ),
)

FEATURES: tuple[Feature, ...] = (*(feature for block in BLOCKS for feature in block.features()), *SINGLES)


def compute(waveform: Waveform) -> np.ndarray:
    """All standard features of one clip.

    Args:
        waveform: mono, 16 kHz, levelled.

    Returns:
        float64, shape (len(FEATURES),), finite; in the order of `FEATURES`.
    """
    found = descriptors(waveform)
    return np.concatenate([*(block.values(found) for block in BLOCKS), *_singles(found)])


def _singles(found: Descriptors) -> list[np.ndarray]:
    """The numbers of `SINGLES`, in pieces, in their order."""
    energy = found.on("energy", "speech")[0]
    voiced = found.voiced[found.start : found.end]
    f0 = found.on("f0", "voiced")[0]
    change = found.on("f0_change", "voiced")[0]
    rising = float((change > 0).mean()) if f0.size else 0.0
    mfcc = found.on("mfcc", "speech")[:COUPLED_MFCC]
    voice = np.concatenate([found.on(name, "voiced") for name in VOICE])
    return [
        np.array([voiced.mean()]),
        _shape(f0),
        np.array([rising]),
        _melody(f0),
        _runs_of_pitch(found),
        _peaks(found),
        _rise(found.smooth),
        _shape(energy),
        *(
            _coupling(np.concatenate([found.on(name, frames)[:COUPLED_MFCC] for name in descriptors]))
            for _, descriptors, frames, _ in COUPLINGS
        ),
        _correlations(voice, found.on("mfcc", "voiced")[:COUPLED_MFCC]),
        *(_correlations(mfcc[:, :-lag], mfcc[:, lag:], paired=True) for lag in LAGS),
        *(_correlations(mfcc[:, :-lag], mfcc[:, lag:]) for lag in CROSS_LAGS),
        _shares(f0 - np.median(f0) if f0.size else f0, F0_EDGES),
        _shares(energy - np.percentile(energy, 95), ENERGY_EDGES),
        _rhythm(energy, voiced, found.nuclei),
        _modulation(found.on("mel", "speech")),
    ]


def _shape(contour: np.ndarray) -> np.ndarray:
    """First five cosines of a contour after its mean: rise, arch, …, whatever its length; shape (5,)."""
    if contour.size < 6:
        return np.zeros(5)
    return fft.dct(contour, norm="ortho")[1:6] / np.sqrt(contour.size)


def _shares(values: np.ndarray, edges: tuple[float, ...]) -> np.ndarray:
    """Share of the values below the first edge, between every two, and above the last; zeros if there are none."""
    counts = np.bincount(np.searchsorted(edges, values), minlength=len(edges) + 1)
    return counts / max(values.size, 1)


def _coupling(rows: np.ndarray) -> np.ndarray:
    """Correlation of every two contours, shape (rows · (rows - 1) / 2,)."""
    size = rows.shape[0]
    return _correlations(rows, rows).reshape(size, size)[np.triu_indices(size, 1)]


def _correlations(first: np.ndarray, second: np.ndarray, *, paired: bool = False) -> np.ndarray:
    """Correlations of contours over the same frames; zeros where nothing moves or fewer than `MIN_RUN` frames are.

    Args:
        first: shape (a, n_frames).
        second: shape (b, n_frames).
        paired: row by row (a = b) instead of each with each.

    Returns:
        shape (a,) if paired, else (a · b,).
    """
    if first.shape[1] < MIN_RUN:
        return np.zeros(first.shape[0] if paired else first.shape[0] * second.shape[0])
    first, second = _standardised(first), _standardised(second)
    if paired:
        return (first * second).mean(axis=1)
    return (first @ second.T / first.shape[1]).ravel()


def _standardised(rows: np.ndarray) -> np.ndarray:
    centred = rows - rows.mean(axis=1, keepdims=True)
    return centred / (np.sqrt((centred**2).mean(axis=1, keepdims=True)) + 1e-6)


def _melody(f0: np.ndarray) -> np.ndarray:
    """How far F0 goes above and below its median, and where it ends and begins relative to it; semitones."""
    if f0.size == 0:
        return np.zeros(4)
    median = np.median(f0)
    return np.array([f0.max() - median, median - f0.min(), f0[-10:].mean() - median, f0[:10].mean() - median])


def _runs_of_pitch(found: Descriptors) -> np.ndarray:
    """Slope, range and rise of F0 within voiced stretches of 50 ms or more; functionals of each over the stretches."""
    f0 = found.rows["f0"][0]
    pieces = [f0[a:b] for a, b in _runs(found.voiced) if b - a >= MIN_RUN]
    if not pieces:
        return np.zeros(len(_RUNS) * len(_RUN_FUNCTIONALS))
    values = []
    for piece in pieces:
        time = (np.arange(piece.size) - (piece.size - 1) / 2) * (HOP / RATE)
        values.append((piece @ time / (time @ time), piece.max() - piece.min(), piece[-1] - piece[0]))
    return np.concatenate(
        [[v.mean(), v.std(), v.max(), v.min(), np.abs(v).mean(), v[0], v[-1]] for v in np.array(values).T]
    )


def _peaks(found: Descriptors) -> np.ndarray:
    """How syllables differ in level: spread, the loudest over the median, last over first (dB), the loudest's place."""
    if found.nuclei.size == 0:
        return np.array([0.0, 0.0, 0.0, 0.5])
    levels = found.smooth[found.nuclei - found.start]
    place = (found.nuclei[levels.argmax()] - found.start) / found.smooth.size
    return np.array([levels.std(), levels.max() - np.median(levels), levels[-1] - levels[0], place])


def _rise(smooth: np.ndarray) -> np.ndarray:
    """How steeply the level rises and falls, dB a frame, and the share of time that it rises."""
    steps = np.diff(smooth)
    up, down = steps[steps > 0], steps[steps < 0]
    if up.size == 0 or down.size == 0:
        return np.zeros(5)
    return np.array([np.percentile(steps, 95), np.percentile(steps, 5), up.mean(), down.mean(), up.size / steps.size])


def _rhythm(energy: np.ndarray, voiced: np.ndarray, nuclei: np.ndarray) -> np.ndarray:
    """Stretches, pauses and syllables of the speech; the nine `rhythm.*` singles in their order."""
    step = HOP / RATE
    seconds = energy.size * step
    runs = np.array([b - a for a, b in _runs(voiced)]) * step
    gaps = np.array([b - a for a, b in _runs(~voiced)]) * step
    pauses = float((energy < np.percentile(energy, 95) - 25).mean())
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
    """How strongly groups of mel bands swell at speech's tempi, in dB; shape (groups · bands,)."""
    groups = mel_db.reshape(MODULATION_GROUPS, -1, mel_db.shape[1]).mean(axis=1)
    groups = groups - groups.mean(axis=1, keepdims=True)
    # One length for all clips, or else a band would hold other bins in a short clip than in a long one.
    spectrum = np.abs(fft.rfft(groups * np.hanning(groups.shape[1] + 2)[1:-1], max(512, groups.shape[1]), axis=1)) ** 2
    spectrum /= groups.shape[1]
    tempo = np.arange(spectrum.shape[1]) * (RATE / HOP) / max(512, groups.shape[1])
    bands = [
        spectrum[:, (tempo >= low) & (tempo < high)].mean(axis=1) for low, high in itertools.pairwise(MODULATION_EDGES)
    ]
    return (10 * np.log10(np.stack(bands, axis=1) + 1e-2)).ravel()
