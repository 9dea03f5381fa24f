"""A cross-validation broken down: for whom it works, how far to trust it, and what a known voice adds.

`ser.metrics.score` says how good answers are overall. Here they are split by what is known of a clip, set beside those
of people, and checked for whether confidence, prediction sets and abstention mean what they say. All figures come from
clips of actors that the answering model was not trained on.

Metrics:
    recall by field: UAR over the clips with one value of a field, such as an intensity or a sex.
    as listeners: share right with neutral and calm counted as one, as people were judged (see
        `ser.evaluation.human_baseline`).
    coverage: share of clips whose emotion is in the prediction set (split conformal prediction, Vovk et al. 2005).
    risk and coverage: share right among the surest answers (El-Yaniv & Wiener 2010).
    enrolled: UAR with the actor's neutral voice known from some of the actor's own neutral clips, which are not scored.
        With four enrolled no neutral clip is left to score, so that figure is over the other seven emotions.
    unlabelled: UAR adapted by some of the actor's clips, of whatever emotion, which are not scored.
    transductive: UAR adapted by all of the actor's clips together.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from ser.data.table import FeatureTable
from ser.evaluation import human_baseline
from ser.evaluation.crossvalidation import Answers, CrossValidation
from ser.evaluation.diagnostics import Reliability, reliability_of, risk_coverage
from ser.evaluation.shared_labels import restricted, restricted_sets
from ser.metrics import uar
from ser.model.calibration import COVERAGE

_FIELDS = ("intensity", "statement", "sex", "actor")
# Shares of clips answered at which the risk-coverage curve is written down.
_CURVE = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
_MAIN_ENROLMENT = 2


@dataclass(frozen=True)
class AsListeners:
    """Shares of right answers with neutral and calm counted as one, 0 to 1.

    Attributes:
        accuracy: of the model.
        listeners_accuracy: of people.
        by_emotion, by_intensity, by_sex: of the model, by the value of a field.
    """

    accuracy: float
    listeners_accuracy: float
    by_emotion: dict[str, float]
    by_intensity: dict[str, float]
    by_sex: dict[str, float]


@dataclass(frozen=True)
class PredictionSets:
    """Prediction sets.

    Attributes:
        target: the share that should hold the emotion, 0 to 1.
        coverage: the share that does.
        coverage_by_emotion: emotion → the share of its clips whose set holds it.
        mean_size: emotions in a set, on average.
    """

    target: float
    coverage: float
    coverage_by_emotion: dict[str, float]
    mean_size: float


@dataclass(frozen=True)
class AnsweredShare:
    """Share right among the surest answers, when this share of the clips is answered."""

    answered: float
    right: float


@dataclass(frozen=True)
class Abstention:
    """What comes of answering only when sure.

    Attributes:
        answered: share of clips that the models answer, 0 to 1.
        right_when_answered: share of these answers that is right.
        curve: what other shares would give.
    """

    answered: float
    right_when_answered: float
    curve: tuple[AnsweredShare, ...]


@dataclass(frozen=True)
class ReliabilityBin:
    """Answers of similar confidence: their mean confidence, the share that is right, and how many they are."""

    confidence: float
    right: float
    clips: int


@dataclass(frozen=True)
class EnrolledScores:
    """UAR of models that adapt to the actor.

    Attributes:
        enrolled_uar: from two neutral clips, mean over draws.
        enrolled_uar_by_clips: number of neutral clips → mean over draws.
        enrolled_spread_by_clips: number of neutral clips → standard deviation over draws.
        wrong_enrolment_uar: how the enrolment is wrong → UAR.
        unlabelled_uar_by_clips: number of the actor's clips, whose emotions are not known → mean over draws.
        transductive_uar: adapted by all of the actor's clips.
    """

    enrolled_uar: float
    enrolled_uar_by_clips: dict[str, float]
    enrolled_spread_by_clips: dict[str, float]
    wrong_enrolment_uar: dict[str, float]
    unlabelled_uar_by_clips: dict[str, float]
    transductive_uar: float


@dataclass(frozen=True)
class Breakdown:
    """A cross-validation broken down.

    Attributes:
        uar_by: field → value → UAR.
        as_listeners: beside people.
        conformal: the prediction sets.
        abstention: when answers are withheld.
        reliability: confidence against right answers, in bins.
        enrolled: scores of models that adapt to the speaker; None where they do not.
    """

    uar_by: dict[str, dict[str, float]]
    as_listeners: AsListeners
    conformal: PredictionSets
    abstention: Abstention
    reliability: tuple[ReliabilityBin, ...]
    enrolled: EnrolledScores | None = None

    def to_json(self) -> dict[str, Any]:
        """The breakdown as plain numbers, lists and dicts, with the keys that `ser evaluate --json` prints."""
        record = asdict(self)
        enrolled = record.pop("enrolled") or {}
        record["abstention"]["curve"] = list(record["abstention"]["curve"])
        return record | {"reliability": list(record["reliability"])} | enrolled


@dataclass(frozen=True)
class Leakage:
    """The same settings on a random split, with the same voices on both sides: their UAR, and how much higher it is."""

    random_uar: float
    gap: float

    @classmethod
    def between(cls, judged: CrossValidation, leaking: CrossValidation) -> "Leakage":
        """What a random split adds to a speaker-independent score."""
        return cls(leaking.evaluation.uar, leaking.evaluation.uar - judged.evaluation.uar)


def break_down(judged: CrossValidation, table: FeatureTable) -> Breakdown:
    """Break a cross-validation down.

    Args:
        judged: from `ser.evaluation.crossvalidation.cross_validate`, with its fold answers.
        table: that it was carried out on.

    Returns:
        The `Breakdown`.
    """
    labels = np.array(judged.evaluation.labels)
    actual = table.labels[judged.rows]
    answered = labels[judged.probabilities.argmax(axis=1)]
    right = actual == answered
    return Breakdown(
        uar_by={field: _uar_by(table.clips[field].to_numpy()[judged.rows], actual, answered) for field in _FIELDS},
        as_listeners=_as_listeners(judged, table, actual, answered),
        conformal=prediction_sets(judged, table),
        abstention=_abstention(judged, right),
        reliability=bins_of(reliability_of(judged, table)),
        enrolled=adapted_scores(judged, table),
    )


def _uar_by(values: np.ndarray, actual: np.ndarray, answered: np.ndarray) -> dict[str, float]:
    return {str(value): uar(actual[values == value], answered[values == value]) for value in np.unique(values)}


def _as_listeners(
    judged: CrossValidation, table: FeatureTable, actual: np.ndarray, answered: np.ndarray
) -> AsListeners:
    right = human_baseline.right(actual, answered)

    def by(field: str) -> dict[str, float]:
        values = table.clips[field].to_numpy()[judged.rows]
        return {str(value): float(right[values == value].mean()) for value in np.unique(values)}

    return AsListeners(float(right.mean()), human_baseline.OVERALL, by("emotion"), by("intensity"), by("sex"))


def prediction_sets(judged: CrossValidation, table: FeatureTable) -> PredictionSets:
    """The prediction sets of a cross-validation."""
    in_set = np.concatenate([fold.in_set for fold in judged.answers])
    return sets_over(in_set, judged.known, table.labels[judged.rows], judged.evaluation.labels)


def sets_over(
    in_set: np.ndarray, known: tuple[str, ...], actual: np.ndarray, labels: tuple[str, ...]
) -> PredictionSets:
    """Prediction sets over the labels of a data set, which may lack some that the model knows.

    `in_set` says which of the known emotions each set holds, shape (n, n_known), and `actual` are the actual emotions,
    shape (n,).
    """
    sets, names = restricted_sets(in_set, known, labels), np.array(labels)
    covered = sets[np.arange(actual.size), (actual[:, None] == names).argmax(axis=1)]
    return PredictionSets(
        target=COVERAGE,
        coverage=float(covered.mean()),
        coverage_by_emotion={str(x): float(covered[actual == x].mean()) for x in names if (actual == x).any()},
        mean_size=float(sets.sum(axis=1).mean()),
    )


def bins_of(bins: Reliability) -> tuple[ReliabilityBin, ...]:
    """Confidence against right answers, as a card holds it."""
    return tuple(
        ReliabilityBin(float(confidence), float(share), int(clips))
        for confidence, share, clips in zip(bins.confidence, bins.right, bins.clips, strict=True)
    )


def trust_figures(judged: CrossValidation, table: FeatureTable) -> dict[str, Any]:
    """Prediction sets and reliability, with the keys of a `Breakdown`, for a data set that has no other breakdown."""
    bins = bins_of(reliability_of(judged, table))
    return {"conformal": asdict(prediction_sets(judged, table)), "reliability": [asdict(each) for each in bins]}


def _abstention(judged: CrossValidation, right: np.ndarray) -> Abstention:
    kept = ~np.concatenate([fold.abstained for fold in judged.answers])
    curve = risk_coverage(judged.probabilities, right)
    counts = [max(round(share * right.size), 1) for share in _CURVE]
    return Abstention(
        answered=float(kept.mean()),
        right_when_answered=float(right[kept].mean()) if kept.any() else 0.0,
        curve=tuple(
            AnsweredShare(share, float(1 - curve.risk[count - 1])) for share, count in zip(_CURVE, counts, strict=True)
        ),
    )


def adapted_scores(judged: CrossValidation, table: FeatureTable) -> EnrolledScores | None:
    """Scores of models that adapt to the speaker; None where they do not."""
    folds, labels = judged.answers, judged.evaluation.labels
    if not all(fold.enrolled and fold.unlabelled for fold in folds):
        return None

    def recall(parts: Sequence[Answers]) -> float:
        rows = np.concatenate([part.rows for part in parts])
        probabilities = restricted(np.concatenate([part.probabilities for part in parts]), judged.known, labels)
        return uar(table.labels[rows], np.array(labels)[probabilities.argmax(axis=1)])

    def by_draw(how: str) -> dict[str, list[float]]:
        drawn: list[dict[int, tuple[Answers, ...]]] = [getattr(fold, how) for fold in folds]
        return {
            str(count): [recall([each[count][draw] for each in drawn]) for draw in range(len(drawn[0][count]))]
            for count in drawn[0]
        }

    enrolled, unlabelled = by_draw("enrolled"), by_draw("unlabelled")
    return EnrolledScores(
        enrolled_uar=float(np.mean(enrolled[str(_MAIN_ENROLMENT)])),
        enrolled_uar_by_clips={count: float(np.mean(each)) for count, each in enrolled.items()},
        enrolled_spread_by_clips={count: float(np.std(each)) for count, each in enrolled.items()},
        wrong_enrolment_uar={
            mistake: recall([fold.wrongly_enrolled[mistake] for fold in folds]) for mistake in folds[0].wrongly_enrolled
        },
        unlabelled_uar_by_clips={count: float(np.mean(each)) for count, each in unlabelled.items()},
        transductive_uar=recall([fold.transductive for fold in folds if fold.transductive is not None]),
    )
