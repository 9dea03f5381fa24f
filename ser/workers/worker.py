"""What a worker does: it takes tasks, one at a time, and sends reports and results."""

import os
import time
import traceback
from collections.abc import Generator
from multiprocessing.connection import Connection

from ser.errors import SerError
from ser.memory import forget, trim
from ser.steps import finish
from ser.workers import helper, messages

REPORT, RESULT, ERROR, FAULT = "report", "result", "error", "fault"
"""What a message brings: progress, the result, a `SerError`, or the traceback of any other exception."""


def serve(connection: Connection) -> None:
    """Take tasks until the server hangs up.

    A task is (function, arguments, keyword arguments, seconds after which it is no longer urgent, how much its priority
    falls then). After each report, the worker waits for the server's command.
    """
    helper.allow()
    while True:
        try:
            function, arguments, keywords, seconds, fall = messages.receive(connection)
        except messages.HungUpError:
            return
        try:
            outcome = RESULT, _carry_out(connection, function(*arguments, **keywords), seconds, fall)
        except messages.HungUpError:
            return
        except SerError as error:
            outcome = ERROR, error
        except Exception:  # a bug in the work; the server logs its traceback
            outcome = FAULT, traceback.format_exc()
        messages.send(connection, outcome)
        # An idle worker keeps nothing of the visitor whose clip it worked on.
        del outcome, function, arguments, keywords
        forget()
        trim()


def _carry_out(connection: Connection, work: object, seconds: float, fall: int) -> object:
    """Carry out a task's steps, if it has any, and return its result."""
    if not isinstance(work, Generator):
        return work
    started, urgent = time.monotonic(), True

    def show(report: object) -> None:
        nonlocal urgent
        if urgent and time.monotonic() - started > seconds:
            urgent = False
            os.nice(fall)
        messages.send(connection, (REPORT, report))

    return finish(work, show, lambda: messages.receive(connection))
