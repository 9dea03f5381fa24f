"""One training in the background, which can be watched, steered and judged."""

import hashlib
import threading
import weakref
from collections.abc import Callable, Hashable
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

import numpy as np

from ser.data.splits import SPEAKER_INDEPENDENT, hold_out, split
from ser.data.table import FeatureTable
from ser.errors import SerError, TrainingError
from ser.evaluation.crossvalidation import CrossValidation, cross_validate, fold_answers
from ser.experiments.cost import PACE, counterpart, training_seconds
from ser.jobs import Job
from ser.lanes import TRAININGS
from ser.metrics import Evaluation, score
from ser.model.card import TrainedOn, trained_on
from ser.model.emotion_model import EmotionModel
from ser.steps import Command, Steps, relay
from ser.training.epochs import EpochReport
from ser.training.fitting import fit
from ser.training.progress import FoldReport
from ser.training.selection import chosen_emotions
from ser.training.settings import TrainingSettings
from ser.workers import in_worker


@dataclass(frozen=True)
class RunSnapshot:
    """The state of a training.

    Attributes:
        state: "waiting" for a slot, "training", "judging" (calibration and held-out clips), then "done", "stopped"
            or "failed".
        settings: what is trained.
        reports: one for each finished epoch, oldest first.
        fold: how far calibration or judging is; None before their first epoch.
        model: the trained model, of the first fold if the protocol has several. None before the end of training.
        judged: the settings judged by their protocol; by its first fold alone if the run was stopped before.
        counterpart: the same settings judged the other way: on held-out actors if the protocol leaks voices, by a
            random split if it does not (only after `TrainingRun.judge_other_way`). None before.
        not_compared: why there is no counterpart although one was asked for, as a sentence.
        replay: settings that give `judged` again, to the last digit, from the same table: those of the run with
            everything that was changed on the way. None before there is a score, or if the run was stopped between
            folds of clips.
        watched_labels: actual emotion of the validation clips; None where there are none.
        trained_on: what the model learnt from, for its card; None before the end of training.
        error: why it failed, as a sentence.
        error_type: the class of that error, for the operator's log.
        seconds: since the start.
        paused: whether it is asked to wait for `step` or `resume`.
        halted: whether it waits now, because the epoch that was under way is over.
        position: position in the line while it waits for others to end; 1 is the next.
    """

    state: str
    settings: TrainingSettings
    reports: tuple[EpochReport, ...] = ()
    fold: FoldReport | None = None
    model: EmotionModel | None = None
    judged: CrossValidation | None = None
    counterpart: CrossValidation | None = None
    not_compared: str | None = None
    replay: TrainingSettings | None = None
    watched_labels: np.ndarray | None = None
    trained_on: TrainedOn | None = None
    error: str | None = None
    error_type: type[SerError] = SerError
    seconds: float = 0.0
    paused: bool = False
    halted: bool = False
    position: int | None = None

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self.state in ("done", "stopped", "failed")

    @property
    def evaluation(self) -> Evaluation | None:
        """The scores by the settings' own protocol."""
        return self.judged.evaluation if self.judged is not None else None

    @property
    def unseen(self) -> CrossValidation | None:
        """The cross-validation on actors that the scored models were not trained on."""
        return self._judged_with(leaking=False)

    @property
    def leaking(self) -> CrossValidation | None:
        """The cross-validation with the same actors on both sides."""
        return self._judged_with(leaking=True)

    def _judged_with(self, *, leaking: bool) -> CrossValidation | None:
        for judged in (self.judged, self.counterpart):
            if judged is not None and leaking != (judged.evaluation.protocol in SPEAKER_INDEPENDENT):
                return judged
        return None


