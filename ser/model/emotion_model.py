"""`EmotionModel`: named features in, a probability for every emotion out.

A model is made of plain arrays: the scaling, one or several multi-layer perceptrons whose probabilities are averaged,
and the calibration. A model of several data sets has two kinds of perceptrons: general ones, which learnt from all of
them, and specialists, which learnt from the first alone. Its gate says how far a clip resembles the first data set, and
the specialists answer to that extent.

scikit-learn trains a model (`ser.training`), but no object of scikit-learn is kept. So a saved model loads under every
version of scikit-learn and answers without importing it.
"""

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from scipy.special import expit, softmax

from ser.errors import ModelStoreError, SerError
from ser.features.sets import feature_set
from ser.model.degradation import Degradation, at_temperatures

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
        return at_temperatures(probabilities, self.temperature)

    def mixed(self, other: "Calibration", share: float) -> "Calibration":
        """Between this calibration and an `other` one, which has this share, 0 to 1."""
        if share == 0.0:
            return self
        threshold = None
        if self.set_threshold is not None and other.set_threshold is not None:
            threshold = (1 - share) * self.set_threshold + share * other.set_threshold
        return Calibration(
            float(self.temperature ** (1 - share) * other.temperature**share),
            threshold,
            (1 - share) * self.abstain_below + share * other.abstain_below,
        )


@dataclass(frozen=True)
class Trust:
    """The calibrations of a model.

    Attributes:
        general: for clips that the general networks answer.
        specialist: for clips that the specialists answer; None where there are none.
    """

    general: Calibration = field(default_factory=Calibration)
    specialist: Calibration | None = None

    def at(self, share: float) -> Calibration:
        """The calibration of a clip of which the specialists answer this share."""
        return self.general if self.specialist is None else self.general.mixed(self.specialist, share)

    def temperature_scaled(self, probabilities: np.ndarray, shares: np.ndarray) -> np.ndarray:
        """Probabilities divided by the temperature on the scale of logarithms.

        `probabilities` have shape (n, n_labels), and so has the result; `shares` are those of the specialists, shape
        (n,).
        """
        if self.specialist is None or not shares.any():
            return self.general.temperature_scaled(probabilities)
        rows = zip(probabilities, shares, strict=True)
        return np.concatenate([self.at(float(share)).temperature_scaled(row[None]) for row, share in rows])


