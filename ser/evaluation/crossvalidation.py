"""Cross-validation: models trained and calibrated on some actors and judged on others.

`cross_validate` fits a model in every fold of a protocol and judges the answers to all held-out clips together.
"""

import time
from dataclasses import dataclass

import numpy as np

from ser.data.splits import split
from ser.data.table import FeatureTable
from ser.emotions import NEUTRAL
from ser.metrics import Evaluation, score
from ser.model.emotion_model import EmotionModel
from ser.steps import Steps, finish
from ser.training.enrolled import enrolled_probabilities
from ser.training.fitting import fit, trainings_of_fit
from ser.training.progress import FoldProgress, FoldReport
from ser.training.selection import chosen_emotions
from ser.training.settings import TrainingSettings
from ser.training.threads import one_blas_thread


@dataclass(frozen=True)
class CrossValidation:
    """What a protocol found, clip by clip.

    Attributes:
        evaluation: the scores over all held-out clips.
        rows: the table's row number of each scored clip, shape (n,).
        probabilities: shape (n, n_labels), each from a model that did not see the clip.
        answers: what else the models said, fold by fold.
    """

    evaluation: Evaluation
    rows: np.ndarray
    probabilities: np.ndarray
    answers: "tuple[FoldAnswers, ...]" = ()


@dataclass(frozen=True)
class FoldAnswers:
    """What a fold's model says of the clips held out from it.

    Attributes:
        rows: the table's row numbers, shape (n,).
        probabilities: shape (n, n_labels).
        in_set: which emotions the prediction set holds, bool, shape (n, n_labels).
        abstained: whether the answer is withheld, bool, shape (n,).
        enrolled: neutral clips enrolled with → one (row numbers, probabilities) a draw of them.
        wrongly: how a profile was wrong → (row numbers, probabilities).
        transductive: probabilities with the actor's neutral voice guessed from all the actor's clips, shape
            (n, n_labels); None without `enrolled` networks.
    """

    rows: np.ndarray
    probabilities: np.ndarray
    in_set: np.ndarray
    abstained: np.ndarray
    enrolled: dict[int, tuple[tuple[np.ndarray, np.ndarray], ...]]
    wrongly: dict[str, tuple[np.ndarray, np.ndarray]]
    transductive: np.ndarray | None


ENROLMENTS = (1, 2, 4)
_DRAWS = 5


def fold_answers(model: EmotionModel, table: FeatureTable, rows: np.ndarray, seed: int = 0) -> FoldAnswers:
    """Ask a model everything about clips that it was not trained on.

    Args:
        model: from `fit`.
        table: clips and features.
        rows: row numbers to ask about.
        seed: of which clips are enrolled with.

    Returns:
        The `FoldAnswers`.
    """
    one_blas_thread()
    views = table.views(model.feature_set, rows, model.views)
    labels, actors = table.labels[rows], table.actors[rows]
    probabilities = model.probabilities(views)
    trust = model.calibration
    in_set = probabilities >= (2.0 if trust.set_threshold is None else trust.set_threshold)
    in_set[np.arange(rows.size), probabilities.argmax(axis=1)] = True
    enrolled, wrongly, transductive = {}, {}, None
    neutral = labels == NEUTRAL
    if model.enrolled and all((neutral & (actors == actor)).sum() > 1 for actor in np.unique(actors)):
        temper = model.enrolled_calibration.temperature_scaled
        for count in ENROLMENTS:
            # With all four of an actor's neutral clips enrolled there is one way to draw them.
            draws = range(_DRAWS if count < max(ENROLMENTS) else 1)
            found = [enrolled_probabilities(model, views, labels, actors, count, seed + draw) for draw in draws]
            enrolled[count] = tuple(
                (rows[places], temper(ensemble_probabilities)) for ensemble_probabilities, places in found
            )
        inputs = model.inputs(views)
        guesses, others, played = np.zeros_like(inputs), np.zeros_like(inputs), np.zeros_like(inputs)
        present = np.unique(actors)
        for place, actor in enumerate(present):
            own = actors == actor
            guesses[:, own] = model.guessed_reference(inputs[:, own])
            others[:, own] = inputs[:, neutral & (actors == present[place - 1])][:, :2].mean(axis=1, keepdims=True)
            played[:, own] = inputs[:, own & ~neutral][:, :2].mean(axis=1, keepdims=True)
        transductive = temper(model.ensemble_probabilities(views, guesses))
        wrongly["another speaker"] = (rows, temper(model.ensemble_probabilities(views, others)))
        wrongly["not neutral"] = (rows, temper(model.ensemble_probabilities(views, played)))
    return FoldAnswers(
        rows, probabilities, in_set, probabilities.max(axis=1) < trust.abstain_below, enrolled, wrongly, transductive
    )


