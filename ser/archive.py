"""A zip of clips, opened in memory without trusting it.

Nothing is written to disk, so a path in a zip can reach nothing; what a zip could still do is swell. What it announces
is therefore only a first check: every member is read no further than the limits allow.
"""

import io
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from ser.errors import AudioError

MAX_FILES = 300
MAX_BYTES = 256 << 20
"""Of all files together once unpacked: half an hour of 48 kHz stereo in 24 bits, and what a small server can hold."""

# Left behind by macOS and Windows; nobody's clips.
_JUNK = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini")
UNREADABLE = (OSError, ValueError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error)
"""All that zipfile is known to raise on a damaged, encrypted, foreign or closed archive."""


@dataclass(frozen=True)
class Member:
    """One file of a zip.

    Attributes:
        name: its path within the zip.
        data: its bytes.
    """

    name: str
    data: bytes = field(repr=False)


def is_zip(data: bytes) -> bool:
    """Whether bytes begin as a zip does.

    Args:
        data: a file's bytes.

    Returns:
        True also for a damaged zip, which `unpack` then says so of.
    """
    return data[:4] in (b"PK\x03\x04", b"PK\x05\x06")


def unpack(data: bytes, name: str) -> tuple[Member, ...]:
    """Read all files of a zip, folders within it included.

    Args:
        data: the zip's bytes.
        name: what to call it in messages.

    Returns:
        The files in the zip's order, without folders, hidden files and what operating systems leave behind.

    Raises:
        AudioError: it is damaged, encrypted or empty, or holds more files or bytes than can be used.

    Example:
        >>> buffer = io.BytesIO()
        >>> with zipfile.ZipFile(buffer, "w") as out:
        ...     out.writestr("takes/one.wav", b"sound")
        ...     out.writestr("__MACOSX/takes/._one.wav", b"junk")
        >>> [member.name for member in unpack(buffer.getvalue(), "takes.zip")]
        ['takes/one.wav']
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir() and not is_junk(info.filename)]
            _check(infos, name)
            members, room = [], MAX_BYTES
            for info in infos:
                with archive.open(info) as file:
                    content = file.read(room + 1)
                if len(content) > room:
                    raise _too_big(name)
                room -= len(content)
                members.append(Member(info.filename, content))
            return tuple(members)
    except UNREADABLE as error:
        raise AudioError(f"{name} is a damaged zip and cannot be unpacked. Pack or copy it again.") from error


def _check(infos: list[zipfile.ZipInfo], name: str) -> None:
    """What a zip announces about itself must fit before anything is read."""
    if not infos:
        raise AudioError(f"{name} has no files in it. Choose a zip with audio files.")
    if len(infos) > MAX_FILES:
        raise AudioError(
            f"{name} holds {len(infos):,} files; at most {MAX_FILES} can be used at once. Split it into smaller zips."
        )
    if any(info.flag_bits & 1 for info in infos):
        raise AudioError(f"{name} is locked with a password. Pack it again without one.")
    if sum(info.file_size for info in infos) > MAX_BYTES:
        raise _too_big(name)


def _too_big(name: str) -> AudioError:
    return AudioError(
        f"{name} unpacks to more than {MAX_BYTES >> 20} MB, more than can be held. Split it, or pack FLAC or MP3 files."
    )


def is_junk(path: str) -> bool:
    """Whether a file is one that macOS or Windows left behind.

    Args:
        path: within a zip or folder, with forward slashes.

    Returns:
        True for nobody's clips.
    """
    parts = PurePosixPath(path).parts
    return any(part in _JUNK or part.startswith("._") for part in parts)
