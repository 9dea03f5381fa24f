"""A zip, a folder or uploaded files as one list of names that mean the same everywhere.

Nothing is written to disk, so a path in a zip can reach nothing. A zip could still unpack to far more than its size, so
every file is read no further than `ser.limits` allows.

Names are cleaned up (`ser.data.archives.file_names`). Hidden files and what operating systems leave behind are passed
over. A zip within a zip is a folder of its name; a zip within that one is reported and left out.
"""

import hashlib
import struct
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from ser.audio import formats
from ser.data.archives.addresses import Remote
from ser.data.archives.members import Member, on_disk
from ser.data.archives.zips import UNREADABLE
from ser.errors import DatasetError
from ser.limits import Limits


@dataclass(frozen=True)
class Archive:
    """Files under clean names; a context manager that closes what was opened.

    Attributes:
        name: what to call it in sentences.
        names: of all files but the hidden ones, in the order found.
        hidden: names of hidden files and of what operating systems leave behind.
        repeated: names that are there again with the same content; they count once.
        reported: sentences about what in it cannot be opened.
        limits: how much of it can be used.
        source: path or address of the zip or folder; None of an upload.
    """

    name: str
    names: tuple[str, ...]
    hidden: tuple[str, ...]
    repeated: tuple[str, ...]
    reported: tuple[str, ...]
    limits: Limits
    _members: dict[str, Member] = field(repr=False, compare=False)
    _close: tuple[Callable[[], None], ...] = field(repr=False, compare=False)
    _root: Path | Remote | None = field(default=None, repr=False, compare=False)
    source: Path | str | None = field(default=None, repr=False, compare=False)

    def __enter__(self) -> Self:
        """Return the archive itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Close the zip; folders and uploads need no closing."""
        for close in self._close:
            close()

    def __contains__(self, name: str) -> bool:
        """Whether a file is there; in a folder of the operator's also one outside of it, if its path leads there."""
        return name in self._members or self.unlisted(name) is not None

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder, whose files can be read without a list of them."""
        return self._root is not None

    def unlisted(self, name: str) -> Member | None:
        """A file that lies in the folder under just this name; None if there is none, or this is no folder."""
        if isinstance(self._root, Path):
            return on_disk(self._root / name) if (self._root / name).is_file() else None
        with suppress(FileNotFoundError):
            return None if self._root is None else self._root.member(name)
        return None

    def size(self, name: str) -> int:
        """A file's size in bytes, as announced."""
        return self._member(name).size

    def head(self, name: str, count: int = formats.HEAD_BYTES) -> bytes:
        """A file's first bytes; empty if it cannot be read."""
        try:
            return self._member(name).read(count)
        except UNREADABLE:
            return b""

    def read(self, name: str) -> bytes:
        """A file's bytes; may be called from several threads. `DatasetError` if it is missing, unreadable or too
        large.
        """
        most = self.limits.clip_bytes
        try:
            data = self._member(name).read(most + 1)
        except FileNotFoundError:
            raise DatasetError(f"{name} is not in {self.name}. Check its path.") from None
        except UNREADABLE as error:
            raise DatasetError(f"{name} in {self.name} cannot be read ({error}). Copy or pack it again.") from error
        if len(data) > most:
            raise DatasetError(
                f"{name} in {self.name} is larger than {most >> 20} MB; at most ten minutes can be used. "
                "Cut out the part you need."
            )
        return data

    def same(self, one: str, other: str) -> bool:
        """Whether two files have the same content; they are read only if sizes and checksums do not tell."""
        first, second = self._member(one), self._member(other)
        if first.size != second.size or None not in (first.check, second.check):
            return (first.size, first.check) == (second.size, second.check)
        try:
            return self.read(one) == self.read(other)
        except DatasetError:
            return False

    def digest(self) -> str:
        """Hexadecimal SHA-256 of names and contents, in any order; `DatasetError` if a file cannot be read."""
        whole = hashlib.sha256()
        for name in sorted(self.names):
            member = self._members[name]
            whole.update(f"{name}\0{member.size}\0".encode("utf-8", "surrogatepass"))
            content = member.check if member.check is not None else zlib.crc32(self.read(name))
            whole.update(struct.pack("<Q", content))
        return whole.hexdigest()

    def _member(self, name: str) -> Member:
        if name in self._members:
            return self._members[name]
        if (member := self.unlisted(name)) is not None:
            return member
        raise FileNotFoundError(name)
