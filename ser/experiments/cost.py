"""The cost of a training before it begins: parameters, time and memory.

In every epoch, every member takes a time in proportion to its parameters times the clips, and a time for every step.
Before the first epoch, each training prepares its features, which takes a time in proportion to their number. All of
this was measured on two slow cores. Trainings that run in this process correct the estimate. It stays rough, because
other visitors may need the processors as well.
"""

import itertools
import threading
from dataclasses import replace

import numpy as np

from ser.data.splits import SPEAKER_INDEPENDENT, speaker_independent, split
from ser.data.table import FeatureTable
from ser.errors import TrainingError
from ser.features.sets import feature_set
from ser.limits import DEMO
from ser.training.fitting import calibration_folds
from ser.training.selection import chosen_columns, chosen_emotions
from ser.training.settings import TrainingSettings
from ser.training.specialists import has_specialists

# Fitted to eleven settings from 16 to 4 x 1024 units and from 8 to 1024 clips a step. The estimate is within a third of
# all but the deepest. Forward pass, backward pass and the training UAR are eight operations for each weight and clip.
SECONDS_PER_OPERATION = 2.1e-11
SECONDS_PER_STEP = 4.2e-4
# To prepare a feature of a clip for a training, and to learn from it which clips are unlike all others.
SECONDS_PER_VALUE = 1e-7
SECONDS_PER_VALUE_OF_NOVELTY = 6e-8
# To start a process and to judge the model.
SECONDS_PER_RUN = 1.5

# Measured at the peak of six trainings, and right for them within a third: the features in their shapes on the
# way to the network; weights, gradients, the solver's memory and the copy of the best epoch; and the needs of a step.
_COPIES_OF_FEATURES = 5
_BYTES_PER_PARAMETER = 20
_BYTES_PER_PARAMETER_OF_A_STEP = 16
_BYTES_PER_PARAMETER_OF_LBFGS = 340


class Pace:
    """How much slower this machine is than the measured one, learnt from trainings that ran on it."""

    def __init__(self) -> None:
        """Begin with the pace of the measured machine."""
        self.factor = 1.0
        self._lock = threading.Lock()

    def observe(self, expected: float, seconds: float) -> None:
        """Take a training into account: the seconds that `training_seconds` gave, and those that it took."""
        with self._lock:
            # Half of the way, so that one training beside others does not decide alone.
            self.factor *= float(np.clip(seconds / max(expected * self.factor, 1e-9), 0.1, 10.0)) ** 0.5


PACE = Pace()


def n_parameters(settings: TrainingSettings) -> int:
    """Number of weights and biases over all networks, specialists included."""
    networks = settings.members + (settings.specialists if len(settings.corpora) > 1 else 0)
    return networks * _weights(settings, chosen_columns(settings).size)


def training_seconds(settings: TrainingSettings, n_clips: int, epochs: int | None = None) -> float:
    """Seconds that the measured machine needs to train all members once, without the specialists.

    Validation clips are among the `n_clips`.
    """
    versions = _versions(settings)
    fitted = max(1.0, n_clips * (1 - settings.validation)) * versions
    steps = 1.0 if settings.solver == "lbfgs" else float(np.ceil(fitted / settings.batch_size))
    weights = settings.members * _weights(settings, chosen_columns(settings).size)
    work = 8 * weights * n_clips * versions * SECONDS_PER_OPERATION
    return (settings.epochs if epochs is None else epochs) * (work + settings.members * steps * SECONDS_PER_STEP)


def _versions(settings: TrainingSettings) -> int:
    """How many versions of each clip are learnt from in an epoch."""
    return 1 + len(settings.view_names) + settings.used_copies


def training_bytes(settings: TrainingSettings, n_clips: int) -> int:
    """Bytes that a training takes at its peak, beside those that the process holds anyway."""
    versions = _versions(settings)
    features = 4 * n_clips * versions * len(feature_set(settings.feature_set).features)
    parameters = n_parameters(settings)
    if settings.solver == "lbfgs":
        work = float(_BYTES_PER_PARAMETER_OF_LBFGS * parameters)
    else:
        one_member = parameters / max(1, settings.members)
        work = _BYTES_PER_PARAMETER * parameters + _BYTES_PER_PARAMETER_OF_A_STEP * one_member
    return round(_COPIES_OF_FEATURES * features + work)


