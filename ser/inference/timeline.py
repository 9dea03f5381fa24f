"""A clip over time: the answers of its windows, and tracks of the voice.

In a clip of up to `FINE_SECONDS`, windows are `FINE_WINDOW` long and `FINE_HOP` apart. Longer clips show the windows
that their answer was averaged from (`ser.inference.prediction`). Tracks, every 10 ms, are F0 as in the features, level,
and whether somebody speaks (`ser.audio.activity.speech_frames`).
"""

import csv
import io
from dataclasses import dataclass, replace

import numpy as np

from ser.audio.activity import speech_frames, voice_band
from ser.audio.decoding.decoder import Decoder
from ser.audio.framing import centred_frames
from ser.audio.waveform import Waveform
from ser.features.pitch import pitch_track
from ser.features.sets import feature_set
from ser.inference.clip_features import ClipFeatures, Gap, NeedsFeatures, vectors_of_windows, with_speech
from ser.inference.headline import Stretch
from ser.inference.prediction import WindowPrediction, answer
from ser.model.emotion_model import EmotionModel
from ser.model.voice_profile import VoiceProfile
from ser.steps import Steps, finish, relay
from ser.workers import with_help

SHORTEST = 4.0
"""Seconds; up to here a clip is a single answer, as every clip that the models learnt from."""
FINE_SECONDS, FINE_WINDOW, FINE_HOP = 12.0, 3.0, 0.5
RATE = 16_000
HOP = 160  # 10 ms
_FRAME = 400  # 25 ms
_BLOCK_SECONDS, _OVERLAP_SECONDS = 20.0, 0.5


@dataclass(frozen=True)
class Tracks:
    """The voice, every 10 ms.

    Attributes:
        times: seconds of each frame's centre, shape (n_frames,).
        f0: Hz, NaN where unvoiced or where nobody speaks, shape (n_frames,).
        level: dBFS as recorded, shape (n_frames,).
        speech: whether somebody speaks, bool, shape (n_frames,).
    """

    times: np.ndarray
    f0: np.ndarray
    level: np.ndarray
    speech: np.ndarray

    @property
    def speech_seconds(self) -> float:
        """For how long somebody speaks."""
        return float(self.speech.sum() * HOP / RATE)

    def speech_stretches(self) -> list[tuple[float, float]]:
        """Where somebody speaks: (start, end) in seconds."""
        edges = np.flatnonzero(np.diff(np.concatenate([[0], self.speech.astype(np.int8), [0]])))
        return [(s * HOP / RATE, e * HOP / RATE) for s, e in zip(edges[::2], edges[1::2], strict=True)]


@dataclass(frozen=True)
class Timeline:
    """A clip over time.

    Attributes:
        seconds: length of the clip.
        windows: answers to overlapping stretches, in order; stretches without speech are left out.
        tracks: F0, level and speech.
        gaps: the stretches without an answer, each with its reason.
    """

    seconds: float
    windows: tuple[WindowPrediction, ...]
    tracks: Tracks
    gaps: tuple[Gap, ...] = ()

    def stretches(self) -> list[Stretch]:
        """The leading emotion over time; overlapping windows meet half-way."""
        stretches: list[Stretch] = []
        for window in self.windows:
            label = max(window.probabilities, key=window.probabilities.__getitem__)
            if stretches and stretches[-1].label == label and window.start <= stretches[-1].end:
                stretches[-1] = Stretch(label, stretches[-1].start, window.end)
                continue
            start = window.start
            if stretches and start < stretches[-1].end:
                start = (start + stretches[-1].end) / 2
                stretches[-1] = Stretch(stretches[-1].label, stretches[-1].start, start)
            stretches.append(Stretch(label, start, window.end))
        return stretches

    def to_csv(self) -> str:
        """A line for each window: its span, label, probabilities and voice.

        The stretches without an answer follow, with the reason as their label.
        """
        file = io.StringIO()
        writer = csv.writer(file, lineterminator="\n")
        labels = list(self.windows[0].probabilities)
        writer.writerow(
            ["start_s", "end_s", "label", *(f"p_{x}" for x in labels), "speech_share", "f0_median_hz", "level_dbfs"]
        )
        for window in self.windows:
            inside = (self.tracks.times >= window.start) & (self.tracks.times < window.end)
            speech = self.tracks.speech[inside]
            f0 = self.tracks.f0[inside][~np.isnan(self.tracks.f0[inside])]
            power = 10 ** (self.tracks.level[inside][speech] / 10)
            writer.writerow(
                [
                    f"{window.start:.3f}",
                    f"{window.end:.3f}",
                    max(window.probabilities, key=window.probabilities.__getitem__),
                    *(f"{p:.6f}" for p in window.probabilities.values()),
                    f"{speech.mean():.3f}" if speech.size else "",
                    f"{np.median(f0):.1f}" if f0.size else "",
                    f"{10 * np.log10(power.mean()):.1f}" if power.size else "",
                ]
            )
        for gap in self.gaps:
            writer.writerow(
                [f"{gap.start:.3f}", f"{gap.end:.3f}", f"no answer: {gap.reason}", *[""] * (len(labels) + 3)]
            )
        return file.getvalue()


