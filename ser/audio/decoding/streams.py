"""Decodes a part of a file into blocks of samples, with libsndfile or with FFmpeg's libraries (PyAV), in memory.

libsndfile reads plain formats bit for bit and quickly. FFmpeg reads all others, and the files on which libsndfile
fails. FFmpeg always gets a demuxer from the table of formats and never guesses one.
"""

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import soundfile

from ser.audio.containers.part import Part
from ser.audio.containers.parts import cut_off, damaged
from ser.audio.containers.reader import ByteReader, spliced
from ser.errors import AudioError

if TYPE_CHECKING:
    import av  # imported where it is used, because that takes 0.1 s

BLOCK_VALUES = 1 << 18  # Samples times channels decoded at once: 1 MB.
_LOSSLESS = frozenset(("WAV", "W64", "AIFF", "AU", "SPHERE", "FLAC", "ALAC", "WavPack", "TTA", "VOC", "IRCAM"))
# Containers whose files are called by their codec.
_BY_CODEC = frozenset(("MP4", "WebM", "OGG", "CAF", "ASF", "AVI", "FLV", "MPEG-PS", "MPEG-TS"))
_MANY_PACKETS, _FEWEST_SAMPLES = 4000, 8
_PROTECTED = ("drms", "enca", "aavd")


class DecodingError(AudioError):
    """No decoder can begin with a part; the others of its file may still be read."""


@dataclass
class Stream:
    """A part that is being decoded.

    Attributes:
        format: "WAV", "OPUS", "AAC", …
        blocks: (sampling rate, float32 samples of shape (n, channels)).
        seconds: the length that its headers announce; None where it is not known.
        tracks: names of the audio tracks, in the file's order.
        track: index of this one.
        broken: "" until the blocks are used up and if all went well; "cut" if it stops before its end, "damaged" if
            something in it could not be read, "unreadable" if that was most of it.
    """

    format: str
    blocks: Iterator[tuple[int, np.ndarray]]
    seconds: float | None = None
    tracks: tuple[str, ...] = ("",)
    track: int = 0
    broken: str = field(default="", init=False)

    @property
    def lossy(self) -> bool:
        """Whether its coding changes samples, so that clipping ripples."""
        return self.format not in _LOSSLESS and not self.format.startswith("PCM")


def open_part(
    file: ByteReader, part: Part, stack: ExitStack, *, track: int | None = None, sndfile: bool = True
) -> Stream:
    """Begin to decode a part; what is opened is closed with `stack`.

    `track` is the index of the audio track, None for the default one. Without `sndfile`, libsndfile is not tried.
    Raises a `DecodingError` if the part has no sound or no decoder can read it.
    """
    if part.sndfile and sndfile:
        with suppress(soundfile.LibsndfileError):  # a codec that it does not know
            return _open_with_sndfile(file, part, stack)
    return _open_with_ffmpeg(file, part, stack, track)


class _ForwardSoundFile(soundfile.SoundFile):
    """Reads without seeking. libsndfile seeks after every block if it can, and then loses its position in an MP3."""

    def seekable(self) -> bool:
        return False


