"""Search for better settings, judged by nested validation.

The actors are split twice. Those of the protocol's first fold are set aside and take no part in the search. Among the
other actors, every candidate is trained and judged in inner folds of whole actors. The best candidate is the one with
the highest mean UAR there. It is scored last and once, on the actors set aside: the inner score of the best of many is
too high, because it was chosen for being high (Cawley & Talbot 2010).

Successive halving (Jamieson & Talwalkar 2016) gives all candidates few epochs, then the better half twice as many, and
so on.

scikit-learn's searches serve no better: they cannot be watched or stopped, and their folds split clips, not speakers.
"""

import atexit
import os
import queue
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ser.data.splits import speaker_independent, split
from ser.data.table import FeatureTable
from ser.errors import SerError, TrainingError
from ser.evaluation.crossvalidation import CrossValidation, cross_validate
from ser.lanes import TRAININGS
from ser.metrics import uar
from ser.steps import STOP, Steps, finish, until_stopped
from ser.training.epochs import EpochReport
from ser.training.fitting import calibration_folds
from ser.training.progress import FoldReport
from ser.training.selection import chosen_emotions
from ser.training.settings import TrainingSettings
from ser.training.trainer import train
from ser.workers import in_worker
from ser.workers.cluster import cluster

SEARCH_METHODS = ("random", "halving")
# Those of the sliders without the slow ones.
SEARCHED_VALUES: dict[str, tuple] = {
    "alpha": (1e-3, 0.01, 0.1, 0.3, 1.0, 3.0, 10.0),
    "hidden_layers": ((32,), (64,), (128,), (256,), (512,), (64, 64), (128, 128), (256, 128)),
    "learning_rate": (1e-4, 3e-4, 1e-3, 3e-3, 0.01),
    "activation": ("relu", "tanh", "logistic"),
    "batch_size": (16, 32, 64, 128, 256),
    "epochs": (10, 20, 40, 80),
    "solver": ("adam", "sgd", "lbfgs"),
    "members": (1, 2, 3),
    "balanced": (True, False),
}
"""Settings that a search may vary, and the values that it then draws from."""
SEARCHED_FIRST = ("alpha", "hidden_layers", "learning_rate")
"""What a search varies unless told otherwise."""
INNER_FOLDS = 3
MOST_RUNGS = 3
_LOOK_SECONDS = 0.2
_TOO_FEW = (
    "Nested validation needs three actors, one to set aside and two to choose by. "
    "Hold out fewer actors, or add speakers."
)


@dataclass(frozen=True)
class Candidate:
    """Settings that the search tries.

    Attributes:
        number: from 1; the first has the settings that the search started from.
        settings: its settings, with all epochs.
        values: the values of the settings that are searched.
        state: "waiting", "training", "done", "dropped" (by halving), "failed" or "stopped".
        share: how much of its present training is done, 0 to 1.
        uar: in each inner fold when it was last judged, 0 to 1; empty before.
        epochs: how long it had been trained then.
        seconds: time that its trainings took.
        error: why it failed, as a sentence.
    """

    number: int
    settings: TrainingSettings
    values: dict[str, Any]
    state: str = "waiting"
    share: float = 0.0
    uar: tuple[float, ...] = ()
    epochs: int = 0
    seconds: float = 0.0
    error: str | None = None

    @property
    def mean_uar(self) -> float | None:
        """Mean UAR over the inner folds; None before it was judged."""
        return float(np.mean(self.uar)) if self.uar else None


@dataclass(frozen=True)
class SearchReport:
    """The state of a search, and at its end the outcome.

    Attributes:
        candidates: by number.
        share: how much is done, 0 to 1; once the final judging has begun, how much of that.
        judging: whether the best is being judged on the actors set aside.
        seconds: since the start.
        best: number of the best candidate so far; None before one was judged.
        judged: the best on the actors set aside; None before the end, or if the search was stopped.
    """

    candidates: tuple[Candidate, ...]
    share: float = 0.0
    judging: bool = False
    seconds: float = 0.0
    best: int | None = None
    judged: CrossValidation | None = None


def search_space(settings: TrainingSettings, names: Sequence[str]) -> dict[str, tuple]:
    """The values to draw from of each named setting; the one that it has in `settings` is among them."""
    return {name: tuple(dict.fromkeys((getattr(settings, name), *SEARCHED_VALUES[name]))) for name in names}


