"""The settings of a training: checked once, written to JSON and read from it."""

import json
from dataclasses import asdict, dataclass, field, fields

from ser.data.splits import EMOBOX_FOLDS, PROTOCOLS
from ser.emotions import LABELS
from ser.errors import SerError, TrainingError
from ser.features.sets import AUGMENTED_SET, feature_set

ACTIVATIONS = ("relu", "tanh", "logistic")
SOLVERS = ("adam", "sgd", "lbfgs")
SCHEDULES = ("constant", "cosine", "invscaling", "adaptive")

#: Characters in the name of an emotion, for it must fit beside a bar.
MAX_LABEL = 40
_RANGES = {
    "alpha": (0.0, 100.0),
    "learning_rate": (1e-6, 1.0),
    "power_t": (0.0, 2.0),
    "momentum": (0.0, 0.9999),
    "beta_1": (0.0, 0.9999),
    "beta_2": (0.0, 0.999999),
    "epsilon": (1e-12, 1.0),
    "tolerance": (0.0, 1.0),
    "batch_size": (1, 4096),
    "epochs": (1, 2000),
    "patience": (0, 2000),
    "validation": (0.0, 0.5),
    "members": (1, 16),
    "enrolled_members": (0, 16),
    "copies": (0, AUGMENTED_SET.augmented_copies),
    "mixup": (0.0, 10.0),
    "smoothing": (0.0, 0.9),
    "limit": (0.0, 100.0),
    "emphasis": (0.1, 10.0),
    "calibration_folds": (0, 12),
    "seed": (0, 2**31 - 1),
}
_CHOICES = {"activation": ACTIVATIONS, "solver": SOLVERS, "schedule": SCHEDULES, "protocol": tuple(PROTOCOLS)}


