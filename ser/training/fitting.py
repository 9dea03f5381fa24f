"""What every model goes through wherever it is made: training, voice profiles, calibration and novelty.

The temperature and the thresholds of a model are learnt from out-of-fold answers: those of models that were trained
without the clip's speaker.
"""

import time
from dataclasses import dataclass, replace

import numpy as np

from ser.data.splits import hold_out
from ser.data.table import FeatureTable
from ser.model.calibration import calibrate
from ser.model.emotion_model import EmotionModel, NoveltyDetector
from ser.model.novelty import fit_detector, novelty_distances, novelty_inputs, with_held_out
from ser.model.training_clips import index_clips
from ser.steps import Steps
from ser.training.enrolled import can_enrol, enrolled_probabilities, train_enrolled
from ser.training.epochs import EpochReport
from ser.training.progress import FoldProgress, FoldReport
from ser.training.selection import chosen_emotions
from ser.training.settings import TrainingSettings
from ser.training.trainer import train

# The training clips are held out in so many parts to learn how far new clips lie from known ones.
_NOVELTY_FOLDS = 3
# Out-of-fold answers with a voice profile are from this many neutral clips.
_ENROLLED_CLIPS = 2


def fit(
    settings: TrainingSettings, table: FeatureTable, rows: np.ndarray, *, answers: bool = True
) -> Steps[EpochReport | FoldReport, EmotionModel]:
    """Train and calibrate on some rows of a table, and on nothing else.

    Args:
        settings: what to train.
        table: clips and features.
        rows: row numbers to learn from.
        answers: whether the model will answer clips of visitors. Then it also learns which clips are unlike its
            training clips, and which are among them. Models that are only scored do without.

    Yields:
        An `EpochReport` for every epoch, then a `FoldReport` for every epoch of every calibration fold. A `Command`
        may stop it there. During training the best epoch so far is then kept; during calibration no more folds are
        trained, as if there were none. A `Command` may also change the learning rate during training; the calibration
        folds follow.

    Returns:
        The `EmotionModel`. It is calibrated by `settings.calibration_folds` folds over the training actors, else on the
        validation clips, else not at all.

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
    # The other trainings use the settings of the model, which hold the changes of the learning rate.
    settings = TrainingSettings.from_json(model.settings)
    others = trainings_of_fit(settings, clips.labels, clips.actors) - 1
    progress = FoldProgress(1, others, "voice profiles", time.perf_counter())
    if can_enrol(settings, clips.labels, clips.actors):
        steps = train_enrolled(settings, model, clips.speaker_views, clips.labels, clips.actors)
        model = (yield from progress.follow(steps, 1)) or model
        progress = replace(progress, fold=2)
    # The model is calibrated and judged as it will be kept.
    model = model.half_precision()
    actual = np.array([model.labels.index(label) for label in clips.labels])
    out_of_fold = yield from _out_of_fold(settings, clips, calibration_folds(settings, clips.actors), progress)
    if out_of_fold is not None:
        enrolled = calibrate(*out_of_fold.enrolled) if out_of_fold.enrolled else None
        return model.calibrated(calibrate(out_of_fold.probabilities, actual), enrolled)
    _, watched = hold_out(settings.protocol, clips.labels, clips.actors, settings.validation, seed=settings.seed)
    if watched.size == 0:
        return model
    probabilities = model.ensemble_probabilities(table.views(settings.feature_set, rows[watched], model.views))
    return model.calibrated(calibrate(probabilities, actual[watched]))


def trainings_of_fit(settings: TrainingSettings, labels: np.ndarray, actors: np.ndarray) -> int:
    """How many trainings `fit` consists of: the count behind every progress bar and every estimate of the cost.

    These are the model's own, one more if networks for known voices are trained, and as many for each calibration fold.
    """
    return (1 + can_enrol(settings, labels, actors)) * (1 + len(calibration_folds(settings, actors)))


def calibration_folds(settings: TrainingSettings, actors: np.ndarray) -> list[np.ndarray]:
    """For each calibration fold, which clips it holds out, shape (n,): whole actors, at most one fold an actor.

    There are no folds where the settings ask for fewer than two, or where there are fewer than two actors.
    """
    present = np.random.default_rng(settings.seed).permutation(np.unique(actors))
    count = min(settings.calibration_folds, present.size)
    return [np.isin(actors, group) for group in np.array_split(present, count)] if count > 1 else []


@dataclass(frozen=True)
class _Clips:
    """Training clips, their views and their copies, by row.

    Attributes:
        features: vectors of the clips as they are, shape (n, n_features).
        labels: their emotions, shape (n,).
        actors: their speakers, shape (n,).
        copies: other views and augmented copies that the model learns from, shape (n_copies, n, n_features).
        views: the clips as they are and their other views, shape (1 + n_views, n, n_features).
        sessions: copies as of another session, shape (n_sessions, n, n_features).
    """

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
    def speaker_views(self) -> np.ndarray:
        """The views that alter all clips of a speaker alike; the clips as they are come first."""
        return np.concatenate([self.views, self.sessions])

    @property
    def vectors(self) -> np.ndarray:
        """All vectors that the model learns from."""
        return np.concatenate([self.features, *self.copies])


def _novelty(settings: TrainingSettings, model: EmotionModel, clips: _Clips) -> NoveltyDetector:
    """How far clips lie that were not learnt from. It takes no networks."""
    folds = calibration_folds(replace(settings, calibration_folds=_NOVELTY_FOLDS), clips.actors)
    if not (new_speakers := bool(folds)):
        # With a single voice, only clips can be held out.
        turns = np.random.default_rng(settings.seed).permutation(clips.labels.size) % _NOVELTY_FOLDS
        folds = [turns == turn for turn in range(_NOVELTY_FOLDS)]
    held_out_distances = np.zeros(clips.labels.size)
    for held in folds:
        known = fit_detector(novelty_inputs(model, clips.select(~held).vectors))
        held_out_distances[held] = novelty_distances(novelty_inputs(model, clips.features[held]), known)
    known = with_held_out(fit_detector(novelty_inputs(model, clips.vectors)), held_out_distances)
    return replace(known, new_speakers=new_speakers)


@dataclass(frozen=True)
class _OutOfFold:
    """Answers of models to clips whose actors they were not trained on.

    Attributes:
        probabilities: uncalibrated, shape (n, n_labels).
        enrolled: probabilities with the actor's neutral voice known, and the actual label numbers, for the clips that
            were not enrolled with; None without such networks.
    """

    probabilities: np.ndarray
    enrolled: tuple[np.ndarray, np.ndarray] | None


def _out_of_fold(
    settings: TrainingSettings, clips: _Clips, folds: list[np.ndarray], progress: FoldProgress
) -> Steps[FoldReport, _OutOfFold | None]:
    """Answers to every training clip of a model without its actor; None without folds or if stopped."""
    probabilities = np.zeros((clips.labels.size, len(settings.emotions)))
    enrolled, actual = [], []
    enrols = can_enrol(settings, clips.labels, clips.actors)
    # One network of each kind: what more networks add is little beside what an unknown speaker takes away.
    settings = replace(settings, members=1, enrolled_members=int(enrols))
    for number, held in enumerate(folds, start=1):
        part, rest = clips.select(~held), clips.select(held)
        progress = replace(progress, name=f"calibration {number}")
        steps = train(settings, part.features, part.labels, part.actors, part.copies)
        model = yield from progress.follow(steps, 1)
        if model is None:
            return None
        progress = replace(progress, fold=progress.fold + 1)
        probabilities[held] = model.ensemble_probabilities(rest.views)
        if enrols:
            steps = train_enrolled(settings, model, part.speaker_views, part.labels, part.actors)
            model = yield from progress.follow(steps, 1)
            if model is None:
                return None
            progress = replace(progress, fold=progress.fold + 1)
            answers, answered = enrolled_probabilities(
                model, rest.views, rest.labels, rest.actors, _ENROLLED_CLIPS, settings.seed
            )
            enrolled.append(answers)
            actual += [settings.emotions.index(label) for label in rest.labels[answered]]
    if not folds:
        return None
    return _OutOfFold(probabilities, (np.concatenate(enrolled), np.array(actual)) if enrolled else None)
