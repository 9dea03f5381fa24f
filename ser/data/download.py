"""Downloads RAVDESS's speech archive, checks it and moves it to its name.

Arrived bytes are kept in a `.part` file beside the archive. After a lost connection, a full disk or Ctrl-C, the next
run asks the server only for the rest. The whole file must have the published MD5 before it is moved, so an archive that
has its name is complete. This is own code because neither pooch nor requests resumes a download.

Licence of what is fetched: CC BY-NC-SA 4.0; see `ser.data.ravdess`.
"""

import errno
import hashlib
import http.client
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ser import config
from ser.data.ravdess import ARCHIVE_NAME
from ser.errors import DatasetError
from ser.steps import Steps

ARCHIVE_URL = f"https://zenodo.org/records/1188976/files/{ARCHIVE_NAME}?download=1"
ARCHIVE_MD5 = "bc696df654c87fed845eb13823edef8a"
ARCHIVE_BYTES = 208_468_073

_CHUNK = 1 << 18
_STEP_SECONDS = 0.2  # often enough for a smooth bar, too rare to flood a log
_TIMEOUT = 30
# A later try may succeed: the server is busy or in trouble for a moment.
_PASSING_STATUS = {408, 425, 429, 500, 502, 503, 504}


@dataclass(frozen=True)
class DownloadProgress:
    """Progress of a download.

    Attributes:
        done: bytes on disk, those of earlier runs included.
        total: bytes of the whole archive.
        rate: bytes per second, the average of this run; 0 before the first ones arrive.
        seconds_left: at that rate; None where there is no rate yet.
    """

    done: int
    total: int
    rate: float
    seconds_left: float | None


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
        _check_space(part, size)
        yield from _fetch(url, part, size, waits)
        arrived = _md5(part)
        if arrived != md5:
            part.unlink()
            raise DatasetError(
                f"What {url} sent has MD5 {arrived}, but {md5} is published. It was removed; run the download again."
            )
        part.replace(archive)
    except OSError as error:
        raise DatasetError(_disk_sentence(error, archive.parent, part)) from error
    return archive


def _fetch(url: str, part: Path, size: int, waits: Sequence[float]) -> Steps[DownloadProgress, None]:
    """Fill the part file up to `size` bytes, over as many connections as it takes."""
    started = time.monotonic()
    arrived = 0
    trouble = ""

    def progress() -> DownloadProgress:
        done = _bytes_in(part)
        rate = arrived / max(time.monotonic() - started, 1e-6)
        return DownloadProgress(done, size, rate, (size - done) / rate if rate else None)

    yield progress()
    for wait in (0, *waits):
        time.sleep(wait)
        if _bytes_in(part) >= size:
            break
        try:
            with _request(url, _bytes_in(part)) as answer:
                for new in _append(answer, url, part, size):
                    arrived += new
                    yield progress()
            trouble = "the connection broke off"
        except urllib.error.HTTPError as error:
            if error.code == 416:  # the server has no more than what is here: not this archive
                part.unlink()
                trouble = "the part did not fit"
            elif error.code in _PASSING_STATUS:
                trouble = f"the server answers {error.code} {error.reason}"
            else:
                raise DatasetError(
                    f"{url} answers {error.code} {error.reason}. "
                    "Check the address, or fetch the archive with a browser."
                ) from error
        except _LostError as error:
            trouble = str(error.__cause__)
    if _bytes_in(part) < size:
        raise DatasetError(
            f"Only {_bytes_in(part):,} of {size:,} bytes arrived from {url} after {1 + len(waits)} tries ({trouble}). "
            "They are kept: run the download again to go on from there."
        )
    yield progress()


class _LostError(Exception):
    """The network failed, not the disk: both are OSErrors."""


def _request(url: str, offset: int) -> http.client.HTTPResponse:
    headers = {"User-Agent": "ser (RAVDESS download)"}
    if offset:
        headers["Range"] = f"bytes={offset}-"
    try:
        return urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=_TIMEOUT)
    except urllib.error.HTTPError:
        raise
    except (OSError, http.client.HTTPException) as error:
        raise _LostError from error
    except ValueError as error:
        raise DatasetError(f"{url} is not an address that can be fetched ({error}). Check it.") from error


def _append(answer: http.client.HTTPResponse, url: str, part: Path, size: int) -> Iterator[int]:
    """Append an answer to the part, or replace the part where the server sends no ranges; yield the bytes that are
    new.
    """
    offset = _bytes_in(part)
    extent = answer.headers.get("Content-Range", "")  # such as "bytes 1000-1999/2000"
    goes_on = answer.status == 206 and extent.startswith(f"bytes {offset}-")
    announced = extent.rpartition("/")[2] if goes_on else answer.headers.get("Content-Length", "")
    if announced.isdecimal() and int(announced) != size:
        raise DatasetError(
            f"{url} announces {int(announced):,} bytes, but the archive has {size:,}: it is something else. "
            "Check the address, or fetch the archive with a browser."
        )
    with part.open("ab" if goes_on else "wb") as file:
        reported, new = time.monotonic(), 0
        while True:
            try:
                chunk = answer.read(_CHUNK)
            except (OSError, http.client.HTTPException) as error:
                raise _LostError from error
            # One byte more than announced is enough to show a wrong file; the checksum says so.
            new += file.write(chunk[: size + 1 - file.tell()])
            if not chunk or file.tell() > size:
                break
            if time.monotonic() - reported >= _STEP_SECONDS:
                file.flush()
                yield new
                reported, new = time.monotonic(), 0
    yield new


def _check_space(part: Path, size: int) -> None:
    needed = size - _bytes_in(part)
    free = shutil.disk_usage(part.parent).free
    if needed > free:
        raise DatasetError(
            f"{needed / 1e6:.0f} MB are needed in {part.parent}, {free / 1e6:.0f} MB are free. "
            "Make room or choose another folder with --to."
        )


def _disk_sentence(error: OSError, folder: Path, part: Path) -> str:
    if error.errno == errno.ENOSPC:
        return (
            f"The disk is full: {folder} has no room for the rest. The {_bytes_in(part):,} bytes that arrived are "
            "kept; make room and run the download again."
        )
    return f"{folder} cannot be written to ({error.strerror or error}). Choose another folder with --to."


def _bytes_in(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def _md5(file: Path) -> str:
    with file.open("rb") as stream:
        # A checksum against damage as the publisher gives it, not a seal.
        return hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
