"""Warnings against sounds with one known fault each, and against clean speech, which must get none."""

import re
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import scipy.fft
import scipy.signal
import soxr

from ser.audio import quality
from ser.audio.decoding.decoder import decode
from ser.audio.quality import QualityMeasures, assess
from ser.audio.waveform import Waveform
from tests.helpers import sounds


def clip(samples: np.ndarray, rate: int = 16_000, **options) -> Waveform:
    return decode(sounds.file(samples.astype(np.float32), rate, "WAV", "FLOAT"), rate=16_000, **options)


def codes(waveform: Waveform) -> list[str]:
    return [warning.code for warning in assess(waveform)]


RNG = np.random.default_rng(1)
VOICE = sounds.voice(3.0)
NOISE = RNG.standard_normal(len(VOICE)).astype(np.float32)


def with_noise(decibels: float) -> np.ndarray:
    """The voice with white noise so many dB below it."""
    return VOICE + NOISE * np.float32(10 ** ((-26 - decibels) / 20))


def test_a_good_recording_gets_no_warning():
    assert assess(clip(VOICE)) == ()
    assert assess(clip(VOICE, levelled=True)) == ()


@pytest.mark.parametrize(
    ("name", "samples", "expected"),
    [
        ("a word", sounds.voice(1.4, pause=0.5), ["short"]),
        ("far away", VOICE * 0.01, ["quiet"]),
        ("overdriven", np.clip(VOICE * 20, -1, 1), ["clipped"]),
        ("noise 10 dB below", with_noise(10), ["noisy"]),
        ("noise 30 dB below", with_noise(30), []),
        ("white noise", 0.1 * NOISE, ["noisy", "no_voice"]),
        ("faint white noise", 8e-4 * NOISE, ["quiet", "noisy", "no_voice"]),
        ("3 kHz", sounds.tone(3_000, 3.0), ["noisy", "no_voice", "narrow_band"]),
        ("1.5 kHz", sounds.tone(1_500, 3.0), ["noisy", "no_voice", "narrow_band"]),
        ("telephone", soxr.resample(soxr.resample(VOICE, 16_000, 8_000), 8_000, 16_000), ["narrow_band"]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_fault_gets_its_warning(name, samples, expected):
    assert codes(clip(samples)) == expected
    assert codes(clip(samples, levelled=True)) == expected  # levelling hides nothing


@pytest.mark.parametrize("rate", [8_000, 11_025])
def test_a_low_rate_is_narrow(rate):
    assert codes(clip(sounds.voice(3.0, rate), rate)) == ["narrow_band"]


def test_values_are_what_was_measured():
    found = {code: value for name in (VOICE * 0.01, with_noise(5)) for code, value in values(clip(name)).items()}
    assert found["quiet"] == pytest.approx(clip(VOICE * 0.01).level)
    assert found["noisy"] == pytest.approx(5, abs=2)
    sine = np.clip(sounds.tone(100, 3.0, amplitude=2.0), -1, 1)
    assert values(clip(sine))["clipped"] == pytest.approx(2 / 3, abs=0.01)


def values(waveform: Waveform) -> dict[str, float]:
    return {warning.code: warning.value for warning in assess(waveform)}


def test_a_voice_through_a_band_of_noise_is_still_a_voice():
    assert "no_voice" not in codes(clip(with_noise(10)))


def test_rumble_does_not_hide_a_voice():
    low = scipy.signal.sosfilt(scipy.signal.butter(4, 40, fs=16_000, output="sos"), NOISE)
    rumble = low / low.std() * 10 ** (-30 / 20)
    assert "no_voice" not in codes(clip(VOICE + rumble))


def test_silence_between_digital_zeros_is_not_noisy():
    cut = VOICE.copy()
    cut[np.abs(cut) < 1e-3] = 0
    assert codes(clip(cut)) == []


def test_sentences_tell_the_value_and_what_to_do():
    faults = (sounds.voice(1.4, pause=0.5), VOICE * 0.01, np.clip(VOICE * 20, -1, 1), with_noise(10), 0.1 * NOISE)
    warnings = [warning for samples in faults for warning in assess(clip(samples))]
    assert len(warnings) == 6
    for warning in warnings:
        first, advice = warning.sentence.split(". ", 1)
        assert any(letter.isdigit() for letter in first)
        assert advice.endswith(".")


def test_a_clip_as_short_as_the_gate_allows():
    assert "short" in codes(clip(sounds.voice(0.5, pause=0.1)))


def test_no_sentence_contradicts_itself_by_rounding(monkeypatch):
    narrowly = QualityMeasures(speech=0.796, level=-58.2, clipped=0.00101, snr=11.96, voiced=0.0996, treble=-20.0)
    monkeypatch.setattr(quality, "measure_quality", lambda waveform: narrowly)
    found = {warning.code: warning.sentence for warning in assess(clip(VOICE))}
    assert list(found) == ["short", "quiet", "clipped", "noisy", "no_voice"]
    for code, sentence in found.items():
        measured, limit = map(float, re.findall(r"-?\d+(?:\.\d+)?", sentence)[:2])
        assert measured > limit if code == "clipped" else measured < limit, sentence


def test_a_long_clip_costs_no_more_spectra_than_a_short_one(monkeypatch):
    transform, shapes = scipy.fft.rfft, []
    monkeypatch.setattr(scipy.fft, "rfft", lambda x, *args, **kw: shapes.append(x.shape) or transform(x, *args, **kw))
    quality.voiced_share(np.resize(VOICE, 600 * 16_000), np.ones(24_000, bool))
    assert 0 < max(shape[0] for shape in shapes if len(shape) == 2) <= 400


@pytest.mark.ravdess
def test_clean_speech_gets_at_most_two_warnings_in_a_hundred_clips(ravdess):
    counts = Counter()
    clips = ravdess.clips[::2]
    for record in clips:
        found = codes(decode(ravdess.read(record), rate=16_000))
        counts.update(found)
        counts["any"] += bool(found)
    assert counts["any"] <= 0.02 * len(clips)
    assert counts["no_voice"] == counts["noisy"] == counts["narrow_band"] == counts["clipped"] == 0


@pytest.mark.ravdess
def test_the_same_speech_with_a_fault_is_found(ravdess):
    for record in ravdess.clips[::72]:
        good = decode(ravdess.read(record), rate=16_000)
        noise = RNG.standard_normal(len(good.samples)).astype(np.float32)
        noisy = good.samples + noise * np.float32(10 ** ((good.level - 12) / 20))
        assert "noisy" in codes(replace(good, samples=noisy))
        narrow = soxr.resample(soxr.resample(good.samples, 16_000, 8_000), 8_000, 16_000)
        assert "narrow_band" in codes(replace(good, samples=narrow))
