"""Measures a recording for the feature table: level, noise, silence, clipping and identity.

Levels are in dBFS as recorded, before any levelling (0 dBFS: a square wave at full scale). `ser.audio.activity` defines
what counts as active, silence and noise.
"""

import hashlib
from dataclasses import dataclass

from ser.audio.activity import active_span, frame_powers, noise_floor, signal_to_noise
from ser.audio.waveform import Waveform

# What is written down of every clip, and in which unit.
MEASUREMENT_UNITS = {
    "seconds": "s",
    "level": "dBFS",
    "peak": "",
    "clipped": "",
    "native_rate": "Hz",
    "channels": "",
    "noise": "dBFS",
    "snr": "dB",
    "silence_before": "s",
    "silence_after": "s",
    "sha": "",
}


@dataclass(frozen=True)
class Recording:
    """Measurements of one recording.

    Attributes:
        seconds: length.
        level: RMS of the active part in dBFS.
        peak: largest absolute sample; 1 is full scale.
        clipped: share of samples cut off at full scale, 0 to 1.
        native_rate: the file's sampling rate in Hz.
        channels: the file's channels.
        noise: level in dBFS of its quietest moments that are not digital silence.
        snr: how far the active part stands above `noise`, in dB.
        silence_before: seconds until the first active frame.
        silence_after: seconds from the last active frame to the end.
        sha: first 16 hexadecimal digits of the file's SHA-256: files of equal bytes have the same.
    """

    seconds: float
    level: float
    peak: float
    clipped: float
    native_rate: int
    channels: int
    noise: float
    snr: float
    silence_before: float
    silence_after: float
    sha: str


def measure_recording(waveform: Waveform, data: bytes) -> Recording:
    """Measure a recording.

    Args:
        waveform: decoded from `data`, at any rate, not levelled.
        data: the file's bytes.

    Returns:
        Its `Recording`.

    Examples:
        >>> import numpy as np
        >>> hum = 0.1 * np.sin(2 * np.pi * 200 * np.arange(32000) / 16000)
        >>> hum[:8000] *= 0.01
        >>> recording = measure_recording(Waveform.of(hum, 16000), b"")
        >>> recording.silence_before, recording.silence_after, round(recording.noise), round(recording.snr)
        (0.5, 0.0, -63, 40)
    """
    powers = frame_powers(waveform.samples, waveform.rate)
    first, last = active_span(powers)
    return Recording(
        seconds=waveform.seconds,
        level=waveform.level,
        peak=waveform.peak,
        clipped=waveform.clipped,
        native_rate=waveform.native_rate,
        channels=waveform.channels,
        noise=noise_floor(powers),
        snr=signal_to_noise(waveform.samples, waveform.rate),
        silence_before=round(first, 3),
        silence_after=round(max(0.0, waveform.seconds - last), 3),
        sha=hashlib.sha256(data).hexdigest()[:16],
    )
