"""Finds what is wrong with a recording: reasons not to trust a prediction for it.

The input is a waveform at 16 kHz; the output is one warning per problem, with the measured value and advice. All
measurements of the samples are ratios, so a levelled waveform gets the same warnings.

The thresholds were set on RAVDESS's 1,440 clips. They were recorded in a quiet studio, so warnings there are false
alarms: at most 2 % of the clips may get one, and 0.5 % do, all of them "quiet". The thresholds were checked on the 535
clips of EMO-DB (no warnings) and against signals with known faults. The comment beside each says what was measured.
"""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
import scipy.fft

from ser.audio.activity import FRAME_SECONDS, active_frames, frame_powers, signal_to_noise
from ser.audio.waveform import Waveform

RATE = 16_000
"""Sampling rate in Hz of the waveforms that `assess` takes."""

# Active frames in a clip of RAVDESS: 0.95 to 2.75 s; of EMO-DB: 0.83 to 4.1 s. A spoken second has about 0.8 s of them.
MIN_SPEECH_SECONDS = 0.8
# RAVDESS is recorded quietly: its median is -37 dBFS, 1 % of the clips lie under -57 and 0.5 % under -58.
MIN_LEVEL = -58.0
# No clip of RAVDESS has a single clipped value; voices turned up 6 dB past full scale have 0.1 to 2.6 %.
MAX_CLIPPED = 0.001
# RAVDESS: 41 dB or more; EMO-DB: 13 or more. White noise 15 dB under the voice measures 12 dB, as some of it counts
# as voice; every clip with noise at 13 dB is found.
MIN_SNR = 12.0
# Without pauses the floor is speech: 5 % of 1.5 s excerpts without a pause measure under 12 dB, 25 % of those of 0.5 s.
MIN_SECONDS_FOR_SNR = 1.5
# Share of active frames that are periodic. RAVDESS: 13 to 98 % (99.5 % of the clips: 33 % or more); with noise 15 dB
# below the voice 17 % or more; EMO-DB: 21 % or more. White noise and tones above the voice's range: 0 %; noise under
# 800 Hz: 6 %.
MIN_VOICED = 0.10
# A frame is periodic when this share of its power repeats itself after one period of 60 to 500 Hz.
PERIODIC = 0.5
# Power from 4 to 7.5 kHz against 0.3 to 3.4 kHz. RAVDESS: -34 dB or more (as 64 kbit/s MP3: -28); the same clips
# through 8 kHz: -90 dB or less.
MIN_TREBLE = -45.0

_FRAME = 640  # 40 ms: two and a half periods of the lowest voice
_FFT = 1024
_MAX_FRAMES = 400  # spread over the clip; a share needs no more, and a ten-minute clip costs no more than a short one
_SHORTEST_PERIOD, _LONGEST_PERIOD = RATE // 500, RATE // 60


@dataclass(frozen=True)
class QualityWarning:
    """One reason not to trust a prediction.

    Attributes:
        code: "short", "quiet", "clipped", "noisy", "no_voice" or "narrow_band"; `ser.inference.prediction` adds
        "unlike".
        sentence: what was measured and what to do.
        value: the measured value: seconds of speech, dBFS, share of values, dB, share of frames, dB.
    """

    code: str
    sentence: str
    value: float


@dataclass(frozen=True)
class QualityMeasures:
    """Measurements of a recording.

    Attributes:
        speech: seconds that are loud enough to be speech.
        level: of the voice in dBFS, as recorded.
        clipped: share of the values cut off at full scale, 0 to 1.
        snr: how far the voice stands above the background, in dB; also for a recording too short to judge it by.
        voiced: share of the active frames that have the pitch of a voice, 0 to 1.
        treble: power from 4 to 7.5 kHz against that from 0.3 to 3.4 kHz, in dB.
    """

    speech: float
    level: float
    clipped: float
    snr: float
    voiced: float
    treble: float


def measure_quality(waveform: Waveform) -> QualityMeasures:
    """Measures a recording at 16 kHz, levelled or not.

    Voice differs from other sounds by its periodicity: the largest value of the normalised autocorrelation at lags of 2
    to 16.7 ms (Boersma 1993, "Accurate short-term analysis of the fundamental frequency"). It is taken from the
    spectrum between 80 and 1000 Hz but normalised by the power of the whole spectrum, so that high tones and hiss do
    not pass for voice.
    """
    samples = waveform.samples
    powers = frame_powers(samples, RATE)
    active = active_frames(powers)
    spectra = _active_spectra(samples, active)
    return QualityMeasures(
        speech=float(active.sum() * FRAME_SECONDS),
        level=waveform.level,
        clipped=waveform.clipped,
        snr=signal_to_noise(samples, RATE),
        voiced=_voiced(spectra),
        treble=_treble(spectra),
    )


def voiced_share(samples: np.ndarray, frames: np.ndarray) -> float:
    """Share of the chosen frames of 25 ms that have the pitch of a voice, 0 to 1, in samples at 16 kHz."""
    return _voiced(_active_spectra(samples, frames)) if frames.any() else 0.0


