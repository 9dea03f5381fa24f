"""The benchmark has clips wherever it runs, the same in every run."""

import pytest

from ser.audio.decoding.decoder import decode
from ser.audio.quality import assess
from ser.benchmark.clips import RATE, open_clips, synthetic_voice


@pytest.fixture
def no_audio(monkeypatch, tmp_path):
    monkeypatch.delenv("SER_RAVDESS", raising=False)
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))


def test_without_audio_voices_are_made(no_audio):
    with open_clips(3) as clips:
        files = [clips.read(clip) for clip in clips.clips]
        names = [clip.name for clip in clips.clips]
    assert clips.path == "synthetic voices"
    assert len(set(files)) == len(set(names)) == 3
    assert all([int(part) for part in name.split("-")] for name in names)
    with open_clips(2) as again:
        assert [again.read(clip) for clip in again.clips] == files[:2]


@pytest.mark.parametrize("number", [1, 2])
def test_a_synthetic_voice_is_taken_for_speech(number):
    voice = decode(synthetic_voice(number), rate=RATE)
    assert 3 <= voice.seconds <= 5
    warned = {warning.code for warning in assess(decode(synthetic_voice(number), rate=16_000))}
    assert not warned & {"short", "quiet", "clipped", "no_voice"}


@pytest.mark.ravdess
def test_recordings_are_drawn_alike_and_not_more_than_there_are(ravdess):
    with open_clips(2) as first, open_clips(2) as second, open_clips(10**6) as every:
        assert first.path == "RAVDESS" and first.clips == second.clips and len(first.clips) == 2
        assert len(every.clips) == len(ravdess.clips)
        assert first.read(first.clips[0])[:4] == b"RIFF"
