"""Decodes a file into a `Waveform`. All audio passes through here, so nothing has to be checked again later.

`ser.audio.formats.FORMATS` lists the formats. A file's first bytes decide which one it is, never its name. A file may
hold several recordings one after the other, with other bytes between them and with wrong headers:
`ser.audio.containers` takes it apart, `ser.audio.decoding.streams` decodes each part, and this module joins them.

The result is mono (the mean of the channels), finite, float32, half a second to ten minutes long, at the requested
rate. A file is decoded, mixed and resampled block by block, so only the result is held in memory.

A clip that cannot be used raises an `AudioError`, whose sentence says what was given, what is needed and what to do. A
clip that can be used in part has a note that names the part.
"""

import os
from collections import OrderedDict
from contextlib import ExitStack, suppress
from dataclasses import replace
from threading import Lock

import numpy as np

from ser.audio.activity import SILENCE_LEVEL, active_level, frame_powers
from ser.audio.containers.part import Part
from ser.audio.containers.parts import damaged, find_parts
from ser.audio.containers.reader import ByteReader
from ser.audio.decoding.completeness import check_complete, is_short
from ser.audio.decoding.mixing import LONGEST, Decoded, mix, rescaled, too_long
from ser.audio.decoding.source import AudioSource, opened
from ser.audio.decoding.streams import DecodingError, Stream, open_part
from ser.audio.waveform import MAX_SECONDS, MIN_SECONDS, Waveform, at_target_level
from ser.errors import AudioError, SilentError

_UNREAD_BYTES = 1 << 16
_BARE_HEADER = 1 << 11  # Bytes.
# Speech at a wrong scale still rises and falls; hiss that is truly so faint does not.
_LIVELY = 15.0  # dB between the 5th and the 95th percentile of its frames


def decode(
    source: AudioSource,
    *,
    rate: int | None = None,
    levelled: bool = False,
    name: str | None = None,
    track: int | None = None,
) -> Waveform:
    """Decode a clip.

    Resampling is band-limited (libsoxr, "HQ") and happens only where the rates differ: a 48 kHz PCM16 file that is
    decoded at 48 kHz gives exactly libsndfile's samples.

    Args:
        source: the file's bytes, its path, or an open binary file (which stays open).
        rate: sampling rate in Hz to resample to; None keeps the file's own.
        levelled: whether to remove the mean and bring the RMS of the active part to `TARGET_LEVEL`. Clips that differ
            by a gain only then come out equal.
        name: what to call the clip; by default the file's name, or "recording".
        track: index of the audio track; None takes the file's default track, or the first with sound where that is
            silent.

    Returns:
        The waveform.

    Raises:
        AudioError: the source is missing, a folder, unreadable, empty, not audio, a video without sound, cut off or
            damaged, sampled outside 8 to 192 kHz, without samples, shorter than 0.5 s, longer than 10 minutes, silent,
            or holds values that are not finite or far beyond full scale. No bytes raise any other exception.

    Examples:
        >>> import io, soundfile
        >>> tone = 0.1 * np.sin(2 * np.pi * 200 * np.arange(44100) / 44100)
        >>> file = io.BytesIO()
        >>> soundfile.write(file, tone, 44100, format="FLAC")
        >>> clip = decode(file.getvalue(), rate=16000)
        >>> clip.format, clip.seconds, clip.native_rate, round(clip.level, 1)
        ('FLAC', 1.0, 44100, -23.0)
    """
    with opened(source, name) as file:
        parts = find_parts(file)
        announced = sum(part.seconds or 0.0 for part in parts.parts)
        if announced > LONGEST:
            raise too_long(file, announced)
        decoded = _read_parts(file, parts.parts, rate, track)
        if track is None and len(decoded.tracks) > 1:
            decoded = _audible_track(file, parts.parts, rate, decoded)
        if parts.unread > _UNREAD_BYTES:
            decoded.notes.append(
                f"{parts.unread / 1000:,.0f} kB behind the sound are of no known kind and were passed over."
            )
        return _finish(file, decoded, levelled)


class Decoder:
    """Decodes clips and keeps the last results, so that the same bytes are decoded once per sampling rate.

    Each visitor has their own; it may be used from several threads.
    """

    def __init__(self, most: int = 2 * MAX_SECONDS * 16_000) -> None:
        """Keep results of up to `most` samples together, by default 20 minutes at 16 kHz (77 MB), and at least one."""
        self._most = most
        self._kept: OrderedDict[tuple, Waveform] = OrderedDict()
        self._lock = Lock()

    def decode(
        self, source: bytes | str | os.PathLike[str], *, rate: int, name: str | None = None, track: int | None = None
    ) -> Waveform:
        """Decode as `decode` does, or return the waveform that it returned before; samples are shared, not copied."""
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


def _read_parts(file: ByteReader, parts: tuple[Part, ...], rate: int | None, track: int | None) -> Decoded:
    """Decode all parts, one after the other; a note names those that cannot be read."""
    decoded = Decoded(rate=rate or 0)
    unread: list[int] = []
    for number, part in enumerate(parts, start=1):
        before = decoded.seconds
        try:
            stream = _read_part(file, part, decoded, track)
        except DecodingError:
            if len(parts) == 1:
                raise
            if part.size > _BARE_HEADER:
                unread.append(number)
            continue
        check_complete(file, part, stream, decoded, decoded.seconds - before, number, len(parts))
    if unread and not decoded.seconds:
        raise damaged(file, parts[0].format)
    if unread:
        decoded.notes.append(
            f"Of {len(parts)} recordings in this file, {len(unread)} cannot be read (number "
            f"{', '.join(map(str, unread[:5]))}{', …' if len(unread) > 5 else ''}). The answer is based on the other "
            f"{decoded.seconds:.1f} s."
        )
    return decoded


