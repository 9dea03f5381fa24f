"""The process that forks workers: `python -m ser.workers.nursery SOCKET NAME ...`, which `ser.workers.pool` starts.

It imports and loads what the names say, once. A fork then starts in milliseconds and shares all of that memory. The
server cannot fork by itself: it has threads, whose locks a fork would copy in any state. Standard forkservers and
process pools run the server's main module again in each process, which Streamlit replaces while a page runs; and when
one of their workers dies, they give up all work.
"""

import gc
import importlib
import os
import select
import signal
import socket
import sys
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

from ser.memory import give_back
from ser.threads import one_blas_thread
from ser.workers import messages
from ser.workers.worker import serve

_SECONDS_BETWEEN_LOOKS = 5.0


def main(descriptor: int, names: list[str]) -> None:
    """Load what the names say ("module" or "module:function"), and fork a worker for each request.

    Whoever asks before all is loaded gets a worker that has what is loaded by then, and imports the rest if it has to.
    The answer says so, because such a worker shares less memory: "NUMBER early" instead of "NUMBER".
    """
    control = socket.socket(fileno=descriptor)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    one_blas_thread()
    children: set[int] = set()
    for name in names:
        messages.loaded(name) if ":" in name else importlib.import_module(name)
        while _asked(control, 0.0):
            if not _answer(control, children, early=True):
                return
    # A collection would write to the memory that the workers share.
    give_back()
    gc.freeze()
    while True:
        asked = _asked(control, _SECONDS_BETWEEN_LOOKS)
        _bury(children)
        if asked and not _answer(control, children):
            return


def _asked(control: socket.socket, seconds: float) -> bool:
    """Wait for a request, so many seconds at most; whether there is one."""
    return bool(select.select([control], [], [], seconds)[0])


def _answer(control: socket.socket, children: set[int], *, early: bool = False) -> bool:
    """Do what the server asks for: fork or kill a worker. If it is gone, kill all workers and return False."""
    try:
        message, descriptors, _, _ = socket.recv_fds(control, 64, 1)
        if not message:
            raise ConnectionError
        word, number = message.split()
        if word == b"kill":
            if int(number) in children:
                os.kill(int(number), signal.SIGKILL)
            return True
        child = os.fork()
        if child == 0:
            control.close()
            _work(descriptors[0], int(number))
        os.close(descriptors[0])
        children.add(child)
        control.sendall(b"%d early" % child if early else b"%d" % child)
        return True
    except ConnectionError:
        for child in children:
            os.kill(child, signal.SIGKILL)
        return False


def _work(descriptor: int, niceness: int) -> None:
    """Be a worker, and end without the nursery's own clean-up."""
    try:
        gc.freeze()  # for those that are forked before all is loaded
        os.nice(niceness)
        with suppress(OSError):  # Linux alone has it
            # Should memory run out, it is a worker that ends, and not the server.
            Path("/proc/self/oom_score_adj").write_text("800")
        serve(Connection(descriptor))
    finally:
        os._exit(0)


def _bury(children: set[int]) -> None:
    """Forget the children that have ended."""
    for child in list(children):
        if os.waitpid(child, os.WNOHANG)[0]:
            children.discard(child)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