def _weights(settings: TrainingSettings, inputs: int) -> int:
    """Weights and biases of one network with so many inputs."""
    widths = (inputs, *settings.hidden_layers, len(settings.emotions))
    return sum((before + 1) * units for before, units in itertools.pairwise(widths))


def estimate_seconds(settings: TrainingSettings, table: FeatureTable) -> float:
    """Seconds until the settings are trained, calibrated and judged by their whole protocol, at this machine's pace."""
    return PACE.factor * measured_seconds(settings, table)


def measured_seconds(settings: TrainingSettings, table: FeatureTable) -> float:
    """Seconds that the measured machine needs to train, calibrate and judge the settings by their whole protocol.

    Where the protocol leaks voices, a run is judged in the other way too, and that counts as well.
    """
    seconds = SECONDS_PER_RUN + _seconds_of_folds(settings, table)
    if settings.protocol not in SPEAKER_INDEPENDENT and (other := counterpart(settings, table)) is not None:
        seconds += _seconds_of_folds(other, table)
    return seconds


def _seconds_of_folds(settings: TrainingSettings, table: FeatureTable) -> float:
    kept = chosen_emotions(settings, table.labels)
    labels, actors = table.labels[kept], table.actors[kept]
    folds = split(settings.protocol, labels, actors, seed=settings.seed, test_actors=settings.test_actors)
    corpora, one, seconds = table.corpora[kept], replace(settings, members=1), 0.0
    values_of_clip = _versions(settings) * len(feature_set(settings.feature_set).features)
    for number, fold in enumerate(folds):
        trained_on = corpora[fold.train]
        # Specialists learn from the clips of the first data set only.
        special = (
            float((trained_on == trained_on[0]).mean()) if has_specialists(settings.specialists, trained_on) else 0.0
        )
        calibrations = len(calibration_folds(settings, actors[fold.train]))
        # The calibration folds together learn from one fold's clips less, with one network of each kind.
        calibration_networks = max(0, calibrations - 1) * (1 + special)
        networks = settings.members + special * settings.specialists + calibration_networks
        seconds += networks * training_seconds(one, fold.train.size)
        trainings = 1 + (special > 0) + calibration_networks
        # Only the first fold gives the model that will answer.
        novelty = SECONDS_PER_VALUE_OF_NOVELTY if number == 0 else 0.0
        seconds += (trainings * SECONDS_PER_VALUE + novelty) * values_of_clip * fold.train.size
    return seconds


def counterpart(settings: TrainingSettings, table: FeatureTable) -> TrainingSettings | None:
    """The same settings judged the other way: with a protocol that leaks voices if theirs does not, and vice versa.

    There is none with a single actor, who cannot be on one side only.
    """
    if settings.protocol in SPEAKER_INDEPENDENT:
        return replace(settings, protocol="random")
    protocol = speaker_independent(settings.protocol, table.actors[chosen_emotions(settings, table.labels)])
    return replace(settings, protocol=protocol) if protocol else None


def check_demo_limits(settings: TrainingSettings, table: FeatureTable | None = None) -> None:
    """Raise a `TrainingError` for settings with more parameters, or more work on the clips, than the demo gives.

    The work is that of the measured machine. A busy server is slower for a while, and that should forbid nothing.
    """
    parameters = n_parameters(settings)
    if parameters > DEMO.parameters:
        raise TrainingError(
            f"These settings have {parameters:,} parameters; at most {DEMO.parameters:,} can be trained here. Choose "
            "fewer units, layers, features or members."
        )
    seconds = measured_seconds(settings, table) if table is not None else 0.0
    if seconds > DEMO.training_seconds:
        raise TrainingError(
            f"These settings take about {round(seconds):,} s; a training may take {DEMO.training_seconds:,} s here. "
            "Choose fewer epochs, units or members, or another way of judging."
        )
