"""How much can be used at once: one column for visitors and one for the operator of the command line.

The length of a single recording is `ser.audio.waveform.MAX_SECONDS`, for everybody.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """One column of the table.

    Attributes:
        entries: files of any kind in a zip or folder. Only their names are looked at, so companion files cost little.
        clip_bytes: of one clip, unpacked. Ten minutes of 44.1 kHz stereo in 24 bits are 160 MB.
        unpacked_bytes: of all files of a zip together, read one after the other.
        table_bytes: of one CSV.
        table_rows: of one CSV.
        upload_bytes: of all files together as they come.
        held_bytes: of all clips that are kept in memory at once.
        answered_clips: that Recognise answers at once.
        measured_clips: that Explore measures at once.
        trained_clips: that Train keeps.
        scored_clips: that `evaluate --data` scores.
    """

    entries: int
    clip_bytes: int
    unpacked_bytes: int
    table_bytes: int
    table_rows: int
    upload_bytes: int
    held_bytes: int
    answered_clips: int
    measured_clips: int
    trained_clips: int
    scored_clips: int


VISITOR = Limits(
    entries=20_000,
    clip_bytes=160 << 20,
    unpacked_bytes=1 << 30,
    table_bytes=20 << 20,
    table_rows=100_000,
    upload_bytes=200 << 20,  # as `server.maxUploadSize` in .streamlit/config.toml
    held_bytes=256 << 20,
    answered_clips=300,
    measured_clips=1_500,
    trained_clips=300,
    scored_clips=0,  # only the command line scores a data set
)
"""What a small server can give to one visitor among many."""

OPERATOR = Limits(
    entries=40_000,  # CREMA-D as cloned has 7,442 clips in three formats each
    clip_bytes=160 << 20,
    unpacked_bytes=32 << 30,  # RAVDESS with all its videos has 25 GB
    table_bytes=200 << 20,
    table_rows=1_000_000,
    upload_bytes=32 << 30,
    held_bytes=1 << 30,  # only zips within a zip are held
    answered_clips=20_000,
    measured_clips=20_000,
    trained_clips=20_000,
    scored_clips=20_000,
)
"""What one's own machine can do, a clip at a time."""
