"""Sets of emotional speech other than RAVDESS, and a visitor's own: a folder or zip becomes labelled clips.

What is read: EMO-DB, SAVEE, TESS and CREMA-D as they are published, whose file names are their records; a folder of
class folders; a CSV with a row a clip. A zip is read in memory, one file at a time, and never unpacked to disk, so no
path in it can reach anything and what it swells to is bounded. All that turns others' words and codes into the
emotions of `ser.emotions` stands here, in `WORDS` and `NAMINGS`; an emotion that is not among them keeps its word.

What does not fit is told in sentences and the rest is used. Nothing is decoded here; `ser.crosscorpus` scores.

Layouts:
    emodb: `03a01Fa.wav`, speaker 03, text a01, F for happiness, version a. Burkhardt et al. (2005), "A database of
        German emotional speech", Interspeech.
    savee: `DC/a01.wav` or `DC_a01.wav`, speaker DC, a for anger. Haq & Jackson (2009), "Speaker-dependent
        audio-visual emotion recognition", AVSP.
    tess: `OAF_back_angry.wav`, the older speaker, the word "back". Pichora-Fuller & Dupuis (2020),
        doi:10.5683/SP2/E8H2MF.
    cremad: `1001_DFA_ANG_XX.wav`, actor 1001, a sentence, anger, an intensity. Cao et al. (2014),
        doi:10.1109/TAFFC.2014.2336244.
    folder: `angry/a.wav`, or `angry/speaker/a.wav`; a folder round all of it does not matter.
    csv: columns `path`, `label` and, where known, `speaker`; paths are as seen from the CSV.
"""

import csv
import io
import os
import re
import threading
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Self

from ser.archive import UNREADABLE, is_junk
from ser.errors import DatasetError

MAX_FILES = 20_000
"""In one folder or zip: more than twice the 7,442 clips of CREMA-D."""
MAX_CLIP_BYTES = 160 << 20
"""Of one clip, unpacked: ten minutes of 44.1 kHz stereo in 24 bits."""
MAX_BYTES = 4 << 30
"""Of all files of a zip together, unpacked: six times CREMA-D."""

SOUND_SUFFIXES = frozenset(
    (".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff", ".aifc", ".m4a", ".aac", ".webm", ".mp4")
)
"""Endings of the names of files that `ser.audio` reads."""

WORDS: dict[str, str] = {
    word: label
    for label, words in {
        "neutral": "neutral neutrality neu",
        "calm": "calm calmness",
        "happy": "happy happiness joy joyful hap",
        "sad": "sad sadness",
        "angry": "angry anger ang",
        "fearful": "fearful fear afraid scared fea",
        "disgust": "disgust disgusted dis",
        "surprised": "surprised surprise pleasant-surprise pleasant-surprised ps sur",
        "bored": "bored boredom",
    }.items()
    for word in words.split()
}
"""Words for emotions in folder names and CSV files → label."""

_NAMED_IN_A_REPORT = 5


@dataclass(frozen=True)
class Naming:
    """How a published corpus names its files.

    Attributes:
        title: of the corpus.
        n_clips: how many were published.
        example: a name.
        pattern: matches the end of a path without its suffix; has the groups `speaker`, `clip` and `emotion`.
        emotions: code in lower case → label.
    """

    title: str
    n_clips: int
    example: str
    pattern: re.Pattern[str]
    emotions: dict[str, str]


def _naming(title: str, n_clips: int, example: str, pattern: str, emotions: str) -> Naming:
    codes = dict(pair.split("=") for pair in emotions.split())
    return Naming(title, n_clips, example, re.compile(rf"(?:.*/)?{pattern}", re.ASCII | re.IGNORECASE), codes)


NAMINGS: dict[str, Naming] = {
    "emodb": _naming(
        "EMO-DB",
        535,
        "03a01Fa.wav",
        r"(?P<speaker>\d\d)(?P<clip>[a-z]\d\d(?P<emotion>[wleaftn])[a-z])",
        "w=angry l=bored e=disgust a=fearful f=happy t=sad n=neutral",
    ),
    "savee": _naming(
        "SAVEE",
        480,
        "DC/a01.wav or DC_a01.wav",
        r"(?P<speaker>DC|JE|JK|KL)[/_](?P<clip>(?P<emotion>sa|su|a|d|f|h|n)\d\d)",
        "a=angry d=disgust f=fearful h=happy n=neutral sa=sad su=surprised",
    ),
    "tess": _naming(
        "TESS",
        2800,
        "OAF_back_angry.wav",
        # One clip of the older speaker is published as OA_bite_neutral.
        r"(?P<speaker>OA|YA)F?_(?P<clip>[a-z]+_(?P<emotion>angry|disgust|fear|happy|neutral|ps|sad))",
        "angry=angry disgust=disgust fear=fearful happy=happy neutral=neutral ps=surprised sad=sad",
    ),
    "cremad": _naming(
        "CREMA-D",
        7442,
        "1001_DFA_ANG_XX.wav",
        # One clip is published with the intensity X.
        r"(?P<speaker>1\d{3})_(?P<clip>[a-z]{3}_(?P<emotion>ang|dis|fea|hap|neu|sad)_(?:lo|md|hi|xx?))",
        "ang=angry dis=disgust fea=fearful hap=happy neu=neutral sad=sad",
    ),
}

