"""Labelled clips: the one reader of them, for Train, Explore and `evaluate --data`.

Where labels come from, the first that is there counts:

1. a CSV or TSV (`ser.clip_tables`);
2. folders, if one level holds at least two known emotions, wherever that level is (`ser.label_folders`);
3. file names of RAVDESS or another known corpus (`ser.corpora`);
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

from ser import corpora
from ser.archive import Archive, check_clips, companions, counted, is_zip, open_archive, sounds
from ser.audio import decode
from ser.clip_tables import read_table, tables_of
from ser.copies import once, same_content
from ser.copies import reported as duplicates
from ser.emotion_words import meaning
from ser.emotions import LABELS
from ser.errors import DatasetError
from ser.label_folders import FolderLabels, emotion_folders, own_folders
from ser.limits import OPERATOR, Limits

CSV, FOLDER, TYPED, SAVED, AUTO = "csv", "folder", "typed", "saved", "auto"
SOURCES: dict[str, str] = corpora.CORPORA | {
    FOLDER: "class folders",
    CSV: "CSV",
    TYPED: "the label typed",
    SAVED: "a saved session",
}
"""Where labels can come from → its title."""
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


@dataclass(frozen=True)
class _Found:
    """What a source says of one clip."""

    path: str
    word: str
    label: str
    known: bool
    speaker: str | None = None
    sex: str = ""
    intensity: str = ""
    statement: str = ""
    span: tuple[float | None, float | None] = (None, None)

    @property
    def name(self) -> str:
        if self.span == (None, None):
            return self.path
        start, end = self.span
        return f"{self.path} [{start:g} s to {'the end' if end is None else f'{end:g} s'}]"


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
        meanings: word → label, where a word is to be taken for another label than `ser.emotion_words` has it.
        most: clips that can be used; all if left out.

    Returns:
        The set. It has no clips where nothing tells a label and none is typed.

    Raises:
        DatasetError: there is no recording, there are too many, or the source that is asked for has no labels.
    """
    if source not in (None, *SOURCES):
        raise DatasetError(f"There is no source of labels {source!r}; choose one of {', '.join(SOURCES)}.")
    recordings, companion_files = sounds(archive)
    if source is None:  # else the complaint says more than that there is no recording
        check_clips(archive, recordings, len(recordings))
    reader = _Reader(archive, recordings, source, table, meanings or {})
    available = reader.sources(source)
    kind = source if source is not None and source in available else next(iter(available), "")
    if source not in (None, TYPED) and source not in available:
        raise DatasetError(reader.why_not(source))
    typed = " ".join(label.split())
    if source == TYPED or not kind:
        kind, found = TYPED if typed else "", reader.typed(typed)
    else:
        found = available[kind]
        if typed and kind == FOLDER:
            inside = {each.path for each in found}
            found = [*found, *(each for each in reader.typed(typed) if each.path not in inside)]
    found, copies = reader.counted_once(found, kind)
    if most is not None:
        check_clips(archive, [each.name for each in found] or recordings, most)
    used = {*(each.path for each in found), *copies, *reader.silent, *reader.songs}
    unlabelled = sorted(set(recordings) - used)
    others = tuple(each for each in available if each != kind)
    reported = [
        *archive.reported,
        *companions(archive, [name for name in companion_files if name not in reader.tables_used]),
        *(reader.table_reports if kind == CSV else reader.table_refusals),
        *_left_out(kind, unlabelled, [*copies, *archive.repeated], [*reader.silent, *reader.songs]),
        *(corpora.missing_clips(kind, len(found)) if kind in corpora.CORPORA else ()),
    ]
    clips = tuple(reader.clip(each, speaker) for each in sorted(found, key=lambda each: (each.path, each.span[0] or 0)))
    return LabelledSet(
        name=table or archive.name,
        kind=kind,
        clips=clips,
        words=_words(found),
        others=others,
        disagreement=_disagreement(kind, found, {each: available[each] for each in others}),
        unlabelled=tuple(unlabelled),
        suggested=reader.suggested,
        reported=tuple(reported),
        _archive=archive,
    )


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
    archive = open_archive(source, name=name, limits=limits)
    try:
        found = find_labels(
            archive, source=None if kind == AUTO else kind, table=table, most=limits.scored_clips or None
        )
        if not found.clips:
            raise DatasetError(no_labels(found))
    except DatasetError:
        archive.close()
        raise
    return found


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


