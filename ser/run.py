"""One training in the background: started, watched, stopped, judged.

The work is done in a thread of its own, because a web page that trains in its own thread cannot hear a click on
Stop. Whoever watches takes snapshots; nothing is called back.
"""

import logging
import os
import threading
import time
from dataclasses import dataclass, replace

from ser.crossvalidation import FoldReport, cross_validate, fit, unseen
from ser.errors import SerError
from ser.evaluation import Evaluation, score
from ser.model import EmotionModel
from ser.splits import split
from ser.store import trained_on
from ser.table import FeatureTable
from ser.training import EpochReport, TrainingSettings, chosen_emotions

# More trainings at once than processors would only slow each other down; the next one waits its turn.
_PLACES = threading.BoundedSemaphore(max(2, os.cpu_count() or 2))


@dataclass(frozen=True)
class RunSnapshot:
    """A training as it stands.

    Attributes:
        state: "waiting" for a place, "training", "judging" (calibration and unseen actors), then "done", "stopped"
            or "failed".
        settings: what is trained.
        reports: one a finished epoch, oldest first.
        fold: how far calibration or judging is; None before their first epoch.
        model: what was learnt; None before the end of training.
        evaluation: the model on its protocol's held-out clips; for a protocol of several folds, on the first's.
        unseen_evaluation: the same settings on actors that the scored models never heard; the evaluation itself
            unless the protocol is "random". None if stopped before.
        trained_on: what the model learnt from, as its card says it; None before the end of training.
        error: why it failed, as a sentence.
        seconds: since the start.
    """

    state: str
    settings: TrainingSettings
    reports: tuple[EpochReport, ...] = ()
    fold: FoldReport | None = None
    model: EmotionModel | None = None
    evaluation: Evaluation | None = None
    unseen_evaluation: Evaluation | None = None
    trained_on: dict | None = None
    error: str | None = None
    seconds: float = 0.0

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self.state in ("done", "stopped", "failed")


class TrainingRun:
    """A training that can be started once, watched from any thread and stopped."""

    def __init__(self, settings: TrainingSettings, table: FeatureTable) -> None:
        """Prepare; nothing is computed before `start`.

        Args:
            settings: what to train and how to judge it.
            table: clips and features.
        """
        self.settings = settings
        self._table = table
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._snapshot = RunSnapshot("waiting", settings)
        self._started = 0.0
        self._thread = threading.Thread(target=self._work, name="training", daemon=True)

    def start(self) -> None:
        """Begin in the background."""
        self._started = time.perf_counter()
        self._thread.start()

    def stop(self) -> None:
        """Ask it to end after the epoch under way, whatever is being trained; the best epoch so far is kept."""
        self._stop.set()

    def join(self, timeout: float | None = None) -> None:
        """Wait for the end.

        Args:
            timeout: seconds to wait at most.
        """
        self._thread.join(timeout)

    def snapshot(self) -> RunSnapshot:
        """How it stands now."""
        with self._lock:
            if self._snapshot.over or not self._started:
                return self._snapshot
            return replace(self._snapshot, seconds=time.perf_counter() - self._started)

    def _set(self, **changes: object) -> None:
        with self._lock:
            seconds = time.perf_counter() - self._started
            self._snapshot = replace(self._snapshot, seconds=seconds, **changes)

    def _work(self) -> None:
        while not _PLACES.acquire(timeout=0.1):
            if self._stop.is_set():
                self._set(state="stopped")
                return
        try:
            self._train_and_judge()
        except SerError as error:
            self._set(state="failed", error=str(error))
        except Exception:  # a thread has nobody above it to show a bug to, so it goes to the log
            logging.getLogger(__name__).exception("A training broke off")
            self._set(state="failed", error="The training broke off through a fault of the program. Try again.")
        finally:
            _PLACES.release()

    def _train_and_judge(self) -> None:
        self._set(state="training")
        settings, table = self.settings, self._table.select(chosen_emotions(self.settings, self._table.labels))
        fold = split(
            settings.protocol, table.labels, table.actors, seed=settings.seed, test_actors=settings.test_actors
        )[0]
        model = self._follow(fit(settings, table, fold.train))
        self._set(state="judging", model=model, fold=None, trained_on=trained_on(table, fold.train))
        answers = model.probabilities(table.matrix(settings.feature_set)[fold.test])
        evaluation = score(table.labels[fold.test], answers, model.labels, table.actors[fold.test], settings.protocol)
        self._set(evaluation=evaluation)
        if settings.protocol != "random":
            self._set(unseen_evaluation=evaluation)
        elif not self._stop.is_set():
            judged = self._follow(cross_validate(unseen(settings), table))
            if judged is not None:
                self._set(unseen_evaluation=judged.evaluation)
        self._set(state="stopped" if self._stop.is_set() else "done")

    def _follow(self, steps):
        """Run a generator to its end, publishing what it reports and passing on the wish to stop."""
        reply = None
        while True:
            try:
                report = steps.send(reply)
            except StopIteration as end:
                return end.value
            if isinstance(report, EpochReport):
                self._set(reports=(*self._snapshot.reports, report))
            else:
                self._set(state="judging", fold=report)
            reply = self._stop.is_set()
