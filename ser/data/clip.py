"""A clip of a published data set, as a row of a feature table."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Clip:
    """One recording, with what its name says.

    Attributes:
        name: of the file without folder and extension; no other clip of the data set has it.
        path: its path in its source, with forward slashes.
        modality: "audio", "video" or "audio-video".
        channel: "speech" or "song".
        emotion: a label of `ser.emotions.LABELS`, or one that these lack.
        intensity: how strongly it is said, in RAVDESS "normal" or "strong"; "" where not known, like the following.
        statement: the sentence that is said.
        repetition: 1, or 2 where the same is said again.
        actor: number of the speaker, see `ser.data.data_sets.DataSet.actor`.
        sex: "male" or "female", the speaker's.
        corpus: key of its data set.
        speaker: the data set's name for the speaker.
    """

    name: str
    path: str
    modality: str
    channel: str
    emotion: str
    intensity: str
    statement: str
    repetition: int
    actor: int
    sex: str
    corpus: str
    speaker: str
