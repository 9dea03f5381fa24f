"""Which file a path in a table means: paths are written on other machines, by other systems, in other folders.

A path is as seen from the table or from the top of the data set. If no file has it, the file is taken whose path
differs in case or ending alone, or of which one path is the end of the other (`C:\\me\\clips\\a.wav` and
`clips/a.wav`), or which has the name that is written without a folder. It must be the only such file: two clips of one
name in two folders are two clips.
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
        """Index them.

        Args:
            files: names of the recordings in an archive.
        """
        self.files = frozenset(files)
        self._by_name: dict[str, list[str]] = {}
        for file in files:
            self._by_name.setdefault(_stem(file), []).append(file)

    def near(self, path: str) -> list[str]:
        """The files of the same name, whatever their folder, ending and case."""
        return self._by_name.get(_stem(path), [])


class PathFinder:
    """Finds the files that a table's paths mean."""

    def __init__(self, archive: Archive, table: str, index: PathIndex) -> None:
        """Prepare for one table.

        Args:
            archive: where table and files are.
            table: name of the table in it.
            index: of the recordings in it.
        """
        self._archive, self._index = archive, index
        self._base = PurePosixPath(table).parent
        self._known: dict[str, str | None] = {}

    def one(self, given: str) -> str | None:
        """The file that a path means; None if none or several fit."""
        if given not in self._known:
            self._known[given] = self._exact(given) or self._alike(given)
        return self._known[given]

    def is_exact(self, given: str) -> bool:
        """Whether a file has exactly this path."""
        return self._exact(given) is not None

    def why_not(self, given: str) -> str:
        """How a path that means no file differs from those of files that come near, and what to do."""
        best = self._best(given)
        if not best:
            return "Check the paths."
        case, ending, shared = self._likeness(given, best[0])[:3]
        what = "case" if case else "case or ending" if ending else "the folder" if shared < 2 else "the folders above"
        files = best[0] if len(best) == 1 else f"{best[0]} and {best[1]}"
        return f"{given} differs from {files} in {what} alone. Write it as it is."

    def _exact(self, given: str) -> str | None:
        return next(
            (path for path in self._candidates(given) if path in self._index.files or path in self._archive), None
        )

    def _alike(self, given: str) -> str | None:
        best = self._best(given)
        if len(best) != 1:
            return None
        case, ending, shared = self._likeness(given, best[0])[:3]
        in_a_folder = "/" in given.replace("\\", "/").removeprefix("./")
        beside = str(PurePosixPath(best[0]).parent) in (".", str(self._base))
        # Clips in different folders may have one name, so a name alone counts only where no folder speaks against it.
        return best[0] if case or ending or shared >= 2 or not in_a_folder or beside else None

    def _best(self, given: str) -> list[str]:
        """The files that are most like a path."""
        likeness = {file: self._likeness(given, file) for file in self._index.near(given.replace("\\", "/"))}
        return [file for file, each in likeness.items() if each == max(likeness.values())]

    def _likeness(self, given: str, file: str) -> tuple[bool, bool, int, bool, bool]:
        """How alike a path and a file's are, the weightiest first.

        Whether they differ in case alone; in case or ending; how many parts at the end they share; whether these are
        all of the file's path; whether the ending is the same.
        """
        candidates = [path.casefold() for path in self._candidates(given)]
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

    def _candidates(self, given: str) -> Iterable[str]:
        """A path as seen from the table and from the top; the last is the path itself."""
        given = given.replace("\\", "/")
        # In a folder of the operator's the clips may lie elsewhere, even outside of it.
        yield os.path.normpath(self._base / given).replace(os.sep, "/")
        # `..` is worked out before it is taken away.
        yield clean_name(os.path.normpath(f"/{self._base}/{given.lstrip('/')}"))
        yield clean_name(os.path.normpath(f"/{given.lstrip('/')}"))


def _parts(path: str) -> list[str]:
    return _without_ending(path).split("/")


def _without_ending(path: str) -> str:
    return re.sub(r"\.[a-z0-9]{1,5}$", "", path)


def _stem(path: str) -> str:
    return _without_ending(clean_name(path).rpartition("/")[2].casefold())
