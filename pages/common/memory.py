"""Memory stays bounded although Streamlit collects no garbage behind script runs (`runner.postScriptGC = false`).

A collection looks at every object of the process, 0.2 s long, and nothing else runs meanwhile. Behind every run of
twenty visitors that was most of the time. Here what the app is made of is set aside once, so that a collection looks
at what came later only, and one runs twice a minute.
"""

import gc
import threading

SECONDS_BETWEEN_COLLECTIONS = 30.0


def set_aside() -> None:
    """Let collections pass over all objects that there are now: modules, compiled functions, models."""
    gc.collect()
    gc.freeze()


def collect_regularly(ended: threading.Event, seconds: float = SECONDS_BETWEEN_COLLECTIONS) -> None:
    """Collect garbage on a timer.

    Args:
        ended: ends it once set.
        seconds: between two collections.
    """
    while not ended.wait(seconds):
        gc.collect()
