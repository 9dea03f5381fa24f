"""One file of an archive: in a zip, in memory or on disk."""

import threading
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

_METHODS = {
    9: "Deflate64, as Windows Explorer packs large files",
    10: "PKWARE implode",
    93: "Zstandard",
    95: "XZ",
    96: "JPEG",
    97: "WavPack",
    98: "PPMd",
    99: "AES encryption",
}
READABLE = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
"""Methods of packing that `zipfile` unpacks in every version of Python that is supported."""


@dataclass(frozen=True)
class Member:
    """One file.

    Attributes:
        size: in bytes, as announced.
        read: returns up to so many of the file's first bytes.
        check: CRC-32 of a file in a zip or in memory, which finds equal files without reading them; None on disk.
    """

    size: int
    read: Callable[[int], bytes] = field(repr=False)
    check: int | None = None


@dataclass(frozen=True)
class InMemory:
    """Reads bytes that are in memory."""

    data: bytes

    def __call__(self, count: int) -> bytes:
        """Return so many of the first bytes."""
        return self.data[:count]


def in_memory(data: bytes) -> Member:
    """A file that was uploaded."""
    return Member(len(data), InMemory(data), zlib.crc32(data))


def on_disk(path: Path) -> Member:
    """A file of the operator's."""

    def read(count: int) -> bytes:
        with path.open("rb") as file:
            return file.read(count)

    return Member(path.stat().st_size, read)


def in_zip(opened: zipfile.ZipFile, info: zipfile.ZipInfo, lock: threading.Lock) -> Member:
    """A file in a zip; `lock` is held while it is read, as all files of a zip share one position.

    Reading raises a RuntimeError if it is locked with a password or packed in a way that cannot be unpacked.
    """

    def read(count: int) -> bytes:
        if info.flag_bits & 1:
            raise RuntimeError("it is locked with a password")
        if info.compress_type not in READABLE:
            raise RuntimeError(packed_by(info))
        with lock, opened.open(info) as file:
            return file.read(count)

    return Member(info.file_size, read, info.CRC)


def packed_by(info: zipfile.ZipInfo) -> str:
    """Says how a file is packed that cannot be unpacked, and what to do, as the end of a sentence."""
    method = _METHODS.get(info.compress_type, f"the method {info.compress_type}")
    return f"is packed with {method}, which cannot be unpacked here. Pack it again as an ordinary zip (Deflate)."