def draw_candidates(
    settings: TrainingSettings, space: Mapping[str, Sequence], count: int, *, seed: int = 0
) -> tuple[Candidate, ...]:
    """Draw at most `count` different candidates; the first has the settings as they are.

    `space` holds the values to draw from, by the name of the setting.
    """
    if not any(len(values) > 1 for values in space.values()):
        raise TrainingError("There is nothing to search: no setting has two values. Choose a setting to vary.")
    rng, tried = np.random.default_rng(seed), [settings]
    # After so many draws, a small space has nothing new.
    for _ in range(50 * count):
        if len(tried) == count:
            break
        drawn = {name: values[int(rng.integers(len(values)))] for name, values in space.items()}
        candidate = replace(settings, **drawn)
        if candidate not in tried:
            tried.append(candidate)
    return tuple(
        Candidate(number, candidate, {name: getattr(candidate, name) for name in space})
        for number, candidate in enumerate(tried, start=1)
    )


def run_search(
    drawn: tuple[Candidate, ...], table: FeatureTable, *, method: str = "random", jobs: int | None = None
) -> Steps[SearchReport, SearchReport]:
    """Try candidates and judge the best of them on actors that took no part in the search.

    Args:
        drawn: from `draw_candidates`.
        table: clips and features.
        method: one of `SEARCH_METHODS`.
        jobs: trainings at once; as many as there are processors, or threads of a cluster's workers, if left out.

    Yields:
        A `SearchReport` several times a second. A `Command` may stop it: what was judged by then counts, and the
        best is kept, but not judged on the actors set aside.

    Returns:
        The last `SearchReport`.

    Raises:
        TrainingError: unknown method, or too few actors for nested validation.
    """
    if method not in SEARCH_METHODS:
        raise TrainingError(f"There is no way of searching {method!r}; choose one of {', '.join(SEARCH_METHODS)}.")
    rungs = _rungs(drawn, method)
    there = cluster()
    inner = _InnerValidation(drawn, table, jobs or (there.threads if there else os.cpu_count() or 1), rungs)
    alive = [each.number for each in drawn]
    for rung, epochs in enumerate(rungs):
        if rung:
            alive = inner.halve(alive)
        if (yield from inner.run(alive, epochs)):
            return inner.report()
    best = inner.best()
    if best is None:
        raise TrainingError(f"Not one candidate could be trained. The first said: {inner.candidates[1].error}")
    chosen = inner.candidates[best].settings
    chosen = replace(chosen, protocol="heldout", test_actors=inner.aside)
    if there:
        steps = there.call(_judge, chosen, shared=(table,))
    else:
        steps = in_worker(cross_validate, chosen, table, lane=TRAININGS)
    # A cluster does not say how far it is within a training.
    judged = yield from until_stopped(
        steps, lambda step: replace(inner.report(), share=step.share if step else 0.0, judging=True)
    )
    return inner.report() if judged is None else replace(inner.report(), share=1.0, judging=True, judged=judged)


def _rungs(drawn: tuple[Candidate, ...], method: str) -> list[int]:
    """For each round, the divisor of the candidates' own epochs."""
    if method == "random":
        return [1]
    count = min(MOST_RUNGS, 1 + int(np.log2(len(drawn))))
    return [2**power for power in reversed(range(count))]


