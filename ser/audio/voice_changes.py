"""Changes a voice in one respect and holds the others: size, pitch, pace, brightness, and noise around it.

Size moves pitch and formants together, as for a smaller or a larger speaker: the clip is played faster or slower, as a
tape is. For pitch alone, the spectral envelope (true envelope, Röbel & Rodet 2005) is divided out before and put back
afterwards. The pace is restored by overlapping stretches of the clip where they fit best (WSOLA, Verhelst & Roelands
1993). That is done once for all three changes, and not where the pace is right as it is. With a phase vocoder, a change
of half a semitone moved the probability of the answer by 0.12 on average; this way it is 0.05, no more than without any
restoring of the pace (12 clips of RAVDESS, 10 of nEMO).
"""

from dataclasses import dataclass, fields

import numpy as np

from ser.audio.augmentation import noise, speed, tilt
from ser.audio.waveform import Waveform

SEMITONES = 6.0
PACES = (0.6, 1.6)
TILT = 6.0
NO_NOISE = 40.0

_LEAST = 1e-6  # a smaller change is none
_FRAME_SECONDS = 0.064
# The envelope has no harmonics of the voice: it is smooth over this share of the period of the voice, and over 2.5 ms.
_SHARE_OF_PERIOD = 0.6
_MOST_ENVELOPE_SECONDS = 0.0025
_ENVELOPE_ROUNDS = 12
_LOWEST_VOICE, _HIGHEST_VOICE = 60.0, 500.0  # Hz
# The stretches that WSOLA overlaps by half, and how far each may be moved: about a period of a deep voice.
_STRETCH_SECONDS = 0.04
_SEARCH_SECONDS = 0.01


@dataclass(frozen=True)
class VoiceChanges:
    """How to change a voice; the defaults change nothing.

    Attributes:
        size: semitones by which pitch and formants rise together, within ±`SEMITONES`; a smaller speaker has more.
        pitch: semitones by which the pitch rises while formants and pace stay, within ±`SEMITONES`.
        pace: how many times as fast, within `PACES`; the pitch stays.
        brightness: dB an octave by which high frequencies rise, within ±`TILT`.
        noise: dB by which white noise lies below the voice, 0 to `NO_NOISE`; at `NO_NOISE` there is none.
    """

    size: float = 0.0
    pitch: float = 0.0
    pace: float = 1.0
    brightness: float = 0.0
    noise: float = NO_NOISE

    @property
    def any(self) -> bool:
        """Whether anything is changed."""
        return any(abs(getattr(self, each.name) - each.default) > _LEAST for each in fields(self))


def change_voice(waveform: Waveform, changes: VoiceChanges) -> Waveform:
    """Change a voice; the clip keeps its length but for `changes.pace`."""
    if max(abs(changes.size), abs(changes.pitch), abs(changes.pace - 1)) > _LEAST:
        waveform = _spoken(waveform, changes)
    if abs(changes.brightness) > _LEAST:
        waveform = tilt(waveform, changes.brightness)
    return noise(waveform, changes.noise) if changes.noise < NO_NOISE - _LEAST else waveform


def _spoken(waveform: Waveform, changes: VoiceChanges) -> Waveform:
    """Change size, pitch and pace; the envelope is only touched where the pitch moves without the formants."""
    tape = 2 ** ((changes.size + changes.pitch) / 12)
    n_samples = round(waveform.samples.size / changes.pace)
    alone = abs(changes.pitch) > _LEAST
    voice = waveform
    if alone:
        spectrum = _spectrum(waveform)
        envelope = _envelope(spectrum, waveform.rate)
        voice = waveform.with_samples(_sound(spectrum / envelope, waveform.samples.size))
    if abs(tape - 1) > _LEAST:
        voice = speed(voice, tape)
    samples = voice.samples
    if abs(changes.pace / tape - 1) > _LEAST:
        samples = _paced(samples, waveform.rate, n_samples)
    voice = waveform.with_samples(np.pad(samples[:n_samples], (0, max(0, n_samples - samples.size))))
    if alone:
        spectrum = _spectrum(voice)
        moved = _moved(envelope, spectrum.shape[1], changes.pace, 2 ** (changes.size / 12))
        voice = voice.with_samples(_sound(spectrum * moved, n_samples))
    return voice


