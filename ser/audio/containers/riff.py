"""WAV and its relatives (RIFF, RIFX, RF64, BW64, Sony Wave64), also with headers that give a wrong length.

Sources: "Multimedia Programming Interface and Data Specifications 1.0" (Microsoft and IBM, 1991); EBU Tech 3306 (RF64);
ITU-R BS.2088 (BW64). Sony's Wave64 has the same chunks with 16-byte names and 8-byte sizes.

These faults are repaired: sizes that were never filled in (0, or nearly 2 or 4 GiB), a header in front of every piece
of a streamed file, odd chunks without their padding byte, samples of 12, 14, 18 or 20 bits. A decoder gets a new header
and the sound.
"""

import re
import struct
from dataclasses import dataclass

from ser.audio.containers.part import Part
from ser.audio.containers.reader import ByteReader
from ser.audio.formats import HEAD_BYTES, Format, sniff

_HEADER = re.compile(rb"(?:RIFF|RIFX|RF64|BW64).{4}WAVE(?:fmt |ds64|JUNK|bext|LIST|fact)", re.DOTALL)
_NAME = re.compile(rb"[A-Za-z0-9_ ]{3}[A-Za-z0-9_ ]")
# Chunks that other programs put behind the sound.
_BEHIND = frozenset(
    b"LIST list fact bext cue smpl inst plst note labl ltxt PEAK JUNK junk PAD id3 ID3 iXML axml chna cart DISP acid "
    b"afsp umid minf elm1 regn levl link mext MD5 strc _PMX SAUR ".split()
)
_MOST_CHUNKS = 100_000
_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
# Each sample is by itself, so that two stretches can be joined anywhere.
_SAMPLE_BY_SAMPLE = (_PCM, _FLOAT, 6, 7)
_WIDE = b"\xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e\xdb\x8a"  # the last 12 bytes of the names of Wave64's chunks


@dataclass(frozen=True)
class _Form:
    """A regular `fmt ` chunk.

    Attributes:
        order: "<" or ">".
        content: the chunk to give to a decoder.
        tag: the codec.
        bytes_per_second: of the sound.
        valid_bits: of integers, as announced.
        bits: of integers, as stored.
    """

    order: str
    content: bytes
    tag: int
    bytes_per_second: float
    valid_bits: int = 0
    bits: int = 0


@dataclass(frozen=True)
class _Data:
    """Sound of one form: the stretches that hold it, the bytes it announces, and whether some are missing."""

    form: _Form
    spans: tuple[tuple[int, int], ...]
    announced: int | None
    cut: bool

    @property
    def held(self) -> int:
        return sum(count for _, count in self.spans)


def wav_parts(file: ByteReader, start: int, row: Format) -> tuple[list[Part], int]:
    """Find the sound of a WAV; no parts if it has none or does not describe its samples."""
    sounds: list[_Data] = []
    end = start
    while True:
        more, end = _one(file, end)
        for data in more:
            if sounds and _continues(sounds[-1], data):
                sounds[-1] = _joined(sounds[-1], data)
            else:
                sounds.append(data)
        # A server that streams puts a header in front of every piece.
        if end >= file.size or not more or not _HEADER.match(file.at(end, 16)):
            return [_part(file, data, row) for data in sounds], end


def wave64_parts(file: ByteReader, start: int, row: Format) -> tuple[list[Part], int]:
    """Find the sound of a Wave64."""
    form, offset = None, start + 40
    for _ in range(_MOST_CHUNKS):
        head = file.at(offset, 24)
        if len(head) < 24 or head[4:16] != _WIDE:
            break
        size, content = struct.unpack("<Q", head[16:])[0] - 24, offset + 24
        if head[:4] == b"fmt ":
            form = _form(file.at(content, min(size, 4096)), "<")
        elif head[:4] == b"data" and form is not None:
            if file.at(content, 16) == file.at(start, 16):  # a program that could not go back wrote its header twice
                return wave64_parts(file, content, row)
            held = file.size - content
            unknown = size <= 0 or size >= 1 << 48
            data = _Data(
                form, ((content, held if unknown else min(size, held)),), None if unknown else size, size > held
            )
            return [_part(file, data, row)], content + min(size if not unknown else held, held)
        if size < 0:
            break
        offset = content + size + -size % 8
    return [], file.size


def _one(file: ByteReader, start: int) -> tuple[list[_Data], int]:
    """The sound after one RIFF header, and where it ends."""
    head = file.at(start, 12)
    order = ">" if head[:4] == b"RIFX" else "<"
    whole = start + 8 + struct.unpack(order + "I", head[4:8])[0]
    form, announced64 = None, 0
    sounds: list[_Data] = []
    offset = start + 12
    for _ in range(_MOST_CHUNKS):
        head = file.at(offset, 8)
        if len(head) < 8 or not _NAME.match(head) or head[:4] in (b"RIFF", b"RIFX", b"RF64", b"BW64"):
            break
        size, content = struct.unpack(order + "I", head[4:])[0], offset + 8
        if head[:4] == b"ds64":
            announced64 = struct.unpack("<8xQ", file.at(content, 16).ljust(16, b"\0"))[0]
        elif head[:4] == b"fmt ":
            form = _form(file.at(content, min(size, 4096)), order)
        elif head[:4] == b"data" and form is not None:
            if size == 0xFFFFFFFF and announced64:
                size = announced64
            data = _data(file, content, size, whole, form)
            sounds.append(data)
            offset = _behind(file, content + data.held, content + (data.announced or data.held))
            continue
        offset = _behind(file, content + size, content + size)
    return sounds, min(offset, file.size)


