"""Reads labelled clips, for Train, Explore and `evaluate --data`.

The first of these sources that has labels counts:

1. a CSV or TSV (`ser.data.labels.clip_tables`);
2. folders, if one level, anywhere, holds at least two known emotions (`ser.data.labels.folders`);
3. file names of RAVDESS or another known corpus (`ser.data.data_sets`);
4. the first level of folders with at least two names, below those around the whole set: labels of one's own;
5. the label that is typed for the whole upload.

A single folder is a folder around the set, not a label. What does not fit is reported in sentences and the rest is
used, so a stray clip changes no other clip's label. Only segments that a table cuts out are decoded here.
"""

import hashlib
import io
import os
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Self

import soundfile

from ser.audio.decoding.decoder import decode
from ser.audio.waveform import Waveform
from ser.data.archives import copies as same_clips
from ser.data.archives.addresses import is_address
from ser.data.archives.archive import Archive
from ser.data.archives.clip_files import check_clips, companions, counted, sounds
from ser.data.archives.opening import open_archive
from ser.data.archives.zips import is_zip
from ser.data.data_sets import DATA_SETS, RAVDESS
from ser.data.labels.sources import CSV, FOLDER, SOURCES, TYPED, SourceLabel, SourceReader, disagreement
from ser.errors import DatasetError
from ser.limits import OPERATOR, Limits

AUTO = "auto"
LABEL_SOURCES: tuple[str, ...] = (AUTO, *(key for key in DATA_SETS if key != RAVDESS.key), FOLDER, CSV)
"""What `open_corpus` can be asked to read labels from; AUTO takes the first that is there, RAVDESS's names included."""


@dataclass(frozen=True)
class LabelledClip:
    """One clip of a set.

    Attributes:
        name: its path in the set, with its span where a table cuts it out of a file.
        label: of `ser.emotions.LABELS` where its word means one of these, else the word in lower case.
        speaker: None where not known.
        word: the label as it is written.
        sex: the speaker's; "" where not known, like the following.
        intensity: how strongly it is said.
        statement: what is said.
        path: of the file that holds the clip.
    """

    name: str
    label: str
    speaker: str | None = None
    word: str = ""
    sex: str = ""
    intensity: str = ""
    statement: str = ""
    path: str = ""
    _reader: Callable[[], bytes] = field(default=bytes, repr=False, compare=False)

    def read(self) -> bytes:
        """The clip's file, or a WAV of the span that a table names; may be called from several threads.

        `SerError` if it cannot be read, is too large, or its set was closed.
        """
        return self._reader()


@dataclass(frozen=True)
class Word:
    """A label as it is written, and its meaning.

    Attributes:
        word: as it is written in folders or a table.
        label: the label of its clips.
        known: whether it is a known word for an emotion.
        count: number of its clips.
    """

    word: str
    label: str
    known: bool
    count: int

    @property
    def changed(self) -> bool:
        """Whether the label is another word than the one that is written."""
        return self.label != self.word.strip().lower()


