"""The table of all formats that can be read, and descriptions of files that cannot.

A file's content decides, never its name: `sniff` compares its first bytes with each row's signature. Only these rows
reach a decoder, each with a named demuxer. If FFmpeg were left to guess, it would take a text for a playlist and open
the files and addresses in it.
"""

import re
from dataclasses import dataclass

from ser.audio.frames import FrameSize, ac3_size, adts_size, chained, eac3_size, loas_size, mpeg_frame, mpeg_size

HEAD_BYTES = 32_768
"""What `sniff` needs of a file's beginning: four of the longest frames that it follows."""


@dataclass(frozen=True)
class Format:
    """A row of the table.

    Attributes:
        name: as people know it.
        signature: matches a file's first bytes.
        demuxer: FFmpeg's name for its reader.
        suffixes: endings of the names of such files, in lower case with the dot.
        frames: for streams without a file header, how long a frame is.
    """

    name: str
    signature: re.Pattern[bytes]
    demuxer: str
    suffixes: tuple[str, ...]
    frames: FrameSize | None = None

    def begins(self, head: bytes) -> bool:
        """Whether a file with these first bytes is of this format."""
        if not self.signature.match(head):
            return False
        return self.frames is None or chained(head, self.frames)


def _row(name: str, signature: bytes, demuxer: str, suffixes: str, frames: FrameSize | None = None) -> Format:
    return Format(name, re.compile(signature, re.DOTALL), demuxer, tuple(suffixes.split()), frames)


def _layer(*layers: int) -> FrameSize:
    def size(head: bytes) -> int:
        frame = mpeg_frame(head)
        return mpeg_size(head) if frame and frame.layer in layers else 0

    return size


FORMATS: tuple[Format, ...] = (
    _row("WAV", rb"(?:RIFF|RIFX|RF64|BW64).{4}WAVE", "wav", ".wav .wave .bwf .rf64"),
    _row("W64", rb"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\0\0.{8}wave\xf3\xac\xd3\x11", "w64", ".w64"),
    _row("AIFF", rb"FORM.{4}AIF[FC]", "aiff", ".aif .aiff .aifc"),
    _row("FLAC", rb"fLaC[\0\x80]\0\0\x22", "flac", ".flac"),
    _row("OGG", rb"OggS\0", "ogg", ".ogg .oga .opus .spx .ogv .ogx"),
    _row("MP3", rb"\xff[\xe2-\xff]", "mp3", ".mp3", _layer(3)),
    _row("MP2", rb"\xff[\xe2-\xff]", "mp3", ".mp2 .mp1 .mpa", _layer(1, 2)),
    _row("AAC", rb"\xff[\xf0\xf1\xf8\xf9]", "aac", ".aac .adts", adts_size),
    _row("LATM", rb"\x56[\xe0-\xff]", "loas", ".latm .loas", loas_size),
    _row("AC-3", rb"\x0b\x77", "ac3", ".ac3", ac3_size),
    _row("E-AC-3", rb"\x0b\x77", "eac3", ".eac3 .ec3", eac3_size),
    _row(
        "DTS",
        rb"\x7f\xfe\x80\x01|\xfe\x7f\x01\x80|\x1f\xff\xe8\0\x07[\xf0-\xff]|\xff\x1f\0\xe8[\xf0-\xff]\x07|dX %",
        "dts",
        ".dts",
    ),
    _row(
        "MP4",
        rb".{4}(?:ftyp|styp|sidx|moov|mdat|moof|wide|free|skip|pnot|uuid|prft|emsg|udta|junk)",
        "mov",
        ".m4a .m4b .mp4 .m4v .mov .qt .3gp .3gpp .3g2 .f4a .f4v",
    ),
    _row("WebM", rb"\x1a\x45\xdf\xa3", "matroska", ".webm .weba .mkv .mka"),
    _row("CAF", rb"caff\0\x01\0", "caf", ".caf"),
    _row("AMR", rb"#!AMR(?:-WB)?\n", "amr", ".amr .awb"),
    _row("ASF", rb"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\0\xaa\0\x62\xce\x6c", "asf", ".wma .wmv .asf"),
    _row("AVI", rb"RIFF.{4}AVI[ X]", "avi", ".avi"),
    _row("FLV", rb"FLV\x01", "flv", ".flv"),
    _row("MPEG-PS", rb"\0\0\x01\xba", "mpeg", ".mpg .mpeg .vob"),
    _row("MPEG-TS", rb"\x47.{187}\x47.{187}\x47|.{4}\x47.{191}\x47.{191}\x47", "mpegts", ".ts .mts .m2ts"),
    _row("AU", rb"\.snd|dns\.", "au", ".au .snd"),
    _row("SPHERE", rb"NIST_1A\n", "nistsphere", ".sph .nist"),
    _row("WavPack", rb"wvpk", "wv", ".wv"),
    _row("TTA", rb"TTA1", "tta", ".tta"),
    _row("Monkey's Audio", rb"MAC ", "ape", ".ape"),
    _row("Musepack", rb"MPCK", "mpc8", ".mpc"),
    _row("VOC", rb"Creative Voice File\x1a", "voc", ".voc"),
    _row("IRCAM", rb"\x64\xa3[\x01-\x04]\0|\0[\x01-\x04]\xa3\x64", "ircam", ".sf .ircam"),
    _row("QCP", rb"RIFF.{4}QLCM", "qcp", ".qcp"),
    _row("DSS", rb"[\x02\x03]dss", "dss", ".dss"),
)
"""Everything that can be read."""

