"""`EmotionModel`: named features in, a probability for every emotion out.

A model is plain arrays: the scaling, one or several multi-layer perceptrons whose probabilities are averaged, and
the calibration. Training uses scikit-learn (`ser.training.trainer`); what is kept has no scikit-learn object in it, so
a
saved model loads the same under every version and answers without importing it.
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
        """Scores before the softmax.

        Args:
            inputs: scaled features, shape (..., n_inputs).

        Returns:
            shape (..., n_labels).
        """
        hidden = inputs
        for weight, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            hidden = _ACTIVATIONS[self.activation](hidden @ weight + bias)
        return hidden @ self.weights[-1] + self.biases[-1]


@dataclass(frozen=True)
class Calibration:
    """What probabilities of clips that were held out taught about trusting probabilities; see `ser.model.calibration`.

    Attributes:
        temperature: log-probabilities are divided by it; above 1 makes the model more modest.
        set_threshold: emotions at least this probable form the prediction set; None where nothing was held out to
            learn it from, and then the set is the answer alone.
        abstain_below: answers less confident than this were wrong more often than right; 0 if unknown.
    """

    temperature: float = 1.0
    set_threshold: float | None = None
    abstain_below: float = 0.0

    def temperature_scaled(self, mixed: np.ndarray) -> np.ndarray:
        """Probabilities made as modest as their record asks for.

        Args:
            mixed: probabilities, shape (n, n_labels).

        Returns:
            Probabilities, same shape.
        """
        if self.temperature == 1.0:
            return mixed
        return softmax(np.log(np.maximum(mixed, 1e-12)) / self.temperature, axis=1)


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
        feature_set: name of the set that `probabilities` takes.
        feature_names: the features used, in order; all of the set or the chosen groups.
        mean, scale: of each used feature, shape (n_used,); the inputs are (x - mean) / scale.
        networks: the perceptrons; their probabilities are averaged.
        calibration: temperature and thresholds.
        limit: scaled inputs are held within ± this many deviations, so that one odd feature cannot decide; 0 sets no
            limit.
        views: names out of `ser.audio.augmentation.VIEWS`: readings over which, beside the clip's own, the
        probabilities are
            averaged.
        enrolled: the perceptrons that answer for a speaker whose neutral voice is known; their inputs are the scaled
            features and, after them, their differences from the speaker's neutral ones. Empty if there are none.
        enrolled_calibration: of `enrolled`.
        neutral_offset: how a speaker's neutral inputs lie from the mean over all emotions, mean over the training
            speakers, float32, shape (n_views, n_used); None without `enrolled`.
        novelty_detector: tells clips that are unlike the training clips; None if it was not fitted.
        training_clips: each of them by itself; None if they are not known. Not kept in a file: `ser.model.store` makes
        them
            anew from the feature table.
        settings: the training settings as a JSON object; see `ser.training.settings.TrainingSettings`.
    """

    labels: tuple[str, ...]
    feature_set: str
    feature_names: tuple[str, ...]
    mean: np.ndarray
    scale: np.ndarray
    networks: tuple[Network, ...]
    calibration: Calibration = field(default_factory=Calibration)
    settings: dict = field(default_factory=dict)
    limit: float = 0.0
    views: tuple[str, ...] = ()
    enrolled: tuple[Network, ...] = ()
    enrolled_calibration: Calibration = field(default_factory=Calibration)
    neutral_offset: np.ndarray | None = None
    novelty_detector: NoveltyDetector | None = None
    training_clips: TrainingClips | None = None

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
        networks = (*self.networks, *self.enrolled)
        return sum(part.size for network in networks for part in (*network.weights, *network.biases))

    def inputs(self, features: np.ndarray) -> np.ndarray:
        """What the perceptrons see.

        Args:
            features: the whole set's vectors, shape (..., n_features), in the units of the set.

        Returns:
            float64, shape (..., n_used): scaled, and held within `limit`.

        Raises:
            ModelStoreError: the model was made for features that this version does not compute.
        """
        scaled = (features[..., self.columns].astype(np.float64) - self.mean) / self.scale
        return np.clip(scaled, -self.limit, self.limit) if self.limit else scaled

    def ensemble_probabilities(self, features: np.ndarray, reference: np.ndarray | None = None) -> np.ndarray:
        """Probabilities before calibration: the mean over readings and networks; those in `enrolled` have half the say.

        Args:
            features: the whole set's vectors, shape (n, n_features), or (n_views, n, n_features) for several readings
                of the same clips.
            reference: the speaker's neutral `inputs` in the same readings, of a shape that broadcasts to the clips'
                inputs, such as (n_views, 1, n_used); None where it is not known, or where the model has no use for it.

        Returns:
            float64, shape (n, len(labels)), rows sum to 1.
        """
        inputs = self.inputs(features)
        mixed = _mean_answer(self.networks, inputs)
        if reference is not None and self.enrolled:
            relative = inputs - reference
            # Half of the say each: a profile made of a single sentence can be far off.
            mixed = (mixed + _mean_answer(self.enrolled, np.concatenate([inputs, relative], axis=-1))) / 2
        return mixed.mean(axis=0) if mixed.ndim == 3 else mixed

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
        return self.trust(reference).temperature_scaled(self.ensemble_probabilities(features, reference))

    def guessed_reference(self, inputs: np.ndarray) -> np.ndarray:
        """A guess at a speaker's neutral voice from clips of whatever emotion.

        Args:
            inputs: `inputs` of the speaker's clips, shape (n_views, n, n_used).

        Returns:
            Shape (n_views, 1, n_used): their mean, moved by how neutral speech lies from the mean of all emotions.
        """
        assert self.neutral_offset is not None, "only models with enrolled networks have a neutral offset"
        return inputs.mean(axis=1, keepdims=True) + self.neutral_offset[:, None]

    def trust(self, reference: np.ndarray | None = None) -> Calibration:
        """The calibration of answers with such a reference.

        Args:
            reference: as for `ensemble_probabilities`.

        Returns:
            `enrolled_calibration` where the reference is used, else `calibration`.
        """
        return self.enrolled_calibration if reference is not None and self.enrolled else self.calibration

    def calibrated(self, calibration: Calibration, enrolled: Calibration | None = None) -> "EmotionModel":
        """The same model with another calibration.

        Args:
            calibration: takes the place of the present one.
            enrolled: takes the place of the present one with a known neutral voice; None leaves it.

        Returns:
            A new `EmotionModel` that shares the arrays.
        """
        return replace(self, calibration=calibration, enrolled_calibration=enrolled or self.enrolled_calibration)

    def half_precision(self) -> "EmotionModel":
        """The model as a file keeps it; see `Network.half_precision`."""
        return replace(
            self,
            networks=tuple(network.half_precision() for network in self.networks),
            enrolled=tuple(network.half_precision() for network in self.enrolled),
        )


def _mean_answer(networks: tuple[Network, ...], inputs: np.ndarray) -> np.ndarray:
    """Mean of the networks' probabilities, float64, shape (..., n_labels)."""
    return np.mean([softmax(network.logits(inputs), axis=-1) for network in networks], axis=0)
