"""Ends a process when the one that started it is gone, also if that was killed and could not say so."""

import os
import threading
import time

_SECONDS_BETWEEN_LOOKS = 1.0


def end_with(parent: int) -> None:
    """End this process soon after the process `parent`, which started it.

    Linux could send a signal instead, but would do so already when the thread ends that started this process.
    """
    threading.Thread(target=_watch, args=(parent,), name="parent", daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:  # whoever loses its parent gets another one
        time.sleep(_SECONDS_BETWEEN_LOOKS)
    os._exit(1)
