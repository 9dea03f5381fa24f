"""Worker processes: real ones, which are forked, steered and killed."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from ser.audio.augmentation import VIEWS
from ser.errors import DatasetError
from ser.inference.batch import ClipFile, extract_batch
from ser.inference.clip_features import FeatureDemand
from ser.lanes import Lane, Slots
from ser.steps import STOP, finish
from ser.workers import in_worker, messages, pool, share
from tests.helpers.processes import all_end, started_by
from tests.helpers.sounds import file, voice

QUICK = Lane("quick", Slots(2), niceness=1, idle=1)
HURRIED = Lane("hurried", Slots(2), niceness=1, idle=1, seconds=0.1, then=Lane("slow", Slots(2), niceness=7))


def big():
    """Something large that workers load themselves."""
    return np.arange(1000)


def wait_for_a_file():
    """Something that takes as long to load as a test wants."""
    while not Path(os.environ["FILE_TO_WAIT_FOR"]).exists():
        time.sleep(0.02)


def count(until, seconds=0.0):
    """Steps that can be stopped."""
    for number in range(until):
        time.sleep(seconds)
        if (yield number, os.getpid(), os.getpriority(os.PRIO_PROCESS, 0)):
            return f"stopped at {number}"
    return "all"


def refuse():
    raise DatasetError("There is no clip. Choose one.")


def fail():
    return 1 / 0


def raise_one(error):
    raise error


def raise_amid(error):
    yield 1
    raise error


def break_off():
    yield 1
    os.kill(os.getpid(), signal.SIGSEGV)


def identity(value):
    return id(value), value.sum()


@pytest.fixture(scope="module", autouse=True)
def workers():
    """A nursery of this module's own."""
    pool.start("ser.inference.batch", messages.name_of(big))
    # A worker that is forked before all is loaded is not kept, so the next task has another.
    while finish(in_worker(os.getpid, lane=QUICK)) != finish(in_worker(os.getpid, lane=QUICK)):
        pass
    yield
    pool.stop()


def test_a_worker_that_was_forked_before_all_is_loaded_is_used_once(tmp_path, monkeypatch):
    monkeypatch.setenv("FILE_TO_WAIT_FOR", str(tmp_path / "file"))
    early = pool.Pool((messages.name_of(big), messages.name_of(wait_for_a_file)))
    worker = early.take(QUICK)
    assert worker.early and alive(worker.pid)
    early.give_back(worker, QUICK)  # which does not keep it, because it shares less memory than others
    assert all_end({worker.pid})
    (tmp_path / "file").touch()
    while (later := early.take(QUICK)).early:
        early.give_back(later, QUICK)
    early.give_back(later, QUICK)
    assert early.take(QUICK) is later
    early.close()
    assert all_end({later.pid})


def test_a_server_that_is_gone_before_it_gets_its_worker_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("FILE_TO_WAIT_FOR", str(tmp_path / "file"))
    control, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    words = [str(other.fileno()), messages.name_of(big), messages.name_of(wait_for_a_file)]
    ours, theirs = socket.socketpair()
    with control, other, ours, theirs:
        socket.send_fds(control, [b"fork 1"], [theirs.fileno()])
        nursery = subprocess.Popen([sys.executable, "-m", "ser.workers.nursery", *words], pass_fds=[other.fileno()])
        other.close()
        pid, early = control.recv(64).split()
        assert early and alive(int(pid))
        socket.send_fds(control, [b"fork 1"], [theirs.fileno()])
        control.close()
        (tmp_path / "file").touch()
        assert nursery.wait(60) == 0
    assert all_end({int(pid)})


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_work_is_done_in_another_process_that_is_used_again():
    first, second = (finish(in_worker(os.getpid, lane=QUICK)) for _ in range(2))
    assert first == second != os.getpid()


