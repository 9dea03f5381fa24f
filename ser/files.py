"""How files come into a folder: each whole or not there and, where several belong together, one writer at a time.

A writer that is killed leaves a file with the ending `.part` at most, which a later writer removes.
"""

import errno
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows has none: there, one server a folder
    fcntl = None  # type: ignore[assignment]

_PART = ".part"
# Far longer than a file takes to be written; a part this old is of a writer that was killed.
SECONDS_UNTIL_LEFT = 3600.0


@contextmanager
def only_writer(folder: Path) -> Iterator[None]:
    """Make the folder if it is missing, and wait until no other thread or process writes to it.

    The system gives the lock back when its process ends, however it ends.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if fcntl is None:
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # some network file systems lock no folders
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        remove_left_parts(folder)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Give a file to write to, which takes its real name at the end, so that others see it whole or not at all."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}{_PART}")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def remove_left_parts(folder: Path) -> None:
    """Remove what writers left who were killed long ago."""
    for part in folder.glob(f".*{_PART}"):
        with suppress(OSError):
            if time.time() - part.stat().st_mtime > SECONDS_UNTIL_LEFT:
                part.unlink()


def reason(error: OSError) -> str:
    """Why nothing can be written, in words, without the server's path, which a visitor has no business to see."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return "the disk is full"
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return "the folder is read-only"
    return error.strerror or type(error).__name__
