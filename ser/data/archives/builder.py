"""Collects the files of zips, folders and uploads into an `Archive`. Zips are opened here and nowhere else."""

import io
import os
import re
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any, Self

from ser.data.archives.addresses import Remote
from ser.data.archives.archive import Archive
from ser.data.archives.file_names import clean_name, is_junk, zip_names
from ser.data.archives.members import READABLE, InMemory, Member, in_zip, on_disk, packed_by
from ser.data.archives.zips import UNREADABLE, describe_failure, is_folder, is_zip
from ser.errors import DatasetError
from ser.limits import Limits
from ser.text import shown_name

_LONGEST_NAME = 1_000
_DIRECTORY_MARK = b"PK\x01\x02"


class TooManyFilesError(DatasetError):
    """There are more files than can be listed, so none of them is used."""


class ArchiveBuilder:
    """Collects the files of zips, folders and uploads under clean names; closes what it opened if that fails."""

    def __init__(self, name: str, limits: Limits) -> None:
        """Begin an archive without files; `name` is what to call it in sentences."""
        self.name, self._limits = name, limits
        self._members: dict[str, Member] = {}
        self._hidden: list[str] = []
        self._repeated: list[str] = []
        self._reported: list[str] = []
        self._close: list[Callable[[], None]] = []
        self._room, self._inner = limits.unpacked_bytes, limits.held_bytes
        self._count = 0

    def __enter__(self) -> Self:
        """Return the builder itself."""
        return self

    def __exit__(self, error: type | None, *_: object) -> None:
        """Close what was opened if an error was raised."""
        if error is not None:
            for close in self._close:
                close()

    def done(self, root: Path | Remote | None = None, source: Path | str | None = None) -> Archive:
        """The archive; in a `root` folder, files that are not listed can be read as well."""
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
            source,
        )

    def add(self, name: str, member: Member, *, depth: int = 0) -> None:
        """Take one file; a zip is opened, unless it lies in a zip within a zip."""
        self._count += 1
        if self._count > self._limits.entries:
            self._fail(self.name)
        if not name:
            return
        if len(name) > _LONGEST_NAME:
            self._reported.append(
                f"{shown_name(name)} has a name of {len(name):,} characters and is left out; at most "
                f"{_LONGEST_NAME:,} can be used. Give it a shorter name."
            )
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

    def add_remote(self, remote: Remote) -> None:
        """Take all files of a folder at an address; a zip among them is fetched when it is opened."""
        for name, member in remote.members().items():
            self.add(clean_name(name), member)

    def add_zip(self, source: bytes | Path | Remote, name: str, *, below: str = "", depth: int = 0) -> None:
        """Take all files of a zip."""
        file: Any = source
        if not isinstance(source, Path):
            file = io.BytesIO(source) if isinstance(source, bytes) else source.open()
        if isinstance(source, bytes) and source.count(_DIRECTORY_MARK) > 2 * self._limits.entries:
            self._fail(name)
        try:
            opened = zipfile.ZipFile(file)
            infos = [info for info in opened.infolist() if not is_folder(info)]
        except UNREADABLE as error:
            raise DatasetError(describe_failure(_begin(source), name)) from error
        self._close.append(opened.close)
        names = zip_names(infos)
        visible = [info for info, inside in zip(infos, names, strict=True) if not is_junk(inside)]
        self._check(name, visible)
        lock = threading.Lock()  # a zip's members share one file position
        for info, inside in zip(infos, names, strict=True):
            # `ZipExtFile` reads no further than announced, so what is announced bounds what can come out.
            self.add(below + inside, in_zip(opened, info, lock), depth=depth + 1)

    def _check(self, name: str, infos: list[zipfile.ZipInfo]) -> None:
        """Refuse a zip that announces more than can be used, before anything is read."""
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
        """Open a zip among the files; what cannot be opened in it is reported, and the rest is used."""
        try:
            data = source if isinstance(source, Path) else self._held(name, source, depth)
            self.add_zip(data, name, below=f"{re.sub('[.]zip$', '', name, flags=re.IGNORECASE)}/", depth=depth)
        except TooManyFilesError:
            raise
        except DatasetError as error:
            self._reported.append(str(error))
        except UNREADABLE as error:
            self._reported.append(f"{name} cannot be read ({error}) and is left out. Copy or pack it again.")

    def _held(self, name: str, member: Member, depth: int) -> bytes:
        """The bytes of a zip within a zip, which have to be in memory to be opened."""
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
        raise TooManyFilesError(f"{name} holds more than {self._limits.entries:,} files. Give a part of it.")


def _is_zip_member(name: str, member: Member) -> bool:
    """Whether a file is a zip. An upload may be one under any name; in folders and zips the ending decides."""
    return isinstance(member.read, InMemory) and is_zip(member.read(4), name)


def _begin(source: bytes | Path | Remote) -> bytes | Path:
    """What says best what a file is that is no zip."""
    if not isinstance(source, Remote):
        return source
    with source.open() as file:
        return file.read(1024)


def _bytes_in_words(count: int) -> str:
    return f"{count >> 30} GB" if count >= 1 << 30 else f"{count >> 20} MB"
