"""`EmotionModel`: named features in, a probability for every emotion out.

A model is made of plain arrays: the scaling, one or several multi-layer perceptrons whose probabilities are averaged,
and the calibration. scikit-learn trains it (`ser.training`), but no object of scikit-learn is kept. So a saved model
loads under every version of scikit-learn and answers without importing it.
"""

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from scipy.special import expit, softmax

from ser.errors import ModelStoreError, SerError
from ser.features.sets import feature_set

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

    def half_precision(self) -> "Network":
        """The network as a file keeps it: weights rounded to float16 and computed with in float32."""
        weights = tuple(weight.astype(np.float16).astype(np.float32) for weight in self.weights)
        return Network(self.activation, weights, self.biases)

    def logits(self, inputs: np.ndarray) -> np.ndarray:
        """Scores before the softmax, shape (..., n_labels), from scaled features, shape (..., n_inputs)."""
        # One matrix: numpy does not use BLAS where the memory of several views is interleaved.
        hidden = np.ascontiguousarray(inputs).reshape(-1, inputs.shape[-1])
        for weight, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            hidden = _ACTIVATIONS[self.activation](hidden @ weight + bias)
        return (hidden @ self.weights[-1] + self.biases[-1]).reshape(*inputs.shape[:-1], -1)


@dataclass(frozen=True)
class Calibration:
    """How far to trust probabilities, learnt from held-out clips; see `ser.model.calibration`.

    Attributes:
        temperature: log-probabilities are divided by it; above 1 makes the model less confident.
        set_threshold: emotions with at least this probability form the prediction set. None where no clip was held out
            to learn it from; then the set holds the answer alone.
        abstain_below: answers less confident than this were wrong more often than right; 0 if unknown.
    """

    temperature: float = 1.0
    set_threshold: float | None = None
    abstain_below: float = 0.0

    def temperature_scaled(self, probabilities: np.ndarray) -> np.ndarray:
        """Probabilities divided by the temperature on the scale of logarithms, shape (n, n_labels) as given."""
        if self.temperature == 1.0:
            return probabilities
        return softmax(np.log(np.maximum(probabilities, 1e-12)) / self.temperature, axis=1)


@dataclass(frozen=True)
class NoveltyDetector:
    """What the training clips are like as a whole, so that `ser.model.novelty` can tell clips that are unlike them.

    Attributes:
        components: directions of the scaled inputs, float32, shape (n_components, n_used).
        spread: deviation along each, shape (n_components,).
        distances: ascending distances of clips that were held out, shape (n_quantiles,), from the least to the largest.
        mean, scale: of the used features, shape (n_used,), in which the distances are measured; None in the shipped
            model, which measures them in the model's inputs.
        new_speakers: whether whole speakers were held out, not merely other clips of a single voice.
    """

    components: np.ndarray
    spread: np.ndarray
    distances: np.ndarray
    mean: np.ndarray | None = None
    scale: np.ndarray | None = None
    new_speakers: bool = True


@dataclass(frozen=True)
class TrainingClips:
    """The clips that a model learnt from, so that each is recognised when it is answered; see
    `ser.model.training_clips`.

    Attributes:
        codes: rounded features, uint8, shape (n_clips, n_compared).
        centre, spread: of the compared features over RAVDESS, float32, shape (n_compared,).
    """

    codes: np.ndarray
    centre: np.ndarray
    spread: np.ndarray


