"""The settings of a training: checked once, written to JSON and read from it.

`ser.training.setting_fields` declares what each setting may be.
"""

import json
from dataclasses import asdict, dataclass, fields
from typing import Any

from ser.errors import TrainingError
from ser.features.sets import feature_set
from ser.training.setting_fields import DEFAULTS, SETTINGS


@dataclass(frozen=True)
class TrainingSettings:
    """Everything that decides how a model comes out, and how it is judged.

    The defaults are those of the shipped model. Construction checks every field and raises `TrainingError` with a
    sentence about the first that does not fit.

    Attributes:
        feature_set: name of the features to use.
        groups: which groups of these to use; empty for all.
        emotions: which emotions to tell apart; free names where the clips are a visitor's own.
        corpora: names of the data sets to learn from, in the order of their rows in a table.
        specialists: networks that learn from the first of several data sets alone; see `ser.training.specialists`.
        hidden_layers: units of each hidden layer.
        activation: what a unit makes of its sum.
        solver: how the weights are found; lbfgs has no batches, no learning rate and no soft targets.
        alpha: strength of the L2 penalty. It is twice as strong for networks that learn from several data sets.
        learning_rate: the first step size.
        schedule: of the step size: "constant", "cosine" (down to nothing at the last epoch, along half a cosine),
            "invscaling" or "adaptive".
        power_t: "invscaling" divides the step size by the number of clips seen to this power.
        learning_rate_changes: pairs (epoch, learning rate), ascending: the rate from that epoch on. A `Command` during
            the training adds one, so the settings give the same model again.
        momentum: how much of the last step goes into the next.
        nesterov: whether the momentum looks ahead (Nesterov's).
        beta_1, beta_2: how slowly adam forgets the mean and the size of past gradients.
        epsilon: keeps adam from dividing by zero; larger values damp its steps.
        tolerance: what the training loss must fall by to count as an improvement, as scikit-learn's `tol`.
        batch_size: clips per step.
        epochs: passes over the training clips at most.
        patience: epochs without improvement before stopping; 0 never stops early. What improves is the validation UAR;
            without validation, the training loss.
        validation: share of the training actors (of the clips where the protocol is not speaker-independent) held out
            to keep the best epoch; 0 keeps the last epoch.
        scale: whether features are standardised with the mean and deviation of the training clips.
        balanced: whether the clips of a rare emotion count for more, so that all emotions weigh the same.
        members: networks trained from different seeds whose probabilities are averaged.
        copies: how many augmented copies of every clip to learn from.
        views: whether to learn from, and to average answers over, further views of each clip: slower through a
            telephone's band, and faster in noise.
        mixup: how strongly clips are blended with one another while learning: both parameters of the Beta distribution
            of the shares; 0 blends none.
        smoothing: share of every target that is spread over all emotions.
        limit: scaled features are clipped at ± this many deviations; 0 sets no limit.
        emphasis: how much more pitch and voice quality count than correlations between descriptors, which depend on the
            words; 1 lets all features count alike. See `ser.training.selection.group_weights`.
        calibration_folds: in how many folds over the training actors the calibration is learnt; with 0 it is learnt on
            the validation clips, if there are any.
        protocol: how the clips to score are chosen, a name out of `ser.data.splits.PROTOCOLS`.
        test_actors: the actors that the protocol "heldout" holds out.
        seed: of splits, weights and order.
    """

    feature_set: str = DEFAULTS["feature_set"]
    groups: tuple[str, ...] = DEFAULTS["groups"]
    emotions: tuple[str, ...] = DEFAULTS["emotions"]
    corpora: tuple[str, ...] = DEFAULTS["corpora"]
    specialists: int = DEFAULTS["specialists"]
    hidden_layers: tuple[int, ...] = DEFAULTS["hidden_layers"]
    activation: str = DEFAULTS["activation"]
    solver: str = DEFAULTS["solver"]
    alpha: float = DEFAULTS["alpha"]
    learning_rate: float = DEFAULTS["learning_rate"]
    schedule: str = DEFAULTS["schedule"]
    power_t: float = DEFAULTS["power_t"]
    learning_rate_changes: tuple[tuple[int, float], ...] = DEFAULTS["learning_rate_changes"]
    momentum: float = DEFAULTS["momentum"]
    nesterov: bool = DEFAULTS["nesterov"]
    beta_1: float = DEFAULTS["beta_1"]
    beta_2: float = DEFAULTS["beta_2"]
    epsilon: float = DEFAULTS["epsilon"]
    tolerance: float = DEFAULTS["tolerance"]
    batch_size: int = DEFAULTS["batch_size"]
    epochs: int = DEFAULTS["epochs"]
    patience: int = DEFAULTS["patience"]
    validation: float = DEFAULTS["validation"]
    scale: bool = DEFAULTS["scale"]
    balanced: bool = DEFAULTS["balanced"]
    members: int = DEFAULTS["members"]
    copies: int = DEFAULTS["copies"]
    views: bool = DEFAULTS["views"]
    mixup: float = DEFAULTS["mixup"]
    smoothing: float = DEFAULTS["smoothing"]
    limit: float = DEFAULTS["limit"]
    emphasis: float = DEFAULTS["emphasis"]
    calibration_folds: int = DEFAULTS["calibration_folds"]
    protocol: str = DEFAULTS["protocol"]
    test_actors: tuple[int, ...] = DEFAULTS["test_actors"]
    seed: int = DEFAULTS["seed"]

    def __post_init__(self) -> None:
        """Check every field and put sequences into tuples."""
        checked: dict[str, Any] = {}
        for field in fields(self):
            checked[field.name] = SETTINGS[field.name].allowed.checked(field.name, getattr(self, field.name), checked)
            object.__setattr__(self, field.name, checked[field.name])

    @property
    def view_names(self) -> tuple[str, ...]:
        """The views of a clip, beside the clip as it is, that are learnt from and averaged over."""
        return feature_set(self.feature_set).views if self.views else ()

    @property
    def used_copies(self) -> int:
        """Augmented copies of each clip that are learnt from; 0 where the feature set has none."""
        return min(self.copies, feature_set(self.feature_set).augmented_copies)

    def to_json(self) -> dict[str, Any]:
        """The settings as a JSON object."""
        return {name: _listed(value) for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, record: dict[str, Any] | str) -> "TrainingSettings":
        """Settings from a JSON object; what is left out is the shipped model's.

        Args:
            record: the object, or its text; or a model's card, which holds its settings.

        Returns:
            Checked `TrainingSettings`.

        Raises:
            TrainingError: not JSON, not an object, an unknown name, or a value out of range.

        Examples:
            >>> TrainingSettings.from_json('{"epochs": 5}').epochs
            5
        """
        given: Any = record
        if isinstance(record, str):
            try:
                given = json.loads(record)
            except ValueError as error:
                raise TrainingError(f"The settings are not JSON ({error}). Give an object such as {{}}.") from error
        if not isinstance(given, dict):
            raise TrainingError(f"The settings are a JSON {type(given).__name__}; an object such as {{}} is needed.")
        if isinstance(given.get("settings"), dict):
            given = given["settings"]
        unknown = sorted(set(given) - set(SETTINGS))
        if unknown:
            raise TrainingError(f"There is no setting {unknown[0]!r}; there are {', '.join(sorted(SETTINGS))}.")
        return cls(**given)


def _listed(value: object) -> object:
    """Tuples as lists, as JSON would give them back."""
    return [_listed(each) for each in value] if isinstance(value, (list, tuple)) else value
