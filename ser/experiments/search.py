"""Search for better settings, judged by nested validation.

The actors are parted twice. Those of the protocol's first fold are set aside and take no part in the search. Among the
others every candidate is trained and judged in inner folds of whole actors, and the candidate with the highest mean
UAR there is the best. Its own score comes last and once, from the actors set aside: the inner score of the best of many
is too high, because it was chosen for being high (Cawley & Talbot 2010).

Successive halving (Jamieson & Talwalkar 2016) gives all candidates few epochs, and the better half twice as many, again
and again.
"""

import atexit
import os
import queue
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ser.data.splits import speaker_independent, split
from ser.data.table import FeatureTable
from ser.errors import TrainingError
from ser.evaluation.crossvalidation import CrossValidation, cross_validate
from ser.metrics import uar
from ser.steps import STOP, Steps, finish, until_stopped
from ser.training.epochs import EpochReport
from ser.training.fitting import calibration_folds
from ser.training.selection import chosen_emotions
from ser.training.settings import TrainingSettings
from ser.training.trainer import train

METHODS = ("random", "halving")
INNER_FOLDS = 3
MOST_RUNGS = 3
_LOOK_SECONDS = 0.2
_TOO_FEW = (
    "Nested validation needs three actors, one to set aside and two to choose by. "
    "Hold out fewer actors, or add speakers."
)


@dataclass(frozen=True)
class Candidate:
    """Settings on trial.

    Attributes:
        number: from 1; the first has the settings that the search started from.
        settings: what it stands for, with all its epochs.
        values: of the settings that are searched.
        state: "waiting", "training", "done", "dropped" (halved away), "failed" or "stopped".
        share: done of what it is trained for now, 0 to 1.
        uar: in each inner fold when it was last judged, 0 to 1; empty before.
        epochs: that it had been trained for then.
        seconds: that it took.
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
        """Over the inner folds; None before all were judged."""
        return float(np.mean(self.uar)) if self.uar else None


@dataclass(frozen=True)
class SearchReport:
    """How a search stands, and at its end what it found.

    Attributes:
        candidates: by number.
        share: done of all, 0 to 1; of the final judging once that has begun.
        judging: whether the best is being judged on the actors set aside.
        seconds: since the start.
        best: number of the best candidate so far; None before one was judged.
        judged: the best on the actors set aside; None before the end, or if stopped.
    """

    candidates: tuple[Candidate, ...]
    share: float = 0.0
    judging: bool = False
    seconds: float = 0.0
    best: int | None = None
    judged: CrossValidation | None = None


def candidates(
    settings: TrainingSettings, space: dict[str, Sequence], count: int, *, seed: int = 0
) -> tuple[Candidate, ...]:
    """Draw settings to try."""
    if not any(len(values) > 1 for values in space.values()):
        raise TrainingError("There is nothing to search: no setting has two values. Choose a setting to vary.")
    rng, found = np.random.default_rng(seed), [settings]
    # A small space is exhausted: after so many draws in vain there is nothing new in it.
    for _ in range(50 * count):
        if len(found) == count:
            break
        drawn = {name: values[rng.integers(len(values))] for name, values in space.items()}
        trial = replace(settings, **drawn)
        if trial not in found:
            found.append(trial)
    return tuple(
        Candidate(number, trial, {name: getattr(trial, name) for name in space})
        for number, trial in enumerate(found, start=1)
    )


def search(
    drawn: tuple[Candidate, ...], table: FeatureTable, *, method: str = "random", jobs: int | None = None
) -> Steps[SearchReport, SearchReport]:
    """Try candidates and judge the best of them on actors that took no part.

    Args:
        drawn: from `candidates`.
        table: clips and features.
        method: one of `METHODS`.
        jobs: trainings at once; as many as there are processors if left out.

    Yields:
        A `SearchReport` several times a second. A `Command` may stop it: what was judged by then counts, and the
        best is kept, but not judged on the actors set aside.

    Returns:
        The last `SearchReport`.

    Raises:
        TrainingError: unknown method, or too few actors for nested validation.
    """
    if method not in METHODS:
        raise TrainingError(f"There is no way of searching {method!r}; choose one of {', '.join(METHODS)}.")
    rungs = _rungs(drawn, method)
    trial = _Trial(drawn, table, jobs or os.cpu_count() or 1, rungs)
    alive = [each.number for each in drawn]
    for rung, epochs in enumerate(rungs):
        if rung:
            alive = trial.halve(alive)
        if (yield from trial.run(alive, epochs)):
            return trial.report()
    best = trial.best()
    if best is None:
        raise TrainingError(f"Not one candidate could be trained. The first said: {trial.standing[1].error}")
    chosen = trial.standing[best].settings
    steps = cross_validate(replace(chosen, protocol="heldout", test_actors=trial.aside), table)
    judged = yield from until_stopped(steps, lambda step: replace(trial.report(), share=step.share, judging=True))
    return trial.report() if judged is None else replace(trial.report(), share=1.0, judging=True, judged=judged)


def _rungs(drawn: tuple[Candidate, ...], method: str) -> list[int]:
    """Epochs of each round, as divisors of the candidates' own."""
    if method == "random":
        return [1]
    count = min(MOST_RUNGS, 1 + int(np.log2(len(drawn))))
    return [2**place for place in reversed(range(count))]