@dataclass(frozen=True)
class EmotionModel:
    """Everything that turns a feature vector into an answer.

    Attributes:
        labels: emotions, in the order of the probabilities.
        feature_set: name of the feature set that `probabilities` takes.
        feature_names: the features used, in order: the whole set or the chosen groups.
        mean, scale: of each used feature, shape (n_used,); the inputs are (x - mean) / scale.
        networks: the perceptrons; their probabilities are averaged.
        calibration: temperature and thresholds.
        settings: the training settings as a JSON object; see `ser.training.settings.TrainingSettings`.
        clip_at: scaled inputs are clipped at ± this many deviations, so that one odd feature cannot decide; 0 clips
            nothing.
        views: names out of `ser.audio.augmentation.VIEWS`, for test-time augmentation: the probabilities are averaged
            over the clip and these views of it.
        enrolled: networks for a speaker whose neutral voice is known. Their inputs are the scaled features, followed by
            the differences from the speaker's neutral ones. Empty if there are none.
        enrolled_calibration: of `enrolled`.
        neutral_offset: difference between a speaker's neutral inputs and the mean over all emotions, averaged over the
            training speakers, float32, shape (n_views, n_used); None without `enrolled`.
        novelty_detector: what the training clips are like as a whole; None if that was not learnt.
        training_clips: the training clips themselves, so that each is recognised; None if they are not known. They are
            not kept in a file: `ser.model.store` computes them from the feature table.
    """

    labels: tuple[str, ...]
    feature_set: str
    feature_names: tuple[str, ...]
    mean: np.ndarray
    scale: np.ndarray
    networks: tuple[Network, ...]
    calibration: Calibration = field(default_factory=Calibration)
    settings: dict = field(default_factory=dict)
    clip_at: float = 0.0
    views: tuple[str, ...] = ()
    enrolled: tuple[Network, ...] = ()
    enrolled_calibration: Calibration = field(default_factory=Calibration)
    neutral_offset: np.ndarray | None = None
    novelty_detector: NoveltyDetector | None = None
    training_clips: TrainingClips | None = None

    @cached_property
    def columns(self) -> np.ndarray:
        """Positions of the used features in the vector of the feature set, shape (n_used,).

        Raises:
            ModelStoreError: this version of the set lacks a feature that the model was trained on.
        """
        try:
            positions = {name: i for i, name in enumerate(feature_set(self.feature_set).names)}
        except SerError as error:
            raise ModelStoreError(f"The model cannot be used: {error}") from error
        missing = [name for name in self.feature_names if name not in positions]
        if missing:
            raise ModelStoreError(
                f"The model was trained on {len(missing)} feature(s) that the set {self.feature_set!r} does not "
                f"compute, such as {missing[0]!r}. Train it again with this version."
            )
        return np.array([positions[name] for name in self.feature_names], dtype=np.intp)

    @property
    def n_parameters(self) -> int:
        """Number of trained weights and biases."""
        networks = (*self.networks, *self.enrolled)
        return sum(part.size for network in networks for part in (*network.weights, *network.biases))

    def inputs(self, features: np.ndarray) -> np.ndarray:
        """The inputs of the networks: scaled and clipped, float64, shape (..., n_used).

        Args:
            features: vectors of the feature set, shape (..., n_features), in the units of the set.

        Raises:
            ModelStoreError: the model was made for features that this version does not compute.
        """
        scaled = (features[..., self.columns].astype(np.float64) - self.mean) / self.scale
        return np.clip(scaled, -self.clip_at, self.clip_at) if self.clip_at else scaled

    def ensemble_probabilities(self, features: np.ndarray, reference: np.ndarray | None = None) -> np.ndarray:
        """Probabilities before calibration, averaged over views and networks; `enrolled` counts as one half.

        Args:
            features: vectors of the feature set, shape (n, n_features), or (n_views, n, n_features) for several views
                of the same clips.
            reference: the speaker's neutral `inputs` in the same views, of a shape that broadcasts to the clips'
                inputs, such as (n_views, 1, n_used); None where it is not known.

        Returns:
            float64, shape (n, len(labels)), rows sum to 1.
        """
        return self._ensemble(self.inputs(features), reference)

    def _ensemble(self, inputs: np.ndarray, reference: np.ndarray | None) -> np.ndarray:
        """As `ensemble_probabilities`, from `inputs`, shape (n, n_used) or (n_views, n, n_used)."""
        if self.clip_at:
            # Bounded inputs need no more digits, and for float64 numpy would copy all weights each time.
            inputs = inputs.astype(self.networks[0].weights[0].dtype)
        probabilities = _mean_probabilities(self.networks, inputs)
        if reference is not None and self.enrolled:
            relative = inputs - reference.astype(inputs.dtype, copy=False)
            # One half each: a profile made of a single sentence can be far off.
            adapted = _mean_probabilities(self.enrolled, np.concatenate([inputs, relative], axis=-1))
            probabilities = (probabilities + adapted) / 2
        return probabilities.mean(axis=0) if probabilities.ndim == 3 else probabilities

    def probabilities(self, features: np.ndarray, reference: np.ndarray | None = None) -> np.ndarray:
        """Probability of every emotion.

        Args:
            features: as for `ensemble_probabilities`.
            reference: as for `ensemble_probabilities`.

        Returns:
            float64, shape (n, len(labels)), rows sum to 1.

        Raises:
            ModelStoreError: the model was made for features that this version does not compute.
        """
        return self.probabilities_from(self.inputs(features), reference)

    def probabilities_from(self, inputs: np.ndarray, reference: np.ndarray | None = None) -> np.ndarray:
        """As `probabilities`, from the clips' `inputs`, shape (n, n_used) or (n_views, n, n_used)."""
        return self.trust(reference).temperature_scaled(self._ensemble(inputs, reference))

    def guessed_reference(self, inputs: np.ndarray) -> np.ndarray:
        """A guess at a speaker's neutral inputs, shape (n_views, 1, n_used), from clips of any emotion.

        Args:
            inputs: of the speaker's clips, shape (n_views, n, n_used).
        """
        assert self.neutral_offset is not None, "only models with enrolled networks have a neutral offset"
        return inputs.mean(axis=1, keepdims=True) + self.neutral_offset[:, None]

    def trust(self, reference: np.ndarray | None = None) -> Calibration:
        """The calibration of answers with or without a reference."""
        return self.enrolled_calibration if reference is not None and self.enrolled else self.calibration

    def calibrated(self, calibration: Calibration, enrolled: Calibration | None = None) -> "EmotionModel":
        """The same model with another calibration; `enrolled` None leaves that of the enrolled networks."""
        return replace(self, calibration=calibration, enrolled_calibration=enrolled or self.enrolled_calibration)

    def half_precision(self) -> "EmotionModel":
        """The model as a file keeps it; see `Network.half_precision`."""
        return replace(
            self,
            networks=tuple(network.half_precision() for network in self.networks),
            enrolled=tuple(network.half_precision() for network in self.enrolled),
        )


def _mean_probabilities(networks: tuple[Network, ...], inputs: np.ndarray) -> np.ndarray:
    """Mean of the networks' probabilities, float64, shape (..., n_labels)."""
    return np.mean([softmax(network.logits(inputs), axis=-1) for network in networks], axis=0)
