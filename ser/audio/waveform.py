"""Bytes or a path become a `Waveform`: the single gate for audio. What passes it needs no second check.

What is read stands in one table, `ser.audio.formats.FORMATS`; the first bytes decide, never the file's name. A file
may hold
several recordings one behind the other, with other bytes before, between and behind them and with headers that are
wrong: `ser.audio.containers` takes it apart, `ser.audio.decoders` decodes each part, and here they become one waveform.

What comes out: mono (the mean of the channels) float32 samples, all finite, half a second to ten minutes long, at
the rate asked for. A file is decoded, mixed and resampled block by block, so that what is held in memory is the
result, however many channels the file has.

What cannot be used is an `AudioError` with a sentence that says what was given, what is needed and what to do. What can
be used in part comes with a note that names the part.
"""

import io
import os
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock
from typing import BinaryIO

import numpy as np
import soundfile
import soxr

from ser.audio.activity import SILENCE_LEVEL, active_level, frame_powers
from ser.audio.containers import ByteReader, Part, split
from ser.audio.containers.parts import cut_off, damaged
from ser.audio.decoders import DecodingError, Stream, open_part
from ser.errors import AudioError

MIN_SECONDS = 0.5
MAX_SECONDS = 600
MIN_RATE = 8_000
MAX_RATE = 192_000
TARGET_LEVEL = -26.0
"""dBFS of the active part that `decode(levelled=True)` brings every clip to: the nominal speech level of ITU-T
P.56 and G.191, which leaves room for the peaks of speech."""

_UNREAD_BYTES = 1 << 16
_CAPTURED = ("MP3", "MP2")  # of radio streams, which no header counts
_BARE_HEADER, _PADDED_HEADER = 1 << 11, 1 << 13
_HALF_A_SECOND_MORE = 0.5  # An encoder's padding must not make a ten-minute clip too long.
_CUT_SECONDS = 0.1  # Encoders' delays and padding stay under this; a file that lacks more was cut.
_MAX_PEAK = 100.0  # Float files may pass full scale (1.0), but 40 dB above it is not audio in floats any more.
# Speech at a wrong scale still rises and falls; hiss that is truly so faint does not.
_LIVELY = 15.0  # dB between the 5th and the 95th percentile of its frames


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
        notes: what is to be known of how the file was read, as sentences: parts that are missing, which track it is.
        tracks: what the file's audio tracks are called, "" where it does not say.
        track: which of `tracks` this is, from 0.
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
    notes: tuple[str, ...] = ()
    tracks: tuple[str, ...] = ("",)
    track: int = 0

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
    track: int | None = None,
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
        track: which of several audio tracks, from 0; None takes the file's default track, or the first with sound
            where that is silent.

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
    with _opened(source, name) as file:
        parts = split(file)
        announced = sum(part.seconds or 0.0 for part in parts.parts)
        if announced > MAX_SECONDS + _HALF_A_SECOND_MORE:
            raise _too_long(file, announced)
        found = _read_parts(file, parts.parts, rate, track)
        if track is None and len(found.tracks) > 1:
            found = _audible_track(file, parts.parts, rate, found)
        if parts.unread > _UNREAD_BYTES:
            found.notes.append(
                f"{parts.unread / 1000:,.0f} kB behind the sound are of no known kind and were passed over."
            )
        return _finish(file, found, levelled)


class Decoder:
    """Decodes clips and keeps the last results, so that the same bytes are decoded once a sampling rate.

    A visitor has one of their own; it may be used from several threads.
    """

    def __init__(self, most: int = 2 * MAX_SECONDS * 16_000) -> None:
        """Keep results of up to so many samples together, by default 20 minutes at 16 kHz (77 MB), and at least one."""
        self._most = most
        self._kept: OrderedDict[tuple, Waveform] = OrderedDict()
        self._lock = Lock()

    def decode(
        self, source: bytes | str | os.PathLike[str], *, rate: int, name: str | None = None, track: int | None = None
    ) -> Waveform:
        """Do as `decode`, or return the waveform that it returned before; samples are shared, not copied."""
        key = (source, rate, track)
        with self._lock:
            known = self._kept.get(key)
            if known is not None:
                self._kept.move_to_end(key)
                return known if name is None else replace(known, name=name)
        waveform = decode(source, rate=rate, name=name, track=track)
        with self._lock:
            self._kept[key] = waveform
            while len(self._kept) > 1 and sum(each.samples.size for each in self._kept.values()) > self._most:
                self._kept.popitem(last=False)
        return waveform

    def forget(self) -> None:
        """Let go of everything."""
        with self._lock:
            self._kept.clear()


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


