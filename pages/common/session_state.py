"""What a visitor brings and what is made of it, as `pages.common.session` remembers it."""

import hashlib
from dataclasses import dataclass, field

from ser.audio.quality import Measured
from ser.audio.waveform import Waveform
from ser.data.own_set import OwnSet
from ser.data.table import FeatureTable
from ser.features.spectra import Spectrogram
from ser.jobs import Job


@dataclass(frozen=True)
class InputClip:
    """One clip as it came in.

    Attributes:
        name: what to call it: the file's name, or "recording".
        data: the file's bytes, untouched.
        origin: which input it came through: "recorder", "browser", "upload" or "example".
        sha: hexadecimal SHA-256 of `data`: who the clip is, whatever it is called.
        taken_from: the file that this is an audio track of, if the visitor chose one.
        track: which of its tracks, from 0.
    """

    name: str
    data: bytes = field(repr=False)
    origin: str
    sha: str = ""
    taken_from: "InputClip | None" = field(default=None, repr=False)
    track: int = 0

    def __post_init__(self) -> None:
        """Work out who the clip is, unless told."""
        object.__setattr__(self, "sha", self.sha or hashlib.sha256(self.data).hexdigest())


@dataclass(frozen=True)
class ExtractionJob:
    """Clips being heard.

    Attributes:
        clips: all that are asked for.
        missing: those among them that were not known before.
        feature_key: what is listened to.
        job: the work on these.
    """

    clips: tuple[InputClip, ...]
    missing: tuple[InputClip, ...]
    feature_key: str
    job: Job


@dataclass(frozen=True)
class Sound:
    """What is shown, played and measured of one clip, worked out once."""

    waveform: Waveform
    spectrogram: Spectrogram
    wav: bytes
    measured: Measured


@dataclass
class ExploredUpload:
    """A set and what is made of it.

    Attributes:
        set: the clips as they came.
        job: computes their features.
    """

    set: OwnSet
    job: Job

    @property
    def key(self) -> str:
        """Short name of the set's content, for caches and widgets."""
        return self.set.key[:12]

    @property
    def table(self) -> FeatureTable | None:
        """The clips with their features; None before they are measured."""
        measured = self.job.snapshot().result
        return measured and measured.table

    def read(self, name: str) -> bytes:
        """A clip's file."""
        return self.set.read(name)