def _open_with_sndfile(file: ByteReader, part: Part, stack: ExitStack) -> Stream:
    sound = stack.enter_context(_ForwardSoundFile(spliced(file, part.spans)))

    def blocks() -> Iterator[tuple[int, np.ndarray]]:
        count = max(1, BLOCK_VALUES // sound.channels)
        width = {"PCM_S8": 1, "PCM_16": 2, "PCM_24": 3}.get(sound.subtype, 0) if part.md5 else 0
        digest = hashlib.md5(usedforsecurity=False)
        left = sound.frames if width else 1 << 62  # asked for more, libsndfile stumbles over bytes behind a FLAC
        try:
            while left and len(block := sound.read(min(count, left), dtype="float32", always_2d=True)):
                left -= len(block)
                if width:
                    integers = np.rint(block * 2.0 ** (8 * width - 1)).astype("<i4")
                    digest.update(integers.view(np.uint8).reshape(-1, 4)[:, :width].tobytes())
                yield sound.samplerate, block
        except soundfile.LibsndfileError:
            stream.broken = "damaged"
        if width and digest.digest() != part.md5:
            stream.broken = "damaged"  # libsndfile mutes what it cannot read, and says nothing

    known = part.format.name != "OGG" and sound.frames < 1 << 62
    stream = Stream(
        format="OPUS" if sound.subtype == "OPUS" else part.format.name,
        blocks=blocks(),
        seconds=max(part.seconds or 0.0, sound.frames / sound.samplerate if known else 0.0) or None,
    )
    return stream


def _open_with_ffmpeg(file: ByteReader, part: Part, stack: ExitStack, track: int | None) -> Stream:
    import av  # here, because it costs 0.1 s that a WAV need not wait for

    name = part.format.name
    try:
        container = av.open(spliced(file, part.spans), "r", format=part.format.demuxer, metadata_errors="ignore")
        stack.enter_context(container)
    except (av.FFmpegError, ValueError):
        raise DecodingError(str((cut_off if part.cut else damaged)(file, part.format))) from None
    if not container.streams.audio:
        what = "a video without an audio track" if container.streams.video else "a file without an audio track"
        raise DecodingError(str(file.error(f"is {what} ({name}). Choose one that has sound.")))
    tracks = [each for each in container.streams.audio if each.codec_context is not None]
    if not tracks or all(_is_protected(each.codec_context) for each in tracks):
        what = "sound that is protected against copying" if tracks else "sound in a coding that cannot be read"
        raise DecodingError(str(file.error(f"holds {what} ({name}). Save it as WAV or MP3.")))
    chosen = _default(tracks) if track is None else min(track, len(tracks) - 1)
    source = tracks[chosen]
    codec = source.codec_context
    seconds = part.seconds
    if name == "MP4" and source.duration and source.time_base:
        seconds = float(source.duration * source.time_base)
    elif name == "WebM" and container.duration and len(container.streams) == 1:
        seconds = container.duration / av.time_base
    stream = Stream(
        format=codec.codec.canonical_name.upper() if name in _BY_CODEC else name,
        blocks=iter(()),
        seconds=seconds,
        tracks=tuple(_title(each) for each in tracks),
        track=chosen,
    )
    stream.blocks = _ffmpeg_blocks(container, source, stream)
    return stream


def _ffmpeg_blocks(
    container: "av.container.InputContainer", source: "av.AudioStream", stream: Stream
) -> Iterator[tuple[int, np.ndarray]]:
    """Decode packet by packet, so that one damaged packet does not end it all."""
    import av

    # Packed samples, because PyAV reads past the planes of eight channels or more.
    layout, to_floats, packet = None, av.AudioResampler(format="flt"), None
    n_good, n_bad, last_bad, samples = 0, 0, False, 0
    packets = container.demux(source)
    while True:
        try:
            packet = None
            packet = next(packets, None)
            frames = [] if packet is None else packet.decode()
        except (av.FFmpegError, ValueError, IndexError):  # PyAV has no index for a track that appears half-way
            # Go on with the next packet; after an error of the container itself there is none.
            if packet is not None and stream.format.startswith("AMR") and _is_pause(packet):
                yield source.rate, np.zeros((source.rate // 50, 1), np.float32)
            else:
                n_bad, last_bad = n_bad + 1, True
            continue
        if packet is None:
            break
        n_good += bool(frames)
        samples += sum(frame.samples for frame in frames)
        if n_good >= _MANY_PACKETS and samples < _FEWEST_SAMPLES * n_good:
            n_bad = n_good + 1  # no program writes packets so short; a damaged header would have us decode for minutes
            break
        for frame in frames:
            stream.broken, last_bad = "damaged" if n_bad else "", False
            if layout != (frame.sample_rate, frame.layout.name, frame.format.name):
                layout = (frame.sample_rate, frame.layout.name, frame.format.name)
                to_floats = av.AudioResampler(format="flt")
            try:
                parts = to_floats.resample(frame)
            except (av.FFmpegError, ValueError):  # such as a damaged header's 65 channels, of which 64 can be converted
                n_good, n_bad = n_good - 1, n_bad + 1
                continue
            for part in parts:
                yield part.sample_rate, part.to_ndarray().reshape(-1, part.layout.nb_channels)
    if n_bad > n_good:
        stream.broken = "unreadable"
    elif last_bad and not stream.broken:
        stream.broken = "cut"


def _is_pause(packet: "av.Packet") -> bool:
    """Whether a packet of AMR describes a pause, which FFmpeg does not decode."""
    head = bytes(packet)[:1]
    return bool(head) and head[0] >> 3 & 15 >= 8


def _is_protected(codec: "av.CodecContext") -> bool:
    with suppress(UnicodeDecodeError):  # the tag may be any four bytes
        return codec.codec_tag in _PROTECTED
    return False


def _default(tracks: "list[av.AudioStream]") -> int:
    """Index of the track that the file calls its default one, or else 0."""
    import av

    marked = (i for i, each in enumerate(tracks) if each.disposition & av.stream.Disposition.default)
    return next(marked, 0)


def _title(track: "av.AudioStream") -> str:
    """A track's title and language, as far as the file gives them."""
    title, language = track.metadata.get("title", ""), track.language or ""
    return ", ".join(part for part in (title, language if language != "und" else "") if part)