CORPORA: dict[str, str] = {kind: naming.title for kind, naming in NAMINGS.items()} | {
    "folder": "class folders",
    "csv": "CSV",
}
"""Kind of corpus → its title."""


@dataclass(frozen=True)
class CorpusClip:
    """A labelled clip.

    Attributes:
        name: its path within the corpus, with forward slashes.
        label: of `ser.emotions.LABELS` where it means one of these, else the corpus's word in lower case.
        speaker: the corpus's name for who speaks; None where it is not known.
    """

    name: str
    label: str
    speaker: str | None
    _reader: Callable[[str], bytes] = field(repr=False, compare=False)

    def read(self) -> bytes:
        """Read the clip's file; may be called from several threads.

        Returns:
            The file's bytes.

        Raises:
            DatasetError: it cannot be read, is larger than `MAX_CLIP_BYTES`, or its corpus was closed.
        """
        return self._reader(self.name)


@dataclass(frozen=True)
class Corpus:
    """Labelled clips of one folder or zip; a context manager that closes the zip.

    Attributes:
        kind: a key of `CORPORA`.
        name: of the folder, zip or CSV.
        clips: sorted by name.
        reported: what does not fit or is missing, in sentences.
    """

    kind: str
    name: str
    clips: tuple[CorpusClip, ...]
    reported: tuple[str, ...]
    _files: "_Files" = field(repr=False, compare=False)

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that occur, in alphabetical order."""
        return tuple(sorted({clip.label for clip in self.clips}))

    def __enter__(self) -> Self:
        """Return the corpus itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the zip."""
        self.close()

    def close(self) -> None:
        """Close the zip; a folder needs no closing."""
        self._files.close()


def label_of(word: str) -> str:
    """The label that a word for an emotion stands for.

    Args:
        word: as found in a folder's name or a CSV.

    Returns:
        A label of `ser.emotions.LABELS` for a word out of `WORDS`, in whatever case and with spaces, hyphens or
        underscores; any other word in lower case.

    Example:
        >>> label_of("Pleasant_Surprise"), label_of("Anger"), label_of("Heimweh")
        ('surprised', 'angry', 'heimweh')
    """
    plain = word.strip().lower()
    return WORDS.get(re.sub(r"[\s_-]+", "-", plain), plain)


def open_corpus(source: bytes | str | os.PathLike[str], kind: str, *, name: str | None = None) -> Corpus:
    """Open labelled clips where they lie.

    Args:
        source: a folder, a zip or, for "csv", a CSV file; or a zip's bytes.
        kind: a key of `CORPORA`.
        name: what to call it; the file's name if left out.

    Returns:
        The corpus, opened; close it or use it in a `with` statement.

    Raises:
        DatasetError: nothing is there, the zip is damaged, locked or too large, or not one clip is in it.

    Example:
        >>> buffer = io.BytesIO()
        >>> with zipfile.ZipFile(buffer, "w") as out:
        ...     out.writestr("mine/joy/eva/1.wav", b"sound")
        >>> with open_corpus(buffer.getvalue(), "folder") as corpus:
        ...     [(clip.label, clip.speaker, clip.read()) for clip in corpus.clips]
        [('happy', 'eva', b'sound')]
    """
    if kind not in CORPORA:
        raise DatasetError(f"There is no kind of corpus {kind!r}; choose one of {', '.join(CORPORA)}.")
    table = None
    if kind == "csv" and not isinstance(source, bytes) and Path(source).expanduser().is_file():
        path = Path(source).expanduser()
        if not zipfile.is_zipfile(path):
            source, table, name = path.parent, path.name, name or path.name
    files = _open_folder(source, listed=table is None) if _is_folder(source) else _open_zip(source, name)
    try:
        if kind == "csv":
            found, reported = _from_csv(files, table)
        elif kind == "folder":
            found, reported = _from_folders(files)
        else:
            found, reported = _from_names(files, NAMINGS[kind])
    except DatasetError:
        files.close()
        raise
    clips = tuple(
        CorpusClip(path, label, speaker, files.read) for path, label, speaker in sorted(found, key=lambda clip: clip[0])
    )
    return Corpus(kind, name or files.name, clips, tuple(reported), files)


# --- files ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Files:
    """A folder or a zip, opened.

    Attributes:
        name: what to call it in sentences.
        paths: the files in it, without what operating systems leave behind.
        has: whether a path is there.
        fetch: a path → at most one byte more than `MAX_CLIP_BYTES`.
        close: ends it.
    """

    name: str
    paths: tuple[str, ...]
    has: Callable[[str], bool]
    fetch: Callable[[str], bytes]
    close: Callable[[], None]

    def read(self, path: str) -> bytes:
        try:
            data = self.fetch(path)
        except (KeyError, FileNotFoundError):
            raise DatasetError(f"{path} is not in {self.name}. Check its path.") from None
        except UNREADABLE as bad:
            raise DatasetError(f"{path} in {self.name} cannot be read ({bad}). Copy or pack it again.") from bad
        if len(data) > MAX_CLIP_BYTES:
            raise DatasetError(
                f"{path} in {self.name} is larger than {MAX_CLIP_BYTES >> 20} MB; at most ten minutes can be used. "
                "Cut out the part you need."
            )
        return data


def _is_folder(source: bytes | str | os.PathLike[str]) -> bool:
    return not isinstance(source, bytes) and Path(source).expanduser().is_dir()


def _open_folder(source: str | os.PathLike[str], *, listed: bool) -> _Files:
    root = Path(source).expanduser()
    paths: list[str] = []
    for folder, folders, names in os.walk(root) if listed else ():
        folders.sort()
        inside = Path(folder).relative_to(root)
        paths += [(inside / name).as_posix() for name in sorted(names)]
        _check_count(len(paths), str(source))

    def fetch(path: str) -> bytes:
        with (root / path).open("rb") as file:
            return file.read(MAX_CLIP_BYTES + 1)

    kept = tuple(path for path in paths if not is_junk(path))
    return _Files(str(source), kept, lambda path: (root / path).is_file(), fetch, lambda: None)


def _open_zip(source: bytes | str | os.PathLike[str], name: str | None) -> _Files:
    name = name or ("the zip" if isinstance(source, bytes) else str(source))
    try:
        archive = zipfile.ZipFile(io.BytesIO(source) if isinstance(source, bytes) else Path(source).expanduser())
    except FileNotFoundError:
        raise DatasetError(f"There is no folder or zip {name}. Check the path and its spelling.") from None
    except UNREADABLE as bad:
        raise DatasetError(f"{name} is neither a folder nor a sound zip ({bad}). Copy or pack it again.") from bad
    infos = [info for info in archive.infolist() if not info.is_dir()]
    try:
        _check_count(len(infos), name)
        # `ZipExtFile` reads no further than announced, so what is announced bounds what can come out.
        if sum(info.file_size for info in infos) > MAX_BYTES:
            raise DatasetError(f"{name} unpacks to more than {MAX_BYTES >> 30} GB. Split it into smaller zips.")
        if any(info.flag_bits & 1 for info in infos):
            raise DatasetError(f"{name} is locked with a password. Pack it again without one.")
    except DatasetError:
        archive.close()
        raise
    lock = threading.Lock()  # a ZipFile's members share one file position

    def fetch(path: str) -> bytes:
        with lock, archive.open(path) as file:
            return file.read(MAX_CLIP_BYTES + 1)

    paths = tuple(info.filename for info in infos if not is_junk(info.filename))
    return _Files(name, paths, frozenset(paths).__contains__, fetch, archive.close)


def _check_count(count: int, name: str) -> None:
    if count > MAX_FILES:
        raise DatasetError(f"{name} holds more than {MAX_FILES:,} files; give a smaller set, or a part of it.")


# --- from names to labels -------------------------------------------------------------------------------------------

_Found = list[tuple[str, str, str | None]]
"""Path, label, speaker."""


def _from_names(files: _Files, naming: Naming) -> tuple[_Found, list[str]]:
    sounds, others = _sounds(files)
    kept: dict[tuple[str, str], tuple[str, str, str | None]] = {}
    odd, twice = [], []
    for path in sounds:
        match = naming.pattern.fullmatch(str(PurePosixPath(path).with_suffix("")))
        if match is None:
            odd.append(path)
            continue
        speaker = match["speaker"].upper()
        key = speaker, match["clip"].lower()
        if key in kept:
            twice.append(path)
        else:
            kept[key] = path, naming.emotions[match["emotion"].lower()], speaker
    if not kept:
        raise DatasetError(
            f"{files.name} holds {len(files.paths)} files but no clip of {naming.title}; "
            f"names such as {naming.example} are needed."
        )
    reported = _of_others(others)
    if odd:
        reported.append(
            f"{_files(odd)} not named as {naming.title} names its clips (such as {naming.example}) and left out."
        )
    if twice:
        reported.append(f"{_files(twice)} there under the same name elsewhere too and left out.")
    if len(kept) < naming.n_clips:
        reported.append(f"{len(kept):,} of the {naming.n_clips:,} clips of {naming.title} are here.")
    return list(kept.values()), reported


def _from_folders(files: _Files) -> tuple[_Found, list[str]]:
    sounds, others = _sounds(files)
    parts = {path: PurePosixPath(path).parts for path in sounds}
    # A folder round all class folders, as most zips have, is no class; one that is called by an emotion is.
    while parts and _is_wrapper(parts.values()):
        parts = {path: each[1:] for path, each in parts.items()}
    loose = [path for path, each in parts.items() if len(each) < 2]
    found = [
        (path, label_of(each[0]), each[1] if len(each) > 2 else None) for path, each in parts.items() if len(each) > 1
    ]
    if not found:
        raise DatasetError(
            f"{files.name} holds {len(files.paths)} files but no class folder with clips; "
            "a folder for each emotion, such as happy/one.wav, is needed."
        )
    reported = _of_others(others)
    if loose:
        reported.append(f"{_files(loose)} in no class folder and left out.")
    return found, reported


def _is_wrapper(paths: Iterable[tuple[str, ...]]) -> bool:
    paths = list(paths)
    first = paths[0][0]
    return all(path[0] == first and len(path) > 2 for path in paths) and label_of(first) not in WORDS.values()


def _from_csv(files: _Files, table: str | None) -> tuple[_Found, list[str]]:
    table = table or _the_table(files)
    try:
        text = files.read(table).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise DatasetError(f"{table} is not text in UTF-8. Save it as CSV UTF-8.") from None
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        columns = {name.strip().lower(): name for name in rows.fieldnames or () if name}
        if not {"path", "label"} <= columns.keys():
            raise DatasetError(
                f"{table} begins with {first.strip()[:80]!r}; a first line path,label or path,label,speaker is needed."
            )
        return _from_rows(files, table, [{key: row.get(name) for key, name in columns.items()} for row in rows])
    except csv.Error as bad:
        raise DatasetError(f"{table} is not a CSV that can be read ({bad}). Save it as CSV UTF-8.") from bad


def _the_table(files: _Files) -> str:
    tables = [path for path in files.paths if path.lower().endswith(".csv")]
    if len(tables) != 1:
        raise DatasetError(
            f"{files.name} holds {len(tables)} CSV files; one is needed, with the columns path, label and, "
            "where known, speaker."
        )
    return tables[0]


def _from_rows(files: _Files, table: str, rows: list[dict[str, str | None]]) -> tuple[_Found, list[str]]:
    _check_count(len(rows), table)
    base = PurePosixPath(table).parent
    found: dict[str, tuple[str, str, str | None]] = {}
    incomplete, missing, twice = [], [], []
    for line, row in enumerate(rows, start=2):
        given, word, speaker = ((row.get(key) or "").strip() for key in ("path", "label", "speaker"))
        if not given or not word:
            incomplete.append(str(line))
            continue
        path = os.path.normpath(base / given.replace("\\", "/")).replace(os.sep, "/")
        if not files.has(path):
            missing.append(given)
        elif path in found:
            twice.append(given)
        else:
            found[path] = path, label_of(word), speaker or None
    if not found:
        raise DatasetError(f"{table} names {len(rows)} clips, but not one of them is there. Check its paths.")
    reported = []
    if incomplete:
        reported.append(
            f"{table} has {len(incomplete)} line(s) without a path or a label, which are left out: {_few(incomplete)}."
        )
    if missing:
        reported.append(f"{_files(missing)} named in {table} but not there.")
    if twice:
        reported.append(f"{_files(twice)} named in {table} again; the first line counts.")
    return list(found.values()), reported


def _sounds(files: _Files) -> tuple[list[str], list[str]]:
    """Part the files into those that are sound by their name, and the rest."""
    sounds = [path for path in files.paths if PurePosixPath(path).suffix.lower() in SOUND_SUFFIXES]
    return sorted(sounds), sorted(set(files.paths) - set(sounds))


def _of_others(others: list[str]) -> list[str]:
    return [f"{_files(others)} not sound and left out."] if others else []


def _files(paths: list[str]) -> str:
    """`1 file (a.txt) is`, `7 files (a.txt, b.txt, …) are`."""
    return f"{len(paths):,} file{'s' if len(paths) > 1 else ''} ({_few(paths)}) {'are' if len(paths) > 1 else 'is'}"


def _few(names: list[str]) -> str:
    return ", ".join(names[:_NAMED_IN_A_REPORT]) + (", …" if len(names) > _NAMED_IN_A_REPORT else "")
