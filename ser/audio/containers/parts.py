"""Finds the recordings that lie in a file one after the other, whatever stands between them."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from ser.audio.containers import big_endian, boxes, framed, ogg, riff
from ser.audio.containers.framed import tag_size
from ser.audio.containers.part import Part
from ser.audio.containers.reader import ByteReader
from ser.audio.formats import FORMATS, HEAD_BYTES, NAMES, Format, named, sniff
from ser.errors import AudioError

_Finder = Callable[[ByteReader, int, Format], tuple[list[Part], int]]
"""A file, where a header or first frame begins, and its row of the table → the parts, and where the last one ends."""
_FINDERS: dict[str, _Finder] = {
    "WAV": riff.wav_parts,
    "W64": riff.wave64_parts,
    "AIFF": big_endian.aiff_parts,
    "AU": big_endian.au_parts,
    "SPHERE": big_endian.sphere_parts,
    "FLAC": boxes.flac_parts,
    "OGG": ogg.ogg_parts,
    "MP3": framed.mpeg_parts,
    "MP2": framed.mpeg_parts,
    "AAC": framed.framed_parts,
    "LATM": framed.framed_parts,
    "AC-3": framed.framed_parts,
    "E-AC-3": framed.framed_parts,
    "AMR": framed.amr_parts,
    "MP4": boxes.mp4_parts,
    "MPEG-TS": boxes.ts_parts,
    "WebM": boxes.webm_parts,
}
"""Name of a format → the function that finds its parts; `boxes.whole` for all others."""

_MOST_PARTS = 3000
_REACH = 1 << 20
"""Bytes of unknown content in which a header is looked for."""
# Signatures of so many bytes that chance does not make them, for headers behind bytes of no known kind.
_SURE = re.compile(
    rb"(?:RIFF|RIFX|RF64|BW64).{4}WAVE(?:fmt |ds64|JUNK|bext|LIST)|fLaC[\0\x80]\0\0\x22|OggS\0[\x02\x06]"
    rb"|FORM.{4}AIF[FC]|caff\0\x01\0|#!AMR(?:-WB)?\n|\x30\x26\xb2\x75\x8e\x66\xcf\x11|\x1a\x45\xdf\xa3.{1,60}?\x42\x82"
    rb"|\0\0\0.ftyp|NIST_1A\n|Creative Voice File\x1a|wvpk.{4}[\x02-\x10]\x04|TTA1[\1\3]\0|FLV\x01[\1\4\5]"
    rb"|\.snd\0\0.{6}\0\0\0[\1-\x1b]\0[\0-\x02].{2}\0\0\0[\1-\x08]|(?:\x47.{187}){5}|RIFF.{4}AVI LIST",
    re.DOTALL,
)
_HEADERS = re.compile(rb"(?:(?:HTTP/\d|ICY |RTSP/)[^\n]*\n|--[^\r\n]{4,200}\r?\n|[A-Za-z][A-Za-z0-9-]{1,40}:[^\n]*\n)")
_BLANK = b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"


@dataclass(frozen=True)
class FileParts:
    """A file taken apart.

    Attributes:
        parts: the recordings in it, in order; never empty.
        unread: number of bytes at its end that are of no known kind.
    """

    parts: tuple[Part, ...]
    unread: int


def find_parts(file: ByteReader) -> FileParts:
    """Find the recordings in a file; the `AudioError` for a file without any says what it is, if that is known."""
    located = _locate(file, 0)
    if located is None:
        start = _past_blanks_and_tags(file, 0)
        what = named(file.at(0, 4096)) or named(file.at(start, 4096))
        if start == file.size and what is None:
            what = "holds nothing but blanks or zeros: it was never written to its end. Copy or record it again."
        raise file.error(what or f"is not audio, whatever its name says. Choose a {NAMES} file.")
    parts: list[Part] = []
    end = 0
    while located is not None and len(parts) < _MOST_PARTS:
        row, start = located
        more, end = _FINDERS.get(row.name, boxes.whole)(file, start, row)
        parts += more
        located = _locate(file, max(end, start + 1), behind=True)
    if not parts:
        raise file.error(f"begins as {row.name} but is cut off or damaged. Copy, export or record it again.")
    return FileParts(tuple(parts), file.size - end)


def cut_off(file: ByteReader, row: Format) -> AudioError:
    """The error for a file whose end is missing."""
    return file.error(f"begins as {row.name} but is cut off. Copy, export or record it again.")


def damaged(file: ByteReader, row: Format) -> AudioError:
    """The error for a file that is not what it begins as."""
    return file.error(f"begins as {row.name} but is damaged. Copy, export or record it again.")


def _locate(file: ByteReader, offset: int, *, behind: bool = False) -> tuple[Format, int] | None:
    """Format and beginning of the next recording from `offset` on."""
    # Zeros are blanks, but also the first bytes of an MP4.
    if row := sniff(file.at(offset, HEAD_BYTES)):
        return row, offset
    start = _past_blanks_and_tags(file, offset)
    head = file.at(start, HEAD_BYTES)
    if row := sniff(head):
        return row, start
    if start >= file.size or (not behind and named(head[:4096])):
        return None
    if file.size - start >= 64:
        return _search(file, start, behind)
    return None


def _search(file: ByteReader, start: int, behind: bool) -> tuple[Format, int] | None:
    """A header behind bytes of no known kind."""
    at = file.search(_SURE, start, start + _REACH)
    if at is not None and (row := sniff(file.at(at, HEAD_BYTES))):
        return row, at
    if behind:  # what follows a recording is junk unless a file's header says otherwise
        return None
    data = file.at(start, 2 * HEAD_BYTES)
    streams = [row for row in FORMATS if row.frames]
    for at in range(min(len(data), HEAD_BYTES)):
        for row in streams:
            if row.begins(data[at : at + HEAD_BYTES]) and len(data) - at > 512:
                return row, start + at
    return None


def _past_blanks_and_tags(file: ByteReader, offset: int) -> int:
    """Skip tags, headers of a transfer, byte-order marks, blanks and zeros."""
    while offset < file.size:
        head = file.at(offset, 4096)
        if size := tag_size(head):
            offset += size
        elif _HEADERS.match(head) and (end := re.search(rb"\r?\n\r?\n", file.at(offset, 1 << 16))):
            offset += end.end()
        elif sniff(file.at(offset, HEAD_BYTES)) is None and (blanks := len(head) - len(head.lstrip(_BLANK))):
            # Of zeros before an MP4 three are its own.
            mine = re.search(rb"\0\0\0.(?:ftyp|free|skip|moov|mdat|wide)|\0\0\x01\xba", head, re.DOTALL)
            offset += min(blanks, mine.start()) if mine and mine.start() else blanks
        else:
            break
    return min(offset, file.size)
