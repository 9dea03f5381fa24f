"""Recordings as phones, messengers, dictation machines and speech servers write them: over 200, of one voice.

Each file must come out as long as the voice, and like it. `SER_CASES` adds those that people reported.
"""

import re
import struct
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
import soxr

from ser.audio import formats
from ser.audio.containers.ogg import page_checksum
from ser.audio.decoding.decoder import decode
from ser.errors import AudioError
from tests.helpers import sounds
from tests.helpers.sounds import ffmpeg_file, two_tracks

RATE = 48_000
VOICE = sounds.voice(2.0, RATE)
VOICE_16 = soxr.resample(VOICE, RATE, 16_000)
INTEGERS = np.rint(VOICE_16 * 32_767).astype(int)
DATA = Path(__file__).parents[2] / "recordings"
# Codecs made for speech know a buzz badly, so that theirs is a sentence spoken by eSpeak NG.
SPOKEN = Path(__file__).parents[3] / "pages" / "common" / "examples" / "plain_and_even.ogg"


def at(rate: int) -> np.ndarray:
    return soxr.resample(VOICE, RATE, rate)


def made(container: str, codec: str, rate: int = RATE, **options: str) -> bytes:
    return ffmpeg_file(at(rate), rate, container, codec, **options)


def written(form: str, subtype: str, rate: int = RATE) -> bytes:
    return sounds.file(at(rate), rate, form, subtype)


def likeness(samples: np.ndarray, voice: np.ndarray) -> float:
    """Largest correlation within 0.2 s of shift, either way up; encoders shift and some turn the wave over."""
    n = 1 << (len(samples) + len(voice)).bit_length()
    cross = np.abs(np.fft.irfft(np.fft.rfft(samples, n) * np.conj(np.fft.rfft(voice, n)), n))
    shift = 3200
    return float(max(cross[: shift + 1].max(), cross[-shift:].max()) / np.linalg.norm(samples) / np.linalg.norm(voice))


# --- files by hand --------------------------------------------------------------------------------------------------