@dataclass(frozen=True)
class LabelledSet:
    """Labelled clips of one zip, folder or upload; a context manager that closes it.

    Attributes:
        name: of the zip, folder or table.
        source: where the labels come from, a key of `SOURCES`; "" if there are none.
        clips: sorted by name.
        words: the words that the labels were made from, in alphabetical order.
        others: other sources that have labels, keys of `SOURCES`.
        disagreement: a sentence, if another source has other labels; else "".
        unlabelled: paths of the recordings without a label.
        suggested: a label that the folder around the whole set suggests, else "".
        reported: sentences about what does not fit or is missing.
    """

    name: str
    source: str
    clips: tuple[LabelledClip, ...]
    words: tuple[Word, ...]
    others: tuple[str, ...]
    disagreement: str
    unlabelled: tuple[str, ...]
    suggested: str
    reported: tuple[str, ...]
    _archive: Archive = field(repr=False, compare=False)

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that occur, in alphabetical order."""
        return tuple(sorted({clip.label for clip in self.clips}))

    @property
    def archive(self) -> Archive:
        """The opened files."""
        return self._archive

    @cached_property
    def key(self) -> str:
        """Hexadecimal SHA-256 of files and labels: the same upload, labelled in the same way, has the same."""
        labels = [(clip.name, clip.label, clip.speaker) for clip in self.clips]
        return hashlib.sha256(f"{self._archive.digest()} {labels}".encode("utf-8", "replace")).hexdigest()

    def __enter__(self) -> Self:
        """Return the set itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the zip."""
        self.close()

    def close(self) -> None:
        """Close the zip; a folder needs no closing."""
        self._archive.close()

    def recognised_words(self) -> tuple[str, ...]:
        """Which words were recognised as which emotions, in at most one sentence."""
        changed = [f"{word.word} → {word.label}" for word in self.words if word.known and word.changed]
        return (f"Words taken for emotions: {', '.join(changed)}.",) if changed else ()


def find_labels(
    archive: Archive,
    *,
    source: str | None = None,
    table: str | None = None,
    label: str = "",
    speaker: str = "",
    meanings: Mapping[str, str] | None = None,
    most: int | None = None,
) -> LabelledSet:
    """Find the label of every clip.

    Args:
        archive: the opened files.
        source: a key of `SOURCES` to take labels from; the first that has any if left out.
        table: name of the table to read, for the source CSV; all tables if left out.
        label: typed for clips that have none.
        speaker: typed for clips whose speaker is not known.
        meanings: word → label, where it differs from that of `ser.data.labels.emotion_words`.
        most: number of clips that can be used; all if left out.

    Returns:
        The set. It has no clips where there are no labels and none is typed.

    Raises:
        DatasetError: there is no recording, there are too many, or the requested source has no labels.
    """
    recordings, companion_files = sounds(archive)
    if source is None:  # else the complaint says more than that there is no recording
        check_clips(archive, recordings, len(recordings))
    reader = SourceReader(archive, recordings, source, table, meanings or {})
    available = reader.sources(source)
    chosen, labels = _chosen(reader, available, source, " ".join(label.split()))
    labels, copies = reader.counted_once(labels, chosen)
    if most is not None:
        check_clips(archive, [each.name for each in labels] or recordings, most)
    used = {*(each.path for each in labels), *copies, *reader.silent, *reader.songs}
    unlabelled = sorted(set(recordings) - used)
    others = tuple(each for each in available if each != chosen)
    reported = [
        *archive.reported,
        *companions(archive, [name for name in companion_files if name not in reader.tables_used]),
        *(reader.table_reports if chosen == CSV else reader.table_refusals[:2]),
        *_left_out(chosen, unlabelled, [*copies, *archive.repeated], [*reader.silent, *reader.songs]),
        *_missing(chosen, len(labels)),
    ]
    maker = _ClipMaker(archive, reader, speaker)
    clips = tuple(maker.clip(each) for each in sorted(labels, key=lambda each: (each.path, each.span[0] or 0)))
    return LabelledSet(
        name=table or archive.name,
        source=chosen,
        clips=clips,
        words=_words(labels),
        others=others,
        disagreement=disagreement(chosen, labels, {each: available[each] for each in others}),
        unlabelled=tuple(unlabelled),
        suggested=reader.suggested,
        reported=tuple(reported),
        _archive=archive,
    )


def _chosen(
    reader: SourceReader, available: dict[str, list[SourceLabel]], source: str | None, typed: str
) -> tuple[str, list[SourceLabel]]:
    """The source that counts, and its labels; a typed label is for clips that have none."""
    if source not in (None, TYPED) and source not in available:
        raise DatasetError(reader.why_not(source))
    chosen = source or next(iter(available), TYPED)
    if chosen == TYPED:
        return TYPED if typed else "", reader.typed(typed)
    labels = available[chosen]
    if typed and chosen == FOLDER:
        inside = {each.path for each in labels}
        labels = [*labels, *(each for each in reader.typed(typed) if each.path not in inside)]
    return chosen, labels


def labelled_set(archive: Archive, clips: tuple[LabelledClip, ...], source: str) -> LabelledSet:
    """A set of clips that have their labels already, from a source out of `SOURCES`."""
    return LabelledSet(archive.name, source, clips, (), (), "", (), "", archive.reported, archive)


def open_corpus(
    source: bytes | str | os.PathLike[str],
    labels_from: str = AUTO,
    *,
    name: str | None = None,
    limits: Limits = OPERATOR,
) -> LabelledSet:
    """Open labelled clips.

    Args:
        source: a folder, a zip or a CSV file; or a zip's bytes.
        labels_from: one of `LABEL_SOURCES`.
        name: what to call it; the file's name if left out.
        limits: how much of it can be used.

    Returns:
        The set, opened; close it or use it in a `with` statement.

    Raises:
        DatasetError: nothing is there, the zip is damaged, locked or too large, or not one clip has a label.

    Examples:
        >>> import zipfile
        >>> buffer = io.BytesIO()
        >>> with zipfile.ZipFile(buffer, "w") as out:
        ...     out.writestr("mine/joy/eva/1.wav", b"sound")
        ...     out.writestr("mine/sad/eva/1.wav", b"another")
        >>> with open_corpus(buffer.getvalue(), "folder") as corpus:
        ...     [(clip.label, clip.speaker, clip.read()) for clip in corpus.clips]
        [('happy', 'eva', b'sound'), ('sad', 'eva', b'another')]
    """
    if labels_from not in LABEL_SOURCES:
        raise DatasetError(f"There is no kind of corpus {labels_from!r}; choose one of {', '.join(LABEL_SOURCES)}.")
    table = None
    if (
        not isinstance(source, bytes)
        and not is_address(source)
        and labels_from in (CSV, AUTO)
        and _is_table(Path(source).expanduser(), labels_from)
    ):
        path = Path(source).expanduser()
        source, table, labels_from = path.parent, path.name, CSV
    archive = _opened(source, table, name, limits)
    try:
        labelled = find_labels(
            archive, source=None if labels_from == AUTO else labels_from, table=table, most=limits.scored_clips
        )
        if not labelled.clips:
            raise DatasetError(no_labels(labelled))
    except DatasetError:
        archive.close()
        raise
    return labelled


def _opened(source: bytes | str | os.PathLike[str], table: str | None, name: str | None, limits: Limits) -> Archive:
    try:
        return open_archive(source, name=name, limits=limits)
    except DatasetError:
        if table is None:
            raise
        # The folder that a table lies in may hold very much else; the clips are found by their paths then.
        return open_archive(source, name=name, limits=limits, listed=False)


def no_labels(labelled: LabelledSet) -> str:
    """Says that a set without clips has no labels, and what to do."""
    notes = [sentence for sentence in labelled.reported if "first line" in sentence or "not one of them" in sentence]
    return (
        f"No clip in {labelled.name} has a label. Put them into a folder for each label, name them as RAVDESS does, or "
        "add a CSV with the columns path and label." + "".join(f" ({each})" for each in notes[:2])
    )


def _is_table(path: Path, labels_from: str) -> bool:
    if not path.is_file():
        return False
    if path.suffix.lower() in (".csv", ".tsv"):
        return True
    with path.open("rb") as file:
        return labels_from == CSV and not is_zip(file.read(4), path.name)


class _ClipMaker:
    """Makes the labelled clips, and cuts segments out of the file that was decoded last."""

    def __init__(self, archive: Archive, reader: SourceReader, speaker: str) -> None:
        self._archive, self._named, self._speaker = archive, reader.named, speaker.strip()
        self._decoded: tuple[str, Waveform] | None = None
        self._lock = threading.Lock()

    def clip(self, label: SourceLabel) -> LabelledClip:
        """A clip with its source's label, and what its name adds."""
        named = self._named.get(label.path)
        return LabelledClip(
            name=label.name,
            label=label.label,
            speaker=label.speaker or (named.speaker if named else None) or self._speaker or None,
            word=label.word,
            sex=label.sex or (named.sex if named else ""),
            intensity=label.intensity or (named.intensity if named else ""),
            statement=label.statement or (named.statement if named else ""),
            path=label.path,
            _reader=lambda: self._read(label),
        )

    def _read(self, label: SourceLabel) -> bytes:
        data = self._archive.read(label.path)
        if label.span == (None, None):
            return data
        with self._lock:  # the segments of one file come one after the other
            if self._decoded is None or self._decoded[0] != label.path:
                self._decoded = label.path, decode(data, name=PurePosixPath(label.path).name)
            waveform = self._decoded[1]
        start, end = label.span
        part = waveform.window(start or 0.0, end if end is not None else waveform.seconds)
        file = io.BytesIO()
        soundfile.write(file, part.samples, part.rate, format="WAV", subtype="FLOAT")
        return file.getvalue()


def _words(labels: Sequence[SourceLabel]) -> tuple[Word, ...]:
    counts = Counter((each.word, each.label, each.known) for each in labels)
    return tuple(Word(*key, count) for key, count in sorted(counts.items()))


def _missing(source: str, count: int) -> list[str]:
    """How much of a data set is here, unless all is; `ser.data.ravdess` reports on RAVDESS in detail."""
    return DATA_SETS[source].missing_clips(count) if source in DATA_SETS and source != RAVDESS.key else []


def _left_out(source: str, unlabelled: list[str], copies: list[str], other_takes: list[str]) -> list[str]:
    reported = []
    if unlabelled and source in DATA_SETS:
        reported.append(
            f"{counted(unlabelled)} not named as {SOURCES[source]} names its clips "
            f"(such as {DATA_SETS[source].naming.example}) and left out."
        )
    elif unlabelled and source:
        where = {CSV: "not named in the CSV", FOLDER: "in no class folder"}[source]
        reported.append(f"{counted(unlabelled)} {where} and left out.")
    reported += same_clips.reported(copies)
    if other_takes:
        reported.append(f"{counted(other_takes)} left out: songs, and videos without sound, beside the speech.")
    return reported
