"""Decoding: usable files give the right samples, and any other bytes give one plain sentence."""

import io
import math
import os
import re
import struct
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from ser.audio.activity import active_level
from ser.audio.decoding import decoder, streams
from ser.audio.decoding.decoder import Decoder, decode
from ser.audio.waveform import MAX_SECONDS, TARGET_LEVEL
from ser.errors import AudioError
from tests.helpers import sounds

VOICE = sounds.voice(2.0, 48_000)
VOICE_16 = soxr.resample(VOICE, 48_000, 16_000)

# name: (file, format, seconds it may be longer through the encoder's padding, correlation with what went in)
FORMATS = {
    "WAV 8 bit": (sounds.file(VOICE, 48_000, "WAV", "PCM_U8"), "WAV", 0, 0.98),
    "WAV 16 bit": (sounds.file(VOICE, 48_000, "WAV", "PCM_16"), "WAV", 0, 0.9999),
    "WAV 24 bit": (sounds.file(VOICE, 48_000, "WAV", "PCM_24"), "WAV", 0, 0.9999),
    "WAV 32 bit": (sounds.file(VOICE, 48_000, "WAV", "PCM_32"), "WAV", 0, 0.9999),
    "WAV float": (sounds.file(VOICE, 48_000, "WAV", "FLOAT"), "WAV", 0, 0.9999),
    "WAV double": (sounds.file(VOICE, 48_000, "WAV", "DOUBLE"), "WAV", 0, 0.9999),
    "WAV mu-law": (sounds.file(VOICE, 48_000, "WAV", "ULAW"), "WAV", 0, 0.999),
    "WAV extensible": (sounds.file(VOICE, 48_000, "WAVEX", "PCM_24"), "WAV", 0, 0.9999),
    "RF64": (sounds.file(VOICE, 48_000, "RF64", "PCM_16"), "WAV", 0, 0.9999),
    "FLAC": (sounds.file(VOICE, 48_000, "FLAC", "PCM_16"), "FLAC", 0, 0.9999),
    "AIFF": (sounds.file(VOICE, 48_000, "AIFF", "PCM_16"), "AIFF", 0, 0.9999),
    "AIFF float": (sounds.file(VOICE, 48_000, "AIFF", "FLOAT"), "AIFF", 0, 0.9999),
    "OGG": (sounds.file(VOICE, 48_000, "OGG", "VORBIS"), "OGG", 0, 0.98),
    "Opus": (sounds.file(VOICE, 48_000, "OGG", "OPUS"), "OPUS", 0.05, 0.98),
    "MP3": (sounds.file(VOICE, 48_000, "MP3"), "MP3", 0.05, 0.98),
    "MP3 without a table of contents": (
        sounds.ffmpeg_file(VOICE, 48_000, "mp3", "libmp3lame", write_xing="0"),
        "MP3",
        0.1,
        0.98,
    ),
    "M4A": (sounds.ffmpeg_file(VOICE, 48_000, "ipod", "aac"), "AAC", 0.1, 0.98),
    "M4A lossless": (sounds.ffmpeg_file(VOICE, 48_000, "ipod", "alac"), "ALAC", 0, 0.9999),
    "MP4 in fragments": (
        sounds.ffmpeg_file(VOICE, 48_000, "mp4", "aac", movflags="frag_keyframe+empty_moov"),
        "AAC",
        0.1,
        0.98,
    ),
    "AAC": (sounds.ffmpeg_file(VOICE, 48_000, "adts", "aac"), "AAC", 0.1, 0.98),
    "WebM": (sounds.ffmpeg_file(VOICE, 48_000, "webm", "libopus"), "OPUS", 0.05, 0.98),
    "WebM as browsers stream it": (
        sounds.ffmpeg_file(VOICE, 48_000, "webm", "libopus", live="1"),
        "OPUS",
        0.05,
        0.98,
    ),
}


def wav(
    declared: int | None = None, riff: int | None = None, samples: np.ndarray = VOICE_16, rate: int = 16_000
) -> bytes:
    """A PCM16 WAV with the sizes in its header replaced."""
    data = bytearray(sounds.file(samples, rate))
    if declared is not None:
        data[40:44] = struct.pack("<I", declared)
    if riff is not None:
        data[4:8] = struct.pack("<I", riff)
    return bytes(data)


