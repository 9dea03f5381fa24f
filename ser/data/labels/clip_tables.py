"""Reads tables of clips, CSV or TSV as tools write them: label, speaker, and position in the file.

Columns are found by their names (`_COLUMNS`), in any case and order. Delimiter and encoding are recognised; a `sep=`
line and blank lines are passed over. `ser.data.labels.clip_paths` finds the files.
"""

import csv
import io
import itertools
import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from ser.data.archives.archive import Archive
from ser.data.archives.clip_files import counted
from ser.data.labels.clip_paths import PathFinder, PathIndex
from ser.data.labels.emotion_words import meaning
from ser.errors import DatasetError
from ser.text import count, few

_SUFFIXES = (".csv", ".tsv")
_COLUMNS: dict[str, tuple[str, ...]] = {
    "path": (
        *("path", "file", "filename", "filepath", "fileid", "audio", "audiofile", "audiopath", "audiofilepath", "wav"),
        *(
            "wavfile",
            "wavpath",
            "clip",
            "clipname",
            "clippath",
            "fullpath",
            "relativepath",
            "recording",
            "sound",
            "name",
        ),
        *("id", "utterance", "utteranceid", "uttid", "segment", "sample"),
    ),
    "label": (
        *("label", "emotion", "emotions", "labels", "emotionlabel", "emotionname", "emotionclass", "emo", "class"),
        *("category", "target", "classname", "majoremotion", "emoclass"),
    ),
    "speaker": (
        *("speaker", "speakerid", "actor", "actorid", "speakername", "spk", "spkid", "subject", "subjectid"),
        *("clientid", "participant", "participantid", "singer", "speakers", "actors"),
    ),
    "sex": ("sex", "gender"),
    "start": ("start", "starttime", "begin", "begintime", "onset", "starts", "startseconds", "startsec", "from"),
    "end": ("end", "endtime", "stop", "stoptime", "offset", "ends", "endseconds", "endsec", "to"),
}
"""Meaning of a column → its names in lower case, without spaces, hyphens and underscores; the likeliest first."""

_DELIMITERS = ",;\t|"


@dataclass(frozen=True)
class Row:
    """A row of a table whose file is there.

    Attributes:
        path: of the file in the archive.
        word: the label as it is written.
        speaker: "" where the table does not say, like the following.
        sex: the speaker's.
        start: second in the file where the clip begins; None for the whole file.
        end: second where it ends; None for the file's end.
    """

    path: str
    word: str
    speaker: str = ""
    sex: str = ""
    start: float | None = None
    end: float | None = None


@dataclass(frozen=True)
class ClipTable:
    """A table.

    Attributes:
        name: its path in the archive.
        rows: those whose file is there.
        reported: sentences about what does not fit.
    """

    name: str
    rows: tuple[Row, ...]
    reported: tuple[str, ...]


def tables_of(archive: Archive) -> list[str]:
    """Names of the files in an archive that are tables by their ending, sorted."""
    return sorted(name for name in archive.names if PurePosixPath(name).suffix.lower() in _SUFFIXES)


def read_table(archive: Archive, name: str, index: PathIndex) -> ClipTable:
    """Read a table of clips from an archive; `index` holds the archive's recordings.

    `DatasetError` if it is too large, no text, lacks a column, or none of its files is there.
    """
    limits = archive.limits
    if name in archive and archive.size(name) > limits.table_bytes:
        raise DatasetError(f"{name} is larger than {limits.table_bytes >> 20} MB. Give a part of it.")
    text = _text(archive.read(name), name)
    lines = _lines(text)
    delimiter, header = _header(lines)
    try:
        cells = [
            [cell.strip() for cell in row] for row in csv.reader(io.StringIO("\n".join(lines)), delimiter=delimiter)
        ]
    except csv.Error as error:
        raise DatasetError(f"{name} is not a CSV that can be read ({error}). Save it as CSV UTF-8.") from error
    if len(cells) > limits.table_rows:
        raise DatasetError(f"{name} has more than {limits.table_rows:,} lines. Give a part of it.")
    find = PathFinder(archive, name, index)
    columns = _columns(cells[0] if cells else [], cells[1:], find)
    above = len(_split(text)) - len(lines)
    if not columns.keys() & {"path", "label"} and cells:
        columns = _columns_without_names(cells, find)
        cells, above = [[], *cells], above - 1
    if not {"path", "label"} <= columns.keys():
        raise DatasetError(
            f"{name} begins with {header[:80]!r}; a first line path,label or path,label,speaker is needed, in whatever "
            "order."
        )
    return _from_rows(name, cells, columns, find, above)


# --- text ----------------------------------------------------------------------------------------------------------


