"""Cross-validation: models trained and calibrated on some actors and judged on others.

`cross_validate` fits a model in every fold of a protocol and judges the answers to all held-out clips together.
"""

import time
from dataclasses import dataclass

import numpy as np

from ser.data.splits import Fold, split
from ser.data.table import FeatureTable
from ser.emotions import NEUTRAL
from ser.metrics import Evaluation, score
from ser.model.emotion_model import EmotionModel
from ser.steps import Steps, finish
from ser.threads import one_blas_thread
from ser.training.enrolled import enrolled_probabilities
from ser.training.fitting import fit, trainings_of_fit
from ser.training.progress import FoldProgress, FoldReport
from ser.training.selection import chosen_emotions
from ser.training.settings import TrainingSettings

#: Numbers of neutral clips to enrol with.
ENROLMENTS = (1, 2, 4)
_DRAWS = 5
# A wrong reference is the mean of so many clips.
_REFERENCE_CLIPS = 2


@dataclass(frozen=True)
class Answers:
    """Answers to some clips.

    Attributes:
        rows: the table's row numbers, shape (n,).
        probabilities: shape (n, n_labels).
    """

    rows: np.ndarray
    probabilities: np.ndarray


@dataclass(frozen=True)
class FoldAnswers(Answers):
    """Answers of a fold's model to the clips held out from it.

    Attributes:
        in_set: which emotions the prediction set holds, bool, shape (n, n_labels).
        abstained: whether the answer is withheld, bool, shape (n,).
        enrolled: number of neutral clips enrolled with → the answers, one a draw of these clips.
        wrongly_enrolled: how the enrolment is wrong → the answers.
        transductive: with the actor's neutral voice estimated from all the actor's clips; None without `enrolled`
            networks.
    """

    in_set: np.ndarray
    abstained: np.ndarray
    enrolled: dict[int, tuple[Answers, ...]]
    wrongly_enrolled: dict[str, Answers]
    transductive: Answers | None


@dataclass(frozen=True)
class CrossValidation:
    """The outcome of a protocol, clip by clip.

    Attributes:
        evaluation: the scores over all held-out clips.
        rows: the table's row number of each scored clip, shape (n,).
        probabilities: shape (n, n_labels), each from a model that did not see the clip.
        answers: all answers of the models, fold by fold.
    """

    evaluation: Evaluation
    rows: np.ndarray
    probabilities: np.ndarray
    answers: tuple[FoldAnswers, ...] = ()


def fold_answers(model: EmotionModel, table: FeatureTable, rows: np.ndarray, seed: int = 0) -> FoldAnswers:
    """All answers of a model to clips that it was not trained on; `seed` chooses the clips to enrol with."""
    one_blas_thread()
    views = table.views(model.feature_set, rows, model.views)
    labels, actors = table.labels[rows], table.actors[rows]
    probabilities = model.probabilities(views)
    calibration = model.calibration
    in_set = probabilities >= (2.0 if calibration.set_threshold is None else calibration.set_threshold)
    in_set[np.arange(rows.size), probabilities.argmax(axis=1)] = True
    enrolled: dict[int, tuple[Answers, ...]] = {}
    wrongly_enrolled: dict[str, Answers] = {}
    transductive = None
    neutral = labels == NEUTRAL
    if model.enrolled and all((neutral & (actors == actor)).sum() > 1 for actor in np.unique(actors)):
        temperature_scaled = model.enrolled_calibration.temperature_scaled
        for count in ENROLMENTS:
            # With all four of an actor's neutral clips enrolled there is one way to draw them.
            draws = range(_DRAWS if count < max(ENROLMENTS) else 1)
            drawn = [enrolled_probabilities(model, views, labels, actors, count, seed + draw) for draw in draws]
            enrolled[count] = tuple(Answers(rows[scored], temperature_scaled(each)) for each, scored in drawn)
        estimated = model.ensemble_probabilities(views, _estimated(model, views, actors))
        transductive = Answers(rows, temperature_scaled(estimated))
        for mistake, reference in _wrong_references(model, views, neutral, actors).items():
            answers = temperature_scaled(model.ensemble_probabilities(views, reference))
            wrongly_enrolled[mistake] = Answers(rows, answers)
    abstained = probabilities.max(axis=1) < calibration.abstain_below
    return FoldAnswers(rows, probabilities, in_set, abstained, enrolled, wrongly_enrolled, transductive)


