"""Turns a waveform into plausible other recordings of the same speech: other rooms, microphones, channels and voices.

A model takes for granted what it has met in training. So `augmented` draws such recordings to train on, and
`ser.evaluation.robustness` applies the changes one by one and counts whose label stays.

Every function takes a waveform of any level and returns a new one at the same rate. The same seed gives the same
result. Nothing is levelled here; that happens before features are extracted (`ser.audio.waveform.at_target_level`).

Signal-to-noise ratios compare the power of the noise with the active level of the speech
(`ser.audio.activity.active_level`), so that pauses do not make the same noise count for less.

This is own code because the shipped feature table must be reproducible from its seeds, whatever version of an
augmentation library is installed.
"""

import io
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
import scipy.fft
import soxr

from ser.audio.activity import active_level
from ser.audio.decoding.decoder import decode
from ser.audio.waveform import Waveform

COLOURS: dict[str, float] = {"white": 0.0, "pink": 0.5, "brown": 1.0}
"""Colour of noise → how steeply its amplitude falls with frequency f: as 1 / f to this power."""

CODECS: dict[str, tuple[str, str, int]] = {
    "mp3": ("mp3", "libmp3lame", 64_000),
    "opus": ("ogg", "libopus", 24_000),
    "aac": ("adts", "aac", 64_000),
}
"""Codec → FFmpeg's container, its encoder, and the usual bit rate in bits a second for speech."""

Seed = int | Sequence[int] | np.random.Generator
"""A number or numbers, or a generator that is used further."""

# Under 40 Hz coloured noise would be rumble without end, which no microphone takes up.
_LOWEST_NOISE = 40.0
_TILT_PIVOT = 1000.0
_TILT_LOWEST = 50.0
# Seconds. The first reflections have gone about 70 cm further than the direct sound.
_FIRST_REFLECTION = 0.002
_FIXED_SEED = 0
_KEPT_NOISE = 1 << 17  # samples: eight seconds at 16 kHz
_BABBLE_SPEEDS = (0.8, 0.9, 1.12, 1.25)


def speed(waveform: Waveform, factor: float) -> Waveform:
    """Play faster or slower as a tape does: tempo, pitch and formants move by `factor`, as for a smaller or larger
    speaker.
    """
    return waveform.with_samples(_sped(waveform, factor).samples)


def tilt(waveform: Waveform, slope: float) -> Waveform:
    """Turn the spectrum about 1 kHz by `slope` dB per octave; positive is brighter. The gain is constant below 50
    Hz.
    """
    # r ** (slope / 6.02) is 10 ** (slope * log2(r) / 20) with one power instead of a logarithm and a power.
    exponent = np.float32(slope / (20 * np.log10(2)))
    return _filtered(waveform, lambda f: (np.maximum(f, _TILT_LOWEST) / _TILT_PIVOT) ** exponent)


def band(waveform: Waveform, low: float, high: float) -> Waveform:
    """Let only a band of frequencies through, without delay, as a small loudspeaker or an old recorder does.

    Below `low` Hz it falls by 48 dB per octave (0 lets the lowest through), above `high` Hz by 96 dB; both edges are 6
    dB down.
    """

    def response(f: np.ndarray) -> np.ndarray:
        passed = 1 / (1 + _squared(f / np.float32(high), 4))
        return passed / (1 + _squared(np.float32(low) / np.maximum(f, 1), 3)) if low > 0 else passed

    return _filtered(waveform, response)


def telephone(waveform: Waveform) -> Waveform:
    """Send it through a telephone line: 300 to 3400 Hz, sampled at 8 kHz (ITU-T G.712), and back to its rate."""
    line = soxr.resample(band(waveform, 300, 3400).samples, waveform.rate, 8000, quality="HQ")
    return waveform.with_samples(
        _of_length(soxr.resample(line, 8000, waveform.rate, quality="HQ"), waveform.samples.size)
    )


