"""Where a process on another machine finds the file of a clip."""

from dataclasses import dataclass
from functools import lru_cache

from ser.data.archives.addresses import Remote, located
from ser.data.archives.archive import Archive
from ser.data.archives.opening import open_archive
from ser.errors import DatasetError


class OutOfReachError(DatasetError):
    """The zip or folder cannot be opened here."""


@dataclass(frozen=True)
class ClipLocation:
    """The zip or folder that a clip is in, and its name there.

    Attributes:
        archive: path or address.
        stamp: changes when a zip is replaced, so that nobody goes on reading the old one.
        name: of the clip's file.
    """

    archive: str
    stamp: str
    name: str

    def read(self) -> bytes:
        """The bytes of the file; `OutOfReachError` if the archive cannot be opened, `DatasetError` if the clip cannot
        be read.
        """
        try:
            opened = _opened(self.archive, self.stamp)
        except DatasetError as error:
            raise OutOfReachError(
                f"A worker cannot open the data: {error} Put them where all workers can read them: in a shared folder, "
                "or at an address that fsspec knows."
            ) from error
        return opened.read(self.name)


def location_of(archive: Archive, name: str) -> ClipLocation | None:
    """Where others find a file of an archive; None if they cannot, as in an upload or in a zip in a folder."""
    source = archive.source
    if source is None or name not in archive:
        return None
    if archive.is_folder and archive.unlisted(name) is None:
        return None
    return ClipLocation(str(source), "" if archive.is_folder else _stamp(str(source)), name)


@lru_cache(maxsize=4)
def _opened(archive: str, stamp: str) -> Archive:
    return open_archive(archive, listed=False)


@lru_cache(maxsize=4)
def _stamp(source: str) -> str:
    where = located(source)
    if isinstance(where, str):
        return Remote(where).stamp
    status = where.stat()
    return f"{status.st_size} {status.st_mtime_ns}"
