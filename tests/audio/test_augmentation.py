"""Alterations measured on sounds whose answer is known: levels, lengths, frequencies, decays."""

from itertools import pairwise

import numpy as np
import pytest
import scipy.signal

from ser.audio import augmentation
from ser.audio.activity import active_level
from ser.audio.augmentation import CODECS, COLOURS, augmented
from ser.audio.decoding.decoder import decode
from ser.audio.waveform import Waveform
from tests.helpers import sounds

RATE = 16_000


def waveform_of(samples: np.ndarray) -> Waveform:
    return decode(sounds.file(samples, RATE, subtype="FLOAT"))


VOICE = waveform_of(sounds.voice(4.0))
CHANGES = {
    "speed": lambda w, seed: augmentation.speed(w, 1.1),
    "tilt": lambda w, seed: augmentation.tilt(w, -2),
    "band": lambda w, seed: augmentation.band(w, 150, 4000),
    "telephone": lambda w, seed: augmentation.telephone(w),
    "gain": lambda w, seed: augmentation.gain(w, -6),
    "clip": lambda w, seed: augmentation.clip(w, 0.02),
    "pad": lambda w, seed: augmentation.pad(w, 1, 0.5),
    "noise": lambda w, seed: augmentation.noise(w, 20, seed=seed),
    "hum": lambda w, seed: augmentation.hum(w, 20, seed=seed),
    "babble": lambda w, seed: augmentation.babble(w, 20, [VOICE], seed=seed),
    "room": lambda w, seed: augmentation.room(w, 0.3, 6, seed=seed),
    "altered": augmented,
} | {name: lambda w, seed, name=name: augmentation.codec(w, name) for name in CODECS}
DRAWN = ("noise", "hum", "babble", "room", "altered")


def peak_frequency(samples: np.ndarray) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(samples.size)))
    return spectrum.argmax() * RATE / samples.size


def level(samples: np.ndarray) -> float:
    return 10 * np.log10(np.mean(samples.astype(float) ** 2))


@pytest.mark.parametrize("name", CHANGES)
def test_the_waveform_given_stays_and_the_new_one_tells_its_own_level(name):
    before = VOICE.samples.copy()
    new = CHANGES[name](VOICE, 5)
    assert np.array_equal(VOICE.samples, before)
    assert new.samples.dtype == np.float32 and new.rate == RATE and np.isfinite(new.samples).all()
    assert new.level == pytest.approx(active_level(new.samples, RATE))
    assert new.peak == pytest.approx(np.abs(new.samples).max())
    assert new.samples.size != VOICE.samples.size or not np.array_equal(new.samples, VOICE.samples)


@pytest.mark.parametrize("name", DRAWN)
def test_chance_follows_the_seed(name):
    one, again, other = (CHANGES[name](VOICE, seed).samples for seed in (5, 5, 6))
    assert np.array_equal(one, again)
    assert one.size != other.size or not np.array_equal(one, other)


@pytest.mark.parametrize("factor", [0.86, 0.95, 1.05, 1.16])
def test_speed_changes_length_and_frequencies_by_the_factor(factor):
    new = augmentation.speed(waveform_of(sounds.tone(400)), factor)
    assert new.seconds == pytest.approx(2 / factor, abs=1e-3)
    assert peak_frequency(new.samples) == pytest.approx(400 * factor, abs=1)


@pytest.mark.parametrize(("frequency", "octaves"), [(250, -2), (1000, 0), (4000, 2), (10, np.log2(0.05))])
def test_tilt_turns_about_1_khz(frequency, octaves):
    tone = waveform_of(sounds.tone(frequency, 4.0))
    middle = slice(RATE, 3 * RATE)
    change = level(augmentation.tilt(tone, 1.5).samples[middle]) - level(tone.samples[middle])
    assert change == pytest.approx(1.5 * octaves, abs=0.05)


@pytest.mark.parametrize(
    ("frequency", "low", "high", "least", "most"),
    [
        (1000, 300, 3000, -0.1, 0.1),
        (300, 300, 3000, -6.1, -5.9),
        (3000, 300, 3000, -6.1, -5.9),
        (150, 300, 3000, -50, -46),
        (6000, 300, 3000, -98, -90),
        (60, 0, 3000, -0.1, 0.1),
    ],
)
def test_band_passes_inside_and_stops_outside(frequency, low, high, least, most):
    tone = waveform_of(sounds.tone(frequency, 4.0, amplitude=0.5))
    middle = slice(RATE, 3 * RATE)
    change = level(augmentation.band(tone, low, high).samples[middle]) - level(tone.samples[middle])
    assert least <= change <= most


@pytest.mark.parametrize(("frequency", "passes"), [(100, False), (1000, True), (3000, True), (5000, False)])
def test_telephone_carries_its_band_alone(frequency, passes):
    tone = waveform_of(sounds.tone(frequency, 4.0))
    new = augmentation.telephone(tone)
    assert new.samples.size == tone.samples.size
    change = level(new.samples[RATE : 3 * RATE]) - level(tone.samples[RATE : 3 * RATE])
    assert change > -1.5 if passes else change < -40


def test_gain_is_in_decibels():
    assert augmentation.gain(VOICE, -12).level == pytest.approx(VOICE.level - 12, abs=1e-3)


def test_clip_cuts_the_share_asked_for():
    new = augmentation.clip(VOICE, 0.05)
    assert new.peak == 1
    assert np.mean(np.abs(new.samples) == 1) == pytest.approx(0.05, abs=0.002) == new.clipped


