"""Protocols carried out: models trained and calibrated on some actors and judged on others.

`fit` is what every model goes through, wherever it is asked for: train, then calibrate on actors of the training
clips that the calibrated scores come from a model that did not hear them. `cross_validate` does so in every fold of
a protocol and judges all held-out clips together.
"""

import time
from collections.abc import Generator
from dataclasses import dataclass, replace

import numpy as np

from ser.calibration import calibrate
from ser.evaluation import Evaluation, score
from ser.model import EmotionModel
from ser.splits import hold_out, split
from ser.table import FeatureTable
from ser.training import Command, EpochReport, TrainingSettings, chosen_emotions, train


@dataclass(frozen=True)
class FoldReport:
    """How a cross-validation or a calibration stands, within a fold or at its end.

    Attributes:
        fold: the fold under way, from 1.
        folds: folds in all.
        name: of that fold, such as "actors 1, 11, 20, 21".
        share: done of all folds, 0 to 1.
        seconds: since the start.
        seconds_left: at this pace.
    """

    fold: int
    folds: int
    name: str
    share: float
    seconds: float
    seconds_left: float


def fit(
    settings: TrainingSettings, table: FeatureTable, rows: np.ndarray
) -> Generator[EpochReport | FoldReport, Command | bool | None, EmotionModel]:
    """Train and calibrate on some rows of a table, and on nothing else.

    Args:
        settings: what to train.
        table: clips and features.
        rows: row numbers to learn from.

    Yields:
        An `EpochReport` for every epoch, then a `FoldReport` for every epoch of every calibration fold. Send True
        to end there: during training the best epoch so far is kept; during calibration no more folds are trained, as
        if there were none. A `Command` may change the learning rate during training; the calibration folds follow.

    Returns:
        The `EmotionModel`; calibrated by `settings.calibration_folds` folds over the training actors, else on the
        validation clips, else not.

    Raises:
        TrainingError: as `ser.training.train`.
    """
    rows = rows[chosen_emotions(settings, table.labels[rows])]
    features, labels, actors = table.matrix(settings.feature_set)[rows], table.labels[rows], table.actors[rows]
    model = yield from train(settings, features, labels, actors)
    # The folds are trained as the model was, changes of the learning rate included.
    settings = TrainingSettings.from_json(model.settings)
    place = {label: i for i, label in enumerate(model.labels)}
    probabilities = yield from _unheard(settings, features, labels, actors)
    if probabilities is not None:
        watched = np.arange(rows.size)
    else:
        _, watched = hold_out(settings.protocol, labels, actors, settings.validation, seed=settings.seed)
        probabilities = model.probabilities(features)
    if watched.size == 0:
        return model
    return model.calibrated(calibrate(probabilities[watched], np.array([place[x] for x in labels[watched]])))


def _unheard(
    settings: TrainingSettings, features: np.ndarray, labels: np.ndarray, actors: np.ndarray
) -> Generator[FoldReport, Command | bool | None, np.ndarray | None]:
    """Probabilities of every training clip, each from a model without its actor; None without folds or if given up."""
    folds = calibration_folds(settings, actors) if settings.calibration_folds else []
    probabilities, started = np.zeros((labels.size, len(settings.emotions))), time.perf_counter()
    for done, held in enumerate(folds, start=1):
        training = train(settings, features[~held], labels[~held], actors[~held])
        inner = yield from _watched(training, 1, _Place(done, len(folds), f"calibration {done}", started))
        if inner is None:
            return None
        probabilities[held] = inner.probabilities(features[held])
    return probabilities if folds else None


def calibration_folds(settings: TrainingSettings, actors: np.ndarray) -> list[np.ndarray]:
    """Whole actors in turn, to learn from what is unheard how far to believe a model.

    Args:
        settings: their `calibration_folds` and `seed`.
        actors: of the training clips, shape (n,).

    Returns:
        For each fold, which clips it holds out, shape (n,); at most a fold an actor.
    """
    present = np.random.default_rng(settings.seed).permutation(np.unique(actors))
    count = min(settings.calibration_folds, present.size)
    return [np.isin(actors, group) for group in np.array_split(present, count)] if count > 1 else []


