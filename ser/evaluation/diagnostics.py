"""A look into what a run found: how far its confidence can be trusted, what it fails on, what it listens to.

Sources: reliability diagram, Niculescu-Mizil & Caruana 2005; risk-coverage, El-Yaniv & Wiener 2010; permutation
importance, Breiman 2001, here of whole groups of features, because features of one group stand in for each other.
"""

from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from ser.data.splits import speaker_independent, split
from ser.data.table import FeatureTable
from ser.errors import TrainingError
from ser.evaluation.crossvalidation import CrossValidation
from ser.features.sets import feature_set
from ser.metrics import uar
from ser.model.emotion_model import EmotionModel
from ser.steps import Steps, until_stopped
from ser.training.epochs import EpochReport
from ser.training.fitting import fit
from ser.training.progress import FoldReport, share_of_fit
from ser.training.selection import chosen_emotions
from ser.training.settings import TrainingSettings


@dataclass(frozen=True)
class Reliability:
    """Stated confidence against the share of right answers, in bins.

    Attributes:
        confidence: mean confidence of each bin's answers, 0 to 1, shape (n_bins,); empty bins are left out.
        right: share of them that was right, 0 to 1.
        clips: how many they are.
    """

    confidence: np.ndarray
    right: np.ndarray
    clips: np.ndarray


def reliability(probabilities: np.ndarray, right: np.ndarray, bins: int = 10) -> Reliability:
    """Bin answers by their confidence.

    Example:
        >>> found = reliability(np.array([[0.75, 0.25]] * 4), np.array([True, True, True, False]))
        >>> found.confidence.tolist(), found.right.tolist(), found.clips.tolist()
        ([0.75], [0.75], [4])
    """
    confidence = probabilities.max(axis=1)
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    clips = np.bincount(place, minlength=bins)
    full = clips > 0
    return Reliability(
        np.bincount(place, confidence, bins)[full] / clips[full],
        np.bincount(place, right.astype(float), bins)[full] / clips[full],
        clips[full],
    )


@dataclass(frozen=True)
class RiskCoverage:
    """How many answers are wrong if only the surest are given.

    Attributes:
        coverage: share of clips that are answered, ascending to 1, shape (n,).
        risk: share of these answers that is wrong, shape (n,).
        area: under the curve, 0 to 1; less is better.
    """

    coverage: np.ndarray
    risk: np.ndarray
    area: float


def risk_coverage(probabilities: np.ndarray, right: np.ndarray) -> RiskCoverage:
    """Answer the surest clips first.

    Example:
        >>> found = risk_coverage(np.array([[0.9, 0.1], [0.6, 0.4]]), np.array([True, False]))
        >>> found.coverage.tolist(), found.risk.tolist()
        ([0.5, 1.0], [0.0, 0.5])
    """
    wrong = ~right[np.argsort(-probabilities.max(axis=1), kind="stable")]
    given = np.arange(1, wrong.size + 1)
    risk = np.cumsum(wrong) / given
    return RiskCoverage(given / wrong.size, risk, float(risk.mean()))


@dataclass(frozen=True)
class HardClip:
    """A clip that was answered wrong.

    Attributes:
        row: in the table.
        name: of the clip.
        actor: who speaks.
        actual: the emotion that was meant.
        answered: the emotion that was answered.
        confidence: of that answer, 0 to 1.
        given_to_actual: probability of the emotion that was meant, 0 to 1.
    """

    row: int
    name: str
    actor: int
    actual: str
    answered: str
    confidence: float
    given_to_actual: float


def hardest(judged: CrossValidation, table: FeatureTable, count: int = 20) -> tuple[HardClip, ...]:
    """The clips whose actual emotion was thought least of."""
    found = (_clip(judged, table, place) for place in np.argsort(_given_to_actual(judged, table), kind="stable"))
    wrong = [clip for clip in found if clip.answered != clip.actual]
    return tuple(wrong[:count])


def answered_as(judged: CrossValidation, table: FeatureTable, actual: str, answered: str) -> tuple[HardClip, ...]:
    """The clips in a cell of the confusion matrix."""
    labels = judged.evaluation.labels
    chosen = judged.probabilities.argmax(axis=1) == labels.index(answered)
    cell = np.flatnonzero(chosen & (table.labels[judged.rows] == actual))
    order = np.argsort(-judged.probabilities[cell].max(axis=1), kind="stable")
    return tuple(_clip(judged, table, place) for place in cell[order])


def _given_to_actual(judged: CrossValidation, table: FeatureTable) -> np.ndarray:
    labels = judged.evaluation.labels
    column = [labels.index(label) for label in table.labels[judged.rows]]
    return judged.probabilities[np.arange(len(column)), column]


def _clip(judged: CrossValidation, table: FeatureTable, place: int) -> HardClip:
    labels, row = judged.evaluation.labels, int(judged.rows[place])
    answers = judged.probabilities[place]
    actual = str(table.labels[row])
    best = int(answers.argmax())
    return HardClip(
        row=row,
        name=str(table.clips["name"].iloc[row]),
        actor=int(table.actors[row]),
        actual=actual,
        answered=labels[best],
        confidence=float(answers[best]),
        given_to_actual=float(answers[labels.index(actual)]),
    )


