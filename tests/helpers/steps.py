"""Run work that reports its progress, and look at its reports."""

import pytest

from ser.steps import STOP, finish


def followed(steps, stop_if=lambda reports: False):
    """Reports and result of work that is told to stop once `stop_if(reports so far)` is true."""
    reports = []
    result = finish(steps, reports.append, lambda: STOP if stop_if(reports) else None)
    return reports, result


def stopped(steps):
    """The result of work that is told to stop, and must do so without another report."""
    with pytest.raises(StopIteration) as end:
        steps.send(STOP)
    return end.value.value
