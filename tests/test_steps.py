"""Work that reports its progress."""

import pytest

from ser.steps import STOP, Command, finish, relay, until_stopped
from tests.helpers.steps import followed, stopped


def counting(until, received=None):
    """Count; what is sent is collected in `received`."""
    try:
        for number in range(1, until + 1):
            command = yield number
            if received is not None:
                received.append(command)
            if command:
                return f"stopped at {number}"
        return "all"
    finally:
        if received is not None:
            received.append("closed")


def test_only_a_command_to_stop_is_true():
    assert Command(stop=True) and not Command(learning_rate=0.1) and not Command()


def test_finish_shows_every_report_and_sends_what_it_is_given():
    shown, received = [], []
    assert finish(counting(3)) == "all"
    assert finish(counting(9, received), shown.append, lambda: STOP if shown[-1] == 2 else Command()) == "stopped at 2"
    assert shown == [1, 2] and received == [Command(), STOP, "closed"]


def test_what_showing_returns_is_not_sent():
    assert finish(counting(3), lambda report: STOP) == "all"


def test_relay_converts_reports_and_passes_commands_on():
    assert followed(relay(counting(3), str)) == (["1", "2", "3"], "all")
    assert followed(relay(counting(3), str), lambda reports: len(reports) == 2) == (["1", "2"], "stopped at 2")


def test_relay_may_change_commands():
    received = []
    finish(relay(counting(2, received), str, lambda command: Command(learning_rate=0.1)))
    assert received == [Command(learning_rate=0.1), Command(learning_rate=0.1), "closed"]


def test_until_stopped_drops_the_part():
    received = []
    assert followed(until_stopped(counting(3), str)) == (["1", "2", "3"], "all")
    steps = until_stopped(counting(3, received), str)
    assert next(steps) == "1" and stopped(steps) is None
    assert received == ["closed"]


@pytest.mark.parametrize("relaying", [relay, until_stopped])
def test_errors_and_the_end_of_the_larger_work_reach_the_part(relaying):
    received = []
    steps = relaying(counting(3, received), str)
    next(steps)
    steps.close()
    assert received == ["closed"]

    def breaking():
        yield 1
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        finish(relaying(breaking(), str))
