"""Helpers of workers: real forks, which are stopped and killed."""

import os
import signal
import time
from contextlib import closing
from pathlib import Path

import pytest

from ser.errors import DatasetError
from ser.lanes import BATCHES
from ser.steps import finish
from ser.workers import in_worker, pool, with_help
from ser.workers.helper import FEWEST

ITEMS = 3 * FEWEST
PROCESSES = min(2, os.cpu_count() or 1)


def slow_square(number):
    time.sleep(0.01)
    return number * number, os.getpid(), os.getpriority(os.PRIO_PROCESS, 0)


def squares(count):
    return (yield from with_help(slow_square, range(count)))


def only_in_the_worker(worker):
    """Work that kills any other process, which has taken an item by then."""

    def work(number):
        if os.getpid() != worker:
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(0.01)
        return number

    return work


def with_a_helper_that_dies():
    return (yield from with_help(only_in_the_worker(os.getpid()), range(ITEMS)))


def refuse(number):
    if number == ITEMS - 1:
        raise DatasetError("There is no last clip. Choose another.")


def refusing():
    return (yield from with_help(refuse, range(ITEMS)))


def children():
    """Process numbers of this process's children."""
    return [int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()]


def watched():
    """Start to work with help, give up, and return the children before and after."""
    with closing(with_help(slow_square, range(ITEMS))) as steps:
        next(steps)
        before = children()
    return before, children()


@pytest.fixture(scope="module", autouse=True)
def workers():
    """A nursery of this module's own."""
    pool.start("ser.workers")
    yield
    pool.stop()


def test_a_helper_takes_part_and_the_results_keep_their_order():
    counts = []
    found = finish(in_worker(squares, ITEMS), counts.append)
    assert [square for square, *_ in found] == [number * number for number in range(ITEMS)]
    assert len({pid for _, pid, _ in found}) == PROCESSES
    assert counts == sorted(counts) and counts[-1] == ITEMS


def test_a_helper_has_the_priority_of_batches():
    own = os.getpriority(os.PRIO_PROCESS, 0)
    priorities = {pid: priority for _, pid, priority in finish(in_worker(squares, ITEMS))}
    assert max(priorities.values()) == min(19, max(own + 3, BATCHES.niceness) if PROCESSES > 1 else own + 3)


def test_few_items_and_other_processes_have_no_help():
    for found in finish(in_worker(squares, FEWEST - 1)), finish(squares(ITEMS)):
        assert len({pid for _, pid, _ in found}) == 1


def test_what_a_helper_took_that_died_is_done_nevertheless():
    assert finish(in_worker(with_a_helper_that_dies)) == list(range(ITEMS))


def test_an_error_is_raised_wherever_it_happened():
    with pytest.raises(DatasetError, match="no last clip"):
        finish(in_worker(refusing))


def test_a_helper_ends_when_the_work_is_given_up():
    before, after = finish(in_worker(watched))
    assert len(before) == PROCESSES - 1 and after == []
