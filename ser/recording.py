"""What can be measured of a recording without asking what is said in it: level, noise, silence, clipping, identity.

Conventions. Levels are in dBFS as recorded, before any levelling (0 dBFS: a square wave at full scale). A frame of
25 ms is active within 20 dB of the loudest (`ser.activity.active_frames`); what lies before the first and after the
last active frame is silence. The noise floor is the 5th percentile of the levels of those frames that hold a signal: a
stretch of digital zeros, as editing leaves it (in many clips of RAVDESS), says nothing of the room.
"""

import hashlib
from dataclasses import dataclass

import numpy as np

from ser.activity import FRAME_SECONDS, active_frames, active_level, frame_powers
from ser.audio import Waveform

DIGITAL_SILENCE = -100.0
"""dBFS under which a frame holds no signal: 16 bits reach down to -98 dBFS, and their rounding to -101."""

# What is written down of every clip, and in which unit.
UNITS = {
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


def measure(waveform: Waveform, data: bytes) -> Recording:
    """Measure a recording.

    Args:
        waveform: decoded from `data`, at any rate, not levelled.
        data: the file's bytes.

    Returns:
        `Recording`.

    Example:
        >>> hum = 0.1 * np.sin(2 * np.pi * 200 * np.arange(32000) / 16000).astype(np.float32)
        >>> hum[:8000] *= 0.01
        >>> found = measure(Waveform(hum, 16000, "hum", -23.0, 0.1, 0.0, 16000, 1, "WAV"), b"")
        >>> found.silence_before, found.silence_after, round(found.noise), round(found.snr)
        (0.5, 0.0, -63, 40)
    """
    powers = frame_powers(waveform.samples, waveform.rate)
    active = np.flatnonzero(active_frames(powers))
    signal = powers[powers > 10 ** (DIGITAL_SILENCE / 10)]
    # A clip that whispers below what 16 bits hold has nothing but its own level to go by.
    noise = float(10 * np.log10(np.percentile(signal if signal.size else powers, 5) + 1e-20))
    return Recording(
        seconds=waveform.seconds,
        level=waveform.level,
        peak=waveform.peak,
        clipped=waveform.clipped,
        native_rate=waveform.native_rate,
        channels=waveform.channels,
        noise=noise,
        snr=active_level(waveform.samples, waveform.rate) - noise,
        silence_before=round(float(active[0] * FRAME_SECONDS), 3),
        silence_after=round(max(0.0, waveform.seconds - float((active[-1] + 1) * FRAME_SECONDS)), 3),
        sha=hashlib.sha256(data).hexdigest()[:16],
    )
