"""Lengths of the frames of streams that have no file header, read from each frame's first bytes.

Sources: MPEG audio, ISO/IEC 11172-3 and 13818-3; ADTS, ISO/IEC 13818-7; LOAS/LATM, ISO/IEC 14496-3; AC-3 and E-AC-3,
ETSI TS 102 366; AMR, RFC 4867 section 5.
"""

from collections.abc import Callable
from dataclasses import dataclass

FrameSize = Callable[[bytes], int]
"""The first bytes of a frame → its length in bytes; 0 if no frame begins there."""

_MPEG_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
_MPEG_KBITS = {
    (1, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (1, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (1, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_MPEG_KBITS[2, 3] = _MPEG_KBITS[2, 2]
_AC3_KBITS = (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640)
_AMR_NB = (12, 13, 15, 17, 19, 20, 26, 31, 5, 6, 5, 5, 0, 0, 0, 0)
_AMR_WB = (17, 23, 32, 36, 40, 46, 50, 58, 60, 5, 0, 0, 0, 0, 0, 0)


@dataclass(frozen=True)
class MpegFrame:
    """The header of an MPEG audio frame.

    Attributes:
        layer: 1, 2 or 3; layer 3 is MP3.
        rate: sampling rate in Hz.
        channels: 1 or 2.
        samples: samples in each channel.
        size: bytes, header included.
        side: bytes between the header and the first sample, where layer 3 keeps an encoder's "Xing" or "Info" tag.
    """

    layer: int
    rate: int
    channels: int
    samples: int
    size: int
    side: int


def mpeg_frame(head: bytes) -> MpegFrame | None:
    """The header in at least four bytes; None if there is none, or one without a bit rate ("free format")."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    version, layer = head[1] >> 3 & 3, 4 - (head[1] >> 1 & 3)
    kbits_index, rate_index = head[2] >> 4, head[2] >> 2 & 3
    if version == 1 or layer == 4 or kbits_index in (0, 15) or rate_index == 3 or head[3] & 3 == 2:
        return None
    rate = _MPEG_RATES[version][rate_index]
    kbits = _MPEG_KBITS[1 if version == 3 else 2, layer][kbits_index - 1]
    samples = 384 if layer == 1 else 1152 if layer == 2 or version == 3 else 576
    padding = head[2] >> 1 & 1
    size = (12_000 * kbits // rate + padding) * 4 if layer == 1 else samples * 125 * kbits // rate + padding
    channels = 1 if head[3] >> 6 == 3 else 2
    side = (32 if channels == 2 else 17) if version == 3 else (17 if channels == 2 else 9)
    return MpegFrame(layer, rate, channels, samples, size, side)


def mpeg_size(head: bytes) -> int:
    """Length of an MPEG audio frame of any layer."""
    frame = mpeg_frame(head)
    return frame.size if frame else 0


def adts_size(head: bytes) -> int:
    """Length of an AAC frame with an ADTS header."""
    if len(head) < 6 or head[0] != 0xFF or head[1] & 0xF6 != 0xF0 or head[2] >> 2 & 15 > 12:
        return 0
    size = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
    return size if size > 7 else 0


def loas_size(head: bytes) -> int:
    """Length of an AAC frame in LOAS/LATM."""
    if len(head) < 3 or head[0] != 0x56 or head[1] & 0xE0 != 0xE0:
        return 0
    return ((head[1] & 0x1F) << 8 | head[2]) + 3


def ac3_size(head: bytes) -> int:
    """Length of an AC-3 frame."""
    if len(head) < 6 or head[:2] != b"\x0b\x77" or head[5] >> 3 > 10:
        return 0
    rate, code = head[4] >> 6, head[4] & 0x3F
    if rate == 3 or code >= 2 * len(_AC3_KBITS):
        return 0
    kbits = _AC3_KBITS[code // 2]
    # In 44.1 kHz frames the last bit of the code adds one 16-bit word.
    return 2 * (kbits * 2, kbits * 96_000 // 44_100 + code % 2, kbits * 3)[rate]


def eac3_size(head: bytes) -> int:
    """Length of an E-AC-3 frame."""
    if len(head) < 6 or head[:2] != b"\x0b\x77" or not 11 <= head[5] >> 3 <= 16:
        return 0
    return 2 * ((head[2] & 7) << 8 | head[3]) + 2


def amr_size(head: bytes, *, wide: bool) -> int:
    """Length of an AMR frame, or of one in AMR-WB (`wide`)."""
    if not head or head[0] & 0x83:
        return 0
    return 1 + (_AMR_WB if wide else _AMR_NB)[head[0] >> 3 & 15]


def chained(data: bytes, size: FrameSize, *, start: int = 0, frames: int = 4) -> bool:
    """Whether `frames` frames follow each other from `start` on. Two chance bytes look like a header, a chain does not.

    Where the data end within the chain, at least two whole frames must be there.
    """
    offset = start
    for whole in range(frames):
        if offset < len(data) and not (length := size(data[offset : offset + 8])):
            return False
        if offset >= len(data) or offset + length > len(data):
            return whole >= 2
        offset += length
    return True