class _Trial:
    """The candidates as they stand, and the inner folds that they are judged by."""

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
        self.standing = {each.number: each for each in drawn}
        self.started, self.done, self.stop = time.perf_counter(), queue.Queue(), threading.Event()
        self.shares: dict[int, float] = {}
        # The work of all rounds, in trainings with all epochs: half of the candidates reach each next round.
        reached, self.work, self.worked, self.trying, self.part = len(drawn), 0.0, 0.0, 0, 1.0
        for divisor in rungs:
            self.work += reached / divisor
            reached = (reached + 1) // 2

    def report(self) -> SearchReport:
        current = tuple(
            replace(each, share=self.shares.get(each.number, each.share)) if each.state == "training" else each
            for each in self.standing.values()
        )
        pending = sum(1 - each.share for each in current if each.state in ("waiting", "training"))
        share = (self.worked + (self.trying - pending) * self.part) / self.work
        return SearchReport(current, share, False, time.perf_counter() - self.started, self.best(), None)

    def best(self) -> int | None:
        """Number of the best candidate of those that got the most epochs."""
        judged = [each for each in self.standing.values() if each.uar]
        return max(judged, key=lambda each: (each.epochs, each.mean_uar, -each.number)).number if judged else None

    def halve(self, alive: list[int]) -> list[int]:
        """Drop the worse half."""
        judged = [self.standing[number] for number in alive if self.standing[number].state == "done"]
        judged.sort(key=lambda each: -each.mean_uar)
        kept = [each.number for each in judged[: (len(judged) + 1) // 2]]
        for each in judged[len(kept) :]:
            self.standing[each.number] = replace(each, state="dropped")
        return kept

    def run(self, alive: list[int], divisor: int) -> Steps[SearchReport, bool]:
        """Train and judge the living with a part of their epochs; whether it was told to stop."""
        trials, self.trying, self.part = [], len(alive), 1 / divisor
        for number in alive:
            each = self.standing[number]
            epochs = max(1, each.settings.epochs // divisor)
            trials.append((number, replace(each.settings, epochs=epochs, calibration_folds=0)))
            self.standing[number] = replace(each, state="waiting", share=0.0)
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
        for number, each in self.standing.items():
            if each.state in ("waiting", "training"):
                self.standing[number] = replace(each, state="stopped", share=0.0)
        return stopped

    def _work(self, trials: list[tuple[int, TrainingSettings]]) -> None:
        from joblib import Parallel, delayed

        # Threads, not processes: the networks' work is done outside the interpreter's lock, a second copy of the
        # libraries and the table would not fit on a small host, and every candidate can hear of Stop at once.
        work = (delayed(self._try)(number, settings) for number, settings in trials)
        # A pool of threads is waited for when the process ends; then, too, they shall hear of it within an epoch.
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
            self.standing[number] = replace(self.standing[number], **changes)

    def _try(self, number: int, settings: TrainingSettings) -> None:
        """Train a candidate in every inner fold, in a worker's thread."""
        if self.stop.is_set():
            return
        began, scores = time.perf_counter(), []
        self.shares[number] = 0.0
        self.done.put((number, {"state": "training"}))
        try:
            for place, held in enumerate(self.folds):
                score = self._fold(number, settings, held, place)
                if score is None:
                    return
                scores.append(score)
            changes = {"state": "done", "uar": tuple(scores), "epochs": settings.epochs}
        except TrainingError as error:
            changes = {"state": "failed", "error": str(error), "uar": ()}
        seconds = self.standing[number].seconds + time.perf_counter() - began
        self.done.put((number, changes | {"seconds": seconds, "share": 1.0}))

    def _fold(self, number: int, settings: TrainingSettings, held: np.ndarray, place: int) -> float | None:
        """UAR on an inner fold's actors; None if the search was stopped."""
        X, labels = self.table.matrix(settings.feature_set)[self.rows], self.table.labels[self.rows]
        steps = train(settings, X[~held], labels[~held], self.table.actors[self.rows][~held])

        def show(report: EpochReport) -> None:
            self.shares[number] = (place + report.epoch / report.epochs) / len(self.folds)

        model = finish(steps, show, lambda: STOP if self.stop.is_set() else None)
        if self.stop.is_set():
            return None
        return uar(labels[held], np.array(model.labels)[model.probabilities(X[held]).argmax(axis=1)])
