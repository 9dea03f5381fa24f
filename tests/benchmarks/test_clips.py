"""The clips that benchmarks upload."""

import io

import soundfile

from benchmarks.clips import clip_source, speech, voice


def test_a_voice_lasts_three_to_five_seconds_at_48_khz():
    for seed in range(5):
        info = soundfile.info(io.BytesIO(voice(seed)))
        assert (info.samplerate, info.format) == (48_000, "WAV") and 2.99 <= info.duration <= 5


def test_clips_differ_and_a_seed_gives_them_again(monkeypatch):
    monkeypatch.delenv("SER_RAVDESS", raising=False)
    name, clip = clip_source(1)
    _, same = clip_source(1)
    _, other = clip_source(2)
    assert name == "synthetic voices" and clip(3) == same(3)
    assert len({clip(0), clip(1), clip(10_000), other(0), other(1)}) == 5


def test_clips_are_those_of_ravdess_where_they_are(ravdess, monkeypatch):
    monkeypatch.setenv("SER_RAVDESS", str(ravdess.path))
    name, clip = clip_source(1)
    _, same = clip_source(1)
    assert name == "RAVDESS" and clip(3) == same(3) != clip(4)


def test_speech_is_as_long_as_asked_for():
    assert round(soundfile.info(io.BytesIO(speech(12, 0))).duration, 2) == 12
