"""The `standard` feature set: contours of the voice on a 10 ms grid, summed up over the stretch that is speech.

The clip is levelled beforehand, and silence before and after the speech is left out, so that neither a microphone's
gain nor the moment of pressing the button becomes an emotion. Of loudness only its movement is kept. F0 is in
semitones, because listeners judge a rise by its ratio.

This is own code because openSMILE, the usual tool, is licensed for private, research and educational use only.
"""

from dataclasses import dataclass

import numpy as np

from ser.audio.waveform import Waveform
from ser.features import clip_level
from ser.features.descriptors import BANDS, HOP, N_MELS, N_MFCC, RATE, Descriptors, descriptors
from ser.features.feature import Feature
from ser.features.functionals import functionals, unit_of

_FULL = ("mean", "std", "p5", "p50", "p95", "skewness", "kurtosis", "slope")
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
        group: one of `ser.features.feature.GROUPS`.
        functionals: names out of `ser.features.functionals.ALL_FUNCTIONALS`.
        frames: as `Descriptors.on` takes them.
        source: the descriptor; the one called `name` if left out.
        first: number of the first contour that is used.
        step: distance from one used contour to the next.
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

    def contours(self, descriptors: Descriptors) -> np.ndarray:
        """The block's contours, shape (n_contours, n_frames)."""
        rows = descriptors.rows[self.source or self.name]
        return rows[self.first : self.first + self.count * self.step : self.step] if self.count else rows


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
    Block("f0", 0, "semitones", "pitch", _FULL, "voiced"),
    Block("f0_change", 0, "semitones/frame", "pitch", CHANGE, "voiced"),
    Block("energy", 0, "dB", "loudness", _FULL),
    Block("energy_change", 0, "dB/frame", "loudness", CHANGE),
    Block("voiced_energy", 0, "dB", "loudness", SPREAD_OF_FOUR, "voiced", "energy"),
    Block("voiced_energy_change", 0, "dB/frame", "loudness", SPREAD_OF_FOUR, "voiced", "energy_change"),
    Block("unvoiced_energy", 0, "dB", "loudness", _TWO, "unvoiced", "energy"),
    Block("loudness", 0, "", "loudness", _FULL),
    Block("loudness_change", 0, "1/frame", "loudness", SPREAD_OF_FOUR),
    Block("periodicity", 0, "", "voice quality", _FULL),
    Block("hnr", 0, "dB", "voice quality", SPREAD, "voiced"),
    Block("jitter", 0, "%", "voice quality", SPREAD, "voiced"),
    Block("shimmer", 0, "dB", "voice quality", SPREAD, "voiced"),
    *(Block(name, 0, "dB", "voice quality", SPREAD_OF_FOUR, "voiced") for name in ("h1_h2", "h1_h3", "h2_h4", "cpp")),
    *(Block(name, 0, "dB", "voice quality", _TWO, "voiced") for name in ("h1_a1", "h1_a3")),
    Block("centroid", 0, "Hz", "spectral balance", _FULL),
    Block("bandwidth", 0, "Hz", "spectral balance", _FULL),
    Block("flatness", 0, "dB", "spectral balance", _FULL),
    Block("flux", 0, "", "spectral balance", _FULL),
    Block("rolloff25", 0, "Hz", "spectral balance", SPREAD),
    Block("rolloff50", 0, "Hz", "spectral balance", SPREAD),
    Block("rolloff85", 0, "Hz", "spectral balance", _FULL),
    Block("rolloff95", 0, "Hz", "spectral balance", SPREAD),
    Block("zero_crossings", 0, "", "spectral balance", _FULL),
    Block("alpha_ratio", 0, "dB", "spectral balance", _FULL),
    Block("hammarberg", 0, "dB", "spectral balance", _FULL),
    Block("high_share", 0, "dB", "spectral balance", SPREAD),
    Block("slope_low", 0, "dB/kHz", "spectral balance", SPREAD),
    Block("slope_mid", 0, "dB/kHz", "spectral balance", SPREAD),
    Block("slope_high", 0, "dB/kHz", "spectral balance", SPREAD),
    Block("spectral_contrast", 7, "dB", "spectral balance", _TWO),
    *(Block(f"voiced_{n}", 0, u, "spectral balance", SPREAD_OF_FOUR, "voiced", n) for n, u in _BALANCE.items()),
    *(
        Block(f"unvoiced_{name}", 0, _BALANCE[name], "spectral balance", _TWO, "unvoiced", name)
        for name in ("centroid", "alpha_ratio", "zero_crossings")
    ),
    Block("mfcc", N_MFCC, "dB", "timbre", _FULL),
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
    Block("chroma", 12, "", "chroma", _TWO),
)


FEATURES: tuple[Feature, ...] = (*(feature for block in BLOCKS for feature in block.features()), *clip_level.FEATURES)


def _groups() -> tuple[tuple[str, tuple[str, ...], tuple[Block, ...]], ...]:
    """Blocks that are summed up together: their frames, the functionals that they need, and the blocks.

    Blocks with means and deviations alone go apart, because the contours of the others have to be sorted.
    """
    groups: dict[tuple[str, bool], list[Block]] = {}
    for block in BLOCKS:
        groups.setdefault((block.frames, set(block.functionals) <= set(_TWO)), []).append(block)
    return tuple(
        (frames, tuple(name for name in _FULL if any(name in block.functionals for block in blocks)), tuple(blocks))
        for (frames, _), blocks in groups.items()
    )


_GROUPS = _groups()


def _positions() -> np.ndarray:
    """For each feature of `BLOCKS`, in their order, its position in the numbers that `block_values` takes them from."""
    first, positions = 0, {}
    for _, names, blocks in _GROUPS:
        for block in blocks:
            rows = first + len(names) * np.arange(max(block.count, 1))
            positions[block] = (rows[:, None] + [names.index(name) for name in block.functionals]).ravel()
            first += rows.size * len(names)
    return np.concatenate([positions[block] for block in BLOCKS])


_POSITIONS = _positions()


def compute(waveform: Waveform) -> np.ndarray:
    """All standard features of a levelled clip at 16 kHz, float64, finite, in the order of `FEATURES`."""
    rows = descriptors(waveform)
    return np.concatenate([block_values(rows), clip_level.compute(rows)])


def block_values(descriptors: Descriptors) -> np.ndarray:
    """The features of `BLOCKS`: functionals of all contours over the same frames at once, which is faster by far."""
    values = []
    for frames, names, blocks in _GROUPS:
        contours = np.concatenate([block.contours(descriptors) for block in blocks])[:, descriptors.columns(frames)]
        numbers = functionals(contours, names, HOP / RATE)
        # Frames whose envelope has no such formant do not count; they are the same for its frequency and its level.
        partly = np.flatnonzero(np.isnan(numbers[:, 0]))
        known = ~np.isnan(contours[partly])
        for mask in {each.tobytes(): each for each in known}.values():
            rows = partly[(known == mask).all(axis=1)]
            numbers[rows] = functionals(contours[rows][:, mask], names, HOP / RATE)
        values.append(numbers.ravel())
    return np.concatenate(values)[_POSITIONS]
