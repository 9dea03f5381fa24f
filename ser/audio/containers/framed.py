"""Streams of frames without a file header: MPEG audio (MP3, MP2), AAC, AC-3, LATM, AMR.

Frames are followed one by one, past the tags that programs put between them (ID3, APE, Lyrics3) and past damage. An MP3
may begin with a frame that counts the others ("Xing", "Info", "VBRI"). That frame is left out where its count is wrong,
or only that of the first of several joined files.

Sources: ISO/IEC 11172-3; ID3v2.4 (id3.org); "APEv2 specification" (hydrogenaudio); Xing's and Fraunhofer's headers as
described by G. Bouvigne; RFC 4867 (AMR).
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass, field

from ser.audio.containers.part import Part
from ser.audio.containers.reader import ByteReader
from ser.audio.formats import Format
from ser.audio.frames import FrameSize, amr_size, chained, mpeg_frame, mpeg_size

_MOST_BYTES = 64 << 20
"""Ten minutes at the highest bit rate, 448 kbit/s, are half of this."""
_LONGEST_DAMAGE = 8192
_AMR_CHAIN = 12
_SYNC = {"MP3": b"\xff", "MP2": b"\xff", "AAC": b"\xff", "LATM": b"\x56", "AC-3": b"\x0b\x77", "E-AC-3": b"\x0b\x77"}


# Bytes and the offset of a frame → what frames of one run share, and how many frames a counting frame promises.
_KeyOf = Callable[[bytes, int], tuple[tuple, int | None]]


@dataclass
class _Run:
    """Consecutive frames of one kind.

    Attributes:
        key: what they have in common: layer, rate, channels, samples.
        spans: where they are.
        frames: how many there are.
        announced: how many a counting frame in front of them promises; None without one.
        counter: where that frame is, as (offset, size).
        cut: whether the last frame is not whole.
        damaged: whether bytes between them do not belong there.
    """

    key: tuple = ()
    spans: list[tuple[int, int]] = field(default_factory=list)
    frames: int = 0
    announced: int | None = None
    counter: tuple[int, int] = (0, 0)
    cut: bool = False
    damaged: bool = False

    def add(self, offset: int, size: int) -> None:
        self.frames += 1
        if self.spans and sum(self.spans[-1]) == offset:
            self.spans[-1] = self.spans[-1][0], self.spans[-1][1] + size
        else:
            self.spans.append((offset, size))


def tag_size(data: bytes) -> int:
    """Length in bytes of the ID3, APE or Lyrics3 tag that begins here; 0 if none does."""
    if data[:3] == b"ID3" and len(data) >= 10 and data[3] < 0xFF and not any(byte & 0x80 for byte in data[6:10]):
        # Four times seven bits, so that the size cannot look like an MPEG frame.
        size = sum(byte << shift for byte, shift in zip(data[6:10], (21, 14, 7, 0), strict=True))
        return 10 + size + (10 if data[5] & 0x10 else 0)
    if data[:3] == b"TAG":
        return 227 if data[:4] == b"TAG+" else 128
    if data[:8] == b"APETAGEX" and len(data) >= 24:
        # The size counts everything but a header, and a footer that is met first is all that is left.
        size, flags = struct.unpack("<I4xI", data[12:24])
        return size + 32 if flags & 1 << 29 else 32
    if data[:11] == b"LYRICSBEGIN":
        end = data.find(b"LYRICS200")
        return end + 9 if end > 0 else 0
    return 0


def mpeg_parts(file: ByteReader, start: int, row: Format) -> tuple[list[Part], int]:
    """Find the sound of an MP3 or MP2, also of several that were joined: a part per stretch of like frames."""
    data = file.at(start, _MOST_BYTES)
    runs, end = _follow(data, mpeg_size, _SYNC["MP3"], key_of=_mpeg_key)
    total = sum(run.frames for run in runs)
    return [_mpeg_part(run, start, total, row) for run in runs if run.frames], start + end


def framed_parts(file: ByteReader, start: int, row: Format) -> tuple[list[Part], int]:
    """Find the sound of an AAC, LATM, AC-3 or E-AC-3 stream."""
    assert row.frames is not None, row.name
    runs, end = _follow(file.at(start, _MOST_BYTES), row.frames, _SYNC[row.name])
    spans = tuple((start + offset, size) for offset, size in runs[0].spans)
    return [Part(row, spans, cut=runs[0].cut, damaged=runs[0].damaged)], start + end


def amr_parts(file: ByteReader, start: int, row: Format) -> tuple[list[Part], int]:
    """Find the sound of an AMR file, also of several that were joined."""
    data = file.at(start, _MOST_BYTES)
    magic = data[: data.index(b"\n") + 1]
    wide, offset, run = magic == b"#!AMR-WB\n", len(magic), _Run()
    while offset < len(data):
        if data.startswith(magic, offset):
            offset += len(magic)
            continue
        # A zero could begin a frame, but many of them are padding or damage.
        blank = not data[offset : offset + 64].strip(b"\0")
        size = 0 if blank else amr_size(data[offset : offset + 1], wide=wide)
        if not size:
            again = _next_amr(data, offset, magic, wide)
            if again is None:
                break
            run.damaged, offset = True, again
            continue
        if offset + size > len(data):
            run.cut = True
            break
        run.add(start + offset, size)
        offset += size
    return [Part(row, (magic, *run.spans), cut=run.cut, damaged=run.damaged)], start + min(offset, len(data))


def _next_amr(data: bytes, offset: int, magic: bytes, wide: bool) -> int | None:
    """Where frames go on after something else: a header is one byte only, so many must follow each other."""

    def size(head: bytes) -> int:
        return amr_size(head, wide=wide) if head[0] & 4 else 0  # of frames that are whole by their own mark

    for again in range(offset + 1, min(offset + _LONGEST_DAMAGE, len(data))):
        if data.startswith(magic, again) or chained(data, size, start=again, frames=_AMR_CHAIN):
            return again
    return None


def _mpeg_key(data: bytes, offset: int) -> tuple[tuple, int | None]:
    """What frames of one run share, and how many are promised if this is a counting frame (0: not said)."""
    frame = mpeg_frame(data[offset : offset + 4])
    assert frame is not None, "`mpeg_size` found a frame here"
    key = (frame.layer, frame.rate, frame.channels, frame.samples)
    if frame.layer != 3:
        return key, None
    at = offset + 4 + frame.side
    # A checksum behind the header moves the tag by two bytes.
    for tag in (data[at : at + 12], data[at + 2 : at + 14]):
        if tag[:4] in (b"Xing", b"Info") and len(tag) == 12:
            flags, frames = struct.unpack(">II", tag[4:])
            return key, frames if flags & 1 else 0
    if data[offset + 36 : offset + 40] == b"VBRI":
        return key, int.from_bytes(data[offset + 50 : offset + 54], "big")
    return key, None


def _follow(data: bytes, size_of: FrameSize, sync: bytes, *, key_of: _KeyOf | None = None) -> tuple[list[_Run], int]:
    """Follow frames from the first byte to the last one; a broken one ends its run as cut."""
    runs, offset, end = [_Run()], 0, 0
    while offset < len(data):
        size = size_of(data[offset : offset + 8])
        if size and offset + size <= len(data):
            key, promised = key_of(data, offset) if key_of else ((), None)
            if promised is not None or (runs[-1].key != key and runs[-1].frames):
                runs.append(_Run())
            runs[-1].key = key
            if promised is None:
                runs[-1].add(offset, size)
            else:
                runs[-1].announced, runs[-1].counter = promised, (offset, size)
            offset = end = offset + size
            continue
        if tag := tag_size(data[offset : offset + 4096]):
            offset += tag
            continue
        again = _next_chain(data, offset, size_of, sync)
        if again is None:
            runs[-1].cut = bool(size) and offset == end
            break
        runs[-1].damaged |= bool(data[offset:again].strip(b"\0"))
        offset = again
    return runs, end


def _next_chain(data: bytes, offset: int, size_of: FrameSize, sync: bytes) -> int | None:
    """Where frames go on after something else."""
    again = offset
    while (again := data.find(sync, again + 1)) >= 0:
        if size_of(data[again : again + 8]) and chained(data, size_of, start=again, frames=3):
            return again
    return None


def _mpeg_part(run: _Run, start: int, total: int, row: Format) -> Part:
    layer, rate, _, samples = run.key
    frames = tuple((start + offset, size) for offset, size in run.spans)
    announced = None if not run.announced else run.announced * samples / rate
    if run.announced and abs(run.announced - run.frames) <= 1:
        counter = (start + run.counter[0], run.counter[1])
        # With the counting frame a decoder leaves the encoder's padding out, and knows what is left.
        return Part(row, (counter, *frames), damaged=run.damaged, sndfile=layer == 3)
    # A count of more than all that is here was made when more was there; any other is a mistake.
    missing = (run.announced or 0) > total + 1 and not run.damaged
    return Part(row, frames, seconds=announced if missing else None, cut=run.cut or missing, damaged=run.damaged)
