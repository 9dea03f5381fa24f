"""Bytes or a path become a `Waveform`: the single gate for audio. What passes it needs no second check.

What is read: WAV (8, 16, 24, 32 bit, float), FLAC, OGG, Opus, MP3 and AIFF with libsndfile; M4A, AAC, WebM and MP4
with FFmpeg's libraries, which also take those few WAV, FLAC and MP3 files whose header does not say how long they
are. The first bytes decide which it is, never the file's name, and only these kinds reach a decoder: FFmpeg left to
guess would take a text for a playlist and open the addresses in it.

What comes out: mono (the mean of the channels) float32 samples, all finite, half a second to ten minutes long, at
the rate asked for. A file is decoded, mixed and resampled block by block, so that what is held in memory is the
result, however many channels the file has.

What cannot be used is an `AudioError` with a sentence that says what was given, what is needed and what to do.
"""

import io
import os
import struct
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import numpy as np
import soundfile
import soxr

from ser.errors import AudioError

MIN_SECONDS = 0.5
MAX_SECONDS = 600
MIN_RATE = 8_000
MAX_RATE = 192_000
TARGET_LEVEL = -26.0
"""dBFS of the active part that `decode(levelled=True)` brings every clip to: the nominal speech level of ITU-T
P.56 and G.191, which leaves room for the peaks of speech."""
SILENCE_LEVEL = -70.0
"""dBFS under which a clip counts as digital silence: the quietest voice in RAVDESS is at -60 dBFS."""

FRAME_SECONDS = 0.025
ACTIVE_RANGE = 20.0
"""dB below its loudest frames down to which a frame counts as active. Measured on 120 RAVDESS clips: white noise 20 dB
under the voice moves the level by 0.1 dB with this range, but by 1.8 dB with 25 and 3.5 with 30: pauses then count."""

_HALF_A_SECOND_MORE = 0.5  # An encoder's padding must not make a ten-minute clip too long.
_CUT_SECONDS = 0.1  # Encoders' delays and padding stay under this; a file that lacks more was cut.
_MAX_PEAK = 100.0  # Float files may pass full scale (1.0), but 40 dB above it is not audio in floats any more.
_BLOCK_VALUES = 1 << 18  # Samples times channels decoded at once: 1 MB.
_FORMATS = "WAV, FLAC, OGG, Opus, MP3, AIFF, M4A, AAC, WebM or MP4"


@dataclass(frozen=True)
class Waveform:
    """A clip that passed the gate.

    Attributes:
        samples: float32 of shape (n,), mono, finite; within ±1 unless the file was a float file or was levelled.
        rate: sampling rate in Hz of `samples`.
        name: the file's name, or "recording".
        level: RMS of the active part in dBFS as recorded, before levelling (0 dBFS: a square wave at full scale).
        peak: largest absolute sample of any channel as recorded; 1 is full scale.
        clipped: share (0 to 1) of the file's samples in runs of at least three that stand at full scale.
        native_rate: the file's sampling rate in Hz.
        channels: the file's channels.
        format: "WAV", "FLAC", "OGG", "OPUS", "MP3", "AIFF", "AAC", …
    """

    samples: np.ndarray
    rate: int
    name: str
    level: float
    peak: float
    clipped: float
    native_rate: int
    channels: int
    format: str

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return len(self.samples) / self.rate

    def window(self, start: float, end: float) -> "Waveform":
        """Cut a part out.

        Args:
            start: seconds from the beginning, at least 0.
            end: seconds from the beginning; past the clip's end means the clip's end.

        Returns:
            The part (a view, not a copy) with the whole clip's level, peak and other particulars.
        """
        return replace(self, samples=self.samples[round(start * self.rate) : round(end * self.rate)])


