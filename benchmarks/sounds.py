"""Sounds that are not speech, and a laptop's microphone, all made from random numbers: no two draws are alike.

Every sound is float64 of shape (n,) at 16 kHz, peaks below 1. `not_speech` draws one of each kind in turn.
"""

from collections.abc import Callable

import numpy as np
import scipy.signal

RATE = 16_000
Draw = Callable[[np.random.Generator], np.ndarray]


def _time(rng: np.random.Generator) -> np.ndarray:
    return np.arange(int(RATE * rng.uniform(2.0, 6.0))) / RATE


def _coloured(n: int, slope: float, rng: np.random.Generator) -> np.ndarray:
    """Noise whose power falls with frequency to the power `slope`."""
    spectrum = np.fft.rfft(rng.standard_normal(n))
    frequencies = np.maximum(np.fft.rfftfreq(n, 1 / RATE), 20.0)
    return np.fft.irfft(spectrum * frequencies ** (-slope / 2), n)


def white(rng: np.random.Generator) -> np.ndarray:
    """White noise."""
    return rng.standard_normal(_time(rng).size)


def pink(rng: np.random.Generator) -> np.ndarray:
    """Pink noise."""
    return _coloured(_time(rng).size, 1.0, rng)


def brown(rng: np.random.Generator) -> np.ndarray:
    """Brown noise."""
    return _coloured(_time(rng).size, 2.0, rng)


def hum(rng: np.random.Generator) -> np.ndarray:
    """Mains hum with its harmonics over faint noise."""
    t, mains = _time(rng), rng.choice([50.0, 60.0])
    tones = sum(rng.uniform(0.2, 1) / k * np.sin(2 * np.pi * k * mains * t + rng.uniform(0, 6)) for k in range(1, 12))
    return tones + 10 ** (-rng.uniform(20, 45) / 20) * rng.standard_normal(t.size)


def fan(rng: np.random.Generator) -> np.ndarray:
    """A fan: noise through resonances, beating with the blades, over a motor's tone."""
    t = _time(rng)
    noise = _coloured(t.size, rng.uniform(0.5, 1.5), rng)
    for centre in rng.uniform(100, 1500, 3):
        noise = noise + scipy.signal.lfilter(*scipy.signal.iirpeak(centre, rng.uniform(1, 6), fs=RATE), noise)
    blades = 1 + rng.uniform(0.05, 0.4) * np.sin(2 * np.pi * rng.uniform(5, 40) * t)
    return noise / noise.std() * blades + rng.uniform(0.05, 0.6) * np.sin(2 * np.pi * rng.uniform(60, 400) * t)


def rain(rng: np.random.Generator) -> np.ndarray:
    """Many short drops over hiss."""
    t = _time(rng)
    drops = (rng.random(t.size) < rng.uniform(20, 300) / RATE) * rng.exponential(1.0, t.size)
    ringing = scipy.signal.lfilter(*scipy.signal.iirpeak(rng.uniform(800, 4000), 4, fs=RATE), drops)
    return ringing / ringing.std() + rng.uniform(0.1, 1.0) * rng.standard_normal(t.size)


def knocks(rng: np.random.Generator) -> np.ndarray:
    """Keys and knocks with silence between."""
    t = _time(rng)
    sound = np.zeros(t.size)
    for start in rng.uniform(0, t[-1] - 0.1, rng.integers(5, 30)):
        n = int(0.08 * RATE)
        decay = np.exp(-np.arange(n) / RATE * rng.uniform(40, 200))
        first = int(start * RATE)
        sound[first : first + n] += (rng.standard_normal(n) * decay)[: t.size - first] * rng.uniform(0.3, 1)
    return sound + 1e-3 * rng.standard_normal(t.size)


def faint_room(rng: np.random.Generator) -> np.ndarray:
    """What a microphone records where nobody speaks: hiss near its own noise."""
    return 10 ** (-rng.uniform(60, 80) / 20) * _coloured(_time(rng).size, rng.uniform(0, 1), rng)


def silence(rng: np.random.Generator) -> np.ndarray:
    """Digital zeros."""
    return np.zeros(_time(rng).size)


def tone(rng: np.random.Generator) -> np.ndarray:
    """A sine."""
    t = _time(rng)
    return np.sin(2 * np.pi * np.exp(rng.uniform(np.log(80), np.log(4000))) * t)


def beeps(rng: np.random.Generator) -> np.ndarray:
    """A tone that goes on and off, as of a telephone or an alarm."""
    t, rhythm = _time(rng), rng.uniform(1, 5)
    low, high = np.exp(rng.uniform(np.log(300), np.log(2500), 2))
    on = scipy.signal.square(2 * np.pi * rhythm * t, rng.uniform(0.3, 0.7)) > 0
    smooth = scipy.signal.lfilter(np.ones(80) / 80, 1, on.astype(float))
    return smooth * (np.sin(2 * np.pi * low * t) + np.sin(2 * np.pi * high * t))


def chirp(rng: np.random.Generator) -> np.ndarray:
    """A sine that glides from one pitch to another."""
    t = _time(rng)
    first, last = np.exp(rng.uniform(np.log(60), np.log(6000), 2))
    return scipy.signal.chirp(t, first, t[-1], last, method=str(rng.choice(["linear", "logarithmic"])))


def siren(rng: np.random.Generator) -> np.ndarray:
    """A sine that goes up and down."""
    t = _time(rng)
    pitch = np.exp(np.log(rng.uniform(400, 900)) + 0.3 * np.sin(2 * np.pi * rng.uniform(0.2, 3) * t))
    return np.sin(2 * np.pi * np.cumsum(pitch) / RATE)


