"""Memory of this process that was freed, given back to the system."""

import ctypes
import gc
import sys
from contextlib import suppress

_ARENA_MAX = -8  # `M_ARENA_MAX` of glibc's malloc.h


def give_back() -> None:
    """Give freed memory back. Otherwise the C library keeps it, and arrow keeps what it freed for itself."""
    gc.collect()
    arrow = sys.modules.get("pyarrow")
    if arrow is not None:
        arrow.default_memory_pool().release_unused()
    with suppress(OSError, AttributeError):  # only glibc has it
        ctypes.CDLL(None).malloc_trim(0)


def few_arenas() -> None:
    """Let all threads allocate from two pools. With one each, as usual, memory that a thread has freed lies idle."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_ARENA_MAX, 2)