@dataclass(frozen=True)
class TrainingSettings:
    """Everything that decides how a model comes out, and how it is judged.

    The defaults are those of the shipped model. Construction checks every field and raises `TrainingError` with a
    sentence about the first that does not fit.

    Attributes:
        feature_set: "standard" or "notebook".
        groups: which groups of its features to use; empty for all.
        emotions: which emotions to tell apart, at least two; free names where the clips are a visitor's own.
        hidden_layers: units of each hidden layer, 1 to 4 layers of 1 to 2048.
        activation: "relu", "tanh" or "logistic".
        solver: "adam", "sgd" or "lbfgs".
        alpha: strength of the L2 penalty.
        learning_rate: initial step; not used by lbfgs.
        schedule: of the step: "constant", "cosine" (down to nothing at the last epoch, along half a cosine), and for
            sgd alone "invscaling" or "adaptive".
        power_t: how fast "invscaling" lowers the step: it is divided by the number of clips seen to this power.
        learning_rate_changes: pairs (epoch, learning rate), ascending: the rate from that epoch on, as when it is
            changed during the training (`Command`); not used by lbfgs.
        momentum: how much of the last step goes into the next; for sgd alone.
        nesterov: whether sgd's momentum looks ahead (Nesterov's); no matter without momentum.
        beta_1, beta_2: how slowly adam forgets the mean and the size of past gradients.
        epsilon: keeps adam from dividing by nothing; larger values damp its steps.
        tolerance: what the training loss must fall by to count as an improvement, as scikit-learn's `tol`: for
            patience without validation, for the schedule "adaptive" and for the end of lbfgs.
        batch_size: clips per step; not used by lbfgs.
        epochs: passes over the training clips at most.
        patience: epochs without improvement before stopping; 0 never stops early. Improvement is that of the
            validation UAR where there is validation, else of the training loss.
        validation: share of the training actors (of the clips where the protocol is not speaker-independent) held out
            to watch and to keep the best epoch; 0 keeps the last.
        scale: whether features are standardised with the training clips' mean and deviation.
        balanced: whether a rare emotion's clips count for more, so that all emotions weigh the same.
        members: networks trained from different seeds whose probabilities are averaged.
        enrolled_members: further networks that learn to answer for a speaker whose neutral voice is known; see
            `ser.inference.enrolment`. 0 for none.
        copies: how many altered copies of every clip (other pitch, room, noise, colour) are learnt from beside the
            clip; networks for known voices learn from as many, at most two, in which all clips of a
            speaker are altered alike. Of the feature set "standard" alone; not used by others.
        views: whether an answer averages over the clip read again too, slower through a telephone's band and faster
            in noise, and these readings are learnt from; of the feature set "standard" alone, as copies.
        mixup: how strongly clips are blended with one another while learning (both parameters of the Beta
            distribution the shares come from); 0 blends none. Not used by lbfgs.
        smoothing: share of every target that is spread over all emotions, so that none is learnt as certain. Not used
            by lbfgs.
        limit: scaled features are held within ± this many deviations; 0 sets no limit. Not used without `scale`.
        emphasis: how much more pitch and voice quality count than how descriptors move together (see
            `ser.training.selection.group_weights`), as the latter depends on what is said; 1 lets all features count
            alike. Of the feature set "standard" alone, and not used without `scale`.
        calibration_folds: in how many folds over the training actors the calibration is learnt, each a training of
            its own; with 0 it is learnt on the validation clips, if there are any.
        protocol: how clips to score are chosen, a name out of `ser.data.splits.PROTOCOLS`.
        test_actors: who is held out by the protocol "heldout".
        seed: of splits, weights and order.
    """

    feature_set: str = "standard"
    groups: tuple[str, ...] = ()
    emotions: tuple[str, ...] = LABELS
    hidden_layers: tuple[int, ...] = (256,)
    activation: str = "relu"
    solver: str = "adam"
    alpha: float = 10.0
    learning_rate: float = 0.001
    schedule: str = "cosine"
    power_t: float = 0.5
    learning_rate_changes: tuple[tuple[int, float], ...] = ()
    momentum: float = 0.9
    nesterov: bool = True
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-8
    tolerance: float = 1e-4
    batch_size: int = 256
    epochs: int = 12
    patience: int = 0
    validation: float = 0.0
    scale: bool = True
    balanced: bool = True
    members: int = 2
    enrolled_members: int = 1
    copies: int = AUGMENTED_SET.augmented_copies
    views: bool = True
    mixup: float = 0.4
    smoothing: float = 0.1
    limit: float = 5.0
    emphasis: float = 1.5
    calibration_folds: int = 3
    protocol: str = "emobox"
    test_actors: tuple[int, ...] = field(default=EMOBOX_FOLDS[0])
    seed: int = 0

    def __post_init__(self) -> None:
        """Check every field and put sequences into tuples, emotions into label order."""
        for name in ("groups", "emotions", "hidden_layers", "test_actors", "learning_rate_changes"):
            value = getattr(self, name)
            if not isinstance(value, (list, tuple)):
                raise TrainingError(f"{name} is {value!r}; a list is needed. Put it in brackets.")
            object.__setattr__(self, name, tuple(value))
        self._check_names()
        self._check_numbers()
        # Own names come after the known ones, in the order in which they were given.
        known = [label for label in LABELS if label in self.emotions]
        own = [label for label in dict.fromkeys(self.emotions) if label not in LABELS]
        object.__setattr__(self, "emotions", (*known, *own))

    def _check_names(self) -> None:
        try:
            available = feature_set(self.feature_set).groups
        except SerError as error:
            raise TrainingError(str(error)) from error
        for value in self.groups:
            if value not in available:
                raise TrainingError(f"groups has {value!r}; choose out of {', '.join(available)}.")
        for value in self.emotions:
            if not isinstance(value, str) or not 1 <= len(value.strip()) <= MAX_LABEL:
                raise TrainingError(f"emotions has {value!r}; names of 1 to {MAX_LABEL} characters are needed.")
        if len(set(self.emotions)) < 2:
            given = ", ".join(self.emotions) or "none"
            raise TrainingError(f"Emotions given: {given}; at least two are needed to tell apart. Choose another.")
        for name, allowed in _CHOICES.items():
            if getattr(self, name) not in allowed:
                raise TrainingError(f"{name} is {getattr(self, name)!r}; choose one of {', '.join(allowed)}.")

    def _check_numbers(self) -> None:
        for name, (low, high) in _RANGES.items():
            value = getattr(self, name)
            whole = isinstance(low, int)
            kind = int if whole else (int, float)
            if isinstance(value, bool) or not isinstance(value, kind) or not low <= value <= high:
                raise TrainingError(
                    f"{name} is {value!r}; a {'whole ' if whole else ''}number from {low:g} to {high:g} is needed."
                )
        for name in ("scale", "balanced", "nesterov", "views"):
            if not isinstance(getattr(self, name), bool):
                raise TrainingError(f"{name} is {getattr(self, name)!r}; true or false is needed.")
        layers = self.hidden_layers
        if not 1 <= len(layers) <= 4 or not all(type(units) is int and 1 <= units <= 2048 for units in layers):
            raise TrainingError(f"hidden_layers is {list(layers)}; 1 to 4 layers of 1 to 2048 units are needed.")
        if not all(type(actor) is int and actor >= 1 for actor in self.test_actors):
            raise TrainingError(f"test_actors is {list(self.test_actors)}; whole numbers from 1 are needed.")
        self._check_changes()

    def _check_changes(self) -> None:
        low, high = _RANGES["learning_rate"]
        changes = []
        for pair in self.learning_rate_changes:
            fits = isinstance(pair, (list, tuple)) and len(pair) == 2 and type(pair[0]) is int and pair[0] >= 1
            if not fits or type(pair[1]) not in (int, float) or not low <= pair[1] <= high:
                raise TrainingError(
                    f"learning_rate_changes has {pair!r}; pairs [epoch from 1, learning rate from {low:g} to {high:g}] "
                    "are needed."
                )
            changes.append((pair[0], float(pair[1])))
        object.__setattr__(self, "learning_rate_changes", tuple(sorted(changes, key=lambda pair: pair[0])))

    @property
    def view_names(self) -> tuple[str, ...]:
        """Names out of `ser.audio.augmentation.VIEWS`: the readings that are learnt from, and averaged over, as the
        clip."""
        return feature_set(self.feature_set).views if self.views else ()

    @property
    def used_copies(self) -> int:
        """Altered copies of each clip that are learnt from; 0 where the feature set has none."""
        return min(self.copies, feature_set(self.feature_set).augmented_copies)

    @property
    def used_sessions(self) -> int:
        """Copies of each clip as of another sitting that the networks for known voices learn from."""
        return min(self.used_copies, feature_set(self.feature_set).session_copies)

    def to_json(self) -> dict:
        """The settings as a JSON object."""
        return {name: _listed(value) for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, record: dict | str) -> "TrainingSettings":
        """Settings from a JSON object; what is left out is the shipped model's.

        Args:
            record: the object, or its text; or a model's card, which holds its settings.

        Returns:
            Checked `TrainingSettings`.

        Raises:
            TrainingError: not JSON, not an object, an unknown name, or a value out of range.

        Example:
            >>> TrainingSettings.from_json('{"epochs": 5}').epochs
            5
        """
        if isinstance(record, str):
            try:
                record = json.loads(record)
            except ValueError as error:
                raise TrainingError(f"The settings are not JSON ({error}). Give an object such as {{}}.") from error
        if not isinstance(record, dict):
            raise TrainingError(f"The settings are a JSON {type(record).__name__}; an object such as {{}} is needed.")
        if isinstance(record.get("settings"), dict):
            record = record["settings"]
        known = {each.name for each in fields(cls)}
        unknown = sorted(set(record) - known)
        if unknown:
            raise TrainingError(f"There is no setting {unknown[0]!r}; there are {', '.join(sorted(known))}.")
        return cls(**record)


def _listed(value: object) -> object:
    """Tuples as lists, as JSON would give them back."""
    return [_listed(each) for each in value] if isinstance(value, (list, tuple)) else value
