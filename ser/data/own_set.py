"""A visitor's set of labelled clips on Explore: what is shown before it is measured, and its features.

`ser.data.labels.labelled` finds the labels, which need not be emotions that a model knows. Everything stays in memory,
and no clip is unpacked before it is read.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ser.data.extraction import ExtractReport, extract
from ser.data.labels.labelled import LabelledClip, LabelledSet, no_labels
from ser.data.table import FeatureTable
from ser.errors import DatasetError
from ser.steps import Steps, until_stopped

UNKNOWN = "unknown"
"""Stands for a speaker who is not known."""


@dataclass(frozen=True)
class SetClip:
    """One clip of the set, as a row of its feature table.

    Attributes:
        name: its path in the set, by which it is read.
        emotion: its label.
        actor: the speaker, "unknown" if not known.
        sex: the speaker's; "" where not known, like the following.
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
        labels: the labelled set that they come from.
    """

    path: str
    clips: tuple[SetClip, ...]
    labels: LabelledSet
    _clips: Mapping[str, LabelledClip] = field(repr=False, compare=False)

    @property
    def key(self) -> str:
        """Hexadecimal SHA-256 of the upload: equal uploads have the same."""
        return self.labels.key

    @property
    def left_out(self) -> tuple[str, ...]:
        """Sentences about what is not used."""
        return self.labels.reported

    def read(self, clip: SetClip | str) -> bytes:
        """The bytes of a clip, or of the clip with that name; `SerError` if it is damaged in its zip or too large."""
        return self._clips[clip if isinstance(clip, str) else clip.name].read()


@dataclass(frozen=True)
class MeasuredSet:
    """A set with all features computed.

    Attributes:
        table: its usable clips.
        refused: a sentence for each clip that cannot be used.
    """

    table: FeatureTable
    refused: tuple[str, ...]


def to_own_set(labels: LabelledSet) -> OwnSet:
    """The set to explore, from `ser.data.labels.labelled.find_labels`; `DatasetError` if no clip has a label."""
    if not labels.clips:
        raise DatasetError(no_labels(labels))
    clips = tuple(
        SetClip(clip.name, clip.label, clip.speaker or UNKNOWN, clip.sex, clip.intensity, clip.statement)
        for clip in labels.clips
    )
    return OwnSet(labels.name, clips, labels, {clip.name: clip for clip in labels.clips})


def measure_set(own: OwnSet) -> Steps[ExtractReport, MeasuredSet | None]:
    """Compute all features of a set, clip by clip.

    Args:
        own: the set.

    Yields:
        An `ExtractReport` for each clip. A `Command` may stop it there.

    Returns:
        The `MeasuredSet`, without columns of which nothing is known; None if stopped.

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
    return MeasuredSet(FeatureTable(clips, table.matrices, table.contours), tuple(refused))
