"""Downloads RAVDESS's speech archive, checks it and moves it to its name.

Arrived bytes are kept in a `.part` file beside the archive. After a lost connection, a full disk or Ctrl-C, the next
run asks the server only for the rest. The whole file must have the published MD5 before it is moved, so an archive that
has its name is complete.

Licence of what is fetched: CC BY-NC-SA 4.0; see `ser.data.data_sets`.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from ser import config
from ser.data.downloads.fetching import DownloadProgress, check_space, disk_sentence, fetch
from ser.data.ravdess import ARCHIVE_NAME
from ser.errors import DatasetError
from ser.steps import Steps

# As published at doi:10.5281/zenodo.1188976.
ARCHIVE_URL = f"https://zenodo.org/records/1188976/files/{ARCHIVE_NAME}?download=1"
ARCHIVE_MD5 = "bc696df654c87fed845eb13823edef8a"
ARCHIVE_BYTES = 208_468_073


def download(
    to: Path | None = None,
    *,
    url: str = ARCHIVE_URL,
    md5: str = ARCHIVE_MD5,
    size: int = ARCHIVE_BYTES,
    waits: Sequence[float] = (1, 3, 10, 30),
) -> Steps[DownloadProgress, Path]:
    """Download the archive into the folder `to`, by default the user's cache folder (`ser.config`), and return its
    path.

    Progress is reported about five times a second, at least once, and last with `done` equal to `total`. `md5` and
    `size` are those of the archive at `url`; `waits` are the seconds before each further try after the connection was
    lost.

    A `DatasetError` says that the address is wrong, the server keeps failing, the disk is full or not writable, or the
    file is not the published archive, and whether the arrived bytes are kept.
    """
    archive = (Path(to).expanduser() if to is not None else config.cache_folders()[0]) / ARCHIVE_NAME
    part = archive.with_name(archive.name + ".part")
    try:
        archive.parent.mkdir(parents=True, exist_ok=True)
        if archive.exists() and _md5(archive) == md5:
            yield DownloadProgress(size, size, 0.0, 0.0)
            return archive
        if part.exists() and part.stat().st_size > size:
            part.unlink()  # of another archive
        check_space(part, size)
        yield from fetch(url, part, size, waits)
        arrived = _md5(part)
        if arrived != md5:
            part.unlink()
            raise DatasetError(
                f"What {url} sent has MD5 {arrived}, but {md5} is published. It was removed; run the download again."
            )
        part.replace(archive)
    except OSError as error:
        raise DatasetError(disk_sentence(error, archive.parent, part)) from error
    return archive


def _md5(file: Path) -> str:
    with file.open("rb") as stream:
        # A checksum against damage as the publisher gives it, not a seal.
        return hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
