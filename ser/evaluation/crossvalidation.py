"""Protocols carried out: models trained and calibrated on some actors and judged on others.

`fit` is what every model goes through, wherever it is asked for: train, then calibrate on actors of the training
clips that the calibrated scores come from a model that did not hear them. `cross_validate` does so in every fold of
a protocol and judges all held-out clips together.
"""

import time
from dataclasses import dataclass, replace

import numpy as np

from ser.data.splits import hold_out, split
from ser.data.table import FeatureTable
from ser.metrics import Evaluation, score
from ser.model.calibration import calibrate
from ser.model.emotion_model import EmotionModel, NoveltyDetector
from ser.model.novelty import fit_detector, novelty_distances, novelty_inputs, with_held_out
from ser.model.training_clips import index_clips
from ser.steps import Steps, finish, until_stopped
from ser.training.trainer import (
    NEUTRAL,
    EpochReport,
    TrainingSettings,
    chosen_emotions,
    one_blas_thread,
    train,
    train_enrolled,
)

#: In so many parts the training clips are held out in turn, to learn how far new clips lie from those learnt from.
NOVELTY_FOLDS = 3


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
    settings: TrainingSettings, table: FeatureTable, rows: np.ndarray, *, answers: bool = True
) -> Steps[EpochReport | FoldReport, EmotionModel]:
    """Train and calibrate on some rows of a table, and on nothing else.

    Args:
        settings: what to train.
        table: clips and features.
        rows: row numbers to learn from.
        answers: whether the model will answer clips that come in; then it also learns which clips are unlike its
            training clips, and which are among them. Models that are only scored do without.

    Yields:
        An `EpochReport` for every epoch, then a `FoldReport` for every epoch of every calibration fold. A `Command`
        may stop it there. During training the best epoch so far is then kept; during calibration no more folds are
        trained, as if there were none. A `Command` may also change the learning rate during training; the calibration
        folds follow.

    Returns:
        The `EmotionModel`; calibrated by `settings.calibration_folds` folds over the training actors, else on the
        validation clips, else not.

    Raises:
        TrainingError: as `ser.training.trainer.train`.
    """
    rows = rows[chosen_emotions(settings, table.labels[rows])]
    clips = _Clips.of(settings, table, rows)
    model = yield from train(settings, clips.features, clips.labels, clips.actors, clips.copies)
    if answers:
        model = replace(
            model,
            novelty_detector=_novelty(settings, model, clips),
            training_clips=index_clips(clips.features, settings.feature_set),
        )
    # What follows is trained as the model was, changes of the learning rate included.
    settings = TrainingSettings.from_json(model.settings)
    actual = np.array([model.labels.index(label) for label in clips.labels])
    folds = calibration_folds(settings, clips.actors)
    enrols = can_enrol(settings, clips.labels, clips.actors)
    rest = trainings_of_fit(settings, clips.labels, clips.actors) - 1
    place = _Place(1, rest, "voice profiles", time.perf_counter())
    if enrols:
        steps = train_enrolled(settings, model, clips.steady, clips.labels, clips.actors)
        model = (yield from _watched(steps, 1, place)) or model
        place = replace(place, fold=2)
    # What is calibrated and judged is the model as it will be kept.
    model = model.half_precision()
    out_of_fold = yield from _out_of_fold(settings, clips, folds, place)
    if out_of_fold is not None:
        enrolled = calibrate(*out_of_fold.enrolled) if out_of_fold.enrolled else None
        return model.calibrated(calibrate(out_of_fold.ensemble_probabilities, actual), enrolled)
    _, watched = hold_out(settings.protocol, clips.labels, clips.actors, settings.validation, seed=settings.seed)
    if watched.size == 0:
        return model
    ensemble_probabilities = model.ensemble_probabilities(table.views(settings.feature_set, rows[watched], model.views))
    return model.calibrated(calibrate(ensemble_probabilities, actual[watched]))


def trainings_of_fit(settings: TrainingSettings, labels: np.ndarray, actors: np.ndarray) -> int:
    """How many trainings `fit` consists of: the count behind every progress bar and estimate.

    Args:
        settings: what is trained.
        labels: emotion of each clip to learn from, shape (n,).
        actors: actor of each, shape (n,).

    Returns:
        The model's own, one more if networks for known voices are trained, and as many for each calibration fold.
    """
    return (1 + can_enrol(settings, labels, actors)) * (1 + len(calibration_folds(settings, actors)))