@dataclass(frozen=True)
class Importance:
    """What the UAR loses when a group of features is shuffled among the clips.

    Attributes:
        group: of features.
        features: how many the model uses of it.
        drops: UAR without shuffling less that with, one number a shuffle, shape (n_repeats,).
    """

    group: str
    features: int
    drops: np.ndarray


def permutation_importance(
    model: EmotionModel, features: np.ndarray, labels: np.ndarray, *, repeats: int = 10, seed: int = 0
) -> Steps[tuple[float, tuple[Importance, ...]], tuple[Importance, ...]]:
    """Shuffle each group of features among clips that the model did not learn from.

    Args:
        model: whose answers are looked at.
        features: the whole set's vectors of held-out clips, shape (n, n_features).
        labels: their emotions, shape (n,).
        repeats: shuffles of each group.
        seed: of the shuffles.

    Yields:
        The share done, and what is known so far, after every shuffle. A `Command` may stop it there.

    Returns:
        An `Importance` for each group that the model uses, the largest mean drop first.
    """
    rng, names = np.random.default_rng(seed), np.array(model.labels)
    used = set(model.feature_names)
    members = {
        group: [i for i, f in enumerate(feature_set(model.feature_set).features) if f.group == group and f.name in used]
        for group in feature_set(model.feature_set).groups
    }
    members = {group: columns for group, columns in members.items() if columns}
    whole = uar(labels, names[model.probabilities(features).argmax(axis=1)])
    found: dict[str, list[float]] = {group: [] for group in members}

    def so_far() -> tuple[Importance, ...]:
        known = [Importance(group, len(members[group]), np.array(drops)) for group, drops in found.items() if drops]
        return tuple(sorted(known, key=lambda each: -each.drops.mean()))

    for repeat in range(repeats):
        for place, (group, columns) in enumerate(members.items(), start=1):
            shuffled = features.copy()
            # The columns of a group move together, or clips would arise that no voice can make.
            shuffled[:, columns] = features[rng.permutation(len(features))][:, columns]
            answers = names[model.probabilities(shuffled).argmax(axis=1)]
            found[group].append(whole - uar(labels, answers))
            if (yield (repeat * len(members) + place) / (repeats * len(members)), so_far()):
                return so_far()
    return so_far()


@dataclass(frozen=True)
class LearningPoint:
    """How well settings do with so many actors to learn from.

    Attributes:
        actors: in training.
        clips: of theirs, mean over draws.
        uar: on the held-out actors, one number a draw, each 0 to 1.
    """

    actors: int
    clips: float
    uar: tuple[float, ...]


def learning_curve(
    settings: TrainingSettings, table: FeatureTable, *, draws: int = 3, points: int = 6
) -> Steps[tuple[float, tuple[LearningPoint, ...]], tuple[LearningPoint, ...]]:
    """Train on ever more actors and judge on the same held-out ones.

    Args:
        settings: what to train; the first fold of their protocol says who is held out, or of what
            `ser.data.splits.speaker_independent` puts in its place where it leaks.
        table: the clips.
        draws: how often actors are drawn by chance for every point; all there are need one draw alone.
        points: at how many numbers of actors.

    Yields:
        The share done, and the points so far, after every epoch. A `Command` may stop it there.

    Returns:
        A `LearningPoint` for each number of actors, ascending.

    Raises:
        TrainingError: as `ser.training.trainer.train`; or there is a single actor.
    """
    kept = np.flatnonzero(chosen_emotions(settings, table.labels))
    labels, actors = table.labels[kept], table.actors[kept]
    protocol = speaker_independent(settings.protocol, actors)
    if protocol is None:
        raise TrainingError("There is one actor; one to hold out and one to learn from are needed. Add a speaker.")
    settings = replace(settings, protocol=protocol)
    plain = replace(settings, calibration_folds=0, enrolled_members=0)
    fold = split(settings.protocol, labels, actors, seed=settings.seed, test_actors=settings.test_actors)[0]
    present = np.unique(actors[fold.train])
    counts = np.unique(np.round(np.geomspace(min(2, present.size), present.size, points)).astype(int))
    jobs = [(n, draw) for n in counts for draw in range(1 if n == present.size else draws)]
    scores: dict[int, list[tuple[float, int]]] = {}

    def so_far() -> tuple[LearningPoint, ...]:
        return tuple(
            LearningPoint(int(n), float(np.mean([c for _, c in known])), tuple(u for u, _ in known))
            for n, known in scores.items()
        )

    def progress(done: int, report: EpochReport | FoldReport) -> tuple[float, tuple[LearningPoint, ...]]:
        return (done + share_of_fit(report, 1)) / len(jobs), so_far()

    for done, (n, draw) in enumerate(jobs):
        chosen = np.random.default_rng((settings.seed, draw)).permutation(present)[:n]
        rows = fold.train[np.isin(actors[fold.train], chosen)]
        model = yield from until_stopped(fit(plain, table, kept[rows], answers=False), partial(progress, done))
        if model is None:
            return so_far()
        views = table.views(settings.feature_set, kept[fold.test], model.views)
        answers = np.array(model.labels)[model.probabilities(views).argmax(axis=1)]
        scores.setdefault(n, []).append((uar(labels[fold.test], answers), rows.size))
    return so_far()
