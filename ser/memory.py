"""Memory of this process: what was freed goes back to the system, and what came from visitors is forgotten."""

import ctypes
import gc
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

# Of glibc's malloc.h.
_ARENA_MAX, _MMAP_THRESHOLD = -8, -3
_LARGE = 128 << 10  # bytes

CachedT = TypeVar("CachedT", bound=Callable[..., Any])
_of_visitors: list[Any] = []


def of_visitors(cached: CachedT) -> CachedT:
    """Mark a cached function whose arguments may come from visitors, such as words in the names of their folders."""
    _of_visitors.append(cached)
    return cached


def forget() -> None:
    """Empty all caches that may hold something of a visitor."""
    for cached in _of_visitors:
        cached.cache_clear()


def give_back() -> None:
    """Give freed memory back. Otherwise the C library keeps it, and arrow keeps what it freed for itself."""
    gc.collect()
    arrow = sys.modules.get("pyarrow")
    if arrow is not None:
        arrow.default_memory_pool().release_unused()
    trim()


def keep_little() -> None:
    """Have the C library keep little of the memory that is freed from now on, and arrow use the C library's.

    All threads allocate from two pools; with one each, as usual, what a thread has freed lies idle. Large blocks, such
    as clips and charts, come from the system and go back to it; otherwise the library soon takes them from its pools,
    which small blocks between them then keep from shrinking.
    """
    import pyarrow  # which a command that answers a clip can do without

    with suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        library.mallopt(_ARENA_MAX, 2)
        library.mallopt(_MMAP_THRESHOLD, _LARGE)
    # Arrow's own pool keeps free memory between blocks in use for ever; after a visit of twenty that is 13 MB.
    pyarrow.set_memory_pool(pyarrow.system_memory_pool())


def trim() -> None:
    """Give freed memory of the C library back, which takes about a millisecond."""
    with suppress(OSError, AttributeError):  # only glibc has it
        ctypes.CDLL(None).malloc_trim(0)