def correlation(a: np.ndarray, b: np.ndarray, rate: int) -> float:
    """Largest correlation of two signals within 0.1 s of shift, which encoders add."""
    n = 1 << (len(a) + len(b)).bit_length()
    cross = np.fft.irfft(np.fft.rfft(a, n) * np.conj(np.fft.rfft(b, n)), n)
    shift = round(0.1 * rate)
    best = max(cross[: shift + 1].max(), cross[-shift:].max())
    return float(best / np.linalg.norm(a) / np.linalg.norm(b))


# --- what passes ---


@pytest.mark.parametrize("name", FORMATS)
def test_every_format(name):
    file, form, longer, expected = FORMATS[name]
    got = decode(file, rate=16_000)
    assert (got.format, got.rate, got.native_rate, got.channels, got.name) == (form, 16_000, 48_000, 1, "recording")
    assert got.samples.dtype == np.float32
    assert got.samples.ndim == 1
    assert 2.0 - 1e-3 <= got.seconds <= 2.0 + longer + 1e-3
    assert correlation(got.samples, VOICE_16, 16_000) > expected
    assert got.level == pytest.approx(active_level(VOICE_16, 16_000), abs=1.0)


def test_content_decides_not_the_name(tmp_path):
    path = tmp_path / "voice.raw"
    path.write_bytes(FORMATS["FLAC"][0])
    assert decode(path).format == "FLAC"
    assert decode(path).name == "voice.raw"
    stream = io.BytesIO(FORMATS["M4A"][0])
    stream.name = "voice.wav"
    assert decode(stream).format == "AAC"


@pytest.mark.parametrize(
    "source_type", ["bytes", "str", "path", "open file", "stream read before", "stream without seek"]
)
def test_every_source(source_type, tmp_path):
    data = wav()
    path = tmp_path / "voice.wav"
    path.write_bytes(data)
    with path.open("rb") as opened:
        if source_type == "stream read before":
            opened.read(1000)
        pipe = io.BytesIO(data)
        pipe.seekable = lambda: False
        source = {"bytes": data, "str": str(path), "path": path, "stream without seek": pipe}.get(source_type, opened)
        got = decode(source)
        assert not opened.closed
    assert np.array_equal(got.samples, decode(data).samples)
    assert got.name == ("recording" if source_type in ("bytes", "stream without seek") else "voice.wav")
    assert decode(data, name="mine.wav").name == "mine.wav"


@pytest.mark.parametrize("rate", [None, 48_000])
def test_48_khz_pcm16_is_what_libsndfile_gives(rate):
    file = FORMATS["WAV 16 bit"][0]
    expected = soundfile.read(io.BytesIO(file), dtype="float32")[0]
    assert np.array_equal(decode(file, rate=rate).samples, expected)


@pytest.mark.parametrize("form", ["FLAC", "OGG", "AIFF", "MP3"])
def test_blocks_change_nothing(form, monkeypatch):
    file = sounds.file(VOICE, 48_000, form)
    expected = soundfile.read(io.BytesIO(file), dtype="float32")[0]
    monkeypatch.setattr(streams, "BLOCK_VALUES", 1000)
    assert np.abs(decode(file).samples - expected).max() < 1e-6


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 88_200, 96_000, 192_000])
def test_every_rate_keeps_a_tone(rate):
    got = decode(sounds.file(sounds.tone(440, 1.0, rate), rate), rate=16_000)
    assert got.native_rate == rate
    assert got.seconds == pytest.approx(1.0, abs=1e-4)
    expected = sounds.tone(440, 1.0, 16_000)
    inner = slice(800, -800)  # a resampler swings in and out at the ends
    assert np.abs(got.samples[: len(expected)][inner] - expected[inner]).max() < 1e-3


def test_resampling_keeps_out_what_lies_above():
    high = decode(sounds.file(sounds.tone(11_000, 1.0, 48_000) + sounds.tone(440, 1.0, 48_000), 48_000), rate=16_000)
    alone = decode(sounds.file(sounds.tone(440, 1.0, 48_000), 48_000), rate=16_000)
    assert np.abs(high.samples - alone.samples)[800:-800].max() < 1e-4  # 11 kHz would fold to 5 kHz


