"""What it would bring to answer only where a model is sure: how many clips are answered, and how many rightly."""

from dataclasses import dataclass

import numpy as np

from ser.model.out_of_fold import OutOfFoldAnswers


@dataclass(frozen=True)
class SureAnswers:
    """The answers with at least some confidence.

    Attributes:
        clips: all clips that were asked about.
        answered: those whose answer is that sure.
        right: those among them that are answered rightly.
    """

    clips: int
    answered: int
    right: int


def sure_answers(answers: OutOfFoldAnswers, actual: np.ndarray, least: float) -> SureAnswers:
    """Count the out-of-fold answers with a confidence of at least `least`, 0 to 1; `actual` are the labels, shape (n,).

    Examples:
        >>> answers = OutOfFoldAnswers(np.array(["a", "b"]), ("sad", "calm"), np.array([[0.9, 0.1], [0.6, 0.4]]))
        >>> sure_answers(answers, np.array(["sad", "calm"]), 0.7)
        SureAnswers(clips=2, answered=1, right=1)
    """
    sure = answers.probabilities.max(axis=1) >= least
    right = np.array(answers.labels)[answers.probabilities.argmax(axis=1)] == actual
    return SureAnswers(len(sure), int(sure.sum()), int((sure & right).sum()))
