"""Networks for a speaker whose neutral voice is known: their training, and their answers to labelled clips."""

from dataclasses import replace

import numpy as np

from ser.emotions import NEUTRAL
from ser.model.emotion_model import EmotionModel
from ser.steps import Steps
from ser.threads import one_blas_thread
from ser.training.epochs import EpochReport, TrainingData, train_networks
from ser.training.selection import chosen_emotions, group_weights
from ser.training.settings import TrainingSettings
from ser.training.trainer import with_plain_inputs

# A simulated enrolment uses this many neutral clips at most.
_MAX_ENROLLED_CLIPS = 4


def can_enrol(settings: TrainingSettings, labels: np.ndarray, actors: np.ndarray) -> bool:
    """Whether such networks are trained: the settings ask for them and every actor has a neutral clip."""
    return settings.enrolled_members > 0 and set(actors[labels == NEUTRAL].tolist()) == set(actors.tolist())


def train_enrolled(
    settings: TrainingSettings, model: EmotionModel, views: np.ndarray, labels: np.ndarray, actors: np.ndarray
) -> Steps[EpochReport, EmotionModel]:
    """Train the networks that answer for a speaker whose neutral voice is known.

    Enrolment is simulated. Every view of every clip gets a reference of its own: the mean of the same view of one to
    four neutral clips of its speaker, drawn by chance.
    """
    one_blas_thread()
    kept = chosen_emotions(settings, labels)
    labels, actors = labels[kept], actors[kept]
    inputs = model.inputs(views[:, kept]).astype(np.float32, order="C")
    neutral = {actor: np.flatnonzero((actors == actor) & (labels == NEUTRAL)) for actor in np.unique(actors)}
    references = _simulated_references(inputs, actors, neutral, settings.seed)
    weights = np.tile(group_weights(settings), 2)
    X = np.concatenate([inputs, inputs - references], axis=-1).reshape(-1, weights.size) * weights
    y = np.tile([settings.emotions.index(label) for label in labels], len(inputs))
    data = TrainingData(X, y, n_clips=labels.size, X_validation=X[:0], y_validation=y[:0])
    # These networks get seeds after those of the others. They have no validation clips, so they run to their end.
    changed = replace(settings, members=settings.enrolled_members, seed=settings.seed + settings.members, patience=0)
    trained = yield from train_networks(changed, data)
    return replace(
        model,
        enrolled=with_plain_inputs(trained.networks, weights),
        neutral_offset=_neutral_offset(inputs[: 1 + len(model.views)], labels, actors, neutral),
    )


def _simulated_references(
    inputs: np.ndarray, actors: np.ndarray, neutral: dict[int, np.ndarray], seed: int
) -> np.ndarray:
    """For each view of each clip, the mean of some neutral clips of its speaker in that view; in the inputs' shape."""
    rng = np.random.default_rng(seed)
    references = np.zeros_like(inputs)
    for view, reference in zip(inputs, references, strict=True):
        drawn = [rng.choice(neutral[actor], rng.integers(1, _MAX_ENROLLED_CLIPS + 1)) for actor in actors]
        counts = np.array([each.size for each in drawn])
        # All first clips at once, then all second ones, and so on: a mean for each clip alone takes longer.
        for position in range(_MAX_ENROLLED_CLIPS):
            rows = np.flatnonzero(counts > position)
            reference[rows] += view[[drawn[row][position] for row in rows]]
        reference /= counts[:, None]
    return references


def _neutral_offset(
    inputs: np.ndarray, labels: np.ndarray, actors: np.ndarray, neutral: dict[int, np.ndarray]
) -> np.ndarray:
    """A speaker's neutral inputs minus the mean over the emotions, shape (n_views, n_used), mean over speakers."""
    offsets = []
    for actor, rows in neutral.items():
        own = actors == actor
        means = [inputs[:, own & (labels == label)].mean(axis=1) for label in np.unique(labels[own])]
        offsets.append(inputs[:, rows].mean(axis=1) - np.mean(means, axis=0))
    return np.mean(offsets, axis=0).astype(np.float32)


def enrolled_probabilities(
    model: EmotionModel, views: np.ndarray, labels: np.ndarray, actors: np.ndarray, count: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Answers of the `enrolled` networks when every actor is enrolled with `count` of the actor's own neutral clips.

    `views` has shape (n_views, n, n_features). Returned are uncalibrated probabilities, shape (k, n_labels), and the
    rows, shape (k,), of the clips that were answered: all but those enrolled with, which `seed` chooses.
    """
    rng = np.random.default_rng(seed)
    inputs = model.inputs(views)
    references, scored = np.zeros_like(inputs), np.ones(labels.size, dtype=bool)
    for actor in np.unique(actors):
        own = actors == actor
        drawn = rng.permutation(np.flatnonzero(own & (labels == NEUTRAL)))[:count]
        scored[drawn] = False
        references[:, own] = inputs[:, drawn].mean(axis=1, keepdims=True)
    rows = np.flatnonzero(scored)
    return model.ensemble_probabilities(views[:, rows], references[:, rows]), rows
