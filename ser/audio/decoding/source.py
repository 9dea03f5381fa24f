"""Opens a clip that is given as bytes, a path or an open file."""

import io
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from ser.audio.containers.reader import ByteReader
from ser.errors import AudioError
from ser.text import shown_name

AudioSource = bytes | str | os.PathLike[str] | BinaryIO
"""A file's bytes, its path, or an open binary file."""


@contextmanager
def opened(source: AudioSource, name: str | None) -> Iterator[ByteReader]:
    """Open a source that is not empty; `name` is what to call it, by default the file's name or "recording"."""
    with ExitStack() as stack:
        stream: BinaryIO
        if isinstance(source, (bytes, bytearray, memoryview)):
            stream = io.BytesIO(source)
        elif isinstance(source, (str, os.PathLike)):
            stream = stack.enter_context(_open_path(Path(source)))
        else:
            stream = source if source.seekable() else io.BytesIO(source.read())
        path = getattr(stream, "name", None)
        label = name or (Path(path).name if isinstance(path, str) else "") or "recording"

        def seek(offset: int, whence: int = os.SEEK_SET) -> int:
            # A damaged header sends libsndfile before the file's beginning; raising there would print a traceback.
            with suppress(ValueError, OSError):
                stream.seek(offset, whence)
            return stream.tell()

        file = ByteReader(label, seek(0, os.SEEK_END), stream.read, seek)
        if file.size == 0:
            raise file.error("is empty (0 bytes). Record it again or choose another clip.")
        yield file


def _open_path(path: Path) -> BinaryIO:
    shown = shown_name(str(path))
    try:
        if path.is_dir():
            raise AudioError(f"{shown} is a folder; an audio file is needed. Name the files in it.")
        if path.exists() and not path.is_file():  # a pipe would wait for ever
            raise AudioError(
                f"{shown} is not an ordinary file; an audio file is needed. Save the sound to a file first."
            )
        return path.open("rb")
    except FileNotFoundError:
        raise AudioError(f"There is no file {shown}. Check the path and its spelling.") from None
    except PermissionError:
        raise AudioError(f"{shown} may not be read by this user. Change its permissions or copy it.") from None
    except (OSError, ValueError) as error:
        # The whole text of an OSError has the path once more.
        reason = getattr(error, "strerror", None) or error
        raise AudioError(f"{shown} cannot be opened ({reason}). Check the path.") from error
