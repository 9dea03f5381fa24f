"""Collects what each source of labels says about the recordings of an archive; `labelled` chooses among them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from ser.data.archives.archive import Archive
from ser.data.archives.copies import once, same_content
from ser.data.data_sets import DATA_SETS, RAVDESS, recognised
from ser.data.labels.clip_paths import PathIndex
from ser.data.labels.clip_tables import read_table, tables_of
from ser.data.labels.emotion_words import meaning
from ser.data.labels.folders import FolderLabels, emotion_folders, own_folders
from ser.data.labels.transcripts import transcripts
from ser.emotions import LABELS
from ser.errors import DatasetError

CSV, FOLDER, TYPED, SAVED = "csv", "folder", "typed", "saved"
SOURCES: dict[str, str] = {key: each.title for key, each in DATA_SETS.items()} | {
    FOLDER: "class folders",
    CSV: "CSV",
    TYPED: "the label typed",
    SAVED: "a saved session",
}
"""Where labels can come from → its title."""


@dataclass(frozen=True)
class SourceLabel:
    """What a source says about one clip."""

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
        """The path, with the span where there is one."""
        if self.span == (None, None):
            return self.path
        start, end = self.span
        return f"{self.path} [{start:g} s to {'the end' if end is None else f'{end:g} s'}]"


class SourceReader:
    """Reads what every source says about the recordings of one archive.

    Attributes:
        named: path → what its name says, for recordings that are named by the rule of a known corpus.
        silent: paths of videos without sound.
        songs: paths of songs that are left out beside speech.
        suggested: a label that the folder around all recordings suggests, else "".
        table_reports: what does not fit in the tables that were read.
        table_refusals: why other tables could not be read.
        tables_used: names of the tables that were read.
    """

    def __init__(
        self,
        archive: Archive,
        recordings: Sequence[str],
        source: str | None,
        table: str | None,
        meanings: Mapping[str, str],
    ) -> None:
        """Read the recordings' own names; `sources` reads the rest.

        `source` is the one that is requested, None for any; `table` is the name of the table to read, None for all;
        `meanings` maps words to labels where they differ from the usual ones.
        """
        self._archive, self._recordings, self._table, self._meanings = archive, list(recordings), table, meanings
        self._corpus = DATA_SETS[source] if source in DATA_SETS else recognised(recordings)
        self.named = {path: named for path in recordings if self._corpus and (named := self._corpus.read_name(path))}
        if self._corpus and self._corpus.transcripts:
            sentences = transcripts(archive, self._corpus.transcripts)
            self.named = {
                path: replace(named, statement=sentences.get(PurePosixPath(path).stem, named.statement))
                for path, named in self.named.items()
            }
        self.silent = [path for path, named in self.named.items() if named.silent]
        self.songs: list[str] = []
        self._sounding = [path for path in recordings if path not in set(self.silent)]
        single = self._from_folders(emotion_folders(self._sounding, at_least=1))
        self.suggested = single[0].label if len({each.label for each in single}) == 1 else ""
        self.table_reports: list[str] = []
        self.table_refusals: list[str] = []
        self.tables_used: set[str] = set()

    def sources(self, requested: str | None) -> dict[str, list[SourceLabel]]:
        """All sources that have labels, in the order in which they count; `requested` is the one the user wants."""
        labels: dict[str, list[SourceLabel]] = {}
        labels[CSV] = self._from_tables()
        folders = emotion_folders(self._sounding)
        labels[FOLDER] = self._from_folders(folders)
        if self._corpus:
            labels[self._corpus.key] = self._from_names()
        if not labels[FOLDER] and (requested == FOLDER or not any(labels.values())):
            del labels[FOLDER]  # labels of one's own come last
            labels[FOLDER] = self._from_folders(own_folders(self._sounding))
            if not labels[FOLDER] and requested == FOLDER:  # a request for folders allows a single one
                labels[FOLDER] = self._from_folders(emotion_folders(self._sounding, at_least=1))
        return {source: each for source, each in labels.items() if each}

    def typed(self, label: str) -> list[SourceLabel]:
        """One label for all clips; where folders have several names, these are the speakers."""
        if not label:
            return []
        label = label.lower() if label.lower() in LABELS else label
        folders = own_folders(self._sounding)
        speakers = {path: each.word for path, each in folders.clips.items()} if folders else {}
        return [
            SourceLabel(path, label, label, known=meaning(label).known, speaker=speakers.get(path))
            for path in self._sounding
        ]

    def counted_once(self, labels: list[SourceLabel], source: str) -> tuple[list[SourceLabel], list[str]]:
        """The labels without copies, and without songs beside speech; and the paths of the copies."""
        if source == RAVDESS.key:
            songs = [each.path for each in labels if self.named[each.path].song]
            if len(songs) < len(labels):
                self.songs = songs
                labels = [each for each in labels if each.path not in set(songs)]
        paths = list(dict.fromkeys(each.path for each in labels))
        identities = {path: self._identity(path, source) for path in paths}
        copies = set(once(self._archive, identities))
        if source != CSV:
            copies |= same_content(self._archive, [p for p in paths if p not in copies and p not in self.named]).keys()
        known = set(identities.values())
        spare = {path for path in self._sounding if path not in identities and self._identity(path, source) in known}
        return [each for each in labels if each.path not in copies], sorted(copies | spare)

    def _identity(self, path: str, source: str) -> tuple[str, ...]:
        """Something that is equal for files that hold the same clip."""
        if path in self.named:
            return self.named[path].identity
        if source == CSV:  # which names its files one by one; else a.mp3 beside a.wav is the same clip
            return (path,)
        pure = PurePosixPath(path)
        return str(pure.parent), pure.stem.casefold()

    def why_not(self, source: str) -> str:
        """Why a requested source has no labels."""
        name, count = self._archive.name, len(self._archive.names)
        if source == CSV and self.table_refusals:
            return self.table_refusals[0]
        if source == CSV:
            return f"{name} holds no CSV; one is needed, with the columns path, label and, where known, speaker."
        if source == FOLDER:
            return (
                f"{name} holds {count} files but no class folder with clips; a folder for each emotion, such as "
                "happy/one.wav, is needed."
            )
        if source not in DATA_SETS:
            return f"There is no source of labels {source!r}; choose one of {', '.join(SOURCES)}."
        return (
            f"{name} holds {count} files but no clip of {SOURCES[source]}; names such as "
            f"{DATA_SETS[source].naming.example} are needed."
        )

    def _from_tables(self) -> list[SourceLabel]:
        labels: dict[tuple, SourceLabel] = {}
        names = [self._table] if self._table else tables_of(self._archive)
        index = PathIndex(self._recordings if names else ())
        for name in names:
            try:
                table = read_table(self._archive, name, index)
            except DatasetError as error:
                self.table_refusals.append(str(error))
                continue
            self.tables_used.add(name)
            self.table_reports += table.reported
            for row in table.rows:
                known = self._meaning(row.word)
                clip = SourceLabel(
                    row.path, row.word, *known[:2], speaker=row.speaker or None, sex=row.sex or known[2],
                    span=(row.start, row.end),
                )  # fmt: skip
                labels.setdefault((row.path, clip.span), clip)
        return list(labels.values())

    def _from_folders(self, folders: FolderLabels | None) -> list[SourceLabel]:
        if folders is None:
            return []
        labels = []
        for path, each in folders.clips.items():
            label, known, sex = self._meaning(each.word)
            labels.append(SourceLabel(path, each.word, label, known, each.speaker, sex))
        return labels

    def _from_names(self) -> list[SourceLabel]:
        return [
            SourceLabel(
                path, named.label, self._meanings.get(named.label, named.label), True, named.speaker, named.sex,
                named.intensity, named.statement,
            )
            for path, named in self.named.items()
            if not named.silent
        ]  # fmt: skip

    def _meaning(self, word: str) -> tuple[str, bool, str]:
        """Label, whether the word is known, and the sex that stands beside it."""
        usual = meaning(word)
        label = " ".join(self._meanings.get(word, "").split())
        return label or usual.label, usual.known, usual.sex


def disagreement(source: str, labels: Sequence[SourceLabel], others: dict[str, list[SourceLabel]]) -> str:
    """A sentence that names the source that has other labels than the one that was taken; "" if all agree."""
    taken = {each.path: each for each in labels}
    for other, clips in others.items():
        both = [(taken[each.path], each) for each in clips if each.path in taken]
        differ = [(one, two) for one, two in both if one.label != two.label]
        # Folders of one's own words are a source only where no other is.
        if differ and (other != FOLDER or any(two.known for _, two in differ)):
            one, two = differ[0]
            begin = f"{_titled(source)[0].upper()}{_titled(source)[1:]}"
            return (
                f"{begin} and {_titled(other)} disagree on {len(differ):,} of {len(both):,} clips: "
                f"{one.path} is {one.label} by {_titled(source)} and {two.label} by {_titled(other)}. "
                f"{begin} counted."
            )
    return ""


def _titled(source: str) -> str:
    """A source's name in the middle of a sentence."""
    named = {FOLDER: "the folders", CSV: "the CSV", TYPED: "the typed label"}
    return named.get(source) or f"the file names of {SOURCES.get(source, source)}"
