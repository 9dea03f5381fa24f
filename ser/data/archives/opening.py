"""Opens zips, folders and uploaded files as an `Archive`."""

import os
from collections.abc import Sequence
from pathlib import PurePosixPath

from ser.data.archives.addresses import Remote, located
from ser.data.archives.archive import Archive
from ser.data.archives.builder import ArchiveBuilder
from ser.data.archives.file_names import clean_name
from ser.data.archives.members import in_memory
from ser.data.archives.zips import is_zip
from ser.errors import DatasetError
from ser.limits import OPERATOR, VISITOR, Limits
from ser.text import count


def open_archive(
    source: bytes | str | os.PathLike[str],
    *,
    name: str | None = None,
    limits: Limits = OPERATOR,
    listed: bool = True,
) -> Archive:
    """Open a zip or a folder.

    Args:
        source: its path, its address for fsspec such as `s3://bucket/clips`, or a zip's bytes.
        name: what to call it; its path if left out.
        limits: how much of it can be used.
        listed: whether a folder's files are listed; if not, files can only be read by their paths.

    Returns:
        The `Archive`; close it or use it in a `with` statement.

    Raises:
        DatasetError: nothing is there, it is no zip, damaged or locked, or holds more than can be used.

    Examples:
        >>> import io, zipfile
        >>> buffer = io.BytesIO()
        >>> with zipfile.ZipFile(buffer, "w") as out:
        ...     out.writestr("takes\\\\one.wav", b"sound")
        ...     out.writestr("__MACOSX/takes/._one.wav", b"junk")
        >>> with open_archive(buffer.getvalue(), name="takes.zip") as archive:
        ...     archive.names, archive.read("takes/one.wav")
        (('takes/one.wav',), b'sound')
    """
    if isinstance(source, bytes):
        with ArchiveBuilder(name or "the zip", limits) as build:
            build.add_zip(source, build.name)
            return build.done()
    path = located(source)
    with ArchiveBuilder(name or str(source), limits) as build:
        if isinstance(path, str):
            return _at_address(build, Remote(path), listed)
        if path.is_dir():
            if listed:
                build.add_folder(path)
            return build.done(root=path, source=path)
        if not path.exists():
            raise DatasetError(f"There is no folder or zip {build.name}. Check the path and its spelling.")
        build.add_zip(path, build.name)
        return build.done(source=path)


def _at_address(build: ArchiveBuilder, remote: Remote, listed: bool) -> Archive:
    if not remote.is_folder:
        build.add_zip(remote, build.name)
        return build.done(source=remote.address)
    if listed:
        build.add_remote(remote)
    return build.done(root=remote, source=remote.address)


def too_large(limits: Limits) -> str:
    """The sentence on files that are too large together."""
    return f"These files are more than {limits.upload_bytes >> 20} MB. Give a part of them, or FLAC or MP3 files."


def open_upload(files: Sequence[tuple[str, bytes]], *, limits: Limits = VISITOR) -> Archive:
    """Take uploaded files, in memory; zips among them are opened.

    Args:
        files: name or path, and bytes, of each. A single zip is opened as it is; of several files, each zip becomes a
            folder of its name.
        limits: how much of them can be used.

    Returns:
        The `Archive`.

    Raises:
        DatasetError: they are too large, or a single zip is damaged, locked or no zip.

    Examples:
        >>> open_upload([("a.wav", b"1"), ("b.wav", b"2")]).name
        '2 files'
    """
    if sum(len(data) for _, data in files) > limits.upload_bytes:
        raise DatasetError(too_large(limits))
    if len(files) == 1 and (is_zip(files[0][1], files[0][0]) or files[0][0].lower().endswith(".zip")):
        with ArchiveBuilder(files[0][0], limits) as build:
            build.add_zip(files[0][1], files[0][0])
            return build.done()
    folders = {PurePosixPath(clean_name(name)).parts[0] for name, _ in files if "/" in clean_name(name)}
    whole = len(folders) == 1 and all("/" in clean_name(name) for name, _ in files)
    with ArchiveBuilder(folders.pop() if whole else count(len(files), "file"), limits) as build:
        for name, data in files:
            build.add(clean_name(name), in_memory(data))
        return build.done()
