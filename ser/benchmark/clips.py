"""The clips of the benchmark: recordings of RAVDESS if they are at hand, and otherwise synthetic voices."""

import io
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import soundfile

from ser.data.ravdess import default_source, open_source

RATE = 48_000
_FORMANTS = ((700.0, 110.0), (1200.0, 120.0), (2600.0, 160.0))
_PAUSE = 0.4  # seconds


@dataclass(frozen=True)
class BenchmarkClip:
    """A clip; its name has seven numbers as RAVDESS's names have, which seed the augmentation."""

    name: str


@dataclass(frozen=True)
class BenchmarkClips:
    """A `ser.data.extraction.ClipSource`.

    Attributes:
        path: what the clips are, "RAVDESS" or "synthetic voices".
        clips: the clips.
        read_name: a name → the bytes of the file.
    """

    path: str
    clips: tuple[BenchmarkClip, ...]
    read_name: Callable[[str], bytes]

    def read(self, clip: BenchmarkClip) -> bytes:
        """The bytes of a clip's file, WAV at 48 kHz."""
        return self.read_name(clip.name)


@contextmanager
def open_clips(count: int) -> Iterator[BenchmarkClips]:
    """`count` clips, the same in every run; fewer if the audio at hand has fewer."""
    audio = default_source()
    if audio is None:
        names = [f"03-01-01-01-01-01-{number:02d}" for number in range(1, count + 1)]
        voices = tuple(map(BenchmarkClip, names))
        yield BenchmarkClips("synthetic voices", voices, lambda name: synthetic_voice(int(name.split("-")[-1])))
        return
    with open_source(audio) as source:
        chosen = random.Random(0).sample(source.clips, min(count, len(source.clips)))
        yield BenchmarkClips("RAVDESS", tuple(BenchmarkClip(clip.name) for clip in chosen), source.read)


def synthetic_voice(number: int) -> bytes:
    """A voice-like sound of 3 to 5 s in syllables, between two pauses, as WAV at 48 kHz; each number gives another."""
    rng = np.random.default_rng(number)
    seconds, deepest, pace = rng.uniform(3.0, 5.0), rng.uniform(90.0, 220.0), rng.uniform(3.0, 5.0)
    t = np.arange(round(seconds * RATE)) / RATE
    f0 = deepest * (1.2 + 0.2 * np.sin(2 * np.pi * 0.8 * t))
    phase = 2 * np.pi * np.cumsum(f0) / RATE
    voice = np.zeros_like(t)
    for harmonic in range(1, int(6000 / f0.max())):
        frequency = harmonic * f0.mean()
        gain = 0.1 + sum(1 / (1 + ((frequency - centre) / width) ** 2) for centre, width in _FORMANTS)
        voice += gain / harmonic * np.sin(harmonic * phase)
    syllables = 0.55 + 0.45 * np.sin(2 * np.pi * pace * t)
    voice *= syllables * ((t > _PAUSE) & (t < seconds - _PAUSE))
    samples = 0.05 * voice / voice.std() + 5e-5 * rng.standard_normal(t.size)
    file = io.BytesIO()
    soundfile.write(file, samples, RATE, format="WAV", subtype="PCM_16")
    return file.getvalue()
