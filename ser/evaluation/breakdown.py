"""What an examiner asks of a cross-validation: for whom it works, how far to trust it, what a known voice adds.

Problem: `ser.metrics.score` says how good answers are overall. Here they are broken down by what is known of a
clip, set beside people's, and asked whether their confidence, prediction sets and refusals mean what they say. All
figures come from clips of actors that the answering model was not trained on.

Metrics:
    recall by field: UAR over the clips that share a field's value, such as an intensity or a sex.
    as listeners: share right with neutral and calm counted as one, as people were judged (see
    `ser.evaluation.human_baseline`).
    coverage: share of clips whose emotion is in the prediction set (split conformal prediction, Vovk et al. 2005).
    risk and coverage: share right among the surest answers (El-Yaniv & Wiener 2010).
    enrolled: UAR with the actor's neutral voice known from some of the actor's own neutral clips, which are not scored;
        with four enrolled no neutral clip is left to score, so that figure is over the other seven emotions.
    transductive: UAR with the neutral voice guessed from all of the actor's clips together.
"""

import numpy as np

from ser.data.table import FeatureTable
from ser.evaluation import human_baseline
from ser.evaluation.crossvalidation import CrossValidation
from ser.evaluation.diagnostics import reliability, risk_coverage
from ser.metrics import uar
from ser.model.calibration import COVERAGE

FIELDS = ("intensity", "statement", "sex", "actor")
# Shares of clips answered at which the curve is written down.
CURVE = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
MAIN_ENROLMENT = 2


def breakdown(judged: CrossValidation, table: FeatureTable) -> dict:
    """Break a cross-validation down.

    Args:
        judged: from `ser.evaluation.crossvalidation.cross_validate`, with its fold answers.
        table: that it was carried out on.

    Returns:
        A JSON object: `uar_by` (field → value → UAR), `as_listeners`, `conformal`, `abstention`, `reliability`, and
        where the models have enrolled networks `enrolled_uar` (two clips), `enrolled_uar_by_clips`,
        `enrolled_spread_by_clips` (deviation over draws), `wrong_enrolment_uar` and `transductive_uar`.
    """
    labels = np.array(judged.evaluation.labels)
    actual = table.labels[judged.rows]
    answered = labels[judged.probabilities.argmax(axis=1)]
    right = actual == answered
    found = {
        "uar_by": {field: _uar_by(table.clips[field].to_numpy()[judged.rows], actual, answered) for field in FIELDS},
        "as_listeners": _as_listeners(judged, table, actual, answered),
        "conformal": _conformal(judged, actual, labels),
        "abstention": _abstention(judged, right),
        "reliability": [
            {"confidence": float(c), "right": float(r), "clips": int(n)}
            for c, r, n in zip(*vars(reliability(judged.probabilities, right)).values(), strict=True)
        ],
    }
    if all(each.enrolled for each in judged.answers):
        found |= _enrolled(judged, table, labels)
    return found


def _uar_by(values: np.ndarray, actual: np.ndarray, answered: np.ndarray) -> dict[str, float]:
    return {str(value): uar(actual[values == value], answered[values == value]) for value in np.unique(values)}


def _as_listeners(judged: CrossValidation, table: FeatureTable, actual: np.ndarray, answered: np.ndarray) -> dict:
    right = human_baseline.right(actual, answered)
    parts = {"accuracy": float(right.mean()), "listeners_accuracy": human_baseline.OVERALL}
    for field in ("emotion", "intensity", "sex"):
        values = table.clips[field].to_numpy()[judged.rows]
        parts[f"by_{field}"] = {str(value): float(right[values == value].mean()) for value in np.unique(values)}
    return parts


def _conformal(judged: CrossValidation, actual: np.ndarray, labels: np.ndarray) -> dict:
    held = np.concatenate([each.in_set for each in judged.answers])
    column = (actual[:, None] == labels).argmax(axis=1)
    covered = held[np.arange(actual.size), column]
    return {
        "target": COVERAGE,
        "coverage": float(covered.mean()),
        "coverage_by_emotion": {str(x): float(covered[actual == x].mean()) for x in labels if (actual == x).any()},
        "mean_size": float(held.sum(axis=1).mean()),
    }


def _abstention(judged: CrossValidation, right: np.ndarray) -> dict:
    kept = ~np.concatenate([each.abstained for each in judged.answers])
    curve = risk_coverage(judged.probabilities, right)
    places = [max(round(share * right.size) - 1, 0) for share in CURVE]
    return {
        "answered": float(kept.mean()),
        "right_when_answered": float(right[kept].mean()) if kept.any() else 0.0,
        "curve": [
            {"answered": share, "right": float(1 - curve.risk[p])} for share, p in zip(CURVE, places, strict=True)
        ],
    }


def _enrolled(judged: CrossValidation, table: FeatureTable, labels: np.ndarray) -> dict:
    def recall(parts: list[tuple[np.ndarray, np.ndarray]]) -> float:
        rows = np.concatenate([rows for rows, _ in parts])
        return uar(table.labels[rows], labels[np.concatenate([p for _, p in parts]).argmax(axis=1)])

    answers = judged.answers
    by_count = {
        count: [recall([fold.enrolled[count][draw] for fold in answers]) for draw in range(len(draws))]
        for count, draws in answers[0].enrolled.items()
    }
    return {
        "enrolled_uar": float(np.mean(by_count[MAIN_ENROLMENT])),
        "enrolled_uar_by_clips": {str(count): float(np.mean(each)) for count, each in by_count.items()},
        "enrolled_spread_by_clips": {str(count): float(np.std(each)) for count, each in by_count.items()},
        "wrong_enrolment_uar": {how: recall([fold.wrongly[how] for fold in answers]) for how in answers[0].wrongly},
        "transductive_uar": recall([(fold.rows, fold.transductive) for fold in answers]),
    }