def assess(waveform: Waveform) -> tuple[QualityWarning, ...]:
    """Judge a recording.

    Args:
        waveform: from `ser.audio.decode(..., rate=16000)`, levelled or not.

    Returns:
        The warnings, in the order short, quiet, clipped, noisy, no_voice, narrow_band; empty for a good recording.

    Examples:
        >>> hiss = np.random.default_rng(0).normal(0, 0.1, 32000)
        >>> [warning.code for warning in assess(Waveform.of(hiss, 16000))]
        ['noisy', 'no_voice']
    """
    measured = measure_quality(waveform)
    checks = (
        ("short", measured.speech, measured.speech < MIN_SPEECH_SECONDS),
        ("quiet", measured.level, measured.level < MIN_LEVEL),
        ("clipped", measured.clipped, measured.clipped > MAX_CLIPPED),
        ("noisy", measured.snr, measured.snr < MIN_SNR and waveform.seconds >= MIN_SECONDS_FOR_SNR),
        ("no_voice", measured.voiced, measured.voiced < MIN_VOICED),
        ("narrow_band", measured.treble, waveform.native_rate < RATE or measured.treble < MIN_TREBLE),
    )
    return tuple(
        QualityWarning(code, _sentence(code, value, waveform.native_rate), value)
        for code, value, doubtful in checks
        if doubtful
    )


def _sentence(code: str, value: float, native_rate: int) -> str:
    """What was measured and what to do, for one code of `QualityWarning`."""
    cause = f"what lies above 4 kHz is {-value:.0f} dB weaker than the rest"
    if native_rate < RATE:
        cause = f"sampled at {native_rate} Hz"
    return {
        "short": f"Only {_floor(value, 0.1):.1f} s of speech: at least {MIN_SPEECH_SECONDS:g} s is needed for a "
        "judgement worth much. Say a whole sentence.",
        "quiet": f"Very quiet: the voice is at {_floor(value):.0f} dBFS; {MIN_LEVEL:.0f} dBFS or more is needed. "
        "Go nearer to the microphone or turn it up.",
        "clipped": f"Overdriven: {-_floor(-100 * value, 0.1):.1f} % of the recording is cut off at full scale; at most "
        f"{100 * MAX_CLIPPED:g} % does no harm. Turn the microphone down or go further away.",
        "noisy": f"Noisy: the voice stands only {max(_floor(value), 0):.0f} dB above the background; {MIN_SNR:.0f} dB "
        "or more is needed. Find a quieter place or go nearer to the microphone.",
        "no_voice": f"Hardly any voice: {_floor(100 * value):.0f} % of the sound has the pitch of a voice; in speech "
        f"it is {100 * MIN_VOICED:.0f} % or more. Check that the right microphone is chosen, and speak.",
        "narrow_band": f"Dull as on a telephone: {cause}. The model learned from full recordings of {RATE // 1000} kHz "
        "or more; record without a telephone line or headset in call mode.",
    }[code]


def _floor(value: float, step: float = 1.0) -> float:
    """The next step below: rounded up, 11.9 dB would read "only 12 dB; 12 dB or more is needed"."""
    return math.floor(value / step + 1e-9) * step


def _active_spectra(samples: np.ndarray, active: np.ndarray) -> np.ndarray:
    """Power spectra, shape (frames, 513), of at most `_MAX_FRAMES` frames spread over the active part."""
    starts = np.flatnonzero(active) * round(FRAME_SECONDS * RATE)
    # The last frame may reach past the end; then it starts earlier.
    starts = np.minimum(starts[:: len(starts) // _MAX_FRAMES + 1], len(samples) - _FRAME)
    frames = samples[starts[:, None] + np.arange(_FRAME)]
    frames = frames - frames.mean(axis=1, keepdims=True)
    # Faint clips would fall under what float32 squares can hold.
    frames /= np.abs(frames).max() + 1e-20
    return np.abs(scipy.fft.rfft(frames * _window(), _FFT, axis=1)) ** 2


def _periodicity(spectra: np.ndarray) -> np.ndarray:
    """Share (0 to about 1) of each frame's power that repeats itself with a voice's period; shape (frames,)."""
    frequencies = scipy.fft.rfftfreq(_FFT, 1 / RATE)
    in_voice = (frequencies >= 80) & (frequencies < 1000)
    repeated = scipy.fft.irfft(spectra * in_voice, axis=1)[:, _SHORTEST_PERIOD : _LONGEST_PERIOD + 1]
    # From 80 Hz here too: rumble and a sound card's offset are no reason to doubt a voice.
    power = (spectra @ _sum_of_bins(80.0))[:, None]
    return (repeated / _window_decay() / (power + 1e-20)).max(axis=1)


@cache
def _sum_of_bins(lowest: float) -> np.ndarray:
    """Weights of the bins from `lowest` Hz in the inverse transform at lag 0, their mean over both halves of it."""
    weights = (scipy.fft.rfftfreq(_FFT, 1 / RATE) >= lowest) * (2 / _FFT)
    weights[[0, -1]] /= 2
    return weights.astype(np.float32)


def _voiced(spectra: np.ndarray) -> float:
    return float((_periodicity(spectra) >= PERIODIC).mean())


def _treble(spectra: np.ndarray) -> float:
    """Power from 4 to 7.5 kHz against that from 0.3 to 3.4 kHz, in dB."""
    frequencies = scipy.fft.rfftfreq(_FFT, 1 / RATE)
    mean = spectra.mean(axis=0, dtype=np.float64)
    high = mean[(frequencies >= 4000) & (frequencies < 7500)].sum()
    low = mean[(frequencies >= 300) & (frequencies < 3400)].sum()
    return float(10 * np.log10((high + 1e-20) / (low + 1e-20)))


@cache
def _window() -> np.ndarray:
    return np.hanning(_FRAME).astype(np.float32)


@cache
def _window_decay() -> np.ndarray:
    """How the window alone weakens the autocorrelation at each lag, 1 at lag 0 (Boersma 1993, eq. 9)."""
    decay = scipy.fft.irfft(np.abs(scipy.fft.rfft(_window(), _FFT)) ** 2)
    return (decay / decay[0])[_SHORTEST_PERIOD : _LONGEST_PERIOD + 1]
