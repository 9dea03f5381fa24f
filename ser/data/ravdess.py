"""RAVDESS: the Ryerson Audio-Visual Database of Emotional Speech and Song, its speech part.

24 professional actors (odd numbers male, even numbers female) say two sentences in North American English, each in
eight emotions, normal and strong (neutral: normal only), twice. That makes 60 clips per actor and 1,440 in all, 48 kHz
PCM16.

`open_source` reads a whole zip or folder and reports what in it does not fit. `ser.data.ravdess_names` reads the names,
and `ser.data.data_sets` has licence and citation.
"""

import os
import re
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Self

from ser import config
from ser.audio import formats
from ser.data.archives.addresses import located
from ser.data.archives.archive import Archive
from ser.data.archives.clip_files import counted
from ser.data.archives.copies import once, reported
from ser.data.archives.locations import ClipLocation, location_of
from ser.data.archives.opening import open_archive
from ser.data.clip import Clip
from ser.data.naming import without_copy_marks
from ser.data.ravdess_names import ACTORS, parse_name
from ser.errors import DatasetError

ARCHIVE_NAME = "Audio_Speech_Actors_01-24.zip"


@dataclass(frozen=True)
class SourceReport:
    """What a source holds and what in it does not fit.

    Attributes:
        n_clips: number of clips that can be used.
        malformed: recordings that do not fit, each with its reason, in the order of their names.
        duplicates: clips that are there several times, each as (name, path kept, path left out).
        beside: paths of songs and videos beside the speech.
        missing_actors: actors of 1 to 24 without a single clip.
        short_actors: (actor, number of clips) where an actor has some, but not all 60, of the speech clips.
        unopened: sentences about what cannot be opened.
    """

    n_clips: int
    malformed: tuple[str, ...]
    duplicates: tuple[tuple[str, str, str], ...]
    beside: tuple[str, ...]
    missing_actors: tuple[int, ...]
    short_actors: tuple[tuple[int, int], ...]
    unopened: tuple[str, ...] = ()

    def failures(self) -> tuple[str, ...]:
        """One sentence for each file that could not be used although it should be."""
        return (*(f"{reason} The file is left out." for reason in self.malformed), *self.unopened)

    def notes(self) -> tuple[str, ...]:
        """One sentence for each kind of file that is left out on purpose, and for what is missing."""
        sentences = reported([path for _, _, path in self.duplicates])
        if self.beside:
            sentences.append(f"{counted(self.beside)} left out: songs and videos beside the speech.")
        if self.missing_actors:
            sentences.append(f"No clip of actor {', '.join(map(str, self.missing_actors))} was found.")
        if self.short_actors:
            each = ", ".join(f"actor {actor} has {count}" for actor, count in self.short_actors)
            sentences.append(f"Of 60 clips an actor, {each}.")
        return tuple(sentences)

    def sentences(self) -> tuple[str, ...]:
        """The `failures`, then the `notes`."""
        return (*self.failures(), *self.notes())


class Source:
    """A zip or a folder of RAVDESS clips; made by `open_source`, a context manager.

    Nothing is extracted to disk, and `read` may be called from several threads.

    Attributes:
        path: the zip or folder, or its address.
        clips: the usable clips, sorted by name.
        report: what does not fit.
    """

    def __init__(self, path: Path | str, archive: Archive) -> None:
        """Take an opened zip or folder; use `open_source`."""
        self.path = path
        self._archive = archive
        self.clips, self.report = _sort_out(archive)
        self._by_name = {clip.name: clip for clip in self.clips}

    def __enter__(self) -> Self:
        """Return the source itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the zip."""
        self.close()

    def close(self) -> None:
        """Close the zip; a folder needs no closing."""
        self._archive.close()

    def read(self, clip: Clip | str) -> bytes:
        """The bytes of a clip, or of the clip with that name; `DatasetError` if there is none or it cannot be read."""
        name = clip.name if isinstance(clip, Clip) else clip
        if name not in self._by_name:
            raise DatasetError(f"{self.path} has no clip {name}; choose one of its {len(self.clips)} clips.")
        inside = self._by_name[name].path
        try:
            return self._archive.read(inside)
        except DatasetError as error:
            raise DatasetError(f"{error} Or fetch the archive again with `python -m ser download`.") from error

    def location(self, clip: Clip) -> ClipLocation | None:
        """Where a process on another machine finds a clip's file; None if it cannot."""
        return location_of(self._archive, clip.path)