def _paced(samples: np.ndarray, rate: int, n_samples: int) -> np.ndarray:
    """Make speech `n_samples` long without moving its pitch.

    Every half stretch, the next stretch is taken from about the place that is wanted, at most `_SEARCH_SECONDS` away:
    where it is most like what follows the last stretch in the clip.
    """
    half, search = round(_STRETCH_SECONDS / 2 * rate), round(_SEARCH_SECONDS * rate)
    size, n_steps = 2 * half, n_samples // half + 2
    window = np.hanning(size + 1)[:-1]
    before = size + search
    padded = np.pad(samples.astype(np.float64), (before, 2 * before))
    paced = np.zeros((n_steps + 1) * half)
    start = before - half
    for step in range(n_steps):
        wanted = min(before - half + round(step * half * samples.size / n_samples), before + samples.size)
        if step:
            around = padded[wanted - search : wanted + search + size]
            alike = np.correlate(around, padded[start + half : start + half + size], "valid")
            powers = np.convolve(around**2, np.ones(size), "valid")
            start = wanted - search + int(np.argmax(alike / np.sqrt(powers + 1e-9)))
        paced[step * half : step * half + size] += window * padded[start : start + size]
    return paced[half : half + n_samples]


def _spectrum(waveform: Waveform) -> np.ndarray:
    """Short-time spectrum, shape (frame / 2 + 1, n_frames)."""
    from librosa import stft  # slow to import

    frame = _frame(waveform.rate)
    return stft(waveform.samples, n_fft=frame, hop_length=frame // 4)


def _sound(spectrum: np.ndarray, n_samples: int) -> np.ndarray:
    from librosa import istft

    return istft(spectrum, hop_length=(spectrum.shape[0] - 1) // 2, length=n_samples)


def _envelope(spectrum: np.ndarray, rate: int) -> np.ndarray:
    """Smooth magnitude over the peaks of each frame, shape as `spectrum`; its logarithm has the mean 0."""
    magnitude = np.log(np.abs(spectrum) + 1e-6)
    cepstrum = np.fft.irfft(magnitude, axis=0)
    quefrencies = np.minimum(np.arange(len(cepstrum)), len(cepstrum) - np.arange(len(cepstrum))) / rate
    smooth = quefrencies < _envelope_seconds(magnitude, cepstrum, rate)
    smooth[0] = False  # the mean
    envelope = peaks = magnitude
    for _ in range(_ENVELOPE_ROUNDS):
        # What lies below the last envelope counts as much as it, so that the next one rests on the peaks.
        mean = peaks.mean(axis=0)
        envelope = np.fft.rfft(np.fft.irfft(peaks, axis=0) * smooth[:, None], axis=0).real
        peaks = np.maximum(magnitude, envelope + mean)
    return np.exp(envelope)


def _envelope_seconds(magnitude: np.ndarray, cepstrum: np.ndarray, rate: int) -> float:
    """The quefrency up to which the envelope goes, by the usual period of the voice: the highest peak of cepstra."""
    shortest, longest = round(rate / _HIGHEST_VOICE), round(rate / _LOWEST_VOICE)
    level = magnitude.mean(axis=0)
    periods = shortest + cepstrum[shortest:longest, level >= np.median(level)].argmax(axis=0)
    return min(_SHARE_OF_PERIOD * float(np.median(periods)) / rate, _MOST_ENVELOPE_SECONDS)


def _moved(envelope: np.ndarray, n_frames: int, pace: float, stretch: float) -> np.ndarray:
    """The envelope of a clip that is `pace` times as fast, with `n_frames` frames; frequencies are `stretch` times as
    high.
    """
    n_bins, last = envelope.shape[0], envelope.shape[1] - 1
    frames = np.minimum(np.arange(n_frames) * pace, last)
    below = frames.astype(int)
    share = frames - below
    paced = envelope[:, below] ** (1 - share) * envelope[:, np.minimum(below + 1, last)] ** share
    if abs(stretch - 1) <= _LEAST:
        return paced
    bins = np.arange(n_bins)
    return np.stack([np.interp(bins / stretch, bins, frame) for frame in paced.T], axis=1)


def _frame(rate: int) -> int:
    """Samples of a frame of 64 ms, a power of two."""
    return int(2 ** round(np.log2(_FRAME_SECONDS * rate)))
