"""Ogg: streams of pages, several of which may be chained one after the other (RFC 3533).

Pages that are marked as a stream's last but are not are repaired, because such marks stop every decoder. A page whose
checksum is wrong is left out, and the part counts as damaged.
"""

import re
import struct
import zlib
from dataclasses import dataclass
from itertools import pairwise

from ser.audio.containers.part import Part
from ser.audio.containers.reader import ByteReader, Span
from ser.audio.formats import Format

_PAGE = re.compile(rb"OggS\0[\0-\x07]", re.DOTALL)
_CONTINUED, _FIRST, _LAST = 1, 2, 4
_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
_SNDFILE = (b"\x01vorbis", b"OpusHead")


@dataclass(frozen=True)
class _Page:
    offset: int
    size: int
    header: bytes
    whole: bool
    sound: bool

    @property
    def flags(self) -> int:
        return self.header[5]

    @property
    def serial(self) -> bytes:
        return self.header[14:18]

    @property
    def number(self) -> int:
        return struct.unpack("<I", self.header[18:22])[0]


def ogg_parts(file: ByteReader, start: int, row: Format) -> tuple[list[Part], int]:
    """Find the sound of an Ogg file: a part for each link of the chain."""
    links: list[list[_Page]] = []
    end, gap = start, set()
    offset: int | None = start
    while offset is not None and offset < file.size:
        page = _page(file, offset)
        if page is None:
            offset = file.search(_PAGE, offset + 1)
            continue
        # The first pages of all streams of a link stand together; one that comes later opens the next link.
        if not links or (page.flags & _FIRST and any(not old.flags & _FIRST for old in links[-1])):
            links.append([])
        if end != offset:
            gap.add(len(links) - 1)
        links[-1].append(page)
        end = offset = page.offset + page.size
    return [_part(file, link, row, index in gap) for index, link in enumerate(links)], min(end, file.size)


def _page(file: ByteReader, offset: int) -> _Page | None:
    header = file.at(offset, 27)
    if len(header) < 27 or not _PAGE.match(header):
        return None
    table = file.at(offset + 27, header[26])
    size = 27 + header[26] + sum(table)
    data = file.at(offset, size)
    whole = len(table) == header[26] and len(data) == size
    return _Page(offset, size, data[:27], whole, whole and data[22:26] == page_checksum(data))


def page_checksum(page: bytes) -> bytes:
    """A page's checksum: a CRC with the bits in the opposite order to `zlib`'s, begun and ended with 0."""
    bits = (page[:22] + bytes(4) + page[26:]).translate(_REVERSED)
    return (zlib.crc32(bits, 0xFFFFFFFF) ^ 0xFFFFFFFF).to_bytes(4, "big").translate(_REVERSED)


def _part(file: ByteReader, link: list[_Page], row: Format, gap: bool) -> Part:
    sound = [page for page in link if page.sound]
    last = {page.serial: page.offset for page in sound}
    spans: list[Span] = []
    for page in sound:
        if page.flags & _LAST and page.offset != last[page.serial]:
            data = file.at(page.offset, page.size)
            data = data[:5] + bytes([data[5] & ~_LAST]) + data[6:]
            spans.append(data[:22] + page_checksum(data) + data[26:])
        elif spans and not isinstance(spans[-1], bytes) and sum(spans[-1]) == page.offset:
            spans[-1] = spans[-1][0], spans[-1][1] + page.size
        else:
            spans.append((page.offset, page.size))
    firsts = [page for page in sound if page.flags & _FIRST]
    codec = file.at(firsts[0].offset + 28, 8) if len(firsts) == 1 else b""
    return Part(
        row,
        tuple(spans),
        cut=not link[-1].whole,
        damaged=gap or _numbers_jump(sound) or any(page.whole and not page.sound for page in link),
        sndfile=codec.startswith(_SNDFILE),
    )


def _numbers_jump(pages: list[_Page]) -> bool:
    """Whether pages of a stream are missing; some writers number none, and that is no loss."""
    numbers: dict[bytes, list[int]] = {}
    for page in pages:
        numbers.setdefault(page.serial, []).append(page.number)
    return any(number not in (old, old + 1) for each in numbers.values() for old, number in pairwise(each))