def cross_validate(
    settings: TrainingSettings, table: FeatureTable, *, first: EmotionModel | None = None, jobs: int = 1
) -> Steps[FoldReport, CrossValidation | None]:
    """Carry out the settings' protocol.

    Args:
        settings: what to train, and the protocol to judge it by.
        table: clips and features.
        first: the model that `fit` made for the first fold with these settings, if it is there already.
        jobs: processes that share the folds; with more than one, reports come at the end of each fold only.

    Yields:
        A `FoldReport` after every epoch of every fold. A `Command` may stop it there.

    Returns:
        A `CrossValidation` over the held-out clips of all folds; None if given up.

    Raises:
        TrainingError: as `ser.training.trainer.train` and `ser.data.splits.split`.
    """
    kept = np.flatnonzero(chosen_emotions(settings, table.labels))
    labels, actors = table.labels[kept], table.actors[kept]
    folds = split(settings.protocol, labels, actors, seed=settings.seed, test_actors=settings.test_actors)
    together = _in_processes if jobs > 1 and len(folds) > 1 else _one_by_one
    found = yield from together(
        settings, table, [(fold.name, kept[fold.train], kept[fold.test]) for fold in folds], first, jobs
    )
    if found is None:
        return None
    scored = np.concatenate([each.rows for each in found])
    answers = np.concatenate([each.probabilities for each in found])
    evaluation = score(table.labels[scored], answers, settings.emotions, table.actors[scored], settings.protocol)
    return CrossValidation(evaluation, scored, answers, tuple(found))


_Parts = list[tuple[str, np.ndarray, np.ndarray]]


def _one_by_one(
    settings: TrainingSettings, table: FeatureTable, parts: _Parts, first: EmotionModel | None, jobs: int
) -> Steps[FoldReport, list[FoldAnswers] | None]:
    """One fold after the other in this process; None if given up."""
    started, found = time.perf_counter(), []
    for done, (name, train_rows, test_rows) in enumerate(parts, start=1):
        model = first if done == 1 else None
        if model is None:
            steps = fit(settings, table, train_rows, answers=False)
            used = train_rows[chosen_emotions(settings, table.labels[train_rows])]
            trainings = trainings_of_fit(settings, table.labels[used], table.actors[used])
            model = yield from FoldProgress(done, len(parts), name, started).follow(steps, trainings)
        if model is None:
            return None
        found.append(fold_answers(model, table, test_rows, settings.seed))
    return found


def _in_processes(
    settings: TrainingSettings, table: FeatureTable, parts: _Parts, first: EmotionModel | None, jobs: int
) -> Steps[FoldReport, list[FoldAnswers] | None]:
    """Folds side by side; None if given up."""
    from joblib import Parallel, delayed

    started, found = time.perf_counter(), []
    work = (delayed(_fold)(settings, table, train_rows, test_rows) for _, train_rows, test_rows in parts)
    for answers in Parallel(n_jobs=jobs, return_as="generator", pre_dispatch=jobs)(work):
        found.append(answers)
        seconds = time.perf_counter() - started
        left = seconds / len(found) * (len(parts) - len(found))
        name = parts[len(found) - 1][0]
        if (yield FoldReport(len(found), len(parts), name, len(found) / len(parts), seconds, left)):
            return None
    return found


def _fold(
    settings: TrainingSettings, table: FeatureTable, train_rows: np.ndarray, test_rows: np.ndarray
) -> FoldAnswers:
    return fold_answers(finish(fit(settings, table, train_rows, answers=False)), table, test_rows, settings.seed)
