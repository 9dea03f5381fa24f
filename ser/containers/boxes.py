"""MP4, FLAC, MPEG-TS, WebM and others: where one file ends and the next begins, where several were joined.

Sources: ISO/IEC 14496-12 (boxes); RFC 8794 (EBML); RFC 9639 (FLAC).
"""

import re
import struct

from ser.containers.part import Part
from ser.containers.reader import ByteReader
from ser.formats import Format

_BOX = re.compile(rb"[a-zA-Z0-9 \xa9]{4}")
_FLAC = re.compile(rb"fLaC[\0\x80]\0\0\x22")
_HEADERS = {
    "WebM": re.compile(rb"\x1a\x45\xdf\xa3.{1,60}?\x42\x82.(?:webm|matroska)", re.DOTALL),
    "ASF": re.compile(rb"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\0\xaa\0\x62\xce\x6c"),
    "CAF": re.compile(rb"caff\0\x01\0\0desc"),
    "FLV": re.compile(rb"FLV\x01[\1\4\5]\0\0\0\x09"),
    "AVI": re.compile(rb"RIFF.{4}AVI LIST", re.DOTALL),
    "TTA": re.compile(rb"TTA1[\1\3]\0"),
    "VOC": re.compile(rb"Creative Voice File\x1a"),
}
"""How the files of a format begin that are recognised behind another one."""
_TS_SIZES = (188, 192, 204)
_MOST_BOXES = 100_000


def mp4_parts(file: ByteReader, start: int, row: Format) -> tuple[list[Part], int]:
    """Find where an MP4 ends.

    Args:
        file: the file.
        start: where its first box begins.
        row: of the table of formats.

    Returns:
        Its part, and where it ends: at the next `ftyp` box, or at what is no box.

    Raises:
        AudioError: it has no index, without which no decoder finds its sound.
    """
    offset, sound, index = start, False, False
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
        index |= head[4:8] == b"moov"
        offset += size
        if offset >= file.size:
            break
    end = min(offset, file.size)
    cut = offset > file.size
    if not index and not cut and sound:
        raise file.error(
            "is an MP4 without its index, as a recorder leaves it that was interrupted, or a piece of a stream. "
            "Finish it in the program that recorded it, or join all pieces, the first one first."
        )
    return [Part(row, ((start, end - start),), cut=cut, whole=not cut)], end


def webm_parts(file: ByteReader, start: int, row: Format) -> tuple[list[Part], int]:
    """Find where a WebM or Matroska file ends.

    Args:
        file: the file.
        start: where its header begins.
        row: of the table of formats.

    Returns:
        Its part, and where it ends: at the next header.
    """
    (part,), end = _until_next(file, start, row, _HEADERS["WebM"])
    head = file.at(start, 256)
    at = head.find(b"\x18\x53\x80\x67") + 4
    if at < 4 or at >= len(head) or not head[at]:
        return [part], end
    # A size takes as many bytes as it has leading zero bits, plus one; all other bits set is "unknown".
    width = 9 - head[at].bit_length()
    size = int.from_bytes(head[at : at + width], "big") & (1 << 7 * width) - 1
    whole = size != (1 << 7 * width) - 1 and start + at + width + size <= end
    return [part.but(whole=whole)], end


def ts_parts(file: ByteReader, start: int, row: Format) -> tuple[list[Part], int]:
    """Find where a transport stream ends.

    Args:
        file: the file.
        start: where its first packet begins.
        row: of the table of formats.

    Returns:
        Its part, and where its last packet ends.
    """
    head = file.at(start, 1024)
    lead = 0 if head[:1] == b"G" else 4
    size = next((size for size in _TS_SIZES if head[lead + size : lead + size + 1] == b"G"), _TS_SIZES[0])
    end = start
    for offset, data in file.blocks(start, file.size):
        first = lead + -(offset - start) % size
        marks = data[first::size]
        lost = len(marks) - len(marks.lstrip(b"G"))
        if lost < len(marks):
            end = offset + first - lead + lost * size
            break
        end = min(file.size, offset + first - lead + len(marks) * size)
    return [Part(row, ((start, end - start),))], end


def whole(file: ByteReader, start: int, row: Format) -> tuple[list[Part], int]:
    """Take the rest of a file, up to where another of its format begins; its reader knows the rest.

    Args:
        file: the file.
        start: where its header begins.
        row: of the table of formats.

    Returns:
        Its part, and where it ends.
    """
    header = _HEADERS.get(row.name)
    return _until_next(file, start, row, header) if header else ([Part(row, ((start, file.size - start),))], file.size)


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
    seconds = samples / rate if rate and samples else None
    return [part.but(seconds=seconds, sndfile=bool(samples), md5=file.at(start + 26, 16).strip(b"\0"))], end


def _until_next(file: ByteReader, start: int, row: Format, header: re.Pattern[bytes]) -> tuple[list[Part], int]:
    end = file.search(header, start + 4)
    end = file.size if end is None else end
    return [Part(row, ((start, end - start),))], end