def gain(waveform: Waveform, decibels: float) -> Waveform:
    """Turn it up by `decibels`, or down, without a limit at full scale."""
    return waveform.with_samples(waveform.samples * np.float32(10 ** (decibels / 20)))


def clip(waveform: Waveform, share: float) -> Waveform:
    """Cut off the peaks, as a microphone that is turned up too far does, so that `share` of all samples are at full
    scale.
    """
    ceiling = np.float32(max(np.quantile(np.abs(waveform.samples), 1 - share), 1e-9))
    samples = np.clip(waveform.samples, -ceiling, ceiling) / ceiling
    return replace(waveform.with_samples(samples), clipped=float(np.mean(np.abs(samples) >= 1)))


def pad(waveform: Waveform, before: float, after: float) -> Waveform:
    """Put digital silence of so many seconds before and after it."""
    return waveform.with_samples(
        np.pad(waveform.samples, (round(before * waveform.rate), round(after * waveform.rate)))
    )


def noise(waveform: Waveform, ratio: float, *, colour: str = "white", seed: Seed = _FIXED_SEED) -> Waveform:
    """Add noise of a `colour` out of `COLOURS` at a signal-to-noise `ratio` in dB."""
    size = waveform.samples.size
    fast = scipy.fft.next_fast_len(size, real=True)
    sound = _white_noise(fast, seed)
    if COLOURS[colour]:
        frequencies = np.maximum(_frequencies(fast, waveform.rate), _LOWEST_NOISE)
        sound = scipy.fft.irfft(scipy.fft.rfft(sound) / frequencies ** np.float32(COLOURS[colour]), fast)
    return _added(waveform, sound[:size], ratio)


def hum(waveform: Waveform, ratio: float, *, mains: float = 50.0, seed: Seed = 0) -> Waveform:
    """Add the hum of the mains at a signal-to-noise `ratio` in dB: its frequency and seven ever weaker harmonics."""
    turns = np.arange(waveform.samples.size) * (mains / waveform.rate)
    phases = np.random.default_rng(seed).uniform(0, 1, 8)
    sound = sum(np.sin(2 * np.pi * (k * turns + phases[k - 1])) / k for k in range(1, 9))
    return _added(waveform, sound.astype(np.float32), ratio)


def babble(waveform: Waveform, ratio: float, voices: Sequence[Waveform], *, seed: Seed = 0) -> Waveform:
    """Add equally loud `voices` at a signal-to-noise `ratio` in dB.

    Each voice, at the waveform's rate, is repeated to the length that is needed and begins at a random point.
    """
    rng = np.random.default_rng(seed)
    sound = np.zeros(waveform.samples.size, np.float32)
    for voice in voices:
        level = np.float32(10 ** (-active_level(voice.samples, voice.rate) / 20))
        sound += np.resize(np.roll(voice.samples, -rng.integers(voice.samples.size)), sound.size) * level
    return _added(waveform, sound, ratio)


def room(waveform: Waveform, reverberation: float, ratio: float, *, seed: Seed = 0) -> Waveform:
    """Record it in a room: convolve it with noise that decays exponentially after the direct sound (Polack 1988).

    `reverberation` is the time in seconds in which it falls by 60 dB (RT60), from 0.02; `ratio` is the
    direct-to-reverberant ratio in dB. The direct sound is neither delayed nor louder.
    """
    from scipy.signal import fftconvolve  # here, because its import takes a second

    response = _impulse_response(reverberation, ratio, waveform.rate, np.random.default_rng(seed))
    return waveform.with_samples(fftconvolve(waveform.samples, response)[: waveform.samples.size])


