"""Finds where in a recording somebody speaks, how loud they are, and how loud the room is.

Levels are in dBFS (0 dBFS: a square wave at full scale) and powers are their squares, measured in frames of 25 ms.

There are two definitions. In a clip of a few seconds, `active_frames` are those within `ACTIVE_RANGE` of the loudest;
levelling and the measurements of a clip use them. In a long recording, whose parts may differ in level, `speech_frames`
are judged against the loudest frame of the ten seconds around them, and never lie below the noise there.
"""

from dataclasses import dataclass

import numpy as np

FRAME_SECONDS = 0.025
ACTIVE_RANGE = 20.0
"""dB below its loudest frames down to which a frame counts as active. Measured on 120 RAVDESS clips: white noise 20 dB
under the voice moves the level by 0.1 dB with this range, but by 1.8 dB with 25 and 3.5 with 30, as pauses then
count."""
SILENCE_LEVEL = -70.0
"""dBFS under which a clip counts as digital silence: the quietest voice in RAVDESS is at -60 dBFS."""
DIGITAL_SILENCE = -100.0
"""dBFS under which a frame holds no signal: 16 bits reach down to -98 dBFS, and their rounding to -101."""

SURROUNDING_SECONDS = 10.0
"""Seconds around a frame whose loudest part its level is judged against."""
FLOOR_SECONDS = 60.0
"""Seconds around a frame in which its noise is looked for: nobody speaks that long without a pause."""
ABOVE_NOISE = 8.0
"""dB that speech stands above the noise at least. Frames of steady noise stay within 5 dB of their 5th percentile."""
STEADY = 12.0
"""dB between the loudest frames and the noise floor below which a sound is steady. A stretch of a recording that is
steady is noise; a recording that is steady all along has no noise to tell its sound from."""
STOP_SECONDS = 0.15
"""Seconds. A closed mouth within a word lasts no longer."""
LEAST_SPEECH = 0.1
"""Share of a window in which somebody must speak for it to have an answer."""

# Speech goes from the first to the last frame within `SPEECH_RANGE` dB of the loud ones, smoothed over 110 ms. Nothing
# lower is looked for: with noise 20 dB under the voice it would be the noise that is found. But a voice sets in and
# dies away softly, so the 120 ms before and after belong to it as far as they are within `FADE_RANGE`.
SPEECH_RANGE = 14.0
FADE_RANGE = 30.0
FADE_FRAMES = 12
_SMOOTHING = np.hanning(13)[1:-1] / np.hanning(13).sum()
_LEAST_POWER = 1e-6  # of a spectrogram, `ser.features.spectra.AMIN`

SILENCE, TOO_QUIET, NOISE, NOT_SPEECH = "silence", "too quiet", "noise", "not speech"


