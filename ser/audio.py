"""Bytes or a path become a `Waveform`: the single gate for audio."""

import io
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import numpy as np
import soundfile
import soxr

from ser.errors import AudioError

MIN_SECONDS = 0.5
MAX_SECONDS = 600
TARGET_LEVEL = -26.0


@dataclass(frozen=True)
class Waveform:
    """A decoded clip."""

    samples: np.ndarray
    rate: int
    name: str
    level: float
    peak: float
    clipped: float
    native_rate: int
    channels: int
    format: str

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return len(self.samples) / self.rate

    def window(self, start: float, end: float) -> "Waveform":
        """The part between two times in seconds."""
        return replace(self, samples=self.samples[round(start * self.rate) : round(end * self.rate)])


def decode(
    source: bytes | str | os.PathLike[str] | BinaryIO,
    *,
    rate: int | None = None,
    levelled: bool = False,
    name: str | None = None,
) -> Waveform:
    """Thin first version; the full gate follows."""
    if isinstance(source, (str, os.PathLike)):
        name = name or Path(source).name
        source = Path(source).read_bytes()
    elif not isinstance(source, bytes):
        source = source.read()
    try:
        with soundfile.SoundFile(io.BytesIO(source)) as sound:
            samples = sound.read(dtype="float32", always_2d=True)
            native, form = sound.samplerate, sound.format
    except soundfile.LibsndfileError as bad:
        raise AudioError(f"{name} is not audio.") from bad
    channels = samples.shape[1]
    mono = samples.mean(axis=1)
    if rate and rate != native:
        mono = soxr.resample(mono, native, rate)
    level = _active_level(mono, rate or native)
    if levelled:
        mono = mono * np.float32(10 ** ((TARGET_LEVEL - level) / 20))
    return Waveform(
        mono, rate or native, name or "recording", level, float(np.abs(samples).max()), 0.0, native, channels, form
    )


def _active_level(samples: np.ndarray, rate: int) -> float:
    size = round(0.025 * rate)
    power = (samples[: len(samples) // size * size].reshape(-1, size) ** 2).mean(axis=1)
    active = power > np.percentile(power, 95) * 1e-3
    return float(10 * np.log10(power[active].mean() + 1e-20))