def open_source(path: str | os.PathLike[str]) -> Source:
    """Open RAVDESS audio.

    Args:
        path: the archive as published, a zip like it, or a folder with the clips, in actor folders or flat; or its
            address.

    Returns:
        The source, opened; close it or use it in a `with` statement.

    Raises:
        DatasetError: nothing is there, the zip is damaged, or not one clip is in it.
    """
    path = located(path)
    remedy = "Fetch it with `python -m ser download`, or set SER_RAVDESS to the zip or folder."
    if isinstance(path, Path) and (path / ARCHIVE_NAME).is_file():  # the folder that `download --to` was given
        path = path / ARCHIVE_NAME
    if isinstance(path, Path) and not path.exists():
        raise DatasetError(f"There is no RAVDESS audio at {path}. {remedy}")
    try:
        archive = open_archive(path)
    except DatasetError as error:
        raise DatasetError(f"{path} cannot be opened as a zip or folder of RAVDESS clips: {error} {remedy}") from error
    source = Source(path, archive)
    if not source.clips:
        source.close()
        raise DatasetError(f"{path} holds {len(archive.names)} files but no RAVDESS speech clip. {remedy}")
    return source


def default_source() -> Path | None:
    """Where the RAVDESS audio is on this machine; None if it is not there.

    The environment variable SER_RAVDESS comes first, even if its path does not exist, so that a typing error is
    reported. Next comes the archive that `python -m ser download` fetched.
    """
    named = config.ravdess_audio()
    if named:
        return named
    downloads = (folder / ARCHIVE_NAME for folder in config.cache_folders())
    return next((archive for archive in downloads if archive.exists()), None)


def _sort_out(archive: Archive) -> tuple[tuple[Clip, ...], SourceReport]:
    """The clips, sorted by name, and a report on all else; companion files such as a README are passed over."""
    clips: dict[str, Clip] = {}
    malformed: dict[str, str] = {}
    beside: list[str] = []
    for path in sorted(archive.names):
        if PurePosixPath(path).suffix.lower() not in formats.SUFFIXES:
            continue
        try:
            clip = parse_name(without_copy_marks(path))
        except DatasetError as error:
            malformed[path] = str(error).replace(without_copy_marks(path), path)
            continue
        if (clip.modality, clip.channel) != ("audio", "speech"):
            beside.append(path)
            continue
        misplaced = _misplaced(path, clip)
        if misplaced:
            malformed[path] = misplaced
        else:
            clips[path] = replace(clip, path=path)
    left_out = once(archive, {path: clip.name for path, clip in clips.items()})
    kept = {path: clip for path, clip in clips.items() if path not in left_out}
    for path in [path for path in kept if PurePosixPath(path).suffix.lower() != ".wav"]:
        malformed[path] = f'"{path}" is not a .wav file.'
        del kept[path]
    duplicates = [(clips[path].name, first, path) for path, first in sorted(left_out.items())]
    duplicates += [(PurePosixPath(path).stem, path, path) for path in archive.repeated]
    usable = tuple(sorted(kept.values(), key=lambda clip: clip.name))
    counts: dict[int, int] = defaultdict(int)
    for clip in usable:
        counts[clip.actor] += 1
    report = SourceReport(
        n_clips=len(usable),
        malformed=tuple(malformed[path] for path in sorted(malformed)),
        duplicates=tuple(duplicates),
        beside=tuple(beside),
        missing_actors=tuple(actor for actor in ACTORS if not counts[actor]),
        short_actors=tuple((actor, counts[actor]) for actor in ACTORS if 0 < counts[actor] < 60),
        unopened=archive.reported,
    )
    return usable, report


def _misplaced(path: str, clip: Clip) -> str | None:
    """The sentence for a clip in another actor's folder; None for all others."""
    folder = re.fullmatch(r"Actor_(\d\d)", PurePosixPath(path).parent.name)
    if folder and int(folder[1]) != clip.actor:
        return f'"{path}" names actor {clip.actor} but lies in the folder of actor {int(folder[1])}.'
    return None
