"""What the server remembers of a visitor of Recognise: clips, results and the voice profile."""

import hashlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from pages.common import models, own_clips, session
from ser.inference.clip_features import ClipFeatures
from ser.inference.sound import Sound
from ser.jobs import Job
from ser.limits import DEMO
from ser.model.emotion_model import EmotionModel
from ser.model.voice_profile import VoiceProfile

# One result is small, but a tab can stay open for days.
_MOST_RESULTS = 1000
MOST_RESULT_BYTES = DEMO.memory_bytes // 4
# At most two clips stand side by side; one of ten minutes takes 60 MB.
_MOST_SOUNDS = 2
_MOST_SOUND_BYTES = DEMO.memory_bytes // 4
# Of all examples by a few models. With its sound, each example takes 1 MB.
MOST_COMMON_RESULTS = 400
#: Names what the timeline of a long clip needs, the same for every model, among the results of a clip.
TIMELINE = "features of the timeline"
# Where an input clip comes from if it is one of the examples that come with the app, or if Explore sent it.
EXAMPLE = "example"
EXPLORE = "explore"


@dataclass(frozen=True)
class InputClip:
    """One clip as it came in.

    Attributes:
        name: the file's name, or "recording".
        data: the file's bytes, unchanged.
        origin: the input it came through: "recorder" (or "browser" for a neutral sentence), "upload", "example" or
            "explore".
        sha: hexadecimal SHA-256 of `data`, which identifies the clip.
        taken_from: the file that this is an audio track of, if the visitor chose one.
        track: index of that track in the file, from 0.
    """

    name: str
    data: bytes = field(repr=False)
    origin: str
    sha: str = ""
    taken_from: "InputClip | None" = field(default=None, repr=False)
    track: int = 0

    def __post_init__(self) -> None:
        """Compute the hash, unless it is given."""
        object.__setattr__(self, "sha", self.sha or hashlib.sha256(self.data).hexdigest())


@dataclass(frozen=True)
class ExtractionJob:
    """The extraction of features from clips, in the background.

    Attributes:
        clips: all clips that the page shows.
        missing: the clips among them whose features were not known before.
        feature_key: names the features, which several models may share.
        job: the work on the missing clips.
    """

    clips: tuple[InputClip, ...]
    missing: tuple[InputClip, ...]
    feature_key: str
    job: Job


@dataclass
class RecogniseState:
    """What the server remembers.

    Attributes:
        clips: the clips of the last recording, upload or example; empty before the first.
        refused: sentences on what came in and holds no clips, such as a damaged zip.
        notes: sentences on what was passed over in what came in.
        cleared: how many times the visitor removed all clips; each time gets new inputs.
        extraction_job: the last extraction of features.
        results: results for clips by models; see `recall`, `remember` and `kept`.
        result_bytes: bytes of each result.
        sounds: the clips last on the screen by SHA-256, the newest last.
        neutral: the neutral sentences for a voice profile.
        started_over: how many times the visitor started over with them; each time gets new inputs.
        voice: the profile of this visitor's voice, if there is one.
        voice_error: why the last file that was loaded is no profile.
        adapting: whether answers adapt to the voice of the clips so far; the profile goes before them.
        spoken: features of the last clips that were answered, by SHA-256, the newest last.
        profiles: profiles of the clips so far, by the hash of the one that is left out and the model; see
            `session_voice.profile_of_others`.
        forgotten: SHA-256 of the clips on the page when the visitor had the voice forgotten.
    """

    clips: tuple[InputClip, ...] = ()
    refused: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    cleared: int = 0
    extraction_job: ExtractionJob | None = None
    results: dict[tuple, tuple[Any, Any]] = field(default_factory=dict)
    result_bytes: dict[tuple, int] = field(default_factory=dict)
    sounds: dict[str, Sound] = field(default_factory=dict)
    neutral: tuple[InputClip, ...] = ()
    started_over: int = 0
    voice: VoiceProfile | None = None
    voice_error: str = ""
    adapting: bool = False
    spoken: dict[str, ClipFeatures] = field(default_factory=dict)
    profiles: dict[tuple, tuple[EmotionModel, VoiceProfile]] = field(default_factory=dict)
    forgotten: frozenset[str] = frozenset()

    def held(self) -> tuple:
        """What counts as this visitor's memory; models are counted where they are kept."""
        results = [value for _, value in self.results.values()]
        return (
            self.clips,
            self.neutral,
            results,
            self.sounds,
            self.spoken,
            [profile for _, profile in self.profiles.values()],
        )

    def shed(self) -> None:
        """Drop what can be made again from the clips."""
        self.sounds = {}

    def __del__(self) -> None:
        """Stop the extraction of features, because the visitor has left."""
        if self.extraction_job is not None:
            self.extraction_job.job.stop()


