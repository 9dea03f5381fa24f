"""What every model goes through wherever it is made: training, specialists, adaptation, calibration and novelty.

The temperatures and the thresholds of a model are learnt from out-of-fold answers: those of models that were trained
without the clip's speaker. How far the confidence falls in worse recordings is learnt from such answers, too.
"""

import time
from dataclasses import dataclass, replace

import numpy as np

from ser.data.changed_recordings import changed_recordings
from ser.data.data_sets import OWN
from ser.data.splits import hold_out
from ser.data.table import FeatureTable
from ser.model.calibration import calibrate
from ser.model.degradation import Recordings, fit_degradation, with_slopes
from ser.model.emotion_model import EmotionModel, NoveltyDetector, Trust
from ser.model.novelty import fit_detector, novelty_distances, novelty_inputs, with_held_out
from ser.model.training_clips import index_clips
from ser.steps import Steps
from ser.training.adaptation import unlabelled_offsets, with_emotion_offsets
from ser.training.epochs import EpochReport
from ser.training.progress import FoldProgress, FoldReport
from ser.training.selection import chosen_emotions
from ser.training.settings import TrainingSettings
from ser.training.specialists import fit_gate, has_specialists, in_inputs_of
from ser.training.trainer import compact_inputs, train

# The training clips are held out in so many parts to learn how far new clips lie from known ones.
_NOVELTY_FOLDS = 3
# Adapted out-of-fold answers know the actor from so many clips.
_ADAPTED_CLIPS = 5
# Clips of which the specialists answer more than this share calibrate them.
_MOSTLY = 0.5


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
    steps = train(settings, clips.features, clips.labels, clips.actors, clips.copies, clips.corpora)
    model = with_emotion_offsets((yield from steps), clips.views, clips.labels, clips.actors, clips.corpora)
    if answers:
        model = replace(
            model,
            novelty_detector=_novelty(settings, model, clips),
            training_clips=index_clips(clips.features, settings.feature_set),
        )
    # The other trainings use the settings of the model, which hold the changes of the learning rate.
    settings = TrainingSettings.from_json(model.settings)
    others = trainings_of_fit(settings, clips.actors, clips.corpora) - 1
    progress = FoldProgress(1, others, "specialists", time.perf_counter())
    _, watched = hold_out(settings.protocol, clips.labels, clips.actors, settings.validation, seed=settings.seed)
    if has_specialists(settings.specialists, clips.corpora):
        # The watched clips may calibrate the whole model, so none of its networks learns from them.
        learnt_from = ~np.isin(np.arange(clips.labels.size), watched)
        special = yield from progress.follow(_train_specialists(settings, clips.select(learnt_from)), 1)
        progress = replace(progress, fold=2)
        if special is not None:
            model = _with_specialists(model, special, settings, clips)
    # The model is calibrated and judged as it will be kept.
    return (yield from _calibrated(model.half_precision(), settings, table, rows, clips, watched, progress))


def _calibrated(
    model: EmotionModel,
    settings: TrainingSettings,
    table: FeatureTable,
    rows: np.ndarray,
    clips: "_Clips",
    watched: np.ndarray,
    progress: FoldProgress,
) -> Steps[FoldReport, EmotionModel]:
    """The model with its calibrations and its degradation, from calibration folds or else from the watched clips."""
    actual = clips.actual(model.labels)
    folds = calibration_folds(settings, clips.actors)
    changed = _Clips.changed(settings, table, rows) if folds else clips.select(np.zeros(rows.size, dtype=bool))
    out_of_fold = yield from _out_of_fold(settings, clips, changed, folds, progress)
    if out_of_fold is not None:
        model = replace(model, trust=out_of_fold.trust(actual), adapted_trust=out_of_fold.adapted_trust(actual))
        return _with_degradation(model, clips, changed, folds, out_of_fold)
    if watched.size == 0:
        return model
    probabilities = model.ensemble_probabilities(table.views(settings.feature_set, rows[watched], model.views))
    trust = Trust(calibrate(probabilities, actual[watched]))
    return replace(model, trust=trust, adapted_trust=trust)


def _train_specialists(settings: TrainingSettings, clips: "_Clips") -> Steps[EpochReport, EmotionModel]:
    first = clips.select(clips.corpora == clips.corpora[0])
    # These networks get seeds after those of the others. They have no validation clips, so they run to their end.
    changed = replace(
        settings, members=settings.specialists, seed=settings.seed + settings.members, patience=0, validation=0.0
    )
    return train(changed, first.features, first.labels, first.actors, first.copies)


