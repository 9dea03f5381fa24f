"""The `standard` feature set: contours of the voice on a 10 ms grid, summed up over the stretch that is speech.

The clip is brought to one loudness beforehand and its leading and trailing silence is left out, so that neither a
microphone's gain nor the moment of pressing the button becomes an emotion. What is kept of loudness is its
movement. F0 is in semitones, because a voice's rises are heard as ratios.
"""

import itertools
from dataclasses import dataclass

import numpy as np
from scipy import fft
from scipy.signal import find_peaks

from ser.audio import Waveform
from ser.features import spectra
from ser.features.feature import Feature
from ser.features.functionals import FULL, functionals, unit_of
from ser.features.pitch import PitchTrack, pitch_track

RATE = 16_000
HOP = 160  # 10 ms
N_FFT = 512
WINDOW = 400  # 25 ms
N_MELS = 64
N_MFCC = 20
CHROMA_N_FFT = 2048
CHROMA_STEP = 3  # chroma and contrast look at 128 ms, so a third of the frames tells as much
# Hz. Between here and half the sampling rate a recorder's or converter's own cut-off speaks, not the voice: with it in,
# the same clip saved at 48 and at 16 kHz was two clips.
FMAX = 7000.0
SPEECH_RANGE = 35.0  # dB below the loud frames that still count as speech

SPREAD = ("mean", "std", "p5", "p50", "p95")
CHANGE = ("std", "p5", "p95", "kurtosis")


@dataclass(frozen=True)
class Block:
    """A family of contours that share unit, group, functionals and the frames they are summed up over.

    Attributes:
        name: of the contour, or its prefix where there are several.
        count: number of contours; 0 means one without a number in its name.
        unit: of the contours.
        group: one of `ser.features.GROUPS`.
        functionals: names out of `ser.features.functionals.FULL`.
        frames: "speech", "voiced" or "chroma" (every third frame of speech).
    """

    name: str
    count: int
    unit: str
    group: str
    functionals: tuple[str, ...]
    frames: str = "speech"

    def features(self) -> list[Feature]:
        """The block's features, contour by contour."""
        names = [f"{self.name}{i}" for i in range(self.count)] if self.count else [self.name]
        return [
            Feature(f"{name}.{functional}", unit_of(functional, self.unit), self.group)
            for name in names
            for functional in self.functionals
        ]


BLOCKS: tuple[Block, ...] = (
    Block("f0", 0, "semitones", "pitch", FULL, "voiced"),
    Block("f0_change", 0, "semitones/frame", "pitch", CHANGE, "voiced"),
    Block("energy", 0, "dB", "loudness", FULL),
    Block("energy_change", 0, "dB/frame", "loudness", CHANGE),
    Block("periodicity", 0, "", "voice quality", FULL),
    Block("hnr", 0, "dB", "voice quality", SPREAD, "voiced"),
    Block("jitter", 0, "%", "voice quality", SPREAD, "voiced"),
    Block("shimmer", 0, "dB", "voice quality", SPREAD, "voiced"),
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
    Block("contrast", 7, "dB", "spectral balance", SPREAD, "chroma"),
    Block("mfcc", N_MFCC, "dB", "timbre", FULL),
    Block("mfcc_delta", N_MFCC, "dB/frame", "timbre", CHANGE),
    Block("mfcc_delta2", N_MFCC, "dB/frame²", "timbre", ("std",)),
    Block("mfcc_voiced", N_MFCC, "dB", "timbre", ("mean", "std"), "voiced"),
    Block("mel", N_MELS, "dB", "timbre", ("mean", "std", "p95")),
    Block("chroma", 12, "", "chroma", ("mean", "std"), "chroma"),
)

MODULATION_GROUPS = 8
MODULATION_EDGES = (0.5, 2.0, 4.0, 6.0, 8.0, 12.0, 20.0)  # Hz; syllables come at 3 to 6 a second

