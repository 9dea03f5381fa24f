"""A zip, a folder or uploaded files as one list of names that mean the same everywhere: the only place that opens zips.

Nothing is written to disk, so a path in a zip can reach nothing. What a zip could still do is swell, so every file is
read no further than `ser.limits` allows.

Names come out as people meant them (`ser.data.archives.file_names`). Hidden files and what operating systems leave
behind are passed
over. A zip within a zip is a folder of its name; a zip within that one is reported and left out.
"""

import hashlib
import io
import os
import re
import struct
import threading
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Self

from ser.audio import formats
from ser.data.archives.file_names import clean_name, is_junk, zip_names
from ser.data.archives.members import READABLE, InMemory, Member, in_memory, in_zip, on_disk, packed_by
from ser.errors import DatasetError
from ser.limits import OPERATOR, VISITOR, Limits

UNREADABLE = (OSError, ValueError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error)
"""All that zipfile is known to raise on a damaged, encrypted, foreign or closed archive."""

OFFICE = frozenset(
    [".xlsx", ".xlsm", ".docx", ".pptx", ".ods", ".odt", ".odp", ".epub", ".jar", ".apk", ".npz", ".whl", ".kmz"]
)
_DIRECTORY_MARK = b"PK\x01\x02"
_CHUNK = 1 << 20


