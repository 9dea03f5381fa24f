"""Settings and a feature table become an `EmotionModel`, one `EpochReport` at a time.

There is one training path for the page, the command line and the tests: `train` is a generator, so whoever runs it
can watch every epoch and stop between two. The networks are scikit-learn's `MLPClassifier`, driven epoch by epoch
through `partial_fit`, or where targets are blended or smoothed through `SoftTargetClassifier.learn`: the same steps as
`fit`, with the clips shuffled afresh in every epoch. With lbfgs it is `fit` that goes on, `LBFGS_STRIDE` iterations at
a time.
"""

import copy
import json
import time
import warnings
from dataclasses import asdict, dataclass, field, fields, replace

import numpy as np
from scipy.special import softmax
from threadpoolctl import threadpool_limits

from ser.data.splits import EMOBOX_FOLDS, PROTOCOLS, hold_out
from ser.emotions import LABELS
from ser.errors import SerError, TrainingError
from ser.features import AUGMENTED_SET, feature_set
from ser.metrics import uar
from ser.model.emotion_model import EmotionModel, Network
from ser.steps import Steps
from ser.training.mlp import SoftTargetClassifier, mixed, smoothed

# How a profile is made: of the clips that sound so, and of how many at most.
NEUTRAL = "neutral"
MOST_ENROLLED = 4

ACTIVATIONS = ("relu", "tanh", "logistic")
SOLVERS = ("adam", "sgd", "lbfgs")
SCHEDULES = ("constant", "cosine", "invscaling", "adaptive")

#: Characters in the name of an emotion, for it must fit beside a bar.
MAX_LABEL = 40
# Groups of features that say least about the words; see `emphasised`.
EMPHASISED = ("pitch", "voice quality")
# L-BFGS is restarted for every report, so a report spans enough iterations for it to learn the curvature anew.
LBFGS_STRIDE = 10

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
        emphasis: how much more pitch and voice quality count than how descriptors move together (see `emphasised`), as
            the latter hang on what is said; 1 lets all features count alike. Of the feature set "standard" alone, and
            not used without `scale`.
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


# What the notebook did: its four emotions, its features, no scaling, a random split with its seed, and
# scikit-learn's default stop (ten epochs without a lower training loss).
NOTEBOOK = TrainingSettings(
    feature_set="notebook",
    emotions=("calm", "happy", "fearful", "disgust"),
    hidden_layers=(300,),
    solver="adam",
    alpha=0.01,
    learning_rate=0.001,
    schedule="adaptive",
    batch_size=256,
    epochs=500,
    patience=10,
    scale=False,
    balanced=False,
    members=1,
    enrolled_members=0,
    copies=0,
    views=False,
    mixup=0.0,
    smoothing=0.0,
    limit=0.0,
    emphasis=1.0,
    calibration_folds=0,
    protocol="random",
    seed=9,
)

# One network, the clips as they were recorded, and actors to watch it by: seconds on any machine.
_PLAIN = replace(
    TrainingSettings(),
    batch_size=64,
    schedule="constant",
    members=1,
    enrolled_members=0,
    copies=0,
    views=False,
    mixup=0.0,
    smoothing=0.0,
    validation=0.2,
    calibration_folds=0,
    protocol="heldout",
)
PRESETS: dict[str, TrainingSettings] = {
    "shipped": TrainingSettings(),
    "fast": replace(_PLAIN, hidden_layers=(64,), alpha=3.0, epochs=20),
    "notebook": NOTEBOOK,
    "small": replace(_PLAIN, hidden_layers=(16,), activation="tanh", alpha=1.0, epochs=60, patience=15),
    "wide": replace(_PLAIN, hidden_layers=(1024,), alpha=10.0, epochs=40, patience=10),
    # For a visitor's handful of recordings: nothing can be spared to watch, or to calibrate by.
    "few": replace(
        TrainingSettings(),
        hidden_layers=(64,),
        members=3,
        epochs=40,
        batch_size=16,
        validation=0.0,
        calibration_folds=0,
        protocol="clips",
    ),
}


