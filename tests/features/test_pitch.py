"""F0 of known signals, and against `librosa.pyin` on speech."""

import itertools

import librosa
import numpy as np
import pytest

from ser.audio.decoding.decoder import decode
from ser.audio.waveform import Waveform
from ser.features.pitch import CEILING, FLOOR, best_path, pitch_track
from tests.helpers.vowel import NOISE, RATE, seconds, vowel, waveform


@pytest.mark.ravdess
def test_f0_agrees_with_pyin_where_both_find_a_voice(ravdess):
    """Librosa's F0 is slower by far, so it judges and is not used."""
    ratios, voiced = [], []
    for clip in ravdess.clips[17::180]:
        speech = decode(ravdess.read(clip), rate=RATE)
        track = pitch_track(speech)
        # Frames of 48 ms, about as long as ours: longer ones smear F0 where it glides.
        f0, _, _ = librosa.pyin(speech.samples, fmin=FLOOR, fmax=CEILING, sr=RATE, hop_length=160, frame_length=768)
        theirs = np.interp(track.times, np.arange(f0.size) * 160 / RATE, f0)
        both = ~np.isnan(theirs) & ~np.isnan(track.f0)
        ratios.append(track.f0[both] / theirs[both])
        voiced.append(both.sum() / (~np.isnan(theirs)).sum())
    ratio = np.concatenate(ratios)
    assert np.median(np.abs(ratio - 1)) < 0.01
    assert np.mean(np.abs(ratio - 1) < 0.05) > 0.9
    assert np.mean(voiced) > 0.85


@pytest.mark.parametrize("f0", [80.0, 150.0, 233.0, 440.0, 600.0])
def test_f0_of_harmonics(f0):
    track = pitch_track(waveform(vowel(f0)))
    inner = track.f0[10:-10]
    assert np.mean(~np.isnan(inner)) > 0.95
    np.testing.assert_allclose(inner[~np.isnan(inner)], f0, rtol=0.01)


def test_f0_of_sine():
    track = pitch_track(waveform(0.1 * np.sin(2 * np.pi * 220 * seconds(1))))
    np.testing.assert_allclose(track.f0[10:-10], 220, rtol=0.005)


def test_f0_follows_a_glide():
    t = seconds(2)
    f0 = 120 + 60 * t
    track = pitch_track(waveform(0.1 * sum(np.sin(2 * np.pi * k * np.cumsum(f0) / RATE) / k for k in range(1, 10))))
    np.testing.assert_allclose(track.f0[10:-10], np.interp(track.times, t, f0)[10:-10], rtol=0.02)


def test_silence_and_noise_are_unvoiced():
    assert not pitch_track(waveform(np.zeros(RATE))).voiced.any()
    assert not pitch_track(waveform(np.zeros(RATE)), speech=slice(0)).voiced.any()
    assert pitch_track(waveform(NOISE)).voiced.mean() < 0.1


@pytest.mark.parametrize("samples", [480, 4_799, 4_800, 4_801, 16_160, 48_479])
def test_there_is_a_frame_at_every_10_ms(samples):
    track = pitch_track(waveform(vowel(duration=4.0)[:samples]))
    assert track.f0.size == track.times.size == track.periodicity.size == 1 + samples // 160
    np.testing.assert_allclose(track.times, np.arange(track.times.size) / 100)


@pytest.mark.parametrize("rate", [16_000, 22_050, 44_100, 48_000])
def test_f0_is_the_same_at_any_rate(rate):
    sound = 0.1 * sum(np.sin(2 * np.pi * 180 * k * np.arange(rate) / rate) / k for k in range(1, 20))
    np.testing.assert_allclose(pitch_track(Waveform.of(sound, rate)).f0[5:95], 180, rtol=0.005)


def test_an_offset_of_the_microphone_changes_nothing():
    with_offset = pitch_track(waveform(vowel() + 0.3))
    np.testing.assert_allclose(with_offset.f0[10:-10], pitch_track(waveform(vowel())).f0[10:-10], rtol=0.005)


def test_noise_lowers_periodicity():
    clean = pitch_track(waveform(vowel())).periodicity.mean()
    noisy = pitch_track(waveform(vowel() + NOISE)).periodicity.mean()
    assert clean > 0.97 > noisy


def test_best_path_is_the_best_of_all_paths():
    rng = np.random.default_rng(0)
    for _ in range(20):
        first, scores = rng.normal(size=3), rng.normal(size=(5, 3, 3))
        paths = np.array(list(itertools.product(range(3), repeat=6)))
        sums = first[paths[:, 0]] + sum(scores[t, paths[:, t + 1], paths[:, t]] for t in range(5))
        assert np.array_equal(best_path(first, scores), paths[sums.argmax()])


def test_faint_frames_that_are_passed_over_do_not_change_the_path():
    quiet = 0.0005 * np.random.default_rng(0).standard_normal(RATE)
    sound = waveform(np.concatenate([quiet, vowel(), quiet, vowel(220.0), quiet]) + 1e-4 * np.sin(np.arange(7 * RATE)))
    whole, part = pitch_track(sound), pitch_track(sound, speech=slice(120, 500))
    np.testing.assert_array_equal(part.f0, whole.f0)
    np.testing.assert_array_equal(part.periodicity[120:500], whole.periodicity[120:500])
    assert np.isnan(part.f0[20:80]).all() and not part.periodicity[20:80].any()