def test_pad_puts_zeros_around():
    new = augmentation.pad(VOICE, 0.5, 0.25)
    assert np.array_equal(new.samples[8000:-4000], VOICE.samples)
    assert not new.samples[:8000].any() and not new.samples[-4000:].any()


@pytest.mark.parametrize("ratio", [0, 10, 20, 40])
@pytest.mark.parametrize("colour", COLOURS)
def test_noise_lies_under_the_active_level_by_the_ratio(colour, ratio):
    added = augmentation.noise(VOICE, ratio, colour=colour, seed=1).samples - VOICE.samples
    assert level(added) == pytest.approx(VOICE.level - ratio, abs=0.05)


@pytest.mark.parametrize(("colour", "slope"), [("white", 0), ("pink", -3.01), ("brown", -6.02)])
def test_noise_falls_as_its_colour_says(colour, slope):
    added = augmentation.noise(VOICE, 0, colour=colour, seed=1).samples - VOICE.samples
    frequencies, power = scipy.signal.welch(added, RATE, nperseg=4096)
    bands = [10 * np.log10(power[(frequencies >= f) & (frequencies < 2 * f)].mean()) for f in (250, 500, 1000, 2000)]
    assert np.mean([b - a for a, b in pairwise(bands)]) == pytest.approx(slope, abs=0.5)


@pytest.mark.parametrize("mains", [50, 60])
def test_hum_is_harmonics_of_the_mains(mains):
    added = augmentation.hum(VOICE, 10, mains=mains, seed=1).samples - VOICE.samples
    assert level(added) == pytest.approx(VOICE.level - 10, abs=0.05)
    power = np.abs(np.fft.rfft(added)) ** 2  # 4 s: a bin is 0.25 Hz
    harmonics = [power[4 * mains * k - 2 : 4 * mains * k + 3].sum() for k in range(1, 9)]
    assert sum(harmonics) > 0.99 * power.sum()
    assert 10 * np.log10(harmonics[0] / harmonics[1]) == pytest.approx(6.02, abs=0.2)


def test_babble_is_made_of_the_voices_given_at_equal_loudness():
    low, high = (
        waveform_of(sounds.tone(300, 1.0, amplitude=0.5)),
        waveform_of(sounds.tone(700, 3.0, amplitude=0.01)),
    )
    added = augmentation.babble(VOICE, 10, [low, high], seed=1).samples - VOICE.samples
    assert level(added) == pytest.approx(VOICE.level - 10, abs=0.05)
    power = np.abs(np.fft.rfft(added * np.hanning(added.size))) ** 2
    near = [power[4 * f - 20 : 4 * f + 20].sum() for f in (300, 700)]
    assert sum(near) > 0.95 * power.sum()
    assert 10 * np.log10(near[0] / near[1]) == pytest.approx(0, abs=0.5)


@pytest.mark.parametrize("reverberation", [0.15, 0.5, 1.0])
def test_room_decays_in_its_reverberation_time(reverberation):
    click = np.zeros(2 * RATE, np.float32)
    click[0] = 1.0
    heard_click = Waveform.of(click, RATE)
    response = augmentation.room(heard_click, reverberation, 6, seed=2).samples[: int(reverberation * RATE)]
    tail = response[1:].astype(float) ** 2
    assert response[0] == pytest.approx(1)
    assert 10 * np.log10(1 / tail.sum()) == pytest.approx(6, abs=0.01)
    # Schroeder's backward integral, read between -5 and -25 dB as ISO 3382 does for T20.
    decay = 10 * np.log10(np.cumsum(tail[::-1])[::-1] / tail.sum())
    read = (decay < -5) & (decay > -25)
    slope = np.polyfit(np.flatnonzero(read) / RATE, decay[read], 1)[0]
    assert -60 / slope == pytest.approx(reverberation, rel=0.1)


@pytest.mark.parametrize("name", CODECS)
def test_codecs_keep_length_and_voice_and_lose_something(name):
    new = augmentation.codec(VOICE, name)
    assert VOICE.seconds <= new.seconds < VOICE.seconds + 0.15
    assert new.format == name.upper()
    match = scipy.signal.correlate(new.samples, VOICE.samples, "full")
    likeness = match.max() / np.sqrt(np.sum(new.samples**2) * np.sum(VOICE.samples**2))
    assert 0.95 < likeness < 0.999999


def test_codecs_lose_more_at_a_lower_bit_rate():
    def lost(bit_rate: int) -> float:
        new = augmentation.codec(VOICE, "mp3", bit_rate=bit_rate).samples[: VOICE.samples.size]
        return level(new - VOICE.samples)

    assert lost(16_000) > lost(64_000) + 3


def test_altered_draws_as_its_description_says():
    lengths, untouched = [], 0
    for seed in range(300):
        new = augmented(VOICE, seed)
        lengths.append(VOICE.seconds / new.seconds)
        # Nobody speaks in the first 50 ms, so what is louder there than the faint hiss is noise.
        untouched += level(new.samples[:800]) < VOICE.level - 55
    assert 0.8 <= min(lengths) < 0.82 and 1.22 < max(lengths) <= 1.2501
    assert np.median(lengths) == pytest.approx(1.0, abs=0.05)
    assert untouched / 300 == pytest.approx(0.35, abs=0.09)


def test_kept_noise_is_the_noise_of_its_seed():
    """The noise of the seed that views use is drawn once and cut to each clip's length."""
    drawn = np.random.default_rng(0).standard_normal(VOICE.samples.size, dtype=np.float32)
    added = augmentation.noise(VOICE, 0).samples - VOICE.samples
    assert np.corrcoef(added, drawn)[0, 1] > 0.9999
