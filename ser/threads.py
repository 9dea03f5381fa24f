"""Linear algebra on one thread."""

import importlib
from functools import cache

from threadpoolctl import threadpool_limits


def one_blas_thread() -> None:
    """Hold this process's linear algebra to one thread from now on.

    The matrices are small. With several threads, a training takes nine times as long in all, and sums differ in the
    last digit. The limit is never lifted: OpenBLAS has one limit for the process and lets only one thread change it.
    """
    threadpool_limits(1, user_api="blas")


@cache
def one_blas_thread_throughout() -> None:
    """The same once and for all, for work that is done thousands of times; it takes two milliseconds the first time."""
    importlib.import_module("scipy.linalg")  # brings a library of its own, which is held only once it is loaded
    one_blas_thread()
