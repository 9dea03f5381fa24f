"""The clips that benchmarks upload: the demo's examples, synthetic voices, or recordings of RAVDESS."""

import io
import random
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import soundfile
import soxr

from ser import config
from ser.data import ravdess
from tests.helpers.voices import ACTORS
from tests.helpers.voices import ALL as VOICES

RATE = 48_000


def speech(seconds: float, seed: int) -> bytes:
    """Return the demo's clips of actors one after another as WAV, in an order that the seed decides."""
    samples, rate = _joined(ACTORS, seconds, seed)
    return _wav(samples, rate)


def voice(seed: int) -> bytes:
    """Return 3 to 5 s of synthetic speech as WAV at 48 kHz; another seed gives another clip, at another pitch."""
    rng = random.Random(seed)
    seconds, pace = rng.uniform(3.0, 5.0), rng.uniform(0.9, 1.1)
    samples, rate = _joined(VOICES, seconds * pace, seed)
    return _wav(soxr.resample(samples, rate * pace, RATE)[: int(seconds * RATE)], RATE)


def clip_source(seed: int) -> tuple[str, Callable[[int], bytes]]:
    """Return what the clips are, and a function from a number to a clip; different numbers give different clips.

    They are RAVDESS's recordings, of 3 to 5 s, if SER_RAVDESS names them, and otherwise synthetic voices.
    """
    path = config.ravdess_audio()
    if path is None:
        return "synthetic voices", lambda number: voice(seed * 1_000_003 + number)
    source = ravdess.open_source(path)
    order = random.Random(seed).sample(source.clips, len(source.clips))
    return "RAVDESS", lambda number: source.read(order[number % len(order)])


def _joined(files: Sequence[Path], seconds: float, seed: int) -> tuple[np.ndarray, int]:
    order = np.random.default_rng(seed).integers(len(files), size=400)
    parts, length, rate = [], 0, 0
    for i in order:
        samples, rate = soundfile.read(files[i], dtype="float32")
        parts.append(samples)
        length += len(samples)
        if length >= seconds * rate:
            break
    return np.concatenate(parts)[: int(seconds * rate)], rate


def _wav(samples: np.ndarray, rate: int) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, samples, rate, format="WAV", subtype="PCM_16")
    return file.getvalue()
