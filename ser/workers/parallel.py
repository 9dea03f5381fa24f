"""Many calls of one function side by side: in processes of this machine, or on a cluster's workers."""

import os
from collections.abc import Callable, Generator, Iterable
from typing import Any

from ser.threads import one_blas_thread_throughout
from ser.workers.cluster import cluster
from ser.workers.parent import end_with


def side_by_side(
    function: Callable[..., Any],
    calls: Iterable[tuple],
    *,
    jobs: int = 1,
    together: int = 1,
    ahead: int = 2,
    shared: tuple = (),
) -> Generator[Any]:
    """Results of `function(*shared, *call)` for each of the calls, in their order, the same wherever it runs.

    Args:
        function: a function of a module.
        calls: its arguments, taken as they are needed.
        jobs: number of processes on this machine; a cluster uses all of its workers.
        together: so many calls are sent at once; more of them where each takes little time.
        ahead: so many times `jobs` calls are taken before their turn.
        shared: its first arguments, the same in all calls, which are sent to each worker once.

    Yields:
        The results.

    Raises:
        SerError: as the function does, or where a cluster cannot go on.
    """
    there = cluster()
    if there is not None:
        yield from there.map(function, calls, together=together, shared=shared)
        return
    from joblib import Parallel, delayed

    work = (delayed(_alone)(function, *shared, *call) for call in calls)
    yield from Parallel(
        n_jobs=jobs,
        return_as="generator",
        batch_size=together,
        pre_dispatch=ahead * jobs,
        # By itself, joblib's process waits minutes for more work if this one is killed.
        initializer=end_with,
        initargs=(os.getpid(),),
    )(work)


def _alone(function: Callable[..., Any], *arguments: Any) -> Any:
    """Call a function with linear algebra on one thread, so that sums do not depend on the number of processors."""
    one_blas_thread_throughout()
    return function(*arguments)
