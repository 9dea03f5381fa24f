"""Cross-validation: models trained and calibrated on some actors and judged on others.

`cross_validate` fits a model in every fold of a protocol and judges the answers to all held-out clips together.
"""

import time
from dataclasses import dataclass, field, replace

import numpy as np

from ser.data.splits import Fold, split
from ser.data.table import FeatureTable
from ser.emotions import NEUTRAL
from ser.evaluation.adapting import AdaptingAnswers, Answers
from ser.evaluation.shared_labels import restricted, shared_labels
from ser.metrics import Evaluation, score
from ser.model.emotion_model import EmotionModel
from ser.steps import Steps, finish
from ser.threads import one_blas_thread
from ser.training.fitting import fit, trainings_of_fit
from ser.training.progress import FoldProgress, FoldReport
from ser.training.selection import chosen_emotions
from ser.training.settings import TrainingSettings
from ser.workers import side_by_side


@dataclass(frozen=True)
class FoldAnswers(Answers):
    """Answers of a fold's model to the clips held out from it.

    Attributes:
        in_set: which emotions the prediction set holds, bool, shape (n, n_labels).
        abstained: whether the answer is withheld, bool, shape (n,).
        enrolled: number of neutral clips enrolled with → the answers, one a draw of these clips.
        unlabelled: number of clips adapted by, whose emotions are not known → the answers, one a draw.
        wrongly_enrolled: how the enrolment is wrong → the answers.
        transductive: adapted by all of the actor's clips; None where models do not adapt.
    """

    in_set: np.ndarray
    abstained: np.ndarray
    enrolled: dict[int, tuple[Answers, ...]]
    unlabelled: dict[int, tuple[Answers, ...]]
    wrongly_enrolled: dict[str, Answers]
    transductive: Answers | None

    def select(self, kept: np.ndarray, wanted: np.ndarray) -> "FoldAnswers":
        """The answers to some clips, given as booleans over these rows and over all rows of the table."""
        return FoldAnswers(
            self.rows[kept],
            self.probabilities[kept],
            self.in_set[kept],
            self.abstained[kept],
            {count: tuple(each.of(wanted) for each in draws) for count, draws in self.enrolled.items()},
            {count: tuple(each.of(wanted) for each in draws) for count, draws in self.unlabelled.items()},
            {mistake: each.of(wanted) for mistake, each in self.wrongly_enrolled.items()},
            self.transductive and self.transductive.of(wanted),
        )


@dataclass(frozen=True)
class CrossValidation:
    """The outcome of a protocol, clip by clip.

    Attributes:
        evaluation: the scores over the held-out clips of the first data set of the table.
        rows: the table's row number of each scored clip, shape (n,).
        probabilities: shape (n, n_labels), each from a model that did not see the clip.
        answers: all answers of the models, fold by fold.
        known: emotions that the models know, in the order of the probabilities in `answers`.
        others: the same for each other data set of the table, over the emotions that it has; its calm counts as
            neutral where it has no calm.
    """

    evaluation: Evaluation
    rows: np.ndarray
    probabilities: np.ndarray
    answers: tuple[FoldAnswers, ...] = ()
    known: tuple[str, ...] = ()
    others: dict[str, "CrossValidation"] = field(default_factory=dict)


def fold_answers(model: EmotionModel, table: FeatureTable, rows: np.ndarray, seed: int = 0) -> FoldAnswers:
    """All answers of a model to clips that it was not trained on; `seed` chooses the clips to adapt by."""
    one_blas_thread()
    views = table.views(model.feature_set, rows, model.views)
    labels, actors = table.labels[rows], table.actors[rows]
    inputs = model.inputs(views)
    shares = model.shares(inputs)
    probabilities = model.at_recordings(model.probabilities_from(inputs, shares), inputs)
    trusts = [model.trust.at(float(share)) for share in shares]
    thresholds = np.array([2.0 if trust.set_threshold is None else trust.set_threshold for trust in trusts])
    in_set = probabilities >= thresholds[:, None]
    in_set[np.arange(rows.size), probabilities.argmax(axis=1)] = True
    abstained = probabilities.max(axis=1) < [trust.abstain_below for trust in trusts]
    adapting = AdaptingAnswers(model, inputs, shares, rows, actors, labels == NEUTRAL)
    return FoldAnswers(
        rows,
        probabilities,
        in_set,
        abstained,
        adapting.enrolled(seed),
        adapting.unlabelled(seed),
        adapting.wrongly_enrolled(),
        adapting.transductive(),
    )