@pytest.mark.parametrize(
    ("channels", "container", "codec"),
    [(6, "adts", "aac"), (8, "adts", "aac"), (8, "avi", "pcm_s16le"), (16, "matroska", "pcm_s16le")],
)
def test_ffmpeg_gives_all_channels_and_no_more(channels, container, codec):
    """PyAV reads past the planes of eight channels or more."""
    wave = sounds.tone(300, 2.0, 48_000)
    gains = np.linspace(0.2, 1.0, channels, dtype=np.float32)
    gains[3] = 0.0  # the channel for effects, of which AAC keeps the lowest tones only
    got = decode(sounds.ffmpeg_file(wave[:, None] * gains, 48_000, container, codec), rate=48_000)
    assert got.channels == channels
    assert np.std(got.samples[20_000:60_000]) == pytest.approx(np.std(wave) * gains.mean(), rel=0.03)


@pytest.mark.parametrize("channels", [1, 2, 3, 6, 8, 32])
def test_channels_are_averaged(channels):
    gains = np.linspace(0.2, 1.0, channels, dtype=np.float32)
    many = decode(sounds.file(VOICE_16[:, None] * gains, 16_000, "WAV", "FLOAT"))
    assert many.channels == channels
    assert np.allclose(many.samples, VOICE_16 * gains.mean(), atol=1e-6)


@pytest.mark.parametrize("form", ["ipod aac", "webm libopus"])
def test_stereo_through_ffmpeg(form):
    stereo = np.stack([VOICE, np.zeros_like(VOICE)], axis=1)
    got = decode(sounds.ffmpeg_file(stereo, 48_000, *form.split()))
    assert got.channels == 2
    assert got.level == pytest.approx(active_level(VOICE / 2, 48_000), abs=1.0)


@pytest.mark.parametrize(
    ("declared", "riff"),
    [(0xFFFFFFFF, 0xFFFFFFFF), (0x7FFFFFFF, 0x7FFFFFFF), (0x7FFFF000, 0x7FFFF024), (0x80000000, 0), (0, 0), (0, 36)],
    ids=hex,
)
def test_streamed_wav_without_a_length(declared, riff):
    assert np.array_equal(decode(wav(declared, riff)).samples, decode(wav()).samples)


def test_streamed_flac_without_a_length():
    whole = sounds.file(VOICE_16, 16_000, "FLAC")
    data = bytearray(whole)
    data[21] &= 0xF0  # STREAMINFO's 36 bits of total samples: 0 is "unknown"
    data[22:26] = bytes(4)
    assert np.array_equal(decode(bytes(data)).samples, decode(whole).samples)


def test_wav_with_other_chunks_round_the_sound():
    data = wav()
    chunk = b"LIST" + struct.pack("<I", 5) + b"INFOx\0"  # odd sizes are padded
    stuffed = data[:12] + chunk + data[12:] + chunk
    stuffed = stuffed[:4] + struct.pack("<I", len(stuffed) - 8) + stuffed[8:]
    assert np.array_equal(decode(stuffed).samples, decode(data).samples)


def test_wav_one_byte_short_is_forgiven():
    assert decode(wav()[:-1]).seconds == pytest.approx(2.0, abs=1e-3)


def test_lossy_mp3_behind_a_picture():
    tag = b"ID3\x03\x00\x00" + bytes([0, 0, 0x20, 0]) + bytes(0x20 << 7)
    assert decode(tag + FORMATS["MP3"][0]).seconds == pytest.approx(2.0, abs=0.06)


def test_mp3_without_a_table_of_contents_is_not_cut_short():
    # A quiet start and a loud end: the first frame's bit rate says nothing about the length.
    data = FORMATS["MP3"][0]
    third = data.index(b"\xff\xfb", data.index(b"\xff\xfb", 4) + 4)
    assert decode(data[third:]).seconds > 1.8


# --- level ---


def test_level_of_a_sine():
    assert decode(sounds.file(sounds.tone(200, amplitude=0.1), 16_000)).level == pytest.approx(-23.01, abs=0.02)


def test_level_leaves_pauses_out():
    padded = np.concatenate([np.zeros(80_000, np.float32), VOICE_16, np.zeros(80_000, np.float32)])
    assert active_level(padded, 16_000) == pytest.approx(active_level(VOICE_16, 16_000), abs=0.1)


def test_level_of_a_short_word_in_a_long_pause():
    word = 1e-4 * np.random.default_rng(0).standard_normal(160_000).astype(np.float32)
    word[80_000:83_200] += sounds.tone(200, 0.2)
    assert active_level(word, 16_000) == pytest.approx(-23.0, abs=0.3)


