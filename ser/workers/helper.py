"""A helper of a worker: a fork of it that takes a part of some long work, such as the windows of a long clip.

A fork knows all that the worker has decoded and computed so far, at no cost. Only a worker may fork, because it has a
single thread.
"""

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import TypeVar

from ser.lanes import BATCHES
from ser.steps import Steps

FEWEST = 12
"""Items from which on help is worth a fork."""

_MOST = 1 << 14  # so that the numbers of all items fit into a pipe
_DIGITS = 2  # bytes of each number

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")

_may_fork = False


def allow() -> None:
    """Let this process fork helpers from now on: it has a single thread, and will have no other."""
    global _may_fork
    _may_fork = (os.cpu_count() or 1) > 1


def with_help(function: Callable[[ItemT], ResultT], items: Sequence[ItemT]) -> Steps[int, list[ResultT]]:
    """Apply a function to each item; in a worker, a helper takes part if there are `FEWEST` items or more.

    Args:
        function: its results can be pickled.
        items: what it is applied to.

    Yields:
        How many items are done.

    Returns:
        The results, in the order of the items.
    """
    if not _may_fork or not FEWEST <= len(items) <= _MOST:
        results = []
        for item in items:
            results.append(function(item))
            yield len(results)
        return results
    found: dict[int, ResultT] = {}
    received: dict[int, ResultT]
    with _line(len(items)) as line, _helper(function, items, line) as helper:
        while (number := _next(line)) is not None:
            found[number] = function(items[number])
            while helper.poll() and (received := _received(helper)):
                found.update(received)
            yield len(found)
        while received := _received(helper):
            found.update(received)
            yield len(found)
    # What a helper took that died is done here.
    return [found[number] if number in found else function(item) for number, item in enumerate(items)]


@contextmanager
def _line(count: int) -> Iterator[int]:
    """A pipe that holds the numbers of all items, from which whoever is free takes the next."""
    line, end = os.pipe()
    try:
        os.write(end, b"".join(number.to_bytes(_DIGITS, "little") for number in range(count)))
        os.close(end)
        yield line
    finally:
        os.close(line)


def _next(line: int) -> int | None:
    """The number of the next item; None if all are taken."""
    taken = os.read(line, _DIGITS)
    return int.from_bytes(taken, "little") if taken else None


@contextmanager
def _helper(function: Callable[[ItemT], ResultT], items: Sequence[ItemT], line: int) -> Iterator[Connection]:
    """A helper, seen from the worker: its results come through the connection. It never outlives the worker."""
    ours, theirs = Pipe(duplex=False)
    child = os.fork()
    if child == 0:
        try:
            ours.close()
            # Answers to other clips go before the help, as they go before batches.
            os.nice(max(0, BATCHES.niceness - os.nice(0)))
            while (number := _next(line)) is not None:
                theirs.send((number, function(items[number])))
        finally:
            os._exit(0)
    theirs.close()
    try:
        yield ours
    finally:
        ours.close()
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _received(helper: Connection) -> dict[int, ResultT]:
    """The number of an item that the helper has done, with its result; nothing once the helper has ended."""
    try:
        number, result = helper.recv()
    except (EOFError, OSError):
        return {}
    return {number: result}
