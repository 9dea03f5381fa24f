"""Fetches one file over HTTP, resumably: arrived bytes are kept, and only the rest is asked for.

This is own code because neither pooch nor requests resumes a download.
"""

import errno
import http.client
import shutil
import socket
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ser.errors import DatasetError
from ser.steps import Steps
from ser.text import count

_CHUNK = 1 << 18
STEP_SECONDS = 0.2  # often enough for a smooth bar, too rare to flood a log
TIMEOUT = 30
# A later try may succeed: the server is busy or in trouble for a moment.
_PASSING_STATUS = {408, 425, 429, 500, 502, 503, 504}
_BROKEN_OFF = "the connection broke off"


@dataclass(frozen=True)
class DownloadProgress:
    """Progress of a download.

    Attributes:
        done: bytes on disk, those of earlier runs included.
        total: bytes of the whole file.
        rate: bytes per second, the average of this run; 0 before the first ones arrive.
        seconds_left: at that rate; None where there is no rate yet.
        trouble: why the next try is waited for, such as "the connection was refused"; None while bytes arrive.
    """

    done: int
    total: int
    rate: float
    seconds_left: float | None
    trouble: str | None = None


def fetch(
    url: str, part: Path, size: int, waits: Sequence[float], pause: Callable[[float], object] | None = None
) -> Steps[DownloadProgress, None]:
    """Fill the part file up to `size` bytes, over as many connections as it takes.

    Progress is reported about five times a second, at least once. `waits` are the seconds before each further try after
    the connection was lost, and `pause` waits for so long. `DatasetError` if the address is wrong or the server keeps
    failing; the part is kept.
    """
    started = time.monotonic()
    arrived = 0
    trouble: str | None = None

    def progress() -> DownloadProgress:
        done = bytes_in(part)
        rate = arrived / max(time.monotonic() - started, 1e-6)
        return DownloadProgress(done, size, rate, (size - done) / rate if rate else None, trouble)

    yield progress()
    for wait in (0, *waits):
        if bytes_in(part) >= size:
            break
        if trouble:
            yield progress()
        (pause or time.sleep)(wait)
        trouble = None
        try:
            with _request(url, bytes_in(part)) as answer:
                for new in _append(answer, url, part, size):
                    arrived += new
                    yield progress()
            trouble = _BROKEN_OFF
        except urllib.error.HTTPError as error:
            if error.code == 416:  # the server has no more than what is here: not this file
                part.unlink()
                trouble = "the part did not fit"
            else:
                trouble = _passing(error, url)
        except _LostError as error:
            trouble = error.trouble
    if bytes_in(part) < size:
        raise DatasetError(_given_up(url, bytes_in(part), size, 1 + len(waits), trouble))
    trouble = None
    yield progress()


def _given_up(url: str, done: int, size: int, tries: int, trouble: str | None) -> str:
    """Why a file is not whole, and what becomes of its bytes."""
    what = f"Only {done:,} of {size:,} bytes" if done else "Nothing"
    remedy = "They are kept: run the download again to go on from there" if done else "Run the download again"
    return f"{what} arrived from {url} in {count(tries, 'attempt')}: {trouble}. {remedy} once the network works."


def read_all(url: str, waits: Sequence[float], pause: Callable[[float], object] | None = None) -> bytes:
    """What a server sends, in memory, for files of a few megabytes.

    `waits` are the seconds before each further try, and `pause` waits for so long. `DatasetError` if the address is
    wrong or the server keeps failing.
    """
    trouble: str | None = None
    for wait in (0, *waits):
        (pause or time.sleep)(wait)
        try:
            with _request(url, 0) as answer:
                return answer.read()
        except urllib.error.HTTPError as error:
            trouble = _passing(error, url)
        except _LostError as error:
            trouble = error.trouble
        except (OSError, http.client.HTTPException) as error:
            trouble = _trouble(error, url)
    raise DatasetError(_given_up(url, 0, 0, 1 + len(waits), trouble))


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

    def __init__(self, error: Exception, url: str) -> None:
        self.trouble = _trouble(error, url)


def _trouble(error: Exception, url: str) -> str:
    """What to call a failure of the network."""
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(reason, socket.gaierror):
        return f"the name {urllib.parse.urlsplit(url).hostname} cannot be found"
    if isinstance(reason, TimeoutError):
        return f"no answer came within {TIMEOUT} seconds"
    if isinstance(reason, ConnectionRefusedError):
        return "the connection was refused"
    if isinstance(reason, ssl.SSLCertVerificationError):
        return f"the server's certificate is not valid ({reason.verify_message})"
    if isinstance(reason, OSError) and reason.errno in (errno.ENETUNREACH, errno.EHOSTUNREACH):
        return "the network cannot be reached"
    return _BROKEN_OFF


def _request(url: str, offset: int) -> http.client.HTTPResponse:
    headers = {"User-Agent": "ser (data set download)"}
    if offset:
        headers["Range"] = f"bytes={offset}-"
    try:
        return urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=TIMEOUT)
    except urllib.error.HTTPError:
        raise
    except (OSError, http.client.HTTPException) as error:
        raise _LostError(error, url) from error
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
                raise _LostError(error, url) from error
            # One byte more than announced is enough to show a wrong file; the checksum says so.
            new += file.write(chunk[: size + 1 - file.tell()])
            if not chunk or file.tell() > size:
                break
            if time.monotonic() - reported >= STEP_SECONDS:
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
