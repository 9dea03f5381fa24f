"""Diagnostics of a run: how far its confidence can be trusted, what it fails on, and which features it needs.

Sources: reliability diagram, Niculescu-Mizil & Caruana 2005; risk-coverage, El-Yaniv & Wiener 2010; permutation
importance, Breiman 2001, here of whole groups of features, because features of one group stand in for each other.
"""

import itertools
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from ser.data.splits import speaker_independent, split
from ser.data.table import FeatureTable
from ser.errors import TrainingError
from ser.evaluation.crossvalidation import CrossValidation
from ser.features.sets import feature_set
from ser.metrics import uar
from ser.model.card import Score
from ser.model.emotion_model import EmotionModel
from ser.steps import Steps, until_stopped
from ser.training.epochs import EpochReport
from ser.training.fitting import fit
from ser.training.progress import FoldReport, share_of_fit
from ser.training.selection import chosen_emotions
from ser.training.settings import TrainingSettings


@dataclass(frozen=True)
class Reliability:
    """Confidence against the share of right answers, in bins.

    Attributes:
        confidence: mean confidence of each bin's answers, 0 to 1, shape (n_bins,); empty bins are left out.
        right: share of these answers that is right, 0 to 1.
        clips: number of answers.
    """

    confidence: np.ndarray
    right: np.ndarray
    clips: np.ndarray

    @classmethod
    def of_score(cls, score: Score) -> "Reliability | None":
        """The reliability on a model's card; None where the card does not have it."""
        bins = score.details.get("reliability")
        return (
            cls(*(np.array([each[name] for each in bins]) for name in ("confidence", "right", "clips")))
            if bins
            else None
        )


def reliability(probabilities: np.ndarray, right: np.ndarray, bins: int = 10) -> Reliability:
    """Bin answers by their confidence; `right` says which are right.

    Examples:
        >>> found = reliability(np.array([[0.75, 0.25]] * 4), np.array([True, True, True, False]))
        >>> found.confidence.tolist(), found.right.tolist(), found.clips.tolist()
        ([0.75], [0.75], [4])
    """
    confidence = probabilities.max(axis=1)
    index = np.minimum((confidence * bins).astype(int), bins - 1)
    clips = np.bincount(index, minlength=bins)
    full = clips > 0
    return Reliability(
        np.bincount(index, confidence, bins)[full] / clips[full],
        np.bincount(index, right.astype(float), bins)[full] / clips[full],
        clips[full],
    )


def reliability_of(judged: CrossValidation, table: FeatureTable) -> Reliability:
    """The reliability of a cross-validation's answers to the clips of one data set."""
    answered = np.array(judged.evaluation.labels)[judged.probabilities.argmax(axis=1)]
    return reliability(judged.probabilities, answered == table.labels[judged.rows])


@dataclass(frozen=True)
class RiskCoverage:
    """The share of wrong answers if only the surest are given.

    Attributes:
        coverage: share of clips that are answered, ascending to 1, shape (n,).
        risk: share of these answers that is wrong, shape (n,).
    """

    coverage: np.ndarray
    risk: np.ndarray


def risk_coverage(probabilities: np.ndarray, right: np.ndarray) -> RiskCoverage:
    """Risk and coverage when the surest clips are answered first; `right` says which answers are right.

    Examples:
        >>> found = risk_coverage(np.array([[0.9, 0.1], [0.6, 0.4]]), np.array([True, False]))
        >>> found.coverage.tolist(), found.risk.tolist()
        ([0.5, 1.0], [0.0, 0.5])
    """
    wrong = ~right[np.argsort(-probabilities.max(axis=1), stable=True)]
    given = np.arange(1, wrong.size + 1)
    return RiskCoverage(given / wrong.size, np.cumsum(wrong) / given)


@dataclass(frozen=True)
class HardClip:
    """A clip that was answered wrong.

    Attributes:
        row: its row number in the table.
        name: its name.
        actor: its speaker.
        actual: the emotion that the actor meant.
        answered: the emotion that was answered.
        confidence: of that answer, 0 to 1.
        given_to_actual: probability of the emotion that the actor meant, 0 to 1.
    """

    row: int
    name: str
    actor: int
    actual: str
    answered: str
    confidence: float
    given_to_actual: float


def hardest(judged: CrossValidation, table: FeatureTable, count: int = 20) -> tuple[HardClip, ...]:
    """At most `count` wrongly answered clips, those with the least probability of the actual emotion first."""
    order = np.argsort(_given_to_actual(judged, table), stable=True)
    clips = (_clip(judged, table, index) for index in order)
    return tuple(itertools.islice((clip for clip in clips if clip.answered != clip.actual), count))


