"""The training loop: all networks of a model side by side, one report an epoch.

Its parts are the schedule of the learning rate, early stopping, and the networks of the best epoch. scikit-learn's own
loop cannot be watched, steered or stopped between two epochs, and it can hold out clips only, not speakers.
"""

import copy
import time
from dataclasses import dataclass, field

import numpy as np
from scipy.special import softmax

from ser.errors import TrainingError
from ser.metrics import uar
from ser.model.emotion_model import Network
from ser.steps import Steps
from ser.training.network.mlp import LBFGS_STRIDE, MlpInTraining, mlp_in_training
from ser.training.settings import TrainingSettings


@dataclass(frozen=True)
class EpochReport:
    """How a training stands after an epoch.

    Attributes:
        epoch: passes over the training clips so far.
        epochs: passes at most.
        loss: mean log-loss plus penalty over the epoch, as `MLPClassifier.loss_`, mean over members.
        training_uar: UAR on the clips trained on, 0 to 1.
        validation_uar: UAR on the validation clips, 0 to 1; None where there are none.
        validation_loss: their mean log-loss; None where there are none.
        best_epoch: the epoch whose weights would be kept if it ended now.
        seconds: of work since the start. Time that the training waits between two epochs does not count.
        seconds_left: if it goes on to `epochs` at this pace.
        learning_rate: of the epoch; None for lbfgs.
        watched: probabilities of the validation clips, float32, shape (n_watched, n_emotions), in the order of their
            rows; None where there are none.
    """

    epoch: int
    epochs: int
    loss: float
    training_uar: float
    validation_uar: float | None
    validation_loss: float | None
    best_epoch: int
    seconds: float
    seconds_left: float
    learning_rate: float | None = None
    watched: np.ndarray | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True)
class TrainingData:
    """What networks learn from and are watched by.

    Attributes:
        X: inputs, float32, shape (n, n_inputs): the clips as they are first, then their augmented copies.
        y: label numbers, shape (n,).
        weights: of each row, float32, shape (n,), with a mean of 1; None if all count the same.
        n_clips: how many rows are clips as they are.
        X_validation: inputs of the validation clips, shape (n_validation, n_inputs).
        y_validation: their label numbers; empty where there are none.
    """

    X: np.ndarray
    y: np.ndarray
    weights: np.ndarray | None
    n_clips: int
    X_validation: np.ndarray
    y_validation: np.ndarray


@dataclass(frozen=True)
class TrainedNetworks:
    """What a training came to: networks, and the changes of the learning rate as pairs (epoch, learning rate)."""

    networks: tuple[Network, ...]
    learning_rate_changes: tuple[tuple[int, float], ...]


class LearningRateSchedule:
    """The learning rate before each epoch, where the optimiser does not choose it itself."""

    def __init__(self, settings: TrainingSettings) -> None:
        """Start with the changes that are in the settings."""
        self._settings = settings
        self._changes = dict(settings.learning_rate_changes)

    @property
    def changes(self) -> tuple[tuple[int, float], ...]:
        """All changes so far, as pairs (epoch, learning rate)."""
        return tuple(self._changes.items())

    def change(self, epoch: int, rate: float) -> None:
        """Use this rate from the given epoch on."""
        self._changes[epoch] = rate

    def before(self, epoch: int) -> float | None:
        """The rate to set before an epoch; None to leave it as it is."""
        settings = self._settings
        if epoch in self._changes:
            return self._changes[epoch]
        if settings.schedule == "cosine" and not any(change < epoch for change in self._changes):
            return settings.learning_rate * (1 + np.cos(np.pi * (epoch - 1) / settings.epochs)) / 2
        return None


class EarlyStopping:
    """Whether too many epochs have passed without an improvement.

    A score is a pair (validation UAR, minus validation loss), or only (minus training loss,) without validation clips.
    """

    def __init__(self, patience: int, tolerance: float) -> None:
        """Wait for `patience` epochs; 0 never stops early."""
        self._patience, self._tolerance = patience, tolerance
        self._waited = 0
        self._best: tuple[float, ...] | None = None

    def update(self, score: tuple[float, ...]) -> bool:
        """Note the score of an epoch; whether it is the best so far."""
        if self._best is None:
            self._best = score
            return True
        better = score > self._best
        # A training loss has to fall by the tolerance to count, as in scikit-learn; it always falls a little.
        improved = better if len(score) == 2 else score[0] > self._best[0] + self._tolerance
        self._waited = 0 if improved else self._waited + 1
        if better:
            self._best = score
        return better

    @property
    def due(self) -> bool:
        """Whether the training should stop."""
        return bool(self._patience) and self._waited > self._patience