def test_level_ignores_a_click():
    clicked = VOICE_16.copy()
    clicked[100:200] = 0.9
    assert active_level(clicked, 16_000) == pytest.approx(active_level(VOICE_16, 16_000), abs=0.6)


def test_level_hardly_moves_with_a_rooms_noise():
    noise = np.random.default_rng(0).standard_normal(len(VOICE_16)).astype(np.float32)
    level = active_level(VOICE_16, 16_000)
    noisy = VOICE_16 + noise * np.float32(10 ** ((level - 25) / 20))
    assert active_level(noisy, 16_000) == pytest.approx(level, abs=0.5)


def test_level_ignores_an_offset():
    assert active_level(VOICE_16 + np.float32(0.2), 16_000) == pytest.approx(active_level(VOICE_16, 16_000), abs=0.01)


@pytest.mark.parametrize("gain", [-24, -12, -6, 6, 12, 24])
def test_levelled_is_the_same_at_any_gain(gain):
    def levelled(samples):
        return decode(sounds.file(samples, 48_000, "WAV", "FLOAT"), rate=16_000, levelled=True)

    plain, other = levelled(VOICE), levelled(VOICE * np.float32(10 ** (gain / 20)))
    assert np.abs(other.samples - plain.samples).max() < 1e-5
    assert other.level - plain.level == pytest.approx(gain, abs=1e-3)  # the recorded level is still known
    assert active_level(plain.samples, 16_000) == pytest.approx(TARGET_LEVEL, abs=1e-3)


def test_levelled_removes_an_offset():
    shifted = decode(sounds.file(VOICE_16 + np.float32(0.1), 16_000, "WAV", "FLOAT"), levelled=True)
    assert np.abs(shifted.samples - decode(wav(), levelled=True).samples).max() < 1e-2
    assert abs(shifted.samples.mean()) < 1e-5


def test_not_levelled_is_as_recorded():
    assert np.abs(decode(sounds.file(VOICE_16, 16_000, "WAV", "FLOAT")).samples - VOICE_16).max() == 0


# --- peak and clipping ---


@pytest.mark.parametrize(
    ("form", "subtype"), [("WAV", "PCM_16"), ("WAV", "PCM_24"), ("WAV", "FLOAT"), ("FLAC", "PCM_16"), ("WAV", "PCM_U8")]
)
def test_clipped_share_of_a_known_sine(form, subtype):
    # A sine of amplitude 2 cut at 1 stands there for 2/pi * acos(1/2) = 2/3 of the time.
    cut = np.clip(sounds.tone(100, amplitude=2.0), -1, 1)
    assert decode(sounds.file(cut, 16_000, form, subtype)).clipped == pytest.approx(2 / 3, abs=0.03)


def test_a_clean_peak_at_full_scale_is_not_clipped():
    loud = VOICE_16 / np.abs(VOICE_16).max()
    got = decode(sounds.file(loud, 16_000))
    assert got.clipped == 0
    assert got.peak == pytest.approx(1.0, abs=1e-3)


def test_floats_beyond_full_scale_are_not_clipped():
    got = decode(sounds.file(sounds.tone(100, amplitude=2.0), 16_000, "WAV", "FLOAT"))
    assert got.clipped < 0.001
    assert got.peak == pytest.approx(2.0, abs=1e-3)


def test_one_clipped_channel_is_seen():
    cut = np.clip(sounds.tone(100, amplitude=2.0), -1, 1)
    got = decode(sounds.file(np.stack([cut, np.zeros_like(cut)], axis=1), 16_000))
    assert got.peak == pytest.approx(1.0, abs=1e-4)
    assert got.clipped == pytest.approx(1 / 3, abs=0.02)


# --- what cannot be used ---


def patched(data: bytes, at: int, new: bytes) -> bytes:
    return data[:at] + new + data[at + len(new) :]


def flawed(value: float) -> bytes:
    samples = VOICE_16.copy()
    samples[20_000] = value
    return sounds.file(samples, 16_000, "WAV", "FLOAT")


def xing_with_frames(frames: int) -> bytes:
    data = FORMATS["MP3"][0]
    return patched(data, data.index(b"Xing") + 8, struct.pack(">I", frames))


