"""The table of clips that nEMO is published with, for the sentences: file names say labels and speakers."""

import csv
import io
from pathlib import PurePosixPath

from ser.data.archives.archive import Archive
from ser.errors import DatasetError

_FILE, _SENTENCE = "file_id", "raw_text"


def transcripts(archive: Archive, file_name: str) -> dict[str, str]:
    """Name of a clip, without its ending → the sentence that is said; nothing if there is no such table."""
    tables = [path for path in archive.names if PurePosixPath(path).name == file_name]
    if not tables or archive.size(tables[0]) > archive.limits.table_bytes:
        return {}
    try:
        text = archive.read(tables[0]).decode("utf-8", "replace")
    except DatasetError:
        return {}
    rows = csv.DictReader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE)
    return {
        PurePosixPath(row[_FILE]).stem: row[_SENTENCE].strip() for row in rows if row.get(_FILE) and row.get(_SENTENCE)
    }
