"""Settings and the feature vectors of clips become an `EmotionModel`, one `EpochReport` at a time.

There is one training for the pages, the command line and the tests: `train` is a generator, so its caller can watch
every epoch and stop between two.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ser.data.splits import hold_out
from ser.errors import TrainingError
from ser.features.sets import feature_set
from ser.memory import trim
from ser.model.emotion_model import EmotionModel, Network
from ser.steps import Steps
from ser.threads import one_blas_thread
from ser.training.epochs import EpochReport, TrainingData, train_networks
from ser.training.selection import chosen_columns, chosen_emotions, group_weights
from ser.training.setting_fields import MOST_ALPHA
from ser.training.settings import TrainingSettings
from ser.training.targets import balanced_weights

_ROWS = 256
_COLUMNS = 128
# Emotions that are recognised least where all weigh the same; see models/EXPERIMENTS.md.
_WEAK = {"sad": 1.25}
# Where data sets differ, much of what a network could learn holds in one of them only.
_PENALTY_OF_SEVERAL = 2.0


def train(
    settings: TrainingSettings,
    features: np.ndarray,
    labels: np.ndarray,
    actors: np.ndarray,
    copies: np.ndarray | None = None,
    corpora: np.ndarray | None = None,
) -> Steps[EpochReport, EmotionModel]:
    """Train a model on the given clips, and on nothing else.

    Args:
        settings: what to train. Clips of other emotions than theirs are left out.
        features: vectors of the training clips by the whole feature set, shape (n, n_features).
        labels: emotion of each clip, shape (n,).
        actors: speaker of each clip, shape (n,). Whole speakers are held out for validation.
        copies: vectors of augmented copies of the same clips, shape (n_copies, n, n_features). They are learnt from,
            and never serve as validation.
        corpora: data set of each clip, shape (n,); None if it is one. In training, each data set is scaled by its own
            mean and deviation. The model scales by the average of these, as the data set of a new clip is not known.

    Yields:
        An `EpochReport` after every epoch (every `LBFGS_STRIDE` passes for lbfgs). A `Command` may stop the training
        there or change its learning rate.

    Returns:
        The `EmotionModel` of the best epoch, not calibrated, and without specialists and emotion offsets.

    Raises:
        TrainingError: an emotion has no clip to train on, or the weights are no longer numbers.

    Examples:
        ::

            model = ser.steps.finish(train(TrainingSettings(epochs=5), features, labels, actors))
    """
    one_blas_thread()
    kept = np.flatnonzero(chosen_emotions(settings, labels))
    labels, actors = labels[kept], actors[kept]
    corpora = np.zeros(labels.size) if corpora is None else np.unique(corpora[kept], return_inverse=True)[1]
    fit_rows, watch_rows = hold_out(settings.protocol, labels, actors, settings.validation, seed=settings.seed)
    _check_emotions(settings, labels[fit_rows])
    versions = _rows_of(features, copies, kept[fit_rows])
    present = np.unique(corpora[fit_rows])
    moments = [moments_of(settings, versions, corpora[fit_rows] == corpus) for corpus in present]
    model, weights = untrained(settings, moments), group_weights(settings)
    y = np.array([settings.emotions.index(label) for label in labels])
    data = TrainingData(
        X=_training_inputs([untrained(settings, [each]) for each in moments], versions, corpora[fit_rows], weights),
        y=np.tile(y[fit_rows], len(versions)),
        weights=_weights(labels[fit_rows], corpora[fit_rows], len(versions)) if settings.balanced else None,
        n_clips=fit_rows.size,
        X_validation=compact_inputs(model, features[kept[watch_rows]]) * weights,
        y_validation=y[watch_rows],
    )
    # Several trainings at once would each keep tens of megabytes to their ends.
    del versions
    trim()
    trained = yield from train_networks(_penalised(settings) if present.size > 1 else settings, data)
    used = replace(settings, learning_rate_changes=trained.learning_rate_changes)
    return replace(model, networks=with_plain_inputs(trained.networks, weights), settings=used.to_json())


def _rows_of(features: np.ndarray, copies: np.ndarray | None, rows: np.ndarray) -> np.ndarray:
    """Some clips as they are and their copies, shape (1 + n_copies, n_rows, n_features)."""
    parts = [features, *(() if copies is None else copies)]
    versions = np.empty((len(parts), rows.size, features.shape[1]), dtype=np.result_type(*parts))
    for part, version in zip(parts, versions, strict=True):
        np.take(part, rows, axis=0, out=version, mode="clip")  # "raise" would take a copy first
    return versions


def _check_emotions(settings: TrainingSettings, labels: np.ndarray) -> None:
    """Raise a `TrainingError` if an emotion has no clip to train on."""
    for label in settings.emotions:
        if not (labels == label).any():
            raise TrainingError(f"No clip of {label!r} is left to train on. Hold out less, or leave that emotion out.")


def _penalised(settings: TrainingSettings) -> TrainingSettings:
    """The settings with the L2 penalty of networks that learn from several data sets."""
    return replace(settings, alpha=min(_PENALTY_OF_SEVERAL * settings.alpha, MOST_ALPHA))


def _weights(labels: np.ndarray, corpora: np.ndarray, n_versions: int) -> np.ndarray:
    """Weights of all versions of all clips: every emotion of every data set weighs the same, but for the weak ones."""
    pairs = np.unique(np.stack([corpora.astype(str), labels]), axis=1, return_inverse=True)[1].ravel()
    weights = balanced_weights(pairs) * np.array([_WEAK.get(label, 1.0) for label in labels], dtype=np.float32)
    return np.tile(weights / weights.mean(), n_versions)


def compact_inputs(model: EmotionModel, features: np.ndarray) -> np.ndarray:
    """The inputs that `EmotionModel.inputs` gives, in float32 and row after row in memory, shape (..., n_used)."""
    rows = features.reshape(-1, features.shape[-1])
    X = np.empty((len(rows), model.columns.size), dtype=np.float32)
    # A few rows at a time stay in the processor's cache.
    for start in range(0, len(rows), _ROWS):
        X[start : start + _ROWS] = model.inputs(rows[start : start + _ROWS])
    return X.reshape(*features.shape[:-1], X.shape[1])


def _training_inputs(
    scalings: Sequence[EmotionModel], versions: np.ndarray, corpora: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Inputs of all versions of all clips times `weights`, version by version, each data set in its scaling."""
    X = np.empty((*versions.shape[:2], weights.size), dtype=np.float32)
    for scaled, corpus in zip(scalings, np.unique(corpora), strict=True):
        rows = np.flatnonzero(corpora == corpus)
        for version, out in zip(versions, X, strict=True):
            out[rows] = compact_inputs(scaled, version[rows])
    X *= weights
    return X.reshape(-1, weights.size)