def answered_as(judged: CrossValidation, table: FeatureTable, actual: str, answered: str) -> tuple[HardClip, ...]:
    """The clips in a cell of the confusion matrix, the surest answer first."""
    labels = judged.evaluation.labels
    chosen = judged.probabilities.argmax(axis=1) == labels.index(answered)
    cell = np.flatnonzero(chosen & (table.labels[judged.rows] == actual))
    order = np.argsort(-judged.probabilities[cell].max(axis=1), stable=True)
    return tuple(_clip(judged, table, index) for index in cell[order])


def _given_to_actual(judged: CrossValidation, table: FeatureTable) -> np.ndarray:
    labels = judged.evaluation.labels
    column = [labels.index(label) for label in table.labels[judged.rows]]
    return judged.probabilities[np.arange(len(column)), column]


def _clip(judged: CrossValidation, table: FeatureTable, index: int) -> HardClip:
    labels, row = judged.evaluation.labels, int(judged.rows[index])
    answers = judged.probabilities[index]
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
        group: name of the group.
        features: how many features of it the model uses.
        drops: UAR without shuffling minus UAR with it, one number for each shuffle, shape (n_repeats,).
    """

    group: str
    features: int
    drops: np.ndarray


def permutation_importance(
    model: EmotionModel, features: np.ndarray, labels: np.ndarray, *, repeats: int = 10, seed: int = 0
) -> Steps[tuple[float, tuple[Importance, ...]], tuple[Importance, ...]]:
    """Shuffle each group of features among clips that the model did not learn from.

    Args:
        model: the model.
        features: the whole set's vectors of held-out clips, shape (n, n_features).
        labels: their emotions, shape (n,).
        repeats: shuffles of each group.
        seed: of the shuffles.

    Yields:
        The share done and the importances so far, after every shuffle. A `Command` may stop it there.

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
    drops: dict[str, list[float]] = {group: [] for group in members}

    def so_far() -> tuple[Importance, ...]:
        known = [Importance(group, len(members[group]), np.array(each)) for group, each in drops.items() if each]
        return tuple(sorted(known, key=lambda each: -each.drops.mean()))

    for repeat in range(repeats):
        for number, (group, columns) in enumerate(members.items(), start=1):
            shuffled = features.copy()
            # The columns of a group move together. Otherwise there would be clips that no voice can make.
            shuffled[:, columns] = features[rng.permutation(len(features))][:, columns]
            answers = names[model.probabilities(shuffled).argmax(axis=1)]
            drops[group].append(whole - uar(labels, answers))
            if (yield (repeat * len(members) + number) / (repeats * len(members)), so_far()):
                return so_far()
    return so_far()


@dataclass(frozen=True)
class LearningPoint:
    """The score with so many actors to learn from.

    Attributes:
        actors: number of training actors.
        clips: number of their clips, mean over draws.
        uar: on the held-out actors, one number for each draw, each 0 to 1.
    """

    actors: int
    clips: float
    uar: tuple[float, ...]


def learning_curve(
    settings: TrainingSettings, table: FeatureTable, *, draws: int = 3, points: int = 6
) -> Steps[tuple[float, tuple[LearningPoint, ...]], tuple[LearningPoint, ...]]:
    """Train on ever more actors and judge on the same held-out ones.

    Args:
        settings: what to train. The first fold of their protocol says which actors are held out. A protocol that leaks
            voices is replaced with `ser.data.splits.speaker_independent`.
        table: the clips.
        draws: how often actors are drawn by chance for every point; all actors together need one draw.
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
    plain = replace(settings, calibration_folds=0, specialists=0)
    fold = split(settings.protocol, labels, actors, seed=settings.seed, test_actors=settings.test_actors)[0]
    present = np.unique(actors[fold.train])
    counts = np.unique(np.round(np.geomspace(min(2, present.size), present.size, points)).astype(int))
    trainings = [(int(n), draw) for n in counts for draw in range(1 if n == present.size else draws)]
    scores: dict[int, list[tuple[float, int]]] = {}

    def so_far() -> tuple[LearningPoint, ...]:
        return tuple(
            LearningPoint(n, float(np.mean([clips for _, clips in known])), tuple(score for score, _ in known))
            for n, known in scores.items()
        )

    def progress(done: int, report: EpochReport | FoldReport) -> tuple[float, tuple[LearningPoint, ...]]:
        return (done + share_of_fit(report, 1)) / len(trainings), so_far()

    for done, (n, draw) in enumerate(trainings):
        chosen = np.random.default_rng((settings.seed, draw)).permutation(present)[:n]
        rows = fold.train[np.isin(actors[fold.train], chosen)]
        model = yield from until_stopped(fit(plain, table, kept[rows], answers=False), partial(progress, done))
        if model is None:
            return so_far()
        views = table.views(settings.feature_set, kept[fold.test], model.views)
        answers = np.array(model.labels)[model.probabilities(views).argmax(axis=1)]
        scores.setdefault(n, []).append((uar(labels[fold.test], answers), rows.size))
    return so_far()