def wav_header(size: int, *, rate=16_000, bits=16, channels=1, block=None, data=None, riff=None, tag=1) -> bytes:
    """44 bytes in front of `size` bytes of sound; `data` and `riff` are sizes to claim instead."""
    block = block or channels * -(-bits // 8)
    form = struct.pack("<HHIIHH", tag, channels, rate, rate * block, block, bits)
    return (
        b"RIFF"
        + struct.pack("<I", 36 + size if riff is None else riff)
        + b"WAVEfmt \x10\0\0\0"
        + form
        + b"data"
        + struct.pack("<I", size if data is None else data)
    )


PCM = INTEGERS.astype("<i2").tobytes()
WAV = wav_header(len(PCM)) + PCM
PIECES = [PCM[i : i + 6400] for i in range(0, len(PCM), 6400)]


def three_bytes(values: np.ndarray) -> bytes:
    return np.frombuffer(values.astype("<i4").tobytes(), np.uint8).reshape(-1, 4)[:, :3].tobytes()


def with_chunk(chunk: bytes, offset: int = 12) -> bytes:
    data = WAV[:offset] + chunk + WAV[offset:]
    return data[:4] + struct.pack("<I", len(data) - 8) + data[8:]


def extensible(valid: int, bits: int) -> bytes:
    block = bits // 8
    return (
        struct.pack("<IHHIIHHHHI", 40, 0xFFFE, 1, 16_000, 16_000 * block, block, bits, 22, valid, 4)
        + b"\x01\0\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71"
    )


def bw64(name: bytes, announced: int) -> bytes:
    sizes = struct.pack("<IQQQI", 28, announced and announced + 72, announced, announced // 2, 0)
    return name + b"\xff" * 4 + b"WAVEds64" + sizes + WAV[12:36] + b"data\xff\xff\xff\xff" + PCM


def rifx() -> bytes:
    form = struct.pack(">IHHIIHH", 16, 1, 1, 16_000, 32_000, 2, 16)
    size = struct.pack(">I", len(PCM))
    return (
        b"RIFX"
        + struct.pack(">I", 36 + len(PCM))
        + b"WAVEfmt "
        + form
        + b"data"
        + size
        + INTEGERS.astype(">i2").tobytes()
    )


def as_wav(tag: int, stream: bytes, rate: int = RATE) -> bytes:
    return wav_header(len(stream), rate=rate, tag=tag) + stream


def pages(ogg: bytes) -> list[bytes]:
    found = []
    while ogg:
        size = 27 + ogg[26] + sum(ogg[27 : 27 + ogg[26]])
        found.append(ogg[:size])
        ogg = ogg[size:]
    return found


def ended_on_every_page(ogg: bytes) -> bytes:
    marked = [page[:5] + bytes([page[5] | 4]) + page[6:] for page in pages(ogg)]
    return b"".join(page[:22] + page_checksum(page) + page[26:] for page in marked)


def patched(data: bytes, at: int, new: bytes) -> bytes:
    return data[:at] + new + data[at + len(new) :]


def counted(data: bytes, frames: int, flags: int = 15) -> bytes:
    start = re.search(b"Xing|Info", data).start()
    return patched(data, start + 4, struct.pack(">II", flags, frames))


def aiff(frames: bytes, sound: bytes, form: bytes | None = None) -> bytes:
    data = written("AIFF", "PCM_16")
    data = patched(patched(data, data.index(b"COMM") + 10, frames), data.index(b"SSND") + 4, sound)
    return patched(data, 4, form) if form else data


def free_first(name: bytes) -> bytes:
    # In fragments offsets count from each fragment, so that a box in front moves nothing.
    return (
        struct.pack(">I", 24)
        + name
        + bytes(16)
        + made("mp4", "aac", movflags="empty_moov+default_base_moof+frag_keyframe")
    )


MP3 = made("mp3", "libmp3lame")
MP3_STEREO = ffmpeg_file(np.stack([VOICE, VOICE], axis=1), RATE, "mp3", "libmp3lame")
MP3_LOW = made("mp3", "libmp3lame", 22_050)
BARE_MP3 = made("mp3", "libmp3lame", write_xing="0")
OGG, OPUS, OGG_FLAC = written("OGG", "VORBIS"), made("ogg", "libopus"), made("ogg", "flac")
FLAC, FLAC_LOW = written("FLAC", "PCM_16"), written("FLAC", "PCM_16", 16_000)
AAC, AAC_LOW, LATM = made("adts", "aac"), made("adts", "aac", 22_050), made("latm", "aac")
M4A, WEBM = made("ipod", "aac"), made("webm", "libopus")
AMR = (DATA / "amr_12.amr").read_bytes()
AU, AIFF, CAF = written("AU", "PCM_16"), written("AIFF", "PCM_16"), written("CAF", "PCM_16")
WMA, AC3, TS = made("asf", "wmav2"), made("ac3", "ac3"), made("mpegts", "aac")

ID3 = b"ID3\x04\0\0\0\0\x10\0" + bytes(2048)
APE = b"APETAGEX" + struct.pack("<IIII", 2000, 100, 1, 1 << 31 | 1 << 29) + bytes(76)
APE += b"APETAGEX" + struct.pack("<IIII", 2000, 100, 1, 1 << 31) + bytes(8)
HTTP = b"HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\nContent-Length: 99\r\n\r\n"
JUNK = np.random.default_rng(3).bytes(3000)

# --- what is tried --------------------------------------------------------------------------------------------------

# name: file. Correlation is at least 0.9; with what is spoken at less than 16 kbit/s at least 0.7 (`SPEECH`).
FORMATS = {
    "CAF with integers": CAF,
    "CAF with mu-law": written("CAF", "ULAW", 8_000),
    "CAF with ALAC": made("caf", "alac"),
    "CAF with A-law": written("CAF", "ALAW", 8_000),
    "AMR at 12.2 kbit/s": AMR,
    "AMR at 4.75 kbit/s with pauses": (DATA / "amr_5.amr").read_bytes(),
    "WMA 1": made("asf", "wmav1"),
    "WMA 2": WMA,
    "ASF with MP3": made("asf", "libmp3lame"),
    "AVI with integers": made("avi", "pcm_s16le"),
    "AVI with MP3": made("avi", "libmp3lame"),
    "AVI with ADPCM": made("avi", "adpcm_ms"),
    "FLV with MP3": made("flv", "libmp3lame", 44_100),
    "FLV with AAC": made("flv", "aac"),
    "FLV with Nellymoser": made("flv", "nellymoser", 22_050),
    "FLV with Speex": (DATA / "speex.flv").read_bytes(),
    "MPEG-PS with MP2": made("mpeg", "mp2"),
    "MPEG-PS with AC-3": made("vob", "ac3"),
    "MPEG-PS of a DVD with MP2": made("dvd", "mp2", 48_000),
    "MPEG-TS with AAC": TS,
    "MPEG-TS with MP2": made("mpegts", "mp2"),
    "MPEG-TS with AC-3, of a camera": made("mpegts", "ac3", mpegts_m2ts_mode="1"),
    "MPEG-TS with LATM": made("mpegts", "aac", mpegts_flags="latm"),
    "AU": AU,
    "AU with A-law": written("AU", "ALAW", 8_000),
    "AU with floats": written("AU", "FLOAT"),
    "AU with G.721": written("AU", "G721_32", 8_000),
    "Wave64": written("W64", "PCM_16"),
    "Wave64 in 24 bits": written("W64", "PCM_24", 44_100),
    "Wave64 with floats": written("W64", "FLOAT"),
    "SPHERE": written("NIST", "PCM_16", 16_000),
    "SPHERE with mu-law": written("NIST", "ULAW", 8_000),
    "SPHERE in 24 bits": written("NIST", "PCM_24", 16_000),
    "RF64": bw64(b"RF64", len(PCM)),
    "BW64": bw64(b"BW64", len(PCM)),
    "BW64 without sizes": bw64(b"BW64", 0),
    "RIFX": rifx(),
    "MP2": made("mp2", "mp2"),
    "MP2 at 22 kHz": made("mp2", "mp2", 22_050),
    "MP2, stereo": ffmpeg_file(np.stack([VOICE, VOICE], axis=1), RATE, "mp2", "mp2"),
    "AC-3": AC3,
    "AC-3 at 44.1 kHz": made("ac3", "ac3", 44_100),
    "AC-3, stereo": ffmpeg_file(np.stack([VOICE, VOICE], axis=1), RATE, "ac3", "ac3"),
    "E-AC-3": made("eac3", "eac3"),
    "E-AC-3 at 44.1 kHz": made("eac3", "eac3", 44_100),
    "E-AC-3, stereo": ffmpeg_file(np.stack([VOICE, VOICE], axis=1), RATE, "eac3", "eac3"),
    "DTS": (DATA / "dts.dts").read_bytes(),
    "DTS in a WAV that says PCM": as_wav(1, (DATA / "dts.dts").read_bytes()),
    "LATM": LATM,
    "LATM at 22 kHz": made("latm", "aac", 22_050),
    "LATM, stereo": ffmpeg_file(np.stack([VOICE, VOICE], axis=1), RATE, "latm", "aac"),
    "WavPack": made("wv", "wavpack"),
    "WavPack at 16 kHz": made("wv", "wavpack", 16_000),
    "WavPack, stereo": ffmpeg_file(np.stack([VOICE, VOICE], axis=1), RATE, "wv", "wavpack"),
    "TTA": made("tta", "tta"),
    "TTA at 16 kHz": made("tta", "tta", 16_000),
    "TTA, stereo": ffmpeg_file(np.stack([VOICE, VOICE], axis=1), RATE, "tta", "tta"),
    "VOC": written("VOC", "PCM_16", 16_000),
    "VOC in 8 bits": written("VOC", "PCM_U8", 8_000),
    "VOC with A-law": written("VOC", "ALAW", 8_000),
    "IRCAM": written("IRCAM", "PCM_16"),
    "IRCAM with floats": written("IRCAM", "FLOAT"),
    "IRCAM with mu-law": written("IRCAM", "ULAW", 8_000),
    "Ogg with FLAC": OGG_FLAC,
    "Ogg with Speex": (DATA / "speex_wide.spx").read_bytes(),
    "Ogg with narrow Speex": (DATA / "speex_narrow.spx").read_bytes(),
    "Ogg with Theora": (DATA / "theora.ogv").read_bytes(),
    "MP4 that begins with free": free_first(b"free"),
    "MP4 that begins with skip": free_first(b"skip"),
    "MP4 that begins with wide": free_first(b"wide"),
    "3GP": made("3gp", "aac"),
    "MOV with integers": made("mov", "pcm_s16be"),
    "AAC in WAV": as_wav(0x1600, AAC),
    "AAC in WAV by another number": as_wav(0x00FF, AAC),
    "AAC in a WAV that says PCM": as_wav(1, AAC),
    "LATM in WAV": as_wav(0x1602, LATM),
    "MP3 in WAV": made("wav", "libmp3lame"),
}
SPEECH = {name for name in FORMATS if "Speex" in name or "AMR" in name}

# name: (file, how often the voice is in it)
JOINED = {
    "a header on every piece": (b"".join(wav_header(len(piece)) + piece for piece in PIECES), 1),
    "a header without sizes on every piece": (
        b"".join(wav_header(len(piece), data=0xFFFFFFFF, riff=0xFFFFFFFF) + piece for piece in PIECES),
        1,
    ),
    "a header of zeros on every piece": (
        b"".join(wav_header(len(piece), data=0, riff=36) + piece for piece in PIECES),
        1,
    ),
    "the whole size, then a header on every piece": (
        wav_header(len(PCM) + 44 * (len(PIECES) - 1))
        + b"".join(wav_header(len(piece)) * (index > 0) + piece for index, piece in enumerate(PIECES)),
        1,
    ),
    "WAV behind WAV of another rate": (sounds.file(VOICE, RATE) + WAV, 2),
    "WAV behind WAV with zeros between": (WAV + bytes(1001) + WAV, 2),
    "stereo behind mono": (WAV + sounds.file(np.stack([VOICE, VOICE], axis=1), RATE), 2),
    "MP3 behind MP3": (MP3 + MP3, 2),
    "MP3 behind MP3 of another rate": (MP3 + MP3_LOW, 2),
    "stereo MP3 behind mono": (MP3 + MP3_STEREO, 2),
    "MP3 behind MP3 with tags between": (ID3 + MP3 + b"TAG" + bytes(125) + ID3 + MP3_LOW, 2),
    "MP3 behind MP3 without counts": (BARE_MP3 + BARE_MP3, 2),
    "Vorbis behind Vorbis": (OGG + OGG, 2),
    "Opus behind Vorbis": (OGG + OPUS, 2),
    "Ogg FLAC behind Ogg FLAC": (OGG_FLAC + OGG_FLAC, 2),
    "FLAC behind FLAC": (FLAC + FLAC, 2),
    "FLAC behind FLAC of another rate": (FLAC + FLAC_LOW, 2),
    "FLAC behind FLAC with a tag between": (FLAC + ID3 + FLAC_LOW, 2),
    "AAC behind AAC of another rate": (AAC + AAC_LOW, 2),
    "M4A behind M4A": (M4A + M4A, 2),
    "WebM behind WebM": (WEBM + WEBM, 2),
    "AMR behind AMR": (AMR + AMR, 2),
    "AU behind AU": (AU + AU, 2),
    "AIFF behind AIFF": (AIFF + AIFF, 2),
    "CAF behind CAF": (CAF + CAF, 2),
    "WMA behind WMA": (WMA + WMA, 2),
    "a header alone behind CAF": (CAF + CAF[:80], 1),
    "a header alone behind FLAC": (FLAC + FLAC[:42], 1),
}

ROUND = {
    f"{what} {where} {name}": front + data + back
    for what, where, front, back in (
        ("an ID3 tag", "before", ID3, b""),
        ("an APE tag", "before", APE, b""),
        ("zeros", "before", bytes(5000), b""),
        ("an HTTP header", "before", HTTP, b""),
        ("the header of a radio stream", "before", b"ICY 200 OK\r\nicy-name: x\r\n\r\n", b""),
        ("a byte-order mark", "before", b"\xef\xbb\xbf", b""),
        ("junk", "before", JUNK, b""),
        ("junk", "behind", b"", JUNK),
        ("tags", "behind", b"", APE + b"TAG" + bytes(125)),
        ("zeros", "behind", b"", bytes(5000)),
    )
    for name, data in (
        {"WAV": WAV, "MP3": MP3, "FLAC": FLAC, "Ogg": OGG, "M4A": M4A, "AAC": AAC, "WebM": WEBM, "AMR": AMR}
        | {"AIFF": AIFF, "AU": AU, "AC-3": AC3, "WMA": WMA, "CAF": CAF, "MPEG-TS": TS}
    ).items()
}

HEADERS = {
    "12 bits": wav_header(len(PCM), bits=12) + (INTEGERS >> 4 << 4).astype("<i2").tobytes(),
    "12 bits at the wrong end": wav_header(len(PCM), bits=12) + (INTEGERS >> 4).astype("<i2").tobytes(),
    "14 bits": wav_header(len(PCM), bits=14) + (INTEGERS >> 2 << 2).astype("<i2").tobytes(),
    "18 bits": wav_header(3 * len(INTEGERS), bits=18) + three_bytes(INTEGERS << 8),
    "20 bits": wav_header(3 * len(INTEGERS), bits=20) + three_bytes(INTEGERS << 8),
    "20 bits, extensible": b"RIFF\0\0\0\0WAVEfmt "
    + extensible(20, 24)
    + b"data"
    + struct.pack("<I", 3 * len(INTEGERS))
    + three_bytes(INTEGERS << 8),
    "24 bits in 32": wav_header(4 * len(INTEGERS), bits=24, block=4) + (INTEGERS << 16).astype("<i4").tobytes(),
    "16-bit values in 32 bits": wav_header(4 * len(INTEGERS), bits=32) + INTEGERS.astype("<i4").tobytes(),
    "16-bit values in 24 bits": wav_header(3 * len(INTEGERS), bits=24) + three_bytes(INTEGERS),
    "data size 0, RIFF size right": wav_header(len(PCM), data=0) + PCM,
    "data size 0 of two channels": wav_header(2 * len(PCM), data=0, channels=2)
    + np.stack([INTEGERS, INTEGERS], axis=1).astype("<i2").tobytes(),
    "data size of the beginning, RIFF size right": wav_header(len(PCM), data=32_000) + PCM,
    "RIFF size 0": wav_header(len(PCM), riff=0) + PCM,
    "an odd chunk without padding": with_chunk(b"LIST" + struct.pack("<I", 13) + b"INFOISFT\x01\0\0\0x"),
    "an odd chunk without padding before the sound": with_chunk(b"note" + struct.pack("<I", 5) + b"hello", 36),
    "an odd chunk with padding": with_chunk(b"note" + struct.pack("<I", 5) + b"hello\0", 36),
    "Xing with 0 frames": counted(MP3, 0),
    "Xing with 1 frame": counted(MP3, 1),
    "Xing without a count": counted(MP3, 0, flags=0),
    "an end mark on every page of Vorbis": ended_on_every_page(OGG),
    "an end mark on every page of Opus": ended_on_every_page(OPUS),
    "an end mark on every page of FLAC": ended_on_every_page(OGG_FLAC),
    "AIFF of 0 frames": aiff(bytes(4), bytes(4)),
    "AIFF of unknown length": aiff(b"\xff" * 4, b"\xff" * 4, b"\xff" * 4),
    "AIFF as written by a stream": aiff(bytes(4), struct.pack(">I", 8)),
    "AIFF as SoX writes it into a pipe": aiff(
        struct.pack(">I", 0x3F800000), struct.pack(">I", 0x7F000008), struct.pack(">I", 0x7F000050)
    ),
    "AU of unknown length": patched(AU, 8, b"\xff" * 4),
    "AU of size 0": patched(AU, 8, bytes(4)),
}

SILENCE = np.zeros_like(VOICE)
TONE = 0.1 * np.sin(2 * np.pi * 300 * np.arange(len(VOICE)) / RATE).astype(np.float32)
# name: (file, words of its note)
_SECOND = "track 2, as track 1 is silent"
TRACKS = {
    "MP4, the first silent": (two_tracks("mp4", "aac", SILENCE, VOICE, RATE), _SECOND),
    "Matroska, the first silent": (two_tracks("matroska", "aac", SILENCE, VOICE, RATE), _SECOND),
    "MPEG-TS, the first silent": (two_tracks("mpegts", "mp2", SILENCE, VOICE, RATE), _SECOND),
    "AVI, the first silent": (two_tracks("avi", "pcm_s16le", SILENCE, VOICE, RATE), _SECOND),
    "WMA, the first silent": (two_tracks("asf", "wmav2", SILENCE, VOICE, RATE), _SECOND),
    "Matroska, the second the default": (two_tracks("matroska", "aac", TONE, VOICE, RATE, default=1), "track 2."),
}


def check(data: bytes, times: int = 1, *, spoken: bool = False) -> tuple[str, ...]:
    """Compare with the voice, or with the spoken sentence, `times` of it; returns the notes."""
    wanted = VOICE_16
    if spoken:
        samples, rate = soundfile.read(SPOKEN, dtype="float32")
        wanted = soxr.resample(samples, rate, 16_000)
    clip = decode(data, rate=16_000)
    assert clip.seconds == pytest.approx(len(wanted) / 16_000 * times, abs=0.15)
    for samples in np.array_split(clip.samples, times):
        assert likeness(samples, wanted) >= (0.7 if spoken else 0.9)
    return clip.notes


@pytest.mark.parametrize("name", FORMATS)
def test_every_format(name):
    assert check(FORMATS[name], spoken=name in SPEECH) == ()


@pytest.mark.parametrize("name", JOINED)
def test_joined_recordings_are_read_whole(name):
    data, times = JOINED[name]
    assert check(data, times, spoken="AMR" in name) == ()


@pytest.mark.parametrize("name", ROUND)
def test_bytes_before_and_behind_do_not_matter(name):
    assert check(ROUND[name], spoken="AMR" in name) == ()


@pytest.mark.parametrize("name", HEADERS)
def test_odd_headers_are_read_as_they_are_meant(name):
    notes = check(HEADERS[name])
    wrong_scale = "wrong end" in name or "values in" in name
    assert [("scaled up" in note) for note in notes] == [True] * wrong_scale


@pytest.mark.parametrize("name", TRACKS)
def test_of_several_tracks_the_one_with_sound_is_read(name):
    data, words = TRACKS[name]
    (note,) = check(data)
    assert "2 audio tracks" in note and words in note


def test_a_track_can_be_chosen():
    data, _ = TRACKS["Matroska, the second the default"]
    clip = decode(data, rate=16_000, track=0)
    assert (clip.track, len(clip.tracks), clip.notes) == (0, 2, ())
    assert likeness(clip.samples, soxr.resample(TONE, RATE, 16_000)) > 0.9


# --- damage ---------------------------------------------------------------------------------------------------------


def torn(data: bytes, count: int = 300) -> bytes:
    middle = len(data) // 2
    return data[:middle] + np.random.default_rng(1).bytes(count) + data[middle + count :]


@pytest.mark.parametrize(
    "data",
    [FLAC, MP3, BARE_MP3, OGG, OPUS, OGG_FLAC, AAC, AC3],
    ids=["FLAC", "MP3", "bare MP3", "OGG", "Opus", "Ogg FLAC", "AAC", "AC-3"],
)
def test_damage_in_the_middle_is_called_damage_and_the_rest_is_read(data):
    clip = decode(torn(data), rate=16_000)
    (note,) = clip.notes
    assert "damaged" in note and "cut off" not in note
    assert f"{clip.seconds:.1f} s" in note


@pytest.mark.parametrize(
    "data",
    [FLAC, MP3, OGG, AAC, M4A, WAV, AMR, AC3, AIFF, AU, CAF, WMA]
    + [FORMATS[name] for name in ("AVI with integers", "VOC", "Wave64", "SPHERE", "TTA", "WavPack", "CAF with ALAC")],
)
def test_a_missing_end_is_called_cut_off(data):
    with pytest.raises(AudioError, match="cut off") as error:
        decode(data[: len(data) // 2])
    assert "damaged" not in str(error.value)


def test_an_mp3_of_a_stream_that_ends_within_a_frame_is_read_with_a_note():
    half = decode(BARE_MP3[: len(BARE_MP3) // 2], rate=16_000)
    assert half.seconds == pytest.approx(1.0, abs=0.1)
    (note,) = half.notes
    assert "in the middle of a frame" in note and f"{half.seconds:.1f} s" in note


def test_a_part_that_cannot_be_read_is_named():
    unknown = as_wav(0x7777, np.random.default_rng(2).bytes(5000))
    clip = decode(WAV + unknown + WAV, rate=16_000)
    assert clip.seconds == pytest.approx(4.0, abs=0.1)
    (note,) = clip.notes
    assert "3 recordings" in note and "number 2" in note and "4.0 s" in note


def test_a_last_part_that_is_cut_off_is_named():
    clip = decode(WAV + wav_header(len(PCM), rate=8_000) + PCM[:20_000], rate=16_000)
    (note,) = clip.notes
    assert "2 of 2" in note and "cut off" in note


# --- what is no recording -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", "Git LFS pointer.*Run `git lfs pull`"),
        (b"<!DOCTYPE html><html><body>404</body></html>", "is a web page"),
        (b"\n <html lang='en'><head></head></html>", "is a web page"),
        (b"Rar!\x1a\x07\x01\0" + bytes(99), "is a RAR archive"),
        (b"Rar!\x1a\x07\0" + bytes(99), "is a RAR archive"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(99), "is a 7z archive"),
        (b"#!SILK_V3" + bytes(99), "is a SILK voice message"),
        (b"\x02#!SILK_V3" + bytes(99), "is a SILK voice message"),
        (b"\x03ds2" + bytes(600), "is a DS2 dictation"),
        (b"%PDF-1.7\n" + bytes(99), "is a PDF"),
        (b"MThd\0\0\0\6" + bytes(99), "is a MIDI file"),
        (b"\0\x05\x16\x07\0\x02\0\0" + bytes(99), "companion file that macOS keeps"),
        (b"../../.git/annex/objects/x/y/MD5E-s1--0.wav/MD5E-s1--0.wav", "git-annex pointer"),
        (b'{"error": "not found"}', "is a JSON text"),
        (b"#EXTM3U\nhttp://127.0.0.1/a.ts\n", "is a playlist"),
        (b"\x1f\x43\xb6\x75\x01\xff\xff" + bytes(99), "piece of a WebM recording without its beginning"),
        (M4A[: M4A.index(b"moov") - 4], "MP4 without its index"),
        (bytes(5000), "holds nothing but blanks or zeros"),
        (b"[playlist]\nFile1=http://127.0.0.1/a.mp3\n", "is a playlist"),
    ],
)
def test_what_is_no_recording_is_named_for_what_it_is(data, words):
    with pytest.raises(AudioError, match=f"^The recording .*{words}"):
        decode(data)


def test_a_playlist_reaches_neither_a_file_nor_a_server(tmp_path):
    secret = tmp_path / "secret.wav"
    secret.write_bytes(WAV)
    asked = []

    class Server(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(WAV)

        do_HEAD = do_GET  # noqa: N815

    server = HTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/voice.wav"
    try:
        for target in (str(secret), secret.as_uri(), url):
            playlists = [
                f"#EXTM3U\n#EXTINF:2,\n{target}\n",
                f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{target}\n#EXT-X-ENDLIST\n",
                f"ffconcat version 1.0\nfile '{target}'\n",
                f"[playlist]\nFile1={target}\n",
                f"<?xml version='1.0'?><MPD><Period><BaseURL>{target}</BaseURL></Period></MPD>",
                f"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=audio {server.server_port} RTP/AVP 0\n",
                f"[Reference]\nRef1={target}\n",
                f"RTSPtext\r\n{target}\r\n",
                f"\n\n{target}\n",
            ]
            for text in playlists:
                for data in (text.encode(), b"\xef\xbb\xbf" + text.encode(), ID3 + text.encode()):
                    for name in ("list.m3u8", "clip.wav", "list.mpd", "list.sdp"):
                        path = tmp_path / name
                        path.write_bytes(data)
                        with pytest.raises(AudioError):
                            decode(path)
        assert asked == []
    finally:
        server.shutdown()


def test_only_demuxers_of_the_table_are_opened(monkeypatch):
    opened = []
    real = av.open

    def spy(file, *args, **options):
        opened.append(options.get("format"))
        assert not isinstance(file, str | Path)
        return real(file, *args, **options)

    monkeypatch.setattr(av, "open", spy)
    for data in (*FORMATS.values(), *HEADERS.values()):
        decode(data)
    known = {row.demuxer for row in formats.FORMATS}
    assert opened and set(opened) <= known
    assert not known & {"hls", "concat", "dash", "sdp", "rtsp", "image2", "applehttp", "tedcaptions"}


def test_the_documentation_lists_the_table():
    words = (Path(__file__).parents[3] / "docs" / "recordings.md").read_text("utf-8")
    listed = " ".join(words.split())
    assert [row.name for row in formats.FORMATS if row.name not in listed] == []


# --- what people reported -------------------------------------------------------------------------------------------

REPORTED = {
    "joined/B_wav_chunks_each_with_header.wav": 5.12,
    "joined/C_mp3_concat_xing.mp3": 10.24,
    "joined/D_ogg_opus_chained.opus": 10.24,
    "tracks/F_tracks_silent_first.mp4": 5.12,
    "sentences/B_wav_int32_small_values.wav": 5.12,
    "sentences/B_wav_lfs_pointer.wav": "is a Git LFS pointer.*git lfs pull",
    "sentences/B_wav_html_page.wav": "is a web page",
}
NOTED = {"tracks/F_tracks_silent_first.mp4": "track 2", "sentences/B_wav_int32_small_values.wav": "scaled up"}


def test_reported_recordings(cases):
    folders = ("joined", "formats", "before_the_sound", "headers", "tracks", "sentences")
    paths = [path for folder in folders for path in sorted((cases / folder).iterdir())]
    assert len(paths) >= 24
    for path in paths:
        name = path.relative_to(cases).as_posix()
        wanted = REPORTED.get(name, 5.12)
        if isinstance(wanted, str):
            with pytest.raises(AudioError, match=wanted):
                decode(path)
            continue
        clip = decode(path, rate=16_000)
        assert clip.seconds == pytest.approx(wanted, abs=0.15), name
        assert NOTED.get(name, "") in " ".join(clip.notes), name
        assert bool(clip.notes) == (name in NOTED), name
