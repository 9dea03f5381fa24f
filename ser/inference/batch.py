"""Several clips heard one after the other; what cannot be used becomes its error, beside the others' results.

A generator for `ser.jobs.Job`: hearing ten minutes of speech, or thirty files, takes seconds, and a page that waits for
it in its own thread cannot hear a click on Cancel.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from ser.audio.decoding.decoder import Decoder
from ser.errors import AudioError
from ser.inference.clip_features import ClipFeatures, extract_clip
from ser.jobs import Places
from ser.model.emotion_model import EmotionModel
from ser.steps import Steps, until_stopped

PLACES = Places(max(2, os.cpu_count() or 2))
"""A line of their own: nobody who speaks a sentence should wait for other people's trainings."""


@dataclass(frozen=True)
class ClipFile:
    """A clip to be heard.

    Attributes:
        name: what to call it.
        data: the file's bytes.
    """

    name: str
    data: bytes = field(repr=False)


@dataclass(frozen=True)
class BatchReport:
    """How far it is.

    Attributes:
        place: the clip under way, from 1.
        total: clips in all.
        name: of that clip.
        share: done of all clips, 0 to 1.
    """

    place: int
    total: int
    name: str
    share: float


def extract_batch(
    sounds: Sequence[ClipFile], model: EmotionModel, decoder: Decoder | None = None
) -> Steps[BatchReport, tuple[ClipFeatures | AudioError, ...]]:
    """Hear several clips.

    Args:
        sounds: the clips.
        model: whose features are computed.
        decoder: keeps what it decodes, for others who want the same clips.

    Yields:
        A `BatchReport` after every window of every clip. A `Command` may stop it there.

    Returns:
        What each clip came to, in their order: what was heard, or why it cannot be used. If told to end, of those
        clips alone that were heard to their end.

    Raises:
        ModelStoreError: the model was made for features that this version does not compute.
    """
    found: list[ClipFeatures | AudioError] = []
    for place, sound in enumerate(sounds, start=1):
        steps = extract_clip(sound.data, model, name=sound.name, decoder=decoder)
        try:
            clip_features = yield from until_stopped(steps, partial(_report, sounds, place))
        except AudioError as error:
            found.append(error)
            if (yield _report(sounds, place, 1.0)):
                return tuple(found)
        else:
            if clip_features is None:
                return tuple(found)
            found.append(clip_features)
    return tuple(found)


def _report(sounds: Sequence[ClipFile], place: int, share: float) -> BatchReport:
    """A report when this share of one clip is done, 0 to 1."""
    return BatchReport(place, len(sounds), sounds[place - 1].name, (place - 1 + share) / len(sounds))
