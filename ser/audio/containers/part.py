"""One recording within a file, as its headers describe it."""

from dataclasses import dataclass, field, replace
from typing import Any

from ser.audio.containers.reader import Span
from ser.audio.formats import Format


@dataclass(frozen=True)
class Part:
    """One recording within a file.

    Attributes:
        format: its row of `ser.audio.formats.FORMATS`.
        spans: what a decoder is to read: bytes of a repaired header, and stretches of the file.
        seconds: the length that its header announces; None where it announces none.
        cut: whether bytes that it announces are missing at its end.
        whole: whether its headers say where it ends, and all of it is there.
        damaged: whether bytes in its middle do not belong there.
        sndfile: whether libsndfile is to read it; FFmpeg takes over where that fails.
        valid_bits: for integer samples, the bits that its header says are in use; else 0.
        bits: for integer samples, the bits that each takes; else 0.
        md5: of the samples as integers, where a header has it; else b"".
    """

    format: Format
    spans: tuple[Span, ...] = field(repr=False)
    seconds: float | None = None
    cut: bool = False
    whole: bool = False
    damaged: bool = False
    sndfile: bool = False
    valid_bits: int = 0
    bits: int = 0
    md5: bytes = b""

    @property
    def size(self) -> int:
        """Bytes that a decoder is to read."""
        return sum(len(span) if isinstance(span, bytes) else span[1] for span in self.spans)

    def but(self, **changes: Any) -> "Part":
        """The same part with some attributes changed."""
        return replace(self, **changes)
