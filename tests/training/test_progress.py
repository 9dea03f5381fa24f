"""Progress over several trainings."""

import time

from ser.training.progress import FoldProgress
from ser.training.trainer import train
from tests.helpers.quick import SMALL


def test_a_first_fold_that_begins_late_still_tells_a_time_left(part):
    """As on a machine so busy that a moment passes between a fold's place being taken and its first epoch."""
    steps = train(SMALL, part.matrix("notebook"), part.labels, part.actors)
    report = next(FoldProgress(1, 2, "fold 1", time.perf_counter() - 1).follow(steps, 1))
    assert report.fold == 1
    assert report.seconds_left > 0
