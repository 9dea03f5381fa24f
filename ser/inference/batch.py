"""Extracts the features of several clips one after the other; a clip that cannot be used becomes its error.

It is work for `ser.jobs.Job`: ten minutes of speech or thirty files take seconds, in which a page's own thread could
not react to a click on Cancel.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from ser.audio.decoding.decoder import Decoder
from ser.errors import AudioError
from ser.inference.clip_features import ClipFeatures, NeedsFeatures, extract_clip
from ser.steps import Steps, until_stopped


@dataclass(frozen=True)
class ClipFile:
    """A clip to extract.

    Attributes:
        name: what to call it.
        data: the file's bytes.
    """

    name: str
    data: bytes = field(repr=False)


@dataclass(frozen=True)
class BatchReport:
    """Progress of a batch.

    Attributes:
        number: of the current clip, from 1.
        total: number of clips.
        name: of the current clip.
        share: how much of all clips is done, 0 to 1.
    """

    number: int
    total: int
    name: str
    share: float


def extract_batch(
    clips: Sequence[ClipFile], demand: NeedsFeatures, decoder: Decoder | None = None
) -> Steps[BatchReport, tuple[ClipFeatures | AudioError, ...]]:
    """Extract the features of several clips.

    Args:
        clips: the clips.
        demand: the model whose features are extracted, or its `FeatureDemand`.
        decoder: keeps what it decodes, for others who want the same clips.

    Yields:
        A `BatchReport` after every window of every clip. A `Command` may stop it there.

    Returns:
        The features or the error of each clip, in their order; if stopped, only of the clips that were finished.

    Raises:
        ModelStoreError: the model was made for features that this version does not compute.
    """
    results: list[ClipFeatures | AudioError] = []
    for number, clip in enumerate(clips, start=1):
        steps = extract_clip(clip.data, demand, name=clip.name, decoder=decoder)
        try:
            clip_features = yield from until_stopped(steps, partial(_report, clips, number))
        except AudioError as error:
            results.append(error)
            if (yield _report(clips, number, 1.0)):
                return tuple(results)
        else:
            if clip_features is None:
                return tuple(results)
            results.append(clip_features)
    return tuple(results)


def _report(clips: Sequence[ClipFile], number: int, share: float) -> BatchReport:
    """The report after `share` of clip `number` is done, 0 to 1."""
    return BatchReport(number, len(clips), clips[number - 1].name, (number - 1 + share) / len(clips))