def train_networks(settings: TrainingSettings, data: TrainingData) -> Steps[EpochReport, TrainedNetworks]:
    """Train all members side by side, and return the networks of the best epoch."""
    members = [mlp_in_training(settings, settings.seed + i) for i in range(settings.members)]
    schedule, stopping = LearningRateSchedule(settings), EarlyStopping(settings.patience, settings.tolerance)
    best_epoch, worked = 0, 0.0
    best_networks: tuple[Network, ...] = ()
    stride = LBFGS_STRIDE if settings.solver == "lbfgs" else 1
    for epoch in range(stride, max(settings.epochs, stride) + 1, stride):
        started = time.perf_counter()
        if (rate := schedule.before(epoch)) is not None:
            for member in members:
                member.set_learning_rate(rate)
        _advance(members, data, epoch)
        networks = tuple(member.network() for member in members)
        scores = _scores(networks, data, float(np.mean([member.loss for member in members])))
        # Without validation clips, later is better: the training loss does not show when memorising begins.
        if stopping.update(scores.standing) or scores.validation_uar is None:
            # Later epochs write into the members' arrays.
            best_epoch, best_networks = epoch, copy.deepcopy(networks)
        worked += time.perf_counter() - started
        command = yield EpochReport(
            epoch=epoch,
            epochs=settings.epochs,
            loss=scores.loss,
            training_uar=scores.training_uar,
            validation_uar=scores.validation_uar,
            validation_loss=scores.validation_loss,
            best_epoch=best_epoch,
            seconds=worked,
            seconds_left=max(worked / epoch * (settings.epochs - epoch), 0.0),
            learning_rate=members[0].learning_rate,
            watched=scores.watched,
        )
        if command is not None and command.learning_rate is not None and settings.solver != "lbfgs":
            schedule.change(epoch + 1, command.learning_rate)
        if command or stopping.due:
            break
    return TrainedNetworks(best_networks, schedule.changes)


def _advance(members: list[MlpInTraining], data: TrainingData, epoch: int) -> None:
    try:
        for member in members:
            member.advance(data.X, data.y, data.weights)
    except ValueError as error:
        # Data and settings are checked, so one complaint is left: weights that are no numbers.
        raise TrainingError(
            f"The weights are no longer numbers in epoch {epoch}: the steps are too large. "
            "Lower the learning rate or alpha, or scale the features."
        ) from error


@dataclass(frozen=True)
class _Scores:
    """Scores of the networks after an epoch; those of the validation clips are None where there are none."""

    loss: float
    training_uar: float
    validation_uar: float | None = None
    validation_loss: float | None = None
    watched: np.ndarray | None = None

    @property
    def standing(self) -> tuple[float, ...]:
        """What early stopping compares: larger is better."""
        if self.validation_uar is None or self.validation_loss is None:
            return (-self.loss,)
        return self.validation_uar, -self.validation_loss


def _scores(networks: tuple[Network, ...], data: TrainingData, loss: float) -> _Scores:
    # The augmented copies would add little to the training UAR, and take time.
    training_uar, _, _ = _judge(networks, data.X[: data.n_clips], data.y[: data.n_clips])
    if data.y_validation.size == 0:
        return _Scores(loss, training_uar)
    return _Scores(loss, training_uar, *_judge(networks, data.X_validation, data.y_validation))


def _judge(networks: tuple[Network, ...], X: np.ndarray, y: np.ndarray) -> tuple[float, float, np.ndarray]:
    """UAR, mean log-loss and the ensemble probabilities."""
    probabilities = np.mean([softmax(network.logits(X), axis=1) for network in networks], axis=0)
    chosen = probabilities[np.arange(y.size), y]
    loss = float(-np.log(np.maximum(chosen, 1e-12)).mean())
    return uar(y, probabilities.argmax(axis=1)), loss, probabilities.astype(np.float32)