# Numbers about the whole clip that are no functional of one contour.
SINGLES: tuple[Feature, ...] = (
    Feature("voiced.share", "", "voice quality"),
    *(Feature(f"f0.shape{k}", "semitones", "pitch") for k in range(1, 6)),
    Feature("f0.rising", "", "pitch"),
    *(Feature(f"energy.shape{k}", "dB", "loudness") for k in range(1, 6)),
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
    power = spectra.power_spectrogram(waveform.samples, n_fft=N_FFT, hop=HOP, window=WINDOW)
    energy = 10 * np.log10(power.sum(axis=0) + spectra.AMIN)
    start, end = speech_span(energy)
    pitch = pitch_track(waveform, hop=HOP)
    contours, mel_db = _contours(waveform, power, energy, pitch)
    voiced = pitch.voiced.copy()
    voiced[:start] = voiced[end:] = False
    values = []
    for block in BLOCKS:
        rows = contours[block.name]
        if block.frames == "voiced":
            values.append(functionals(rows[:, voiced], block.functionals, HOP / RATE).ravel())
        elif block.frames == "chroma":
            part = rows[:, -(-start // CHROMA_STEP) : max(end // CHROMA_STEP, -(-start // CHROMA_STEP) + 1)]
            values.append(functionals(part, block.functionals, CHROMA_STEP * HOP / RATE).ravel())
        else:
            values.append(functionals(rows[:, start:end], block.functionals, HOP / RATE).ravel())
    f0 = contours["f0"][0, voiced]
    rising = float((contours["f0_change"][0, voiced] > 0).mean()) if f0.size else 0.0
    values.append([voiced[start:end].mean(), *_shape(f0), rising, *_shape(energy[start:end])])
    values.append(_rhythm(energy[start:end], voiced[start:end]))
    values.append(_modulation(mel_db[:, start:end]))
    return np.concatenate(values)


def speech_span(energy: np.ndarray) -> tuple[int, int]:
    """First and one past the last frame of speech.

    Args:
        energy: dB per frame, shape (n_frames,).

    Returns:
        (start, end) with end - start ≥ 1: from the first to the last frame within `SPEECH_RANGE` dB of the level
        that one frame in twenty exceeds.
    """
    active = np.flatnonzero(energy >= np.percentile(energy, 95) - SPEECH_RANGE)
    return int(active[0]), int(active[-1]) + 1


def _contours(
    waveform: Waveform, power: np.ndarray, energy: np.ndarray, pitch: PitchTrack
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Every block's contours, shape (count or 1, n_frames), and the log-mel bands."""
    samples = waveform.samples
    mel_db = spectra.decibels(spectra.mel_power(power, RATE, N_MELS, fmax=FMAX))
    mfcc = spectra.cepstrum(mel_db, N_MFCC)
    slow = spectra.power_spectrogram(samples, n_fft=CHROMA_N_FFT, hop=CHROMA_STEP * HOP)
    # Semitones above 27.5 Hz, the lowest A of a piano; gaps are bridged so that derivatives exist at their edges.
    semitones = 12 * np.log2(_bridged(pitch.f0) / 27.5)
    peaks = _frame_peaks(samples, energy.size)
    contours = {
        "f0": semitones,
        "f0_change": spectra.delta(semitones),
        "energy": energy,
        "energy_change": spectra.delta(energy),
        "periodicity": pitch.periodicity,
        "hnr": 10 * np.log10((pitch.periodicity + 1e-3) / (1.001 - pitch.periodicity)),
        "jitter": 100 * np.log(2) / 12 * np.abs(np.diff(semitones, n=2, prepend=semitones[:1], append=semitones[-1:])),
        "shimmer": np.abs(np.diff(peaks, n=2, prepend=peaks[:1], append=peaks[-1:])),
        "zero_crossings": spectra.zero_crossing_rate(samples, window=WINDOW, hop=HOP),
        **spectra.spectral_shape(power, RATE, fmax=FMAX),
        "contrast": spectra.spectral_contrast(np.sqrt(slow), RATE, fmax=FMAX),
        "mfcc": mfcc,
        "mfcc_delta": spectra.delta(mfcc),
        "mfcc_delta2": spectra.delta(mfcc, order=2),
        "mfcc_voiced": mfcc,
        "mel": mel_db,
        "chroma": spectra.chroma_energy(slow, RATE),
    }
    return {name: np.atleast_2d(rows) for name, rows in contours.items()}, mel_db


def _bridged(f0: np.ndarray) -> np.ndarray:
    """F0 with its gaps filled by straight lines; 100 Hz throughout where nothing is voiced."""
    known = np.flatnonzero(~np.isnan(f0))
    if known.size == 0:
        return np.full(f0.size, 100.0)
    return np.interp(np.arange(f0.size), known, f0[known])


def _frame_peaks(samples: np.ndarray, n_frames: int) -> np.ndarray:
    """Largest amplitude of each 10 ms frame in dB, shape (n_frames,)."""
    padded = np.abs(np.pad(samples, HOP // 2))
    padded = np.pad(padded, (0, max(0, n_frames * HOP - padded.size)))
    return 20 * np.log10(padded[: n_frames * HOP].reshape(n_frames, HOP).max(axis=1) + 1e-5)


def _shape(contour: np.ndarray) -> np.ndarray:
    """First five cosines of a contour after its mean: rise, arch, …, whatever its length; shape (5,)."""
    if contour.size < 6:
        return np.zeros(5)
    return fft.dct(contour, norm="ortho")[1:6] / np.sqrt(contour.size)


def _rhythm(energy: np.ndarray, voiced: np.ndarray) -> np.ndarray:
    """Stretches, pauses and syllables of the speech; the nine `rhythm.*` singles in their order."""
    step = HOP / RATE
    seconds = energy.size * step
    runs, gaps = _runs(voiced) * step, _runs(~voiced) * step
    pauses = float((energy < np.percentile(energy, 95) - 25).mean())
    # A syllable is a bump of the smoothed level: 3 dB high, 80 ms from the next.
    smooth = np.convolve(np.pad(energy, 3, mode="edge"), np.hanning(9)[1:-1] / np.hanning(9).sum(), mode="valid")
    bumps, _ = find_peaks(smooth, prominence=3.0, distance=8)
    spacing = np.diff(bumps) * step
    return np.array(
        [
            seconds,
            pauses,
            runs.size / seconds,
            runs.mean() if runs.size else 0.0,
            runs.std() if runs.size else 0.0,
            runs.max() if runs.size else 0.0,
            gaps.mean() if gaps.size else 0.0,
            bumps.size / seconds,
            spacing.std() if spacing.size else 0.0,
        ]
    )


def _runs(mask: np.ndarray) -> np.ndarray:
    """Lengths in frames of the stretches where the mask holds."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(np.int8), [0]])))
    return edges[1::2] - edges[::2]


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
