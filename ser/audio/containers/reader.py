"""Access to the bytes of a file, and files put together from pieces of it."""

import bisect
import io
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from ser.errors import AudioError
from ser.text import shown_name

_BLOCK = 1 << 20
_LONGEST_MATCH = 1 << 10

Span = bytes | tuple[int, int]
"""Bytes as they are, or (offset, count) in a file."""


@dataclass(frozen=True)
class ByteReader:
    """An open file, read at any offset.

    It has no attribute `name`, by whose ending libsndfile and FFmpeg would let themselves be led.

    Attributes:
        label: what to call it in sentences.
        size: bytes.
    """

    label: str
    size: int
    _read: Callable[[int], bytes]
    _seek: Callable[..., int]

    def at(self, offset: int, count: int) -> bytes:
        """Read up to `count` bytes from `offset` on; fewer where the file ends."""
        if offset >= self.size or count <= 0:
            return b""
        self._seek(max(0, offset))
        return self._read(count)

    def blocks(self, start: int, end: int, overlap: int = 0) -> Iterator[tuple[int, bytes]]:
        """Read a stretch block by block, as (offset, bytes); each block repeats `overlap` bytes of the one before."""
        offset = start
        while offset < end:
            data = self.at(offset, min(_BLOCK, end - offset))
            if not data:
                return
            yield offset, data
            if offset + len(data) >= end:
                return
            offset += max(1, len(data) - overlap)

    def search(self, pattern: re.Pattern[bytes], start: int, end: int | None = None) -> int | None:
        """Offset of the first match of up to a kilobyte; None if there is none."""
        end = self.size if end is None else min(end, self.size)
        for offset, data in self.blocks(start, end, _LONGEST_MATCH):
            if match := pattern.search(data):
                return offset + match.start()
        return None

    def find(self, needle: bytes, start: int, end: int | None = None) -> Iterator[int]:
        """Offsets of some bytes, in order; much quicker than `search`."""
        end = self.size if end is None else min(end, self.size)
        for offset, data in self.blocks(start, end, len(needle) - 1):
            at = data.find(needle)
            while at >= 0:
                yield offset + at
                at = data.find(needle, at + 1)

    def error(self, what: str) -> AudioError:
        """An error whose sentence begins with the file's name and goes on with `what`."""
        return AudioError(f"{'The recording' if self.label == 'recording' else shown_name(self.label)} {what}")


_SMALL = 8 << 20


def spliced(file: ByteReader, spans: Sequence[Span]) -> io.BytesIO | io.RawIOBase:
    """A file for decoders, put together from bytes and stretches of another one. A large one is not copied."""
    if sum(len(span) if isinstance(span, bytes) else span[1] for span in spans) > _SMALL:
        return _SplicedFile(file, spans)
    return _MemoryFile(b"".join(span if isinstance(span, bytes) else file.at(*span) for span in spans))


class _MemoryFile(io.BytesIO):
    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        with suppress(ValueError):  # damaged headers ask for positions before the beginning
            return super().seek(offset, whence)
        return self.tell()


class _SplicedFile(io.RawIOBase):
    def __init__(self, file: ByteReader, spans: Sequence[Span]) -> None:
        super().__init__()
        self._file = file
        self._spans = [span for span in spans if (len(span) if isinstance(span, bytes) else span[1])]
        sizes = [len(span) if isinstance(span, bytes) else span[1] for span in self._spans]
        self._starts = [0]
        for size in sizes:
            self._starts.append(self._starts[-1] + size)
        self.size = self._starts[-1]
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self.size}[whence]
        if base + offset >= 0:  # damaged headers ask for positions before the beginning
            self._position = base + offset
        return self._position

    def read(self, count: int = -1) -> bytes:
        left = max(0, self.size - self._position)
        count = left if count is None or count < 0 else min(count, left)
        pieces = []
        while count > 0:
            index = bisect.bisect_right(self._starts, self._position) - 1
            within = self._position - self._starts[index]
            span = self._spans[index]
            take = min(count, self._starts[index + 1] - self._position)
            piece = span[within : within + take] if isinstance(span, bytes) else self._file.at(span[0] + within, take)
            if not piece:
                break
            pieces.append(piece)
            self._position += len(piece)
            count -= len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def readinto(self, buffer: Any) -> int:
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)
