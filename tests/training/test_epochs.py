"""The parts of the training loop: schedule and early stopping."""

import pytest

from ser.training.epochs import EarlyStopping, LearningRateSchedule
from ser.training.settings import TrainingSettings


def test_a_cosine_falls_from_the_learning_rate_to_almost_nothing():
    schedule = LearningRateSchedule(TrainingSettings(learning_rate=0.1, epochs=10))
    rates = [schedule.before(epoch) for epoch in range(1, 11)]
    assert rates[0] == 0.1 and rates[5] == pytest.approx(0.05) and 0 < rates[-1] < 0.003
    assert rates == sorted(rates, reverse=True)


def test_a_change_ends_the_cosine():
    schedule = LearningRateSchedule(TrainingSettings(learning_rate=0.1, epochs=10, learning_rate_changes=((3, 0.02),)))
    assert schedule.before(2) < 0.1 and schedule.before(3) == 0.02 and schedule.before(4) is None
    schedule.change(6, 0.01)
    assert schedule.before(6) == 0.01 and schedule.changes == ((3, 0.02), (6, 0.01))


def test_scikit_learn_keeps_its_own_schedules():
    assert LearningRateSchedule(TrainingSettings(solver="sgd", schedule="adaptive")).before(1) is None


def test_it_stops_after_more_epochs_than_patience_without_a_better_score():
    stopping = EarlyStopping(patience=2, tolerance=0.1)
    scores = [(0.5, -1.0), (0.6, -1.0), (0.6, -1.0), (0.5, -0.5), (0.4, -2.0)]
    assert [(stopping.update(score), stopping.due) for score in scores] == [
        (True, False), (True, False), (False, False), (False, False), (False, True),
    ]  # fmt: skip


def test_a_training_loss_must_fall_by_the_tolerance():
    stopping = EarlyStopping(patience=1, tolerance=0.1)
    assert [(stopping.update((-loss,)), stopping.due) for loss in (1.0, 0.95, 0.9)] == [
        (True, False), (True, False), (True, True),
    ]  # fmt: skip


def test_without_patience_it_never_stops():
    stopping = EarlyStopping(patience=0, tolerance=0.1)
    for _ in range(50):
        stopping.update((-1.0,))
    assert not stopping.due