@dataclass(frozen=True)
class EpochReport:
    """How a training stands after an epoch.

    Attributes:
        epoch: passes over the training clips so far.
        epochs: passes at most.
        loss: mean log-loss plus penalty over the epoch, as `MLPClassifier.loss_`, mean over members.
        training_uar: UAR on the clips trained on, 0 to 1.
        validation_uar: UAR on the clips held out to watch, 0 to 1; None where none are.
        validation_loss: their mean log-loss; None where none are.
        best_epoch: the epoch whose weights would be kept if it ended now.
        seconds: of work since the start; the time that the training waited between two epochs does not count.
        seconds_left: if it goes on to `epochs` at this pace.
        learning_rate: of the epoch; None for lbfgs.
        watched: probabilities of the clips held out to watch, float32, shape (n_watched, n_emotions), in the order
            of their rows; None where none are.
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


def one_blas_thread() -> None:
    """Hold this process's linear algebra to one thread from now on.

    The matrices are small: threads would spend their time on handing over, nine times as long in all, and sums over
    several come out differently in the last digit. The limit is never lifted: OpenBLAS has one for the process and
    obeys one thread of it at a time, so that whoever lifts it need not be able to set it again for the next training.

    Returns:
        Nothing; called again it does no harm.
    """
    threadpool_limits(1, user_api="blas")


def chosen_columns(settings: TrainingSettings) -> np.ndarray:
    """Columns of the feature set that the chosen groups make up.

    Args:
        settings: their `feature_set` and `groups`.

    Returns:
        Ascending column numbers; all where no group is named.
    """
    features = feature_set(settings.feature_set).features
    return np.array([i for i, f in enumerate(features) if not settings.groups or f.group in settings.groups])


def emphasised(settings: TrainingSettings) -> np.ndarray:
    """How much each chosen feature counts while learning.

    L2 charges for weights, so an input that is written larger is cheaper to rely on.

    Args:
        settings: their `feature_set`, `groups`, `scale` and `emphasis`.

    Returns:
        float32, shape (n_chosen,), in the order of `chosen_columns`: in proportion to `emphasis` for features of pitch
        and voice quality, to its inverse for correlations between descriptors, to 1 for the others; the mean of their
        squares is 1.
    """
    features = np.array(feature_set(settings.feature_set).features, dtype=object)[chosen_columns(settings)]
    if not settings.scale:
        return np.ones(features.size, dtype=np.float32)
    leanings = [-1 if each.is_correlation else int(each.group in EMPHASISED) for each in features]
    factors = settings.emphasis ** np.array(leanings, dtype=float)
    return (factors / np.sqrt(np.mean(factors**2))).astype(np.float32)


def chosen_emotions(settings: TrainingSettings, labels: np.ndarray) -> np.ndarray:
    """Which clips have an emotion that the settings tell apart.

    Args:
        settings: their `emotions`.
        labels: emotion of each clip, shape (n,).

    Returns:
        Booleans, shape (n,).
    """
    return np.isin(labels, settings.emotions)


def train(
    settings: TrainingSettings,
    features: np.ndarray,
    labels: np.ndarray,
    actors: np.ndarray,
    copies: np.ndarray | None = None,
) -> Steps[EpochReport, EmotionModel]:
    """Fit a model on the given clips, and on nothing else.

    Args:
        settings: what to train; the emotions that it leaves out are passed over.
        features: the whole set's vectors of the training clips, shape (n, n_features).
        labels: emotion of each clip, shape (n,).
        actors: speaker of each clip, shape (n,); whole speakers are held out for validation.
        copies: vectors of altered copies of the same clips, shape (n_copies, n, n_features), as many as there are to
            learn from; they never serve as validation.

    Yields:
        An `EpochReport` after every epoch (every `LBFGS_STRIDE` passes for lbfgs). A `Command` may stop
        it there or change the learning rate.

    Returns:
        The `EmotionModel` of the best epoch, not calibrated and without `enrolled` networks.

    Raises:
        TrainingError: an emotion has no clip to train on, or the weights are no longer numbers.

    Example:
        ::

            model = ser.steps.finish(train(TrainingSettings(epochs=5), features, labels, actors))
    """
    one_blas_thread()
    kept = chosen_emotions(settings, labels)
    features, labels, actors = features[kept], labels[kept], actors[kept]
    fit_rows, watch_rows = hold_out(settings.protocol, labels, actors, settings.validation, seed=settings.seed)
    for label in settings.emotions:
        if not (labels[fit_rows] == label).any():
            raise TrainingError(f"No clip of {label!r} is left to train on. Hold out less, or leave that emotion out.")
    everything = features[fit_rows]
    if copies is not None and len(copies):
        everything = np.concatenate([everything, *copies[:, kept][:, fit_rows]])
    model = untrained(settings, everything)
    y = np.array([settings.emotions.index(label) for label in labels])
    repeated = np.tile(y[fit_rows], len(everything) // max(fit_rows.size, 1))
    emphasis = emphasised(settings)
    networks, changes = yield from _epochs(
        settings,
        model.inputs(everything) * emphasis,
        repeated,
        model.inputs(features[watch_rows]) * emphasis,
        y[watch_rows],
        fit_rows.size,
    )
    networks = _taking_plain_inputs(networks, emphasis)
    return replace(model, networks=networks, settings=replace(settings, learning_rate_changes=changes).to_json())


def train_enrolled(
    settings: TrainingSettings,
    model: EmotionModel,
    readings: np.ndarray,
    labels: np.ndarray,
    actors: np.ndarray,
) -> Steps[EpochReport, EmotionModel]:
    """Fit the networks that answer for a speaker whose neutral voice is known.

    Enrolment is simulated: every reading of every clip is given a reference of its own, the mean of the same reading of
    one to `MOST_ENROLLED` neutral clips of its speaker, drawn by chance.

    Args:
        settings: as `model` was trained with.
        model: from `train`, with the same clips.
        readings: whole vectors, shape (n_readings, n, n_features): the clips as they are, read as in `model.views`, and
            altered; each reading alters all clips of a speaker alike, so that a voice known by it is the same voice.
        labels, actors: as for `train`; every speaker needs a neutral clip.

    Yields:
        An `EpochReport` after every epoch. A `Command` may stop it there.

    Returns:
        The model with its `enrolled` networks.
    """
    one_blas_thread()
    kept = chosen_emotions(settings, labels)
    labels, actors = labels[kept], actors[kept]
    inputs = model.inputs(readings[:, kept]).astype(np.float32)
    rng = np.random.default_rng(settings.seed)
    neutral = {actor: np.flatnonzero((actors == actor) & (labels == NEUTRAL)) for actor in np.unique(actors)}
    references = np.zeros_like(inputs)
    for reading, reference in zip(inputs, references, strict=True):
        for row, actor in enumerate(actors):
            drawn = rng.choice(neutral[actor], rng.integers(1, MOST_ENROLLED + 1))
            reference[row] = reading[drawn].mean(axis=0)
    emphasis = np.tile(emphasised(settings), 2)
    X = np.concatenate([inputs, inputs - references], axis=-1).reshape(-1, emphasis.size) * emphasis
    y = np.tile([settings.emotions.index(label) for label in labels], len(inputs))
    changed = replace(settings, members=settings.enrolled_members, seed=settings.seed + settings.members, patience=0)
    networks, _ = yield from _epochs(changed, X, y, X[:0], y[:0], labels.size)
    networks = _taking_plain_inputs(networks, emphasis)
    read = inputs[: 1 + len(model.views)]
    means = {
        actor: [
            read[:, (actors == actor) & (labels == label)].mean(axis=1) for label in np.unique(labels[actors == actor])
        ]
        for actor in neutral
    }
    offsets = [read[:, neutral[actor]].mean(axis=1) - np.mean(means[actor], axis=0) for actor in neutral]
    return replace(model, enrolled=networks, neutral_offset=np.mean(offsets, axis=0).astype(np.float32))


def untrained(settings: TrainingSettings, features: np.ndarray) -> EmotionModel:
    """A model without networks.

    Args:
        settings: which features it uses, and how.
        features: the whole set's vectors of the clips to learn from, shape (n, n_features).

    Returns:
        An `EmotionModel` that scales its features by the mean and deviation of those given.
    """
    columns = chosen_columns(settings)
    mean, scale = np.zeros(columns.size), np.ones(columns.size)
    if settings.scale:
        mean = features[:, columns].mean(axis=0, dtype=np.float64)
        spread = features[:, columns].std(axis=0, dtype=np.float64)
        scale = np.where(spread > 1e-9, spread, 1.0)
    names = feature_set(settings.feature_set).names
    return EmotionModel(
        labels=settings.emotions,
        feature_set=settings.feature_set,
        feature_names=tuple(names[i] for i in columns),
        mean=mean,
        scale=scale,
        networks=(),
        limit=settings.limit if settings.scale else 0.0,
        views=settings.view_names,
    )


def _epochs(
    settings: TrainingSettings,
    X: np.ndarray,
    y: np.ndarray,
    X_watch: np.ndarray,
    y_watch: np.ndarray,
    n_own: int,
) -> Steps[EpochReport, tuple[tuple[Network, ...], tuple[tuple[int, float], ...]]]:
    """Train all members side by side; the networks of the best epoch, and the changes of the learning rate."""
    members = [_perceptron(settings, settings.seed + i) for i in range(settings.members)]
    weights = _class_weights(y, len(settings.emotions)) if settings.balanced else None
    watched = y_watch.size > 0
    stride = LBFGS_STRIDE if settings.solver == "lbfgs" else 1
    changes = dict(settings.learning_rate_changes)
    best, best_epoch, best_networks, waited, worked = None, 0, (), 0, 0.0
    for epoch in range(stride, max(settings.epochs, stride) + 1, stride):
        started = time.perf_counter()
        if epoch in changes:
            _set_learning_rate(members, changes[epoch])
        elif settings.schedule == "cosine" and not any(change < epoch for change in changes):
            turn = np.pi * (epoch - 1) / settings.epochs
            _set_learning_rate(members, settings.learning_rate * (1 + np.cos(turn)) / 2)
        try:
            for member in members:
                _advance(member, X, y, weights, settings)
        except ValueError as error:
            # With data and settings checked, scikit-learn has one complaint left: weights that are no numbers.
            raise TrainingError(
                f"The weights are no longer numbers in epoch {epoch}: the steps are too large. "
                "Lower the learning rate or alpha, or scale the features."
            ) from error
        loss = float(np.mean([member.loss_ for member in members]))
        networks = tuple(_network(member, settings.activation) for member in members)
        # The clips themselves, without their copies, say as much.
        training_uar, _, _ = _judge(networks, X[:n_own], y[:n_own])
        watch_uar, watch_loss, answers = _judge(networks, X_watch, y_watch) if watched else (None, None, None)
        standing = (watch_uar, -watch_loss) if watched else (-loss,)
        waited, best = _progress(standing, best, waited, settings.tolerance)
        # Without clips to watch, later is better: the training loss cannot tell when memory begins.
        if best is standing or not watched:
            best_epoch, best_networks = epoch, _copied(networks)
        worked += time.perf_counter() - started
        left = max(worked / epoch * (settings.epochs - epoch), 0.0)
        rate = _learning_rate(members[0])
        command = yield EpochReport(
            epoch, settings.epochs, loss, training_uar, watch_uar, watch_loss, best_epoch, worked, left, rate, answers
        )
        if command is not None and command.learning_rate is not None and rate is not None:
            changes[epoch + 1] = command.learning_rate
        if command or (settings.patience and waited > settings.patience):
            break
    return best_networks, tuple(changes.items())


def _learning_rate(member) -> float | None:
    """What the next step is scaled with; adam's own correction of its first steps left out."""
    if member.solver == "lbfgs":
        return None
    return float(member._optimizer.learning_rate if member.solver == "sgd" else member._optimizer.learning_rate_init)


