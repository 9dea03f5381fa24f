"""What a cross-validation leaves beside a model: the score on its card and the out-of-fold answers."""

import numpy as np

from ser.data.splits import scored_on
from ser.data.table import FeatureTable
from ser.evaluation.breakdown import break_down
from ser.evaluation.crossvalidation import CrossValidation
from ser.model.card import Score
from ser.model.out_of_fold import OutOfFoldAnswers


def score_of(judged: CrossValidation, table: FeatureTable, test_actors: tuple[int, ...] = ()) -> Score:
    """The score on a model's card: the evaluation and, where the folds were all judged on RAVDESS, its breakdown."""
    figures = judged.evaluation.to_json() | {"scored_on": scored_on(judged.evaluation.protocol, test_actors)}
    if judged.answers and "intensity" in table.clips:
        figures |= break_down(judged, table).to_json()
    return Score.from_json(figures)


def out_of_fold_answers(judged: CrossValidation, table: FeatureTable) -> OutOfFoldAnswers:
    """The answers of a cross-validation by the names of the clips."""
    names = table.clips["name"].to_numpy(dtype=str)[judged.rows]
    return OutOfFoldAnswers(names, judged.evaluation.labels, judged.probabilities.astype(np.float32))
