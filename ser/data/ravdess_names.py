"""What RAVDESS's file names say.

A name has seven two-digit fields, `modality-channel-emotion-intensity-statement-repetition-actor`:
`03-01-05-01-01-02-12.wav` is audio only, speech, angry, normal intensity, "Kids are talking by the door", second
repetition, actor 12. Source: the naming convention on the data set's page, doi:10.5281/zenodo.1188976.
"""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import TypeVar

from ser.data.clip import Clip
from ser.emotions import BY_CODE
from ser.errors import DatasetError

ACTORS: tuple[int, ...] = tuple(range(1, 25))
MODALITIES = {1: "audio-video", 2: "video", 3: "audio"}
CHANNELS = {1: "speech", 2: "song"}
INTENSITIES = {1: "normal", 2: "strong"}
STATEMENTS = {1: "Kids are talking by the door", 2: "Dogs are sitting by the door"}
REPETITIONS = {1: 1, 2: 2}

MeaningT = TypeVar("MeaningT")

_FIELDS = re.compile(r"\d\d(?:-\d\d){6}")


def parse_name(file_name: str) -> Clip:
    """The clip that a RAVDESS file name or path describes, with or without folder and extension; its `path` is
    `file_name`.

    `DatasetError` if the name does not have seven two-digit fields, or a field has a code that RAVDESS lacks. Source:
    the naming convention on the data set's page, doi:10.5281/zenodo.1188976.

    Examples:
        >>> clip = parse_name("Actor_12/03-01-05-01-01-02-12.wav")
        >>> clip.emotion, clip.intensity, clip.statement, clip.actor, clip.sex
        ('angry', 'normal', 'Kids are talking by the door', 12, 'female')
    """
    stem = PurePosixPath(file_name).stem
    if not _FIELDS.fullmatch(stem) or not stem.isascii():
        raise DatasetError(
            f'"{file_name}" is not a RAVDESS name: seven two-digit fields such as 03-01-05-01-02-01-12.wav are needed.'
        )
    modality, channel, emotion, intensity, statement, repetition, actor = map(int, stem.split("-"))
    emotions = {code: known.name for code, known in BY_CODE.items()}

    def meaning(field: str, code: int, codes: Mapping[int, MeaningT]) -> MeaningT:
        if code not in codes:
            raise DatasetError(
                f'"{file_name}" has {field} {code:02d}, but RAVDESS knows {field} '
                f"{min(codes):02d} to {max(codes):02d} only."
            )
        return codes[code]

    clip = Clip(
        name=stem,
        path=file_name,
        modality=meaning("modality", modality, MODALITIES),
        channel=meaning("channel", channel, CHANNELS),
        emotion=meaning("emotion", emotion, emotions),
        intensity=meaning("intensity", intensity, INTENSITIES),
        statement=meaning("statement", statement, STATEMENTS),
        repetition=meaning("repetition", repetition, REPETITIONS),
        actor=meaning("actor", actor, {number: number for number in ACTORS}),
        sex="male" if actor % 2 else "female",
        corpus="ravdess",
        speaker=f"{actor:02d}",
    )
    if clip.emotion == "neutral" and clip.intensity == "strong":
        raise DatasetError(f'"{file_name}" says strong neutral, but RAVDESS has neutral in normal intensity only.')
    return clip
