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
from scipy import fft

from ser.audio.waveform import Waveform

FLOOR, CEILING = 60.0, 650.0  # Hz; an angry or surprised actress reaches 600
CANDIDATES = 5
SILENCE = 0.03  # a frame this far below the loudest is likely silence
VOICING = 0.45  # a periodicity below this is likely unvoiced
OCTAVE_COST = 0.02  # per octave, in favour of the higher candidate: its multiples fit just as well
JUMP_COST = 0.35  # per octave of change between frames 10 ms apart
SWITCH_COST = 0.14
LOW_PASS = 2500.0  # Hz; above it speech is mostly noise, and sharper peaks would fall between samples


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


@lru_cache(maxsize=4)
def _window(length: int, n_fft: int, rate: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Hann window, its normalised autocorrelation, and the low-pass over power, one gain a bin."""
    window = np.hanning(length + 2)[1:-1].astype(np.float32)
    autocorrelation = fft.irfft(np.abs(fft.rfft(window, n_fft)) ** 2, n_fft)
    low_pass = 1 / (1 + (np.arange(n_fft // 2 + 1) * (rate / n_fft / LOW_PASS)) ** 8)
    return window, (autocorrelation / autocorrelation[0]).astype(np.float32), low_pass.astype(np.float32)


def pitch_track(waveform: Waveform, *, hop: int | None = None) -> PitchTrack:
    """F0 of a clip.

    Args:
        waveform: at about 16 kHz.
        hop: samples from frame to frame; 10 ms if left out.

    Returns:
        `PitchTrack` with 1 + n // hop frames, centred on multiples of the hop.
    """
    rate = waveform.rate
    hop = hop or rate // 100
    periodicity, lags, loudness = _candidates(waveform.samples, rate, hop)
    chosen = _best_path(periodicity, lags, loudness, rate)
    rows = np.arange(chosen.size)
    voiced = chosen < CANDIDATES
    column = np.where(voiced, chosen, 0)
    f0 = np.where(voiced, rate / lags[rows, column], np.nan)
    # In an unvoiced frame the strongest candidate says how nearly periodic it is.
    strength = np.where(voiced, periodicity[rows, column], periodicity.max(axis=1))
    return PitchTrack(rows * hop / rate, f0, np.clip(strength, 0.0, 1.0))


def _candidates(samples: np.ndarray, rate: int, hop: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Each frame's strongest peaks: periodicity and lag in samples, both (n_frames, CANDIDATES), and its level."""
    length = int(3 * rate / FLOOR)  # three periods of the deepest voice
    n_fft = fft.next_fast_len(int(length * 1.5), real=True)
    shortest, longest = int(rate / CEILING), int(np.ceil(rate / FLOOR))
    window, decay, low_pass = _window(length, n_fft, rate)
    padded = np.pad(samples, length // 2)
    if padded.size < length:
        padded = np.pad(padded, (0, length - padded.size))
    frames = np.lib.stride_tricks.sliding_window_view(padded, length)[::hop][: 1 + samples.size // hop]
    frames = frames - frames.mean(axis=1, keepdims=True)
    loudness = np.abs(frames).max(axis=1)
    spectrum = fft.rfft(frames * window, n_fft, axis=1)
    raw = fft.irfft((spectrum.real**2 + spectrum.imag**2) * low_pass, n_fft, axis=1)[:, : longest + 2]
    r = raw / np.maximum(raw[:, :1], 1e-12) / decay[: longest + 2]
    middle = r[:, shortest : longest + 1]
    before, after = r[:, shortest - 1 : longest], r[:, shortest + 1 : longest + 2]
    peak = (middle > before) & (middle >= after) & (middle > 0.3 * VOICING)
    # A peak's true position and height lie between samples: a parabola through three points finds them.
    bend = before - 2 * middle + after
    shift = np.where(peak, 0.5 * (before - after) / np.where(bend == 0, -1.0, bend), 0.0)
    height = np.where(peak, middle - 0.25 * (before - after) * shift, -1.0)
    lag = np.arange(shortest, longest + 1) + shift
    value = np.where(peak, height - OCTAVE_COST * np.log2(lag * (FLOOR / rate)), -np.inf)
    best = np.argpartition(-value, CANDIDATES - 1, axis=1)[:, :CANDIDATES]
    is_peak = np.take_along_axis(peak, best, axis=1)
    # A height above 1 is noise of the division by the window; Praat mirrors it likewise.
    height = np.take_along_axis(height, best, axis=1)
    height = np.where(height > 1, 1 / np.maximum(height, 1), height)
    return np.where(is_peak, height, 0.0), np.take_along_axis(lag, best, axis=1), loudness


def _best_path(periodicity: np.ndarray, lags: np.ndarray, loudness: np.ndarray, rate: int) -> np.ndarray:
    """Candidate per frame, `CANDIDATES` for unvoiced, by dynamic programming over all frames."""
    n_frames = loudness.size
    relative = loudness / max(float(loudness.max()), 1e-9)
    unvoiced = VOICING + np.maximum(0.0, 2 - relative / (SILENCE / (1 + VOICING)))
    octaves = np.log2(rate / lags / FLOOR)
    gain = np.where(periodicity > 0, periodicity + OCTAVE_COST * octaves, -1e3)
    gain = np.concatenate([gain, unvoiced[:, None]], axis=1)
    toll = np.full((n_frames, CANDIDATES + 1, CANDIDATES + 1), SWITCH_COST)
    toll[1:, :CANDIDATES, :CANDIDATES] = JUMP_COST * np.abs(octaves[1:, :, None] - octaves[:-1, None, :])
    toll[:, CANDIDATES, CANDIDATES] = 0.0
    came_from = np.zeros((n_frames, CANDIDATES + 1), dtype=np.intp)
    total = gain[0]
    for t in range(1, n_frames):
        options = total[None, :] - toll[t]
        came_from[t] = options.argmax(axis=1)
        total = options.max(axis=1) + gain[t]
    path = np.empty(n_frames, dtype=np.intp)
    path[-1] = int(total.argmax())
    for t in range(n_frames - 1, 0, -1):
        path[t - 1] = came_from[t, path[t]]
    return path
