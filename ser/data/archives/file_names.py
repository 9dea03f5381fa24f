"""Cleans up file names, whatever system wrote them.

Names get forward slashes (not those of Windows) and one Unicode form (macOS writes `ü` as `u` and a mark). They get the
right letters where a tool wrote UTF-8 or Windows-1252 without saying so, and lose `..`, drive letters and leading
slashes.
"""

import re
import struct
import unicodedata
import zipfile
from collections.abc import Sequence
from pathlib import PurePosixPath

from ser.text import one_way

# Left behind by operating systems and their servers; nobody's clips. Whatever begins with a dot is hidden.
_JUNK = frozenset(
    ("__macosx", "thumbs.db", "desktop.ini", "$recycle.bin", "system volume information", "lost+found", "@eadir",
     "__pycache__", "icon\r")
)  # fmt: skip


def is_junk(path: str) -> bool:
    """Whether a file, given by its path in a zip or folder, is hidden or was left behind by an operating system.

    Examples:
        >>> is_junk("happy/.ipynb_checkpoints/1.wav"), is_junk("__MACOSX/1.wav"), is_junk("happy/1.wav")
        (True, True, False)
    """
    return any(part.startswith(".") or part.lower() in _JUNK for part in PurePosixPath(path).parts)


def clean_name(name: str) -> str:
    """A path as this package uses it: forward slashes, Unicode form NFC, relative, without `..`; control characters,
    and those that turn the text round, become `�`.

    Examples:
        >>> clean_name("C:\\\\my\\\\..\\\\sad\\\\1.wav"), clean_name("/A\\u0308rger/1.wav")
        ('my/sad/1.wav', 'Ärger/1.wav')
    """
    name = unicodedata.normalize("NFC", _printable(name).replace("\\", "/"))
    parts = [part for part in name.split("/") if part not in ("", ".", "..")]
    if len(parts) > 1 and re.fullmatch("[A-Za-z]:", parts[0]):
        del parts[0]
    return "/".join(parts)


def zip_names(infos: Sequence[zipfile.ZipInfo]) -> list[str]:
    """Clean names of a zip's files, in the same order."""
    named: list[str | bytes] = []
    for info in infos:
        if info.flag_bits & 0x800:
            named.append(info.filename)
        else:
            # `zipfile` decodes names without the flag as code page 437, which gives every byte back.
            named.append(_unicode_path(info) or info.orig_filename.split("\0")[0].encode("cp437", "replace"))
    letters = _encoding([raw for raw in named if isinstance(raw, bytes)])
    return [clean_name(raw if isinstance(raw, str) else raw.decode(letters, "replace")) for raw in named]


def _unicode_path(info: zipfile.ZipInfo) -> str | None:
    """The name in Info-ZIP's extra field 0x7075, if there is one."""
    rest = info.extra
    while len(rest) >= 4:
        tag, size = struct.unpack("<HH", rest[:4])
        if tag == 0x7075 and size > 5:
            return rest[9 : 4 + size].decode("utf-8", "replace")
        rest = rest[4 + size :]
    return None


def _encoding(names: list[bytes]) -> str:
    """The encoding of a zip's names where the zip does not say it; all of them have the same."""
    odd = [name for name in names if not name.isascii()]
    try:
        for name in odd:
            name.decode("utf-8")
    except UnicodeDecodeError:
        return max(("cp437", "cp1252", "gb18030", "cp866"), key=lambda letters: _likelihood(odd, letters))
    return "utf-8"


def _likelihood(names: list[bytes], letters: str) -> float:
    """Share of the characters beyond ASCII that are letters of one script, with code page 437 first among equals."""
    try:
        text = "".join(name.decode(letters) for name in names)
    except UnicodeDecodeError:
        return -1.0
    script = {"gb18030": "CJK UNIFIED IDEOGRAPH", "cp866": "CYRILLIC"}.get(letters, "LATIN ")
    beyond = [character for character in text if not character.isascii()]
    share = sum(unicodedata.name(character, "").startswith(script) for character in beyond) / len(beyond)
    # Two bytes in a row beyond ASCII are a Chinese character more often than two accented letters.
    rare = {"cp437": 0.0, "cp1252": 0.01, "cp866": 0.1, "gb18030": 0.05}[letters]
    return share - rare


def _printable(name: str) -> str:
    """A name without control characters, and with letters for the bytes that a file system could not decode."""
    if any(0xDC80 <= ord(character) <= 0xDCFF for character in name):
        raw = name.encode("utf-8", "surrogateescape")
        name = raw.decode(_encoding([raw]), "replace")
    return one_way("".join("\ufffd" if unicodedata.category(character) == "Cs" else character for character in name))