def share_of_fit(report: EpochReport | FoldReport, trainings: int) -> float:
    """How much of `fit` is done.

    Args:
        report: what it yielded last.
        trainings: how many there are in all, from `trainings_of_fit`.

    Returns:
        A share, 0 to 1, each training counting as much as any other.
    """
    if isinstance(report, EpochReport):
        return report.epoch / report.epochs / trainings
    return (1 + report.share * (trainings - 1)) / trainings


@dataclass(frozen=True)
class _Clips:
    """Training clips and all their readings, by row."""

    features: np.ndarray
    labels: np.ndarray
    actors: np.ndarray
    copies: np.ndarray
    views: np.ndarray
    sessions: np.ndarray

    @classmethod
    def of(cls, settings: TrainingSettings, table: FeatureTable, rows: np.ndarray) -> "_Clips":
        name = settings.feature_set
        views = table.views(name, rows, settings.view_names)
        return cls(
            table.matrix(name)[rows],
            table.labels[rows],
            table.actors[rows],
            np.concatenate([views[1:], table.augmented_copies(name, rows, settings.used_copies)]),
            views,
            table.session_copies(name, rows, settings.used_sessions),
        )

    def select(self, kept: np.ndarray) -> "_Clips":
        return _Clips(
            self.features[kept],
            self.labels[kept],
            self.actors[kept],
            self.copies[:, kept],
            self.views[:, kept],
            self.sessions[:, kept],
        )

    @property
    def steady(self) -> np.ndarray:
        """The readings that alter all clips of a speaker alike, the clips as they are first."""
        return np.concatenate([self.views, self.sessions])

    def everything(self) -> np.ndarray:
        return np.concatenate([self.features, *self.copies])


def can_enrol(settings: TrainingSettings, labels: np.ndarray, actors: np.ndarray) -> bool:
    """Whether networks for known voices are trained.

    Args:
        settings: their `enrolled_members`.
        labels: emotion of each clip to learn from, shape (n,).
        actors: actor of each, shape (n,).

    Returns:
        True if they are wanted and every actor has a neutral clip to simulate enrolment with.
    """
    return settings.enrolled_members > 0 and set(actors[labels == NEUTRAL].tolist()) == set(actors.tolist())


def _novelty(settings: TrainingSettings, model: EmotionModel, clips: _Clips) -> NoveltyDetector:
    """How far clips lie that were not learnt from, so that stranger ones can be told: it takes no networks."""
    folds = calibration_folds(replace(settings, calibration_folds=NOVELTY_FOLDS), clips.actors)
    if not (new_speakers := bool(folds)):
        # Of a single voice, other clips are all that can be held out.
        turns = np.random.default_rng(settings.seed).permutation(clips.labels.size) % NOVELTY_FOLDS
        folds = [turns == turn for turn in range(NOVELTY_FOLDS)]
    found = np.zeros(clips.labels.size)
    for held in folds:
        known = fit_detector(novelty_inputs(model, clips.select(~held).everything()))
        found[held] = novelty_distances(novelty_inputs(model, clips.features[held]), known)
    known = with_held_out(fit_detector(novelty_inputs(model, clips.everything())), found)
    return replace(known, new_speakers=new_speakers)


@dataclass(frozen=True)
class _OutOfFold:
    """What models say of clips whose actors they were not trained on.

    Attributes:
        ensemble_probabilities: uncalibrated probabilities, shape (n, n_labels).
        enrolled: the same with the actor's neutral voice known, and the actual labels, for the clips that were not
            enrolled with; None without such networks.
    """

    ensemble_probabilities: np.ndarray
    enrolled: tuple[np.ndarray, np.ndarray] | None


