"""A clip and a model become a `Prediction`. Composition only: audio, quality, features, model.

A clip of up to `WHOLE_SECONDS` is answered as a whole, as the models were trained. A longer one is answered in
windows that overlap, by half as long as `MOST_WINDOWS` of them suffice; windows without speech (`ser.audio.activity`)
are
passed over, each with its reason, and the others' probabilities averaged.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ser.audio.activity import NOT_SPEECH, Activity, activity
from ser.audio.augmentation import VIEWS
from ser.audio.decoding.decoder import Decoder
from ser.audio.quality import MIN_VOICED, QualityWarning, assess, voiced_share
from ser.audio.waveform import Waveform
from ser.features import FeatureSet, feature_set
from ser.model.emotion_model import EmotionModel
from ser.model.novelty import NEW_SPEAKERS, UNLIKE, familiarity, flattened, held_out_clips, likeness, strangeness
from ser.model.training_clips import LEARNT, learnt_from
from ser.model.voice_profile import VoiceProfile
from ser.steps import Steps, finish

WHOLE_SECONDS = 6.0
WINDOW_SECONDS = 4.0
HOP_SECONDS = 2.0
# A clip of 400 s and more has so many windows, further apart: at ten minutes they are 3 s apart and still overlap, and
# on a slow host that is the difference between fifteen seconds of waiting and more than twenty.
MOST_WINDOWS = 200
# Of a clip so long, each window is read once: the mean over its windows does what that over readings does for a short
# one, and the answer to ten minutes comes in a third of the time.
READ_ONCE_SECONDS = 120.0
# Training clips were extracted whole, so a clip of up to this length is, too, to be recognised if it is one of them.
COMPARED_SECONDS = 30.0
QUALITY_RATE = 16_000
_SHORTEST_GAP = 0.25  # seconds


@dataclass(frozen=True)
class WindowPrediction:
    """The answer for a stretch of a clip.

    Attributes:
        start, end: seconds from the clip's beginning.
        probabilities: emotion → probability, sums to 1.
    """

    start: float
    end: float
    probabilities: dict[str, float]


@dataclass(frozen=True)
class Gap:
    """A stretch of a clip that has no answer.

    Attributes:
        start, end: seconds from the clip's beginning.
        reason: `SILENCE`, `TOO_QUIET`, `NOISE` or `NOT_SPEECH` of `ser.audio.activity`.
    """

    start: float
    end: float
    reason: str


@dataclass(frozen=True)
class Prediction:
    """The answer for a clip.

    Attributes:
        file: the clip's name.
        label: the most probable emotion.
        confidence: its probability, 0 to 1.
        probabilities: emotion → probability in the model's label order, sums to 1.
        prediction_set: the emotions that the calibration cannot rule out, most probable first; `label` is in it.
        abstained: whether answers this unsure were wrong more often than right on unseen voices.
        warnings: what is wrong with the recording.
        seconds: length of the clip.
        windows: the answers that were averaged; a single one for a short clip.
        familiarity: share of held-out clips (see `ser.model.novelty`) that are at least as unusual, 0 (unlike anything)
            to 1; None where the model has not learnt it.
        held_out: what these clips are, as `ser.model.novelty.held_out_clips` says it.
        learnt: whether the model learnt from this very clip, so that the answer is no test of it.
        notes: how the file was read, where that matters: which of several tracks it is, which part is missing.
    """

    file: str
    label: str
    confidence: float
    probabilities: dict[str, float]
    prediction_set: tuple[str, ...]
    abstained: bool
    warnings: tuple[QualityWarning, ...]
    seconds: float
    windows: tuple[WindowPrediction, ...]
    familiarity: float | None = None
    held_out: str = NEW_SPEAKERS
    learnt: bool = False
    notes: tuple[str, ...] = ()

    @property
    def likeness(self) -> str | None:
        """What `familiarity` means, in a sentence; None where it is not known, or a warning says it."""
        return likeness(self.familiarity, self.held_out)

    @property
    def sentences(self) -> tuple[str, ...]:
        """All that is to be known before the answer is believed, the gravest first."""
        learnt = (LEARNT,) if self.learnt else ()
        return (*learnt, *self.notes, *(warning.sentence for warning in self.warnings))

    def to_json(self) -> dict:
        """The prediction with the keys that `ser predict --json` prints."""
        return {
            "file": self.file,
            "label": self.label,
            "confidence": self.confidence,
            "probabilities": self.probabilities,
            "prediction_set": list(self.prediction_set),
            "abstained": self.abstained,
            "warnings": list(self.sentences),
            "seconds": self.seconds,
        }


@dataclass(frozen=True)
class ClipFeatures:
    """A clip as a model's features hear it: all that decoding and extracting give, before anybody answers.

    Attributes:
        file: the clip's name.
        seconds: length of the clip.
        warnings: what is wrong with the recording.
        feature_set: name of the set that `vectors` hold.
        spans: (start, end) in seconds of each window; a single one for a short clip.
        vectors: float32, shape (n_windows, n_views, n_features); the views are readings of the same window whose
            probabilities are averaged, a single one in a long clip.
        gaps: stretches between and round the windows that have no answer.
        notes: how the file was read, where that matters.
        whole: features of the whole clip, as those of training clips are, float32, shape (n_features,); None where it
            is the only window, or longer than `COMPARED_SECONDS`.
    """

    file: str
    seconds: float
    warnings: tuple[QualityWarning, ...]
    feature_set: str
    spans: tuple[tuple[float, float], ...]
    vectors: np.ndarray
    gaps: tuple[Gap, ...] = ()
    notes: tuple[str, ...] = ()
    whole: np.ndarray | None = None

    @property
    def recording(self) -> np.ndarray | None:
        """Features by which the clip is recognised, shape (n_features,); None where only windows of it are known."""
        return self.vectors[0, 0] if self.whole is None and self.seconds <= WHOLE_SECONDS else self.whole


def extract_clip(
    source: bytes | str | os.PathLike[str],
    model: EmotionModel,
    *,
    name: str | None = None,
    decoder: Decoder | None = None,
) -> Steps[float, ClipFeatures]:
    """Decode a clip and extract what a model listens to; the slow half of a prediction, done once a clip.

    Args:
        source: bytes of an audio file, or its path.
        model: whose feature set is extracted.
        name: what to call the clip; the file's name if left out.
        decoder: keeps what it decodes, for others who want the same clip.

    Yields:
        The share done after each window, 0 to 1.

    Returns:
        The `ClipFeatures`, good for any model with the same feature set and views.

    Raises:
        AudioError: the clip cannot be used.
    """
    wanted = feature_set(model.feature_set)
    decoder = decoder or Decoder()
    plain = decoder.decode(source, rate=QUALITY_RATE, name=name)
    waveform = decoder.decode(source, rate=wanted.rate, name=name)
    spans, gaps = [(0.0, plain.seconds)], ()
    if plain.seconds > WHOLE_SECONDS:
        spoken, gaps = with_speech(plain, _spans(plain.seconds))
        spans = spoken or spans
    views = model.views if plain.seconds < READ_ONCE_SECONDS else ()
    vectors = []
    for span in spans:
        vectors.append(vectors_of(waveform.window(*span), wanted, views))
        yield len(vectors) / len(spans)
    whole = None
    if WHOLE_SECONDS < plain.seconds <= COMPARED_SECONDS:
        whole = wanted.extract(wanted.prepared(waveform))
    return ClipFeatures(
        file=plain.name,
        seconds=plain.seconds,
        warnings=assess(plain),
        feature_set=model.feature_set,
        spans=tuple(spans),
        vectors=np.stack(vectors),
        gaps=gaps,
        notes=plain.notes,
        whole=whole,
    )


def vectors_of(part: Waveform, wanted: FeatureSet, views: tuple[str, ...]) -> np.ndarray:
    """Features of a stretch and of its views, each levelled by itself, as each training clip was.

    Args:
        part: at the feature set's rate, as recorded.
        wanted: the feature set.
        views: names in `ser.audio.augmentation.VIEWS`.

    Returns:
        float32, shape (1 + len(views), n_features).
    """
    return np.stack([wanted.extract(wanted.prepared(each)) for each in (part, *(VIEWS[view](part) for view in views))])


def with_speech(
    waveform: Waveform, spans: Sequence[tuple[float, float]]
) -> tuple[list[tuple[float, float]], tuple[Gap, ...]]:
    """Choose the windows of a clip in which somebody speaks.

    Args:
        waveform: at 16 kHz, as recorded.
        spans: (start, end) of overlapping windows in seconds, in order.

    Returns:
        Those with speech, and the stretches that none of these covers, each with the reason.
    """
    found = activity(waveform.samples, waveform.rate)
    reasons = [_reason(waveform, found, span) for span in spans]
    spoken = [span for span, reason in zip(spans, reasons, strict=True) if not reason]
    gaps, covered = [], 0.0
    for start, end in [*spoken, (waveform.seconds, waveform.seconds)]:
        if start - covered > _SHORTEST_GAP:
            # Of the stretch itself if that tells, else of the window about it.
            middle = (covered + start) / 2
            near = min(
                (abs((a + b) / 2 - middle), reason) for (a, b), reason in zip(spans, reasons, strict=True) if reason
            )
            gaps.append(Gap(covered, start, found.missing(covered, start) or near[1]))
        covered = max(covered, end)
    return spoken, tuple(gaps)


def answer(
    clip_features: ClipFeatures,
    model: EmotionModel,
    *,
    profile: VoiceProfile | None = None,
    reference: np.ndarray | None = None,
) -> Prediction:
    """What a model makes of a clip that was heard; matrix products only.

    Args:
        clip_features: from `extract_clip` with a model of the same feature set.
        model: who answers.
        profile: of the speaker; a model without enrolled networks passes it over.
        reference: instead of a profile, the speaker's neutral inputs, shape (1 + len(model.views), 1, n_used).

    Returns:
        The `Prediction`.

    Raises:
        ModelStoreError: the model was made for features that this version does not compute.
        SerError: the profile holds another feature set.
    """
    if profile is not None:
        reference = profile.inputs(model)
    windows = window_probabilities(clip_features.vectors, model, reference)
    shares = familiarity(model, clip_features.vectors[:, 0])
    share = None if shares is None else float(shares.mean())
    warnings = clip_features.warnings
    if share is not None and share < UNLIKE:
        # First, because it is what matters most: of music, "noisy" and "dull" are true and beside the point.
        warnings = (_unlike(share, held_out_clips(model)), *warnings)
    mean = windows.mean(axis=0)
    order = np.argsort(-mean, kind="stable")
    label, confidence = model.labels[order[0]], float(mean[order[0]])
    trust = model.trust(reference)
    threshold = trust.set_threshold
    candidates = [model.labels[i] for i in order[1:] if threshold is not None and mean[i] >= threshold]
    return Prediction(
        file=clip_features.file,
        label=label,
        confidence=confidence,
        probabilities=_named(model, mean),
        prediction_set=(label, *candidates),
        abstained=confidence < trust.abstain_below,
        warnings=warnings,
        seconds=clip_features.seconds,
        windows=tuple(
            WindowPrediction(start, end, _named(model, row))
            for (start, end), row in zip(clip_features.spans, windows, strict=True)
        ),
        familiarity=share,
        held_out=held_out_clips(model),
        learnt=clip_features.recording is not None and learnt_from(model, clip_features.recording),
        notes=clip_features.notes,
    )


def window_probabilities(vectors: np.ndarray, model: EmotionModel, reference: np.ndarray | None = None) -> np.ndarray:
    """Probabilities of every window of a clip.

    Args:
        vectors: as `ClipFeatures.vectors`, shape (n_windows, n_views, n_features).
        model: who answers.
        reference: the speaker's neutral inputs, shape (1 + len(model.views), 1, n_used); None if unknown.

    Returns:
        shape (n_windows, n_labels), rows sum to 1. What is unlike anything the model learnt gets a flatter answer, the
        flatter the further away it lies.
    """
    readings = np.moveaxis(vectors[:, : 1 + len(model.views)], 1, 0)
    # A long clip is read once, and then so is the voice.
    windows = model.probabilities(readings, None if reference is None else reference[: len(readings)])
    strange = strangeness(model, vectors[:, 0])
    return windows if strange is None else flattened(windows, strange)


def extract_whole(
    source: bytes | str | os.PathLike[str], model: EmotionModel, *, name: str | None = None
) -> ClipFeatures:
    """As `extract_clip`, without looking at the progress.

    Args:
        source: bytes of an audio file, or its path.
        model: whose feature set is extracted.
        name: what to call the clip; the file's name if left out.

    Returns:
        The `ClipFeatures`.

    Raises:
        AudioError: the clip cannot be used.
    """
    return finish(extract_clip(source, model, name=name))


def predict(
    source: bytes | str | os.PathLike[str],
    model: EmotionModel,
    *,
    name: str | None = None,
    profile: VoiceProfile | None = None,
) -> Prediction:
    """Answer for one clip.

    Args:
        source: bytes of an audio file, or its path.
        model: who answers.
        name: what to call the clip; the file's name if left out.
        profile: of the speaker, if known.

    Returns:
        The `Prediction`.

    Raises:
        AudioError: the clip cannot be used.
        ModelStoreError: the model was made for features that this version does not compute.
        SerError: the profile holds another feature set.
    """
    return answer(extract_whole(source, model, name=name), model, profile=profile)


def _unlike(share: float, held_out: str) -> QualityWarning:
    return QualityWarning(
        "unlike",
        f"Unlike what the model learnt from: fewer than {100 * UNLIKE:g} in 100 {held_out} are as unusual, "
        "so its numbers mean little here. Record plain speech without music or noise.",
        share,
    )


def _spans(seconds: float) -> list[tuple[float, float]]:
    """Where the windows of a clip begin and end, in seconds; the last ends with the clip."""
    if seconds <= WHOLE_SECONDS:
        return [(0.0, seconds)]
    hop = max(HOP_SECONDS, seconds / MOST_WINDOWS)
    starts = np.arange(0.0, seconds - WINDOW_SECONDS, hop)
    return [(float(s), float(s) + WINDOW_SECONDS) for s in starts] + [(seconds - WINDOW_SECONDS, seconds)]


def _reason(waveform: Waveform, found: Activity, span: tuple[float, float]) -> str:
    """Why a window has no answer; "" if somebody speaks in it."""
    if reason := found.missing(*span):
        return reason
    first, last = (round(second / found.hop_seconds) for second in span)
    speech = np.zeros_like(found.speech)
    speech[first:last] = found.speech[first:last]
    return "" if voiced_share(waveform.samples, speech) >= MIN_VOICED else NOT_SPEECH


def _named(model: EmotionModel, row: np.ndarray) -> dict[str, float]:
    return {label: float(p) for label, p in zip(model.labels, row, strict=True)}
