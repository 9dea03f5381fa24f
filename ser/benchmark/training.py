"""An epoch of our training against scikit-learn's `MLPClassifier.fit` with the same clips and the same layers."""

import warnings
from collections.abc import Callable

import numpy as np

from ser.data.table_file import load_table
from ser.steps import finish
from ser.training.epochs import TrainingData, train_networks
from ser.training.selection import group_weights
from ser.training.settings import TrainingSettings
from ser.training.targets import balanced_weights
from ser.training.trainer import compact_inputs, moments_of, untrained

EPOCHS = 2


def ways_to_train() -> dict[str, Callable[[int], object]]:
    """Key of a line → a training of `EPOCHS` epochs of one network with the shipped settings; the number is ignored."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    settings = TrainingSettings.from_json({"members": 1, "epochs": EPOCHS})
    data = _data(settings)
    plain = MLPClassifier(
        hidden_layer_sizes=settings.hidden_layers,
        activation=settings.activation,
        solver=settings.solver,
        alpha=settings.alpha,
        batch_size=settings.batch_size,
        learning_rate_init=settings.learning_rate,
        max_iter=EPOCHS,
        random_state=settings.seed,
    )

    def fit_plain(_: int) -> MLPClassifier:
        with warnings.catch_warnings():
            # Two epochs are not meant to converge.
            warnings.simplefilter("ignore", ConvergenceWarning)
            return plain.fit(data.X, data.y)

    return {"epoch": lambda _: finish(train_networks(settings, data)), "epoch_plain": fit_plain}


def _data(settings: TrainingSettings) -> TrainingData:
    """All clips of the shipped table and their augmented copies, scaled, with none held out."""
    table = load_table()
    rows = np.arange(len(table))
    copies = table.augmented_copies(settings.feature_set, rows, settings.used_copies)
    features = np.concatenate([table.matrix(settings.feature_set), *copies])
    y = np.array([settings.emotions.index(label) for label in table.labels])
    scaling = untrained(settings, [moments_of(settings, features[None], np.ones(len(features), dtype=bool))])
    inputs = compact_inputs(scaling, features) * group_weights(settings)
    labels = np.tile(y, 1 + len(copies))
    return TrainingData(inputs, labels, balanced_weights(labels), len(table), inputs[:0], y[:0])
