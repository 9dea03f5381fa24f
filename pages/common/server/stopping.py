"""A server that is asked to stop ends in order, and with exit status 0.

Uvicorn, which serves the app, ends its connections when SIGTERM or Ctrl-C comes. It then sends itself the same signal
again, so the process would die of it, or end with status 1 and “Aborted!”.
"""

import signal
import threading
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def end_in_order() -> None:
    """End with exit status 0 when SIGTERM or Ctrl-C comes; a second one ends at once."""
    if threading.current_thread() is not threading.main_thread():
        return  # a test that starts no server: only the main thread may handle signals
    server = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    if not hasattr(server, "should_exit"):  # served by something other than Uvicorn
        return

    def end(_: int, __: FrameType | None) -> None:
        server.force_exit = server.should_exit
        server.should_exit = True

    for each in _SIGNALS:
        signal.signal(each, end)
