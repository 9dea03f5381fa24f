"""Work in the background."""

import threading
import time

import pytest

from ser.errors import TrainingError
from ser.jobs import Job, Slots


def counting(until, seconds=0.0):
    for number in range(1, until + 1):
        time.sleep(seconds)
        if (yield number):
            return f"stopped at {number}"
    return "all"


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


def test_it_waits_in_line_unless_it_need_not():
    slots = Slots(1)
    assert slots.enter("a training", lambda: False)
    waiting = Job(counting(3), slots=slots).start()
    short = Job(counting(3), waits=False, slots=slots).start()
    assert over(short).state == "done"
    while waiting.snapshot().position != 1:
        time.sleep(0.005)
    assert waiting.snapshot().state == "waiting"
    slots.leave()
    assert over(waiting).state == "done"
    # Each gave back what it took, and no more.
    assert slots.enter("the next", lambda: False) and not slots.enter("one too many", lambda: True)


def test_nothing_is_computed_before_the_start():
    asked = threading.Event()

    def noticing():
        asked.set()
        yield 1

    job = Job(noticing())
    assert not asked.wait(0.1) and job.snapshot().state == "waiting"
    over(job.start())
    assert asked.is_set()


def test_first_come_first_served_with_a_position():
    slots, served = Slots(1), []
    assert slots.enter("first", lambda: False)

    def wait(name):
        assert slots.enter(name, lambda: False)
        served.append(name)
        slots.leave()

    threads = []
    for position, name in enumerate(["second", "third"], start=1):
        threads.append(threading.Thread(target=wait, args=(name,)))
        threads[-1].start()
        while slots.position(name) != position:
            time.sleep(0.005)
    assert slots.position("first") is None
    slots.leave()
    for thread in threads:
        thread.join(5)
    assert served == ["second", "third"] and slots.position("third") is None


def test_whoever_gives_up_leaves_the_line():
    slots = Slots(1)
    assert slots.enter("first", lambda: False)
    assert not slots.enter("second", lambda: True)
    slots.leave()
    assert slots.enter("third", lambda: False)


def test_paused_it_waits_after_the_report_under_way_lets_others_work_and_goes_on_step_by_step():
    slots = Slots(1)
    job = Job(counting(1000), slots=slots)
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
