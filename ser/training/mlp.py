"""One network in training: scikit-learn's `MLPClassifier`, driven epoch by epoch."""

import warnings

import numpy as np

from ser.model.emotion_model import Network
from ser.training.settings import TrainingSettings
from ser.training.targets import mixed, smoothed

#: L-BFGS starts anew for every report, so a report spans enough iterations for it to learn the curvature.
LBFGS_STRIDE = 10


class MlpInTraining:
    """A network that is trained with the given settings and seed, one epoch at a time."""

    def __init__(self, settings: TrainingSettings, seed: int) -> None:
        """Prepare it; its weights are drawn in the first epoch."""
        # Imported here, because scikit-learn takes a second and 90 MB that a page without a training can do without.
        from ser.sklearn_private import SoftTargetClassifier

        self._settings = settings
        self._classifier = SoftTargetClassifier(
            hidden_layer_sizes=settings.hidden_layers,
            activation=settings.activation,
            solver=settings.solver,
            alpha=settings.alpha,
            batch_size=settings.batch_size,
            # The cosine is scikit-learn's constant step, set anew before every epoch.
            learning_rate="constant" if settings.schedule == "cosine" else settings.schedule,
            learning_rate_init=settings.learning_rate,
            max_iter=LBFGS_STRIDE,
            warm_start=settings.solver == "lbfgs",
            tol=settings.tolerance,
            power_t=settings.power_t,
            momentum=settings.momentum,
            nesterovs_momentum=settings.nesterov,
            beta_1=settings.beta_1,
            beta_2=settings.beta_2,
            epsilon=settings.epsilon,
            # Not a number: `partial_fit` starts anew from a number, and would shuffle alike in every epoch.
            random_state=np.random.RandomState(seed),
        )

    def advance(self, X: np.ndarray, y: np.ndarray, weights: np.ndarray | None) -> None:
        """Train one epoch more; with lbfgs, `LBFGS_STRIDE` iterations more. Clips are shuffled in every epoch."""
        settings, classifier = self._settings, self._classifier
        n_labels = len(settings.emotions)
        with warnings.catch_warnings():
            # scikit-learn warns that ten iterations do not converge and that the last batch is short. Both are meant.
            warnings.simplefilter("ignore")
            if settings.solver == "lbfgs":
                classifier.fit(X, y, sample_weight=weights)
            elif settings.mixup or settings.smoothing:
                targets = smoothed(y, n_labels, settings.smoothing)
                if settings.mixup:
                    weights = np.ones(len(X), dtype=np.float32) if weights is None else weights
                    X, targets, weights = mixed(X, targets, weights, settings.mixup, classifier.random_state)
                classifier.learn(X, targets, weights)
            else:
                classifier.partial_fit(X, y, classes=np.arange(n_labels), sample_weight=weights)

    @property
    def loss(self) -> float:
        """Mean log-loss plus penalty over the last epoch."""
        return self._classifier.loss_

    @property
    def learning_rate(self) -> float | None:
        """The size of the next step, without adam's own correction of its first steps; None for lbfgs."""
        return None if self._settings.solver == "lbfgs" else self._classifier.step_size

    def set_learning_rate(self, rate: float) -> None:
        """Go on with another step size, and with all that the optimiser remembers."""
        self._classifier.set_step_size(rate)

    def network(self) -> Network:
        """The weights as they are; with two emotions the one output becomes two, as a softmax needs."""
        weights, biases = list(self._classifier.coefs_), list(self._classifier.intercepts_)
        if weights[-1].shape[1] == 1:
            weights[-1] = np.concatenate([np.zeros_like(weights[-1]), weights[-1]], axis=1)
            biases[-1] = np.concatenate([np.zeros_like(biases[-1]), biases[-1]])
        return Network(self._settings.activation, tuple(weights), tuple(biases))