def decode(
    source: bytes | str | os.PathLike[str] | BinaryIO,
    *,
    rate: int | None = None,
    levelled: bool = False,
    name: str | None = None,
) -> Waveform:
    """Decode a clip, or say in a sentence why it cannot be used.

    Resampling is band-limited (libsoxr, "HQ") and happens only where the rates differ: a 48 kHz PCM16 file asked
    for at 48 kHz is exactly libsndfile's samples.

    Args:
        source: the file's bytes, its path, or an open binary file (which stays open).
        rate: sampling rate in Hz to resample to; None keeps the file's own.
        levelled: remove the mean and bring the RMS of the active part to `TARGET_LEVEL`, so that how far a
            microphone is turned up changes nothing: clips that differ by a gain only come out equal.
        name: what to call the clip; by default the file's name, or "recording".

    Returns:
        The waveform.

    Raises:
        AudioError: the source is missing, a folder, unreadable, empty, not audio, a video without sound, cut off or
            damaged, sampled outside 8 to 192 kHz, without samples, shorter than 0.5 s, longer than 10 minutes, silent,
            or holds values that are not finite or far beyond full scale. No other exception leaves for any bytes.

    Example:
        >>> tone = 0.1 * np.sin(2 * np.pi * 200 * np.arange(44100) / 44100)
        >>> file = io.BytesIO()
        >>> soundfile.write(file, tone, 44100, format="FLAC")
        >>> clip = decode(file.getvalue(), rate=16000)
        >>> clip.format, clip.seconds, clip.native_rate, round(clip.level, 1)
        ('FLAC', 1.0, 44100, -23.0)
    """
    with ExitStack() as stack:
        file = stack.enter_context(_opened(source, name))
        track = _open_track(file, stack)
        if not MIN_RATE <= track.rate <= MAX_RATE:
            raise file.error(
                f"is sampled at {track.rate} Hz; 8000 to 192000 Hz can be used. Record it at 16000 Hz or more."
            )
        if track.seconds is not None and track.seconds > MAX_SECONDS + _HALF_A_SECOND_MORE:
            raise _too_long(file, track.seconds)
        return _finish(file, track, rate or track.rate, levelled)


def wav_bytes(waveform: Waveform) -> bytes:
    """Write a waveform as a WAV file that any player takes.

    Args:
        waveform: any waveform; one whose samples pass full scale is turned down until they fit.

    Returns:
        A mono PCM16 WAV file at the waveform's rate.

    Example:
        >>> clip = Waveform(np.zeros(16000, np.float32), 16000, "silence", -90.0, 0.0, 0.0, 16000, 1, "WAV")
        >>> len(wav_bytes(clip))
        32044
    """
    samples = waveform.samples / max(1.0, float(np.abs(waveform.samples).max(initial=0.0)))
    # By 32768, as libsndfile divides when it reads: PCM16 comes back bit for bit.
    integers = np.clip(np.rint(samples * 32768), -32768, 32767).astype(np.int16)
    file = io.BytesIO()
    soundfile.write(file, integers, waveform.rate, format="WAV", subtype="PCM_16")
    return file.getvalue()