def codec(waveform: Waveform, name: str, *, bit_rate: int | None = None) -> Waveform:
    """Encode it with a codec out of `CODECS` and decode it again, in memory.

    The rate must suit the codec (16000 Hz suits all). The result may be longer by the codec's padding.
    """
    import av  # here, because it takes 0.1 s

    container, encoder, usual = CODECS[name]
    file = io.BytesIO()
    with av.open(file, "w", format=container) as out:
        track = out.add_stream(encoder, rate=waveform.rate, layout="mono")
        sample_formats = track.codec_context.codec.audio_formats
        assert isinstance(track, av.AudioStream) and sample_formats, encoder
        track.bit_rate = bit_rate or usual
        planes = np.ascontiguousarray(waveform.samples[None])
        whole = av.AudioFrame.from_ndarray(planes, format="fltp", layout="mono")
        whole.sample_rate, whole.pts = waveform.rate, 0
        fifo = av.AudioFifo()
        for part in av.AudioResampler(format=sample_formats[0], layout="mono").resample(whole):
            fifo.write(part)
        while (frame := fifo.read(track.codec_context.frame_size or 1024, partial=True)) is not None:
            out.mux(track.encode(frame))
        out.mux(track.encode(None))
    return replace(decode(file.getvalue(), rate=waveform.rate, name=waveform.name), clipped=waveform.clipped)


VIEWS: dict[str, Callable[[Waveform], Waveform]] = {
    "slower, through a telephone's band": lambda waveform: band(_sped(waveform, 0.94), 300, 3400),
    "faster, in white noise": lambda waveform: noise(_sped(waveform, 1.06), 15),
}
"""Name → view of a clip for test-time augmentation: an answer is averaged over the clip and its views. Each view leaves
out something that speech can be understood without, and with it what a line, a hum or a noise would do there. This is
randomised smoothing (Cohen et al. 2019) with a fixed draw, so the same clip has the same views every time."""


def augmented(waveform: Waveform, seed: Seed) -> Waveform:
    """Make one random augmented copy: always another speaker's size, and often another microphone, room and noise.

    Speed is 0.8 to 1.25; a tilt of up to 2 dB an octave (four clips of five); a room with RT60 0.15 to 1 s at -3 to 12
    dB (seven of twenty); a telephone (one of five) or a narrower band (three of twenty); noise at 8 to 36 dB (thirteen
    of twenty): white, pink, brown, the hum of the mains, or babble. The babble is the clip's own voice at
    four other speeds, so that a copy holds no other actor by whom a model may be judged.

    Args:
        waveform: speech at 16000 Hz.
        seed: of everything that is drawn.

    Returns:
        The augmented waveform, not levelled.
    """
    rng = np.random.default_rng(seed)
    waveform = speed(waveform, np.exp(rng.uniform(np.log(0.80), np.log(1.25))))
    if rng.random() < 0.8:
        waveform = tilt(waveform, rng.uniform(-2.0, 2.0))
    if rng.random() < 0.35:
        waveform = room(waveform, np.exp(rng.uniform(np.log(0.15), np.log(1.0))), rng.uniform(-3, 12), seed=rng)
    channel = rng.random()
    if channel < 0.2:
        waveform = telephone(waveform)
    elif channel < 0.35:
        waveform = band(waveform, rng.choice((0.0, 150.0, 300.0)), rng.uniform(3000, 6500))
    if rng.random() < 0.65:
        colour, ratio = rng.choice((*COLOURS, "hum", "babble")), rng.uniform(8, 36)
        waveform = _noisy(waveform, colour, ratio, rng)
    return waveform


DISTURBANCES = ("noise", "voices", "room")
"""What `disturbed` adds, in this order."""


def disturbed(waveform: Waveform, voices: Sequence[Waveform], seed: Seed) -> list[Waveform]:
    """The same speech in recordings as bad as the worst of `augmented` or worse, one for each of `DISTURBANCES`.

    They are: white, pink or brown noise at 3 to 13 dB; other `voices` at 3 to 13 dB; and a room with RT60 0.5 to 1.2 s
    at -3 to 3 dB. The voice itself is not changed. Waveforms are at 16000 Hz, and the results are not levelled.
    """
    rng = np.random.default_rng(seed)
    return [
        noise(waveform, rng.uniform(3, 13), colour=rng.choice(tuple(COLOURS)), seed=rng),
        babble(waveform, rng.uniform(3, 13), voices, seed=rng),
        room(waveform, rng.uniform(0.5, 1.2), rng.uniform(-3, 3), seed=rng),
    ]


