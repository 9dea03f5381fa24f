"""Finds the file that a path in a table means. Paths are written on other machines, by other systems, in other folders.

A path is relative to the table or to the top of the data set. If no file has it, a file is taken whose path differs
only in case or ending, or where one path is the end of the other (`C:\\me\\clips\\a.wav` and `clips/a.wav`), or which
has the name that is written without a folder. It must be the only such file: two clips of one name in two folders are
two clips.
"""

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from ser.data.archives.archive import Archive
from ser.data.archives.file_names import clean_name


class PathIndex:
    """Recordings by their names."""

    def __init__(self, files: Sequence[str]) -> None:
        """Index the names of the recordings in an archive."""
        self.files = frozenset(files)
        self._by_name: dict[str, list[str]] = {}
        for file in files:
            self._by_name.setdefault(_stem(file), []).append(file)

    def near(self, path: str) -> list[str]:
        """The files of the same name, in any folder, with any ending and case."""
        return self._by_name.get(_stem(path), [])


class PathFinder:
    """Finds the files that a table's paths mean."""

    def __init__(self, archive: Archive, table: str, index: PathIndex) -> None:
        """Prepare for one table in the archive."""
        self._archive, self._index = archive, index
        self._base = PurePosixPath(table).parent
        self._known: dict[str, str | None] = {}

    def one(self, written: str) -> str | None:
        """The file that a path means; None if none or several fit."""
        if written not in self._known:
            self._known[written] = self._exact(written) or self._similar(written)
        return self._known[written]

    def is_exact(self, written: str) -> bool:
        """Whether a file has exactly this path."""
        return self._exact(written) is not None

    def why_not(self, written: str) -> str:
        """How a path that means no file differs from those of similar files, and what to do."""
        best = self._best(written)
        if not best:
            return "Check the paths."
        case, ending, shared = self._similarity(written, best[0])[:3]
        what = "case" if case else "case or ending" if ending else "the folder" if shared < 2 else "the folders above"
        files = best[0] if len(best) == 1 else f"{best[0]} and {best[1]}"
        return f"{written} differs from {files} in {what} alone. Write it as it is."

    def _exact(self, written: str) -> str | None:
        return next(
            (path for path in self._candidates(written) if path in self._index.files or path in self._archive), None
        )

    def _similar(self, written: str) -> str | None:
        best = self._best(written)
        if len(best) != 1:
            return None
        case, ending, shared = self._similarity(written, best[0])[:3]
        in_a_folder = "/" in written.replace("\\", "/").removeprefix("./")
        beside = str(PurePosixPath(best[0]).parent) in (".", str(self._base))
        # Clips in different folders may have one name, so a name alone counts only where no folder speaks against it.
        return best[0] if case or ending or shared >= 2 or not in_a_folder or beside else None

    def _best(self, written: str) -> list[str]:
        """The files whose paths are most similar."""
        similarities = {file: self._similarity(written, file) for file in self._index.near(written.replace("\\", "/"))}
        return [file for file, each in similarities.items() if each == max(similarities.values())]

    def _similarity(self, written: str, file: str) -> tuple[bool, bool, int, bool, bool]:
        """How similar a path and a file's are, the most important first.

        Whether they differ in case alone; in case or ending; how many parts at the end they share; whether these are
        all of the file's path; whether the ending is the same.
        """
        candidates = [path.casefold() for path in self._candidates(written)]
        path = file.casefold()
        ends = zip(reversed(_parts(candidates[-1])), reversed(_parts(path)), strict=False)
        shared = 0
        for one, other in ends:
            if one != other:
                break
            shared += 1
        return (
            path in candidates,
            _without_ending(path) in map(_without_ending, candidates),
            shared,
            shared == len(_parts(path)),
            PurePosixPath(path).suffix == PurePosixPath(candidates[-1]).suffix,
        )

    def _candidates(self, written: str) -> Iterable[str]:
        """A path as seen from the table and from the top; the last is the path itself."""
        written = written.replace("\\", "/")
        # In a folder of the operator's the clips may lie elsewhere, even outside of it.
        yield os.path.normpath(self._base / written).replace(os.sep, "/")
        # `..` is worked out before it is taken away.
        yield clean_name(os.path.normpath(f"/{self._base}/{written.lstrip('/')}"))
        yield clean_name(os.path.normpath(f"/{written.lstrip('/')}"))


def _parts(path: str) -> list[str]:
    return _without_ending(path).split("/")


def _without_ending(path: str) -> str:
    return re.sub(r"\.[a-z0-9]{1,5}$", "", path)


def _stem(path: str) -> str:
    return _without_ending(clean_name(path).rpartition("/")[2].casefold())
