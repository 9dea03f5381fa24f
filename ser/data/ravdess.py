"""RAVDESS: the Ryerson Audio-Visual Database of Emotional Speech and Song, its speech part.

24 professional actors (odd numbers male, even numbers female) say two sentences in North American English, each in
eight emotions, normal and strong (neutral: normal only), twice. That makes 60 clips per actor and 1,440 in all, 48 kHz
PCM16.

A file name has seven two-digit fields, `modality-channel-emotion-intensity-statement-repetition-actor`:
`03-01-05-01-01-02-12.wav` is audio only, speech, angry, normal intensity, "Kids are talking by the door", second
repetition, actor 12. `parse_name` reads one name. `open_source` reads a whole zip or folder and reports what in it does
not fit.

Licence: CC BY-NC-SA 4.0. Cite Livingstone & Russo (2018), doi:10.1371/journal.pone.0196391; data
doi:10.5281/zenodo.1188976. The archive's address, size and MD5 are as published there.
"""

import os
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Self, TypeVar

from ser import config
from ser.audio import formats
from ser.data.archives.archive import Archive
from ser.data.archives.clip_files import counted
from ser.data.archives.copies import once, reported, without_copy_mark
from ser.data.archives.opening import open_archive
from ser.emotions import BY_CODE
from ser.errors import DatasetError

DOI = "10.5281/zenodo.1188976"
LICENCE = "CC BY-NC-SA 4.0"
CITATION = (
    "Livingstone SR, Russo FA (2018). The Ryerson Audio-Visual Database of Emotional Speech and Song (RAVDESS): "
    "A dynamic, multimodal set of facial and vocal expressions in North American English. PLoS ONE 13(5): e0196391. "
    "https://doi.org/10.1371/journal.pone.0196391"
)
ATTRIBUTION = (
    f"Data: RAVDESS by Steven R. Livingstone and Frank A. Russo, https://doi.org/{DOI}, licensed under {LICENCE}."
)

N_ACTORS = 24

ARCHIVE_NAME = "Audio_Speech_Actors_01-24.zip"
ARCHIVE_URL = f"https://zenodo.org/records/1188976/files/{ARCHIVE_NAME}?download=1"
ARCHIVE_MD5 = "bc696df654c87fed845eb13823edef8a"
ARCHIVE_BYTES = 208_468_073

ACTORS: tuple[int, ...] = tuple(range(1, 25))
MODALITIES = {1: "audio-video", 2: "video", 3: "audio"}
CHANNELS = {1: "speech", 2: "song"}
INTENSITIES = {1: "normal", 2: "strong"}
STATEMENTS = {1: "Kids are talking by the door", 2: "Dogs are sitting by the door"}
REPETITIONS = {1: 1, 2: 2}

MeaningT = TypeVar("MeaningT")

_FIELDS = re.compile(r"\d\d(?:-\d\d){6}")


@dataclass(frozen=True)
class Clip:
    """One recording of RAVDESS, with the fields of its name.

    Attributes:
        name: the seven fields as in the file name, without folder and extension.
        path: its path in its source, with forward slashes.
        modality: "audio", "video" or "audio-video".
        channel: "speech" or "song".
        emotion: a label of `ser.emotions.LABELS`.
        intensity: "normal" or "strong".
        statement: the sentence that is said.
        repetition: 1 or 2.
        actor: 1 to 24.
        sex: "male" or "female", the actor's.
    """

    name: str
    path: str
    modality: str
    channel: str
    emotion: str
    intensity: str
    statement: str
    repetition: int
    actor: int
    sex: str


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


def parse_name(file_name: str) -> Clip:
    """The clip that a RAVDESS file name or path describes, with or without folder and extension; its `path` is
    `file_name`.

    `DatasetError` if the name does not have seven two-digit fields, or a field has a code that RAVDESS lacks. Source:
    the naming convention on the data set's page, doi:10.5281/zenodo.1188976.

    Example:
        >>> clip = parse_name("Actor_12/03-01-05-01-01-02-12.wav")
        >>> clip.emotion, clip.intensity, clip.statement, clip.actor, clip.sex
        ('angry', 'normal', 'Kids are talking by the door', 12, 'female')
    """
    stem = PurePosixPath(file_name).stem
    if not _FIELDS.fullmatch(stem) or not stem.isascii():
        raise DatasetError(
            f'"{file_name}" is not a RAVDESS name: seven two-digit fields such as 03-01-05-01-02-01-12.wav are needed.'
        )
    modality, channel, emotion, intensity, statement, repetition, actor = map(int, stem.split("-"))
    emotions = {code: known.name for code, known in BY_CODE.items()}

    def meaning(field: str, code: int, codes: Mapping[int, MeaningT]) -> MeaningT:
        if code not in codes:
            raise DatasetError(
                f'"{file_name}" has {field} {code:02d}, but RAVDESS knows {field} '
                f"{min(codes):02d} to {max(codes):02d} only."
            )
        return codes[code]

    clip = Clip(
        name=stem,
        path=file_name,
        modality=meaning("modality", modality, MODALITIES),
        channel=meaning("channel", channel, CHANNELS),
        emotion=meaning("emotion", emotion, emotions),
        intensity=meaning("intensity", intensity, INTENSITIES),
        statement=meaning("statement", statement, STATEMENTS),
        repetition=meaning("repetition", repetition, REPETITIONS),
        actor=meaning("actor", actor, {number: number for number in ACTORS}),
        sex="male" if actor % 2 else "female",
    )
    if clip.emotion == "neutral" and clip.intensity == "strong":
        raise DatasetError(f'"{file_name}" says strong neutral, but RAVDESS has neutral in normal intensity only.')
    return clip


class Source:
    """A zip or a folder of RAVDESS clips; made by `open_source`, a context manager.

    Nothing is extracted to disk, and `read` may be called from several threads.

    Attributes:
        path: the zip or folder.
        clips: the usable clips, sorted by name.
        report: what does not fit.
    """

    def __init__(self, path: Path, archive: Archive) -> None:
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


def open_source(path: str | os.PathLike[str]) -> Source:
    """Open RAVDESS audio.

    Args:
        path: the archive as published, a zip like it, or a folder with the clips, in actor folders or flat.

    Returns:
        The source, opened; close it or use it in a `with` statement.

    Raises:
        DatasetError: nothing is there, the zip is damaged, or not one clip is in it.
    """
    path = Path(path).expanduser()
    remedy = "Fetch it with `python -m ser download`, or set SER_RAVDESS to the zip or folder."
    if (path / ARCHIVE_NAME).is_file():  # the folder that `download --to` was given
        path = path / ARCHIVE_NAME
    if not path.exists():
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
            clip = parse_name(_original(path))
        except DatasetError as error:
            malformed[path] = str(error).replace(_original(path), path)
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


def _original(path: str) -> str:
    """A path without what a system adds to the name of a copy."""
    inside = PurePosixPath(path)
    return str(inside.with_name(without_copy_mark(inside.stem) + inside.suffix))


def _misplaced(path: str, clip: Clip) -> str | None:
    """The sentence for a clip in another actor's folder; None for all others."""
    folder = re.fullmatch(r"Actor_(\d\d)", PurePosixPath(path).parent.name)
    if folder and int(folder[1]) != clip.actor:
        return f'"{path}" names actor {clip.actor} but lies in the folder of actor {int(folder[1])}.'
    return None