class TrainingRun:
    """A training that can be started once, watched from any thread, paused, stepped and stopped."""

    def __init__(self, settings: TrainingSettings, table: FeatureTable, *, owner: Hashable = None) -> None:
        """Prepare the training; nothing is computed before `start`.

        Where the protocol leaks voices, the settings are judged the other way as well (`RunSnapshot.counterpart`),
        because nobody should see such a score alone. `owner` is the visitor, who takes turns with others.
        """
        self.settings = settings
        self.table = table
        self._rate: float | None = None  # asked for, and not yet sent
        self._given_up = False  # whether a training was asked to stop
        self._lock = threading.Lock()
        self._snapshot = RunSnapshot("waiting", settings)
        self._job = Job(self._train_and_judge(), lane=TRAININGS, owner=owner)

    def start(self) -> None:
        """Begin in the background."""
        self._job.start()

    def stop(self) -> None:
        """Ask it to end after the epoch under way, whatever is being trained; the best epoch so far is kept."""
        self._job.stop()

    def pause(self) -> None:
        """Ask it to wait after the epoch under way. Meanwhile others may use its slot."""
        self._job.pause()

    def step(self) -> None:
        """Let a paused run go on for one epoch."""
        self._job.step()

    def resume(self) -> None:
        """Let a paused run go on."""
        self._job.resume()

    def change_learning_rate(self, rate: float) -> None:
        """Train with another learning rate from the next epoch on; `TrainingError` if it is out of range."""
        replace(self.settings, learning_rate=rate)
        with self._lock:
            self._rate = rate

    def join(self, timeout: float | None = None) -> None:
        """Wait for the end, at most so many seconds."""
        self._job.join(timeout)

    def snapshot(self) -> RunSnapshot:
        """Its state now."""
        # The job is read first. If it is over then, what is read after it is complete.
        job = self._job.snapshot()
        with self._lock:
            snapshot = self._snapshot
        return replace(
            snapshot,
            state=job.state if job.over else snapshot.state,
            error=job.error,
            error_type=job.error_type,
            seconds=job.seconds,
            paused=job.paused,
            halted=job.halted,
            position=job.position,
        )

    def _set(self, **changes: Any) -> None:
        with self._lock:
            self._snapshot = replace(self._snapshot, **changes)

    def _train_and_judge(self) -> Steps[None, None]:
        """The work, as the job runs it."""
        settings, table = self.settings, self.table
        kept = np.flatnonzero(chosen_emotions(settings, table.labels))
        labels, actors = table.labels[kept], table.actors[kept]
        folds = split(settings.protocol, labels, actors, seed=settings.seed, test_actors=settings.test_actors)
        rows = kept[folds[0].train]
        watched = hold_out(
            settings.protocol, table.labels[rows], table.actors[rows], settings.validation, seed=settings.seed
        )[1]
        self._set(state="training", watched_labels=table.labels[rows[watched]] if watched.size else None)
        model = yield from self._follow(fit, settings, table, rows)
        last = self._snapshot.reports[-1]
        PACE.observe(training_seconds(settings, rows.size, last.epoch), last.seconds)
        settings = TrainingSettings.from_json(model.settings)
        if self._given_up:
            settings = _settings_of_stopped(settings, self._snapshot.reports)
        model = _shared(model)
        self._set(state="judging", model=model, fold=None, trained_on=trained_on(table, rows))
        judged = None if self._given_up else (yield from self._follow(cross_validate, settings, table, first=model))
        if judged is not None:
            self._set(judged=judged, replay=settings)
        else:
            self._judge_first_fold(settings, model, len(folds), kept[folds[0].test])
        leaks = settings.protocol not in SPEAKER_INDEPENDENT
        if leaks and not self._given_up and (other := counterpart(settings, table)) is not None:
            self._set(fold=None)
            try:
                self._set(counterpart=(yield from self._follow(cross_validate, other, table)))
            except TrainingError as error:
                # The score that was asked for is there. The clips do not allow the comparison, and that is all.
                self._set(not_compared=str(error))

    def judge_other_way(self) -> Steps[FoldReport, None]:
        """Judge a finished run the other way as well, and publish that as `RunSnapshot.counterpart`."""
        other = counterpart(self.snapshot().replay or self.settings, self.table)
        if other is None:
            raise TrainingError("One actor alone cannot be on one side only. Add clips of another speaker.")
        judged = yield from in_worker(cross_validate, other, self.table, lane=TRAININGS)
        if judged is not None:
            self._set(counterpart=judged)

    def _judge_first_fold(self, settings: TrainingSettings, model: EmotionModel, folds: int, rows: np.ndarray) -> None:
        """Judge the first fold alone, as if the protocol held out its actors, because the other folds were given up."""
        actors = self.table.actors[rows]
        if folds > 1 and settings.protocol in SPEAKER_INDEPENDENT:
            settings = replace(settings, protocol="heldout", test_actors=tuple(int(a) for a in np.unique(actors)))
            folds = 1
        answers = fold_answers(model, self.table, rows, settings.seed).probabilities
        evaluation = score(self.table.labels[rows], answers, model.labels, actors, settings.protocol)
        self._set(judged=CrossValidation(evaluation, rows, answers), replay=settings if folds == 1 else None)

    def _follow(self, work: Callable[..., Any], *arguments: Any, **keywords: Any) -> Steps[None, Any]:
        """Run a part of the work in a process of its own: publish its reports and pass commands on."""
        steps = in_worker(work, *arguments, lane=TRAININGS, **keywords)
        return (yield from relay(steps, self._publish, self._command))

    def _publish(self, report: EpochReport | FoldReport) -> None:
        if isinstance(report, EpochReport):
            # Only the last answers for the watched clips are looked at.
            before = tuple(replace(each, watched=None) for each in self._snapshot.reports[-1:])
            self._set(reports=(*self._snapshot.reports[:-1], *before, report))
        else:
            self._set(state="judging", fold=report)

    def _command(self, received: Command | None) -> Command:
        """The job's command, with the learning rate that was asked for."""
        stop = bool(received)
        self._given_up = self._given_up or stop
        with self._lock:
            command, self._rate = Command(stop, self._rate), None
        return command


#: Large arrays of the models at hand, by their content. The runs of all visitors have many in common: those that know
#: the training clips, and all of them where the settings are the same.
_ARRAYS: "weakref.WeakValueDictionary[tuple, np.ndarray]" = weakref.WeakValueDictionary()
_SMALL = 4096  # bytes


def _shared(value: Any) -> Any:
    """An equal model, or part of one, that refers to arrays which other models have already."""
    if isinstance(value, np.ndarray) and value.nbytes > _SMALL:
        value.setflags(write=False)
        content = hashlib.sha256(np.ascontiguousarray(value).data).digest()
        return _ARRAYS.setdefault((value.dtype.str, value.shape, content), value)
    if isinstance(value, tuple):
        return tuple(_shared(each) for each in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{each.name: _shared(getattr(value, each.name)) for each in fields(value)})
    return value


def _settings_of_stopped(settings: TrainingSettings, reports: tuple[EpochReport, ...]) -> TrainingSettings:
    """Settings that give the model of a stopped training again."""
    # Its calibration was not finished either, so it is calibrated as if it had no folds for that.
    settings = replace(settings, epochs=reports[-1].epoch, calibration_folds=0)
    if settings.schedule != "cosine":
        return settings
    # A cosine over fewer epochs would be another one, so the learning rates are written down one by one.
    rates = tuple((report.epoch, report.learning_rate) for report in reports if report.learning_rate is not None)
    return replace(settings, schedule="constant", learning_rate_changes=rates)