@dataclass(frozen=True)
class TimelineFeatures:
    """All that a timeline needs of a clip, before a model answers; it can be sent from one process to another.

    Attributes:
        spans: (start, end) in seconds of each window.
        vectors: of each window as in `ClipFeatures`; None where the windows are the clip's own.
        gaps: stretches between and around the windows that have no answer.
        tracks: F0, level and speech.
    """

    spans: tuple[tuple[float, float], ...]
    vectors: np.ndarray | None
    gaps: tuple[Gap, ...]
    tracks: Tracks


def tracks(waveform: Waveform) -> Tracks:
    """F0, level and speech of a clip at 16 kHz, as recorded, in 1 + n // 160 frames."""
    n_frames = 1 + waveform.samples.size // HOP
    speech = speech_frames(_powers(voice_band(waveform.samples, RATE)), HOP / RATE)
    power = _powers(waveform.samples)
    f0 = np.where(speech, _f0(waveform, speech), np.nan)
    return Tracks(np.arange(n_frames) * HOP / RATE, f0, 10 * np.log10(power + 1e-10), speech)


def _powers(samples: np.ndarray) -> np.ndarray:
    """Power of frames of 25 ms, 10 ms apart."""
    frames = centred_frames(samples, _FRAME, HOP)
    return np.vecdot(frames, frames) / _FRAME


def follow(
    source: bytes,
    clip_features: ClipFeatures,
    model: EmotionModel,
    *,
    decoder: Decoder | None = None,
    profile: VoiceProfile | None = None,
) -> Steps[float, Timeline]:
    """Answer for a clip over time: `timeline_features` and `timeline` together.

    Args:
        source: the clip's bytes.
        clip_features: of the clip, from `extract_clip` with this model.
        model: the model.
        decoder: one that may have decoded the clip before.
        profile: of the speaker, if known.

    Yields:
        The share done, 0 to 1.

    Returns:
        The `Timeline`.

    Raises:
        AudioError: the clip cannot be used.
    """
    features = yield from timeline_features(source, clip_features, model, decoder=decoder)
    return timeline(clip_features, features, model, profile=profile)


def timeline_features(
    source: bytes, clip_features: ClipFeatures, demand: NeedsFeatures, *, decoder: Decoder | None = None
) -> Steps[float, TimelineFeatures]:
    """Extract all that a timeline needs of a clip: the slow half, without a model. It yields the share done, 0 to 1."""
    decoder = decoder or Decoder()
    waveform = decoder.decode(source, rate=RATE, name=clip_features.file)
    voice_tracks = tracks(waveform)
    yield 0.1
    if clip_features.seconds > FINE_SECONDS:
        return TimelineFeatures(clip_features.spans, None, clip_features.gaps, voice_tracks)
    extractor = feature_set(demand.feature_set)
    sound = decoder.decode(source, rate=extractor.rate, name=clip_features.file)
    spans, gaps = with_speech(waveform, _spans(clip_features.seconds))
    windows = vectors_of_windows(sound, spans, extractor, demand.views)
    vectors = yield from relay(windows, lambda share: 0.1 + 0.9 * share)
    return TimelineFeatures(tuple(spans), vectors, gaps, voice_tracks)


def timeline(
    clip_features: ClipFeatures,
    features: TimelineFeatures,
    model: EmotionModel,
    *,
    profile: VoiceProfile | None = None,
) -> Timeline:
    """The timeline of a clip whose features were extracted; only matrix products."""
    if features.vectors is None:
        windows = answer(clip_features, model, profile=profile).windows
    elif features.spans:
        windows = answer(
            replace(clip_features, spans=features.spans, vectors=features.vectors), model, profile=profile
        ).windows
    else:
        windows = ()
    return Timeline(clip_features.seconds, windows, features.tracks, features.gaps)


def _spans(seconds: float) -> list[tuple[float, float]]:
    """Beginning and end of the fine windows; the last ends with the clip."""
    starts = np.arange(0.0, seconds - FINE_WINDOW - 0.25 * FINE_HOP, FINE_HOP)
    return [(float(s), float(s) + FINE_WINDOW) for s in starts] + [(seconds - FINE_WINDOW, seconds)]


def _f0(waveform: Waveform, speech: np.ndarray) -> np.ndarray:
    """F0 in blocks: the autocorrelations of ten minutes at once would take half a gigabyte.

    It is not looked for in blocks without speech.
    """
    per_block = round(_BLOCK_SECONDS * RATE / HOP)
    extra = round(_OVERLAP_SECONDS * RATE / HOP)

    def block(first: int) -> np.ndarray:
        known = np.full(speech[first : first + per_block].size, np.nan)
        begin = max(0, first - extra)
        part = waveform.window(begin * HOP / RATE, (first + per_block + extra) * HOP / RATE)
        if speech[first : first + per_block].any() and part.samples.size >= RATE // 10:
            f0 = pitch_track(part, speech=slice(0)).f0[first - begin :][: known.size]
            known[: f0.size] = f0
        return known

    return np.concatenate(finish(with_help(block, range(0, speech.size, per_block))))