def test_at_rest_free_workers_end_and_the_next_work_gets_a_fresh_one():
    resting = finish(in_worker(os.getpid, lane=QUICK))
    assert alive(resting)
    pool.rest()
    assert all_end([resting])
    assert finish(in_worker(os.getpid, lane=QUICK)) != resting


def test_reports_commands_and_results_pass_through():
    reports = []
    assert finish(in_worker(count, 3), reports.append) == "all"
    assert [number for number, *_ in reports] == [0, 1, 2]
    assert finish(in_worker(count, 10_000), command=lambda: STOP) == "stopped at 0"


def test_the_system_gives_each_lane_its_priority_and_long_work_a_lower_one():
    own = os.getpriority(os.PRIO_PROCESS, 0)
    reports = []
    finish(in_worker(count, 6, 0.04, lane=HURRIED), reports.append)
    priorities = [priority for *_, priority in reports]
    assert priorities[0] == min(19, own + 1) and priorities[-1] == min(19, own + 7)
    # It does not do urgent work again.
    assert finish(in_worker(os.getpid, lane=HURRIED)) != reports[0][1]


def test_a_worker_that_dies_costs_one_sentence_and_is_replaced():
    other = in_worker(count, 3)
    next(other)
    with pytest.raises(pool.WorkerDiedError, match="ended unexpectedly"):
        finish(in_worker(break_off))
    assert finish(other) == "all"  # whoever was at work beside it noticed nothing
    assert finish(in_worker(os.getpid)) != os.getpid()


def test_without_its_nursery_the_server_starts_another():
    (nursery,) = started_by(os.getpid(), "ser.workers.nursery")
    os.kill(nursery, signal.SIGKILL)
    assert finish(in_worker(os.getpid, lane=Lane("fresh", Slots(1), niceness=0))) != os.getpid()


def test_work_that_is_given_up_ends_its_process():
    with closing(in_worker(count, 10_000, 0.01)) as steps:
        _, pid, _ = next(steps)
        assert alive(pid)
    deadline = time.monotonic() + 30
    while alive(pid) and time.monotonic() < deadline:
        finish(in_worker(os.getpid, lane=Lane("fresh", Slots(1), niceness=0)))  # the nursery looks after its children
    assert not alive(pid)


def test_errors_are_those_of_the_work():
    with pytest.raises(DatasetError, match="There is no clip"):
        finish(in_worker(refuse))
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        finish(in_worker(fail))


def test_shared_objects_are_named_and_not_copied():
    ours = big()
    share(ours, big)
    ids = {finish(in_worker(identity, ours, lane=QUICK)) for _ in range(2)}
    assert len(ids) == 1 and ids.pop()[1] == ours.sum()


def test_features_from_a_worker_equal_those_from_here():
    clips, demand = [ClipFile("a", file(voice(1.0), 16_000))], FeatureDemand("standard", tuple(VIEWS))
    (there,), (here,) = (
        finish(in_worker(extract_batch, clips, demand)),
        finish(extract_batch(clips, demand)),
    )
    assert np.array_equal(there.vectors, here.vectors) and there.spans == here.spans


@pytest.mark.parametrize("error", [EOFError, ConnectionError, OSError])
def test_an_error_that_sounds_like_a_hang_up_is_still_one_of_the_work(error):
    first = finish(in_worker(os.getpid, lane=QUICK))
    with pytest.raises(RuntimeError, match=error.__name__):
        finish(in_worker(raise_one, error, lane=QUICK))
    with pytest.raises(RuntimeError, match=error.__name__):
        finish(in_worker(raise_amid, error, lane=QUICK), lambda report: None)
    assert finish(in_worker(os.getpid, lane=QUICK)) == first  # it is as good as before


def test_lanes_of_the_same_priority_share_their_processes():
    other = Lane("other", Slots(1), niceness=QUICK.niceness, idle=1)
    assert finish(in_worker(os.getpid, lane=QUICK)) == finish(in_worker(os.getpid, lane=other))