def _with_specialists(
    model: EmotionModel, special: EmotionModel, settings: TrainingSettings, clips: "_Clips"
) -> EmotionModel:
    folds = calibration_folds(replace(settings, calibration_folds=_NOVELTY_FOLDS), clips.actors)
    centre = (special.mean - model.mean) / model.scale
    inputs = compact_inputs(model, clips.versions)
    gate = fit_gate(inputs, clips.corpora == clips.corpora[0], folds, centre)
    return replace(model, specialists=in_inputs_of(model, special), gate=gate)


def trainings_of_fit(settings: TrainingSettings, actors: np.ndarray, corpora: np.ndarray) -> int:
    """How many trainings `fit` consists of: the count behind every progress bar and every estimate of the cost.

    These are the model's own, one more if specialists are trained, and the same for each calibration fold.
    """
    learnt_from = [corpora, *(corpora[~held] for held in calibration_folds(settings, actors))]
    return sum(1 + has_specialists(settings.specialists, part) for part in learnt_from)


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
        versions: vectors of the clips as they are, of their other views and of their augmented copies, shape
            (1 + n_views + n_copies, n, n_features).
        n_views: how many of these are other views.
        labels: their emotions, shape (n,).
        actors: their speakers, shape (n,).
        corpora: their data sets, shape (n,).
        kinds: which disturbance of `ser.audio.augmentation.DISTURBANCES` each has, by number; -1 for none, shape (n,).
    """

    versions: np.ndarray
    n_views: int
    labels: np.ndarray
    actors: np.ndarray
    corpora: np.ndarray
    kinds: np.ndarray

    @classmethod
    def of(cls, settings: TrainingSettings, table: FeatureTable, rows: np.ndarray) -> "_Clips":
        name = settings.feature_set
        views = table.views(name, rows, settings.view_names)
        copies = table.augmented_copies(name, rows, settings.used_copies)
        return cls(
            np.concatenate([views, copies]) if len(copies) else views,
            len(views) - 1,
            table.labels[rows],
            table.actors[rows],
            _published(table.corpora[rows]),
            np.full(rows.size, -1),
        )

    @classmethod
    def changed(cls, settings: TrainingSettings, table: FeatureTable, rows: np.ndarray) -> "_Clips":
        """Other recordings of these clips, as far as there are any; they have views and no copies."""
        entries, kinds, vectors = changed_recordings(table, rows, settings.feature_set)
        views, known = vectors[: 1 + len(settings.view_names)], rows[entries]
        return cls(views, len(views) - 1, table.labels[known], table.actors[known], table.corpora[known], kinds)

    def actual(self, labels: tuple[str, ...]) -> np.ndarray:
        """The column of each clip's emotion, shape (n,)."""
        return np.array([labels.index(label) for label in self.labels], dtype=np.intp)

    def select(self, kept: np.ndarray) -> "_Clips":
        return _Clips(
            self.versions[:, kept],
            self.n_views,
            self.labels[kept],
            self.actors[kept],
            self.corpora[kept],
            self.kinds[kept],
        )

    @property
    def features(self) -> np.ndarray:
        """Vectors of the clips as they are, shape (n, n_features)."""
        return self.versions[0]

    @property
    def copies(self) -> np.ndarray:
        """What the model learns from beside the clips as they are, shape (n_views + n_copies, n, n_features)."""
        return self.versions[1:]

    @property
    def views(self) -> np.ndarray:
        """The clips as they are and their other views, shape (1 + n_views, n, n_features)."""
        return self.versions[: 1 + self.n_views]

    @property
    def vectors(self) -> np.ndarray:
        """All vectors that the model learns from, one version after the other."""
        return self.versions.reshape(-1, self.versions.shape[-1])


def _published(corpora: np.ndarray) -> np.ndarray:
    """Data sets of clips, where a visitor's own clips count as clips of the first data set beside them."""
    others = corpora[corpora != OWN]
    return np.where(corpora == OWN, others[0], corpora) if others.size else corpora


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
    """Answers of models to clips whose actors they were not trained on, uncalibrated.

    Attributes:
        general: of the general networks alone, shape (n, n_labels), as strangers get them.
        probabilities: of the whole models, shape (n, n_labels).
        adapted: the same two with the actor's offset known, where models adapt: shape (2, n, n_labels).
        shares: how much of each answer the specialists give, shape (n,).
        changed: of the whole models to other recordings of some clips, shape (n_changed, n_labels).
        changed_shares: how much of these the specialists give, shape (n_changed,).
    """

    general: np.ndarray
    probabilities: np.ndarray
    adapted: np.ndarray
    shares: np.ndarray
    changed: np.ndarray
    changed_shares: np.ndarray

    def trust(self, actual: np.ndarray) -> Trust:
        """The calibrations of answers without the actor's offset."""
        return self._calibrated(self.general, self.probabilities, actual)

    def adapted_trust(self, actual: np.ndarray) -> Trust:
        """The calibrations of answers with the actor's offset."""
        return self._calibrated(self.adapted[0], self.adapted[1], actual)

    def _calibrated(self, general: np.ndarray, whole: np.ndarray, actual: np.ndarray) -> Trust:
        special = self.shares > _MOSTLY
        if not special.any():
            return Trust(calibrate(general, actual))
        return Trust(calibrate(general, actual), calibrate(whole[special], actual[special]))


