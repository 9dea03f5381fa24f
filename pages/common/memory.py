"""Garbage collection on a timer, because Streamlit collects none after script runs (`runner.postScriptGC = false`).

A collection looks at every object of the process. It takes 0.2 s, and nothing else runs meanwhile. With twenty
visitors, a collection after every run took most of the time. Here the objects that exist after the start are set
aside once, so that a collection only looks at newer ones, and there are two collections a minute.
"""

import gc
import threading

SECONDS_BETWEEN_COLLECTIONS = 30.0


def set_aside() -> None:
    """Exclude all objects that exist now from later collections: modules, compiled functions, models."""
    gc.collect()
    gc.freeze()


def collect_regularly(ended: threading.Event, seconds: float = SECONDS_BETWEEN_COLLECTIONS) -> None:
    """Collect garbage every so many seconds, until `ended` is set."""
    while not ended.wait(seconds):
        gc.collect()