def frame_powers(samples: np.ndarray, rate: int) -> np.ndarray:
    """Power of a signal in consecutive frames of 25 ms, without each frame's mean.

    Args:
        samples: shape (n,), n at least one frame.
        rate: sampling rate in Hz.

    Returns:
        Float64 of shape (n // frame length,): variance of each frame (1: a square wave at full scale).
    """
    size = round(FRAME_SECONDS * rate)
    frames = samples[: len(samples) // size * size].reshape(-1, size)
    squares = np.einsum("ij,ij->i", frames, frames, dtype=np.float64) / size
    # A cheap sound card's constant offset is not loudness.
    return np.maximum(squares - frames.mean(axis=1, dtype=np.float64) ** 2, 0.0)


def active_frames(powers: np.ndarray) -> np.ndarray:
    """Tell the frames in which something is said from pauses and silence.

    A frame is active within `ACTIVE_RANGE` of the loudest frames. Only ratios count, so the answer is the same at any
    gain.

    Args:
        powers: shape (frames,), as `frame_powers` gives them.

    Returns:
        Bool of shape (frames,).
    """
    return powers >= _loudest(powers) * 10 ** (-ACTIVE_RANGE / 10)


def active_level(samples: np.ndarray, rate: int) -> float:
    """RMS of the active part of a signal; a frame louder than the loudest that count (a click) counts as those.

    Args:
        samples: shape (n,), n at least one frame of 25 ms.
        rate: sampling rate in Hz.

    Returns:
        dBFS; -200 for digital zeros.
    """
    powers = frame_powers(samples, rate)
    # The click of the mouse that starts a recording would otherwise raise the level by up to 10 dB.
    return float(10 * np.log10(np.minimum(powers, _loudest(powers))[active_frames(powers)].mean() + 1e-20))


def at_target_level(samples: np.ndarray, rate: int) -> np.ndarray:
    """Bring a signal's active part to `TARGET_LEVEL` and its mean to zero.

    Args:
        samples: float32 of shape (n,), n at least one frame of 25 ms, not all zeros.
        rate: sampling rate in Hz.

    Returns:
        Float32 of shape (n,); the same at any gain.
    """
    gain = np.float32(10 ** ((TARGET_LEVEL - active_level(samples, rate)) / 20))
    return (samples - samples.mean(dtype=np.float64).astype(np.float32)) * gain


def _loudest(powers: np.ndarray) -> float:
    """Power of the fifth loudest frame: a tenth of a second may be louder, so that no click decides.

    Not more, because a short word is no longer than a quarter of a second.
    """
    rank = min(5, len(powers))
    return np.partition(powers, -rank)[-rank]


# --- what was given -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _File:
    """An open file; without an attribute `name`, by whose ending libsndfile and FFmpeg would let themselves be led."""

    label: str
    size: int
    read: Callable[[int], bytes]
    seek: Callable[..., int]
    tell: Callable[[], int]

    def at(self, offset: int, count: int) -> bytes:
        self.seek(offset)
        return self.read(count)

    def error(self, what: str) -> AudioError:
        return AudioError(f"{'The recording' if self.label == 'recording' else self.label} {what}")


@contextmanager
def _opened(source: bytes | str | os.PathLike[str] | BinaryIO, name: str | None) -> Iterator[_File]:
    with ExitStack() as stack:
        if isinstance(source, (bytes, bytearray, memoryview)):
            stream = io.BytesIO(source)
        elif isinstance(source, (str, os.PathLike)):
            stream = stack.enter_context(_open_path(Path(source)))
        else:
            stream = source if source.seekable() else io.BytesIO(source.read())
        given = getattr(stream, "name", None)
        label = name or (Path(given).name if isinstance(given, str) else "") or "recording"

        def seek(offset: int, whence: int = os.SEEK_SET) -> int:
            # A damaged header sends libsndfile before the file's beginning; raising there would print a traceback.
            with suppress(ValueError, OSError):
                stream.seek(offset, whence)
            return stream.tell()

        file = _File(label, seek(0, os.SEEK_END), stream.read, seek, stream.tell)
        if file.size == 0:
            raise file.error("is empty (0 bytes). Record it again or choose another clip.")
        yield file


def _open_path(path: Path) -> BinaryIO:
    try:
        if path.is_dir():
            raise AudioError(f"{path} is a folder; an audio file is needed. Name the files in it.")
        if path.exists() and not path.is_file():  # a pipe would wait for ever
            raise AudioError(
                f"{path} is not an ordinary file; an audio file is needed. Save the sound to a file first."
            )
        return path.open("rb")
    except FileNotFoundError:
        raise AudioError(f"There is no file {path}. Check the path and its spelling.") from None
    except PermissionError:
        raise AudioError(f"{path} may not be read by this user. Change its permissions or copy it.") from None
    except (OSError, ValueError) as bad:
        raise AudioError(f"{str(path)!r} cannot be opened ({bad}). Check the path.") from bad


# --- what kind of file it is ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Track:
    """The audio of a file, about to be decoded.

    Attributes:
        rate: sampling rate in Hz.
        channels: how many.
        format: for `Waveform.format`.
        seconds: the length that the file announces; None where it announces none.
        blocks: float32 arrays of shape (frames, channels).
    """

    rate: int
    channels: int
    format: str
    seconds: float | None
    blocks: Iterator[np.ndarray]


def _kind(head: bytes) -> str | None:
    """Name a file's kind from its first bytes; None for whatever is not audio."""
    if head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE":
        return "WAV"
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return "AIFF"
    if head[4:8] in (b"ftyp", b"styp", b"moov", b"mdat", b"wide"):
        return "MP4"
    for magic, kind in ((b"fLaC", "FLAC"), (b"OggS", "OGG"), (b"\x1a\x45\xdf\xa3", "WebM"), (b"ID3", "MP3")):
        if head.startswith(magic):
            return kind
    if len(head) > 2 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:  # an MPEG frame's synchronising bits
        if head[1] & 0x06 == 0x02:
            return "MP3"
        if head[1] & 0xF6 == 0xF0:
            return "AAC"
    return None


def _open_track(file: _File, stack: ExitStack) -> _Track:
    kind = _kind(file.at(0, 16))
    if kind is None:
        raise file.error(f"is not audio, whatever its name says. Choose a {_FORMATS} file.")
    if kind in ("MP4", "WebM", "AAC"):
        return _open_with_ffmpeg(file, kind, stack)
    if kind == "OGG" and _last_ogg_page_is_cut(file):
        raise _damaged(file, kind)
    if (kind == "WAV" and _wav_is_unfinished(file)) or (kind == "MP3" and not _mp3_tells_its_length(file)):
        return _open_with_ffmpeg(file, kind, stack)
    return _open_with_libsndfile(file, kind, stack)


class _ForwardSoundFile(soundfile.SoundFile):
    """Reads on and on. A file that can seek is made to after every block, and an MP3 then loses its place."""

    def seekable(self) -> bool:
        return False


def _open_with_libsndfile(file: _File, kind: str, stack: ExitStack) -> _Track:
    # libsndfile bends the length of a cut WAV or AIFF to what is there; the header tells what should be.
    announced = {"WAV": _wav_seconds, "AIFF": _aiff_seconds}.get(kind, lambda _: None)(file)
    file.seek(0)  # from here on the position is libsndfile's
    try:
        sound = stack.enter_context(_ForwardSoundFile(file))
    except soundfile.LibsndfileError:
        if kind == "WAV":  # with a codec inside that libsndfile does not know
            return _open_with_ffmpeg(file, kind, stack)
        raise _damaged(file, kind) from None
    if sound.frames > 1 << 62:  # a FLAC that was written to a pipe
        return _open_with_ffmpeg(file, kind, stack)

    def blocks() -> Iterator[np.ndarray]:
        count = max(1, _BLOCK_VALUES // sound.channels)
        try:
            while len(block := sound.read(count, dtype="float32", always_2d=True)):
                yield block
        except soundfile.LibsndfileError:
            raise _damaged(file, kind) from None

    seconds = max(announced or 0.0, sound.frames / sound.samplerate)
    return _Track(
        rate=sound.samplerate,
        channels=sound.channels,
        format="OPUS" if sound.subtype == "OPUS" else kind,
        seconds=seconds,
        blocks=blocks(),
    )


def _open_with_ffmpeg(file: _File, kind: str, stack: ExitStack) -> _Track:
    import av  # here, because it costs 0.1 s that a WAV need not wait for

    broken = (av.FFmpegError, ValueError)  # ValueError: the rate or layout changes half-way
    file.seek(0)
    # The demuxer is named, never guessed: a playlist in disguise could make FFmpeg open other files.
    demuxer = {"MP4": "mp4", "WebM": "matroska"}.get(kind, kind.lower())
    try:
        container = stack.enter_context(av.open(file, format=demuxer, metadata_errors="ignore"))
    except broken:
        raise _damaged(file, kind) from None
    if not container.streams.audio:
        what = "a video without an audio track" if container.streams.video else "a file without an audio track"
        raise file.error(f"is {what} ({kind}). Choose one that has sound.")
    stream = container.streams.audio[0]
    seconds = None
    if kind == "MP4" and stream.duration:
        seconds = float(stream.duration * stream.time_base)
    elif kind == "WebM" and container.duration and len(container.streams) == 1:
        seconds = container.duration / av.time_base
    to_floats = av.AudioResampler(format="fltp")

    def blocks() -> Iterator[np.ndarray]:
        try:
            for frame in container.decode(stream):
                for part in to_floats.resample(frame):
                    yield part.to_ndarray().T
        except broken:
            raise _damaged(file, kind) from None

    # HE-AAC doubles its rate when decoding begins: only a decoded frame tells the truth.
    decoded = blocks()
    first = next(decoded, None)
    if first is None:
        raise _no_samples(file)

    def again() -> Iterator[np.ndarray]:
        yield first
        yield from decoded

    codec = stream.codec_context
    return _Track(
        rate=codec.sample_rate,
        channels=first.shape[1],
        format=codec.codec.canonical_name.upper() if kind in ("MP4", "WebM") else kind,
        seconds=seconds,
        blocks=again(),
    )


# --- what headers announce ------------------------------------------------------------------------------------------


def _chunks(file: _File, order: str) -> Iterator[tuple[bytes, int, int]]:
    """Walk the chunks of a WAV ("<") or AIFF (">"): identifier, announced size, offset of the content."""
    offset = 12
    for _ in range(1000):  # a file of nothing but empty chunks must not keep a visitor waiting
        head = file.at(offset, 8)
        if len(head) < 8:
            return
        identifier, size = struct.unpack(f"{order}4sI", head)
        yield identifier, size, offset + 8
        offset += 8 + size + size % 2


def _stands_for_unknown(size: int) -> bool:
    """Whether a chunk size is one of those that programs write before they know: nearly 2 GiB or nearly 4 GiB."""
    return abs(size - (1 << 31)) <= 1 << 16 or size >= (1 << 32) - (1 << 16)


def _wav_is_unfinished(file: _File) -> bool:
    """Whether a WAV was streamed: its sizes were to be filled in at the end and never were."""
    (whole,) = struct.unpack("<I", file.at(4, 4))
    for identifier, size, start in _chunks(file, "<"):
        if identifier == b"data":
            # A recorder's empty WAV also says 0, but there the size of the whole file is true.
            return size == 0 and file.size > start and whole + 8 != file.size
    return False


def _wav_seconds(file: _File) -> float | None:
    bytes_per_second = 0
    for identifier, size, start in _chunks(file, "<"):
        if identifier == b"fmt ":
            form = file.at(start, 16)
            if len(form) == 16:
                tag, channels, rate, bytes_per_second, _, bits = struct.unpack("<HHIIHH", form)
                if tag in (0x0001, 0x0003, 0xFFFE):  # PCM, float: what they need is certain, the field may lie
                    bytes_per_second = rate * channels * (bits // 8)
        elif identifier == b"data":
            known = bytes_per_second and not _stands_for_unknown(size)
            return size / bytes_per_second if known else None
    return None


def _aiff_seconds(file: _File) -> float | None:
    for identifier, _, start in _chunks(file, ">"):
        common = file.at(start, 18)
        if identifier == b"COMM" and len(common) == 18:
            # The rate is an 80-bit float; rates are positive, so its sign can be left out.
            frames, exponent, mantissa = struct.unpack(">2xI2xHQ", common)
            rate = mantissa * 2.0 ** (exponent - 16383 - 63) if exponent < 16383 + 63 else 0.0
            return frames / rate if rate else None
    return None


def _mp3_tells_its_length(file: _File) -> bool:
    """Whether an MP3 opens with a table of contents; without one libsndfile guesses the length and stops there."""
    head = file.at(0, 10)
    start = 0
    if head[:3] == b"ID3" and len(head) == 10:
        # Four times seven bits, so that the size cannot look like an MPEG frame.
        start = 10 + sum((byte & 0x7F) << shift for byte, shift in zip(head[6:], (21, 14, 7, 0), strict=True))
    first = file.at(start, 256)
    return any(mark in first for mark in (b"Xing", b"Info", b"VBRI"))


def _last_ogg_page_is_cut(file: _File) -> bool:
    """Whether an OGG stops in the middle of a page (at most 65,307 bytes); libsndfile passes over this in silence."""
    tail = file.at(max(0, file.size - (1 << 17)), 1 << 17)
    page = tail[tail.rfind(b"OggS") :]
    if len(page) < 27 or len(page) < 27 + page[26]:
        return True
    return len(page) < 27 + page[26] + sum(page[27 : 27 + page[26]])


# --- from blocks to a waveform --------------------------------------------------------------------------------------


def _finish(file: _File, track: _Track, rate: int, levelled: bool) -> Waveform:
    resampler = soxr.ResampleStream(track.rate, rate, 1, dtype="float32", quality="HQ") if rate != track.rate else None
    parts: list[np.ndarray] = []
    count = held = 0
    peak = 0.0
    for block in track.blocks:
        highest = float(np.abs(block).max(initial=0.0))
        if not np.isfinite(highest):
            raise file.error("holds values that are not numbers (NaN or infinite). Export it again.")
        if highest > _MAX_PEAK:
            raise file.error(
                f"reaches {highest:.3g}, but float audio lies within ±1. Scale it down and export it again."
            )
        peak = max(peak, highest)
        held += _held_at_full_scale(block, lossy=track.format in ("OGG", "OPUS", "MP3", "AAC"))
        count += len(block)
        if count > (MAX_SECONDS + _HALF_A_SECOND_MORE) * track.rate:
            raise _too_long(file, None)
        mono = block.mean(axis=1) if block.shape[1] > 1 else block[:, 0]
        parts.append(resampler.resample_chunk(mono) if resampler else mono)
    if track.seconds is not None and count / track.rate < track.seconds - _CUT_SECONDS:
        raise file.error(
            f"is cut off: it announces {track.seconds:.1f} s of sound and holds {count / track.rate:.1f} s. "
            "Copy, export or record it again."
        )
    if count == 0:
        raise _no_samples(file)
    if count < MIN_SECONDS * track.rate:
        raise file.error(
            f"is {count * 100 // track.rate / 100:.2f} s long; at least {MIN_SECONDS:g} s is needed. "
            "Record a longer one."
        )
    if resampler:
        parts.append(resampler.resample_chunk(np.empty(0, np.float32), last=True))
    samples = np.concatenate(parts)
    level = active_level(samples, rate)
    if level < SILENCE_LEVEL:
        if track.channels > 1 and 20 * np.log10(peak + 1e-10) > SILENCE_LEVEL + 20:
            raise file.error("is silent once its channels are mixed: they cancel out. Export one channel only.")
        raise file.error(
            f"is silent (level {max(level, -100):.0f} dBFS; speech needs {SILENCE_LEVEL:.0f} dBFS or more). "
            "Check that the microphone is on and record it again."
        )
    return Waveform(
        samples=at_target_level(samples, rate) if levelled else samples,
        rate=rate,
        name=file.label,
        level=level,
        peak=peak,
        clipped=held / (count * track.channels),
        native_rate=track.rate,
        channels=track.channels,
        format=track.format,
    )


def _held_at_full_scale(block: np.ndarray, *, lossy: bool) -> int:
    """Count the values in runs of at least three at full scale; one or two there are a loud peak, not clipping."""
    # 8 bits end at 0.992. Floats may lawfully pass 1: what was cut is flat besides, unless lossy coding made it ripple.
    full = np.abs(block) >= (0.999 if lossy else 0.99)
    if not full.any():
        return 0
    run = full[2:] & full[1:-1] & full[:-2]
    if not lossy:
        same = block[1:] == block[:-1]
        run &= same[1:] & same[:-1]
    held = np.zeros_like(full)
    for offset in range(3):
        held[offset : len(held) - 2 + offset] |= run
    return int(held.sum())


def _damaged(file: _File, kind: str) -> AudioError:
    return file.error(f"begins as {kind} but is cut off or damaged. Copy, export or record it again.")


def _no_samples(file: _File) -> AudioError:
    return file.error("holds no sound (0 samples). Record it again and speak before you stop.")


def _too_long(file: _File, seconds: float | None) -> AudioError:
    most = f"{MAX_SECONDS // 60} min"
    length = f"more than {most}" if seconds is None else "{} min {} s".format(*divmod(round(seconds), 60))
    return file.error(f"is {length} long; at most {most} can be used. Cut out the part you need.")
