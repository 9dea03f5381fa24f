"""Lanes: who works first."""

import threading
import time

from ser.lanes import ANSWERS, BATCHES, TRAININGS, Slots


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


def test_owners_take_turns():
    slots, served = Slots(2), []
    for name in ("one", "another"):
        assert slots.enter(name, lambda: False, owner="anna")

    def wait(name, owner):
        assert slots.enter(name, lambda: False, owner)
        served.append(name)

    threads = []
    for position, (name, owner) in enumerate([("anna 1", "anna"), ("anna 2", "anna")], start=1):
        threads.append(threading.Thread(target=wait, args=(name, owner)))
        threads[-1].start()
        while slots.position(name) != position:
            time.sleep(0.005)
    threads.append(threading.Thread(target=wait, args=("ben 1", "ben")))
    threads[-1].start()
    # He came last and has nothing under way, so he is next.
    while slots.position("ben 1") != 1:
        time.sleep(0.005)
    for owner in ("anna", "ben", "anna"):
        before = len(served)
        slots.leave(owner)
        while len(served) == before:
            time.sleep(0.005)
    for thread in threads:
        thread.join(5)
    assert served == ["ben 1", "anna 1", "anna 2"]


def test_answers_come_before_batches_and_these_before_trainings():
    assert ANSWERS.niceness < BATCHES.niceness < TRAININGS.niceness
    assert ANSWERS.then is BATCHES and len({id(lane.slots) for lane in (ANSWERS, BATCHES, TRAININGS)}) == 3
