"""`Waveform`: one clip as mono samples, with what is known about its recording."""

import io
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import soundfile

from ser.audio.activity import active_level
from ser.limits import CLIP_SECONDS

MIN_SECONDS = 0.5
MAX_SECONDS = CLIP_SECONDS
TARGET_LEVEL = -26.0
"""dBFS of the active part that `decode(levelled=True)` brings every clip to: the nominal speech level of ITU-T
P.56 and G.191, which leaves room for the peaks of speech."""


@dataclass(frozen=True)
class Waveform:
    """A clip that can be used: `ser.audio.decode` checks everything, so nobody has to check it again.

    Attributes:
        samples: float32 of shape (n,), mono, finite; within ±1 unless the file held floats or the clip was levelled.
        rate: sampling rate in Hz of `samples`.
        name: the file's name, or "recording".
        level: RMS of the active part in dBFS as recorded, before levelling (0 dBFS: a square wave at full scale).
        peak: largest absolute sample of any channel as recorded; 1 is full scale.
        clipped: share (0 to 1) of the file's samples in runs of at least three that stand at full scale.
        native_rate: the file's sampling rate in Hz.
        channels: the file's number of channels.
        format: "WAV", "FLAC", "OGG", "OPUS", "MP3", "AIFF", "AAC", …; "" for samples that come from no file.
        notes: sentences about how the file was read: which parts are missing, which track was chosen.
        tracks: names of the file's audio tracks, "" where a track has none.
        track: index of this track in `tracks`.
    """

    samples: np.ndarray
    rate: int
    name: str
    level: float
    peak: float
    clipped: float
    native_rate: int
    channels: int
    format: str
    notes: tuple[str, ...] = ()
    tracks: tuple[str, ...] = ("",)
    track: int = 0

    @classmethod
    def of(cls, samples: np.ndarray, rate: int, *, name: str = "recording") -> Self:
        """The waveform of mono samples that come from no file; level and peak are measured."""
        return cls(samples, rate, name, 0.0, 0.0, 0.0, rate, 1, "").with_samples(samples)

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return len(self.samples) / self.rate

    def with_samples(self, samples: np.ndarray) -> Self:
        """The same clip with other samples, whose level and peak are measured."""
        samples = samples.astype(np.float32, copy=False)
        peak = float(max(samples.max(), -samples.min()))
        return replace(self, samples=samples, level=active_level(samples, self.rate), peak=peak)

    def window(self, start: float, end: float) -> Self:
        """The part from `start` to `end` seconds (a view, not a copy), with the whole clip's level and peak."""
        return replace(self, samples=self.samples[round(start * self.rate) : round(end * self.rate)])


def wav_bytes(waveform: Waveform) -> bytes:
    """Write a waveform as a WAV file that any player takes.

    Args:
        waveform: any waveform; one whose samples pass full scale is turned down until they fit.

    Returns:
        A mono PCM16 WAV file at the waveform's rate.

    Examples:
        >>> len(wav_bytes(Waveform.of(np.zeros(16000), 16000)))
        32044
    """
    samples = waveform.samples / max(1.0, float(np.abs(waveform.samples).max(initial=0.0)))
    # By 32768, as libsndfile divides when it reads: PCM16 comes back bit for bit.
    integers = np.clip(np.rint(samples * 32768), -32768, 32767).astype(np.int16)
    file = io.BytesIO()
    soundfile.write(file, integers, waveform.rate, format="WAV", subtype="PCM_16")
    return file.getvalue()


def at_target_level(samples: np.ndarray, rate: int) -> np.ndarray:
    """Bring a signal's active part to `TARGET_LEVEL` and its mean to zero, float32; the same at any gain."""
    gain = np.float32(10 ** ((TARGET_LEVEL - active_level(samples, rate)) / 20))
    return (samples - samples.mean(dtype=np.float64).astype(np.float32)) * gain