class _Reader:
    """Asks every source what it says of the recordings of one archive."""

    def __init__(
        self,
        archive: Archive,
        recordings: Sequence[str],
        asked: str | None,
        table: str | None,
        meanings: Mapping[str, str],
    ) -> None:
        self._archive, self._recordings, self._table, self._meanings = archive, list(recordings), table, meanings
        self._corpus = asked if asked in corpora.CORPORA else corpora.corpus_of(recordings)
        self._named = {
            path: named for path in recordings if self._corpus and (named := corpora.read_name(path, self._corpus))
        }
        self.silent = [path for path, named in self._named.items() if named.silent]
        self.songs: list[str] = []
        self._sounding = [path for path in recordings if path not in set(self.silent)]
        single = self._from_folders(emotion_folders(self._sounding, at_least=1))
        self.suggested = single[0].label if len({each.label for each in single}) == 1 else ""
        self.table_reports: list[str] = []
        self.table_refusals: list[str] = []
        self.tables_used: set[str] = set()
        self._decoded: tuple[str, bytes | None] = ("", None)
        self._lock = threading.Lock()

    def sources(self, asked: str | None) -> dict[str, list[_Found]]:
        """All sources that have labels, in the order in which they count."""
        found: dict[str, list[_Found]] = {}
        found[CSV] = self._from_tables()
        folders = emotion_folders(self._sounding)
        found[FOLDER] = self._from_folders(folders)
        if self._corpus:
            found[self._corpus] = self._from_names()
        if not found[FOLDER] and (asked == FOLDER or not any(found.values())):
            del found[FOLDER]  # labels of one's own come last
            found[FOLDER] = self._from_folders(own_folders(self._sounding))
            if not found[FOLDER] and asked == FOLDER:  # whoever asks for folders means also a single one
                found[FOLDER] = self._from_folders(emotion_folders(self._sounding, at_least=1))
        return {kind: each for kind, each in found.items() if each}

    def typed(self, label: str) -> list[_Found]:
        """One label for all; where folders have several names, these are the speakers."""
        if not label:
            return []
        label = label.lower() if label.lower() in LABELS else label
        folders = own_folders(self._sounding)
        speakers = {path: each.word for path, each in folders.clips.items()} if folders else {}
        return [
            _Found(path, label, label, known=meaning(label).known, speaker=speakers.get(path))
            for path in self._sounding
        ]

    def counted_once(self, found: list[_Found], kind: str) -> tuple[list[_Found], list[str]]:
        """The clips without copies, and without songs beside speech; and the paths of the copies."""
        if kind == corpora.RAVDESS:
            songs = [each.path for each in found if self._named[each.path].song]
            if len(songs) < len(found):
                self.songs = songs
                found = [each for each in found if each.path not in set(songs)]
        paths = list(dict.fromkeys(each.path for each in found))
        identities = {path: self._identity(path, kind) for path in paths}
        copies = set(once(self._archive, identities))
        if kind != CSV:
            copies |= same_content(self._archive, [p for p in paths if p not in copies and p not in self._named]).keys()
        known = set(identities.values())
        spare = {path for path in self._sounding if path not in identities and self._identity(path, kind) in known}
        return [each for each in found if each.path not in copies], sorted(copies | spare)

    def _identity(self, path: str, kind: str) -> tuple[str, ...]:
        """What is equal for files that hold the same clip."""
        if path in self._named:
            return self._named[path].identity
        if kind == CSV:  # which names its files one by one; else a.mp3 beside a.wav is the same clip
            return (path,)
        pure = PurePosixPath(path)
        return str(pure.parent), pure.stem.casefold()

    def clip(self, found: _Found, speaker: str) -> LabelledClip:
        """A clip as it is handed out."""
        named = self._named.get(found.path)
        return LabelledClip(
            name=found.name,
            label=found.label,
            speaker=found.speaker or (named.speaker if named else None) or speaker.strip() or None,
            word=found.word,
            sex=found.sex or (named.sex if named else ""),
            intensity=found.intensity or (named.intensity if named else ""),
            statement=found.statement or (named.statement if named else ""),
            path=found.path,
            _reader=lambda: self._read(found),
        )

    def why_not(self, asked: str) -> str:
        """Why a source that is asked for has no labels."""
        name, count = self._archive.name, len(self._archive.names)
        if asked == CSV and self.table_refusals:
            return self.table_refusals[0]
        if asked == CSV:
            return f"{name} holds no CSV; one is needed, with the columns path, label and, where known, speaker."
        if asked == FOLDER:
            return (
                f"{name} holds {count} files but no class folder with clips; a folder for each emotion, such as "
                "happy/one.wav, is needed."
            )
        return (
            f"{name} holds {count} files but no clip of {SOURCES[asked]}; names such as "
            f"{corpora.naming_of(asked)} are needed."
        )

    def _from_tables(self) -> list[_Found]:
        found: dict[tuple, _Found] = {}
        for name in [self._table] if self._table else tables_of(self._archive):
            try:
                table = read_table(self._archive, name, self._recordings)
            except DatasetError as error:
                self.table_refusals.append(str(error))
                continue
            self.tables_used.add(name)
            self.table_reports += table.reported
            for row in table.rows:
                given = self._meaning(row.word)
                clip = _Found(
                    row.path, row.word, *given[:2], speaker=row.speaker or None, sex=row.sex or given[2],
                    span=(row.start, row.end),
                )  # fmt: skip
                found.setdefault((row.path, clip.span), clip)
        return list(found.values())

    def _from_folders(self, folders: FolderLabels | None) -> list[_Found]:
        if folders is None:
            return []
        found = []
        for path, each in folders.clips.items():
            label, known, sex = self._meaning(each.word)
            found.append(_Found(path, each.word, label, known, each.speaker, sex))
        return found

    def _from_names(self) -> list[_Found]:
        return [
            _Found(
                path, named.label, self._meanings.get(named.label, named.label), True, named.speaker, named.sex,
                named.intensity, named.statement,
            )
            for path, named in self._named.items()
            if not named.silent
        ]  # fmt: skip

    def _meaning(self, word: str) -> tuple[str, bool, str]:
        """Label, whether the word is known, and the sex that stands beside it."""
        found = meaning(word)
        chosen = " ".join(self._meanings.get(word, "").split())
        return chosen or found.label, found.known, found.sex

    def _read(self, found: _Found) -> bytes:
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