@dataclass(frozen=True)
class Gate:
    """Tells how far a clip resembles the clips that the specialists learnt from; see `ser.training.specialists`.

    Attributes:
        weights: of the inputs, shape (n_used,).
        low, high: between these values of the weighted sum, the specialists' share rises from 0 to 1.
        centre: mean inputs of the clips that the specialists learnt from, shape (n_used,).
    """

    weights: np.ndarray
    low: float
    high: float
    centre: np.ndarray

    def shares(self, inputs: np.ndarray) -> np.ndarray:
        """The specialists' share of each answer, 0 to 1, shape (n,), from the `inputs`, shape (n, n_used)."""
        return np.clip((inputs @ self.weights - self.low) / (self.high - self.low), 0.0, 1.0)


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
        networks: the general perceptrons; their probabilities are averaged.
        trust: temperatures and thresholds.
        settings: the training settings as a JSON object; see `ser.training.settings.TrainingSettings`.
        clip_at: scaled inputs are clipped at ± this many deviations, so that one odd feature cannot decide; 0 clips
            nothing.
        views: names out of `ser.audio.augmentation.VIEWS`, for test-time augmentation: the probabilities are averaged
            over the clip and these views of it.
        specialists: perceptrons that learnt from the first data set alone. Empty if there are none.
        gate: how far a clip resembles that data set; None without specialists.
        adapted_trust: as `trust`, for answers with the speaker's offset known.
        degradation: how far a recording is from those that the model learnt from, and what temperature follows; None if
            that was not learnt, as in files of older versions.
        emotion_offsets: how far the mean inputs of each emotion lie from the speaker's mean, averaged over the training
            speakers, float32, shape (n_labels, n_used). `ser.model.voice_profile` needs them to tell a voice from its
            emotions. None in a model that cannot adapt to a speaker.
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
    trust: Trust = field(default_factory=Trust)
    settings: dict = field(default_factory=dict)
    clip_at: float = 0.0
    views: tuple[str, ...] = ()
    specialists: tuple[Network, ...] = ()
    gate: Gate | None = None
    adapted_trust: Trust = field(default_factory=Trust)
    degradation: Degradation | None = None
    emotion_offsets: np.ndarray | None = None
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
        networks = (*self.networks, *self.specialists)
        return sum(part.size for network in networks for part in (*network.weights, *network.biases))

    def inputs(self, features: np.ndarray) -> np.ndarray:
        """The inputs of the networks: scaled and clipped, float64, shape (..., n_used).

        Args:
            features: vectors of the feature set, shape (..., n_features), in the units of the set.

        Raises:
            ModelStoreError: the model was made for features that this version does not compute.
        """
        scaled = features[..., self.columns].astype(np.float64)
        scaled -= self.mean
        scaled /= self.scale
        return np.clip(scaled, -self.clip_at, self.clip_at, out=scaled) if self.clip_at else scaled

    @property
    def adapts(self) -> bool:
        """Whether the model can adapt to a speaker."""
        return self.emotion_offsets is not None

    def shares(self, inputs: np.ndarray) -> np.ndarray:
        """The specialists' share of each answer, 0 to 1, shape (n,), from `inputs` as `probabilities_from` takes them.

        The clip as it is decides for all of its views.
        """
        first = inputs[0] if inputs.ndim == 3 else inputs
        return np.zeros(len(first)) if self.gate is None else self.gate.shares(first)

    def ensemble_probabilities(self, features: np.ndarray, offset: np.ndarray | None = None) -> np.ndarray:
        """Probabilities before calibration, averaged over views and networks.

        Args:
            features: vectors of the feature set, shape (n, n_features), or (n_views, n, n_features) for several views
                of the same clips.
            offset: how far the speaker's inputs lie from those of other speakers, in the same views, of a shape that
                broadcasts to the clips' inputs, such as (n_views, 1, n_used); None where it is not known.

        Returns:
            float64, shape (n, len(labels)), rows sum to 1.
        """
        inputs = self.inputs(features)
        return self._ensemble(inputs, self.shares(inputs), offset)

    def _ensemble(self, inputs: np.ndarray, shares: np.ndarray, offset: np.ndarray | None) -> np.ndarray:
        """As `ensemble_probabilities`, from `inputs`, shape (n, n_used) or (n_views, n, n_used)."""
        if offset is not None:
            inputs = inputs - offset
        if self.clip_at:
            # Bounded inputs need no more digits, and for float64 numpy would copy all weights each time.
            inputs = inputs.astype(self.networks[0].weights[0].dtype)
        probabilities = _mean_probabilities(self.networks, inputs)
        if self.specialists and shares.any():
            special = _mean_probabilities(self.specialists, inputs)
            probabilities = probabilities + shares[:, None] * (special - probabilities)
        return probabilities.mean(axis=0) if probabilities.ndim == 3 else probabilities

    def probabilities(self, features: np.ndarray, offset: np.ndarray | None = None) -> np.ndarray:
        """Probability of every emotion.

        Args:
            features: as for `ensemble_probabilities`.
            offset: as for `ensemble_probabilities`.

        Returns:
            float64, shape (n, len(labels)), rows sum to 1.

        Raises:
            ModelStoreError: the model was made for features that this version does not compute.
        """
        inputs = self.inputs(features)
        return self.at_recordings(self.probabilities_from(inputs, self.shares(inputs), offset), inputs)

    def at_recordings(self, probabilities: np.ndarray, inputs: np.ndarray) -> np.ndarray:
        """Answers of `probabilities_from` made flatter, the more degraded the recordings with these `inputs` are.

        The clip as it is decides for all of its views. The most probable emotion stays the same.
        """
        if self.degradation is None:
            return probabilities
        return at_temperatures(probabilities, self.recording_temperatures(inputs))

    def recording_temperatures(self, inputs: np.ndarray) -> np.ndarray:
        """The temperatures that follow from the degradation of recordings, at least 1, shape (n,)."""
        first = inputs[0] if inputs.ndim == 3 else inputs
        return np.ones(len(first)) if self.degradation is None else self.degradation.temperatures(first)

    def probabilities_from(
        self, inputs: np.ndarray, shares: np.ndarray, offset: np.ndarray | None = None
    ) -> np.ndarray:
        """As `probabilities` for recordings that are not degraded.

        The clips' `inputs` have shape (n, n_used) or (n_views, n, n_used).
        """
        trust = self.trust if offset is None else self.adapted_trust
        return trust.temperature_scaled(self._ensemble(inputs, shares, offset), shares)

    def half_precision(self) -> "EmotionModel":
        """The model as a file keeps it; see `Network.half_precision`."""
        return replace(
            self,
            networks=tuple(network.half_precision() for network in self.networks),
            specialists=tuple(network.half_precision() for network in self.specialists),
        )


def _mean_probabilities(networks: tuple[Network, ...], inputs: np.ndarray) -> np.ndarray:
    """Mean of the networks' probabilities, float64, shape (..., n_labels)."""
    # In float32 they would sum to 1 to seven digits only.
    return np.mean([softmax(network.logits(inputs).astype(np.float64), axis=-1) for network in networks], axis=0)
