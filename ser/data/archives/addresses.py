"""Data at an address such as `s3://bucket/clips` or `file:///shared/clips.zip`, read with fsspec."""

import os
import re
from pathlib import Path
from typing import Any, BinaryIO

from ser.data.archives.members import Member
from ser.errors import DatasetError

# A drive of Windows has one letter.
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")


def located(source: str | os.PathLike[str]) -> Path | str:
    """A path of this machine as such, with the home folder for `~`; an address as it is."""
    return source if is_address(source) else Path(source).expanduser()  # type: ignore[return-value]


def is_address(source: object) -> bool:
    """Whether this is an address, not a path."""
    return isinstance(source, str) and _ADDRESS.match(source) is not None


class Remote:
    """What lies at an address: a zip, or a folder."""

    def __init__(self, address: str) -> None:
        """Connect; a `DatasetError` if there is nothing, or no way to read it."""
        self.address = address
        try:
            import fsspec

            self._system, self._path = fsspec.core.url_to_fs(address)
            self._found = self._system.info(self._path)
        except ImportError as error:
            raise DatasetError(
                f"{address} cannot be read ({error}). Install the extra `scale` and the package that this kind of "
                "address needs, or copy the data to a folder."
            ) from error
        except FileNotFoundError as error:
            raise DatasetError(f"There is no folder or zip {address}. Check the address and its spelling.") from error
        except Exception as error:  # each kind of address has errors of its own
            raise DatasetError(f"{address} cannot be read ({error}). Check the address and who may read it.") from error

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder."""
        return self._found["type"] == "directory"

    @property
    def stamp(self) -> str:
        """Changes when a zip is replaced."""
        return str(self._system.ukey(self._path))

    def open(self) -> BinaryIO:
        """The zip, opened."""
        return self._system.open(self._path, "rb")

    def members(self) -> dict[str, Member]:
        """All files of the folder and those below it, by their paths in it, sorted."""
        prefix = self._path.rstrip("/") + "/"
        found = self._system.find(self._path, detail=True)
        return {path.removeprefix(prefix): self._member(path, info) for path, info in sorted(found.items())}

    def member(self, name: str) -> Member:
        """One file of the folder; a `FileNotFoundError` if it is not there."""
        path = f"{self._path.rstrip('/')}/{name}"
        return self._member(path, self._system.info(path))

    def _member(self, path: str, info: dict[str, Any]) -> Member:
        def read(count: int) -> bytes:
            with self._system.open(path, "rb") as file:
                return file.read(count)

        return Member(info["size"] or 0, read)