BAD = {
    "empty file": (b"", r"is empty \(0 bytes\)\. Record it again"),
    "a recorder's empty WAV": (wav(0, 36)[:44], r"holds no sound \(0 samples\)\. Record it again"),
    "a recorder's empty WAV with a remark": (
        wav(0, 36 + 14)[:44] + b"LIST" + struct.pack("<I", 6) + b"INFOxx",
        r"holds no sound \(0 samples\)",
    ),
    "text": (b"Dear diary, today I was happy.\n" * 50, r"is a text, not a recording\. Choose a WAV"),
    "a few bytes": (b"RI", "is not audio"),
    "UTF-16 text": ("Dear diary".encode("utf-16") * 50, "is a text, not a recording"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(1000), "is a picture, not a recording"),
    "noise": (np.random.default_rng(0).bytes(3000), r"is not audio, whatever its name says\. Choose a WAV"),
    "a zip": (b"PK\x03\x04" + bytes(1000), "is a zip archive"),
    "a playlist": (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", "is a playlist"),
    "a WAV that says it is an AVI": (patched(wav(), 8, b"AVI "), "begins as AVI but is damaged"),
    "cut WAV": (wav()[:30_000], r"is cut off: it announces 2\.0 s of sound and holds 0\.9 s\. Copy"),
    "cut 24-bit WAV": (sounds.file(VOICE_16, 16_000, "WAV", "PCM_24")[:60_000], "is cut off: it announces 2.0 s"),
    "cut WAV with a codec": (sounds.file(VOICE_16, 16_000, "WAV", "IMA_ADPCM")[:10_000], "is cut off"),
    "WAV cut in its header": (wav()[:30], "begins as WAV but is cut off or damaged"),
    "cut AIFF": (FORMATS["AIFF"][0][:100_000], "is cut off: it announces 2.0 s of sound and holds 1.0 s"),
    "cut FLAC": (FORMATS["FLAC"][0][:30_000], r"is cut off: it announces 2\.0 s of sound"),
    "cut MP3": (FORMATS["MP3"][0][:8_000], "is cut off: it announces 2.0 s"),
    "cut OGG": (FORMATS["OGG"][0][:10_000], r"begins as OGG but is cut off\. Copy"),
    "cut Opus": (FORMATS["Opus"][0][:5_000], r"begins as OGG but is cut off\."),
    "cut M4A": (FORMATS["M4A"][0][:10_000], r"begins as MP4 but is cut off\."),
    "cut MP4 in fragments": (FORMATS["MP4 in fragments"][0][:10_000], r"(begins as MP4 but )?is cut off"),
    "cut WebM": (FORMATS["WebM"][0][:9_000], r"is cut off: it announces 2\.0 s"),
    "cut AAC": (FORMATS["AAC"][0][:10_000], r"begins as AAC but is cut off\."),
    "NaN": (flawed(math.nan), r"holds values that are not numbers \(NaN or infinite\)\. Export it again"),
    "infinite": (flawed(-math.inf), "holds values that are not numbers"),
    "float in the range of integers": (flawed(32_767.0), r"reaches 3\.28e\+04, but float audio lies within ±1"),
    "0.08 s": (
        sounds.file(VOICE_16[:1280], 16_000),
        r"is 0\.08 s long; at least 0\.5 s is needed\. Record a longer one",
    ),
    "just too short": (sounds.file(VOICE_16[:7_900], 16_000), r"is 0\.49 s long"),
    "too short M4A": (sounds.ffmpeg_file(VOICE[:9_600], 48_000, "ipod", "aac"), r"is 0\.\d\d s long; at least 0\.5 s"),
    "digital silence": (sounds.file(np.zeros(32_000), 16_000), r"is silent \(level -100 dBFS; .* Check that the micro"),
    "hiss of one bit": (
        sounds.file(np.random.default_rng(0).integers(0, 2, 32_000).astype(np.int16), 16_000),
        r"is silent \(level -96 dBFS",
    ),
    "silence with an offset": (sounds.file(np.full(32_000, 0.1), 16_000), r"is silent \(level -100"),
    "channels that cancel out": (
        sounds.file(np.stack([VOICE_16, -VOICE_16], axis=1), 16_000),
        "is silent once its channels are mixed: they cancel out. Export one channel only",
    ),
    "header of three hours": (wav(3 * 3600 * 32_000), "is 180 min 0 s long; at most 10 min can be used. Cut out"),
    "AIFF header of three hours": (
        patched(FORMATS["AIFF"][0], 22, struct.pack(">I", 3 * 3600 * 48_000)),
        "is 180 min 0 s long",
    ),
    "MP3 header of three hours": (xing_with_frames(3 * 3600 * 48_000 // 1152), "is 180 min 0 s long"),
    "3999 Hz": (wav(samples=VOICE_16, rate=3_999), "is sampled at 3999 Hz; 8000 to 192000 Hz can be used. Record it"),
    "384 kHz": (wav(samples=VOICE_16, rate=384_000), "is sampled at 384000 Hz"),
    "video without sound": (sounds.video_file(), r"is a video without an audio track \(MP4\)\. Choose one that has"),
    "WebM without sound": (sounds.video_file("webm", "libvpx"), r"is a video without an audio track \(WebM\)"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_used_is_one_sentence(name, tmp_path):
    data, expected = BAD[name]
    with pytest.raises(AudioError, match=rf"^The recording {expected}") as from_bytes:
        decode(data, rate=16_000, levelled=True)
    path = tmp_path / "clip.wav"
    path.write_bytes(data)
    with pytest.raises(AudioError, match=rf"^clip\.wav {expected}") as from_path:
        decode(path)
    for error in (from_bytes, from_path):
        assert re.fullmatch(r"[^\n]{20,220}\.", str(error.value))


def test_every_bad_file_has_its_own_sentence():
    faults = {"empty file", "a recorder's empty WAV", "text", "cut WAV", "cut FLAC", "NaN", "0.08 s", "digital silence"}
    faults |= {"header of three hours", "3999 Hz", "video without sound", "channels that cancel out"}
    sentences = set()
    for name in faults:
        with pytest.raises(AudioError) as error:
            decode(BAD[name][0])
        sentences.add(str(error.value))
    assert len(sentences) == len(faults)


def test_places_that_hold_no_file(tmp_path, monkeypatch):
    with pytest.raises(AudioError, match=r"is a folder; an audio file is needed"):
        decode(tmp_path)
    with pytest.raises(AudioError, match=r"There is no file .*missing\.wav\. Check the path"):
        decode(tmp_path / "missing.wav")
    with pytest.raises(AudioError, match="cannot be opened"):
        decode("a\0b.wav")
    with pytest.raises(AudioError, match="cannot be opened"):
        decode("x" * 5000)
    with pytest.raises(AudioError, match="is not an ordinary file"):
        decode(os.devnull)
    denied = tmp_path / "denied.wav"
    denied.write_bytes(wav())

    def deny(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", deny)  # root, who may read everything, runs many a container
    with pytest.raises(AudioError, match=r"denied\.wav may not be read by this user"):
        decode(denied)


def test_a_length_of_hours_is_refused_before_decoding(monkeypatch):
    monkeypatch.setattr(decoder, "open_part", lambda *_, **__: pytest.fail("decoding began"))
    with pytest.raises(AudioError, match="180 min"):
        decode(BAD["header of three hours"][0])


def test_ten_minutes_pass_and_more_does_not():
    def minutes(seconds):
        return sounds.file(np.resize(VOICE_16[::2], round(seconds * 8_000)), 8_000)

    assert decode(minutes(MAX_SECONDS + 0.3)).seconds == pytest.approx(MAX_SECONDS + 0.3)
    with pytest.raises(AudioError, match="is 10 min 2 s long"):
        decode(minutes(MAX_SECONDS + 2))


def test_a_stream_that_never_says_how_long_it_is_stops_at_ten_minutes():
    data = sounds.file(np.resize(VOICE_16[::2], 605 * 8_000), 8_000)
    endless = patched(patched(data, 4, b"\xff" * 4), 40, b"\xff" * 4)
    with pytest.raises(AudioError, match=r"min .*long; at most 10 min"):
        decode(endless)


def test_only_audio_errors_leave_whatever_the_bytes(capfd):
    rng = np.random.default_rng(20)
    short = sounds.voice(0.8, pause=0.1)
    bases = [
        *(sounds.file(short, 16_000, *codec.split()) for codec in ("WAV", "WAV FLOAT", "WAV PCM_24", "WAV IMA_ADPCM")),
        *(sounds.file(short, 16_000, *codec.split()) for codec in ("FLAC", "AIFF", "OGG VORBIS", "OGG OPUS", "MP3")),
        *(sounds.ffmpeg_file(short, 16_000, *codec.split()) for codec in ("ipod aac", "webm libopus", "adts aac")),
        sounds.ffmpeg_file(short, 16_000, "mp4", "aac", movflags="frag_keyframe+empty_moov"),
        sounds.ffmpeg_file(short, 16_000, "mp3", "libmp3lame", write_xing="0"),
        sounds.video_file(),
    ]
    usable = refused = 0
    for case in range(600):
        data = bytearray(bases[case % len(bases)])
        reach = min(len(data), 300) if rng.random() < 0.6 else len(data)  # headers are where parsers stumble
        what = rng.integers(5)
        if what == 0:
            data = data[: rng.integers(1, len(data))]
        elif what == 1:
            for offset in rng.integers(reach, size=rng.integers(1, 20)):
                data[offset] ^= 1 << rng.integers(8)
        elif what == 2:
            for offset in rng.integers(reach, size=rng.integers(1, 6)):
                data[offset] = rng.choice([0, 127, 128, 255])
        elif what == 3:
            offset = rng.integers(reach)
            data[offset : offset + rng.integers(1, 64)] = rng.bytes(int(rng.integers(64)))
        else:
            data = data[: rng.integers(0, 40)] + bytearray(rng.bytes(2000))
        try:
            clip = decode(bytes(data), rate=16_000, levelled=True)
        except AudioError as error:
            refused += 1
            assert "\n" not in str(error)
        else:
            usable += 1
            assert np.isfinite(clip.samples).all()
            assert 0.5 <= clip.seconds <= 601
    assert refused > 200
    assert usable > 50
    assert "Traceback" not in capfd.readouterr().err


# --- cost ---

_BIG = """
import resource, sys
import numpy as np, soundfile
from ser.audio.decoding.decoder import Decoder, decode
path = sys.argv[1]
rng = np.random.default_rng(0)
with soundfile.SoundFile(path, "w", 192000, 8, "PCM_16") as out:
    block = (rng.standard_normal((192000, 8)) * 3000).astype(np.int16)
    for _ in range(int(sys.argv[2])):
        out.write(block)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
clip = decode(path, rate=16000, levelled=True)
print(clip.seconds, clip.channels, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""


def test_a_long_file_of_many_channels_takes_little_memory(tmp_path):
    # 60 s at 192 kHz in 8 channels: 369 MB as floats, 4 MB as the waveform that is wanted.
    command = [sys.executable, "-c", _BIG, str(tmp_path / "big.wav"), "60"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[3])
    seconds, channels, megabytes = map(float, done.stdout.split())
    assert (seconds, channels) == (60.0, 8.0)
    assert megabytes < 60


def test_several_threads_decode_at_once():
    files = [FORMATS[name][0] for name in ("WAV 16 bit", "FLAC", "MP3", "M4A", "WebM")] * 3
    alone = [decode(file, rate=16_000).samples for file in files]
    together = [None] * len(files)

    def work(index):
        together[index] = decode(files[index], rate=16_000).samples

    threads = [threading.Thread(target=work, args=(index,)) for index in range(len(files))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(np.array_equal(a, b) for a, b in zip(alone, together, strict=True))


# --- decoding once ---


CLIP_16 = sounds.voice(2.0)
ONE, OTHER = sounds.file(CLIP_16, 16_000), sounds.file(CLIP_16, 16_000, "FLAC")


def test_the_same_bytes_are_decoded_once_a_rate(monkeypatch):
    count = []
    real = decoder.decode
    monkeypatch.setattr(decoder, "decode", lambda *args, **kw: count.append(1) or real(*args, **kw))
    keeping = Decoder()
    first, again = keeping.decode(ONE, rate=16_000), keeping.decode(bytes(ONE), rate=16_000, name="other")
    assert again.samples is first.samples and again.name == "other" and len(count) == 1
    keeping.decode(ONE, rate=8_000)
    keeping.decode(OTHER, rate=16_000)
    assert len(count) == 3


def test_a_decoder_keeps_no_more_than_it_may(monkeypatch):
    count = []
    real = decoder.decode
    monkeypatch.setattr(decoder, "decode", lambda *args, **kw: count.append(1) or real(*args, **kw))
    keeping = Decoder(most=2 * len(CLIP_16))
    clips = [sounds.file(np.roll(CLIP_16, 100 * n), 16_000) for n in range(3)]
    for clip in (*clips, clips[2], clips[1]):
        keeping.decode(clip, rate=16_000)
    assert len(count) == 3
    keeping.decode(clips[0], rate=16_000)
    assert len(count) == 4
