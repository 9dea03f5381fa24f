"""A visitor's set of labelled clips on Explore: what is shown of it before it is measured, and its features.

Labels are found by `ser.data.labels.labelled`. They are free: they need not be emotions that a model of this package
knows.
Everything stays in memory, and no clip is unpacked before it is read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ser.data.archives.opening import open_upload
from ser.data.extraction import ExtractReport, extract
from ser.data.labels.labelled import LabelledClip, LabelledSet, find_labels, no_labels
from ser.data.table import FeatureTable
from ser.errors import DatasetError
from ser.limits import VISITOR
from ser.steps import Steps, until_stopped

UNKNOWN = "unknown"
"""What stands where nothing is known of a clip's speaker."""


@dataclass(frozen=True)
class OwnClip:
    """One clip of the set, as a row of its feature table.

    Attributes:
        name: its path in the set, by which it is read.
        emotion: its label.
        actor: who says it, "unknown" if it is not known.
        sex: the speaker's; "" where it is not known, as the following.
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
        labels: what was found out about them.
    """

    path: str
    clips: tuple[OwnClip, ...]
    labels: LabelledSet
    _clips: Mapping[str, LabelledClip] = field(repr=False, compare=False)

    @property
    def key(self) -> str:
        """Hexadecimal SHA-256 of the upload: the same has the same."""
        return self.labels.key

    @property
    def left_out(self) -> tuple[str, ...]:
        """Sentences on what is not used."""
        return self.labels.reported

    def read(self, clip: OwnClip | str) -> bytes:
        """A clip's file.

        Args:
            clip: the clip or its name.

        Returns:
            The bytes as they came.

        Raises:
            SerError: it is damaged in its zip, or too large.
        """
        return self._clips[clip if isinstance(clip, str) else clip.name].read()


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
        files: (path, bytes) of what was uploaded: zips, or clips and perhaps a CSV.

    Returns:
        `OwnSet`; nothing is decoded yet.

    Raises:
        DatasetError: a zip is damaged, locked or too large, no clip has a label, or there are too many clips.

    Example:
        >>> found = open_set([("happy/a.wav", b"1"), ("sad/b.wav", b"2"), ("c.wav", b"3")])
        >>> [(clip.name, clip.emotion) for clip in found.clips], found.labels.kind
        ([('happy/a.wav', 'happy'), ('sad/b.wav', 'sad')], 'folder')
    """
    return set_of(find_labels(open_upload(files), most=VISITOR.explored_clips))


def set_of(labels: LabelledSet) -> OwnSet:
    """The set to explore of labelled clips.

    Args:
        labels: as `ser.data.labels.labelled.find_labels` gives them.

    Returns:
        `OwnSet`.

    Raises:
        DatasetError: no clip has a label.
    """
    if not labels.clips:
        raise DatasetError(no_labels(labels))
    clips = tuple(
        OwnClip(clip.name, clip.label, clip.speaker or UNKNOWN, clip.sex, clip.intensity, clip.statement)
        for clip in labels.clips
    )
    return OwnSet(labels.name, clips, labels, {clip.name: clip for clip in labels.clips})


def measure_set(own: OwnSet) -> Steps[ExtractReport, Measured | None]:
    """Compute all features of a set, clip by clip.

    Args:
        own: the set.

    Yields:
        An `ExtractReport` for each clip. A `Command` may stop it there.

    Returns:
        `Measured`, without columns of which nothing is known; None if given up.

    Raises:
        DatasetError: not a single clip could be used.
    """
    refused = []

    def noted(report: ExtractReport) -> ExtractReport:
        if report.error:
            refused.append(report.error)
        return report

    table = yield from until_stopped(extract(own, with_views=False), noted)
    if table is None:
        return None
    known = [name for name in table.clips if not (table.clips[name] == "").all()]
    clips = table.clips[known].replace("", UNKNOWN)
    return Measured(FeatureTable(clips, table.matrices, table.contours), tuple(refused))
