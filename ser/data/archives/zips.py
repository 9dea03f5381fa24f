"""Tells zips of files from other files, and says what a file is that cannot be opened as a zip."""

import zipfile
import zlib
from pathlib import Path, PurePosixPath

from ser.audio import formats

UNREADABLE = (OSError, ValueError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error)
"""All that zipfile is known to raise on a damaged, encrypted, foreign or closed archive."""
OFFICE_ENDINGS = frozenset(
    [".xlsx", ".xlsm", ".docx", ".pptx", ".ods", ".odt", ".odp", ".epub", ".jar", ".apk", ".npz", ".whl", ".kmz"]
)


def is_zip(data: bytes, name: str = "") -> bool:
    """Whether bytes begin as a zip does, damaged or not; an Office document is a zip too, but its `name` tells it."""
    begins = data[:4] in (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
    return begins and PurePosixPath(name).suffix.lower() not in OFFICE_ENDINGS


def is_folder(info: zipfile.ZipInfo) -> bool:
    """Whether an entry is a folder; some Windows tools end those with a backslash."""
    return info.is_dir() or info.filename.endswith("\\")


def describe_failure(source: bytes | Path, name: str) -> str:
    """Say what a file is that cannot be opened as a zip."""
    try:
        if isinstance(source, bytes):
            head = source[:1024]
        else:
            with source.open("rb") as file:
                head = file.read(1024)
    except OSError as error:
        return f"{name} cannot be read ({error}). Check the path."
    if is_zip(head):
        return f"{name} is a damaged zip and cannot be unpacked. Pack or copy it again."
    if not head:
        return f"{name} is empty (0 bytes). Copy or pack it again."
    file_format = formats.sniff(head)
    if file_format is not None:
        return (
            f"{name} is one {file_format.name} recording; a zip or a folder of clips is needed. "
            "Pack the clips as a zip."
        )
    what = formats.named(head) or "is a text"
    if what.startswith("is a text"):
        what = "is neither a folder nor a zip. Give the zip or folder with the clips."
    return f"{name} {what}"