# --- what was given -------------------------------------------------------------------------------------------------


@contextmanager
def _opened(source: bytes | str | os.PathLike[str] | BinaryIO, name: str | None) -> Iterator[ByteReader]:
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

        file = ByteReader(label, seek(0, os.SEEK_END), stream.read, seek)
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


# --- from parts to a waveform ---------------------------------------------------------------------------------------


@dataclass
class _Found:
    """What came out of a file.

    Attributes:
        samples: mono, at `rate`, part by part.
        rate: sampling rate in Hz of `samples`; 0 before the first block.
        native_rate: the first part's.
        channels: the first part's.
        format: the first part's.
        tracks: of the first part.
        track: which of them this is.
        notes: sentences for `Waveform.notes`.
        peak: largest absolute value of any channel.
        held: values that stand at full scale.
        values: values in all channels.
        bits: of integer samples, of the first part; 0 for others.
    """

    samples: list[np.ndarray] = field(default_factory=list)
    rate: int = 0
    native_rate: int = 0
    channels: int = 0
    format: str = ""
    tracks: tuple[str, ...] = ("",)
    track: int = 0
    notes: list[str] = field(default_factory=list)
    peak: float = 0.0
    held: int = 0
    values: int = 0
    bits: int = 0

    @property
    def seconds(self) -> float:
        return sum(map(len, self.samples)) / self.rate if self.rate else 0.0


def _read_parts(file: ByteReader, parts: tuple[Part, ...], rate: int | None, track: int | None) -> _Found:
    """Decode all parts, one behind the other; those that cannot be read are named in a note."""
    found = _Found(rate=rate or 0)
    unread: list[int] = []
    for number, part in enumerate(parts, start=1):
        before = found.seconds
        try:
            stream = _read_part(file, part, found, track)
        except DecodingError:
            if len(parts) == 1:
                raise
            if part.size > _BARE_HEADER:
                unread.append(number)
            continue
        _judge(file, part, stream, found, before, number, len(parts))
    if unread and not found.seconds:
        raise damaged(file, parts[0].format)
    if unread:
        found.notes.append(
            f"Of {len(parts)} recordings in this file, {len(unread)} cannot be read (number "
            f"{', '.join(map(str, unread[:5]))}{', …' if len(unread) > 5 else ''}). The answer is based on the other "
            f"{found.seconds:.1f} s."
        )
    return found


def _read_part(file: ByteReader, part: Part, found: _Found, track: int | None) -> Stream:
    """Decode one part into `found`; what libsndfile fails on half-way, FFmpeg reads from the start."""
    with ExitStack() as stack:
        stream = open_part(file, part, stack, track=track)
        pieces = _take(file, part, stream, found)
        count = sum(map(len, pieces)) / found.rate if found.rate else 0.0
        short = stream.seconds is not None and count < stream.seconds - _CUT_SECONDS
        if part.sndfile and (stream.broken or (short and not part.cut)):
            with suppress(AudioError):
                second = open_part(file, part, stack, track=track, sndfile=False)
                again = _take(file, part, second, _Found(rate=found.rate, native_rate=found.native_rate))
                if sum(map(len, again)) > sum(map(len, pieces)):
                    second.seconds = stream.seconds if second.seconds is None else second.seconds
                    second.broken = second.broken or stream.broken
                    stream, pieces = second, again
        if not found.format:
            found.format, found.tracks, found.track, found.bits = stream.format, stream.tracks, stream.track, part.bits
        found.samples += pieces
        return stream