def untrained(settings: TrainingSettings, moments: Sequence[np.ndarray]) -> EmotionModel:
    """A model without networks, which scales its features by the average of some means and that of some deviations.

    `moments` are those of each data set, as `moments_of` returns them.
    """
    names = feature_set(settings.feature_set).names
    mean, spread = np.mean(moments, axis=0)
    return EmotionModel(
        labels=settings.emotions,
        feature_set=settings.feature_set,
        feature_names=tuple(names[i] for i in chosen_columns(settings)),
        mean=mean,
        scale=np.where(spread > 1e-9, spread, 1.0),
        networks=(),
        clip_at=settings.limit if settings.scale else 0.0,
        views=settings.view_names,
    )


def moments_of(settings: TrainingSettings, versions: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Mean and standard deviation of the used features over all versions of some clips, shape (2, n_used).

    They are 0 and 1 if the settings do not scale. `versions` have shape (n_versions, n, n_features); `chosen` says
    which clips count, booleans, shape (n,).
    """
    columns, rows = chosen_columns(settings), np.flatnonzero(chosen)
    moments = np.repeat([[0.0], [1.0]], columns.size, axis=1)
    if not settings.scale:
        return moments
    # A few columns at a time, or the deviations would take a copy of all features in float64.
    for start in range(0, columns.size, _COLUMNS):
        block, found = columns[start : start + _COLUMNS], slice(start, start + _COLUMNS)
        values = np.concatenate([version[rows[:, None], block] for version in versions]).astype(np.float64)
        moments[0, found] = values.mean(axis=0)
        values -= moments[0, found]
        values *= values
        moments[1, found] = np.sqrt(values.mean(axis=0))
    return moments


def with_plain_inputs(networks: tuple[Network, ...], weights: np.ndarray) -> tuple[Network, ...]:
    """Networks that learnt from inputs times `weights`, shape (n_inputs,), made to take the inputs as they are."""
    return tuple(
        replace(network, weights=(weights[:, None] * network.weights[0], *network.weights[1:])) for network in networks
    )
