"""What a model needs to adapt to a speaker, and how it is judged when it has adapted.

See `ser.model.voice_profile` for the adaptation itself.
"""

from dataclasses import replace

import numpy as np

from ser.model.emotion_model import EmotionModel
from ser.model.voice_profile import estimated_shares, speaker_offset


def with_emotion_offsets(
    model: EmotionModel, views: np.ndarray, labels: np.ndarray, actors: np.ndarray, corpora: np.ndarray
) -> EmotionModel:
    """The model with the mean offset of each emotion from its speaker's mean; every data set counts the same.

    `views` are those of the training clips, shape (n_views, n, n_features). A model of a single speaker does not adapt
    to others, nor does one of unscaled features.
    """
    if np.unique(actors).size < 2 or not model.settings["scale"]:
        return model
    inputs = model.inputs(views).mean(axis=0)
    for actor in np.unique(actors):
        inputs[actors == actor] -= inputs[actors == actor].mean(axis=0)
    offsets = np.zeros((len(model.labels), inputs.shape[1]), dtype=np.float32)
    for number, label in enumerate(model.labels):
        of_label = labels == label
        means = [inputs[of_label & (corpora == corpus)].mean(axis=0) for corpus in np.unique(corpora[of_label])]
        offsets[number] = np.mean(means, axis=0)
    return replace(model, emotion_offsets=offsets)


def unlabelled_offsets(
    model: EmotionModel, views: np.ndarray, actors: np.ndarray, count: int, seed: int
) -> np.ndarray | None:
    """The offset of every clip's actor, from up to `count` other clips of the actor, of whatever emotion.

    `views` have shape (n_views, n, n_features), and the result has shape (n_views, n, n_used). None if the model does
    not adapt, or if an actor has a single clip.
    """
    if not model.adapts or min(np.unique(actors, return_counts=True)[1]) < 2:
        return None
    rng = np.random.default_rng(seed)
    inputs = model.inputs(views)
    offsets = np.zeros_like(inputs)
    for actor in np.unique(actors):
        own = rng.permutation(np.flatnonzero(actors == actor))
        # Each half is adapted by clips of the other half, so that no clip has a part in its own offset.
        for scored, others in (
            (own[: own.size // 2], own[own.size // 2 :]),
            (own[own.size // 2 :], own[: own.size // 2]),
        ):
            chosen = inputs[:, others[:count]]
            shares = estimated_shares(model, chosen)
            offsets[:, scored] = speaker_offset(model, chosen.mean(axis=1), chosen.shape[1], shares)
    return offsets
