"""The command line: `python -m ser download | extract | train | evaluate | search | predict | models | bench`.

Results go to standard output, progress and complaints to standard error. Exit status: 0 fine, 1 some input failed,
2 the call's words were off.
"""

import argparse
import io
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from ser.cli import bench, download, evaluate, extract, models, predict, search, train
from ser.errors import SerError


def main(argv: list[str] | None = None) -> int:
    """Run the command in `argv`, or in the words of the process, and return the exit status.

    0: fine; 1: some input failed. A call that cannot be parsed ends the process with 2.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A name that the output's encoding lacks is escaped; lines end alike on every system.
        sys.stdout.reconfigure(errors="backslashreplace", newline="\n")
    words = predict.with_clips_as_paths(sys.argv[1:] if argv is None else argv)
    options = parser_for(words).parse_args(words)
    try:
        with _quiet_once_interrupted():
            return options.run(options)
    except SerError as error:
        print(error, file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Whoever read the output has enough of it (as `| head` does); there is nobody left to complain to.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 1


@contextmanager
def _quiet_once_interrupted() -> Iterator[None]:
    """Let threads print nothing after Ctrl-C: those of joblib stumble when their work is given up."""
    in_main_thread = threading.current_thread() is threading.main_thread()
    if not in_main_thread or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    interrupted = threading.Event()

    def interrupt(*_: object) -> None:
        interrupted.set()
        raise KeyboardInterrupt

    def complain(failure: threading.ExceptHookArgs) -> None:
        if not interrupted.is_set():
            threading.__excepthook__(failure)

    signal.signal(signal.SIGINT, interrupt)
    threading.excepthook = complain
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        threading.excepthook = threading.__excepthook__


def parser_for(words: list[str]) -> argparse.ArgumentParser:
    """The parser of all commands; where the first word names one, of this one, as the others' options cost imports."""
    parser = argparse.ArgumentParser(prog="ser", description="Speech emotion recognition on RAVDESS.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    every = {
        "download": download,
        "extract": extract,
        "train": train,
        "evaluate": evaluate,
        "search": search,
        "predict": predict,
        "models": models,
        "bench": bench,
    }
    named = every.get(words[0]) if words else None
    for command in [named] if named else every.values():
        command.add(commands)
    return parser
