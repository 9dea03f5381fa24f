"""Fetches one file over HTTP, resumably: arrived bytes are kept, and only the rest is asked for.

This is own code because neither pooch nor requests resumes a download.
"""

import errno
import http.client
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ser.errors import DatasetError
from ser.steps import Steps

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
        total: bytes of the whole file.
        rate: bytes per second, the average of this run; 0 before the first ones arrive.
        seconds_left: at that rate; None where there is no rate yet.
    """

    done: int
    total: int
    rate: float
    seconds_left: float | None


def fetch(url: str, part: Path, size: int, waits: Sequence[float]) -> Steps[DownloadProgress, None]:
    """Fill the part file up to `size` bytes, over as many connections as it takes.

    Progress is reported about five times a second, at least once. `waits` are the seconds before each further try after
    the connection was lost. `DatasetError` if the address is wrong or the server keeps failing; the part is kept.
    """
    started = time.monotonic()
    arrived = 0
    trouble = ""

    def progress() -> DownloadProgress:
        done = bytes_in(part)
        rate = arrived / max(time.monotonic() - started, 1e-6)
        return DownloadProgress(done, size, rate, (size - done) / rate if rate else None)

    yield progress()
    for wait in (0, *waits):
        if bytes_in(part) >= size:
            break
        time.sleep(wait)
        try:
            with _request(url, bytes_in(part)) as answer:
                for new in _append(answer, url, part, size):
                    arrived += new
                    yield progress()
            trouble = "the connection broke off"
        except urllib.error.HTTPError as error:
            if error.code == 416:  # the server has no more than what is here: not this file
                part.unlink()
                trouble = "the part did not fit"
            else:
                trouble = _passing(error, url)
        except _LostError as error:
            trouble = str(error.__cause__)
    if bytes_in(part) < size:
        raise DatasetError(
            f"Only {bytes_in(part):,} of {size:,} bytes arrived from {url} after {1 + len(waits)} tries ({trouble}). "
            "They are kept: run the download again to go on from there."
        )
    yield progress()


def read_all(url: str, waits: Sequence[float]) -> bytes:
    """What a server sends, in memory, for files of a few megabytes.

    `waits` are the seconds before each further try. `DatasetError` if the address is wrong or the server keeps failing.
    """
    trouble = ""
    for wait in (0, *waits):
        time.sleep(wait)
        try:
            with _request(url, 0) as answer:
                return answer.read()
        except urllib.error.HTTPError as error:
            trouble = _passing(error, url)
        except _LostError as error:
            trouble = str(error.__cause__)
        except (OSError, http.client.HTTPException) as error:
            trouble = str(error) or "the connection broke off"
    raise DatasetError(f"{url} did not answer after {1 + len(waits)} tries ({trouble}). Run the download again later.")


def _passing(error: urllib.error.HTTPError, url: str) -> str:
    """What to call trouble that may pass; a `DatasetError` for any other answer."""
    if error.code in _PASSING_STATUS:
        return f"the server answers {error.code} {error.reason}"
    remedy = "Check the address, or fetch the file with a browser."
    if error.code == 403 and error.headers.get("X-RateLimit-Remaining") == "0":
        remedy = "It allows sixty lists of files an hour: run the download again in an hour."
    raise DatasetError(f"{url} answers {error.code} {error.reason}. {remedy}") from error


class _LostError(Exception):
    """The network failed, not the disk: both are OSErrors."""


def _request(url: str, offset: int) -> http.client.HTTPResponse:
    headers = {"User-Agent": "ser (data set download)"}
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
    offset = bytes_in(part)
    extent = answer.headers.get("Content-Range", "")  # such as "bytes 1000-1999/2000"
    goes_on = answer.status == 206 and extent.startswith(f"bytes {offset}-")
    announced = extent.rpartition("/")[2] if goes_on else answer.headers.get("Content-Length", "")
    if announced.isdecimal() and int(announced) != size:
        raise DatasetError(
            f"{url} announces {int(announced):,} bytes, but the published file has {size:,}: it is something else. "
            "Check the address, or fetch the file with a browser."
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


def check_space(part: Path, size: int) -> None:
    """Raise `DatasetError` if the disk has no room for the rest of a file."""
    needed = size - bytes_in(part)
    free = shutil.disk_usage(part.parent).free
    if needed > free:
        raise DatasetError(
            f"{needed / 1e6:.0f} MB are needed in {part.parent}, {free / 1e6:.0f} MB are free. "
            "Make room or choose another folder with --to."
        )


def disk_sentence(error: OSError, folder: Path, part: Path) -> str:
    """Why a folder cannot be written to, and what becomes of the bytes in the part."""
    if error.errno == errno.ENOSPC:
        return (
            f"The disk is full: {folder} has no room for the rest. The {bytes_in(part):,} bytes that arrived are "
            "kept; make room and run the download again."
        )
    return f"{folder} cannot be written to ({error.strerror or error}). Choose another folder with --to."


def bytes_in(file: Path) -> int:
    """Size of a file; 0 if there is none."""
    return file.stat().st_size if file.exists() else 0