# --- parts ----------------------------------------------------------------------------------------------------------


def _noisy(waveform: Waveform, colour: str, ratio: float, rng: np.random.Generator) -> Waveform:
    """Add one of the noises that `augmented` draws from."""
    if colour == "hum":
        return hum(waveform, ratio, mains=rng.choice((50.0, 60.0)), seed=rng)
    if colour == "babble":
        return babble(waveform, ratio, [speed(waveform, factor) for factor in _BABBLE_SPEEDS], seed=rng)
    return noise(waveform, ratio, colour=colour, seed=rng)


def _sped(waveform: Waveform, factor: float) -> Waveform:
    """What `speed` gives, with the level and peak of the original, for a view that changes it further."""
    samples = soxr.resample(waveform.samples, waveform.rate, waveform.rate / factor, quality="HQ")
    return replace(waveform, samples=samples)


def _white_noise(size: int, seed: Seed) -> np.ndarray:
    """So many normally distributed samples, float32."""
    if isinstance(seed, int) and seed == _FIXED_SEED and size <= _KEPT_NOISE:
        return _kept_noise()[:size]
    return np.random.default_rng(seed).standard_normal(size, dtype=np.float32)


@lru_cache(maxsize=1)
def _kept_noise() -> np.ndarray:
    """The noise that every clip's view is given, drawn once; a shorter draw is the beginning of a longer one."""
    sound = np.random.default_rng(_FIXED_SEED).standard_normal(_KEPT_NOISE, dtype=np.float32)
    sound.setflags(write=False)
    return sound


def _filtered(waveform: Waveform, response: Callable[[np.ndarray], np.ndarray]) -> Waveform:
    """Multiply the spectrum by `response(frequencies in Hz)`, at a length whose transform is fast."""
    size = waveform.samples.size
    fast = scipy.fft.next_fast_len(size, real=True)
    spectrum = scipy.fft.rfft(waveform.samples, fast)
    spectrum *= response(_frequencies(fast, waveform.rate))
    return waveform.with_samples(scipy.fft.irfft(spectrum, fast)[:size])


def _frequencies(size: int, rate: int) -> np.ndarray:
    """Hz of each bin of a real transform, float32: with float64 the spectra would double in size on the way."""
    return np.arange(size // 2 + 1, dtype=np.float32) * np.float32(rate / size)


def _squared(values: np.ndarray, times: int) -> np.ndarray:
    """Square so many times over; numpy's own powers take ten times as long."""
    for _ in range(times):
        values = values * values
    return values


def _added(waveform: Waveform, sound: np.ndarray, ratio: float) -> Waveform:
    """Add a sound whose power over the whole clip lies `ratio` dB under the speech's active level."""
    target = 10 ** ((active_level(waveform.samples, waveform.rate) - ratio) / 20)
    present = np.sqrt(np.mean(sound * sound))
    return waveform.with_samples(waveform.samples + sound * np.float32(target / present))


def _impulse_response(reverberation: float, ratio: float, rate: int, rng: np.random.Generator) -> np.ndarray:
    """Direct sound 1 at sample 0 and a decaying tail whose energy lies `ratio` dB under it, float32."""
    time = np.arange(int(reverberation * rate), dtype=np.float32) / rate
    tail = rng.standard_normal(time.size, dtype=np.float32) * 10 ** (-3 * time / np.float32(reverberation))
    tail[: int(_FIRST_REFLECTION * rate)] = 0
    tail *= np.float32(10 ** (-ratio / 20) / np.sqrt(np.sum(tail * tail)))
    tail[0] = 1
    return tail


def _of_length(samples: np.ndarray, size: int) -> np.ndarray:
    """Cut or fill up with zeros to an exact length; resampling there and back may miss it by a sample."""
    return np.pad(samples[:size], (0, max(0, size - samples.size)))
