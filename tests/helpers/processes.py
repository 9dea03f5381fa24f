"""The processes that a process has started, and whether they are alive."""

import os
import time
from collections.abc import Iterable
from pathlib import Path

from ser.lanes import TRAININGS


def below(pid: int) -> set[int]:
    """The processes that a process has started, and those that these have."""
    parents = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(status.parent.name)] = int(status.read_text().rpartition(")")[2].split()[1])
        except OSError:  # it has ended meanwhile
            continue
    found, new = set(), {pid}
    while new:
        new = {child for child, parent in parents.items() if parent in new}
        found |= new
    return found


def started_by(pid: int, module: str) -> list[int]:
    """The running processes of a module (`python -m MODULE`) that a process itself has started."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(each) for each in children if module in Path(f"/proc/{each}/cmdline").read_text().split("\0")]


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and was not waited for does not."""
    try:
        return ") Z" not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


def processor_seconds(pid: int) -> float:
    """The time that a process has worked so far; 0 if it has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(int(each) for each in fields[11:13]) / os.sysconf("SC_CLK_TCK")


def all_end(processes: Iterable[int], seconds: float = 30) -> bool:
    """Wait until none of some processes runs any more; whether that came about in time."""
    deadline = time.monotonic() + seconds
    while any(alive(each) for each in processes) and time.monotonic() < deadline:
        time.sleep(0.1)
    return not any(alive(each) for each in processes)


def training_worker(server: int) -> int:
    """Wait for the process of a server that trains, which has the priority of trainings."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for pid in below(server):
            try:
                nice = os.getpriority(os.PRIO_PROCESS, server) + TRAININGS.niceness
                if os.getpriority(os.PRIO_PROCESS, pid) >= min(nice, 19):  # 19 is the most
                    return pid
            except ProcessLookupError:
                continue
        time.sleep(0.1)
    raise AssertionError("No process trains.")
