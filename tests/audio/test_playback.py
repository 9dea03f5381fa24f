"""Files for browsers: all sound plays from its first sample to its last; good files stay as they are."""

import io
import wave

import numpy as np
import pytest

from ser.audio.decoding.decoder import decode
from ser.audio.playback import RATE, browser_type, playable
from ser.errors import AudioError
from tests.helpers import sounds

SECONDS = 3.0


def spoken(rate=16_000):
    return sounds.voice(SECONDS, rate)


def wav(subtype="PCM_16", rate=16_000):
    return sounds.file(spoken(rate), rate, subtype=subtype)


def mp3():
    return sounds.ffmpeg_file(spoken(48_000), 48_000, "mp3", "libmp3lame")


# File → what it is sent as.
UNTOUCHED = {
    "WAV": (wav, "audio/wav"),
    "WAV, two channels": (lambda: sounds.file(np.stack([spoken()] * 2, axis=1), 16_000), "audio/wav"),
    "MP3": (mp3, "audio/mpeg"),
}
# File → how often the voice is in it.
CONVERTED = {
    "WAV, 24 bit": (lambda: wav("PCM_24"), 1),
    "WAV, 8 bit": (lambda: wav("PCM_U8"), 1),
    "WAV, float": (lambda: wav("FLOAT"), 1),
    "WAV, GSM": (lambda: wav("GSM610", 8_000), 1),
    "WAV, ADPCM": (lambda: wav("MS_ADPCM"), 1),
    "WAV, IMA ADPCM": (lambda: wav("IMA_ADPCM"), 1),
    "WAV, mu-law": (lambda: wav("ULAW", 8_000), 1),
    "WAV behind WAV": (lambda: wav() * 2, 2),
    "WAV with a wrong size": (lambda: wav()[:4] + b"\xff\xff\xff\x7f" + wav()[8:], 1),
    "MP3 behind MP3": (lambda: mp3() * 2, 2),
    "MP3 behind zeros": (lambda: bytes(3000) + mp3(), 1),
    "AIFF": (lambda: sounds.file(spoken(), 16_000, "AIFF"), 1),
    "FLAC": (lambda: sounds.file(spoken(), 16_000, "FLAC"), 1),
    "Vorbis": (lambda: sounds.file(spoken(), 16_000, "OGG"), 1),
    "ALAC": (lambda: sounds.ffmpeg_file(spoken(48_000), 48_000, "ipod", "alac"), 1),
    "AAC": (lambda: sounds.ffmpeg_file(spoken(48_000), 48_000, "ipod", "aac"), 1),
}
CASES = ("joined/", "formats/", "headers/", "before_the_sound/", "tracks/")


@pytest.mark.parametrize("name", UNTOUCHED)
def test_what_every_browser_plays_is_passed_on_untouched(name):
    make, mime_type = UNTOUCHED[name]
    data = make()
    assert browser_type(data) == mime_type
    assert playable(data) == (data, mime_type)


@pytest.mark.parametrize("name", CONVERTED)
def test_all_other_sound_becomes_a_wav_of_the_same_sound(name):
    make, times = CONVERTED[name]
    data = make()
    assert browser_type(data) is None
    sent, mime_type = playable(data)
    assert mime_type == "audio/wav" and browser_type(sent) == mime_type
    with wave.open(io.BytesIO(sent)) as opened:
        assert (opened.getsampwidth(), opened.getnchannels(), opened.getframerate()) == (2, 1, RATE)
        assert opened.getnframes() / RATE == pytest.approx(times * SECONDS, abs=0.15)
    before, after = (decode(each, rate=RATE).samples for each in (data, sent))
    assert np.corrcoef(before, after)[0, 1] > 0.999


def test_the_cases_play_as_long_as_they_sound(cases):
    names = [path.relative_to(cases).as_posix() for path in sorted(cases.rglob("*")) if path.is_file()]
    names = [name for name in names if name.startswith(CASES)]
    assert len(names) >= 20
    for name in names:
        sent, _ = playable((cases / name).read_bytes(), name=name)
        assert browser_type(sent), name
        wanted = 10.24 if name.endswith(("C_mp3_concat_xing.mp3", "D_ogg_opus_chained.opus")) else 5.12
        assert decode(sent).seconds == pytest.approx(wanted, abs=0.15), name


def test_what_is_no_sound_is_a_sentence_with_its_name():
    with pytest.raises(AudioError, match=r"^notes\.txt"):
        playable(b"Dear diary, " * 50, name="notes.txt")