def frame_powers(samples: np.ndarray, rate: int) -> np.ndarray:
    """Variance of a signal in consecutive frames of 25 ms, float64, shape (n // frame length,).

    `samples` have the shape (n,), n at least one frame; 1 is the power of a square wave at full scale.
    """
    size = round(FRAME_SECONDS * rate)
    frames = samples[: len(samples) // size * size].reshape(-1, size).astype(np.float64)
    squares = np.vecdot(frames, frames) / size
    # A cheap sound card's constant offset is not loudness.
    return np.maximum(squares - frames.mean(axis=1) ** 2, 0.0)


def active_frames(powers: np.ndarray) -> np.ndarray:
    """Which frames of a clip hold sound, bool, shape (n_frames,): those within `ACTIVE_RANGE` of the loudest, at any
    gain.
    """
    return powers >= _loudest(powers) * 10 ** (-ACTIVE_RANGE / 10)


def active_level(samples: np.ndarray, rate: int) -> float:
    """RMS of a signal's active part in dBFS, -200 for digital zeros; a click counts as the loudest other frames."""
    return _active_level(frame_powers(samples, rate))


def _active_level(powers: np.ndarray) -> float:
    # The click of the mouse that starts a recording would otherwise raise the level by up to 10 dB.
    return _decibels(np.minimum(powers, _loudest(powers))[active_frames(powers)].mean())


def noise_floor(powers: np.ndarray) -> float:
    """Level in dBFS of a recording's quietest moments: the 5th percentile of the frames above `DIGITAL_SILENCE`."""
    signal = powers[powers > 10 ** (DIGITAL_SILENCE / 10)]
    return _decibels(percentile(signal if signal.size else powers, 5))


def speech_span(energy: np.ndarray, even: np.ndarray) -> tuple[int, int]:
    """First frame of speech, and one past the last, from the dB of each frame and its `smoothed_level`.

    The loud level is the one that one smoothed frame in twenty exceeds.
    """
    loud = percentile(even, 95)
    active = np.flatnonzero(even >= loud - SPEECH_RANGE)
    # The smoothing reaches five frames into silence, so first and last are sought among the frames that are not faint.
    faint_or_more = energy >= loud - FADE_RANGE
    inside = np.flatnonzero(faint_or_more[active[0] : active[-1] + 1]) + active[0]
    start, end = int(inside[0]), int(inside[-1]) + 1
    earliest, latest = start - FADE_FRAMES, end + FADE_FRAMES
    while start > max(0, earliest) and faint_or_more[start - 1]:
        start -= 1
    while end < min(energy.size, latest) and faint_or_more[end]:
        end += 1
    return start, end


def smoothed_level(energy: np.ndarray) -> np.ndarray:
    """Level in dB of the power smoothed over 110 ms, from the dB of each frame; same shape."""
    around = _SMOOTHING.size // 2
    return 10 * np.log10(np.convolve(10 ** (energy / 10), _SMOOTHING)[around:-around] + _LEAST_POWER)


def percentile(values: np.ndarray, percent: float) -> float:
    """A percentile as `numpy.percentile` gives it, which takes five times as long for a short array."""
    ordered = np.sort(values)
    position = percent / 100 * (ordered.size - 1)
    below = int(position)
    low, high = float(ordered[below]), float(ordered[min(below + 1, ordered.size - 1)])
    return low + (position - below) * (high - low)


def active_span(powers: np.ndarray) -> tuple[float, float]:
    """First and last active moment of a clip in seconds, from its `frame_powers`."""
    active = np.flatnonzero(active_frames(powers))
    return float(active[0] * FRAME_SECONDS), float((active[-1] + 1) * FRAME_SECONDS)


def signal_to_noise(samples: np.ndarray, rate: int) -> float:
    """How far the active part of a signal stands above its `noise_floor`, in dB."""
    powers = frame_powers(samples, rate)
    return _active_level(powers) - noise_floor(powers)


def speech_frames(powers: np.ndarray, hop_seconds: float) -> np.ndarray:
    """Which frames of a recording of any length hold speech, bool, shape (n_frames,).

    `powers` are those of the `voice_band`. Gaps no longer than a stop consonant are filled.
    """
    loudest, noise = _surrounding(powers, hop_seconds), _noise(powers, hop_seconds)
    speech = (powers >= loudest * 10 ** (-ACTIVE_RANGE / 10)) & (powers >= noise)
    # Where nothing rises far above the noise, it is the noise that rises and falls.
    speech &= loudest >= noise * 10 ** ((STEADY - ABOVE_NOISE) / 10)
    return _without_gaps(speech, round(STOP_SECONDS / hop_seconds))


@dataclass(frozen=True)
class Activity:
    """Speech in a recording, frame by frame.

    Attributes:
        hop_seconds: time from one frame to the next.
        powers: power of each frame, shape (n_frames,).
        speech: whether somebody speaks, bool, shape (n_frames,).
        standing_out: whether it stands out of the noise around it, loud enough or not, bool, shape (n_frames,).
    """

    hop_seconds: float
    powers: np.ndarray
    speech: np.ndarray
    standing_out: np.ndarray

    def missing(self, start: float, end: float) -> str:
        """Why a window from `start` to `end` seconds has no answer: `SILENCE`, `TOO_QUIET` or `NOISE`; "" if it has
        speech.
        """
        inside = slice(
            int(start / self.hop_seconds), max(int(start / self.hop_seconds) + 1, int(end / self.hop_seconds))
        )
        powers, speech = self.powers[inside], self.speech[inside]
        if speech.size and speech.mean() >= LEAST_SPEECH:
            return ""
        loudest = _loudest(powers) if powers.size else 0.0
        if _decibels(loudest) < SILENCE_LEVEL:
            return SILENCE
        return TOO_QUIET if self.standing_out[inside].mean() >= LEAST_SPEECH else NOISE


def activity(samples: np.ndarray, rate: int) -> Activity:
    """Finds where in a recording somebody speaks, in frames of 25 ms."""
    powers = frame_powers(samples, rate)
    voice = frame_powers(voice_band(samples, rate), rate)
    return Activity(FRAME_SECONDS, powers, speech_frames(voice, FRAME_SECONDS), voice >= _noise(voice, FRAME_SECONDS))


def voice_band(samples: np.ndarray, rate: int) -> np.ndarray:
    """The band from 200 to 3400 Hz, where voices are: rumble below it is loud, and hiss above it drowns them."""
    from scipy.signal import butter, sosfilt  # a second to import, which other measurements need not wait for

    return sosfilt(butter(2, (200, 3400), "bandpass", fs=rate, output="sos"), samples)


def _surrounding(powers: np.ndarray, hop_seconds: float) -> np.ndarray:
    """Power of the loudest frames around each; a click of less than three frames does not count."""
    from scipy.ndimage import maximum_filter1d, median_filter  # slow to import, and only long recordings need it

    steady = median_filter(powers, size=5, mode="nearest")
    return maximum_filter1d(steady, size=_frames(SURROUNDING_SECONDS, hop_seconds), mode="nearest")


def _noise(powers: np.ndarray, hop_seconds: float) -> np.ndarray:
    """Power above which a frame stands out of the noise around it, and out of the recording's."""
    whole = 10 ** (noise_floor(powers) / 10)
    if _loudest(powers) < whole * 10 ** (STEADY / 10):
        return np.zeros(len(powers))
    size = _frames(FLOOR_SECONDS, hop_seconds)
    if len(powers) <= size:
        return np.full(len(powers), whole * 10 ** (ABOVE_NOISE / 10))
    # The 5th percentile of every second's steps, and the middle one where a minute surrounds it.
    step = _frames(1.0, hop_seconds)
    starts = np.arange(0, len(powers), step)
    floors = np.array([10 ** (noise_floor(powers[max(0, s - size // 2) : s + step + size // 2]) / 10) for s in starts])
    local = np.repeat(floors, step)[: len(powers)]
    return np.maximum(local, whole) * 10 ** (ABOVE_NOISE / 10)


def _frames(seconds: float, hop_seconds: float) -> int:
    return max(1, round(seconds / hop_seconds))


def _loudest(powers: np.ndarray) -> float:
    """Power of the fifth loudest frame: a tenth of a second may be louder, so that no click decides.

    Not more, because a short word is no longer than a quarter of a second.
    """
    rank = min(5, len(powers))
    return np.partition(powers, -rank)[-rank]


def _without_gaps(active: np.ndarray, longest: int) -> np.ndarray:
    """Fill gaps of at most `longest` frames between active ones."""
    filled = active.copy()
    edges = np.flatnonzero(np.diff(np.concatenate([[1], active.astype(np.int8), [1]])))
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        if start > 0 and end < active.size and end - start <= longest:
            filled[start:end] = True
    return filled


def _decibels(power: float) -> float:
    return float(10 * np.log10(power + 1e-20))