def _note(
    pitch: float, n: int, rng: np.random.Generator, brightness: float, decay: float, vibrato: float
) -> np.ndarray:
    """A note of an instrument: harmonics that fall off, an attack, a decay and a vibrato."""
    t = np.arange(n) / RATE
    phase = 2 * np.pi * np.cumsum(pitch * (1 + vibrato * np.sin(2 * np.pi * 5.5 * t))) / RATE
    harmonics = range(1, max(2, int(min(30, 7000 / pitch))))
    sound = sum(np.sin(k * phase + rng.uniform(0, 6)) / k**brightness for k in harmonics)
    return sound * np.minimum(1, t / 0.02) * np.exp(-decay * t) * np.minimum(1, (t[-1] - t) / 0.02 + 1e-3)


def _instrument(rng: np.random.Generator) -> tuple[float, float, float]:
    """Brightness, decay and vibrato of an organ, a piano, a string and what lies between."""
    return rng.uniform(0.8, 2.5), rng.choice([0.0, 1.0, 4.0]), rng.choice([0.0, 0.0, 0.01])


_SCALE = np.array([0, 2, 4, 5, 7, 9, 11])


def melody(rng: np.random.Generator) -> np.ndarray:
    """One instrument, one note at a time."""
    return _melody(_time(rng), rng, rng.uniform(45, 72))


def _melody(t: np.ndarray, rng: np.random.Generator, lowest: float) -> np.ndarray:
    group, beat, sound, start = _instrument(rng), rng.uniform(0.15, 0.5), np.zeros(t.size), 0
    while start < t.size - 1000:
        n = min(int(beat * RATE * rng.choice([1, 1, 2])), t.size - start)
        if rng.random() > 0.08:
            step = 12 * rng.integers(0, 2) + rng.choice(_SCALE)
            sound[start : start + n] += _note(440 * 2 ** ((lowest + step - 69) / 12), n, rng, *group)
        start += n
    return sound


def chords(rng: np.random.Generator) -> np.ndarray:
    """Triads of one instrument, one after the other."""
    return _chords(_time(rng), rng)


def _chords(t: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    group, beat, sound = _instrument(rng), rng.uniform(0.4, 1.5), np.zeros(t.size)
    lowest = rng.uniform(40, 60)
    for start in range(0, t.size - 1000, int(beat * RATE)):
        n = min(int(beat * RATE), t.size - start)
        root = rng.choice(_SCALE)
        for step in (0, rng.choice([3, 4]), 7, 12):
            sound[start : start + n] += _note(440 * 2 ** ((lowest + root + step - 69) / 12), n, rng, *group)
    return sound


def drums(rng: np.random.Generator) -> np.ndarray:
    """Kick, snare and hi-hat."""
    return _drums(_time(rng), rng)


def _drums(t: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    beat, sound = rng.uniform(0.18, 0.35), np.zeros(t.size)
    for number, start in enumerate(range(0, t.size - 1000, int(beat * RATE))):
        n = min(int(0.25 * RATE), t.size - start)
        s = np.arange(n) / RATE
        hat = rng.standard_normal(n) * np.exp(-60 * s) * 0.3
        kick = np.sin(2 * np.pi * (50 * s + 4 * (1 - np.exp(-30 * s)))) * np.exp(-12 * s) * (number % 4 == 0)
        snare = rng.standard_normal(n) * np.exp(-20 * s) * 0.7 * (number % 4 == 2)
        sound[start : start + n] += hat + kick + snare
    return sound


def band(rng: np.random.Generator) -> np.ndarray:
    """Melody, chords and drums together."""
    t = _time(rng)
    parts = [_melody(t, rng, 60), _chords(t, rng), _drums(t, rng)]
    return sum(rng.uniform(0.4, 1) * part / (part.std() + 1e-9) for part in parts)


KINDS: dict[str, tuple[Draw, ...]] = {
    "noise": (white, pink, brown, hum, fan, rain, knocks, faint_room),
    "music": (melody, chords, drums, band),
    "silence": (silence,),
    "tones": (tone, beeps, chirp, siren),
}


def not_speech(group: str, number: int, seed: int) -> np.ndarray:
    """A sound of one of `KINDS`, peaking at -1 to -30 dBFS; silence and faint sounds keep their level."""
    draws = KINDS[group]
    draw = draws[number % len(draws)]
    rng = np.random.default_rng([seed, number, len(group)])
    sound = draw(rng)
    if draw in (silence, faint_room):
        return sound
    return sound / np.abs(sound).max() * 10 ** (-rng.uniform(1, 30) / 20)


def laptop(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A clip as a laptop's microphone records it, from samples at 16 kHz.

    It has a small room's echo, which fades by 60 dB within 0.2 to 0.4 s and lies 6 to 12 dB below it; a band from
    100 to 120 Hz up to 6.5 to 7.5 kHz; and pink noise 20 to 30 dB below the voice.
    """
    n = int(0.4 * RATE)
    fade = np.exp(-6.9 * np.arange(n) / RATE / rng.uniform(0.2, 0.4))
    tail = rng.standard_normal(n) * fade
    tail[: int(0.005 * RATE)] = 0
    tail *= 10 ** (-rng.uniform(6, 12) / 20) / np.sqrt((tail**2).sum())
    tail[0] = 1
    wet = scipy.signal.fftconvolve(samples, tail)[: samples.size]
    edges = (rng.uniform(100, 120), rng.uniform(6500, 7500))
    recorded = scipy.signal.sosfilt(scipy.signal.butter(4, edges, "bandpass", fs=RATE, output="sos"), wet)
    noise = _coloured(samples.size, 1.0, rng)
    active = np.sqrt(np.mean(recorded[np.abs(recorded) > 0.1 * np.abs(recorded).max()] ** 2))
    return recorded + noise / noise.std() * active * 10 ** (-rng.uniform(20, 30) / 20)
