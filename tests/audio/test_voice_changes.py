"""Every change moves what it names by the stated amount, and holds the rest."""

import numpy as np
import pytest

from ser.audio.activity import signal_to_noise
from ser.audio.augmentation import speed
from ser.audio.voice_changes import NO_NOISE, VoiceChanges, change_voice
from ser.audio.waveform import Waveform
from ser.features.pitch import pitch_track

RATE = 16_000


def steady_voice() -> Waveform:
    """Three seconds at 150 Hz through formants at 700, 1200 and 2600 Hz, in syllables, over faint hiss."""
    t = np.arange(3 * RATE) / RATE
    frequencies = 150.0 * np.arange(1, 50)
    strength = sum(np.exp(-(((frequencies - formant) / 150) ** 2)) for formant in (700, 1200, 2600)) + 0.02
    buzz = sum(a * np.sin(2 * np.pi * f * t + k) for k, (a, f) in enumerate(zip(strength, frequencies, strict=True)))
    spoken = buzz * (0.55 + 0.45 * np.sin(2 * np.pi * 4 * t)) * ((t > 0.4) & (t < 2.6))
    hiss = 1e-4 * np.random.default_rng(0).standard_normal(t.size)
    return Waveform.of((0.05 * spoken + hiss).astype(np.float32), RATE)


VOICE = steady_voice()


def semitones(waveform: Waveform) -> float:
    """Median pitch in semitones above 100 Hz."""
    f0 = pitch_track(waveform).f0
    return 12 * np.log2(np.nanmedian(np.where(f0 > 0, f0, np.nan)) / 100)


def centroid(waveform: Waveform) -> float:
    """Mean frequency of the formants' band in semitones above 1 kHz, by the magnitude there."""
    magnitude = np.abs(np.fft.rfft(waveform.samples))
    frequencies = np.fft.rfftfreq(waveform.samples.size, 1 / RATE)
    inside = (frequencies > 500) & (frequencies < 4000)
    return 12 * np.log2((magnitude * frequencies)[inside].sum() / magnitude[inside].sum() / 1000)


def test_without_changes_the_clip_is_the_same():
    assert not VoiceChanges().any
    assert np.array_equal(change_voice(VOICE, VoiceChanges()).samples, VOICE.samples)


@pytest.mark.parametrize("amount", [-5.0, -2.0, 3.0, 5.0])
@pytest.mark.parametrize("name", ["size", "pitch"])
def test_size_and_pitch_move_the_pitch_by_so_many_semitones_and_hold_the_length(name, amount):
    changed = change_voice(VOICE, VoiceChanges(**{name: amount}))
    assert changed.samples.size == VOICE.samples.size
    assert semitones(changed) - semitones(VOICE) == pytest.approx(amount, abs=0.4)


def test_size_moves_the_formants_and_pitch_leaves_them():
    for amount in (-5.0, -3.0, 3.0, 5.0):
        by_size = centroid(change_voice(VOICE, VoiceChanges(size=amount))) - centroid(VOICE)
        by_pitch = centroid(change_voice(VOICE, VoiceChanges(pitch=amount))) - centroid(VOICE)
        assert np.sign(by_size) == np.sign(amount) and abs(by_size) > 1.5
        assert abs(by_pitch) < 0.25 * abs(by_size)


def test_size_is_a_tape_played_faster_where_that_is_the_pace_too():
    size = 3.0
    changed = change_voice(VOICE, VoiceChanges(size=size, pace=2 ** (size / 12)))
    tape = speed(VOICE, 2 ** (size / 12))
    np.testing.assert_array_equal(changed.samples, tape.samples[: changed.samples.size])


def test_changes_together_move_pitch_and_length_as_each_does_alone():
    changed = change_voice(VOICE, VoiceChanges(size=2.0, pitch=-4.0, pace=1.25))
    assert semitones(changed) - semitones(VOICE) == pytest.approx(-2.0, abs=0.4)
    assert changed.seconds == pytest.approx(VOICE.seconds / 1.25, rel=0.02)
    assert centroid(changed) - centroid(VOICE) == pytest.approx(
        centroid(change_voice(VOICE, VoiceChanges(size=2.0))) - centroid(VOICE), abs=1.0
    )


@pytest.mark.parametrize("changes", [VoiceChanges(pitch=0.01), VoiceChanges(size=0.01), VoiceChanges(pace=1.001)])
def test_a_change_that_nobody_hears_leaves_no_traces(changes):
    def decibels(waveform):
        frames = np.lib.stride_tricks.sliding_window_view(waveform.samples, 512)[::256] * np.hanning(512)
        return 20 * np.log10(np.abs(np.fft.rfft(frames)) + 1e-6)

    before, after = decibels(VOICE), decibels(change_voice(VOICE, changes))
    n_frames = min(len(before), len(after))
    loud = before[:n_frames] > before.max() - 40
    assert np.abs(before[:n_frames] - after[:n_frames])[loud].mean() < 0.8


@pytest.mark.parametrize("pace", [0.6, 0.8, 1.25, 1.6])
def test_pace_changes_the_length_and_holds_the_pitch(pace):
    changed = change_voice(VOICE, VoiceChanges(pace=pace))
    assert changed.seconds == pytest.approx(VOICE.seconds / pace, rel=0.02)
    assert semitones(changed) == pytest.approx(semitones(VOICE), abs=0.4)


def test_brightness_tilts_the_spectrum_by_so_many_decibels_an_octave():
    changed = change_voice(VOICE, VoiceChanges(brightness=3.0))
    gain = np.abs(np.fft.rfft(changed.samples)) / np.abs(np.fft.rfft(VOICE.samples))
    frequencies = np.fft.rfftfreq(VOICE.samples.size, 1 / RATE)

    def decibels(low, high):
        return 20 * np.log10(np.median(gain[(frequencies > low) & (frequencies < high)]))

    assert decibels(1900, 2100) - decibels(950, 1050) == pytest.approx(3.0, abs=0.2)
    assert semitones(changed) == pytest.approx(semitones(VOICE), abs=0.2)
    assert changed.samples.size == VOICE.samples.size


def test_noise_lies_so_far_below_the_voice():
    for ratio in (20.0, 30.0):
        changed = change_voice(VOICE, VoiceChanges(noise=ratio))
        assert signal_to_noise(changed.samples, RATE) == pytest.approx(ratio, abs=3)
    assert not VoiceChanges(noise=NO_NOISE).any