def _out_of_fold(
    settings: TrainingSettings, clips: _Clips, changed: _Clips, folds: list[np.ndarray], progress: FoldProgress
) -> Steps[FoldReport, _OutOfFold | None]:
    """Answers to every training clip of a model without its actor; None without folds or if stopped."""
    answers = np.zeros((4, clips.labels.size, len(settings.emotions)))
    shares, changed_shares = np.zeros(clips.labels.size), np.zeros(changed.labels.size)
    changed_answers = np.zeros((changed.labels.size, len(settings.emotions)))
    # One network of each kind: what more networks add is little beside what an unknown speaker takes away.
    settings = replace(settings, members=1, specialists=min(settings.specialists, 1))
    for number, (held, held_too) in enumerate(zip(folds, _held_too(clips, changed, folds), strict=True), start=1):
        part, rest = clips.select(~held), clips.select(held)
        progress = replace(progress, name=f"calibration {number}")
        steps = train(settings, part.features, part.labels, part.actors, part.copies, part.corpora)
        model = yield from progress.follow(steps, 1)
        if model is None:
            return None
        progress = replace(progress, fold=progress.fold + 1)
        model = with_emotion_offsets(model, part.views, part.labels, part.actors, part.corpora)
        general = model
        if has_specialists(settings.specialists, part.corpora):
            trained = yield from progress.follow(_train_specialists(settings, part), 1)
            if trained is None:
                return None
            progress = replace(progress, fold=progress.fold + 1)
            model = _with_specialists(model, trained, settings, part)
        shares[held] = model.shares(model.inputs(rest.features))
        for row, each in enumerate((general, model)):
            offsets = unlabelled_offsets(each, rest.views, rest.actors, _ADAPTED_CLIPS, settings.seed)
            answers[row, held] = each.ensemble_probabilities(rest.views)
            answers[2 + row, held] = each.ensemble_probabilities(rest.views, offsets)
        if held_too.any():
            views = changed.views[:, held_too]
            changed_shares[held_too] = model.shares(model.inputs(views[0]))
            changed_answers[held_too] = model.ensemble_probabilities(views)
    if not folds:
        return None
    return _OutOfFold(answers[0], answers[1], answers[2:], shares, changed_answers, changed_shares)


def _held_too(clips: _Clips, changed: _Clips, folds: list[np.ndarray]) -> list[np.ndarray]:
    """For each fold, which of the other recordings are of the actors that it holds out, shape (n_changed,)."""
    return [np.isin(changed.actors, np.unique(clips.actors[held])) for held in folds]


def _with_degradation(
    model: EmotionModel, clips: _Clips, changed: _Clips, folds: list[np.ndarray], out_of_fold: _OutOfFold
) -> EmotionModel:
    """The calibrated model with its degradation, where there are other recordings of its clips.

    The calibrations are those of clips as recorded, of which one in fifty has any degradation.
    """
    held = _held_too(clips, changed, folds)
    # Each fold needs other recordings of speakers that it does not hold out.
    if changed.labels.size == 0 or any(each.all() for each in held):
        return model
    versions = compact_inputs(model, clips.versions)
    disturbed = Recordings(compact_inputs(model, changed.features), changed.kinds, held)
    found, amounts, changed_amounts = fit_degradation(versions, folds, disturbed)
    answers = [
        model.trust.temperature_scaled(out_of_fold.probabilities, out_of_fold.shares),
        model.trust.temperature_scaled(out_of_fold.changed, out_of_fold.changed_shares),
    ]
    actual = np.concatenate([clips.actual(model.labels), changed.actual(model.labels)])
    found = with_slopes(found, np.concatenate(answers), np.concatenate([amounts, changed_amounts]), actual)
    return replace(model, degradation=found)