def _take(file: ByteReader, part: Part, stream: Stream, found: _Found) -> list[np.ndarray]:
    """Mix and resample a stream's blocks; returns mono pieces at `found.rate`."""
    pieces: list[np.ndarray] = []
    resampler, native, low_bits, highest_of_all, count = None, 0, False, 0.0, 0
    step = 2.0 ** (part.bits - 1)
    for its_rate, block in stream.blocks:
        if its_rate != native:
            if not MIN_RATE <= its_rate <= MAX_RATE:
                raise file.error(
                    f"is sampled at {its_rate} Hz; 8000 to 192000 Hz can be used. Record it at 16000 Hz or more."
                )
            _flush(resampler, pieces)
            native, found.native_rate = its_rate, found.native_rate or its_rate
            found.channels, found.rate = found.channels or block.shape[1], found.rate or its_rate
            resampler = (
                soxr.ResampleStream(its_rate, found.rate, 1, dtype="float32", quality="HQ")
                if its_rate != found.rate
                else None
            )
        highest = float(np.abs(block).max(initial=0.0))
        _check_values(file, highest)
        highest_of_all = max(highest_of_all, highest)
        if part.valid_bits < part.bits and not low_bits:
            spare = 1 << part.bits - part.valid_bits
            low_bits = bool((np.rint(block * step).astype(np.int64) % spare).any())
        found.held += _held_at_full_scale(block, lossy=stream.lossy)
        found.values += block.size
        mono = block.mean(axis=1) if block.shape[1] > 1 else block[:, 0]
        pieces.append(resampler.resample_chunk(mono) if resampler else mono)
        count += len(pieces[-1])
        if found.seconds + count / found.rate > MAX_SECONDS + _HALF_A_SECOND_MORE:
            raise _too_long(file, None)
    _flush(resampler, pieces)
    # By rights the spare bits are the lowest, and zero. Some programs leave the highest empty instead.
    if low_bits and highest_of_all * step < 2.0 ** (part.valid_bits - 1):
        gain = np.float32(2.0 ** (part.bits - part.valid_bits))
        pieces, highest_of_all = [piece * gain for piece in pieces], highest_of_all * float(gain)
        found.notes.append(_rescaled(part.valid_bits, part.bits))
    found.peak = max(found.peak, highest_of_all)
    return pieces


def _flush(resampler: soxr.ResampleStream | None, pieces: list[np.ndarray]) -> None:
    if resampler is not None:
        pieces.append(resampler.resample_chunk(np.empty(0, np.float32), last=True))


def _rescaled(valid: int, bits: int) -> str:
    return (
        f"The samples are {valid}-bit numbers stored in {bits} bits, {6.02 * (bits - valid):.0f} dB too faint. "
        "They were scaled up."
    )


def _check_values(file: ByteReader, highest: float) -> None:
    if not np.isfinite(highest):
        raise file.error("holds values that are not numbers (NaN or infinite). Export it again.")
    if highest > _MAX_PEAK:
        raise file.error(f"reaches {highest:.3g}, but float audio lies within ±1. Scale it down and export it again.")


def _judge(file: ByteReader, part: Part, stream: Stream, found: _Found, before: float, number: int, total: int) -> None:
    """Refuse a file that ends before its time; note what else is missing from a part that was read."""
    if stream.broken == "unreadable" and total == 1 and not part.cut:
        raise file.error(
            f"holds sound in a coding that cannot be read ({part.format.name}). Save it as MP3 or plain WAV."
        )
    got = found.seconds - before
    lacks = stream.seconds is not None and got < stream.seconds - _CUT_SECONDS
    broken = part.damaged or stream.broken in ("damaged", "unreadable") or (lacks and part.whole)
    # Bytes are missing, or the decoder met the end too early and nothing before it was wrong.
    cut = (part.cut and (lacks or stream.seconds is None)) or (not broken and (lacks or stream.broken == "cut"))
    if not cut and not (broken and (lacks or stream.broken or part.damaged)):
        return
    if total > 1 and not got and part.size < _PADDED_HEADER:
        return  # a header alone, as a program leaves it that could not go back to the one in front
    whole = f" of {stream.seconds:.1f} s" if stream.seconds is not None and lacks else ""
    if total > 1:
        which = f"Recording {number} of {total} in this file is {'cut off' if cut else 'damaged'}"
        found.notes.append(f"{which}: {got:.1f} s{whole} could be read, and the answer is based on what could be read.")
    elif cut and stream.seconds is not None and lacks:
        raise file.error(
            f"is cut off: it announces {stream.seconds:.1f} s of sound and holds {got:.1f} s. "
            "Copy, export or record it again."
        )
    elif cut and part.format.name in _CAPTURED and got >= MIN_SECONDS:
        found.notes.append(
            "The file ends in the middle of a frame, as a recorded stream does. If it was longer, the rest is missing: "
            f"the answer is based on {got:.1f} s."
        )
    elif cut:
        raise cut_off(file, part.format)
    elif got < MIN_SECONDS:
        raise damaged(file, part.format)
    else:
        found.notes.append(
            f"The file is damaged: {got:.1f} s{whole} could be read, and the answer is based on these. "
            "Copy, export or record it again."
        )