def is_zip(data: bytes, name: str = "") -> bool:
    """Whether bytes begin as a zip of files does.

    Args:
        data: a file's bytes.
        name: its name; an Office document is a zip too, and is known by its ending.

    Returns:
        True also for a damaged zip, which `open_upload` then reports.
    """
    begins = data[:4] in (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
    return begins and PurePosixPath(name).suffix.lower() not in OFFICE


@dataclass(frozen=True)
class Archive:
    """Files under clean names; a context manager that closes what was opened.

    Attributes:
        name: what to call it in sentences.
        names: of all files but the hidden ones, in the order found.
        hidden: names of hidden files and of what operating systems leave behind.
        repeated: names that are there again with the same content; they count once.
        reported: what in it cannot be opened, in sentences.
        limits: how much of it can be used.
    """

    name: str
    names: tuple[str, ...]
    hidden: tuple[str, ...]
    repeated: tuple[str, ...]
    reported: tuple[str, ...]
    limits: Limits
    _members: dict[str, Member] = field(repr=False, compare=False)
    _close: tuple[Callable[[], None], ...] = field(repr=False, compare=False)
    _root: Path | None = field(default=None, repr=False, compare=False)

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
        return name in self._members or (self._root is not None and (self._root / name).is_file())

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
        """A file's bytes; may be called from several threads.

        Args:
            name: one of `names`.

        Returns:
            The bytes as they are packed.

        Raises:
            DatasetError: it is not there, cannot be read, or is larger than `Limits.clip_bytes`.
        """
        most = self.limits.clip_bytes
        try:
            data = self._member(name).read(most + 1)
        except FileNotFoundError:
            raise DatasetError(f"{name} is not in {self.name}. Check its path.") from None
        except UNREADABLE as bad:
            raise DatasetError(f"{name} in {self.name} cannot be read ({bad}). Copy or pack it again.") from bad
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
        """Hexadecimal SHA-256 of names and contents, whatever their order.

        Raises:
            DatasetError: a file cannot be read.
        """
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
        if self._root is not None and (self._root / name).is_file():
            return on_disk(self._root / name)
        raise FileNotFoundError(name)


def open_archive(
    source: bytes | str | os.PathLike[str],
    *,
    name: str | None = None,
    limits: Limits = OPERATOR,
    listed: bool = True,
) -> Archive:
    """Open a zip or a folder.

    Args:
        source: its path, or a zip's bytes.
        name: what to call it; its path if left out.
        limits: how much of it can be used.
        listed: whether a folder's files are listed. Without, files can be read by their paths alone.

    Returns:
        The `Archive`; close it or use it in a `with` statement.

    Raises:
        DatasetError: nothing is there, it is no zip, damaged or locked, or holds more than can be used.

    Example:
        >>> buffer = io.BytesIO()
        >>> with zipfile.ZipFile(buffer, "w") as out:
        ...     out.writestr("takes\\\\one.wav", b"sound")
        ...     out.writestr("__MACOSX/takes/._one.wav", b"junk")
        >>> with open_archive(buffer.getvalue(), name="takes.zip") as archive:
        ...     archive.names, archive.read("takes/one.wav")
        (('takes/one.wav',), b'sound')
    """
    if isinstance(source, bytes):
        with _Builder(name or "the zip", limits) as build:
            build.add_zip(source, build.name)
            return build.done()
    path = Path(source).expanduser()
    with _Builder(name or str(source), limits) as build:
        if path.is_dir():
            if listed:
                build.add_folder(path)
            return build.done(root=path)
        if not path.exists():
            raise DatasetError(f"There is no folder or zip {build.name}. Check the path and its spelling.")
        build.add_zip(path, build.name)
        return build.done()


def open_upload(files: Sequence[tuple[str, bytes]], *, limits: Limits = VISITOR) -> Archive:
    """Take uploaded files, in memory; zips among them are opened.

    Args:
        files: name or path, and bytes, of each. A single zip is opened as it is; of several files, each zip becomes
            a folder of its name.
        limits: how much of them can be used.

    Returns:
        The `Archive`.

    Raises:
        DatasetError: they are too large, or a single zip is damaged, locked or no zip.

    Example:
        >>> open_upload([("a.wav", b"1"), ("b.wav", b"2")]).name
        '2 files'
    """
    if sum(len(data) for _, data in files) > limits.upload_bytes:
        raise DatasetError(
            f"These files are more than {limits.upload_bytes >> 20} MB. Give a part of them, or FLAC or MP3 files."
        )
    if len(files) == 1 and (is_zip(files[0][1], files[0][0]) or files[0][0].lower().endswith(".zip")):
        with _Builder(files[0][0], limits) as build:
            build.add_zip(files[0][1], files[0][0])
            return build.done()
    folders = {PurePosixPath(clean_name(name)).parts[0] for name, _ in files if "/" in clean_name(name)}
    whole = len(folders) == 1 and all("/" in clean_name(name) for name, _ in files)
    with _Builder(folders.pop() if whole else f"{len(files)} file{'s'[: len(files) != 1]}", limits) as build:
        for name, data in files:
            build.add(clean_name(name), in_memory(data))
        return build.done()


# --- how members are found -----------------------------------------------------------------------------------------


class _TooManyError(DatasetError):
    """There are more files than can be listed, so that nothing of them is used."""


class _Builder:
    """Collects the files of zips, folders and uploads under clean names; closes what it opened if that fails."""

    def __init__(self, name: str, limits: Limits) -> None:
        self.name, self._limits = name, limits
        self._members: dict[str, Member] = {}
        self._hidden: list[str] = []
        self._repeated: list[str] = []
        self._reported: list[str] = []
        self._close: list[Callable[[], None]] = []
        self._room, self._inner = limits.unpacked_bytes, limits.held_bytes
        self._count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type | None, *_: object) -> None:
        if kind is not None:
            for close in self._close:
                close()

    def done(self, root: Path | None = None) -> Archive:
        names = tuple(self._members)
        return Archive(
            self.name,
            names,
            tuple(self._hidden),
            tuple(self._repeated),
            tuple(self._reported),
            self._limits,
            self._members,
            tuple(self._close),
            root,
        )

    def add(self, name: str, member: Member, *, depth: int = 0) -> None:
        """Take one file; a zip is opened, unless it lies in a zip within a zip."""
        self._count += 1
        if self._count > self._limits.entries:
            self._fail(self.name)
        if not name:
            return
        if is_junk(name):
            self._hidden.append(name)
        elif PurePosixPath(name).suffix.lower() == ".zip" or (depth == 0 and _is_zip_member(name, member)):
            self._add_inner(name, member, depth)
        else:
            self._keep(name, member)

    def add_folder(self, root: Path) -> None:
        """Take all files of a folder and those below it."""
        for folder, folders, files in os.walk(root):
            here = Path(folder)
            # What lies in a hidden folder, such as ten thousand objects of Git, need not even be listed.
            self._hidden += [
                f"{clean_name((here / each).relative_to(root).as_posix())}/" for each in folders if is_junk(each)
            ]
            folders[:] = sorted(each for each in folders if not is_junk(each))
            for path in (here / each for each in sorted(files)):
                inside = clean_name(path.relative_to(root).as_posix())
                if path.suffix.lower() == ".zip" and not is_junk(inside):
                    self._add_inner(inside, path, 0)
                elif path.is_file():
                    self.add(inside, on_disk(path))

    def add_zip(self, source: bytes | Path, name: str, *, below: str = "", depth: int = 0) -> None:
        """Take all files of a zip."""
        file = io.BytesIO(source) if isinstance(source, bytes) else source
        if isinstance(source, bytes) and source.count(_DIRECTORY_MARK) > 2 * self._limits.entries:
            self._fail(name)
        try:
            opened = zipfile.ZipFile(file)
            infos = [info for info in opened.infolist() if not _is_folder(info)]
        except UNREADABLE as bad:
            raise DatasetError(_no_zip(source, name)) from bad
        self._close.append(opened.close)
        names = zip_names(infos)
        wanted = [info for info, inside in zip(infos, names, strict=True) if not is_junk(inside)]
        self._check(name, wanted)
        lock = threading.Lock()  # a zip's members share one file position
        for info, inside in zip(infos, names, strict=True):
            # `ZipExtFile` reads no further than announced, so what is announced bounds what can come out.
            self.add(below + inside, in_zip(opened, info, lock), depth=depth + 1)

    def _check(self, name: str, infos: list[zipfile.ZipInfo]) -> None:
        """What a zip announces must fit before anything is read."""
        if not infos:
            raise DatasetError(f"{name} has no files in it. Choose a zip with audio files.")
        if all(info.flag_bits & 1 for info in infos):
            raise DatasetError(f"{name} is locked with a password. Pack it again without one.")
        if all(info.compress_type not in READABLE for info in infos):
            raise DatasetError(f"{name} {packed_by(infos[0])}")
        self._room -= sum(info.file_size for info in infos)
        if self._room < 0:
            raise DatasetError(
                f"{name} unpacks to more than {_bytes_in_words(self._limits.unpacked_bytes)}. Split it into smaller "
                "zips."
            )

    def _add_inner(self, name: str, source: Member | Path, depth: int) -> None:
        """A zip among the files; what cannot be opened in it is reported, and the rest is used."""
        try:
            data = source if isinstance(source, Path) else self._held(name, source, depth)
            self.add_zip(data, name, below=f"{re.sub('[.]zip$', '', name, flags=re.IGNORECASE)}/", depth=depth)
        except _TooManyError:
            raise
        except DatasetError as error:
            self._reported.append(str(error))
        except UNREADABLE as bad:
            self._reported.append(f"{name} cannot be read ({bad}) and is left out. Copy or pack it again.")

    def _held(self, name: str, member: Member, depth: int) -> bytes:
        """The bytes of a zip within a zip: to be opened, they have to be in memory."""
        if depth > 1:
            raise DatasetError(f"{name} is a zip in a zip within a zip and is left out. Unpack it first.")
        if member.size > self._inner:
            raise DatasetError(
                f"{name} is larger than {_bytes_in_words(self._limits.held_bytes)}, too large for a zip within a zip, "
                "and is left out. Unpack it first."
            )
        data = member.read(self._inner + 1)
        self._inner -= len(data)
        return data

    def _keep(self, name: str, member: Member) -> None:
        pure, number, other = PurePosixPath(name), 1, name
        while other in self._members:
            known = self._members[other]
            if member.check is not None and (known.size, known.check) == (member.size, member.check):
                self._repeated.append(name)
                return
            number += 1
            other = str(pure.with_name(f"{pure.stem} ({number}){pure.suffix}"))
        self._members[other] = member

    def _fail(self, name: str) -> None:
        raise _TooManyError(f"{name} holds more than {self._limits.entries:,} files. Give a part of it.")


