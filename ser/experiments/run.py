"""One training in the background: started, watched, steered, judged."""

import threading
from dataclasses import dataclass, replace

import numpy as np

from ser.data.splits import SPEAKER_INDEPENDENT, hold_out, speaker_independent, split
from ser.data.table import FeatureTable
from ser.errors import TrainingError
from ser.evaluation.crossvalidation import CrossValidation, cross_validate, fold_answers
from ser.experiments.cost import PACE, training_seconds
from ser.jobs import SLOTS, Job
from ser.metrics import Evaluation, score
from ser.model.card import TrainedOn, trained_on
from ser.model.emotion_model import EmotionModel
from ser.steps import Command, ResultT, Steps, relay
from ser.training.epochs import EpochReport
from ser.training.fitting import fit
from ser.training.progress import FoldReport
from ser.training.selection import chosen_emotions
from ser.training.settings import TrainingSettings


@dataclass(frozen=True)
class RunSnapshot:
    """A training as it stands.

    Attributes:
        state: "waiting" for a place, "training", "judging" (calibration and unseen clips), then "done", "stopped"
            or "failed".
        settings: what is trained.
        reports: one a finished epoch, oldest first.
        fold: how far calibration or judging is; None before their first epoch.
        model: what was learnt; of a protocol of several folds, the first fold's. None before the end of training.
        judged: the settings judged by their protocol; by its first fold alone if stopped before.
        counterpart: the same settings judged the other way: on unseen actors if the protocol leaks voices, by a
            random split if it does not. None if not asked for, or stopped before.
        not_compared: why there is no counterpart although one was due, as a sentence.
        replay: settings that give `judged` again, to the last digit, from the same table: those of the run with what
            was changed on the way. None before there is a score, or if the run was stopped amid folds of clips.
        watched_labels: actual emotion of the clips that are held out to watch; None where none are.
        trained_on: what the model learnt from, as its card says it; None before the end of training.
        error: why it failed, as a sentence.
        seconds: since the start.
        paused: whether it is to wait for `step` or `resume`.
        halted: whether it does, the epoch that was under way being over.
        position: place in the line while it waits for others to end; 1 is the next.
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
        return self.judged and self.judged.evaluation

    @property
    def unseen(self) -> CrossValidation | None:
        """What is known of actors that the scored models never heard."""
        return _either(self, leaking=False)

    @property
    def leaking(self) -> CrossValidation | None:
        """What is known with the same actors on both sides."""
        return _either(self, leaking=True)


def _either(snapshot: RunSnapshot, *, leaking: bool) -> CrossValidation | None:
    for judged in (snapshot.judged, snapshot.counterpart):
        if judged is not None and leaking != (judged.evaluation.protocol in SPEAKER_INDEPENDENT):
            return judged
    return None


class TrainingRun:
    """A training that can be started once, watched from any thread, paused, stepped and stopped."""

    def __init__(self, settings: TrainingSettings, table: FeatureTable, *, both: bool | None = None) -> None:
        """Prepare; nothing is computed before `start`."""
        self.settings = settings
        self.table = table
        self._both = settings.protocol not in SPEAKER_INDEPENDENT if both is None else both
        self._rate, self._given_up = None, False  # asked for and not yet taken; whether a training was told to end
        self._lock = threading.Lock()
        self._snapshot = RunSnapshot("waiting", settings)
        self._job = Job(self._train_and_judge(), slots=SLOTS)

    def start(self) -> None:
        """Begin in the background."""
        self._job.start()

    def stop(self) -> None:
        """Ask it to end after the epoch under way, whatever is being trained; the best epoch so far is kept."""
        self._job.stop()

    def pause(self) -> None:
        """Ask it to wait after the epoch under way; it gives its place to others meanwhile."""
        self._job.pause()

    def step(self) -> None:
        """Let a paused run go on for one epoch."""
        self._job.step()

    def resume(self) -> None:
        """Let a paused run go on."""
        self._job.resume()

    def change_learning_rate(self, rate: float) -> None:
        """Train with another learning rate from the next epoch on."""
        replace(self.settings, learning_rate=rate)
        with self._lock:
            self._rate = rate

    def join(self, timeout: float | None = None) -> None:
        """Wait for the end."""
        self._job.join(timeout)

    def snapshot(self) -> RunSnapshot:
        """How it stands now."""
        # First the job: what it says is over, is over in what is read after it, too.
        job = self._job.snapshot()
        with self._lock:
            snapshot = self._snapshot
        return replace(
            snapshot,
            state=job.state if job.over else snapshot.state,
            error=job.error,
            seconds=job.seconds,
            paused=job.paused,
            halted=job.halted,
            position=job.position,
        )

    def _set(self, **changes: object) -> None:
        with self._lock:
            self._snapshot = replace(self._snapshot, **changes)

    def _train_and_judge(self) -> Steps[None, None]:
        """The work; a job waits between its reports while it is paused, and sends a `Command` once it is to end."""
        settings, table = self.settings, self.table
        kept = np.flatnonzero(chosen_emotions(settings, table.labels))
        labels, actors = table.labels[kept], table.actors[kept]
        folds = split(settings.protocol, labels, actors, seed=settings.seed, test_actors=settings.test_actors)
        rows = kept[folds[0].train]
        watched = hold_out(
            settings.protocol, table.labels[rows], table.actors[rows], settings.validation, seed=settings.seed
        )[1]
        self._set(state="training", watched_labels=table.labels[rows[watched]] if watched.size else None)
        model = yield from self._follow(fit(settings, table, rows))
        last = self._snapshot.reports[-1]
        PACE.observe(training_seconds(settings, rows.size, last.epoch), last.seconds)
        settings = TrainingSettings.from_json(model.settings)
        if self._given_up:
            # Its calibration was not finished either, so it is calibrated as if it had no folds for that.
            settings = replace(settings, epochs=last.epoch, calibration_folds=0)
            if settings.schedule == "cosine":
                # A cosine over fewer epochs would be another one, so the steps are written down one by one.
                rates = tuple((report.epoch, report.learning_rate) for report in self._snapshot.reports)
                settings = replace(settings, schedule="constant", learning_rate_changes=rates)
        self._set(state="judging", model=model, fold=None, trained_on=trained_on(table, rows))
        judged = None if self._given_up else (yield from self._follow(cross_validate(settings, table, first=model)))
        if judged is not None:
            self._set(judged=judged, replay=settings)
        else:
            self._judge_first_fold(settings, model, len(folds), kept[folds[0].test])
        if self._both and not self._given_up and (other := counterpart(settings, table)) is not None:
            self._set(fold=None)
            try:
                found = yield from self._follow(cross_validate(other, table))
                self._set(counterpart=found)
            except TrainingError as error:
                # What was asked for is there; that the clips do not allow the comparison takes nothing from it.
                self._set(not_compared=str(error))

    def _judge_first_fold(self, settings: TrainingSettings, model: EmotionModel, folds: int, rows: np.ndarray) -> None:
        """Judge what there is where the other folds were given up: what holding out its actors would give."""
        actors = self.table.actors[rows]
        if folds > 1 and settings.protocol in SPEAKER_INDEPENDENT:
            settings = replace(settings, protocol="heldout", test_actors=tuple(int(a) for a in np.unique(actors)))
            folds = 1
        answers = fold_answers(model, self.table, rows, settings.seed).probabilities
        evaluation = score(self.table.labels[rows], answers, model.labels, actors, settings.protocol)
        self._set(judged=CrossValidation(evaluation, rows, answers), replay=settings if folds == 1 else None)

    def _follow(self, steps: Steps[EpochReport | FoldReport, ResultT]) -> Steps[None, ResultT]:
        """Run a part of the work: publish its reports and pass commands on."""
        return (yield from relay(steps, self._publish, self._command))

    def _publish(self, report: EpochReport | FoldReport) -> None:
        if isinstance(report, EpochReport):
            self._set(reports=(*self._snapshot.reports, report))
        else:
            self._set(state="judging", fold=report)

    def _command(self, received: Command | None) -> Command:
        """The job's command, with the learning rate that was asked for."""
        stop = bool(received)
        self._given_up = self._given_up or stop
        with self._lock:
            command, self._rate = Command(stop, self._rate), None
        return command


def counterpart(settings: TrainingSettings, table: FeatureTable) -> TrainingSettings | None:
    """The same settings, judged the other way."""
    if settings.protocol in SPEAKER_INDEPENDENT:
        return replace(settings, protocol="random")
    protocol = speaker_independent(settings.protocol, table.actors[chosen_emotions(settings, table.labels)])
    return protocol and replace(settings, protocol=protocol)