def _audible_track(file: ByteReader, parts: tuple[Part, ...], rate: int | None, found: _Found) -> _Found:
    """The first track with sound where the file's own choice is silent, and a note that names it."""
    order = [found.track, *(each for each in range(len(found.tracks)) if each != found.track)]
    chosen, silent = found, []
    for track in order:
        if track != found.track:
            with suppress(AudioError):
                chosen = _read_parts(file, parts, rate, track)
        if _level(chosen) >= SILENCE_LEVEL:
            break
        silent.append(track)
    else:
        chosen = found
    chosen.notes.append(_of_tracks(chosen, silent))
    return chosen


def _of_tracks(found: _Found, silent: list[int]) -> str:
    def called(track: int) -> str:
        return f"{track + 1}" + (f" ({found.tracks[track]})" if found.tracks[track] else "")

    why = f", as track {', '.join(called(each) for each in silent)} is silent" if silent else ""
    return f"The file has {len(found.tracks)} audio tracks. The answer is based on track {called(found.track)}{why}."


def _level(found: _Found) -> float:
    """Level in dBFS of what was found; far below silence where there is hardly anything."""
    samples = np.concatenate(found.samples) if found.samples else np.empty(0, np.float32)
    return active_level(samples, found.rate) if found.seconds >= MIN_SECONDS else -200.0


def _finish(file: ByteReader, found: _Found, levelled: bool) -> Waveform:
    if found.seconds == 0:
        raise _no_samples(file)
    if found.seconds < MIN_SECONDS:
        raise file.error(
            f"is {int(found.seconds * 100 + 1e-6) / 100:.2f} s long; at least {MIN_SECONDS:g} s is needed. "
            "Record a longer one."
        )
    samples = np.concatenate(found.samples)
    level = active_level(samples, found.rate)
    if level < SILENCE_LEVEL and (gain := _forgotten_gain(found, samples)) > 1:
        samples, found.peak, level = samples * np.float32(gain), found.peak * gain, level + 20 * np.log10(gain)
        found.notes.append(_rescaled(found.bits - round(np.log2(gain)), found.bits))
    if level < SILENCE_LEVEL:
        if found.channels > 1 and 20 * np.log10(found.peak + 1e-10) > SILENCE_LEVEL + 20:
            raise file.error("is silent once its channels are mixed: they cancel out. Export one channel only.")
        raise file.error(
            f"is silent (level {max(level, -100):.0f} dBFS; speech needs {SILENCE_LEVEL:.0f} dBFS or more). "
            "Check that the microphone is on and record it again."
        )
    return Waveform(
        samples=at_target_level(samples, found.rate) if levelled else samples,
        rate=found.rate,
        name=file.label,
        level=level,
        peak=found.peak,
        clipped=found.held / max(1, found.values),
        native_rate=found.native_rate,
        channels=found.channels,
        format=found.format,
        notes=tuple(found.notes),
        tracks=found.tracks,
        track=found.track,
    )


def _forgotten_gain(found: _Found, samples: np.ndarray) -> float:
    """By how much to scale integers up that fill the lowest bits only, such as 16-bit values in 32 bits."""
    for valid in (16, 24):
        count = found.peak * 2.0 ** (found.bits - 1)
        if found.bits > valid and 2.0 ** (valid - 9) <= count < 2.0 ** (valid - 1):
            quiet, loud = np.percentile(frame_powers(samples, found.rate), (5, 95))
            return 2.0 ** (found.bits - valid) if 10 * np.log10((loud + 1e-30) / (quiet + 1e-30)) > _LIVELY else 1.0
    return 1.0


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


def _no_samples(file: ByteReader) -> AudioError:
    return file.error("holds no sound (0 samples). Record it again and speak before you stop.")


def _too_long(file: ByteReader, seconds: float | None) -> AudioError:
    most = f"{MAX_SECONDS // 60} min"
    length = f"more than {most}" if seconds is None else "{} min {} s".format(*divmod(round(seconds), 60))
    return file.error(f"is {length} long; at most {most} can be used. Cut out the part you need.")