def _is_zip_member(name: str, member: Member) -> bool:
    """An uploaded file may be a zip under any name; in folders and zips the ending tells, and nothing is read."""
    return isinstance(member.read, InMemory) and is_zip(member.read(4), name)


def _is_folder(info: zipfile.ZipInfo) -> bool:
    # Some Windows tools end folders with a backslash.
    return info.is_dir() or info.filename.endswith("\\")


def _no_zip(source: bytes | Path, name: str) -> str:
    """Say what a file is that cannot be opened as a zip."""
    try:
        if isinstance(source, bytes):
            head = source[:1024]
        else:
            with source.open("rb") as file:
                head = file.read(1024)
    except OSError as bad:
        return f"{name} cannot be read ({bad}). Check the path."
    if is_zip(head):
        return f"{name} is a damaged zip and cannot be unpacked. Pack or copy it again."
    if not head:
        return f"{name} is empty (0 bytes). Copy or pack it again."
    found = formats.sniff(head)
    if found is not None:
        return f"{name} is one {found.name} recording; a zip or a folder of clips is needed. Pack the clips as a zip."
    what = formats.named(head) or "is a text"
    if what.startswith("is a text"):
        what = "is neither a folder nor a zip. Give the zip or folder with the clips."
    return f"{name} {what}"


def _bytes_in_words(count: int) -> str:
    return f"{count >> 30} GB" if count >= 1 << 30 else f"{count >> 20} MB"
