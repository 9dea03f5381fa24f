"""How far a chain of trainings is: calibration folds, or the folds of a protocol."""

import time
from dataclasses import dataclass

from ser.model.emotion_model import EmotionModel
from ser.steps import Steps, until_stopped
from ser.training.epochs import EpochReport


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


def share_of_fit(report: EpochReport | FoldReport, trainings: int) -> float:
    """The share of `fit` that is done, 0 to 1, after this report; each of its trainings counts the same."""
    if isinstance(report, EpochReport):
        return report.epoch / report.epochs / trainings
    return (1 + report.share * (trainings - 1)) / trainings


@dataclass(frozen=True)
class FoldProgress:
    """One fold of several.

    Attributes:
        fold: its number, from 1.
        folds: folds in all.
        name: its name.
        started: when the first fold began, as `time.perf_counter` gives it.
    """

    fold: int
    folds: int
    name: str
    started: float

    def follow(
        self, steps: Steps[EpochReport | FoldReport, EmotionModel], trainings: int
    ) -> Steps[FoldReport, EmotionModel | None]:
        """Run this fold, which consists of so many trainings; None if it was stopped."""
        began = time.perf_counter() - self.started

        def fold_report(report: EpochReport | FoldReport) -> FoldReport:
            part = share_of_fit(report, trainings)
            seconds = time.perf_counter() - self.started
            # A training may end before its last epoch, so finished folds show the pace better than epochs do. A first
            # fold that was known beforehand took no time and shows nothing.
            known = self.fold > 1 and began > 0.1
            seconds_a_fold = began / (self.fold - 1) if known else (seconds - began) / part
            left = max(0.0, began + seconds_a_fold * (self.folds - self.fold + 1) - seconds)
            share = (self.fold - 1 + part) / self.folds
            return FoldReport(self.fold, self.folds, self.name, share, seconds, left)

        return until_stopped(steps, fold_report)
