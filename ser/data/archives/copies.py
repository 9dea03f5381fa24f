"""Finds files that hold the same clip: copies, other formats, a set that lies in itself again. Each clip counts
once.
"""

import re
from collections.abc import Hashable, Mapping, Sequence
from pathlib import PurePosixPath

from ser.audio import formats
from ser.data.archives.archive import Archive
from ser.text import count, few

# What systems add to the name of a copy.
_COPY = re.compile(
    r"(?:copy of |kopie von )?(?P<name>.+?)(?:[ _-]+(?:copy|kopie|copie|copia)(?: ?\(?\d+\)?)?|[ _]?\(\d+\))*",
    re.IGNORECASE,
)
LOSSLESS = frozenset(
    [".flac", ".aif", ".aiff", ".aifc", ".w64", ".rf64", ".caf", ".wv", ".tta", ".ape", ".au", ".snd", ".sph"]
)
VIDEO = frozenset(
    [
        ".mp4",
        ".m4v",
        ".mov",
        ".avi",
        ".flv",
        ".wmv",
        ".mkv",
        ".webm",
        ".mpg",
        ".mpeg",
        ".vob",
        ".ts",
        ".mts",
        ".m2ts",
        ".ogv",
        ".3gp",
        ".3g2",
    ]
)
_POINTER_BYTES = 1024  # A pointer of Git LFS has 130 bytes, and none has more than this.


def without_copy_mark(stem: str) -> str:
    """A file's name, without its ending, without what a system adds to the name of a copy.

    Examples:
        >>> [without_copy_mark(stem) for stem in ("a (1)", "Copy of a", "a - Copy (2)", "a_copy", "happy 2")]
        ['a', 'a', 'a', 'a', 'happy 2']
    """
    match = _COPY.fullmatch(stem)
    return match["name"] if match else stem


def once(archive: Archive, identities: Mapping[str, Hashable]) -> dict[str, str]:
    """Choose one file for each clip: the path of each file that is left out → the path that is used instead.

    `identities` maps a path to something that is equal for files of the same clip. WAV is preferred to other formats,
    audio to video, and a file with sound to a pointer that stands for it.
    """
    groups: dict[Hashable, list[str]] = {}
    for path, identity in identities.items():
        groups.setdefault(identity, []).append(path)
    left_out: dict[str, str] = {}
    for paths in groups.values():
        if len(paths) > 1:
            first, *others = sorted(paths, key=lambda path: _rank(archive, path))
            left_out |= dict.fromkeys(others, first)
    return left_out


def same_content(archive: Archive, paths: Sequence[str]) -> dict[str, str]:
    """Find files that are there twice with the same content: the path left out → the path that is used instead.

    Two files with equal content are one clip if one is named as a copy of the other, or if one's path is the end of the
    other's, as where a whole set lies in itself again. Otherwise both may be meant.
    """
    known: dict[str, str] = {}
    left_out: dict[str, str] = {}
    # Short paths first: what a longer one ends in is there already.
    for path in sorted(paths, key=lambda path: (path.count("/"), len(path), path)):
        pure = PurePosixPath(path)
        ends = ["/".join(pure.parts[i:]) for i in range(1, len(pure.parts))] if pure.parent.name else []
        original = str(pure.with_name(without_copy_mark(pure.stem) + pure.suffix))
        # The bare name of a file says too little: 1.wav lies in many folders.
        for other in [original, *(end for end in ends if "/" in end)]:
            if other != path and other in known and archive.same(path, other):
                left_out[path] = known[other]
                break
        else:
            known[path] = path
    return left_out


def reported(left_out: Sequence[str]) -> list[str]:
    """Report files that are left out for others, in at most one sentence.

    Examples:
        >>> reported(["b/1.wav", "b/2.wav"])
        ['2 duplicates left out (b/1.wav, b/2.wav): the same clips are there elsewhere.']
    """
    if not left_out:
        return []
    one = len(left_out) == 1
    return [
        f"{count(len(left_out), 'duplicate')} left out ({few(left_out)}): the same "
        f"clip{' is' if one else 's are'} there elsewhere."
    ]


def _rank(archive: Archive, path: str) -> tuple:
    pure = PurePosixPath(path)
    suffix = pure.suffix.lower()
    preference = 0 if suffix in (".wav", ".wave") else 1 if suffix in LOSSLESS else 3 if suffix in VIDEO else 2
    copied = without_copy_mark(pure.stem) != pure.stem
    return _is_empty(archive, path), preference, copied, len(pure.parts), path


def _is_empty(archive: Archive, path: str) -> bool:
    """Whether a file holds nothing, or only says where its content is."""
    size = archive.size(path)
    return size == 0 or (size <= _POINTER_BYTES and formats.named(archive.head(path)) is not None)
