"""A set of clips that somebody brings along: a zip, or files, with labels wherever they are written.

Ways to say who says what, tried in this order:

- a table: a CSV among the files, with the columns `path`, `label` and, where known, `speaker`;
- file names, of RAVDESS (`03-01-05-01-02-01-12.wav`) or of another corpus that `ser.corpora` knows;
- folders: `happy/one.wav`, or `happy/anna/one.wav` where there are several speakers.

What fits none of them is told in sentences, and the rest is used. Labels are free: they need not be emotions that a
model of this package knows. Everything stays in memory, and no clip is unpacked before it is read.
"""

import hashlib
import io
import threading
import zipfile
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from ser import ravdess
from ser.archive import UNREADABLE, is_junk, is_zip
from ser.corpora import CORPORA, MAX_CLIP_BYTES, NAMINGS, SOUND_SUFFIXES, open_corpus
from ser.errors import DatasetError, SerError
from ser.table import ExtractReport, FeatureTable, extract

MAX_CLIPS = 1500
"""More would take minutes and more memory than a small server has."""
MAX_BYTES = 200 << 20
"""Of all files together as they come; a zip of so many clips has no more."""
UNKNOWN = "unknown"
"""What stands where nothing is told of a clip's speaker."""


@dataclass(frozen=True)
class OwnClip:
    """One clip of the set.

    Attributes:
        name: its path in the set, by which it is read.
        emotion: its label.
        actor: who says it, "unknown" if nobody says.
        sex: the speaker's; "" where not told, as the following.
        intensity: how strongly it is said.
        statement: what is said.
    """

    name: str
    emotion: str
    actor: str = UNKNOWN
    sex: str = ""
    intensity: str = ""
    statement: str = ""


@dataclass(frozen=True)
class OwnSet:
    """Clips with labels, in memory.

    Attributes:
        path: what the set is called.
        clips: those that have a label, sorted by name.
        labelled_by: what told the labels: "RAVDESS" or a title out of `ser.corpora.CORPORA`.
        left_out: sentences on what has none.
        key: hexadecimal SHA-256 of what was brought: the same set has the same.
    """

    path: str
    clips: tuple[OwnClip, ...]
    labelled_by: str
    left_out: tuple[str, ...]
    key: str
    _reader: Callable[[str], bytes] = field(repr=False, compare=False)

    def read(self, clip: OwnClip | str) -> bytes:
        """A clip's file.

        Args:
            clip: the clip or its name.

        Returns:
            The bytes as they came.

        Raises:
            DatasetError: it is damaged in its zip, or too large.
        """
        return self._reader(clip if isinstance(clip, str) else clip.name)


@dataclass(frozen=True)
class Measured:
    """A set with all features computed.

    Attributes:
        table: its usable clips.
        refused: a sentence for each clip that cannot be used.
    """

    table: FeatureTable
    refused: tuple[str, ...]


def open_set(files: Sequence[tuple[str, bytes]]) -> OwnSet:
    """Find out what a set's clips are.

    Args:
        files: (path, bytes) of what was brought: one zip, or clips and perhaps a CSV.

    Returns:
        `OwnSet`; nothing is decoded yet.

    Raises:
        DatasetError: a zip is damaged, locked or too large, no clip has a label, or there are too many clips.

    Example:
        >>> found = open_set([("happy/a.wav", b"1"), ("sad/b.wav", b"2"), ("c.wav", b"3")])
        >>> [(clip.name, clip.emotion) for clip in found.clips], found.labelled_by
        ([('happy/a.wav', 'happy'), ('sad/b.wav', 'sad')], 'class folders')
    """
    if sum(len(data) for _, data in files) > MAX_BYTES:
        raise DatasetError(
            f"These files are more than {MAX_BYTES >> 20} MB. Bring a part of them, or FLAC or MP3 files."
        )
    name, packed = _as_one_zip(files)
    digest = hashlib.sha256(packed).hexdigest()
    sounds, tables = _listed(packed, name)
    if not sounds:
        raise DatasetError(f"{name} has no clip in it. Choose a zip or a folder with audio files.")
    if len(sounds) > MAX_CLIPS:
        raise DatasetError(
            f"{name} holds {len(sounds):,} clips; at most {MAX_CLIPS:,} can be explored. Leave some out."
        )
    refusals = []
    if tables:
        try:
            return _as_corpus(packed, "csv", name, digest)
        except DatasetError as error:  # a table of something else; the names or folders may tell the labels
            refusals.append(str(error))
    kind = _named_after(sounds)
    if kind == "ravdess":
        return _as_ravdess(packed, sounds, name, digest)
    try:
        return _as_corpus(packed, kind, name, digest)
    except DatasetError as error:
        raise DatasetError(
            f"No clip in {name} has a label. Put them into a folder for each label, name them as RAVDESS does, or add "
            "a CSV with the columns path and label." + "".join(f" ({each})" for each in refusals)
        ) from error