def _out_of_fold(
    settings: TrainingSettings, clips: _Clips, folds: list[np.ndarray], place: "_Place"
) -> Steps[FoldReport, _OutOfFold | None]:
    """What models without a clip's actor say of every training clip; None without folds or if given up."""
    ensemble_probabilities = np.zeros((clips.labels.size, len(settings.emotions)))
    with_voice = []
    enrols = can_enrol(settings, clips.labels, clips.actors)
    # One network of each kind: what more would add is little beside what an unheard actor takes away.
    settings = replace(settings, members=1, enrolled_members=int(enrols))
    for number, held in enumerate(folds, start=1):
        part, rest = clips.select(~held), clips.select(held)
        place = replace(place, name=f"calibration {number}")
        steps = train(settings, part.features, part.labels, part.actors, part.copies)
        model = yield from _watched(steps, 1, place)
        if model is None:
            return None
        place = replace(place, fold=place.fold + 1)
        ensemble_probabilities[held] = model.ensemble_probabilities(rest.views)
        if enrols:
            steps = train_enrolled(settings, model, part.steady, part.labels, part.actors)
            model = yield from _watched(steps, 1, place)
            if model is None:
                return None
            place = replace(place, fold=place.fold + 1)
            actual = np.array([settings.emotions.index(label) for label in rest.labels])
            answers, scored = with_profiles(model, rest.views, rest.labels, rest.actors, 2, settings.seed)
            with_voice.append((answers, actual[scored]))
    enrolled = tuple(np.concatenate(each) for each in zip(*with_voice, strict=True)) if with_voice else None
    return _OutOfFold(ensemble_probabilities, enrolled) if folds else None


def with_profiles(
    model: EmotionModel, views: np.ndarray, labels: np.ndarray, actors: np.ndarray, count: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Answers with every actor's neutral voice known from some of the actor's own neutral clips.

    Args:
        model: with `enrolled` networks.
        views: readings of the clips, shape (n_views, n, n_features).
        labels: emotion of each clip, shape (n,).
        actors: actor of each clip, shape (n,); everyone with more than `count` neutral clips, or else with at least
            one, is answered for.
        count: neutral clips to enrol with.
        seed: of which.

    Returns:
        Uncalibrated probabilities, shape (k, n_labels), and the places, shape (k,), of the clips that were answered
        for: all but those enrolled with, which are never scored.
    """
    rng = np.random.default_rng(seed)
    inputs = model.inputs(views)
    references, scored = np.zeros_like(inputs), np.ones(labels.size, dtype=bool)
    for actor in np.unique(actors):
        own = actors == actor
        neutral = np.flatnonzero(own & (labels == NEUTRAL))
        drawn = rng.permutation(neutral)[:count]
        scored[drawn] = False
        references[:, own] = inputs[:, drawn].mean(axis=1, keepdims=True)
    places = np.flatnonzero(scored)
    return model.ensemble_probabilities(views[:, places], references[:, places]), places


def calibration_folds(settings: TrainingSettings, actors: np.ndarray) -> list[np.ndarray]:
    """Whole actors in turn, to learn from what is unheard how far to believe a model.

    Args:
        settings: their `calibration_folds` and `seed`.
        actors: of the training clips, shape (n,).

    Returns:
        For each fold, which clips it holds out, shape (n,); at most a fold an actor. None with fewer than two folds or
        actors.
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
            found = [with_profiles(model, views, labels, actors, count, seed + draw) for draw in draws]
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
            model = yield from _watched(steps, trainings, _Place(done, len(parts), name, started))
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


@dataclass(frozen=True)
class _Place:
    """Which fold of how many, and since when."""

    fold: int
    folds: int
    name: str
    started: float


def _watched(
    steps: Steps[EpochReport | FoldReport, EmotionModel], trainings: int, place: _Place
) -> Steps[FoldReport, EmotionModel | None]:
    """Run one fold of so many trainings, telling after every epoch how all folds stand; None if given up."""
    began = time.perf_counter() - place.started

    def fold_report(report: EpochReport | FoldReport) -> FoldReport:
        part = share_of_fit(report, trainings)
        seconds = time.perf_counter() - place.started
        # A training may end before its last epoch, so folds that are over tell the pace better than epochs; a first
        # fold that was over before took no time and tells nothing.
        whole = began / (place.fold - 1) if place.fold > 1 and began > 0.1 else (seconds - began) / part
        left = max(0.0, began + whole * (place.folds - place.fold + 1) - seconds)
        share = (place.fold - 1 + part) / place.folds
        return FoldReport(place.fold, place.folds, place.name, share, seconds, left)

    return (yield from until_stopped(steps, fold_report))