def _estimated(model: EmotionModel, views: np.ndarray, actors: np.ndarray) -> np.ndarray:
    """References estimated from all clips of each actor, in the shape of the inputs."""
    inputs = model.inputs(views)
    references = np.zeros_like(inputs)
    for actor in np.unique(actors):
        own = actors == actor
        references[:, own] = model.guessed_reference(inputs[:, own])
    return references


def _wrong_references(
    model: EmotionModel, views: np.ndarray, neutral: np.ndarray, actors: np.ndarray
) -> dict[str, np.ndarray]:
    """Wrong references, in the shape of the inputs, by the mistake that was made at the enrolment."""
    inputs = model.inputs(views)
    other_speaker, not_neutral = np.zeros_like(inputs), np.zeros_like(inputs)
    present = np.unique(actors)
    for index, actor in enumerate(present):
        own = actors == actor
        others_neutral = inputs[:, neutral & (actors == present[index - 1])]
        other_speaker[:, own] = others_neutral[:, :_REFERENCE_CLIPS].mean(axis=1, keepdims=True)
        not_neutral[:, own] = inputs[:, own & ~neutral][:, :_REFERENCE_CLIPS].mean(axis=1, keepdims=True)
    return {"another speaker": other_speaker, "not neutral": not_neutral}


def cross_validate(
    settings: TrainingSettings, table: FeatureTable, *, first: EmotionModel | None = None, jobs: int = 1
) -> Steps[FoldReport, CrossValidation | None]:
    """Carry out the settings' protocol.

    Args:
        settings: what to train, and the protocol to judge it by.
        table: clips and features.
        first: the model that `fit` made for the first fold with these settings, if it is there already.
        jobs: processes that share the folds. With more than one, reports come at the end of each fold only.

    Yields:
        A `FoldReport` after every epoch of every fold. A `Command` may stop it there.

    Returns:
        A `CrossValidation` over the held-out clips of all folds; None if it was stopped.

    Raises:
        TrainingError: as `ser.training.trainer.train` and `ser.data.splits.split`.
    """
    kept = np.flatnonzero(chosen_emotions(settings, table.labels))
    labels, actors = table.labels[kept], table.actors[kept]
    folds = [
        Fold(fold.name, kept[fold.train], kept[fold.test])
        for fold in split(settings.protocol, labels, actors, seed=settings.seed, test_actors=settings.test_actors)
    ]
    if jobs > 1 and len(folds) > 1:
        answers = yield from _in_processes(settings, table, folds, jobs)
    else:
        answers = yield from _one_by_one(settings, table, folds, first)
    if answers is None:
        return None
    rows = np.concatenate([fold.rows for fold in answers])
    probabilities = np.concatenate([fold.probabilities for fold in answers])
    evaluation = score(table.labels[rows], probabilities, settings.emotions, table.actors[rows], settings.protocol)
    return CrossValidation(evaluation, rows, probabilities, tuple(answers))


def _one_by_one(
    settings: TrainingSettings, table: FeatureTable, folds: list[Fold], first: EmotionModel | None
) -> Steps[FoldReport, list[FoldAnswers] | None]:
    """One fold after the other in this process; None if stopped."""
    started, answers = time.perf_counter(), []
    for number, fold in enumerate(folds, start=1):
        model = first if number == 1 else None
        if model is None:
            steps = fit(settings, table, fold.train, answers=False)
            trainings = trainings_of_fit(settings, table.labels[fold.train], table.actors[fold.train])
            model = yield from FoldProgress(number, len(folds), fold.name, started).follow(steps, trainings)
        if model is None:
            return None
        answers.append(fold_answers(model, table, fold.test, settings.seed))
    return answers


def _in_processes(
    settings: TrainingSettings, table: FeatureTable, folds: list[Fold], jobs: int
) -> Steps[FoldReport, list[FoldAnswers] | None]:
    """Folds side by side; None if stopped."""
    from joblib import Parallel, delayed

    started, answers = time.perf_counter(), []
    work = (delayed(_fold)(settings, table, fold) for fold in folds)
    for fold, each in zip(folds, Parallel(n_jobs=jobs, return_as="generator", pre_dispatch=jobs)(work), strict=False):
        answers.append(each)
        done, seconds = len(answers), time.perf_counter() - started
        left = seconds / done * (len(folds) - done)
        if (yield FoldReport(done, len(folds), fold.name, done / len(folds), seconds, left)):
            return None
    return answers


def _fold(settings: TrainingSettings, table: FeatureTable, fold: Fold) -> FoldAnswers:
    model = finish(fit(settings, table, fold.train, answers=False))
    return fold_answers(model, table, fold.test, settings.seed)
