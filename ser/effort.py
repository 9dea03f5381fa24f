"""How much there is to learn and how long that takes, told before a training begins.

The model of the time: every member spends in every epoch a time in proportion to its parameters times the clips, and
a time for every step. Both were measured on two slow cores; what the process has trained since corrects them.
"""

import itertools
import threading

import numpy as np

from ser.splits import split
from ser.table import FeatureTable
from ser.training import TrainingSettings, chosen_columns, chosen_emotions

# Fitted to eleven settings from 16 to 4 x 1024 units and from 8 to 1024 clips a step, within a third of all but the
# deepest; forward, backward and the look at the training clips together are eight operations a weight and clip.
SECONDS_PER_OPERATION = 2.1e-11
SECONDS_PER_STEP = 4.2e-4


class Pace:
    """How this machine compares with the measured one, learnt from trainings that ran on it."""

    def __init__(self) -> None:
        """Begin with the measured machine's."""
        self.factor = 1.0
        self._lock = threading.Lock()

    def observe(self, expected: float, seconds: float) -> None:
        """Take a training into account.

        Args:
            expected: seconds that `training_seconds` gave.
            seconds: that it took.
        """
        with self._lock:
            # Half of the way, so that one training beside others does not decide alone.
            self.factor *= float(np.clip(seconds / max(expected * self.factor, 1e-9), 0.1, 10.0)) ** 0.5


PACE = Pace()


def n_parameters(settings: TrainingSettings) -> int:
    """Weights and biases that a training with these settings fits.

    Args:
        settings: their layers, features, emotions and members count.

    Returns:
        The number over all members.
    """
    widths = (chosen_columns(settings).size, *settings.hidden_layers, len(settings.emotions))
    return settings.members * sum((inputs + 1) * units for inputs, units in itertools.pairwise(widths))


def training_seconds(settings: TrainingSettings, n_clips: int, epochs: int | None = None) -> float:
    """Time that the measured machine needs to fit all members once.

    Args:
        settings: what is trained.
        n_clips: clips to train on, those held out to watch included.
        epochs: passes; those of the settings if left out.

    Returns:
        Seconds.
    """
    fitted = max(1.0, n_clips * (1 - settings.validation))
    steps = 1 if settings.solver == "lbfgs" else np.ceil(fitted / settings.batch_size)
    work = 8 * n_parameters(settings) * n_clips * SECONDS_PER_OPERATION
    return (settings.epochs if epochs is None else epochs) * (work + settings.members * steps * SECONDS_PER_STEP)


def estimate_seconds(settings: TrainingSettings, table: FeatureTable) -> float:
    """Time until the settings are trained, calibrated and judged by their whole protocol, on this machine.

    Args:
        settings: what is trained and judged; that patience may end it sooner is not foreseen.
        table: the clips.

    Returns:
        Seconds.

    Raises:
        TrainingError: as `ser.splits.split`.
    """
    kept = chosen_emotions(settings, table.labels)
    labels, actors = table.labels[kept], table.actors[kept]
    folds = split(settings.protocol, labels, actors, seed=settings.seed, test_actors=settings.test_actors)
    calibrations = settings.calibration_folds if settings.calibration_folds > 1 else 0
    # Each calibration fold learns from all clips but its share.
    share = 1 + calibrations * (1 - 1 / max(calibrations, 1))
    return PACE.factor * sum(training_seconds(settings, round(fold.train.size * share)) for fold in folds)