def _set_learning_rate(members: list, rate: float) -> None:
    """Go on with another step size, and with all that the optimisers remember."""
    for member in members:
        member.learning_rate_init = rate
        # Before the first epoch there is no optimiser yet; it will be made with the new rate.
        if hasattr(member, "_optimizer"):
            member._optimizer.learning_rate_init = member._optimizer.learning_rate = rate


def _progress(standing: tuple, best: tuple | None, waited: int, tolerance: float) -> tuple[int, tuple]:
    """Epochs waited without an improvement, and the best standing so far, after one more epoch."""
    if best is None:
        return 0, standing
    better = standing > best
    # A training loss has to fall by the tolerance to count, as in scikit-learn; it always falls a little.
    improved = better if len(standing) == 2 else standing[0] > best[0] + tolerance
    return (0 if improved else waited + 1), (standing if better else best)


def _perceptron(settings: TrainingSettings, seed: int):
    return SoftTargetClassifier(
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
        # A generator, not a number: `partial_fit` starts anew from a number, and would shuffle alike every epoch.
        random_state=np.random.RandomState(seed),
    )


def _advance(
    member: SoftTargetClassifier, X: np.ndarray, y: np.ndarray, weights: np.ndarray | None, settings: TrainingSettings
) -> None:
    """One epoch more; for lbfgs `LBFGS_STRIDE` iterations more."""
    n_labels = len(settings.emotions)
    with warnings.catch_warnings():
        # That ten iterations do not converge, and that the last batch is short, is how this is meant to run.
        warnings.simplefilter("ignore")
        if member.solver == "lbfgs":
            member.fit(X, y, sample_weight=weights)
        elif settings.mixup or settings.smoothing:
            targets = smoothed(y, n_labels, settings.smoothing)
            if settings.mixup:
                weights = np.ones(len(X), dtype=np.float32) if weights is None else weights
                X, targets, weights = mixed(X, targets, weights, settings.mixup, member.random_state)
            member.learn(X, targets, weights)
        else:
            member.partial_fit(X, y, classes=np.arange(n_labels), sample_weight=weights)