def _words(found: Sequence[_Found]) -> tuple[Word, ...]:
    counts = Counter((each.word, each.label, each.known) for each in found)
    return tuple(Word(*key, count) for key, count in sorted(counts.items()))


def _disagreement(kind: str, found: Sequence[_Found], others: dict[str, list[_Found]]) -> str:
    """Name the source that has other labels than the one that was taken."""
    taken = {each.path: each for each in found}
    for other, clips in others.items():
        both = [(taken[each.path], each) for each in clips if each.path in taken]
        differ = [(one, two) for one, two in both if one.label != two.label]
        # Folders of one's own words are a source only where no other is.
        if differ and (other != FOLDER or any(two.known for _, two in differ)):
            one, two = differ[0]
            return (
                f"{_titled(kind)} and {_titled(other)} disagree on {len(differ):,} of {len(both):,} clips: "
                f"{one.path} is {one.label} by {_titled(kind)} and {two.label} by {_titled(other)}. "
                f"{_titled(kind)[0].upper()}{_titled(kind)[1:]} counted."
            )
    return ""


def _titled(kind: str) -> str:
    """A source in the middle of a sentence."""
    named = {FOLDER: "the folders", CSV: "the CSV", TYPED: "the typed label"}
    return named.get(kind) or f"the file names of {SOURCES.get(kind, kind)}"


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
    reported += duplicates(copies)
    if other_takes:
        reported.append(f"{counted(other_takes)} left out: songs, and videos without sound, beside the speech.")
    return reported
