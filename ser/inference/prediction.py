"""Turns a clip's features and a model into a `Prediction`: the answer, how sure it is, and when not to trust it.

The answer of a long clip is the mean over its windows.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ser.audio.quality import QualityWarning
from ser.inference.clip_features import ClipFeatures, extract_whole
from ser.model.degradation import at_temperatures
from ser.model.emotion_model import EmotionModel
from ser.model.novelty import (
    NEW_SPEAKERS,
    OUT_OF_DISTRIBUTION,
    Novelty,
    flattened,
    held_out_clips,
    novelty_of,
    novelty_sentence,
)
from ser.model.training_clips import LEARNT, learnt_from
from ser.model.voice_profile import VoiceProfile


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
class Prediction:
    """The answer for a clip.

    Attributes:
        file: the clip's name.
        label: the most probable emotion.
        confidence: its probability, 0 to 1.
        probabilities: emotion → probability in the model's label order, sums to 1.
        prediction_set: the emotions that the calibration cannot rule out, most probable first; `label` is in it.
        abstained: whether answers this unsure were wrong more often than right for held-out speakers; `all_unsure`
            says it, so a long clip has an answer as soon as one of its windows has.
        warnings: what is wrong with the recording.
        seconds: length of the clip.
        windows: the answers that were averaged, at the temperature of the recording; a single one for a short clip.
        novelty_p_value: share of held-out clips that are at least as unusual, 0 (out of distribution) to 1; None where
            the model has no novelty detector.
        held_out: what these clips are, from `ser.model.novelty.held_out_clips`.
        learnt: whether the model learnt from this very clip, so that the answer is no test of it.
        specialists_share: how much of the answer the specialists gave, 0 to 1: how far the clip resembles the first
            data set; None where the model has none.
        notes: sentences about how the file was read: which of several tracks, which part is missing.
        abstain_below: the confidence below which an answer, or that of a window, is unsure.
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
    novelty_p_value: float | None = None
    held_out: str = NEW_SPEAKERS
    learnt: bool = False
    specialists_share: float | None = None
    notes: tuple[str, ...] = ()
    abstain_below: float = 0.0

    @property
    def novelty_sentence(self) -> str | None:
        """The meaning of `novelty_p_value`; None where it is unknown, or a warning says it."""
        return novelty_sentence(self.novelty_p_value, self.held_out)

    @property
    def sentences(self) -> tuple[str, ...]:
        """All that a visitor should know before believing the answer, the most important first."""
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


def answer(
    clip_features: ClipFeatures,
    model: EmotionModel,
    *,
    profile: VoiceProfile | None = None,
) -> Prediction:
    """A model's answer for a clip whose features were extracted; only matrix products.

    Args:
        clip_features: from `extract_clip` with a model of the same feature set.
        model: the model.
        profile: of the speaker; a model that does not adapt ignores it.

    Returns:
        The `Prediction`.

    Raises:
        ModelStoreError: the model was made for features that this version does not compute.
        SerError: the profile holds another feature set.
    """
    offset = profile.offset(model) if profile is not None and model.adapts else None
    shares = specialists_shares(clip_features.vectors, model)
    windows, novelty = _windows(clip_features.vectors, model, offset, shares)
    p_value = None if novelty is None else float(novelty.p_values.mean())
    warnings = clip_features.warnings
    if p_value is not None and p_value < OUT_OF_DISTRIBUTION:
        # First, because it is what matters most: of music, "noisy" and "dull" are true and beside the point.
        warnings = (_unlike(p_value, held_out_clips(model)), *warnings)
    # One temperature for the whole clip, after the mean, so that the label stays what it is without it.
    temperature = recording_temperature(clip_features.vectors, model)
    mean, windows = at_temperatures(windows.mean(axis=0), temperature), at_temperatures(windows, temperature)
    order = np.argsort(-mean, stable=True)
    label, confidence = model.labels[order[0]], float(mean[order[0]])
    trust = (model.trust if offset is None else model.adapted_trust).at(float(shares.mean()))
    threshold = trust.set_threshold
    candidates = [model.labels[i] for i in order[1:] if threshold is not None and mean[i] >= threshold]
    parts = tuple(
        WindowPrediction(start, end, _named(model, row))
        for (start, end), row in zip(clip_features.spans, windows, strict=True)
    )
    return Prediction(
        file=clip_features.file,
        label=label,
        confidence=confidence,
        probabilities=_named(model, mean),
        prediction_set=(label, *candidates),
        abstained=all_unsure(parts, trust.abstain_below),
        warnings=warnings,
        seconds=clip_features.seconds,
        windows=parts,
        novelty_p_value=p_value,
        held_out=held_out_clips(model),
        learnt=clip_features.recording is not None and learnt_from(model, clip_features.recording),
        specialists_share=None if model.gate is None else float(shares.mean()),
        notes=clip_features.notes,
        abstain_below=trust.abstain_below,
    )


def all_unsure(windows: Sequence[WindowPrediction], abstain_below: float) -> bool:
    """Whether no window has an emotion with a probability of at least `abstain_below`."""
    return all(max(each.probabilities.values()) < abstain_below for each in windows)


def specialists_shares(vectors: np.ndarray, model: EmotionModel) -> np.ndarray:
    """How much of each window's answer the specialists give, 0 to 1, shape (n_windows,)."""
    return model.shares(model.inputs(vectors[:, 0]))


def recording_temperature(vectors: np.ndarray, model: EmotionModel) -> float:
    """The temperature that follows from how degraded a recording is, over all windows, at least 1."""
    if model.degradation is None:
        return 1.0
    return float(np.exp(np.log(model.recording_temperatures(model.inputs(vectors[:, 0]))).mean()))


def window_probabilities(
    vectors: np.ndarray, model: EmotionModel, offset: np.ndarray | None = None, shares: np.ndarray | None = None
) -> np.ndarray:
    """Probabilities of every window of a clip, shape (n_windows, n_labels), from its vectors as in `ClipFeatures`.

    `offset` is the speaker's, shape (1 + len(model.views), 1, n_used). `shares` are those of `specialists_shares`, if
    they are to be other than the vectors' own. Windows that are unlike the training clips get a flatter answer, the
    flatter the further away they lie. How degraded the recording is does not count here.
    """
    return _windows(vectors, model, offset, specialists_shares(vectors, model) if shares is None else shares)[0]


def _windows(
    vectors: np.ndarray, model: EmotionModel, offset: np.ndarray | None, shares: np.ndarray
) -> tuple[np.ndarray, Novelty | None]:
    """The probabilities of `window_probabilities`, and how unusual each window is."""
    views = np.moveaxis(vectors[:, : 1 + len(model.views)], 1, 0)
    inputs = model.inputs(views)
    # A long clip has no further views, and then the voice has none either.
    windows = model.probabilities_from(inputs, shares, None if offset is None else offset[: len(views)])
    novelty = novelty_of(model, views[0], inputs[0])
    return windows if novelty is None else flattened(windows, novelty.ratios), novelty


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
        model: the model.
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
        f"Unlike what the model learnt from: fewer than {100 * OUT_OF_DISTRIBUTION:g} in 100 {held_out} are as "
        "unusual, so its numbers mean little here. Record plain speech without music or noise.",
        share,
    )


def _named(model: EmotionModel, row: np.ndarray) -> dict[str, float]:
    return {label: float(p) for label, p in zip(model.labels, row, strict=True)}