SUFFIXES: frozenset[str] = frozenset(suffix for row in FORMATS for suffix in row.suffixes)
"""Endings of the names of files that can be read, in lower case with the dot."""

NAMES = "WAV, MP3, M4A, OGG, Opus, FLAC, AAC, AMR, WMA, AIFF, CAF, WebM, MP4 or another common audio or video format"
"""What to offer in a sentence."""


def sniff(head: bytes) -> Format | None:
    """The format of a file, from its first `HEAD_BYTES` bytes; None if it cannot be read.

    Examples:
        >>> sniff(b"RIFF\\x24\\0\\0\\0WAVEfmt ").name, sniff(b"#EXTM3U")
        ('WAV', None)
    """
    return next((row for row in FORMATS if row.begins(head)), None)


_TEXT = re.compile(rb"[\t\n\r\x1b -\x7e\x80-\xff]*", re.DOTALL)


@dataclass(frozen=True)
class Foreign:
    """A kind of file that is no recording, and what to do about it."""

    signature: re.Pattern[bytes]
    what: str


def _foreign(signature: bytes, what: str) -> Foreign:
    return Foreign(re.compile(signature, re.DOTALL | re.IGNORECASE), what)


_UNPACK = "Unpack it and choose the audio files in it"
_PLAYLIST = "is a playlist: it names recordings and holds none. Choose the recordings themselves."
FOREIGN: tuple[Foreign, ...] = (
    _foreign(
        rb"version https?://(?:git-lfs|hawser)\.",
        "is a Git LFS pointer: the recording itself was not fetched. Run `git lfs pull` in its folder.",
    ),
    _foreign(
        rb"\.?\.?/?[^\n]{0,200}annex/objects/",
        "is a git-annex pointer: the recording itself was not fetched. Run `git annex get` in its folder.",
    ),
    _foreign(rb"\x02?#!SILK", "is a SILK voice message (WeChat or QQ), which cannot be read. Save it as MP3 or WAV."),
    _foreign(rb"#!AMR_MC", "is AMR with several channels, which cannot be read. Save it as WAV."),
    _foreign(
        rb"[\x01-\x07](?:ds2|dss)",
        "is a DS2 dictation, which only its maker's programs can read. Export it from there as WAV.",
    ),
    _foreign(
        rb"\s*<(?:!doctype\s+html|html|head|body|script|meta|title|div|!--)",
        "is a web page, not a recording. Download the recording itself, not the page that shows it.",
    ),
    _foreign(rb"\s*(?:<\?xml[^>]*>\s*)?<mpd\b", _PLAYLIST),
    _foreign(
        rb"\s*<\?xml|\s*<(?:svg|smil|asx|xspf|tt)\b", "is an XML text, not a recording. Choose the recording itself."
    ),
    _foreign(rb"\s*(?:#EXTM3U|\[playlist\]|ffconcat|\[Reference\])", _PLAYLIST),
    _foreign(rb"v=0\r?\n", _PLAYLIST),
    _foreign(rb"\s*\[InternetShortcut\]", "is a link to a web page, not a recording. Download the recording itself."),
    _foreign(rb"Rar!\x1a\x07", f"is a RAR archive, which cannot be opened here. {_UNPACK}."),
    _foreign(rb"7z\xbc\xaf\x27\x1c", f"is a 7z archive, which cannot be opened here. {_UNPACK}."),
    _foreign(rb"PK(?:\x03\x04|\x05\x06|\x07\x08)", f"is a zip archive or an Office document. {_UNPACK}."),
    _foreign(rb"\x1f\x8b", f"is a gzip archive. {_UNPACK}."),
    _foreign(rb"BZh[1-9]1AY", f"is a bzip2 archive. {_UNPACK}."),
    _foreign(rb"\xfd7zXZ\0|\x28\xb5\x2f\xfd", f"is an xz or zstd archive. {_UNPACK}."),
    _foreign(rb".{257}ustar", f"is a tar archive. {_UNPACK}."),
    _foreign(
        rb"\x1f\x43\xb6\x75",
        "is a piece of a WebM recording without its beginning. Join all pieces, the first one first.",
    ),
    _foreign(rb"%PDF", "is a PDF document, not a recording. Choose the recording itself."),
    _foreign(
        rb"\x89PNG|\xff\xd8\xff|GIF8|RIFF.{4}WEBP|II\*\0|MM\0\*|BM.{4}\0{4}",
        "is a picture, not a recording. Choose the recording itself.",
    ),
    _foreign(rb"MThd|RIFF.{4}RMID", "is a MIDI file: notes without sound. Render it to WAV first."),
    _foreign(
        rb"\0\x05\x16[\0\x07]\0",
        "is a companion file that macOS keeps beside a recording. Choose the file of the same name without “._”.",
    ),
    _foreign(
        rb"bplist00|PAR1|\x89HDF|\x93NUMPY|SQLite format 3", "is a data file, not a recording. Export the sound as WAV."
    ),
    _foreign(rb"MZ.{58}|\x7fELF", "is a program, not a recording. Choose the recording itself."),
    _foreign(
        rb"TRUEHD|\.RMF|\.ra\xfd|8SVX|DSD |FRM8|tBaK|OFR |ajkg",
        "is in an old or rare format that cannot be read. Save it as WAV.",
    ),
    _foreign(
        rb"data:audio/|(?:UklGR|SUQz|T2dnUw|ZkxhQ|AAAA)[A-Za-z0-9+/\r\n]{100}",
        "is a recording written as Base64 text. Decode it to bytes first.",
    ),
    _foreign(rb"\s*[\[{]\s*[\"\]}{\[]", "is a JSON text, not a recording. Choose the recording itself."),
)
"""What people take for recordings: signature → what it is and what to do."""


def named(head: bytes) -> str | None:
    """Describes a file that cannot be read, as the end of a sentence that begins with its name; None if it is unknown.

    Examples:
        >>> named(b"version https://git-lfs.github.com/spec/v1")[:22]
        'is a Git LFS pointer: '
    """
    for each in FOREIGN:
        if each.signature.match(head):
            return each.what
    text = head[:512]
    if text[:2] in (b"\xff\xfe", b"\xfe\xff") and b"\0" in text:
        text = text[2:].replace(b"\0", b"")
    if len(text) >= 8 and _TEXT.fullmatch(text) and (sum(byte < 0x80 for byte in text) > 0.7 * len(text)):
        return f"is a text, not a recording. Choose a {NAMES} file."
    return None
