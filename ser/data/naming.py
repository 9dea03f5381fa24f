"""What the file names of published sets of emotional speech say; `ser.data.data_sets` has the rule of each set."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Protocol

from ser.data.archives.copies import without_copy_mark
from ser.data.ravdess_names import parse_name
from ser.emotions import LABELS
from ser.errors import DatasetError


@dataclass(frozen=True)
class NamedClip:
    """What a file's name says about the clip.

    Attributes:
        identity: equal for files that hold the same clip, in any folder and format.
        label: its emotion.
        speaker: the corpus's name for the speaker.
        sex: the speaker's; "" where it is not known, like the following.
        intensity: how strongly it is said.
        statement: what is said.
        silent: whether the file is one of RAVDESS's videos without sound.
        song: whether it is sung.
    """

    identity: tuple[str, ...]
    label: str
    speaker: str
    sex: str = ""
    intensity: str = ""
    statement: str = ""
    silent: bool = False
    song: bool = False


class Naming(Protocol):
    """How a data set names its files."""

    @property
    def example(self) -> str:
        """A name, for a sentence."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The emotions that names can have, those of `ser.emotions.LABELS` in their order, then others."""

    def read(self, path: str) -> NamedClip | None:
        """What a path without copy marks says about its clip; None if it does not follow the rule."""


@dataclass(frozen=True)
class PatternNaming:
    """Names that a regular expression reads.

    Attributes:
        example: a name.
        pattern: matches the end of a path without its suffix; has the groups `speaker`, `clip` and `emotion`, and may
            have `statement`.
        emotions: code in lower case → label.
    """

    example: str
    pattern: re.Pattern[str]
    emotions: dict[str, str]

    @classmethod
    def make(cls, example: str, pattern: str, emotions: str) -> "PatternNaming":
        """A rule from an expression for the file's name and pairs such as "w=angry l=bored"."""
        codes = dict(pair.split("=") for pair in emotions.split())
        return cls(example, re.compile(rf"(?:.*/)?{pattern}", re.ASCII | re.IGNORECASE), codes)

    @property
    def labels(self) -> tuple[str, ...]:
        """The emotions that names can have, those of `ser.emotions.LABELS` in their order, then others."""
        present = dict.fromkeys(self.emotions.values())
        return (*(label for label in LABELS if label in present), *(each for each in present if each not in LABELS))

    def read(self, path: str) -> NamedClip | None:
        """What a path says about its clip; None if it does not follow the rule."""
        match = self.pattern.fullmatch(str(PurePosixPath(path).with_suffix("")))
        if match is None:
            return None
        speaker = match["speaker"].upper()
        return NamedClip(
            (speaker, match["clip"].lower()),
            self.emotions[match["emotion"].lower()],
            speaker,
            statement=match.groupdict().get("statement") or "",
        )


@dataclass(frozen=True)
class RavdessNaming:
    """RAVDESS's names, which `ser.data.ravdess_names` reads.

    Attributes:
        example: a name.
        labels: its emotions.
    """

    example: str = "03-01-05-01-02-01-12.wav"
    labels: tuple[str, ...] = LABELS

    def read(self, path: str) -> NamedClip | None:
        """What a path says about its clip; None if it does not follow the rule."""
        try:
            clip = parse_name(path)
        except DatasetError:
            return None
        return NamedClip(
            # The same sound comes with and without pictures.
            (clip.name[3:],),
            clip.emotion,
            f"{clip.actor:02d}",
            clip.sex,
            clip.intensity,
            clip.statement,
            silent=clip.modality == "video",
            song=clip.channel == "song",
        )


def without_copy_marks(path: str) -> str:
    """A path without what a system adds to the name of a copy."""
    inside = PurePosixPath(path)
    return str(inside.with_name(without_copy_mark(inside.stem) + inside.suffix))
