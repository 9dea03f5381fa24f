"""Waveforms: made of samples, cut, and written as WAV."""

import numpy as np
import pytest

from ser.audio.decoding.decoder import decode
from ser.audio.waveform import Waveform, wav_bytes
from tests.helpers import sounds

CLIP = decode(sounds.file(sounds.voice(2.0), 16_000))


def test_samples_that_come_from_no_file_are_measured():
    samples = 0.5 * np.sin(2 * np.pi * 200 * np.arange(16_000) / 16_000)
    clip = Waveform.of(samples, 16_000, name="tone")
    assert clip.samples.dtype == np.float32 and clip.seconds == 1.0 and clip.name == "tone"
    assert clip.peak == pytest.approx(0.5, abs=1e-4) and clip.level == pytest.approx(-9.03, abs=0.05)
    assert (clip.native_rate, clip.channels, clip.clipped, clip.format) == (16_000, 1, 0.0, "")


def test_other_samples_have_a_level_of_their_own():
    louder = CLIP.with_samples(2 * CLIP.samples)
    assert louder.level == pytest.approx(CLIP.level + 6.02, abs=0.01)
    assert louder.peak == pytest.approx(2 * np.abs(CLIP.samples).max()) and louder.name == CLIP.name


def test_window():
    part = CLIP.window(0.5, 1.25)
    assert part.seconds == pytest.approx(0.75)
    assert np.array_equal(part.samples, CLIP.samples[8_000:20_000])
    assert (part.level, part.name, part.native_rate) == (CLIP.level, CLIP.name, CLIP.native_rate)
    assert CLIP.window(1.5, 99).seconds == pytest.approx(0.5)


def test_wav_bytes_come_back_bit_for_bit():
    assert np.array_equal(decode(wav_bytes(CLIP)).samples, CLIP.samples)


def test_wav_bytes_turn_down_what_passes_full_scale():
    loud = decode(sounds.file(sounds.tone(100, amplitude=3.0), 16_000, "WAV", "FLOAT"))
    back = decode(wav_bytes(loud))
    assert np.abs(back.samples - loud.samples / np.abs(loud.samples).max()).max() < 1e-4
