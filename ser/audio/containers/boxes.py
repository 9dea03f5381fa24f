"""MP4, FLAC, MPEG-TS, WebM and others: where one file ends and the next one begins, where several were joined.

Sources: ISO/IEC 14496-12 (boxes); RFC 8794 (EBML); RFC 9639 (FLAC); "Apple Core Audio Format Specification 1.0";
"Advanced Systems Format Specification 01.20.06" (Microsoft); "TTA1 lossless audio format" (tta.tech).
"""

import re
import struct

from ser.audio.containers.part import Part
from ser.audio.containers.reader import ByteReader
from ser.audio.formats import Format

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
_SPARE = 1.02
_CAF_CHUNKS = frozenset(b"desc data pakt kuki chan free info mark regn strg umid uuid midi ovvw peak edct inst".split())
_ASF_PROPERTIES = b"\xa1\xdc\xab\x8c\x47\xa9\xcf\x11\x8e\xe4\x00\xc0\x0c\x20\x53\x65"
_TS_SIZES = (188, 192, 204)
_MOST_BOXES = 100_000


def mp4_parts(file: ByteReader, start: int, row: Format) -> tuple[list[Part], int]:
    """Find where an MP4 ends: at the next `ftyp` box, or at something that is no box."""
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
    """Find where a WebM or Matroska file ends: at the next header."""
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
    """Find where the last packet of a transport stream ends."""
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
    """Take the rest of a file, up to the next header of its format."""
    header, claims = _HEADERS.get(row.name), _CLAIMS.get(row.name)
    part, end = Part(row, ((start, file.size - start),)), file.size
    if header is not None:
        (part,), end = _until_next(file, start, row, header)
    claimed = claims(file, start) if claims else None
    # An index or padding at the end may be missing without harm.
    cut = claimed is not None and claimed - start > (end - start) * _SPARE
    return [part.but(cut=cut, whole=claimed is not None and not cut)], end


def _riff_end(file: ByteReader, start: int) -> int | None:
    size = struct.unpack("<I", file.at(start + 4, 4).ljust(4, b"\0"))[0]
    return start + 8 + size if 0 < size < 0x7FFFF000 else None


def _caf_end(file: ByteReader, start: int) -> int | None:
    offset = start + 8
    for _ in range(_MOST_BOXES):
        head = file.at(offset, 12)
        if len(head) < 12 or head[:4] not in _CAF_CHUNKS:
            return offset
        size = struct.unpack(">q", head[4:])[0]
        if size < 0:  # of a stream's sound
            return None
        offset += 12 + size
    return None


def _voc_end(file: ByteReader, start: int) -> int | None:
    offset = start + struct.unpack("<H", file.at(start + 20, 2).ljust(2, b"\0"))[0]
    for _ in range(_MOST_BOXES):
        head = file.at(offset, 4)
        if len(head) < 4 or head[0] == 0:
            return offset
        offset += 4 + int.from_bytes(head[1:], "little")
    return None


def _asf_end(file: ByteReader, start: int) -> int | None:
    head = file.at(start, 8192)
    at = head.find(_ASF_PROPERTIES)
    if at < 0 or len(head) < at + 92:
        return None
    size, live = struct.unpack("<Q", head[at + 40 : at + 48])[0], head[at + 88] & 1
    return start + size if size and not live else None


def _tta_end(file: ByteReader, start: int) -> int | None:
    head = file.at(start, 22)
    if len(head) < 22:
        return None
    rate, samples = struct.unpack("<II", head[10:18])
    frames = -(-samples * 245 // (rate * 256)) if rate else 0
    table = file.at(start + 22, min(4 * frames, 1 << 20))
    sizes = struct.unpack(f"<{len(table) // 4}I", table[: len(table) // 4 * 4])
    return start + 26 + 4 * frames + sum(sizes) if frames and len(sizes) == frames else None


_CLAIMS = {"AVI": _riff_end, "QCP": _riff_end, "CAF": _caf_end, "VOC": _voc_end, "ASF": _asf_end, "TTA": _tta_end}
"""Where a file ends by its own headers; None where these do not say."""


def flac_parts(file: ByteReader, start: int, row: Format) -> tuple[list[Part], int]:
    """Find where a FLAC ends (at the next header), and the length that it announces."""
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