def _read_part(file: ByteReader, part: Part, decoded: Decoded, track: int | None) -> Stream:
    """Decode one part; where libsndfile fails half-way, FFmpeg reads it again from the start."""
    with ExitStack() as stack:
        stream = open_part(file, part, stack, track=track)
        pieces = mix(file, part, stream, decoded)
        short = is_short(stream, sum(map(len, pieces)) / decoded.rate if decoded.rate else 0.0)
        if part.sndfile and (stream.broken or (short and not part.cut)):
            with suppress(AudioError):
                second = open_part(file, part, stack, track=track, sndfile=False)
                again = mix(file, part, second, Decoded(rate=decoded.rate, native_rate=decoded.native_rate))
                if sum(map(len, again)) > sum(map(len, pieces)):
                    second.seconds = stream.seconds if second.seconds is None else second.seconds
                    second.broken = second.broken or stream.broken
                    stream, pieces = second, again
        if not decoded.format:
            decoded.format, decoded.tracks, decoded.track = stream.format, stream.tracks, stream.track
            decoded.bits = part.bits
        decoded.samples += pieces
        return stream


def _audible_track(file: ByteReader, parts: tuple[Part, ...], rate: int | None, default: Decoded) -> Decoded:
    """The first track with sound where the default one is silent; a note names the track."""
    order = [default.track, *(each for each in range(len(default.tracks)) if each != default.track)]
    chosen, silent = default, []
    for track in order:
        if track != default.track:
            with suppress(AudioError):
                chosen = _read_parts(file, parts, rate, track)
        if _level(chosen) >= SILENCE_LEVEL:
            break
        silent.append(track)
    else:
        chosen = default
    chosen.notes.append(_note_on_tracks(chosen, silent))
    return chosen


def _note_on_tracks(decoded: Decoded, silent: list[int]) -> str:
    def title(track: int) -> str:
        return f"{track + 1}" + (f" ({decoded.tracks[track]})" if decoded.tracks[track] else "")

    why = f", as track {', '.join(title(each) for each in silent)} is silent" if silent else ""
    return f"The file has {len(decoded.tracks)} audio tracks. The answer is based on track {title(decoded.track)}{why}."


def _level(decoded: Decoded) -> float:
    """Level in dBFS; far below silence where there are hardly any samples."""
    samples = np.concatenate(decoded.samples) if decoded.samples else np.empty(0, np.float32)
    return active_level(samples, decoded.rate) if decoded.seconds >= MIN_SECONDS else -200.0


def _finish(file: ByteReader, decoded: Decoded, levelled: bool) -> Waveform:
    """Check length and level, and make the waveform."""
    if decoded.seconds == 0:
        raise file.error("holds no sound (0 samples). Record it again and speak before you stop.")
    if decoded.seconds < MIN_SECONDS:
        raise file.error(
            f"is {int(decoded.seconds * 100 + 1e-6) / 100:.2f} s long; at least {MIN_SECONDS:g} s is needed. "
            "Record a longer one."
        )
    samples = np.concatenate(decoded.samples)
    level = active_level(samples, decoded.rate)
    if level < SILENCE_LEVEL and (gain := _forgotten_gain(decoded, samples)) > 1:
        samples, decoded.peak, level = samples * np.float32(gain), decoded.peak * gain, level + 20 * np.log10(gain)
        decoded.notes.append(rescaled(decoded.bits - round(np.log2(gain)), decoded.bits))
    if level < SILENCE_LEVEL:
        if decoded.channels > 1 and 20 * np.log10(decoded.peak + 1e-10) > SILENCE_LEVEL + 20:
            raise file.error("is silent once its channels are mixed: they cancel out. Export one channel only.")
        sentence = f"is silent (level {max(level, -100):.0f} dBFS; speech needs {SILENCE_LEVEL:.0f} dBFS or more). "
        raise SilentError(str(file.error(sentence + "Check that the microphone is on and record it again.")))
    return Waveform(
        samples=at_target_level(samples, decoded.rate) if levelled else samples,
        rate=decoded.rate,
        name=file.label,
        level=level,
        peak=decoded.peak,
        clipped=decoded.held / max(1, decoded.values),
        native_rate=decoded.native_rate,
        channels=decoded.channels,
        format=decoded.format,
        notes=tuple(decoded.notes),
        tracks=decoded.tracks,
        track=decoded.track,
    )


def _forgotten_gain(decoded: Decoded, samples: np.ndarray) -> float:
    """The factor that scales up integers which fill the lowest bits only, such as 16-bit values in 32 bits."""
    for valid in (16, 24):
        count = decoded.peak * 2.0 ** (decoded.bits - 1)
        if decoded.bits > valid and 2.0 ** (valid - 9) <= count < 2.0 ** (valid - 1):
            quiet, loud = np.percentile(frame_powers(samples, decoded.rate), (5, 95))
            lively = 10 * np.log10((loud + 1e-30) / (quiet + 1e-30)) > _LIVELY
            return 2.0 ** (decoded.bits - valid) if lively else 1.0
    return 1.0
