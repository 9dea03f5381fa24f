"""F0 and voicing by autocorrelation, with the best path through the candidates.

The method is Boersma's (1993, "Accurate short-term analysis of the fundamental frequency and the
harmonics-to-noise ratio of a sampled sound", as in Praat): the autocorrelation of a windowed frame divided by that
of the window is a fair picture of periodicity; its peaks are the candidates of a frame; a path that pays for octave
jumps and for switching voice on and off chooses among them.

This is own code because `librosa.pyin` takes a hundred times as long (0.8 s for a clip of 3 s).
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import soxr
from scipy import fft

from ser.audio.framing import centred_frames
from ser.audio.waveform import Waveform
from ser.features.spectra import frequencies, hann, power_spectrogram

RATE = 8000  # Hz; what lies above half of it says nothing about F0
HOP = 80  # 10 ms
FLOOR, CEILING = 60.0, 650.0  # Hz; an angry or surprised actress reaches 600
WINDOW = int(3 * RATE / FLOOR)  # three periods of the deepest voice
N_FFT = WINDOW * 3 // 2  # so that no lag of a voice meets the other end of the frame
BAND = (40.0, 2500.0)  # Hz; speech is mostly noise above it, and rumble lies below it
CANDIDATES = 5
SILENCE = 0.03  # a frame this far below the loudest is likely silence
VOICING = 0.45  # a periodicity below this is likely unvoiced
OCTAVE_COST = 0.02  # per octave, in favour of the higher candidate: its multiples fit just as well
JUMP_COST = 0.35  # per octave of change between frames 10 ms apart
SWITCH_COST = 0.14
BLOCK = 64  # frames at a time, so that the transforms stay in the processor's cache
STRETCH = 12  # steps of the best path that are taken one by one; the stretches of a clip go side by side
SHORTEST, LONGEST = int(RATE / CEILING), int(np.ceil(RATE / FLOOR))  # periods of a voice in samples


@dataclass(frozen=True)
class LongFrames:
    """Frames that are long enough for the deepest voice, at 8 kHz and 10 ms apart.

    Attributes:
        loudness: largest amplitude, shape (n_frames,).
        numbers: those of the frames that were transformed, ascending, shape (n_transformed,).
        power: their spectra, shape (1 + N_FFT // 2, n_transformed).
    """

    loudness: np.ndarray
    numbers: np.ndarray
    power: np.ndarray


@dataclass(frozen=True)
class PitchTrack:
    """F0 over time.

    Attributes:
        times: seconds of each frame's centre, shape (n_frames,).
        f0: Hz, NaN where unvoiced, shape (n_frames,).
        periodicity: strength of the autocorrelation at the chosen period, 0 to 1, or at the best period where unvoiced,
            shape (n_frames,).
    """

    times: np.ndarray
    f0: np.ndarray
    periodicity: np.ndarray

    @property
    def voiced(self) -> np.ndarray:
        """Which frames are voiced, shape (n_frames,)."""
        return ~np.isnan(self.f0)


def pitch_track(waveform: Waveform, *, speech: slice = slice(None)) -> PitchTrack:
    """F0 of a clip.

    Args:
        waveform: at 8 kHz or more.
        speech: the frames whose periodicity is needed; elsewhere it is 0 where it is too quiet for a voice.

    Returns:
        `PitchTrack` with a frame at every 10 ms, the first at 0.
    """
    return track_of(long_frames(waveform, speech=speech))


def long_frames(waveform: Waveform, *, speech: slice = slice(None)) -> LongFrames:
    """The frames of a clip that its F0 is read off: those of speech, and those that may be voiced."""
    samples = soxr.resample(waveform.samples, waveform.rate, RATE, quality="MQ")
    n_frames = 1 + waveform.samples.size * RATE // (waveform.rate * HOP)
    samples = np.pad(samples - samples.mean(), (0, max(0, (n_frames - 1) * HOP - samples.size)))
    frames = centred_frames(samples, WINDOW, HOP)[:n_frames]
    loudness = np.maximum(frames.max(axis=1), -frames.min(axis=1))
    numbers = _needed(_unvoiced_score(loudness), speech)
    return LongFrames(
        loudness, numbers, power_spectrogram(samples, n_fft=N_FFT, hop=HOP, window=WINDOW, frames=numbers)
    )


def track_of(frames: LongFrames) -> PitchTrack:
    """F0 of frames."""
    loudness, needed = frames.loudness, frames.numbers
    blocks = np.split(frames.power.T, range(BLOCK, needed.size, BLOCK))
    periodicity, lags = _candidates(np.concatenate([_autocorrelation(block) for block in blocks]))
    chosen = _best_path(periodicity, lags, _unvoiced_score(loudness)[needed])
    rows = np.arange(chosen.size)
    voiced = chosen < CANDIDATES
    column = np.where(voiced, chosen, 0)
    f0, strength = np.full(loudness.size, np.nan), np.zeros(loudness.size, np.float32)
    f0[needed] = np.where(voiced, RATE / lags[rows, column], np.nan)
    # In an unvoiced frame the strongest candidate says how nearly periodic it is.
    strength[needed] = np.where(voiced, periodicity[rows, column], periodicity.max(axis=1))
    return PitchTrack(np.arange(loudness.size) * (HOP / RATE), f0, np.clip(strength, 0.0, 1.0))


def _unvoiced_score(loudness: np.ndarray) -> np.ndarray:
    """What each frame scores on the path if it is unvoiced: the more, the fainter it is."""
    relative = loudness / max(float(loudness.max()), 1e-9)
    return VOICING + np.maximum(0.0, 2 - relative / (SILENCE / (1 + VOICING)))


def _needed(unvoiced: np.ndarray, speech: slice) -> np.ndarray:
    """Frames that matter: speech, frames that may be voiced, and their neighbours.

    Every path goes through the others without a voice, because no candidate there is worth the switches on and off.
    """
    best = 1 + OCTAVE_COST * np.log2(CEILING / FLOOR + 1)
    matters = unvoiced <= best + 2 * SWITCH_COST
    matters[speech] = True
    matters[:-1] |= matters[1:]
    matters[1:] |= matters[:-1]
    if not matters.any():
        matters[0] = True  # a path has a frame to begin with
    return np.flatnonzero(matters)


@lru_cache(maxsize=1)
def _weights() -> tuple[np.ndarray, np.ndarray]:
    """The band's gain over power, one a bin, and one over the window's own autocorrelation, one a lag."""
    bins = frequencies(RATE, N_FFT)
    band = (bins >= BAND[0]) / (1 + (bins / BAND[1]) ** 8)
    window = np.pad(hann(WINDOW), (0, N_FFT - WINDOW))
    decay = fft.irfft(np.abs(fft.rfft(window)) ** 2)[: LONGEST + 2]
    return band.astype(np.float32), (decay[0] / decay).astype(np.float32)


def _autocorrelation(power: np.ndarray) -> np.ndarray:
    """Autocorrelation of frames at lags from 0, divided by that of the window, shape (n_frames, LONGEST + 2).

    `power` has the shape (n_frames, 1 + N_FFT // 2).
    """
    band, rise = _weights()
    raw = fft.irfft(power * band, axis=1)[:, : LONGEST + 2]
    return raw / np.maximum(raw[:, :1], 1e-12) * rise


def _candidates(r: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The highest peaks of each autocorrelation: periodicity (0: none) and lag in samples, (n_frames, CANDIDATES)."""
    middle = r[:, SHORTEST : LONGEST + 1]
    peak = (middle > r[:, SHORTEST - 1 : LONGEST]) & (middle >= r[:, SHORTEST + 1 :]) & (middle > 0.3 * VOICING)
    row, column = np.divmod(np.flatnonzero(peak), peak.shape[1])
    column += SHORTEST
    before, middle, after = r[row, column - 1], r[row, column], r[row, column + 1]
    # A peak's true position and height lie between samples: a parabola through three points finds them.
    bend = before - 2 * middle + after
    shift = 0.5 * (before - after) / np.where(bend == 0, -1.0, bend)
    height = middle - 0.25 * (before - after) * shift
    lag = column + shift
    value = height - OCTAVE_COST * np.log2(lag * (FLOOR / RATE))
    # A height above 1 is noise of the division by the window; Praat mirrors it likewise.
    height = np.where(height > 1, 1 / np.maximum(height, 1), height)
    order = np.argsort(100.0 * row - value)  # by row, then from the highest value to the lowest, which are under 10
    row = row[order]
    rank = np.arange(row.size) - np.searchsorted(row, row)
    row, rank, order = (each[rank < CANDIDATES] for each in (row, rank, order))
    shape = (len(r), CANDIDATES)
    periodicity, lags = np.zeros(shape, np.float32), np.ones(shape)
    periodicity[row, rank], lags[row, rank] = height[order], lag[order]
    return periodicity, lags


def _best_path(periodicity: np.ndarray, lags: np.ndarray, unvoiced: np.ndarray) -> np.ndarray:
    """Candidate per frame, `CANDIDATES` for unvoiced, by dynamic programming over all frames."""
    octaves = np.log2(RATE / lags / FLOOR)
    gain = np.where(periodicity > 0, periodicity + OCTAVE_COST * octaves, -1e3)
    gain = np.concatenate([gain, unvoiced[:, None]], axis=1)
    toll = np.full((len(gain), CANDIDATES + 1, CANDIDATES + 1), SWITCH_COST)
    toll[1:, :CANDIDATES, :CANDIDATES] = JUMP_COST * np.abs(octaves[1:, :, None] - octaves[:-1, None, :])
    toll[:, CANDIDATES, CANDIDATES] = 0.0
    return best_path(gain[0], gain[1:, :, None] - toll[1:])


def best_path(first: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """The states of the path with the highest sum (Viterbi), shape (1 + n_steps,).

    `first` scores the states of the first frame; `scores[t, to, origin]` those of the next, with the way to them.

    The steps are cut into stretches of `STRETCH`. The best sums from the beginning to the end of every stretch are
    found for all stretches at once, then the best sums up to each stretch, and with these those within it.
    """
    n_steps, n_states = scores.shape[:2]
    n_stretches = max(1, -(-n_steps // STRETCH))
    filled = np.full((n_stretches * STRETCH, n_states, n_states), -np.inf)
    filled[:n_steps] = scores
    filled[n_steps:, range(n_states), range(n_states)] = 0.0  # steps that stay where they are fill the last stretch
    steps = filled.reshape(n_stretches, STRETCH, n_states, n_states).transpose(1, 2, 3, 0).copy()
    through = steps[0]
    for step in steps[1:]:
        through = np.maximum.reduce(step[:, :, None] + through, axis=1)
    total = np.empty((n_states, n_stretches))
    total[:, 0] = first
    for i in range(1, n_stretches):
        total[:, i] = np.maximum.reduce(through[:, :, i - 1] + total[:, i - 1], axis=1)
    for step in steps:
        step += total
        total = np.maximum.reduce(step, axis=1)
    origins = steps.argmax(axis=2).transpose(2, 0, 1).reshape(-1, n_states)
    path = [int(total[:, -1].argmax())]
    for origin in origins[:n_steps][::-1].tolist():
        path.append(origin[path[-1]])
    return np.array(path[::-1])
