"""Has files answered in a process of its own, and turns crashes, hangs and slips into findings."""

import json
import select
import struct
import subprocess
import sys
from pathlib import Path
from typing import Self

from tests.fuzzing.target import Outcome

ROOT = Path(__file__).parents[2]
# Longer than any answer takes, however busy the machine is; only a hang is longer.
_PATIENCE = 120.0
MOST_TIMES = 50
"""So many times the processor time of the unmutated file may a mutated one take."""
MOST_MEGABYTES = 400
"""So much may memory grow by: what the demo gives to one visitor (SER_VISITOR_MB)."""


class FindingError(AssertionError):
    """A file that crashed the process, hung it, or raised what it must not raise."""


class Answerer:
    """A process that answers; a context manager."""

    def __init__(self, patience: float = _PATIENCE) -> None:
        """Start the process. What takes more seconds than `patience` to answer is said to hang."""
        self._patience = patience
        self._start()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()

    def attempt(self, data: bytes, most_seconds: float = _PATIENCE) -> Outcome:
        """The outcome for a file; a `FindingError` if it crashes, hangs, or takes more time or memory than it may."""
        reply = self._reply(data)
        if reply is None:
            code = self._process.poll()
            self._process.kill()
            self._process.communicate()
            self._start()
            raise FindingError("It hung." if code is None else f"The process ended with status {code}.")
        if reply.startswith("!"):
            raise FindingError(f"It raised what it must not raise: {reply[1:]}")
        outcome = Outcome(**json.loads(reply))
        if outcome.seconds > most_seconds:
            raise FindingError(f"It took {outcome.seconds:.2f} s; {most_seconds:.2f} s are allowed.")
        if outcome.megabytes > MOST_MEGABYTES:
            raise FindingError(f"It took {outcome.megabytes:.0f} MB; {MOST_MEGABYTES} MB are allowed.")
        if not outcome.answered and ("\n" in outcome.refusal or not outcome.refusal.endswith((".", "?"))):
            raise FindingError(f"The refusal is not a sentence: {outcome.refusal!r}")
        return outcome

    def _start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-X", "faulthandler", "-m", "tests.fuzzing.child"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        if self._line(_PATIENCE) != "ready":
            raise RuntimeError("The process that answers did not start.")

    def _reply(self, data: bytes) -> str | None:
        """The line for a file; None if the process ended or hung."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(struct.pack("<I", len(data)) + data)
            self._process.stdin.flush()
        except BrokenPipeError:
            self._process.wait()
            return None
        line = self._line(self._patience)
        if not line and select.select([self._process.stdout], [], [], 0)[0]:
            self._process.wait()  # its end was reached: it is dead, not slow
        return line or None

    def _line(self, seconds: float) -> str:
        """The next line of its output; empty if there is none within so many seconds, or ever."""
        assert self._process.stdout is not None
        readable, _, _ = select.select([self._process.stdout], [], [], seconds)
        return self._process.stdout.readline().decode("utf-8").strip() if readable else ""


def allowed_seconds(answerer: Answerer, data: bytes) -> float:
    """The processor time that a mutated version of a file may take, from the fastest of three answers to the file."""
    return MOST_TIMES * min(answerer.attempt(data).seconds for _ in range(3))