class _InnerValidation:
    """The candidates and their state, and the inner folds that they are judged by."""

    def __init__(self, drawn: tuple[Candidate, ...], table: FeatureTable, jobs: int, rungs: list[int]) -> None:
        base = drawn[0].settings
        kept = np.flatnonzero(chosen_emotions(base, table.labels))
        actors = table.actors[kept]
        protocol = speaker_independent(base.protocol, actors)
        if protocol is None:
            raise TrainingError(_TOO_FEW)
        fold = split(protocol, table.labels[kept], actors, seed=base.seed, test_actors=base.test_actors)[0]
        self.aside = tuple(int(actor) for actor in np.unique(actors[fold.test]))
        self.rows = kept[fold.train]
        self.table, self.jobs = table, jobs
        actors = table.actors[self.rows]
        self.folds = calibration_folds(replace(base, calibration_folds=INNER_FOLDS), actors)
        if not self.folds:
            raise TrainingError(_TOO_FEW)
        self.candidates = {each.number: each for each in drawn}
        self.started, self.stop = time.perf_counter(), threading.Event()
        self.done: queue.Queue[tuple[int, dict[str, Any]]] = queue.Queue()
        self.shares: dict[int, float] = {}
        # The work of all rounds, in trainings with all epochs: half of the candidates reach each next round.
        reached, self.work, self.worked, self.trying, self.part = len(drawn), 0.0, 0.0, 0, 1.0
        for divisor in rungs:
            self.work += reached / divisor
            reached = (reached + 1) // 2

    def report(self) -> SearchReport:
        current = tuple(
            replace(each, share=self.shares.get(each.number, each.share)) if each.state == "training" else each
            for each in self.candidates.values()
        )
        pending = sum(1 - each.share for each in current if each.state in ("waiting", "training"))
        share = (self.worked + (self.trying - pending) * self.part) / self.work
        return SearchReport(current, share, False, time.perf_counter() - self.started, self.best(), None)

    def best(self) -> int | None:
        """Number of the best candidate of those that got the most epochs."""
        judged = [each for each in self.candidates.values() if each.uar]
        if not judged:
            return None
        return max(judged, key=lambda each: (each.epochs, each.mean_uar or 0.0, -each.number)).number

    def halve(self, alive: list[int]) -> list[int]:
        """Drop the worse half."""
        judged = [self.candidates[number] for number in alive if self.candidates[number].state == "done"]
        judged.sort(key=lambda each: -(each.mean_uar or 0.0))
        kept = [each.number for each in judged[: (len(judged) + 1) // 2]]
        for each in judged[len(kept) :]:
            self.candidates[each.number] = replace(each, state="dropped")
        return kept

    def run(self, alive: list[int], divisor: int) -> Steps[SearchReport, bool]:
        """Train and judge the remaining candidates with a part of their epochs; whether this was stopped."""
        trials, self.trying, self.part = [], len(alive), 1 / divisor
        for number in alive:
            each = self.candidates[number]
            epochs = max(1, each.settings.epochs // divisor)
            trials.append((number, replace(each.settings, epochs=epochs, calibration_folds=0)))
            self.candidates[number] = replace(each, state="waiting", share=0.0)
        worker = threading.Thread(target=self._work, args=(trials,), name="search", daemon=True)
        worker.start()
        stopped = False
        while worker.is_alive() or not self.done.empty():
            self._collect()
            if (yield self.report()):
                stopped = True
                self.stop.set()
        self._collect()
        self.worked, self.trying = self.worked + self.trying * self.part, 0
        for number, each in self.candidates.items():
            if each.state in ("waiting", "training"):
                self.candidates[number] = replace(each, state="stopped", share=0.0)
        return stopped

    def _work(self, trials: list[tuple[int, TrainingSettings]]) -> None:
        from joblib import Parallel, delayed

        # Threads, which wait for workers and notice a stop at once.
        work = (delayed(self._try)(number, settings) for number, settings in trials)
        # When the process ends, it waits for its threads; then, too, they must stop within an epoch.
        atexit.register(self.stop.set)
        try:
            for _ in Parallel(n_jobs=self.jobs, prefer="threads", return_as="generator_unordered")(work):
                pass
        finally:
            atexit.unregister(self.stop.set)

    def _collect(self) -> None:
        wait = True
        while True:
            try:
                number, changes = self.done.get(timeout=_LOOK_SECONDS) if wait else self.done.get_nowait()
            except queue.Empty:
                return
            wait = False
            self.candidates[number] = replace(self.candidates[number], **changes)

    def _try(self, number: int, settings: TrainingSettings) -> None:
        """Train a candidate in every inner fold, in a worker's thread."""
        if self.stop.is_set():
            return
        began = time.perf_counter()
        scores: list[float] = []
        self.shares[number] = 0.0
        self.done.put((number, {"state": "training"}))
        try:
            for fold, held in enumerate(self.folds):
                score = self._fold(number, settings, held, fold)
                if score is None:
                    return
                scores.append(score)
            changes: dict[str, Any] = {"state": "done", "uar": tuple(scores), "epochs": settings.epochs}
        except SerError as error:
            changes = {"state": "failed", "error": str(error), "uar": ()}
        seconds = self.candidates[number].seconds + time.perf_counter() - began
        self.done.put((number, changes | {"seconds": seconds, "share": 1.0}))

    def _fold(self, number: int, settings: TrainingSettings, held: np.ndarray, fold: int) -> float | None:
        """UAR on an inner fold's actors; None if the search was stopped."""
        rows = self.rows[~held]
        there = cluster()
        if there:
            steps = there.call(_train, settings, rows, shared=(self.table,))
        else:
            X = self.table.matrix(settings.feature_set)[rows]
            steps = in_worker(train, settings, X, self.table.labels[rows], self.table.actors[rows], lane=TRAININGS)

        def show(report: EpochReport | None) -> None:
            done = report.epoch / report.epochs if report else 0.0
            self.shares[number] = (fold + done) / len(self.folds)

        model = finish(steps, show, lambda: STOP if self.stop.is_set() else None)
        if self.stop.is_set():
            return None
        X, labels = self.table.matrix(settings.feature_set)[self.rows[held]], self.table.labels[self.rows[held]]
        return uar(labels, np.array(model.labels)[model.probabilities(X).argmax(axis=1)])


def _train(table: FeatureTable, settings: TrainingSettings, rows: np.ndarray) -> Steps[EpochReport, Any]:
    """Train on some rows, in a worker of a cluster, which has the table."""
    return train(settings, table.matrix(settings.feature_set)[rows], table.labels[rows], table.actors[rows])


def _judge(table: FeatureTable, settings: TrainingSettings) -> Steps[FoldReport, CrossValidation | None]:
    """Cross-validate, in a worker of a cluster."""
    return cross_validate(settings, table)
