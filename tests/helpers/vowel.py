"""A vowel and white noise, made by a formula."""

import numpy as np

from ser.audio.waveform import Waveform

RATE = 16_000
NOISE = (0.1 * np.random.default_rng(0).standard_normal(2 * RATE)).astype(np.float32)


def seconds(duration: float) -> np.ndarray:
    """Time of each sample, shape (n,)."""
    return np.arange(int(duration * RATE)) / RATE


def vowel(f0: float = 150.0, duration: float = 2.0) -> np.ndarray:
    """Twenty harmonics that fall off, swelling four times a second: as near to a vowel as a formula gets."""
    t = seconds(duration)
    tone = sum(np.sin(2 * np.pi * f0 * k * t) / k for k in range(1, 21))
    return 0.05 * tone * (1.2 + np.sin(2 * np.pi * 4 * t))


def waveform(samples: np.ndarray) -> Waveform:
    """The samples at `RATE`."""
    return Waveform.of(samples, RATE)
