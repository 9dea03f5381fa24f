"""The out-of-fold answers of the shipped model to the clips of RAVDESS, by models trained without the clip's actor."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pages.common import resources
from pages.explore.filters import values_of
from ser.evaluation import human_baseline
from ser.model.out_of_fold import OutOfFoldAnswers

NAME = "shipped model"


@dataclass(frozen=True)
class Answer:
    """The answer to one clip.

    Attributes:
        label: the most probable emotion.
        probabilities: emotion → 0 to 1.
    """

    label: str
    probabilities: Mapping[str, float]


def answer_to(name: str) -> Answer | None:
    """Return the answer to a clip; None if there is none."""
    answers = resources.out_of_fold()
    rows = np.flatnonzero(answers.names == name) if answers is not None else np.zeros(0, int)
    if answers is None or not rows.size:
        return None
    shares = answers.probabilities[rows[0]].astype(float)
    probabilities = dict(zip(answers.labels, shares.tolist(), strict=True))
    return Answer(answers.labels[int(shares.argmax())], probabilities)


def columns(names: pd.Series) -> dict[str, list]:
    """Return columns for a table of clips: the answer to each and its probability; none if there are no answers."""
    answers = resources.out_of_fold()
    if answers is None:
        return {}
    rows = {str(name): row for row, name in enumerate(answers.names)}
    if rows.keys().isdisjoint(names):
        return {}
    found = [answers.probabilities[rows[name]] if name in rows else None for name in names]
    return {
        "Model’s answer": [None if row is None else answers.labels[int(row.argmax())] for row in found],
        "Its probability (%)": [None if row is None else 100 * float(row.max()) for row in found],
    }


def model_shares(field: str) -> dict[str, dict[str, float]]:
    """Return model → group → share of right answers, by a field such as "actor"; empty if there are no answers.

    Answers count as in the human baseline.
    """
    answers = resources.out_of_fold()
    if answers is None:
        return {}
    clips, answered = _with_answers(answers)
    right = human_baseline.right(clips["emotion"].to_numpy(dtype=str), answered)
    groups = clips[field].to_numpy()
    shares = {str(group): float(right[groups == group].mean()) for group in values_of(clips, field)}
    if field == "emotion":
        # Neutral and calm count as one in the human baseline.
        both = float(right[np.isin(groups, list(human_baseline.ONE))].mean())
        shares |= {label: both for label in shares if label in human_baseline.ONE}
    return {NAME: shares}


def _with_answers(answers: OutOfFoldAnswers) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the answered clips, and the answers as labels, shape (n,)."""
    clips = resources.table().clips.set_index("name", drop=False).loc[answers.names]
    return clips, np.array(answers.labels)[answers.probabilities.argmax(axis=1)]