@dataclass(frozen=True)
class CrossValidation:
    """What a protocol found, clip by clip.

    Attributes:
        evaluation: the scores over all held-out clips.
        rows: the table's row number of each scored clip, shape (n,).
        probabilities: shape (n, n_labels), each from a model that did not see the clip.
    """

    evaluation: Evaluation
    rows: np.ndarray
    probabilities: np.ndarray


def cross_validate(
    settings: TrainingSettings, table: FeatureTable, *, first: EmotionModel | None = None
) -> Generator[FoldReport, Command | bool | None, CrossValidation | None]:
    """Carry out the settings' protocol.

    Args:
        settings: what to train, and the protocol to judge it by.
        table: clips and features.
        first: the model that `fit` made for the first fold with these settings, if it is there already.

    Yields:
        A `FoldReport` after every epoch of every fold. Send True to give up.

    Returns:
        A `CrossValidation` over the held-out clips of all folds; None if given up.

    Raises:
        TrainingError: as `ser.training.train` and `ser.splits.split`.
    """
    kept = np.flatnonzero(chosen_emotions(settings, table.labels))
    labels, actors = table.labels[kept], table.actors[kept]
    folds = split(settings.protocol, labels, actors, seed=settings.seed, test_actors=settings.test_actors)
    started = time.perf_counter()
    rows, probabilities = [], []
    for done, fold in enumerate(folds, start=1):
        model = first if done == 1 else None
        if model is None:
            training = fit(settings, table, kept[fold.train])
            trainings = 1 + settings.calibration_folds
            model = yield from _watched(training, trainings, _Place(done, len(folds), fold.name, started))
        if model is None:
            return None
        rows.append(kept[fold.test])
        probabilities.append(model.probabilities(table.matrix(settings.feature_set)[kept[fold.test]]))
    scored, answers = np.concatenate(rows), np.concatenate(probabilities)
    evaluation = score(table.labels[scored], answers, settings.emotions, table.actors[scored], settings.protocol)
    return CrossValidation(evaluation, scored, answers)


def unseen(settings: TrainingSettings) -> TrainingSettings:
    """The same settings judged on unseen actors.

    Args:
        settings: any.

    Returns:
        Them with the protocol "emobox" if theirs was "random", else as they are.
    """
    return replace(settings, protocol="emobox") if settings.protocol == "random" else settings


@dataclass(frozen=True)
class _Place:
    """Which fold of how many, and since when."""

    fold: int
    folds: int
    name: str
    started: float


def _watched(
    steps: Generator[EpochReport | FoldReport, Command | bool | None, EmotionModel], trainings: int, place: _Place
) -> Generator[FoldReport, Command | bool | None, EmotionModel | None]:
    """Run one fold of so many trainings, telling after every epoch how all folds stand; None if given up."""
    began = time.perf_counter() - place.started
    while True:
        try:
            report = next(steps)
        except StopIteration as end:
            return end.value
        if isinstance(report, EpochReport):
            part = report.epoch / report.epochs / trainings
        else:
            part = (1 + report.share * (trainings - 1)) / trainings
        seconds = time.perf_counter() - place.started
        # A training may end before its last epoch, so folds that are over tell the pace better than epochs; a first
        # fold that was over before took no time and tells nothing.
        whole = began / (place.fold - 1) if began > 0.1 else (seconds - began) / part
        left = max(0.0, began + whole * (place.folds - place.fold + 1) - seconds)
        share = (place.fold - 1 + part) / place.folds
        if (yield FoldReport(place.fold, place.folds, place.name, share, seconds, left)):
            steps.close()
            return None