def cross_validate(
    settings: TrainingSettings,
    table: FeatureTable,
    *,
    first: EmotionModel | None = None,
    jobs: int = 1,
    held_out_corpus: str = "",
    speakers_of: str = "",
) -> Steps[FoldReport, CrossValidation | None]:
    """Carry out the settings' protocol.

    Args:
        settings: what to train, and the protocol to judge it by.
        table: clips and features.
        first: the model that `fit` made for the first fold with these settings, if it is there already.
        jobs: processes that share the folds. With more than one, reports come at the end of each fold only.
        held_out_corpus: a data set of the table to judge by, in place of the protocol. The model learns from the
            others, and tells apart the emotions that they have.
        speakers_of: a data set of the table whose speakers alone are judged. Folds without them are left out.

    Yields:
        A `FoldReport` after every epoch of every fold. A `Command` may stop it there.

    Returns:
        A `CrossValidation` over the held-out clips of all folds; None if it was stopped.

    Raises:
        TrainingError: as `ser.training.trainer.train` and `ser.data.splits.split`.
    """
    if held_out_corpus:
        present = np.unique(table.labels[table.corpora != held_out_corpus])
        settings = replace(settings, emotions=tuple(label for label in settings.emotions if label in present))
    kept = np.flatnonzero(chosen_emotions(settings, table.labels))
    folds = _folds(settings, table, kept, held_out_corpus)
    if speakers_of:
        folds = [replace(fold, test=fold.test[table.corpora[fold.test] == speakers_of]) for fold in folds]
        folds = [fold for fold in folds if fold.test.size]
    if jobs > 1 and len(folds) > 1:
        answers = yield from _in_processes(settings, table, folds, jobs)
    else:
        answers = yield from _one_by_one(settings, table, folds, first)
    if answers is None:
        return None
    parts = {
        str(corpus): _of_corpus(settings, table, answers, str(corpus)) for corpus in dict.fromkeys(table.corpora[kept])
    }
    judged = {name: part for name, part in parts.items() if part is not None}
    of_first = judged.pop(next(iter(judged)))
    return replace(of_first, others=judged)


def _folds(settings: TrainingSettings, table: FeatureTable, kept: np.ndarray, held_out_corpus: str) -> list[Fold]:
    """The folds of the protocol, or the one that holds out a data set, over the `kept` rows."""
    if held_out_corpus:
        held = table.corpora[kept] == held_out_corpus
        return [Fold(f"data set {held_out_corpus}", kept[~held], kept[held])]
    labels, actors = table.labels[kept], table.actors[kept]
    return [
        Fold(fold.name, kept[fold.train], kept[fold.test])
        for fold in split(settings.protocol, labels, actors, seed=settings.seed, test_actors=settings.test_actors)
    ]


def _of_corpus(
    settings: TrainingSettings, table: FeatureTable, answers: list[FoldAnswers], corpus: str
) -> CrossValidation | None:
    """The answers to the clips of one data set and their scores; None if no clip of it was held out."""
    folds = [fold.select(table.corpora[fold.rows] == corpus, table.corpora == corpus) for fold in answers]
    folds = [fold for fold in folds if fold.rows.size]
    if not folds:
        return None
    rows = np.concatenate([fold.rows for fold in folds])
    probabilities = np.concatenate([fold.probabilities for fold in folds])
    labels = settings.emotions
    if corpus != table.corpora[0]:
        labels = shared_labels(tuple(np.unique(table.labels[rows])), labels)
    scored = restricted(probabilities, settings.emotions, labels) if labels != settings.emotions else probabilities
    evaluation = score(table.labels[rows], scored, labels, table.actors[rows], settings.protocol)
    return CrossValidation(evaluation, rows, scored, tuple(folds), settings.emotions)


def _one_by_one(
    settings: TrainingSettings, table: FeatureTable, folds: list[Fold], first: EmotionModel | None
) -> Steps[FoldReport, list[FoldAnswers] | None]:
    """One fold after the other in this process; None if stopped."""
    started, answers = time.perf_counter(), []
    for number, fold in enumerate(folds, start=1):
        model = first if number == 1 else None
        if model is None:
            steps = fit(settings, table, fold.train, answers=False)
            trainings = trainings_of_fit(settings, table.actors[fold.train], table.corpora[fold.train])
            model = yield from FoldProgress(number, len(folds), fold.name, started).follow(steps, trainings)
        if model is None:
            return None
        answers.append(fold_answers(model, table, fold.test, settings.seed))
    return answers


def _in_processes(
    settings: TrainingSettings, table: FeatureTable, folds: list[Fold], jobs: int
) -> Steps[FoldReport, list[FoldAnswers] | None]:
    """Folds side by side; None if stopped."""
    started, answers = time.perf_counter(), []
    calls = ((settings, fold) for fold in folds)
    results = side_by_side(_fold, calls, jobs=jobs, ahead=1, shared=(table,))
    for fold, each in zip(folds, results, strict=False):
        answers.append(each)
        done, seconds = len(answers), time.perf_counter() - started
        left = seconds / done * (len(folds) - done)
        if (yield FoldReport(done, len(folds), fold.name, done / len(folds), seconds, left)):
            return None
    return answers


def _fold(table: FeatureTable, settings: TrainingSettings, fold: Fold) -> FoldAnswers:
    model = finish(fit(settings, table, fold.train, answers=False))
    return fold_answers(model, table, fold.test, settings.seed)