def _class_weights(y: np.ndarray, n_labels: int) -> np.ndarray:
    """Weight of each clip such that every emotion weighs the same and the mean weight is 1."""
    counts = np.bincount(y, minlength=n_labels)
    return (y.size / (n_labels * counts))[y].astype(np.float32)


def _network(member, activation: str) -> Network:
    """The member's weights as they are; with two emotions its one output becomes two, as a softmax needs."""
    weights, biases = list(member.coefs_), list(member.intercepts_)
    if weights[-1].shape[1] == 1:
        weights[-1] = np.concatenate([np.zeros_like(weights[-1]), weights[-1]], axis=1)
        biases[-1] = np.concatenate([np.zeros_like(biases[-1]), biases[-1]])
    return Network(activation, tuple(weights), tuple(biases))


def _taking_plain_inputs(networks: tuple[Network, ...], emphasis: np.ndarray) -> tuple[Network, ...]:
    """Networks that learnt from inputs times `emphasis`, shape (n_inputs,), made to take the inputs as they are."""
    return tuple(
        replace(network, weights=(emphasis[:, None] * network.weights[0], *network.weights[1:])) for network in networks
    )


def _copied(networks: tuple[Network, ...]) -> tuple[Network, ...]:
    """Networks whose arrays later epochs do not write into."""
    return copy.deepcopy(networks)


def _judge(networks: tuple[Network, ...], X: np.ndarray, y: np.ndarray) -> tuple[float, float, np.ndarray]:
    """UAR and mean log-loss of the members' averaged probabilities, and these."""
    probabilities = np.mean([softmax(network.logits(X), axis=1) for network in networks], axis=0)
    chosen = probabilities[np.arange(y.size), y]
    loss = float(-np.log(np.maximum(chosen, 1e-12)).mean())
    return uar(y, probabilities.argmax(axis=1)), loss, probabilities.astype(np.float32)
