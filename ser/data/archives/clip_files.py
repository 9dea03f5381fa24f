"""Finds the recordings in an archive, checks whether they can be used together, and reports the other files."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from ser.audio import formats
from ser.data.archives.archive import Archive
from ser.data.archives.opening import open_upload
from ser.data.archives.zips import OFFICE_ENDINGS
from ser.errors import DatasetError
from ser.limits import VISITOR, Limits
from ser.text import count, few

COMPANIONS = OFFICE_ENDINGS | frozenset(
    (
        *(".txt", ".md", ".rst", ".csv", ".tsv", ".json", ".jsonl", ".xml", ".yaml", ".yml", ".html", ".htm", ".pdf"),
        *(".doc", ".rtf", ".textgrid", ".lab", ".trs", ".eaf", ".jpg", ".jpeg", ".png", ".gif", ".bmp", ".svg", ".py"),
        *(".ipynb", ".m", ".mat", ".npy", ".pkl", ".h5", ".parquet", ".zip", ".rar", ".7z", ".gz", ".tar", ".srt"),
        *(".vtt", ".log", ".db"),
    )
)
"""Endings of files that lie beside recordings, which need not be looked into."""


def sounds(archive: Archive) -> tuple[list[str], list[str]]:
    """Names of the recordings, and of all other files, both sorted.

    The ending of a name decides if it is one of recordings or of known companions, else the content does.
    """
    recordings: list[str] = []
    others: list[str] = []
    for name in sorted(archive.names):
        suffix = PurePosixPath(name).suffix.lower()
        known = suffix in formats.SUFFIXES or (suffix not in COMPANIONS and formats.sniff(archive.head(name)))
        (recordings if known else others).append(name)
    return recordings, others


@dataclass(frozen=True)
class Unpacked:
    """All recordings of an upload, in memory.

    Attributes:
        clips: name and bytes of each, in the order of their names.
        reported: sentences about what was passed over or could not be opened.
    """

    clips: tuple[tuple[str, bytes], ...]
    reported: tuple[str, ...]


def unpack(files: Sequence[tuple[str, bytes]], *, most: int, limits: Limits = VISITOR) -> Unpacked:
    """Read all recordings of an upload, given as names and bytes, into memory.

    `DatasetError` if a zip cannot be opened, or holds no recording, more than `most`, or more bytes than can be held.
    """
    with open_upload(files, limits=limits) as archive:
        names, others = sounds(archive)
        check_clips(archive, names, most)
        check_held(archive, names)
        clips, reported = [], [*companions(archive, others), *archive.reported]
        for name in names:
            try:
                clips.append((name, archive.read(name)))
            except DatasetError as error:
                reported.append(str(error))
        return Unpacked(tuple(clips), tuple(reported))


def check_clips(archive: Archive, names: Sequence[str], most: int) -> None:
    """Raise a `DatasetError` for an archive without recordings, or with more than `most`."""
    if not names:
        # What is there instead may be a recording of a kind that cannot be read, or an archive of one.
        descriptions = [f"{name} {what}" for name in archive.names[:20] if (what := formats.named(archive.head(name)))]
        sentences = [f"{archive.name} has no audio files in it. Choose a zip or a folder with recordings."]
        sentences += [*archive.reported[:2], *descriptions[:1]]
        raise DatasetError(" ".join(sentences))
    if len(names) > most:
        raise DatasetError(
            f"{archive.name} holds {len(names):,} clips; at most {most:,} can be used at once. Leave some out, or "
            "split it into smaller zips."
        )


def check_held(archive: Archive, names: Iterable[str]) -> None:
    """Raise a `DatasetError` for recordings that are too large to be kept in memory together."""
    most = archive.limits.held_bytes
    if sum(archive.size(name) for name in names) > most:
        raise DatasetError(
            f"{archive.name} unpacks to more than {most >> 20} MB, more than can be held. Split it, or pack FLAC or "
            "MP3 files."
        )


def companions(archive: Archive, others: Sequence[str]) -> list[str]:
    """Report files that are no recordings, in at most one sentence."""
    passed = [*others, *archive.hidden]
    if not passed:
        return []
    hidden = f", {len(archive.hidden):,} of them hidden" if archive.hidden and others else ""
    return (
        [f"{counted(passed)} no recordings and passed over{hidden}."]
        if len(passed) > 1
        else [f"{counted(passed)} no recording and passed over."]
    )


def counted(names: Sequence[str]) -> str:
    """Files in a sentence, the first few with their names: `1 file (a.txt) is` or `7 files (a.txt, b.txt, …) are`."""
    return f"{count(len(names), 'file')} ({few(names)}) {'are' if len(names) > 1 else 'is'}"
