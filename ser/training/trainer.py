"""Settings and the feature vectors of clips become an `EmotionModel`, one `EpochReport` at a time.

There is one training for the pages, the command line and the tests: `train` is a generator, so its caller can watch
every epoch and stop between two.
"""

from dataclasses import replace

import numpy as np

from ser.data.splits import hold_out
from ser.errors import TrainingError
from ser.features.sets import feature_set
from ser.model.emotion_model import EmotionModel, Network
from ser.steps import Steps
from ser.threads import one_blas_thread
from ser.training.epochs import EpochReport, TrainingData, train_networks
from ser.training.selection import chosen_columns, chosen_emotions, group_weights
from ser.training.settings import TrainingSettings

_ROWS = 256


def train(
    settings: TrainingSettings,
    features: np.ndarray,
    labels: np.ndarray,
    actors: np.ndarray,
    copies: np.ndarray | None = None,
) -> Steps[EpochReport, EmotionModel]:
    """Train a model on the given clips, and on nothing else.

    Args:
        settings: what to train. Clips of other emotions than theirs are left out.
        features: vectors of the training clips by the whole feature set, shape (n, n_features).
        labels: emotion of each clip, shape (n,).
        actors: speaker of each clip, shape (n,). Whole speakers are held out for validation.
        copies: vectors of augmented copies of the same clips, shape (n_copies, n, n_features). They are learnt from,
            and never serve as validation.

    Yields:
        An `EpochReport` after every epoch (every `LBFGS_STRIDE` passes for lbfgs). A `Command` may stop the training
        there or change its learning rate.

    Returns:
        The `EmotionModel` of the best epoch, not calibrated and without `enrolled` networks.

    Raises:
        TrainingError: an emotion has no clip to train on, or the weights are no longer numbers.

    Example:
        ::

            model = ser.steps.finish(train(TrainingSettings(epochs=5), features, labels, actors))
    """
    one_blas_thread()
    kept = chosen_emotions(settings, labels)
    features, labels, actors = features[kept], labels[kept], actors[kept]
    fit_rows, watch_rows = hold_out(settings.protocol, labels, actors, settings.validation, seed=settings.seed)
    for label in settings.emotions:
        if not (labels[fit_rows] == label).any():
            raise TrainingError(f"No clip of {label!r} is left to train on. Hold out less, or leave that emotion out.")
    vectors = features[fit_rows]
    if copies is not None and len(copies):
        vectors = np.concatenate([vectors, *copies[:, kept][:, fit_rows]])
    model = untrained(settings, vectors)
    y = np.array([settings.emotions.index(label) for label in labels])
    weights = group_weights(settings)
    data = TrainingData(
        X=network_inputs(model, vectors, weights),
        y=np.tile(y[fit_rows], len(vectors) // max(fit_rows.size, 1)),
        n_clips=fit_rows.size,
        X_validation=network_inputs(model, features[watch_rows], weights),
        y_validation=y[watch_rows],
    )
    trained = yield from train_networks(settings, data)
    used = replace(settings, learning_rate_changes=trained.learning_rate_changes)
    return replace(model, networks=with_plain_inputs(trained.networks, weights), settings=used.to_json())


def network_inputs(model: EmotionModel, features: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Inputs times `weights`, float32. They lie row after row in memory, because batches are gathered by rows."""
    X = np.empty((len(features), weights.size), dtype=np.float32)
    # A few rows at a time stay in the processor's cache.
    for start in range(0, len(features), _ROWS):
        X[start : start + _ROWS] = model.inputs(features[start : start + _ROWS])
    X *= weights
    return X


def untrained(settings: TrainingSettings, features: np.ndarray) -> EmotionModel:
    """A model without networks, which scales its features by the mean and deviation of those given."""
    columns = chosen_columns(settings)
    mean, scale = np.zeros(columns.size), np.ones(columns.size)
    if settings.scale:
        used = features[:, columns]
        mean, spread = used.mean(axis=0, dtype=np.float64), used.std(axis=0, dtype=np.float64)
        scale = np.where(spread > 1e-9, spread, 1.0)
    names = feature_set(settings.feature_set).names
    return EmotionModel(
        labels=settings.emotions,
        feature_set=settings.feature_set,
        feature_names=tuple(names[i] for i in columns),
        mean=mean,
        scale=scale,
        networks=(),
        clip_at=settings.limit if settings.scale else 0.0,
        views=settings.view_names,
    )


def with_plain_inputs(networks: tuple[Network, ...], weights: np.ndarray) -> tuple[Network, ...]:
    """Networks that learnt from inputs times `weights`, shape (n_inputs,), made to take the inputs as they are."""
    return tuple(
        replace(network, weights=(weights[:, None] * network.weights[0], *network.weights[1:])) for network in networks
    )
