"""Decodes a clip and extracts a model's features from it, window by window: the slow half of a prediction.

A clip of up to `WHOLE_SECONDS` is extracted as a whole, as training clips were. A longer one is cut into windows that
overlap by half, or by less if it would have more than `MOST_WINDOWS`. Windows without speech (`ser.audio.activity`)
are passed over, each with its reason.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol, Self

import numpy as np

from ser.audio.activity import NOT_SPEECH, Activity, activity
from ser.audio.augmentation import VIEWS
from ser.audio.decoding.decoder import Decoder
from ser.audio.quality import MIN_VOICED, QualityWarning, assess, voiced_share
from ser.audio.waveform import Waveform
from ser.features.sets import FeatureSet, feature_set
from ser.steps import Steps, finish, relay
from ser.workers import with_help

WHOLE_SECONDS = 6.0
WINDOW_SECONDS = 4.0
HOP_SECONDS = 2.0
# A clip of 400 s and more has this many windows, further apart: at ten minutes they are 3 s apart and still overlap. On
# a slow host the visitor then waits for fifteen seconds instead of more than twenty.
MOST_WINDOWS = 200
# A clip of this length has no test-time augmentation: the mean over its windows has the same effect, and the answer for
# ten minutes takes a third of the time.
SINGLE_VIEW_SECONDS = 120.0
# Training clips were extracted as a whole. A clip of up to this length is, too, so that it is recognised if it is one.
COMPARED_SECONDS = 30.0
QUALITY_RATE = 16_000
_SHORTEST_GAP = 0.25  # seconds


class NeedsFeatures(Protocol):
    """What extraction has to know of a model: an `EmotionModel` and a `FeatureDemand` both have it."""

    @property
    def feature_set(self) -> str:
        """Name of the feature set to extract."""

    @property
    def views(self) -> tuple[str, ...]:
        """Names out of `ser.audio.augmentation.VIEWS`, for test-time augmentation."""


@dataclass(frozen=True)
class FeatureDemand:
    """The features that a model needs, without the model: small enough to be sent to another process.

    Attributes:
        feature_set: name of the feature set to extract.
        views: names out of `ser.audio.augmentation.VIEWS`, for test-time augmentation.
    """

    feature_set: str
    views: tuple[str, ...] = ()

    @classmethod
    def from_model(cls, model: NeedsFeatures) -> Self:
        """The demand of a model."""
        return cls(model.feature_set, model.views)


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
class ClipFeatures:
    """All that decoding and extraction give of a clip, before a model answers.

    Attributes:
        file: the clip's name.
        seconds: length of the clip.
        warnings: what is wrong with the recording.
        feature_set: name of the extracted set.
        spans: (start, end) in seconds of each window; a single one for a short clip.
        vectors: float32, shape (n_windows, n_views, n_features); first the window itself, then its views for test-time
            augmentation, which a long clip does not have.
        gaps: stretches between and around the windows that have no answer.
        notes: sentences about how the file was read.
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
        """Features by which the clip is recognised, shape (n_features,); None where only its windows are known."""
        return self.vectors[0, 0] if self.whole is None and self.seconds <= WHOLE_SECONDS else self.whole


def extract_clip(
    source: bytes | str | os.PathLike[str],
    demand: NeedsFeatures,
    *,
    name: str | None = None,
    decoder: Decoder | None = None,
) -> Steps[float, ClipFeatures]:
    """Decode a clip and extract the features that a model uses: the slow half of a prediction.

    Args:
        source: bytes of an audio file, or its path.
        demand: the model whose features are extracted, or its `FeatureDemand`.
        name: what to call the clip; the file's name if left out.
        decoder: keeps what it decodes, for others who want the same clip.

    Yields:
        The share done after each window, 0 to 1.

    Returns:
        The `ClipFeatures`, good for any model with the same feature set and views.

    Raises:
        AudioError: the clip cannot be used.
    """
    extractor = feature_set(demand.feature_set)
    decoder = decoder or Decoder()
    plain = decoder.decode(source, rate=QUALITY_RATE, name=name)
    waveform = decoder.decode(source, rate=extractor.rate, name=name)
    spans = [(0.0, plain.seconds)]
    gaps: tuple[Gap, ...] = ()
    if plain.seconds > WHOLE_SECONDS:
        spoken, gaps = with_speech(plain, _spans(plain.seconds))
        spans = spoken or spans
    views = demand.views if plain.seconds < SINGLE_VIEW_SECONDS else ()
    vectors = yield from vectors_of_windows(waveform, spans, extractor, views)
    whole = None
    if WHOLE_SECONDS < plain.seconds <= COMPARED_SECONDS:
        whole = extractor.extract(extractor.prepared(waveform))
    return ClipFeatures(
        file=plain.name,
        seconds=plain.seconds,
        warnings=assess(plain),
        feature_set=demand.feature_set,
        spans=tuple(spans),
        vectors=vectors,
        gaps=gaps,
        notes=plain.notes,
        whole=whole,
    )


