"""Makes a `VoiceProfile` of clips of one speaker, which adapts predictions to that voice.

The clips are either one to five neutral ones, recorded on purpose, or any clips of the speaker, such as all clips of a
batch (`unlabelled_profile`). The model then estimates their emotions. A profile holds the mean of the clips' features,
for each view of test-time augmentation, and how much of the clips each emotion is. No audio is kept.
"""

import os
from collections.abc import Sequence

import numpy as np

from ser.errors import ModelStoreError, SerError
from ser.features.sets import feature_set
from ser.inference.clip_features import ClipFeatures, FeatureDemand, extract_whole
from ser.inference.prediction import Prediction, answer
from ser.model.emotion_model import EmotionModel
from ser.model.voice_profile import MOST_CLIPS, VoiceProfile, estimated_shares

# A neutral sentence may be taken for these without being doubted.
PLAIN = ("neutral", "calm")
# One neutral clip in fifty of held-out actors has a lower probability of sounding plain (EmoBox folds).
MIN_PLAIN = 0.08
# Semitones of mean F0: two neutral clips of one actor differ by less in 99 of 100 pairs.
MAX_APART = 5.0


def enrol(
    sources: Sequence[bytes | str | os.PathLike[str]],
    model: EmotionModel,
    *,
    names: Sequence[str] | None = None,
) -> VoiceProfile:
    """Make a profile of neutral clips.

    Args:
        sources: 1 to `MOST_CLIPS` clips of one speaker speaking neutrally, bytes of audio files or their paths.
        model: the model whose feature set is used, and which judges whether the clips sound neutral.
        names: what to call the clips in sentences; the files' names if left out.

    Returns:
        The `VoiceProfile`, with its doubts.

    Raises:
        AudioError: a clip cannot be used.
        SerError: no clip or too many, or the model cannot use a profile.
    """
    check_enrolment(len(sources), model)
    demand = enrolment_demand(model)
    labels: Sequence[str | None] = names or [None] * len(sources)
    clip_features = [extract_whole(source, demand, name=name) for source, name in zip(sources, labels, strict=True)]
    return voice_profile(clip_features, model)


def check_enrolment(count: int, model: EmotionModel) -> None:
    """Raise a `SerError` if so many neutral clips make no profile, or the model cannot use one."""
    if not 1 <= count <= MOST_CLIPS:
        raise SerError(
            f"{count} clips are given for a voice profile; 1 to {MOST_CLIPS} neutral ones are needed. Choose as many."
        )
    if not model.adapts:
        raise ModelStoreError(
            "This model does not use a voice profile: it learnt from a single speaker, or its features are not scaled. "
            "Choose the shipped model, or train one of several speakers with scaled features."
        )


def enrolment_demand(model: EmotionModel) -> FeatureDemand:
    """The features of a neutral clip: with all views, as models with and without test-time augmentation use them."""
    return FeatureDemand(model.feature_set, feature_set(model.feature_set).views)


def voice_profile(clip_features: Sequence[ClipFeatures], model: EmotionModel) -> VoiceProfile:
    """The profile of neutral clips, extracted as `enrolment_demand` says; only matrix products."""
    n_views = feature_set(model.feature_set).n_views
    vectors = np.stack([mean_vectors(each, n_views) for each in clip_features])
    return VoiceProfile(
        model.feature_set, vectors.mean(axis=0), len(clip_features), _doubts(clip_features, vectors[:, 0], model)
    )


def adapt(clip_features: Sequence[ClipFeatures], model: EmotionModel) -> list[Prediction]:
    """Answers for several clips of one speaker, adapted to the batch as a whole (transductive).

    Args:
        clip_features: of each clip.
        model: the model.

    Returns:
        A `Prediction` for each clip, with the profile of all clips; without it where the model does not adapt, or
        there are fewer than two clips.
    """
    if len(clip_features) < 2 or not model.adapts:
        return [answer(each, model) for each in clip_features]
    profile = unlabelled_profile(clip_features, model)
    return [answer(each, model, profile=profile) for each in clip_features]


def unlabelled_profile(clip_features: Sequence[ClipFeatures], model: EmotionModel) -> VoiceProfile:
    """The profile of clips of one speaker whose emotions are not known; only matrix products."""
    n_views = feature_set(model.feature_set).n_views
    vectors = np.stack([mean_vectors(each, n_views) for each in clip_features])
    shares = estimated_shares(model, model.inputs(np.moveaxis(vectors[:, : 1 + len(model.views)], 1, 0)))
    emotions = {label: float(share) for label, share in zip(model.labels, shares, strict=True)}
    return VoiceProfile(model.feature_set, vectors.mean(axis=0), len(clip_features), emotions=emotions)


def mean_vectors(clip_features: ClipFeatures, count: int) -> np.ndarray:
    """The first `count` views of a clip, each the mean over its windows, shape (count, n_features)."""
    # A long clip has no views; its own vector takes their place.
    return clip_features.vectors.mean(axis=0)[np.arange(count) % clip_features.vectors.shape[1]]


def _doubts(clip_features: Sequence[ClipFeatures], vectors: np.ndarray, model: EmotionModel) -> tuple[str, ...]:
    """Sentences on why the clips may not be one speaker's neutral speech."""
    doubts = []
    for each in clip_features:
        prediction = answer(each, model)
        plain = sum(prediction.probabilities.get(label, 0.0) for label in PLAIN)
        if plain < MIN_PLAIN:
            doubts.append(
                f"{each.file} does not sound neutral but {prediction.label}; a profile of it would mislead. "
                "Say the sentence again, plainly."
            )
        doubts += [f"{each.file}: {warning.sentence}" for warning in each.warnings]
    pitch = vectors[:, feature_set(model.feature_set).names.index("f0.mean")]
    if np.ptp(pitch) > MAX_APART:
        doubts.append(
            f"These clips lie {np.ptp(pitch):.0f} semitones apart in pitch, as if two people spoke; one voice's "
            f"neutral sentences stay within {MAX_APART:.0f}. Choose clips of one speaker."
        )
    return tuple(doubts)
