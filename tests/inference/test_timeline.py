"""A clip over time: tracks of sounds whose pitch, level and pauses are known, and windows that cover the clip."""

import csv
import io
import pickle

import numpy as np
import pytest

from ser.audio.decoding.decoder import decode
from ser.inference.clip_features import FeatureDemand, extract_whole
from ser.inference.prediction import WindowPrediction
from ser.inference.timeline import (
    FINE_WINDOW,
    RATE,
    Stretch,
    Timeline,
    follow,
    timeline,
    timeline_features,
    tracks,
)
from ser.steps import finish
from tests.helpers import shipped
from tests.helpers.sounds import file, tone, voice
from tests.helpers.steps import followed

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def model():
    return shipped.model()


def laid_out(samples, model):
    data = file(samples, RATE)
    shares, timeline = followed(follow(data, extract_whole(data, model), model))
    return timeline, shares


def heard_tracks(samples):
    return tracks(decode(file(samples, RATE), rate=RATE))


def test_a_tone_has_its_pitch_and_level_all_along():
    found = heard_tracks(tone(200, 3.0, amplitude=0.1))
    inner = slice(10, -10)
    assert found.f0[inner] == pytest.approx(200, rel=0.01)
    # A sine of amplitude 0.1 has a power of 0.005.
    assert found.level[inner] == pytest.approx(10 * np.log10(0.005), abs=0.2)
    assert found.speech[inner].all()


def test_pitch_is_followed_across_the_blocks_of_a_long_clip():
    found = heard_tracks(tone(150, 47.0))
    assert found.times.size == 4701
    assert np.nanmax(np.abs(found.f0[20:-20] - 150)) < 2


def test_a_pause_is_found_where_it_is_and_a_stop_consonant_is_none():
    quiet = np.zeros(round(0.6 * RATE), np.float32)
    stop = np.zeros(round(0.06 * RATE), np.float32)
    said = tone(180, 1.0)
    found = heard_tracks(np.concatenate([said, stop, said, quiet, said]))
    stretches = found.speech_stretches()
    assert stretches == [pytest.approx((0.0, 2.06), abs=0.05), pytest.approx((2.66, 3.66), abs=0.05)]
    assert np.isnan(found.f0[(found.times > 2.15) & (found.times < 2.6)]).all()


@pytest.mark.parametrize("seconds", [4.2, 5.0, 9.9, 30.0])
def test_windows_overlap_and_reach_from_end_to_end(model, seconds):
    timeline, shares = laid_out(voice(seconds, pause=0.0), model)
    starts = [window.start for window in timeline.windows]
    assert starts[0] == 0.0
    assert timeline.windows[-1].end == pytest.approx(seconds)
    assert starts == sorted(starts)
    assert all(b.start < a.end for a, b in zip(timeline.windows, timeline.windows[1:], strict=False))
    assert all(sum(window.probabilities.values()) == pytest.approx(1) for window in timeline.windows)
    assert shares == sorted(shares)
    assert shares[-1] <= 1


def test_windows_without_speech_have_no_answer(model):
    samples = np.concatenate([voice(3.0), np.zeros(4 * RATE, np.float32), voice(3.0)])
    timeline, _ = laid_out(samples, model)
    assert not [window for window in timeline.windows if window.start >= 3.0 and window.end <= 7.0]
    assert {0.0, 7.0} <= {round(window.start, 1) for window in timeline.windows}


def test_a_fine_window_is_answered_as_the_stretch_alone_would_be(model):
    from ser.inference.prediction import answer

    samples = voice(5.0, pause=0.0)
    timeline, _ = laid_out(samples, model)
    alone = answer(extract_whole(file(samples[: round(FINE_WINDOW * RATE)], RATE), model), model)
    assert timeline.windows[0].probabilities == pytest.approx(alone.probabilities, abs=1e-3)


def window(start, end, label):
    return WindowPrediction(start, end, {"calm": float(label == "calm"), "sad": float(label == "sad")})


def test_runs_join_what_is_alike_and_meet_half_way():
    windows = (window(0, 4, "calm"), window(2, 6, "calm"), window(4, 8, "sad"), window(20, 24, "sad"))
    timeline = Timeline(24.0, windows, heard_tracks(tone(100, 24.0)))
    assert timeline.stretches() == [Stretch("calm", 0, 5), Stretch("sad", 5, 8), Stretch("sad", 20, 24)]


def test_the_csv_has_a_line_for_each_window_with_the_numbers_on_the_screen(model):
    timeline, _ = laid_out(tone(220, 5.0), model)
    rows = list(csv.DictReader(io.StringIO(timeline.to_csv())))
    assert len(rows) == len(timeline.windows)
    for row, each in zip(rows, timeline.windows, strict=True):
        assert float(row["start_s"]) == pytest.approx(each.start, abs=1e-3)
        assert float(row["p_sad"]) == pytest.approx(each.probabilities["sad"], abs=1e-6)
        assert row["label"] == max(each.probabilities, key=each.probabilities.get)
        assert float(row["f0_median_hz"]) == pytest.approx(220, rel=0.01)
        assert float(row["speech_share"]) > 0.95


@pytest.mark.parametrize("seconds", (5.0, 14.0))
def test_the_slow_half_of_a_timeline_needs_no_model_and_can_be_sent_to_a_process(model, seconds):
    data = file(voice(seconds), RATE)
    demand = FeatureDemand.from_model(model)
    clip_features = extract_whole(data, demand)
    features = pickle.loads(pickle.dumps(finish(timeline_features(data, clip_features, demand))))
    whole, halves = finish(follow(data, clip_features, model)), timeline(clip_features, features, model)
    assert halves.windows == whole.windows and halves.gaps == whole.gaps
    assert np.array_equal(halves.tracks.f0, whole.tracks.f0, equal_nan=True)


def test_a_short_clip_without_speech_has_a_timeline_without_windows(model):
    data = file(np.random.default_rng(0).normal(0, 0.01, 8 * RATE).astype(np.float32), RATE)
    found = finish(follow(data, extract_whole(data, model), model))
    assert found.windows == () and found.gaps
