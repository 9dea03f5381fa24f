"""What the demo remembers of one visitor: clips, answers, models and the voice profile.

They live in this visitor's `st.session_state` under one key, in no file and in no cache that visitors share. Beside
them lie the values of widgets, under the keys of their pages. Two visitors therefore never see each other's clips or
models, and closing the tab forgets them. Runs on Train live in a laboratory that all sessions of the process can find:
whoever has the token in its address reaches them from another tab; see `pages.train.workspaces`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from pages.common.session_state import ExploredUpload, ExtractionJob, InputClip, Sound
from pages.common.workspace import Workspace
from ser.audio.decoding.decoder import Decoder
from ser.model.emotion_model import EmotionModel
from ser.model.store import StoredModel
from ser.model.voice_profile import VoiceProfile
from ser.training.own_clips import OwnClips

_KEY = "visitor"
# What is worked out is small, but a tab can stay open for days.
_KEPT = 1000


@dataclass
class Visitor:
    """One visitor's memory.

    Attributes:
        clips: the clips of the last recording, upload or example; empty before the first.
        refused: what came in and holds no clips, such as a damaged zip, as sentences.
        notes: what was passed over in what came in, as sentences.
        recorded: SHA-256 of the last clip taken from the recorder, whose value persists over reruns.
        extraction_job: the clips being heard in the background, or last heard.
        known: what was worked out of clips by models; see `recall` and `remember`.
        models: this visitor's own models by name, made on Train; see `adopt`.
        model: key of the model that answers on Recognise, or None for the shipped one.
        own_clips: the labelled clips that Train may learn from.
        workspace: the runs on Train; alone among these it can be reached from another tab, by its token.
        upload: the clips of this visitor's own that Explore shows, or is measuring; None before any are brought.
        decoder: decodes this visitor's clips, and keeps the last.
        sounds: what is shown and played of the clips last on the screen, the newest last.
        neutral: the neutral sentences that a profile is to be made of.
        started_over: how often the neutral sentences were; the inputs of each time are new.
        voice: the profile of this visitor's voice, if there is one.
        voice_error: why the last file that was loaded is no profile.
    """

    clips: tuple[InputClip, ...] = ()
    refused: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    recorded: str = ""
    extraction_job: ExtractionJob | None = None
    known: dict[tuple, tuple[Any, Any]] = field(default_factory=dict)
    models: dict[str, StoredModel] = field(default_factory=dict)
    model: str | None = None
    own_clips: OwnClips = field(default_factory=OwnClips)
    workspace: Workspace | None = None
    upload: ExploredUpload | None = None
    decoder: Decoder = field(default_factory=Decoder)
    sounds: dict[str, Sound] = field(default_factory=dict)
    neutral: tuple[InputClip, ...] = ()
    started_over: int = 0
    voice: VoiceProfile | None = None
    voice_error: str = ""


def visitor() -> Visitor:
    """Return this visitor's memory, empty at the first call of a session."""
    if _KEY not in st.session_state:
        st.session_state[_KEY] = Visitor()
    return st.session_state[_KEY]


def use_clips(clips: Sequence[InputClip], refused: Sequence[str] = (), notes: Sequence[str] = ()) -> None:
    """Take these clips as the ones to answer; they replace the last, and so do the sentences on what is not used."""
    visitor().clips = tuple(clips)
    visitor().refused = tuple(refused)
    visitor().notes = tuple(notes)


def recall(kind: str, clip: InputClip, model: EmotionModel | None) -> Any | None:
    """Return what `remember` kept of this kind for this clip and model (None: for any), or None."""
    kept = visitor().known.get(_place(kind, clip, model))
    return kept and kept[1]


def remember(kind: str, clip: InputClip, model: EmotionModel | None, value: Any) -> Any:
    """Keep what was worked out, so that no rerun does it again, and return it."""
    known = visitor().known
    # The model is kept beside its answer: as long as it is, no other model can have its id.
    known[_place(kind, clip, model)] = (model, value)
    while len(known) > _KEPT:
        del known[next(iter(known))]
    return value


def _place(kind: str, clip: InputClip, model: EmotionModel | None) -> tuple[str, str, str, int]:
    # The name belongs to it, because what is said of a clip that cannot be used names the file.
    return kind, clip.sha, clip.name, id(model)


def adopt(stored: StoredModel) -> None:
    """Make a freshly trained model this visitor's own and let it answer on Recognise from now on."""
    visitor().models[stored.name] = stored
    visitor().model = own_key(stored.name)


def own_key(name: str) -> str:
    """Key of this visitor's own model `name`, never that of a model which all visitors share."""
    return f"own:{name}"
