"""AIFF, AU and NIST SPHERE, whose headers may not know how long the sound after them is.

Sources: "Audio Interchange File Format AIFF-C" (Apple, 1991); "Audio file format" in Sun's `audio.h`; NIST SPHERE 2.6.
"""

import struct

from ser.audio.containers.part import Part
from ser.audio.containers.reader import ByteReader
from ser.audio.formats import Format

# Sizes that programs write before they know: nothing, or nearly 2 GiB and more.
_UNKNOWN = {0, *range(0x7F000000, 0x7F000100)}
_NO_FILE = 0x7FF00000
# Compressions whose samples take the same number of bytes each: big and little endian integers, floats, G.711.
_FIXED = {b"NONE": 0, b"twos": 0, b"sowt": 0, b"raw ": 8, b"in24": 24, b"in32": 32, b"fl32": 32, b"FL32": 32,
          b"fl64": 64, b"FL64": 64, b"ulaw": 8, b"ULAW": 8, b"alaw": 8, b"ALAW": 8}  # fmt: skip
_MOST_CHUNKS = 1000


def aiff_parts(file: ByteReader, start: int, row: Format) -> tuple[list[Part], int]:
    """Find the sound of an AIFF; no part if it lacks the chunks for that."""
    form_type, common, sound, offset = file.at(start + 8, 4), b"", None, start + 12
    for _ in range(_MOST_CHUNKS):
        head = file.at(offset, 8)
        name = head[:4].replace(b" ", b"a").replace(b"(c)", b"abc")
        if len(head) < 8 or not name.isalnum() or name == b"FORM":
            break
        size, content = struct.unpack(">I", head[4:])[0], offset + 8
        if head[:4] == b"COMM":
            common = file.at(content, min(size, 1024))
        elif head[:4] == b"SSND":
            held = file.size - content
            # Programs that stream write no size, or that of the chunk's own 8 bytes.
            unknown = _is_unknown(size) or (size == 8 and _sound_follows(file, content + 8))
            sound = content, held if unknown else min(size, held), unknown
            size = sound[1]
        offset = content + size
        if size % 2 and not file.at(offset, 4).isalpha():
            offset += 1
    if len(common) < 18 or sound is None or sound[1] < 8:
        return [], min(offset, file.size)
    return [_aiff(file, row, form_type, common, *sound)], min(offset, file.size)


def _is_unknown(size: int) -> bool:
    return size in _UNKNOWN or size >= _NO_FILE


def _sound_follows(file: ByteReader, offset: int) -> bool:
    rest = file.at(offset, 4)
    return len(rest) == 4 and rest not in (
        b"COMM",
        b"INST",
        b"MARK",
        b"COMT",
        b"NAME",
        b"AUTH",
        b"ANNO",
        b"ID3 ",
        b"FORM",
    )


def _aiff(
    file: ByteReader, row: Format, form_type: bytes, common: bytes, content: int, held: int, unknown: bool
) -> Part:
    channels, frames, bits, exponent, mantissa = struct.unpack(">HIHHQ", common[:18])
    # Nothing in it can be negative. So a damaged number is large, and a rate (an 80-bit float) with a sign is none.
    rate = mantissa * 2.0 ** (exponent - 16383 - 63) if 0 < exponent < 16383 + 63 else 0.0
    compression = common[18:22] if form_type == b"AIFC" else b"NONE"
    taken = max(channels, 1) * -(-(_FIXED.get(compression, 0) or bits) // 8)
    seconds, cut = (frames / rate if rate else None), False
    offset = struct.unpack(">I", file.at(content, 4).ljust(4, b"\0"))[0]
    whole = max(0, held - 8 - offset) // taken if compression in _FIXED and taken else None
    if whole is not None:
        if unknown or _is_unknown(frames):
            frames, seconds = whole, None
        cut = frames > whole
        frames = min(frames, whole)
    common = struct.pack(">HI", channels, frames) + common[6:] + b"\0" * (len(common) % 2)
    version = b"FVER\0\0\0\x04\xa2\x80\x51\x40" if form_type == b"AIFC" else b""
    header = version + b"COMM" + struct.pack(">I", len(common)) + common + b"SSND" + struct.pack(">I", held)
    form = b"FORM" + struct.pack(">I", 4 + len(header) + held) + form_type + header
    return Part(row, (form, (content, held)), seconds=seconds, cut=cut, whole=not cut and not unknown, sndfile=True)


_AU_BYTES = {1: 1, 2: 1, 3: 2, 4: 3, 5: 4, 6: 4, 7: 8, 27: 1}
"""Encoding of an AU file → bytes a sample; compressed ones are left out."""


def au_parts(file: ByteReader, start: int, row: Format) -> tuple[list[Part], int]:
    """Find the sound of an AU file."""
    head = file.at(start, 24)
    if len(head) < 24:
        return [], file.size
    order = ">" if head[:4] == b".snd" else "<"
    offset, size, encoding, rate, channels = struct.unpack(order + "5I", head[4:])
    content = start + max(offset, 24)
    held = max(0, file.size - content)
    unknown = size == 0xFFFFFFFF or (size == 0 and held > 0)
    each = _AU_BYTES.get(encoding, 0) * channels * rate
    fixed = head[:4] + struct.pack(order + "5I", 24, held if unknown else min(size, held), encoding, rate, channels)
    part = Part(
        row,
        (fixed, (content, held if unknown else min(size, held))),
        seconds=size / each if each and not unknown else None,
        cut=not unknown and size > held,
        sndfile=True,
    )
    return [part], content + (held if unknown else min(size, held))


def sphere_parts(file: ByteReader, start: int, row: Format) -> tuple[list[Part], int]:
    """Find the sound of a NIST SPHERE file."""
    fields = dict(
        line.split(None, 2)[::2] for line in file.at(start, 4096).split(b"\n")[2:] if len(line.split(None, 2)) == 3
    )

    def number(name: bytes) -> int:
        text = fields.get(name, b"0").strip()
        return int(text) if text.isdigit() else 0

    length = file.at(start + 8, 8).strip()
    header = int(length) if length.isdigit() else 1024
    count, each = number(b"sample_count"), number(b"sample_n_bytes") * max(1, number(b"channel_count"))
    plain = b"shorten" not in fields.get(b"sample_coding", b"") and count and each
    held = max(0, file.size - start - header)
    size = min(count * each, held) if plain else held
    rate = number(b"sample_rate")
    part = Part(
        row,
        ((start, header + size),),
        seconds=count / rate if count and rate else None,
        cut=bool(plain) and count * each > held,
        sndfile=True,
    )
    return [part], start + header + size
