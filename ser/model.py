"""`EmotionModel`: named features in, a probability for every emotion out.

A model is plain arrays: the scaling, one or several multi-layer perceptrons whose probabilities are averaged, and
the calibration. Training uses scikit-learn (`ser.training`); what is kept has no scikit-learn object in it, so a
saved model loads the same under every version and answers without importing it.
"""

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from scipy.special import expit, softmax

from ser.errors import ModelStoreError, SerError
from ser.features import feature_set

_ACTIVATIONS = {"relu": lambda z: np.maximum(z, 0.0), "tanh": np.tanh, "logistic": expit}


@dataclass(frozen=True)
class Network:
    """One multi-layer perceptron with a softmax on top.

    Attributes:
        activation: of the hidden layers, "relu", "tanh" or "logistic".
        weights: of each layer, shape (inputs, units).
        biases: of each layer, shape (units,).
    """

    activation: str
    weights: tuple[np.ndarray, ...]
    biases: tuple[np.ndarray, ...]

    def logits(self, inputs: np.ndarray) -> np.ndarray:
        """Scores before the softmax.

        Args:
            inputs: scaled features, shape (n, n_inputs).

        Returns:
            shape (n, n_labels).
        """
        hidden = inputs
        for weight, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            hidden = _ACTIVATIONS[self.activation](hidden @ weight + bias)
        return hidden @ self.weights[-1] + self.biases[-1]


@dataclass(frozen=True)
class Calibration:
    """What probabilities of unseen voices taught about trusting probabilities; see `ser.calibration`.

    Attributes:
        temperature: log-probabilities are divided by it; above 1 makes the model more modest.
        set_threshold: emotions at least this probable form the prediction set; None where nothing was held out to
            learn it from, and then the set is the answer alone.
        abstain_below: answers less confident than this were wrong more often than right; 0 if unknown.
    """

    temperature: float = 1.0
    set_threshold: float | None = None
    abstain_below: float = 0.0


@dataclass(frozen=True)
class EmotionModel:
    """Everything that turns a feature vector into an answer.

    Attributes:
        labels: emotions, in the order of the probabilities.
        feature_set: name of the set that `probabilities` takes.
        feature_names: the features used, in order; all of the set or the chosen groups.
        mean, scale: of each used feature, shape (n_used,); the inputs are (x - mean) / scale.
        networks: the perceptrons; their probabilities are averaged.
        calibration: temperature and thresholds.
        settings: the training settings as a JSON object; see `ser.training.TrainingSettings`.
    """

    labels: tuple[str, ...]
    feature_set: str
    feature_names: tuple[str, ...]
    mean: np.ndarray
    scale: np.ndarray
    networks: tuple[Network, ...]
    calibration: Calibration = field(default_factory=Calibration)
    settings: dict = field(default_factory=dict)

    @cached_property
    def columns(self) -> np.ndarray:
        """Where the used features stand in the whole set's vector, shape (n_used,).

        Raises:
            ModelStoreError: this version of the set lacks a feature that the model was trained on.
        """
        try:
            place = {name: i for i, name in enumerate(feature_set(self.feature_set).names)}
        except SerError as error:
            raise ModelStoreError(f"The model cannot be used: {error}") from error
        missing = [name for name in self.feature_names if name not in place]
        if missing:
            raise ModelStoreError(
                f"The model was trained on {len(missing)} feature(s) that the set {self.feature_set!r} does not "
                f"compute, such as {missing[0]!r}. Train it again with this version."
            )
        return np.array([place[name] for name in self.feature_names], dtype=np.intp)

    @property
    def n_parameters(self) -> int:
        """Number of trained weights and biases."""
        return sum(part.size for network in self.networks for part in (*network.weights, *network.biases))

    def probabilities(self, features: np.ndarray) -> np.ndarray:
        """Probability of every emotion.

        Args:
            features: the whole set's vectors, shape (n, n_features), in the units of the set.

        Returns:
            float64, shape (n, len(labels)), rows sum to 1.

        Raises:
            ModelStoreError: the model was made for features that this version does not compute.
        """
        inputs = (features[:, self.columns].astype(np.float64) - self.mean) / self.scale
        mixed = np.mean([softmax(network.logits(inputs), axis=1) for network in self.networks], axis=0)
        if self.calibration.temperature == 1.0:
            return mixed
        return softmax(np.log(np.maximum(mixed, 1e-12)) / self.calibration.temperature, axis=1)

    def calibrated(self, calibration: Calibration) -> "EmotionModel":
        """The same model with another calibration.

        Args:
            calibration: takes the place of the present one.

        Returns:
            A new `EmotionModel` that shares the arrays.
        """
        return replace(self, calibration=calibration)

    def to_arrays(self) -> dict:
        """The model as a dict of plain arrays, numbers and strings, for `ser.store`."""
        return {
            "labels": list(self.labels),
            "feature_set": self.feature_set,
            "feature_names": list(self.feature_names),
            "mean": self.mean,
            "scale": self.scale,
            "networks": [
                {"activation": n.activation, "weights": list(n.weights), "biases": list(n.biases)}
                for n in self.networks
            ],
            "calibration": vars(self.calibration).copy(),
            "settings": self.settings,
        }

    @classmethod
    def from_arrays(cls, record: dict) -> "EmotionModel":
        """The model that `to_arrays` described.

        Args:
            record: as `to_arrays` gives it.

        Returns:
            An equal `EmotionModel`.

        Raises:
            ModelStoreError: parts are missing, or its features are not those this version computes.
        """
        try:
            model = cls(
                labels=tuple(record["labels"]),
                feature_set=record["feature_set"],
                feature_names=tuple(record["feature_names"]),
                mean=record["mean"],
                scale=record["scale"],
                networks=tuple(
                    Network(n["activation"], tuple(n["weights"]), tuple(n["biases"])) for n in record["networks"]
                ),
                calibration=Calibration(**record["calibration"]),
                settings=record["settings"],
            )
        except (KeyError, TypeError) as error:
            raise ModelStoreError(
                f"The model file has not the parts a model needs ({error}). Train the model again."
            ) from error
        model.columns  # noqa: B018 - fails here, at the gate, if the features are not those of this version
        return model
