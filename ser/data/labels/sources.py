"""What each source of labels says of the recordings of an archive; `ser.data.labels.labelled` chooses among them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from ser.data.archives.archive import Archive
from ser.data.archives.copies import once, same_content
from ser.data.labels import corpora
from ser.data.labels.clip_paths import PathIndex
from ser.data.labels.clip_tables import read_table, tables_of
from ser.data.labels.emotion_words import meaning
from ser.data.labels.folders import FolderLabels, emotion_folders, own_folders
from ser.emotions import LABELS
from ser.errors import DatasetError

CSV, FOLDER, TYPED, SAVED = "csv", "folder", "typed", "saved"
SOURCES: dict[str, str] = corpora.CORPORA | {
    FOLDER: "class folders",
    CSV: "CSV",
    TYPED: "the label typed",
    SAVED: "a saved session",
}
"""Where labels can come from → its title."""


@dataclass(frozen=True)
class Found:
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
        """The path, with the span where there is one."""
        if self.span == (None, None):
            return self.path
        start, end = self.span
        return f"{self.path} [{start:g} s to {'the end' if end is None else f'{end:g} s'}]"


class SourceReader:
    """Asks every source what it says of the recordings of one archive.

    Attributes:
        named: path → what its name says, for recordings named by the rule of a known corpus.
        silent: paths of videos without sound.
        songs: paths of songs that are left out beside speech.
        suggested: a label that the folder round all recordings suggests, else "".
        table_reports: what does not fit in the tables that were read.
        table_refusals: why other tables could not be read.
        tables_used: names of the tables that were read.
    """

    def __init__(
        self,
        archive: Archive,
        recordings: Sequence[str],
        asked: str | None,
        table: str | None,
        meanings: Mapping[str, str],
    ) -> None:
        """Find the recordings' own names; the sources are asked by `sources`.

        Args:
            archive: opened.
            recordings: names of the recordings in it.
            asked: the source that is asked for; None if any will do.
            table: name of the table to read; all tables if None.
            meanings: word → label, where a word is to be taken for another label than usual.
        """
        self._archive, self._recordings, self._table, self._meanings = archive, list(recordings), table, meanings
        self._corpus = asked if asked in corpora.CORPORA else corpora.corpus_of(recordings)
        self.named = {
            path: named for path in recordings if self._corpus and (named := corpora.read_name(path, self._corpus))
        }
        self.silent = [path for path, named in self.named.items() if named.silent]
        self.songs: list[str] = []
        self._sounding = [path for path in recordings if path not in set(self.silent)]
        single = self._from_folders(emotion_folders(self._sounding, at_least=1))
        self.suggested = single[0].label if len({each.label for each in single}) == 1 else ""
        self.table_reports: list[str] = []
        self.table_refusals: list[str] = []
        self.tables_used: set[str] = set()

    def sources(self, asked: str | None) -> dict[str, list[Found]]:
        """All sources that have labels, in the order in which they count."""
        found: dict[str, list[Found]] = {}
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

    def typed(self, label: str) -> list[Found]:
        """One label for all; where folders have several names, these are the speakers."""
        if not label:
            return []
        label = label.lower() if label.lower() in LABELS else label
        folders = own_folders(self._sounding)
        speakers = {path: each.word for path, each in folders.clips.items()} if folders else {}
        return [
            Found(path, label, label, known=meaning(label).known, speaker=speakers.get(path)) for path in self._sounding
        ]

    def counted_once(self, found: list[Found], kind: str) -> tuple[list[Found], list[str]]:
        """The clips without copies, and without songs beside speech; and the paths of the copies."""
        if kind == corpora.RAVDESS:
            songs = [each.path for each in found if self.named[each.path].song]
            if len(songs) < len(found):
                self.songs = songs
                found = [each for each in found if each.path not in set(songs)]
        paths = list(dict.fromkeys(each.path for each in found))
        identities = {path: self._identity(path, kind) for path in paths}
        copies = set(once(self._archive, identities))
        if kind != CSV:
            copies |= same_content(self._archive, [p for p in paths if p not in copies and p not in self.named]).keys()
        known = set(identities.values())
        spare = {path for path in self._sounding if path not in identities and self._identity(path, kind) in known}
        return [each for each in found if each.path not in copies], sorted(copies | spare)

    def _identity(self, path: str, kind: str) -> tuple[str, ...]:
        """What is equal for files that hold the same clip."""
        if path in self.named:
            return self.named[path].identity
        if kind == CSV:  # which names its files one by one; else a.mp3 beside a.wav is the same clip
            return (path,)
        pure = PurePosixPath(path)
        return str(pure.parent), pure.stem.casefold()

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
        if asked not in corpora.CORPORA:
            return f"There is no source of labels {asked!r}; choose one of {', '.join(SOURCES)}."
        return (
            f"{name} holds {count} files but no clip of {SOURCES[asked]}; names such as "
            f"{corpora.naming_of(asked)} are needed."
        )

    def _from_tables(self) -> list[Found]:
        found: dict[tuple, Found] = {}
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
                given = self._meaning(row.word)
                clip = Found(
                    row.path, row.word, *given[:2], speaker=row.speaker or None, sex=row.sex or given[2],
                    span=(row.start, row.end),
                )  # fmt: skip
                found.setdefault((row.path, clip.span), clip)
        return list(found.values())

    def _from_folders(self, folders: FolderLabels | None) -> list[Found]:
        if folders is None:
            return []
        found = []
        for path, each in folders.clips.items():
            label, known, sex = self._meaning(each.word)
            found.append(Found(path, each.word, label, known, each.speaker, sex))
        return found

    def _from_names(self) -> list[Found]:
        return [
            Found(
                path, named.label, self._meanings.get(named.label, named.label), True, named.speaker, named.sex,
                named.intensity, named.statement,
            )
            for path, named in self.named.items()
            if not named.silent
        ]  # fmt: skip

    def _meaning(self, word: str) -> tuple[str, bool, str]:
        """Label, whether the word is known, and the sex that stands beside it."""
        found = meaning(word)
        chosen = " ".join(self._meanings.get(word, "").split())
        return chosen or found.label, found.known, found.sex


def disagreement(kind: str, found: Sequence[Found], others: dict[str, list[Found]]) -> str:
    """Name the source that has other labels than the one that was taken.

    Args:
        kind: the source that was taken.
        found: what it says.
        others: what the other sources say.

    Returns:
        A sentence; "" if they agree.
    """
    taken = {each.path: each for each in found}
    for other, clips in others.items():
        both = [(taken[each.path], each) for each in clips if each.path in taken]
        differ = [(one, two) for one, two in both if one.label != two.label]
        # Folders of one's own words are a source only where no other is.
        if differ and (other != FOLDER or any(two.known for _, two in differ)):
            one, two = differ[0]
            begin = f"{_titled(kind)[0].upper()}{_titled(kind)[1:]}"
            return (
                f"{begin} and {_titled(other)} disagree on {len(differ):,} of {len(both):,} clips: "
                f"{one.path} is {one.label} by {_titled(kind)} and {two.label} by {_titled(other)}. "
                f"{begin} counted."
            )
    return ""


def _titled(kind: str) -> str:
    """A source in the middle of a sentence."""
    named = {FOLDER: "the folders", CSV: "the CSV", TYPED: "the typed label"}
    return named.get(kind) or f"the file names of {SOURCES.get(kind, kind)}"
