"""Labelled clips: the one reader of them, for Train, Explore and `evaluate --data`.

Where labels come from, the first that is there counts:

1. a CSV or TSV (`ser.data.labels.clip_tables`);
2. folders, if one level holds at least two known emotions, wherever that level is (`ser.data.labels.folders`);
3. file names of RAVDESS or another known corpus (`ser.data.labels.corpora`);
4. the first level of folders, below those round the whole set, with at least two names: labels of one's own;
5. the label that is typed for the whole upload.

A single folder is a folder round the set, not a label. What does not fit is reported in sentences and the rest is
used, so a stray clip changes no other clip's label. Nothing is decoded here but segments that a table cuts out.
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
from ser.data.archives.archive import Archive
from ser.data.archives.clip_files import check_clips, companions, counted, sounds
from ser.data.archives.opening import open_archive
from ser.data.archives.zips import is_zip
from ser.data.labels import corpora
from ser.data.labels.sources import CSV, FOLDER, SOURCES, TYPED, Found, SourceReader, disagreement
from ser.errors import DatasetError
from ser.limits import OPERATOR, Limits

AUTO = "auto"
KINDS: tuple[str, ...] = (AUTO, *corpora.NAMINGS, FOLDER, CSV)
"""What `open_corpus` can be asked to read labels from; AUTO takes the first that is there, RAVDESS's names included."""