def measure_set(own: OwnSet) -> Generator[ExtractReport, bool | None, Measured | None]:
    """Compute all features of a set, clip by clip.

    Args:
        own: the set.

    Yields:
        An `ExtractReport` for each clip. Send True to give up.

    Returns:
        `Measured`, without columns of which nothing is told; None if given up.

    Raises:
        DatasetError: not a single clip could be used.
    """
    forgiving = _Forgiving(own)
    steps, refused = extract(forgiving, readings=False), []
    while True:
        try:
            report = next(steps)
        except StopIteration as end:
            table = end.value
            break
        if report.error:
            refused.append(forgiving.damaged.get(report.name, report.error))
        if (yield report):
            steps.close()
            return None
    told = [name for name in table.clips if not (table.clips[name] == "").all()]
    clips = table.clips[told].replace("", UNKNOWN)
    return Measured(FeatureTable(clips, table.matrices, table.contours), tuple(refused))


class _Forgiving:
    """A set in which a clip that is damaged in its zip is empty, so that the others can still be measured."""

    def __init__(self, own: OwnSet) -> None:
        self.path, self.clips, self._own = own.path, own.clips, own
        self.damaged: dict[str, str] = {}

    def read(self, clip: OwnClip) -> bytes:
        try:
            return self._own.read(clip)
        except DatasetError as error:
            self.damaged[clip.name] = str(error)
            return b""


def _as_one_zip(files: Sequence[tuple[str, bytes]]) -> tuple[str, bytes]:
    """The one zip that was brought, or the files made one, not compressed; and what to call it."""
    zips = [(name, data) for name, data in files if is_zip(data)]
    if len(files) == 1 and zips:
        return zips[0]
    if zips:
        raise DatasetError(f"{zips[0][0]} came with other files. Bring one zip alone, or files without a zip.")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as out:
        for name, data in sorted(files):
            # The same files give the same bytes, whenever they come.
            out.writestr(zipfile.ZipInfo(name.replace("\\", "/").lstrip("/")), data)
    folder = PurePosixPath(files[0][0]).parts[0] if len(PurePosixPath(files[0][0]).parts) > 2 else ""
    return folder or f"{len(files)} file{'s'[: len(files) > 1]}", buffer.getvalue()


def _listed(packed: bytes, name: str) -> tuple[list[str], list[str]]:
    """Paths of the clips and of the tables in a zip."""
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            paths = [path for path in archive.namelist() if not path.endswith("/") and not is_junk(path)]
    except UNREADABLE as error:
        raise DatasetError(f"{name} is a damaged zip and cannot be unpacked. Pack or copy it again.") from error
    suffixes = {path: PurePosixPath(path).suffix.lower() for path in paths}
    return [p for p in paths if suffixes[p] in SOUND_SUFFIXES], [p for p in paths if suffixes[p] == ".csv"]


def _named_after(sounds: list[str]) -> str:
    """The corpus whose rule most names follow, "folder" if none is followed by half of them."""
    matches = {"ravdess": sum(_ravdess_clip(path) is not None for path in sounds)}
    for kind, naming in NAMINGS.items():
        matches[kind] = sum(
            naming.pattern.fullmatch(str(PurePosixPath(path).with_suffix(""))) is not None for path in sounds
        )
    best = max(matches, key=matches.get)
    return best if 2 * matches[best] >= len(sounds) else "folder"


def _as_corpus(packed: bytes, kind: str, name: str, digest: str) -> OwnSet:
    corpus = open_corpus(packed, kind, name=name)
    clips = tuple(OwnClip(clip.name, clip.label, clip.speaker or UNKNOWN) for clip in corpus.clips)
    readers = {clip.name: clip.read for clip in corpus.clips}
    return OwnSet(name, clips, CORPORA[kind], corpus.reported, digest, lambda path: readers[path]())


def _as_ravdess(packed: bytes, sounds: list[str], name: str, digest: str) -> OwnSet:
    archive, lock = zipfile.ZipFile(io.BytesIO(packed)), threading.Lock()

    def read(path: str) -> bytes:
        try:
            with lock, archive.open(path) as file:
                data = file.read(MAX_CLIP_BYTES + 1)
        except UNREADABLE as error:
            raise DatasetError(f"{path} in {name} cannot be read. Copy or pack it again.") from error
        if len(data) > MAX_CLIP_BYTES:
            raise DatasetError(f"{path} in {name} is larger than {MAX_CLIP_BYTES >> 20} MB. Cut out the part you need.")
        return data

    found = {path: _ravdess_clip(path) for path in sorted(sounds)}
    odd = [path for path, clip in found.items() if clip is None]
    told = f"{', '.join(odd[:5])}{' and others' * (len(odd) > 5)}: not named by RAVDESS’s rule and left out."
    return OwnSet(name, tuple(clip for clip in found.values() if clip), "RAVDESS", (told,) if odd else (), digest, read)


def _ravdess_clip(path: str) -> OwnClip | None:
    try:
        clip = ravdess.parse_name(path)
    except SerError:
        return None
    return OwnClip(path, clip.emotion, f"{clip.actor:02d}", clip.sex, clip.intensity, clip.statement)