def vectors_of(part: Waveform, extractor: FeatureSet, views: tuple[str, ...]) -> np.ndarray:
    """Features of a stretch as recorded and of its views, float32, shape (1 + len(views), n_features).

    Each is levelled by itself, as each training clip was. The stretch has the feature set's rate.
    """
    return np.stack(
        [extractor.extract(extractor.prepared(each)) for each in (part, *(VIEWS[view](part) for view in views))]
    )


def vectors_of_windows(
    waveform: Waveform, spans: Sequence[tuple[float, float]], extractor: FeatureSet, views: tuple[str, ...]
) -> Steps[float, np.ndarray]:
    """Features of each window of a clip, shape (n_windows, 1 + len(views), n_features); it yields the share done."""

    def window(span: tuple[float, float]) -> np.ndarray:
        return vectors_of(waveform.window(*span), extractor, views)

    vectors = yield from relay(with_help(window, spans), lambda count: count / len(spans))
    return np.array(vectors, np.float32).reshape(len(spans), 1 + len(views), len(extractor.features))


def with_speech(
    waveform: Waveform, spans: Sequence[tuple[float, float]]
) -> tuple[list[tuple[float, float]], tuple[Gap, ...]]:
    """Those of the overlapping spans, in seconds, in which somebody speaks, and the gaps that none of these covers.

    The waveform is at 16 kHz, as recorded.
    """
    speech = activity(waveform.samples, waveform.rate)
    reasons = finish(with_help(partial(_reason, waveform, speech), spans))
    spoken = [span for span, reason in zip(spans, reasons, strict=True) if not reason]
    gaps, covered = [], 0.0
    for start, end in [*spoken, (waveform.seconds, waveform.seconds)]:
        if start - covered > _SHORTEST_GAP:
            # The stretch's own reason if it has one, else that of the window around it.
            middle = (covered + start) / 2
            near = min(
                (abs((a + b) / 2 - middle), reason) for (a, b), reason in zip(spans, reasons, strict=True) if reason
            )
            gaps.append(Gap(covered, start, speech.missing(covered, start) or near[1]))
        covered = max(covered, end)
    return spoken, tuple(gaps)


def extract_whole(
    source: bytes | str | os.PathLike[str], demand: NeedsFeatures, *, name: str | None = None
) -> ClipFeatures:
    """Extract a clip as `extract_clip` does, without its progress."""
    return finish(extract_clip(source, demand, name=name))


def _spans(seconds: float) -> list[tuple[float, float]]:
    """Beginning and end of each window in seconds; the last ends with the clip."""
    hop = max(HOP_SECONDS, seconds / MOST_WINDOWS)
    starts = np.arange(0.0, seconds - WINDOW_SECONDS, hop)
    return [(float(s), float(s) + WINDOW_SECONDS) for s in starts] + [(seconds - WINDOW_SECONDS, seconds)]


def _reason(waveform: Waveform, speech_activity: Activity, span: tuple[float, float]) -> str:
    """Why a window has no answer; "" if somebody speaks in it."""
    if reason := speech_activity.missing(*span):
        return reason
    first, last = (round(second / speech_activity.hop_seconds) for second in span)
    speech = np.zeros_like(speech_activity.speech)
    speech[first:last] = speech_activity.speech[first:last]
    return "" if voiced_share(waveform.samples, speech) >= MIN_VOICED else NOT_SPEECH