@dataclass(frozen=True)
class LabelledClip:
    """One clip of a set.

    Attributes:
        name: its path in the set, with its span where a table cuts it out of a file.
        label: of `ser.emotions.LABELS` where its word means one of these, else the word in lower case.
        speaker: who speaks; None where it is not known.
        word: the label as it is written.
        sex: the speaker's; "" where it is not known, as the following.
        intensity: how strongly it is said.
        statement: what is said.
        path: of the file that the clip is in.
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
        """Read the clip's file; may be called from several threads.

        Returns:
            The file's bytes, or a WAV of the span that a table names.

        Raises:
            SerError: it cannot be read, is too large, or its set was closed.
        """
        return self._reader()


@dataclass(frozen=True)
class Word:
    """A label as it is written, and what it was taken for.

    Attributes:
        word: as it is written in folders or a table.
        label: what its clips are labelled.
        known: whether it is a known word for an emotion.
        count: its clips.
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
        kind: where the labels come from, a key of `SOURCES`; "" if there are none.
        clips: sorted by name.
        words: what the labels were made from, in alphabetical order.
        others: other sources that have labels, keys of `SOURCES`.
        disagreement: a sentence, if another source has other labels; else "".
        unlabelled: paths of the recordings without a label.
        suggested: a label that the folder round the whole set suggests, else "".
        reported: what does not fit or is missing, in sentences.
    """

    name: str
    kind: str
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

    def readings(self) -> tuple[str, ...]:
        """Which words were taken for which known emotions, in at most one sentence."""
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
    """Find out which label every clip has.

    Args:
        archive: the opened files.
        source: a key of `SOURCES` to take labels from; the first that is there if left out.
        table: name of the table to read, for the source CSV; all tables if left out.
        label: typed for clips that have none.
        speaker: typed for clips of which no speaker is known.
        meanings: word → label, where a word is to be taken for another label than `ser.data.labels.emotion_words` has
        it.
        most: clips that can be used; all if left out.

    Returns:
        The set. It has no clips where nothing tells a label and none is typed.

    Raises:
        DatasetError: there is no recording, there are too many, or the source that is asked for has no labels.
    """
    recordings, companion_files = sounds(archive)
    if source is None:  # else the complaint says more than that there is no recording
        check_clips(archive, recordings, len(recordings))
    reader = SourceReader(archive, recordings, source, table, meanings or {})
    available = reader.sources(source)
    kind, found = _chosen(reader, available, source, " ".join(label.split()))
    found, copies = reader.counted_once(found, kind)
    if most is not None:
        check_clips(archive, [each.name for each in found] or recordings, most)
    used = {*(each.path for each in found), *copies, *reader.silent, *reader.songs}
    unlabelled = sorted(set(recordings) - used)
    others = tuple(each for each in available if each != kind)
    reported = [
        *archive.reported,
        *companions(archive, [name for name in companion_files if name not in reader.tables_used]),
        *(reader.table_reports if kind == CSV else reader.table_refusals[:2]),
        *_left_out(kind, unlabelled, [*copies, *archive.repeated], [*reader.silent, *reader.songs]),
        *(corpora.missing_clips(kind, len(found)) if kind in corpora.CORPORA else ()),
    ]
    made = _ClipMaker(archive, reader, speaker)
    clips = tuple(made.clip(each) for each in sorted(found, key=lambda each: (each.path, each.span[0] or 0)))
    return LabelledSet(
        name=table or archive.name,
        kind=kind,
        clips=clips,
        words=_words(found),
        others=others,
        disagreement=disagreement(kind, found, {each: available[each] for each in others}),
        unlabelled=tuple(unlabelled),
        suggested=reader.suggested,
        reported=tuple(reported),
        _archive=archive,
    )


def _chosen(
    reader: SourceReader, available: dict[str, list[Found]], source: str | None, typed: str
) -> tuple[str, list[Found]]:
    """The source that counts, and what it says; a typed label is for clips that have none."""
    if source not in (None, TYPED) and source not in available:
        raise DatasetError(reader.why_not(source))
    kind = source or next(iter(available), TYPED)
    if kind == TYPED:
        return TYPED if typed else "", reader.typed(typed)
    found = available[kind]
    if typed and kind == FOLDER:
        inside = {each.path for each in found}
        found = [*found, *(each for each in reader.typed(typed) if each.path not in inside)]
    return kind, found


def labelled_set(archive: Archive, clips: tuple[LabelledClip, ...], kind: str) -> LabelledSet:
    """A set whose labels need no finding.

    Args:
        archive: where the clips are.
        clips: with their labels.
        kind: where the labels come from, a key of `SOURCES`.

    Returns:
        The set.
    """
    return LabelledSet(archive.name, kind, clips, (), (), "", (), "", archive.reported, archive)


def open_corpus(
    source: bytes | str | os.PathLike[str], kind: str = AUTO, *, name: str | None = None, limits: Limits = OPERATOR
) -> LabelledSet:
    """Open labelled clips where they lie.

    Args:
        source: a folder, a zip or a CSV file; or a zip's bytes.
        kind: one of `KINDS`.
        name: what to call it; the file's name if left out.
        limits: how much of it can be used.

    Returns:
        The set, opened; close it or use it in a `with` statement.

    Raises:
        DatasetError: nothing is there, the zip is damaged, locked or too large, or not one clip has a label.

    Example:
        >>> import zipfile
        >>> buffer = io.BytesIO()
        >>> with zipfile.ZipFile(buffer, "w") as out:
        ...     out.writestr("mine/joy/eva/1.wav", b"sound")
        ...     out.writestr("mine/sad/eva/1.wav", b"another")
        >>> with open_corpus(buffer.getvalue(), "folder") as corpus:
        ...     [(clip.label, clip.speaker, clip.read()) for clip in corpus.clips]
        [('happy', 'eva', b'sound'), ('sad', 'eva', b'another')]
    """
    if kind not in KINDS:
        raise DatasetError(f"There is no kind of corpus {kind!r}; choose one of {', '.join(KINDS)}.")
    table = None
    if not isinstance(source, bytes) and kind in (CSV, AUTO) and _is_table(Path(source).expanduser(), kind):
        path = Path(source).expanduser()
        source, table, kind = path.parent, path.name, CSV
    archive = _opened(source, table, name, limits)
    try:
        found = find_labels(archive, source=None if kind == AUTO else kind, table=table, most=limits.scored_clips)
        if not found.clips:
            raise DatasetError(no_labels(found))
    except DatasetError:
        archive.close()
        raise
    return found


def _opened(source: bytes | str | os.PathLike[str], table: str | None, name: str | None, limits: Limits) -> Archive:
    try:
        return open_archive(source, name=name, limits=limits)
    except DatasetError:
        if table is None:
            raise
        # The folder that a table lies in may hold very much else; the clips are found by their paths then.
        return open_archive(source, name=name, limits=limits, listed=False)


def no_labels(found: LabelledSet) -> str:
    """Say that nothing tells a label.

    Args:
        found: a set without clips.

    Returns:
        What is missing and what to do.
    """
    notes = [sentence for sentence in found.reported if "first line" in sentence or "not one of them" in sentence]
    return (
        f"No clip in {found.name} has a label. Put them into a folder for each label, name them as RAVDESS does, or "
        "add a CSV with the columns path and label." + "".join(f" ({each})" for each in notes[:2])
    )


def _is_table(path: Path, kind: str) -> bool:
    if not path.is_file():
        return False
    if path.suffix.lower() in (".csv", ".tsv"):
        return True
    with path.open("rb") as file:
        return kind == CSV and not is_zip(file.read(4), path.name)


class _ClipMaker:
    """Makes the clips that are handed out; cuts segments out of the file that was decoded last."""

    def __init__(self, archive: Archive, reader: SourceReader, speaker: str) -> None:
        self._archive, self._named, self._speaker = archive, reader.named, speaker.strip()
        self._decoded: tuple[str, Waveform | None] = ("", None)
        self._lock = threading.Lock()

    def clip(self, found: Found) -> LabelledClip:
        """A clip with what its name adds to what its source says."""
        named = self._named.get(found.path)
        return LabelledClip(
            name=found.name,
            label=found.label,
            speaker=found.speaker or (named.speaker if named else None) or self._speaker or None,
            word=found.word,
            sex=found.sex or (named.sex if named else ""),
            intensity=found.intensity or (named.intensity if named else ""),
            statement=found.statement or (named.statement if named else ""),
            path=found.path,
            _reader=lambda: self._read(found),
        )

    def _read(self, found: Found) -> bytes:
        data = self._archive.read(found.path)
        if found.span == (None, None):
            return data
        with self._lock:  # the segments of one file come one after the other
            if self._decoded[0] != found.path:
                self._decoded = found.path, decode(data, name=PurePosixPath(found.path).name)
            waveform = self._decoded[1]
        start, end = found.span
        part = waveform.window(start, end if end is not None else waveform.seconds)
        file = io.BytesIO()
        soundfile.write(file, part.samples, part.rate, format="WAV", subtype="FLOAT")
        return file.getvalue()


def _words(found: Sequence[Found]) -> tuple[Word, ...]:
    counts = Counter((each.word, each.label, each.known) for each in found)
    return tuple(Word(*key, count) for key, count in sorted(counts.items()))


def _left_out(kind: str, unlabelled: list[str], copies: list[str], other_takes: list[str]) -> list[str]:
    reported = []
    if unlabelled and kind in corpora.CORPORA:
        reported.append(
            f"{counted(unlabelled)} not named as {SOURCES[kind]} names its clips (such as {corpora.naming_of(kind)}) "
            "and left out."
        )
    elif unlabelled and kind:
        where = {CSV: "not named in the CSV", FOLDER: "in no class folder"}[kind]
        reported.append(f"{counted(unlabelled)} {where} and left out.")
    reported += same_clips.reported(copies)
    if other_takes:
        reported.append(f"{counted(other_takes)} left out: songs, and videos without sound, beside the speech.")
    return reported
