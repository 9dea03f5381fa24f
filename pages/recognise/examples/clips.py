"""The example clips: what they are called, and what the actors meant by theirs."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from pages.common import models
from pages.common.resources import ACTORS, EXAMPLES
from pages.recognise.state import EXAMPLE, InputClip
from ser.data.clip import Clip
from ser.data.ravdess_names import parse_name
from ser.model.store import DEFAULT_NAME


@dataclass(frozen=True)
class ActedClip:
    """A clip of an actor.

    Attributes:
        number: from 1; the order of the clips tells nothing of their emotions.
        clip: as a page answers it.
        acted: what is known of it.
    """

    number: int
    clip: InputClip
    acted: Clip


@cache
def acted_clips() -> tuple[ActedClip, ...]:
    """Return the clips of actors."""
    # By their hashes, because the order of their names is that of their emotions.
    files = sorted(ACTORS.glob("*.ogg"), key=lambda path: hashlib.sha256(path.stem.encode()).hexdigest())
    return tuple(
        ActedClip(number, InputClip(f"actor’s clip {number}", path.read_bytes(), EXAMPLE), parse_name(path.name))
        for number, path in enumerate(files, start=1)
    )


@cache
def synthetic_clips() -> dict[str, InputClip]:
    """Return the clips of synthetic voices by the stems of their files."""
    return {
        path.stem: InputClip(f"synthetic voice, {spoken_as(path.stem)}", path.read_bytes(), EXAMPLE)
        for path in sorted(EXAMPLES.glob("*.ogg"))
    }


def spoken_as(stem: str) -> str:
    """Return how a synthetic voice speaks, as in "quick and high"."""
    return stem.replace("_", " ")


def acted(clip: InputClip) -> ActedClip | None:
    """Return what is known of an actor's clip; None for any other clip."""
    if clip.origin != EXAMPLE:
        return None
    return next((each for each in acted_clips() if each.clip.sha == clip.sha), None)


def answering(key: str, clips: Sequence[InputClip]) -> str:
    """Return the key of the model that answers: for clips of actors one that did not learn from them.

    It takes the place of the shipped model, which learnt from these clips. A model that the visitor chose answers.
    """
    held_out = bool(clips) and all(acted(clip) for clip in clips)
    return models.EXAMPLES_KEY if key == DEFAULT_NAME and held_out else key