def current() -> RecogniseState:
    """Return what is remembered of this visitor."""
    return session.remembered(RecogniseState)


def use_clips(clips: Sequence[InputClip], refused: Sequence[str] = (), notes: Sequence[str] = ()) -> None:
    """Answer these clips from now on; they and the sentences about them replace the last ones."""
    visitor = current()
    visitor.clips, visitor.refused, visitor.notes = tuple(clips), tuple(refused), tuple(notes)
    visitor.sounds.clear()


def clear() -> None:
    """Remove all clips and all that was made of them; a voice profile that the visitor made stays."""
    visitor = current()
    use_clips(())
    if visitor.extraction_job is not None:
        visitor.extraction_job.job.stop()
    visitor.extraction_job, visitor.cleared = None, visitor.cleared + 1
    visitor.results, visitor.result_bytes, visitor.spoken, visitor.profiles = {}, {}, {}, {}
    own_clips.current().answered.clear()


def recall(result: str, clip: InputClip, model: EmotionModel | None) -> Any | None:
    """Return what `remember` kept under this name for this clip and model (None: for any model), or None."""
    key = _key(result, clip, model)
    if _is_common(clip, model):
        return common_results().get(key)
    results = current().results
    if key not in results:
        return None
    results[key] = results.pop(key)  # what was used last goes last
    return results[key][1]


def remember(result: str, clip: InputClip, model: EmotionModel | None, value: Any) -> Any:
    """Keep a result for later reruns, and return it; the results that were not used for longest make room.

    Results of the clips on the page stay. Results for examples are kept for all visitors.
    """
    visitor, key = current(), _key(result, clip, model)
    if _is_common(clip, model):
        common_results().put(key, model, value)
        return value
    # The model is kept beside its result: as long as it is, no other model can have its id.
    visitor.results[key] = (model, value)
    visitor.result_bytes[key] = session.n_bytes(value, apart=[model])
    total, on_page = sum(visitor.result_bytes.values()), {each.sha for each in (clip, *visitor.clips)}
    for old in list(visitor.results):
        if len(visitor.results) <= _MOST_RESULTS and total <= MOST_RESULT_BYTES:
            break
        if old[1] not in on_page:
            del visitor.results[old]
            total -= visitor.result_bytes.pop(old)
    return value


def sound(clip: InputClip) -> Sound | None:
    """Return what `keep_sound` kept, if it is still there."""
    if clip.origin == EXAMPLE:
        return recall("sound", clip, None)
    sounds = current().sounds
    if clip.sha not in sounds:
        return None
    sounds[clip.sha] = sounds.pop(clip.sha)  # what was used last goes last
    return sounds[clip.sha]


def keep_sound(clip: InputClip, decoded: Sound) -> Sound:
    """Keep a clip's sound, and return it; those of the last clips stay, and those of examples for all visitors."""
    if clip.origin == EXAMPLE:
        return remember("sound", clip, None, decoded)
    sounds = current().sounds
    sounds.pop(clip.sha, None)
    sounds[clip.sha] = decoded
    while len(sounds) > 1 and (len(sounds) > _MOST_SOUNDS or session.n_bytes(sounds) > _MOST_SOUND_BYTES):
        del sounds[next(iter(sounds))]
    return decoded


def kept(result: str, clip: InputClip, model: EmotionModel | None, work: Callable[[], Any]) -> Any:
    """Return a result, which `work` computes only once."""
    known = recall(result, clip, model)
    return remember(result, clip, model, work()) if known is None else known


def _key(result: str, clip: InputClip, model: EmotionModel | None) -> tuple[str, str, str, int]:
    # The clip's name is part of it, because the sentence about a clip that cannot be used names the file.
    return result, clip.sha, clip.name, id(model)


class _CommonResults:
    """Results for the examples, which are the same for all visitors; the ones not used for longest make room."""

    def __init__(self) -> None:
        self._results: dict[tuple, tuple[EmotionModel | None, Any]] = {}
        self._lock = threading.Lock()

    def get(self, key: tuple) -> Any | None:
        with self._lock:
            if key not in self._results:
                return None
            self._results[key] = self._results.pop(key)
            return self._results[key][1]

    def put(self, key: tuple, model: EmotionModel | None, value: Any) -> None:
        with self._lock:
            self._results[key] = (model, value)
            while len(self._results) > MOST_COMMON_RESULTS:
                del self._results[next(iter(self._results))]


@st.cache_resource(show_spinner=False)
def common_results() -> _CommonResults:
    return _CommonResults()


def _is_common(clip: InputClip, model: EmotionModel | None) -> bool:
    """Whether a result depends on nothing of the visitor: neither on the clip, nor on the model, nor on the voice."""
    own = [stored.model for stored in models.current().own.values()]
    return clip.origin == EXAMPLE and current().voice is None and all(model is not each for each in own)