def _text(data: bytes, name: str) -> str:
    """A table's text, in the encoding of any program."""
    if data[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        raise DatasetError(f"{name} is an Excel file. Save it as CSV UTF-8.")
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return _decoded(data, encoding, name)
    zeros = data[:2000].count(0)
    if zeros > len(data[:2000]) / 4:
        # UTF-16 without a mark: of ASCII letters every second byte is zero.
        little = data[1:2000:2].count(0) >= data[:2000:2].count(0)
        return _decoded(data, "utf-16-le" if little else "utf-16-be", name)
    if zeros:
        raise DatasetError(f"{name} is not text. Save it as CSV UTF-8.")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        # The five bytes that Windows-1252 leaves open are taken as they are.
        return data.decode("cp1252", "replace")


def _decoded(data: bytes, encoding: str, name: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise DatasetError(
            f"{name} is damaged: it begins as {encoding.upper()} and goes on otherwise. Save it as CSV UTF-8."
        ) from error


def _lines(text: str) -> list[str]:
    """A table's lines without blank ones at its beginning; a `sep=` line stays first."""
    lines = _split(text)
    return list(itertools.dropwhile(lambda line: not line.strip(' \t,;"'), lines))


def _split(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff").split("\n")


def _header(lines: list[str]) -> tuple[str, str]:
    """The delimiter, and the line with the columns' names; a `sep=` line is removed."""
    named = re.fullmatch(r'\s*"?sep=(.)"?[\s,;]*|\s*"?sep=(\t)"?\s*', lines[0], re.IGNORECASE) if lines else None
    if named:
        del lines[0]
        lines[:] = _lines("\n".join(lines))
    first = lines[0].strip() if lines else ""
    return (named and (named[1] or named[2])) or max(_DELIMITERS, key=first.count), first


def _columns(header: list[str], rows: list[list[str]], find: PathFinder) -> dict[str, int]:
    """Role of a column → its number; of several candidates, the one whose cells fit best."""
    named = [re.sub(r"[\s_\-.]+", "", cell.strip("\"' #").lower()) for cell in header]
    sample = rows[:200]
    columns = {}
    for role, names in _COLUMNS.items():
        candidates = sorted((i for i, name in enumerate(named) if name in names), key=lambda i: names.index(named[i]))
        if role == "path":
            candidates.sort(key=lambda i: -sum(find.one(_cell(row, i)) is not None for row in sample))
        elif role == "label":
            candidates.sort(key=lambda i: -sum(meaning(_cell(row, i)).known for row in sample))
        elif role == "speaker":
            candidates.sort(key=lambda i: not any(_cell(row, i) for row in sample))
        if candidates:
            columns[role] = candidates[0]
    return columns


def _columns_without_names(rows: list[list[str]], find: PathFinder) -> dict[str, int]:
    """The columns of a table that begins with its first clip: a path that is there and a known word."""
    first = range(len(rows[0]))
    paths = [i for i in first if find.one(_cell(rows[0], i)) is not None]
    labels = [i for i in first if meaning(_cell(rows[0], i)).known]
    return {"path": paths[0], "label": labels[0]} if len(paths) == len(labels) == 1 else {}


def _cell(row: list[str], column: int | None) -> str:
    return row[column].strip() if column is not None and column < len(row) else ""


# --- rows ----------------------------------------------------------------------------------------------------------


def _from_rows(name: str, cells: list[list[str]], columns: dict[str, int], find: PathFinder, above: int) -> ClipTable:
    """The rows of a table that begins below `above` other lines."""
    rows: dict[tuple, Row] = {}
    incomplete, missing, twice, times, loosely = [], [], [], [], []
    for line, cell in enumerate(cells[1:], start=above + 2):
        if not any(cell):
            continue
        written, word, speaker, sex = (_cell(cell, columns.get(what)) for what in ("path", "label", "speaker", "sex"))
        if not written or not word:
            incomplete.append(str(line))
            continue
        speaker = re.sub(r"^(\d+)\.0$", r"\1", speaker)  # pandas writes numbers so where one is missing
        path = find.one(written)
        if path is None:
            missing.append(written)
            continue
        span = _span(_cell(cell, columns.get("start")), _cell(cell, columns.get("end")))
        if span is None:
            times.append(str(line))
            continue
        if (path, span) in rows:
            twice.append(written)
            continue
        if not find.is_exact(written):
            loosely.append(written)
        rows[path, span] = Row(path, word, speaker, _sex(sex), *span)
    if not rows:
        why = find.why_not(missing[0]) if missing else "Check its lines."
        raise DatasetError(f"{name} names {len(cells) - 1} clips, but not one of them is there. {why}")
    reported = []
    if incomplete:
        reported.append(f"{name} has {_lines_in_words(incomplete)} without a path or a label, left out.")
    if times:
        reported.append(
            f"{name} has {_lines_in_words(times)} whose start and end are no times in order, left out. Give seconds."
        )
    if missing:
        reported.append(f"{counted(missing)} named in {name} but not there. {find.why_not(missing[0])}")
    if loosely:
        reported.append(f"{counted(loosely)} there under a path that differs a little, and used.")
    if twice:
        reported.append(f"{counted(twice)} named in {name} again; the first line counts.")
    return ClipTable(name, tuple(rows.values()), tuple(reported))


def _lines_in_words(lines: list[str]) -> str:
    return f"{count(len(lines), 'line')} ({few(lines)})"


def _sex(text: str) -> str:
    return {"m": "male", "f": "female", "w": "female", "male": "male", "female": "female"}.get(text.lower(), "")


def _span(start: str, end: str) -> tuple[float | None, float | None] | None:
    """Beginning and end of a clip in its file; None if that is no span."""
    try:
        first, last = _seconds(start), _seconds(end)
    except ValueError:
        return None
    if first is None and last is None:
        return None, None
    first = first or 0.0
    return (first, last) if first >= 0 and (last is None or last > first) else None


def _seconds(text: str) -> float | None:
    """`1.5`, `1,5`, `0:01.5`, `0 days 00:00:01.500`; None for an empty cell."""
    text = text.strip().lower()
    if text in ("", "nat", "nan", "none", "null"):
        return None
    days, _, clock = text.rpartition("days")
    parts = [float(part) for part in clock.strip().lstrip("+").replace(",", ".").split(":")]
    if len(parts) > 3:
        raise ValueError(text)
    return float(days or 0) * 86_400 + sum(part * 60**power for power, part in enumerate(reversed(parts)))