def _behind(file: ByteReader, end: int, announced_end: int) -> int:
    """Where the next chunk begins: an odd one is padded, but not by every program."""
    if announced_end % 2 == 0 or end != announced_end:
        return end
    padded, bare = file.at(end + 1, 4), file.at(end, 4)
    known = (*_BEHIND, b"data", b"RIFF", b"fmt")
    return end if bare.strip() in known and padded.strip() not in known else end + 1


def _data(file: ByteReader, content: int, size: int, whole: int, form: _Form) -> _Data:
    """How far a data chunk reaches."""
    held = file.size - content
    unknown = _stands_for_unknown(size) or (size == 0 and _sound_follows(file, content))
    # Each piece of a streamed file may have a header of its own, and the first may announce the bytes of them all.
    stop = file.size if unknown else content + min(size, held)
    headers = (at - 8 for at in file.find(b"WAVE", content + 8, stop))
    embedded = next((at for at in headers if _HEADER.match(file.at(at, 16))), None)
    if embedded is not None:
        return _Data(form, ((content, embedded - content),), None, False)
    if unknown:
        return _Data(form, ((content, held),), None, False)
    rest = file.at(content + size, 9)
    if whole == file.size and len(rest) > 8 and not (_NAME.match(rest) or _NAME.match(rest[1:])):
        # The size was written before the recording ended, and only that of the whole file was mended.
        return _Data(form, ((content, held),), None, False)
    return _Data(form, ((content, min(size, held)),), size, size > held)


def _stands_for_unknown(size: int) -> bool:
    """Whether a size is one that programs write before they know: nearly 2 GiB or nearly 4 GiB."""
    return abs(size - (1 << 31)) <= 1 << 16 or (1 << 32) - (1 << 16) <= size < 1 << 32


def _sound_follows(file: ByteReader, content: int) -> bool:
    """Whether there is sound after a size of 0; a recorder's empty WAV has other chunks there, or nothing."""
    rest = file.at(content, 8)
    return bool(rest) and not (len(rest) == 8 and rest[:4].strip() in _BEHIND)


def _form(content: bytes, order: str) -> _Form | None:
    if len(content) < 16:
        return None
    tag, channels, rate, bytes_per_second, block, bits = struct.unpack(order + "HHIIHH", content[:16])
    valid = bits
    if tag == _EXTENSIBLE and len(content) >= 26:
        valid = struct.unpack(order + "H", content[18:20])[0] or bits
        tag = struct.unpack(order + "H", content[24:26])[0]
    if not channels or not rate or (tag in (_PCM, _FLOAT) and not 1 <= bits <= 64):
        return None
    if tag not in (_PCM, _FLOAT):
        return _Form(order, content, tag, bytes_per_second)
    # A sample of 20 bits takes three bytes or four; the size of a block tells which.
    taken = block // channels if block and block % channels == 0 else 0
    stored = taken if bits <= 8 * taken <= 64 else -(-bits // 8)
    block = stored * channels
    if rate * block >= 1 << 32 or block >= 1 << 16:
        return None
    regular = struct.pack(order + "HHIIHH", tag, channels, rate, rate * block, block, 8 * stored)
    integers = {"valid_bits": min(valid, 8 * stored), "bits": 8 * stored} if tag == _PCM and stored > 1 else {}
    return _Form(order, regular, tag, rate * block, **integers)


def _continues(before: _Data, data: _Data) -> bool:
    return before.form == data.form and before.form.tag in _SAMPLE_BY_SAMPLE and not before.cut


def _joined(before: _Data, data: _Data) -> _Data:
    announced = None
    if before.announced is not None and data.announced is not None:
        announced = before.announced + data.announced
    return _Data(data.form, before.spans + data.spans, announced, data.cut)


def _part(file: ByteReader, data: _Data, row: Format) -> Part:
    form, order = data.form, data.form.order
    if form.tag == _PCM and (coded := _coded(file, data)):
        return Part(coded, data.spans)
    content = form.content + b"\0" * (len(form.content) % 2)
    size = min(data.held, (1 << 32) - 1)
    header = (
        (b"RIFX" if order == ">" else b"RIFF")
        + struct.pack(order + "I", min(len(content) + 20 + size, (1 << 32) - 1))
        + b"WAVEfmt "
        + struct.pack(order + "I", len(content))
        + content
        + b"data"
        + struct.pack(order + "I", size)
    )
    # Bytes per second of compressed sound are often wrong: good enough to say how much is missing, not whether.
    seconds = None
    if data.announced is not None and form.bytes_per_second and (form.tag in _SAMPLE_BY_SAMPLE or data.cut):
        seconds = data.announced / form.bytes_per_second
    return Part(
        row,
        (header, *data.spans),
        seconds=seconds,
        cut=data.cut,
        whole=data.announced is not None and not data.cut,
        sndfile=True,
        valid_bits=form.valid_bits,
        bits=form.bits,
    )


def _coded(file: ByteReader, data: _Data) -> Format | None:
    """The format of a coded stream that is declared as PCM, as DTS and AAC in a WAV often are; None for PCM."""
    offset, count = data.spans[0]
    row = sniff(file.at(offset, min(count, HEAD_BYTES)).lstrip(b"\0"))
    return row if row is not None and (row.frames or row.name == "DTS") else None
