"""Where somebody speaks: recordings put together from a voice, noise and silence at known positions."""

import numpy as np
import pytest

from ser.audio import augmentation
from ser.audio.activity import (
    NOISE,
    NOT_SPEECH,
    SILENCE,
    TOO_QUIET,
    activity,
    frame_powers,
    noise_floor,
    signal_to_noise,
    smoothed_level,
    speech_span,
)
from ser.audio.decoding.decoder import decode
from ser.audio.quality import assess, measure_quality
from ser.audio.recording import measure_recording
from ser.audio.waveform import Waveform
from ser.inference.clip_features import extract_clip, with_speech
from ser.inference.timeline import follow
from ser.steps import finish
from tests.helpers import shipped
from tests.helpers.sounds import file, tone, voice

RATE = 16_000
CHANCE = np.random.default_rng(7)


def waveform(samples: np.ndarray) -> Waveform:
    samples = samples.astype(np.float32)
    return Waveform.of(samples, RATE)


def windows(seconds: float) -> list[tuple[float, float]]:
    return [(start, start + 4.0) for start in np.arange(0.0, seconds - 3.9, 2.0)]


def spoken(seconds: float, level: float = -26.0) -> np.ndarray:
    """Voice in sentences of 3 s, with a pause between."""
    return np.concatenate([voice(3.0, level=level, pause=0.3) for _ in range(round(seconds / 3))])


def found(samples: np.ndarray):
    clip = waveform(samples)
    return with_speech(clip, windows(clip.seconds))


@pytest.mark.parametrize("colour", augmentation.COLOURS)
@pytest.mark.parametrize("ratio", [10, 20, 30])
def test_a_minute_of_room_noise_between_sentences_has_no_answer(colour, ratio):
    quiet = np.zeros(60 * RATE, np.float32)
    noisy = augmentation.noise(
        waveform(np.concatenate([spoken(9.0), quiet, spoken(9.0)])), ratio, colour=colour, seed=1
    )
    answered, gaps = found(noisy.samples)
    assert {0.0, 2.0, 4.0} <= {start for start, _ in answered}
    assert not [span for span in answered if span[0] >= 9.0 and span[1] <= 69.0]
    # Windows that reach 0.4 s into a sentence are answered, so up to 3.6 s on either side belong to those.
    longest = max(gaps, key=lambda gap: gap.end - gap.start)
    assert longest.reason == NOISE and longest.end - longest.start > 52


def test_a_joined_recording_of_different_levels_is_answered_all_along():
    samples = np.concatenate([spoken(90.0, level=-62.0), spoken(120.0, level=-20.0), spoken(108.0, level=-40.0)])
    answered, gaps = found(samples)
    # Where the level falls by 20 dB, the first seconds are quiet beside what was just said.
    assert len(answered) >= len(windows(318.0)) - 2 and not [gap for gap in gaps if gap.end - gap.start > 2]


@pytest.mark.parametrize("ratio", [5, 10, 15, 20])
def test_speech_in_noise_is_still_speech(ratio):
    noisy = augmentation.noise(waveform(spoken(60.0)), ratio, colour="pink", seed=2)
    answered, _ = found(noisy.samples)
    assert len(answered) >= 0.95 * len(windows(60.0))


@pytest.mark.parametrize(
    ("between", "reason"),
    [
        (np.zeros(20 * RATE), SILENCE),
        (tone(3000, 20.0), NOT_SPEECH),
    ],
    ids=[SILENCE, NOT_SPEECH],
)
def test_a_stretch_without_an_answer_says_why(between, reason):
    samples = np.concatenate([spoken(12.0), between, spoken(12.0)])
    samples = samples + 1e-5 * CHANCE.standard_normal(len(samples)) * (reason != SILENCE)
    _, gaps = found(samples)
    inside = [gap for gap in gaps if gap.start >= 11.0 and gap.end <= 13.0 + len(between) / RATE]
    assert [gap.reason for gap in inside] == [reason]


def test_what_is_far_below_the_speech_round_it_is_too_quiet():
    samples = np.concatenate([spoken(12.0), voice(4.0, level=-52.0, pause=0.0), spoken(12.0)])
    samples = (samples + 1e-5 * CHANCE.standard_normal(len(samples))).astype(np.float32)
    speech = activity(samples, RATE)
    assert speech.missing(12.1, 15.9) == TOO_QUIET
    assert speech.missing(8.0, 12.0) == speech.missing(16.0, 20.0) == ""


def test_the_timeline_of_a_clip_names_its_gaps():
    model = shipped.model()
    samples = np.concatenate([spoken(9.0), np.zeros(12 * RATE, np.float32), spoken(9.0)])
    data = file(samples, RATE)

    clip_features = finish(extract_clip(data, model))
    timeline = finish(follow(data, clip_features, model))
    (gap,) = timeline.gaps
    assert gap == clip_features.gaps[0] and gap.reason == SILENCE
    assert 9.0 <= gap.start <= 12.6 and 17.4 <= gap.end <= 21.0
    assert f"{gap.start:.3f},{gap.end:.3f}" in timeline.to_csv() and "no answer: silence" in timeline.to_csv()


# --- noise, measured once ---


@pytest.mark.parametrize("silence", [0.0, 0.2, 1.0])
def test_digital_silence_does_not_hide_noise(silence):
    noisy = augmentation.noise(waveform(spoken(3.0)), 6, seed=3).samples
    samples = np.concatenate([np.zeros(round(silence * RATE), np.float32), noisy])
    clip = decode(file(samples, RATE), rate=RATE)
    assert "noisy" in {warning.code for warning in assess(clip)}
    assert measure_quality(clip).snr == pytest.approx(measure_recording(clip, b"").snr, abs=1e-9)
    assert measure_quality(clip).snr == pytest.approx(signal_to_noise(noisy, RATE), abs=0.5)


def test_noise_floor_of_known_noise():
    noise = 0.01 * CHANCE.standard_normal(10 * RATE)
    # The 5th percentile of frames of 400 values lies 0.5 dB below their mean.
    assert noise_floor(frame_powers(noise, RATE)) == pytest.approx(-40.5, abs=0.3)


def test_speech_span_leaves_silence_out():
    energy = np.full(300, -80.0)
    energy[130:170] = -20.0
    start, end = speech_span(energy, smoothed_level(energy))
    assert (start, end) == (130, 170)


def test_a_soft_onset_belongs_to_the_speech_but_not_for_longer_than_a_fade():
    energy = np.full(300, -80.0)
    energy[130:170] = -20.0
    energy[124:130] = -45.0
    energy[170:200] = -45.0
    start, end = speech_span(energy, smoothed_level(energy))
    assert start == 124 and 182 <= end <= 182 + 5


def test_noise_20_db_under_the_voice_moves_the_speech_span_by_no_more_than_a_fade():
    energy = np.full(300, -80.0)
    energy[130:170] = -20.0
    noisy = 10 * np.log10(10 ** (energy / 10) + 10 ** (-40 / 10))
    start, end = speech_span(noisy, smoothed_level(noisy))
    assert start >= 118 - 5 and end <= 182 + 5
