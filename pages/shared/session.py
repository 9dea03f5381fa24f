"""What the demo remembers of one visitor, and the only place that says so.

Everything lives in this visitor's `st.session_state`, under one key: no file, no cache that visitors share. Two
visitors therefore never see each other's clips, training runs or models, and closing the tab forgets them.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import streamlit as st

if TYPE_CHECKING:
    from pages.shared.answer import Sound
    from ser.model import EmotionModel
    from ser.run import TrainingRun
    from ser.store import StoredModel

_KEY = "visitor"
# Answers are small, but a tab can stay open for days.
_ANSWERS = 200


@dataclass(frozen=True)
class HeardClip:
    """One clip as it came in.

    Attributes:
        name: what to call it: the file's name, or "recording".
        data: the file's bytes, untouched.
        origin: which input it came through: "recorder", "browser", "upload" or "example".
        sha: hexadecimal SHA-256 of `data`: who the clip is, whatever it is called.
    """

    name: str
    data: bytes = field(repr=False)
    origin: str
    sha: str = ""

    def __post_init__(self) -> None:
        """Work out who the clip is, unless told."""
        object.__setattr__(self, "sha", self.sha or hashlib.sha256(self.data).hexdigest())


@dataclass
class Visitor:
    """One visitor's memory.

    Attributes:
        clips: the clips of the last recording, upload or example; empty before the first.
        recorded: SHA-256 of the last clip taken from the recorder, whose value persists over reruns.
        answers: what models made of clips; see `recall` and `remember`.
        models: this visitor's own models by name, made on Train; see `adopt`.
        model: key of the model that answers on Recognise, or None for the shipped one.
        run: the training under way or last finished on Train.
        sound: what is shown and played of the clip on the screen.
    """

    clips: tuple[HeardClip, ...] = ()
    recorded: str = ""
    answers: dict[tuple[str, str, int], tuple[Any, Any]] = field(default_factory=dict)
    models: dict[str, "StoredModel"] = field(default_factory=dict)
    model: str | None = None
    run: "TrainingRun | None" = None
    sound: "Sound | None" = None


def visitor() -> Visitor:
    """Return this visitor's memory, empty at the first call of a session."""
    if _KEY not in st.session_state:
        st.session_state[_KEY] = Visitor()
    return st.session_state[_KEY]


def hear(clips: Sequence[HeardClip]) -> None:
    """Take these clips as the ones to answer; they replace the last."""
    visitor().clips = tuple(clips)


def recall(clip: HeardClip, model: "EmotionModel") -> Any | None:
    """Return what `remember` kept for this clip and model, or None."""
    kept = visitor().answers.get(_place(clip, model))
    return kept and kept[1]


def remember(clip: HeardClip, model: "EmotionModel", answer: Any) -> None:
    """Keep an answer, so that no rerun predicts the same clip with the same model again."""
    answers = visitor().answers
    # The model is kept beside its answer: as long as it is, no other model can have its id.
    answers[_place(clip, model)] = (model, answer)
    while len(answers) > _ANSWERS:
        del answers[next(iter(answers))]


def _place(clip: HeardClip, model: "EmotionModel") -> tuple[str, str, int]:
    # The name belongs to it, because what is said of a clip that cannot be used names the file.
    return clip.sha, clip.name, id(model)


def adopt(stored: "StoredModel") -> None:
    """Make a freshly trained model this visitor's own and let it answer on Recognise from now on."""
    visitor().models[stored.name] = stored
    visitor().model = own_key(stored.name)


def own_key(name: str) -> str:
    """Key of this visitor's own model `name`, never that of a model which all visitors share."""
    return f"own:{name}"
