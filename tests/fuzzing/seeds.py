"""Small files that can be answered, from which mutated ones are made: one of each format, and zips of them."""

import io
import zipfile
from pathlib import Path

import numpy as np

from tests.helpers import sounds

_RATE = 16_000
_RECORDINGS = Path(__file__).parents[1] / "recordings"
_SNDFILE = (
    *("WAV PCM_16", "WAV PCM_U8", "WAV PCM_24", "WAV FLOAT", "WAV ULAW", "WAV IMA_ADPCM", "WAV MS_ADPCM"),
    *("WAVEX PCM_24", "RF64 PCM_16", "W64 PCM_16", "AIFF PCM_16", "AIFF FLOAT", "AU PCM_16", "CAF PCM_16"),
    *("CAF ALAC_16", "NIST PCM_16", "VOC PCM_16", "IRCAM PCM_16", "FLAC PCM_16", "OGG VORBIS", "OGG OPUS"),
    "MP3 MPEG_LAYER_III",
)  # fmt: skip
_FFMPEG = (
    *("ipod aac", "ipod alac", "mp4 aac", "mov pcm_s16be", "3gp aac", "webm libopus", "matroska flac", "adts aac"),
    *("latm aac", "mp2 mp2", "ac3 ac3", "eac3 eac3", "wv wavpack", "tta tta", "asf wmav2", "avi pcm_s16le"),
    *("mpeg mp2", "mpegts aac", "ogg flac", "flv aac"),
)  # fmt: skip


def seeds() -> dict[str, bytes]:
    """Name → file; each is under 70 kB and has 0.7 s of a voice-like sound, those of tests/recordings up to 4 s."""
    voice = sounds.voice(0.7, _RATE, pause=0.05)
    stereo = np.stack([voice, 0.5 * voice], axis=1)
    files = {name: sounds.file(voice, _RATE, *name.split()) for name in _SNDFILE}
    files |= {f"{name} stereo": sounds.file(stereo, _RATE, *name.split()) for name in ("WAV PCM_16", "FLAC PCM_16")}
    for name in _FFMPEG:
        container, codec = name.split()
        rate = 48_000 if codec in ("ac3", "eac3", "libopus") else 44_100 if container == "flv" else _RATE
        files[name] = sounds.ffmpeg_file(sounds.voice(0.7, rate, pause=0.05), rate, container, codec)
    browser, fragments = sounds.voice(0.7, 48_000, pause=0.05), {"movflags": "frag_keyframe+empty_moov"}
    files["mp4 in fragments"] = sounds.ffmpeg_file(voice, _RATE, "mp4", "aac", **fragments)
    files["webm of a browser"] = sounds.ffmpeg_file(browser, 48_000, "webm", "libopus", live="1")
    files["mp3 without a header"] = sounds.ffmpeg_file(voice, _RATE, "mp3", "libmp3lame", write_xing="0")
    files["two wav"] = 2 * files["WAV PCM_16"]
    files |= {path.name: path.read_bytes() for path in sorted(_RECORDINGS.iterdir()) if path.is_file()}
    files["zip"] = zipped({"a.wav": files["WAV PCM_16"], "b/c.flac": files["FLAC PCM_16"], "notes.txt": b"hello"})
    files["zip in a zip"] = zipped({"inner.zip": files["zip"], "d.mp3": files["MP3 MPEG_LAYER_III"]})
    return files


def zipped(files: dict[str, bytes]) -> bytes:
    """A zip of files, given by their names."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()
