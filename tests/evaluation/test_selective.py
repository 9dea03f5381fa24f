"""Answers that are sure enough: fewer, and more of them right."""

import numpy as np
import pytest

from ser.data.table_file import load_table
from ser.evaluation.selective import sure_answers
from ser.model.out_of_fold import OutOfFoldAnswers
from ser.model.store import DEFAULT_NAME, ModelStore


@pytest.mark.parametrize(
    ("least", "answered", "right"), [(0.0, 3, 2), (0.5, 3, 2), (0.6, 2, 1), (0.81, 1, 1), (0.95, 0, 0)]
)
def test_answers_of_a_known_confidence_are_counted(least, answered, right):
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.5, 0.5]])
    answers = OutOfFoldAnswers(np.array(["a", "b", "c"]), ("sad", "calm"), probabilities)
    found = sure_answers(answers, np.array(["sad", "sad", "sad"]), least)
    assert (found.clips, found.answered, found.right) == (3, answered, right)


def test_the_surer_answers_of_the_shipped_model_are_right_more_often():
    store = ModelStore()
    answers = store.out_of_fold(DEFAULT_NAME)
    actual = load_table().clips.set_index("name")["emotion"].loc[answers.names].to_numpy(dtype=str)
    levels = [sure_answers(answers, actual, least) for least in (0.0, 0.3, 0.5, 0.7, 0.9)]
    assert levels[0].answered == levels[0].clips == 1440
    shares = [each.right / each.answered for each in levels]
    assert shares == sorted(shares)
    # The card says how many are right without a limit.
    card = store.card(DEFAULT_NAME).held_out_score
    assert levels[0].right / 1440 == pytest.approx(card.details["accuracy"], abs=1e-6)
