"""How much can be used at once: one column for visitors, one for the operator of the command line, and the demo's.

The defaults stand here. Environment variables change some of them; docs/settings.md explains each.
"""

import os
from dataclasses import dataclass

from ser.config import limit

CLIP_SECONDS = limit("SER_CLIP_SECONDS", 600)
"""Length of the longest recording, for everybody."""


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
    upload_bytes=limit("SER_UPLOAD_MB", 200) << 20,  # Streamlit's own limit follows
    held_bytes=256 << 20,
    answered_clips=limit("SER_BATCH", 300),
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


@dataclass(frozen=True)
class DemoLimits:
    """What the demo gives to its visitors. The command line is not bound by it.

    Attributes:
        trainings: of all visitors at once, searches among them. More of them wait in line.
        visitor_trainings: of one visitor at once, searches among them.
        parameters: that one training may have, over all its members.
        training_seconds: of work on one training; pauses and the time in line do not count.
        runs: that a visitor can keep.
        memory_bytes: of a visitor's clips, results and runs.
    """

    trainings: int
    visitor_trainings: int
    parameters: int
    training_seconds: int
    runs: int
    memory_bytes: int


DEMO = DemoLimits(
    # More trainings at once than processors would only slow each other down.
    trainings=limit("SER_TRAININGS", max(2, os.cpu_count() or 2)),
    visitor_trainings=limit("SER_VISITOR_TRAININGS", 1),
    parameters=limit("SER_PARAMETERS", 10_000_000),  # at their peak, these take 400 MB
    training_seconds=limit("SER_TRAINING_SECONDS", 3_600),
    runs=limit("SER_RUNS", 20),
    memory_bytes=limit("SER_VISITOR_MB", 400) << 20,
)
