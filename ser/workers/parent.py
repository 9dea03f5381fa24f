"""Lets a process end together with the one that started it, and not before."""

import os
import signal
import threading
import time

_SECONDS_BETWEEN_LOOKS = 1.0


def end_with(parent: int) -> None:
    """End this process soon after the process `parent`, which started it, also if that was killed and could not say so.

    Ctrl-C is left to the parent: a terminal sends it to both, and this process would print where it was.

    Linux could send a signal instead, but would do so already when the thread ends that started this process.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_watch, args=(parent,), name="parent", daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:  # whoever loses its parent gets another one
        time.sleep(_SECONDS_BETWEEN_LOOKS)
    os._exit(1)
