"""The clips of a published data set that a feature table holds, and the rule that chooses some of them."""

import csv
import hashlib
import io
import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Self

from ser.data.archives.archive import Archive
from ser.data.archives.opening import open_archive
from ser.data.clip import Clip
from ser.data.data_sets import DataSet
from ser.data.labels.labelled import LabelledClip, find_labels
from ser.errors import DatasetError

# nEMO's table of clips, beside the folder with the recordings.
_TRANSCRIPTS = "data.tsv"


@dataclass(frozen=True)
class CorpusReport:
    """What in a source does not fit or is missing.

    Attributes:
        unopened: sentences about what cannot be opened.
        other: sentences about what is left out on purpose or missing.
    """

    unopened: tuple[str, ...]
    other: tuple[str, ...]

    def failures(self) -> tuple[str, ...]:
        """One sentence for each file that could not be used although it should be."""
        return self.unopened

    def sentences(self) -> tuple[str, ...]:
        """The `failures`, then the rest."""
        return (*self.unopened, *self.other)


class CorpusSource:
    """A zip or a folder with clips of a data set; made by `open_corpus_source`, a context manager.

    Attributes:
        path: the zip or folder.
        clips: the chosen clips, sorted by name.
        report: what does not fit or is missing.
    """

    def __init__(self, path: Path, archive: Archive, known: DataSet, per_emotion: int | None) -> None:
        """Take an opened zip or folder; use `open_corpus_source`."""
        self.path, self._archive = path, archive
        labelled = find_labels(archive, source=known.key)
        others = tuple(sentence for sentence in labelled.reported if sentence not in archive.reported)
        self.report = CorpusReport(archive.reported, others)
        sentences = _transcripts(archive)
        clips = [_row(clip, known, sentences) for clip in labelled.clips if clip.speaker in known.speakers]
        if not clips:
            raise DatasetError(f"{path} holds no clip of a speaker of {known.title}.")
        chosen = clips if per_emotion is None else chosen_clips(clips, per_emotion)
        self.clips = tuple(sorted(chosen, key=lambda clip: clip.name))

    def __enter__(self) -> Self:
        """Return the source itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the zip."""
        self._archive.close()

    def read(self, clip: Clip) -> bytes:
        """The bytes of a clip's file; `DatasetError` if it cannot be read."""
        return self._archive.read(clip.path)


def open_corpus_source(path: str | os.PathLike[str], known: DataSet, per_emotion: int | None = None) -> CorpusSource:
    """Open the clips of a data set, a zip or a folder of them in any layout.

    `per_emotion` is the number of clips of each speaker and emotion that are chosen, by the rule of `chosen_clips`; all
    are taken without it. `DatasetError` if nothing is there, the zip is damaged, or it holds no clip of the data set.
    """
    path = Path(path).expanduser()
    archive = open_archive(path)
    try:
        return CorpusSource(path, archive, known, per_emotion)
    except DatasetError:
        archive.close()
        raise


def chosen_clips(clips: Iterable[Clip], per_emotion: int) -> list[Clip]:
    """Some clips of each speaker and emotion, chosen by the last part of their names, which is nEMO's sentence.

    The sentences are in a fixed random order, that of a checksum of their number, which is the same for all speakers
    and emotions. Of each speaker and emotion the first `per_emotion` clips in that order are taken, so
    that speakers and emotions differ in their sentences only where a clip was not published.
    """
    groups: defaultdict[tuple[int, str], list[Clip]] = defaultdict(list)
    for clip in clips:
        groups[clip.actor, clip.emotion].append(clip)
    return [clip for group in groups.values() for clip in sorted(group, key=_drawn)[:per_emotion]]


def _drawn(clip: Clip) -> tuple[str, str]:
    """A clip's position in the random order of sentences."""
    sentence = clip.name.rpartition("_")[2]
    return hashlib.sha256(f"{clip.corpus} {sentence}".encode()).hexdigest(), clip.name


def _row(clip: LabelledClip, known: DataSet, sentences: dict[str, str]) -> Clip:
    """A clip as a row of a feature table."""
    stem = PurePosixPath(clip.path).stem
    speaker = clip.speaker or ""
    return Clip(
        # SAVEE has the same names in the folders of all speakers.
        name=stem if speaker.casefold() in stem.casefold() else f"{speaker}_{stem}",
        path=clip.path,
        modality="audio",
        channel="speech",
        emotion=clip.label,
        intensity=clip.intensity,
        statement=sentences.get(stem, clip.statement),
        repetition=1,
        actor=known.actor(speaker),
        sex=clip.sex,
        corpus=known.key,
        speaker=speaker,
    )


def _transcripts(archive: Archive) -> dict[str, str]:
    """Name of a clip → the sentence that is said, where the data set has nEMO's table of clips."""
    tables = [name for name in archive.names if PurePosixPath(name).name == _TRANSCRIPTS]
    if not tables:
        return {}
    text = archive.read(tables[0]).decode("utf-8", "replace")
    rows: Sequence[dict[str, str]] = list(csv.DictReader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE))
    if not rows or not {"file_id", "raw_text"} <= rows[0].keys():
        return {}
    return {PurePosixPath(row["file_id"]).stem: row["raw_text"].strip() for row in rows if row["raw_text"]}
