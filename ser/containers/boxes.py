"""MP4, WebM and FLAC: where one file ends and the next begins, where several were joined.

Sources: ISO/IEC 14496-12 (boxes); RFC 8794 (EBML); RFC 9639 (FLAC).
"""

import re
import struct

from ser.containers.part import Part
from ser.containers.reader import ByteReader
from ser.formats import Format

_BOX = re.compile(rb"[a-zA-Z0-9 \xa9]{4}")
_EBML = re.compile(rb"\x1a\x45\xdf\xa3.{1,60}?\x42\x82.(?:webm|matroska)", re.DOTALL)
_FLAC = re.compile(rb"fLaC[\0\x80]\0\0\x22")
_MOST_BOXES = 100_000


def mp4_parts(file: ByteReader, start: int, row: Format) -> tuple[list[Part], int]:
    """Find where an MP4 ends.

    Args:
        file: the file.
        start: where its first box begins.
        row: of the table of formats.

    Returns:
        Its part, and where it ends: at the next `ftyp` box, or at what is no box.
    """
    offset, sound = start, False
    for _ in range(_MOST_BOXES):
        head = file.at(offset, 16)
        if len(head) < 8 or not _BOX.fullmatch(head[4:8]) or (head[4:8] == b"ftyp" and sound):
            break
        size = struct.unpack(">I", head[:4])[0]
        if size == 1 and len(head) == 16:
            size = struct.unpack(">Q", head[8:])[0]
        elif size == 0:  # to the end of the file
            size = file.size - offset
        if size < 8:
            break
        sound |= head[4:8] in (b"mdat", b"moov", b"moof")
        offset += size
        if offset >= file.size:
            break
    end = min(offset, file.size)
    return [Part(row, ((start, end - start),), cut=offset > file.size)], end


def webm_parts(file: ByteReader, start: int, row: Format) -> tuple[list[Part], int]:
    """Find where a WebM or Matroska file ends.

    Args:
        file: the file.
        start: where its header begins.
        row: of the table of formats.

    Returns:
        Its part, and where it ends: at the next header.
    """
    return _until_next(file, start, row, _EBML)


def flac_parts(file: ByteReader, start: int, row: Format) -> tuple[list[Part], int]:
    """Find where a FLAC ends, and how long it says that it is.

    Args:
        file: the file.
        start: where its header begins.
        row: of the table of formats.

    Returns:
        Its part, and where it ends: at the next header.
    """
    (part,), end = _until_next(file, start, row, _FLAC)
    # Bits 80 to 99 of STREAMINFO are the sampling rate, the last 36 of the next 44 the number of samples.
    rate_and_more = int.from_bytes(file.at(start + 18, 8), "big")
    rate, samples = rate_and_more >> 44, rate_and_more & (1 << 36) - 1
    return [part.but(seconds=samples / rate if rate and samples else None, sndfile=bool(samples))], end


def _until_next(file: ByteReader, start: int, row: Format, header: re.Pattern[bytes]) -> tuple[list[Part], int]:
    end = file.search(header, start + 4)
    end = file.size if end is None else end
    return [Part(row, ((start, end - start),))], end


def whole(file: ByteReader, start: int, row: Format) -> tuple[list[Part], int]:
    """Take all the rest of a file as one part; its reader knows where it ends.

    Args:
        file: the file.
        start: where its header begins.
        row: of the table of formats.

    Returns:
        Its part, and the file's end.
    """
    return [Part(row, ((start, file.size - start),))], file.size
