"""Work in the background."""

import threading
import time

import pytest

from ser.errors import TrainingError
from ser.jobs import Job
from ser.lanes import Lane, Slots


def counting(until, seconds=0.0):
    for number in range(1, until + 1):
        time.sleep(seconds)
        if (yield number):
            return f"stopped at {number}"
    return "all"


def one_slot():
    return Lane("test", Slots(1), niceness=0)


def over(job):
    job.join(20)
    assert job.snapshot().over
    return job.snapshot()


def test_the_last_report_and_the_result_are_there_at_the_end():
    snapshot = over(Job(counting(5)).start())
    assert (snapshot.state, snapshot.report, snapshot.result) == ("done", 5, "all")


def test_stop_is_heard_after_the_report_under_way():
    job = Job(counting(10_000, 0.01)).start()
    while not job.snapshot().report:
        time.sleep(0.005)
    job.stop()
    snapshot = over(job)
    assert snapshot.state == "stopped" and snapshot.result == f"stopped at {snapshot.report}" and snapshot.report < 1000


@pytest.mark.parametrize(
    ("error", "says"),
    [(TrainingError("No clip is left."), "No clip is left."), (ZeroDivisionError(), "fault of the program")],
    ids=["said", "bug"],
)
def test_what_breaks_off_leaves_a_sentence(error, says):
    def breaking():
        yield 1
        raise error

    snapshot = over(Job(breaking()).start())
    assert snapshot.state == "failed" and says in snapshot.error


def test_it_waits_in_line_for_a_slot_of_its_lane():
    lane, other = one_slot(), one_slot()
    assert lane.slots.enter("a training", lambda: False)
    waiting = Job(counting(3), lane=lane).start()
    assert over(Job(counting(3), lane=other).start()).state == "done"
    while waiting.snapshot().position != 1:
        time.sleep(0.005)
    assert waiting.snapshot().state == "waiting"
    lane.slots.leave()
    assert over(waiting).state == "done"
    # Each gave back what it took, and no more.
    assert lane.slots.enter("the next", lambda: False) and not lane.slots.enter("one too many", lambda: True)


def test_work_that_takes_long_moves_to_the_lane_of_long_work():
    slow = one_slot()
    lane = Lane("quick", Slots(1), niceness=0, seconds=0.05, then=slow)
    assert slow.slots.enter("another", lambda: False)
    long = Job(counting(20, 0.01), lane=lane).start()
    while long.snapshot().position != 1:
        time.sleep(0.005)
    # Short work is not held up any more, and the long work goes on when it is its turn.
    assert over(Job(counting(3), lane=lane).start()).state == "done"
    assert not long.snapshot().over
    slow.slots.leave()
    assert over(long).result == "all"
    assert slow.slots.enter("the next", lambda: True) and lane.slots.enter("the next", lambda: True)


def test_nothing_is_computed_before_the_start():
    asked = threading.Event()

    def noticing():
        asked.set()
        yield 1

    job = Job(noticing())
    assert not asked.wait(0.1) and job.snapshot().state == "waiting"
    over(job.start())
    assert asked.is_set()


def test_paused_it_waits_after_the_report_under_way_lets_others_work_and_goes_on_step_by_step():
    lane = one_slot()
    slots, job = lane.slots, Job(counting(1000), lane=lane)
    job.pause()
    job.start()
    while not job.snapshot().halted:
        time.sleep(0.005)
    assert job.snapshot().report == 1 and job.snapshot().paused
    assert slots.enter("another", lambda: False)
    job.step()
    while job.snapshot().position != 1:
        time.sleep(0.005)
    slots.leave()
    while job.snapshot().report != 2 or not job.snapshot().halted:
        time.sleep(0.005)
    job.resume()
    snapshot = over(job)
    assert snapshot.state == "done" and snapshot.report == 1000 and not snapshot.paused
