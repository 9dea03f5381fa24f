"""Contours: known glides come back, averages are averages, and silence around the voice does not count."""

import numpy as np
import pytest

from ser.audio.decoding.decoder import decode
from ser.features.contours import CONTOURS, POINTS, average, contours, relative
from tests.helpers.sounds import file, tone, voice


def of(samples, rate=16_000):
    return contours(decode(file(samples, rate, subtype="FLOAT"), rate=16_000))


def glide(low, high, seconds=1.6, rate=16_000):
    """A buzz whose F0 rises exponentially from low to high Hz."""
    t = np.arange(round(seconds * rate)) / rate
    phase = np.cumsum(low * (high / low) ** (t / seconds)) / rate
    return (0.1 * sum(np.sin(2 * np.pi * k * phase) / k for k in range(1, 9))).astype(np.float32)


def test_a_glide_is_a_straight_line_in_semitones():
    found = of(glide(100, 200))
    assert set(found) == set(CONTOURS) and found["f0"].shape == (POINTS,)
    straight = 12 * (np.arange(POINTS) + 0.5) / POINTS
    inner = slice(2, -2)  # at the edges a frame reaches past the sound
    assert found["f0"][inner] == pytest.approx(straight[inner], abs=0.3)


def test_silence_around_the_voice_changes_nothing():
    sound, quiet = glide(120, 180), np.zeros(12_000, np.float32)
    bare, padded = of(sound), of(np.concatenate([quiet, sound, quiet]))
    for name in CONTOURS:
        assert padded[name][3:-3] == pytest.approx(bare[name][3:-3], abs=0.5)


def test_loudness_is_in_dbfs_as_recorded():
    # A sine of amplitude 0.1 has an RMS of 0.0707: -23 dBFS.
    assert of(tone(200, 1.5))["loudness"][2:-2] == pytest.approx(np.full(POINTS - 4, -23.0), abs=0.2)
    assert of(tone(200, 1.5, amplitude=0.01))["loudness"][25] == pytest.approx(-43, abs=0.2)


def test_a_very_short_voice_has_all_points():
    found = of(np.pad(tone(200, 0.2), 8000))
    assert np.isfinite(found["loudness"]).all()


def test_unvoiced_sound_has_no_pitch():
    hiss = np.random.default_rng(0).normal(0, 0.05, 24_000).astype(np.float32)
    assert np.isnan(of(hiss)["f0"]).mean() > 0.9


def test_relative_takes_the_speaker_out():
    shape = np.linspace(-2, 2, POINTS)
    values = np.stack([shape + 3, shape + 3, shape + 15, np.full(POINTS, np.nan)])
    moved = relative(values, np.array([1, 1, 2, 3]))
    assert moved[0] == pytest.approx(shape) and moved[2] == pytest.approx(shape) and np.isnan(moved[3]).all()


def test_averages_leave_out_what_is_unvoiced_and_say_nothing_of_too_few():
    values = np.full((4, POINTS), np.nan)
    values[:, 0] = [1, 2, 3, np.nan]
    values[:2, 1] = [1, 3]
    found = average(values, np.array(["sad"] * 4), ["calm", "sad"])
    assert [each.group for each in found] == ["sad"] and found[0].clips == 4
    assert found[0].mean[0] == pytest.approx(2) and found[0].error[0] == pytest.approx(
        1.96 * np.std([1, 2, 3]) / np.sqrt(2)
    )
    assert np.isnan(found[0].mean[1:]).all()


def test_octave_jumps_in_under_a_quarter_of_the_clips_move_no_line_and_no_quartile():
    random = np.random.default_rng(0)
    values = random.normal(0, 1, (40, POINTS))
    jumped = values.copy()
    jumped[:4, -10:] += 12
    jumped[4:8, -10:] += 24
    before, after = (average(each, np.array(["angry"] * 40), ["angry"])[0] for each in (values, jumped))
    assert after.mean[:-10] == pytest.approx(before.mean[:-10])
    assert np.abs(after.mean - before.mean).max() < 0.6 < np.abs(jumped.mean(axis=0) - values.mean(axis=0)).max()
    assert (after.low <= after.mean).all() and (after.mean <= after.high).all() and after.high.max() < 3


def test_the_interval_of_a_line_holds_the_truth_19_times_in_20():
    random = np.random.default_rng(1)
    holds = []
    for _ in range(20):
        found = average(random.normal(3, 2, (30, POINTS)), np.array(["sad"] * 30), ["sad"])[0]
        holds.append(np.abs(found.mean - 3) < found.error)
    assert 0.9 < np.mean(holds) < 0.98


def test_a_voice_has_pitch_where_its_buzz_has():
    f0 = of(voice(3.0))["f0"]
    known = f0[np.isfinite(f0)]
    assert len(known) > 40 and 0 <= np.median(known) <= 9  # 100 to 160 Hz
