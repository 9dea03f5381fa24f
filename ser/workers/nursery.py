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
    """Load what the names say ("module" or "module:function"), then fork a worker for each request."""
    control = socket.socket(fileno=descriptor)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    one_blas_thread()
    for name in names:
        messages.loaded(name) if ":" in name else importlib.import_module(name)
    # A collection would write to the memory that the workers share.
    give_back()
    gc.freeze()
    children: set[int] = set()
    while True:
        ready, _, _ = select.select([control], [], [], _SECONDS_BETWEEN_LOOKS)
        _bury(children)
        if not ready:
            continue
        message, descriptors, _, _ = socket.recv_fds(control, 64, 1)
        if not message:  # the server is gone
            for child in children:
                os.kill(child, signal.SIGKILL)
            return
        word, number = message.split()
        if word == b"kill":
            if int(number) in children:
                os.kill(int(number), signal.SIGKILL)
            continue
        child = os.fork()
        if child == 0:
            control.close()
            _work(descriptors[0], int(number))
        os.close(descriptors[0])
        children.add(child)
        control.sendall(b"%d" % child)


def _work(descriptor: int, niceness: int) -> None:
    """Be a worker, and end without the nursery's own clean-up."""
    try:
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
