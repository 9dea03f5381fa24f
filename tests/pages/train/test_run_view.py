"""The charts of a training under way: what a look draws."""

import numpy as np

from pages.train.run_view import Drawn
from ser.emotions import LABELS
from ser.experiments.run import RunSnapshot
from ser.training.epochs import EpochReport
from ser.training.settings import TrainingSettings


def snapshot(epochs):
    reports = tuple(
        EpochReport(n, 50, 2 / n, n / 100, n / 200, 1.0, n, n, 1.0, watched=np.full((8, 8), 1 / 8, np.float32))
        for n in range(1, epochs + 1)
    )
    return RunSnapshot("training", TrainingSettings(), reports, watched_labels=np.array(LABELS))


def test_a_look_draws_new_reports_and_nothing_without_them():
    drawn, first = Drawn(), snapshot(3)
    drawn.draw(snapshot(0))
    assert drawn.answers is None and len(drawn.loss.data[0].x) == 0
    drawn.draw(first)
    assert [len(figure.data[0].x) for figure in (drawn.loss, drawn.uar)] == [3, 3] and drawn.answers
    drawn.loss.data[0].x = (7,)
    drawn.draw(first)
    assert drawn.loss.data[0].x == (7,)
    loss = drawn.loss
    drawn.draw(snapshot(4))
    assert drawn.loss is loss and loss.data[0].x == (1, 2, 3, 4)
