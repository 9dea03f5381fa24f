"""The clips of a data set, published or one's own, that a feature table holds, and the rule that chooses some."""

import hashlib
import os
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Self

from ser.data.archives.addresses import located
from ser.data.archives.locations import ClipLocation, location_of
from ser.data.clip import Clip
from ser.data.data_sets import DATA_SETS, OWN, DataSet, own_actor
from ser.data.labels.labelled import LabelledClip, LabelledSet, open_corpus
from ser.data.labels.sources import SOURCES
from ser.errors import DatasetError


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
    """A zip, folder or CSV with clips of a data set or of one's own; made by `open_corpus_source`, a context manager.

    Attributes:
        path: the zip, folder or CSV, or its address.
        clips: the chosen clips, sorted by name.
        report: what does not fit or is missing.
    """

    def __init__(self, path: Path | str, labelled: LabelledSet, per_emotion: int | None) -> None:
        """Take opened clips with their labels; use `open_corpus_source`."""
        self.path, self._labelled = path, labelled
        unopened = labelled.archive.reported
        others = tuple(sentence for sentence in labelled.reported if sentence not in unopened)
        self.report = CorpusReport(unopened, others)
        known = DATA_SETS.get(labelled.source)
        rows = _rows_of(labelled, known) if known else _own_rows(labelled)
        if not rows:
            raise DatasetError(f"{path} holds no clip of a speaker of {SOURCES[labelled.source]}.")
        self._by_name = {row.name: clip for row, clip in rows}
        clips = [row for row, _ in rows]
        chosen = clips if per_emotion is None else chosen_clips(clips, per_emotion)
        self.clips = tuple(sorted(chosen, key=lambda clip: clip.name))

    def __enter__(self) -> Self:
        """Return the source itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the zip."""
        self._labelled.close()

    def read(self, clip: Clip) -> bytes:
        """The bytes of a clip's file; `DatasetError` if it cannot be read."""
        return self._by_name[clip.name].read()

    def location(self, clip: Clip) -> ClipLocation | None:
        """Where a process on another machine finds a clip's file; None if it cannot, or if a table cuts it out."""
        labelled = self._by_name[clip.name]
        return None if labelled.name != labelled.path else location_of(self._labelled.archive, labelled.path)


def open_corpus_source(path: str | os.PathLike[str], labels_from: str, per_emotion: int | None = None) -> CorpusSource:
    """Open the clips of a data set, a zip or a folder of them in any layout, or labelled clips of one's own.

    `labels_from` is the key of a data set other than RAVDESS, which has `ser.data.ravdess.open_source`, or "folder" or
    "csv". `per_emotion` is the number of clips of each speaker and emotion that are chosen, by the rule of
    `chosen_clips`; all are taken without it. `DatasetError` if nothing is there, the zip is damaged, or it holds no
    such clip.
    """
    path = located(path)
    labelled = open_corpus(path, labels_from)
    try:
        return CorpusSource(path, labelled, per_emotion)
    except DatasetError:
        labelled.close()
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


def _rows_of(labelled: LabelledSet, known: DataSet) -> list[tuple[Clip, LabelledClip]]:
    """The clips of a data set's speakers as rows of a feature table, each with the labelled clip."""
    rows = []
    for clip in labelled.clips:
        if clip.speaker not in known.speakers:
            continue
        stem = PurePosixPath(clip.path).stem
        # SAVEE has the same names in the folders of all speakers.
        name = stem if clip.speaker.casefold() in stem.casefold() else f"{clip.speaker}_{stem}"
        rows.append((_row(clip, name, known.key, known.actor(clip.speaker), clip.speaker), clip))
    return rows


def _own_rows(labelled: LabelledSet) -> list[tuple[Clip, LabelledClip]]:
    """Labelled clips of one's own as rows of a feature table; those whose speaker is not known count as one voice."""
    speakers = sorted({clip.speaker or "" for clip in labelled.clips})
    return [
        (_row(clip, clip.name, OWN, own_actor(speakers.index(speaker)), speaker), clip)
        for clip, speaker in ((clip, clip.speaker or "") for clip in labelled.clips)
    ]


def _row(clip: LabelledClip, name: str, corpus: str, actor: int, speaker: str) -> Clip:
    return Clip(
        name=name,
        path=clip.path,
        modality="audio",
        channel="speech",
        emotion=clip.label,
        intensity=clip.intensity,
        statement=clip.statement,
        repetition=1,
        actor=actor,
        sex=clip.sex,
        corpus=corpus,
        speaker=speaker,
    )
