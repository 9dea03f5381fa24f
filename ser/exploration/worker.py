"""Runs t-SNE and UMAP in a process of its own, which can be stopped at once and gives its memory back.

The process gets its settings as arguments and the matrix, as a .npy file, on standard input. It answers with JSON
lines on standard output: `{"share": 0.25}` for its progress, and `{"points": [...]}` at the end.
"""

import contextlib
import io
import json
import os
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ser.errors import SerError
from ser.steps import Steps

SLOW_METHODS = {"tsne": "t-SNE", "umap": "UMAP"}
"""Methods that take seconds, with the names that papers give them."""

_ITERATIONS = 1000
_ITERATIONS_PER_REPORT = 10
# Shares of UMAP's time until it is imported, and until its first epoch begins.
_UMAP_IMPORTED, _UMAP_EPOCHS = 0.2, 0.4
# A process takes up to 450 MB; a small machine has room for one.
_ONE_PROCESS = threading.Lock()


@dataclass(frozen=True)
class ProjectionReport:
    """The progress of a map.

    Attributes:
        share: how much of it is done, 0 to 1.
        stage: "waiting" for another map to be finished, "starting" or "arranging".
    """

    share: float
    stage: str


def arrange(matrix: np.ndarray, method: str, dimensions: int, seed: int) -> Steps[ProjectionReport, np.ndarray | None]:
    """Arrange the rows of a matrix on a map, in a process that ends when the work is stopped.

    The points have the shape (n_rows, dimensions); None if it was stopped.
    """
    while not _ONE_PROCESS.acquire(timeout=0.3):
        if (yield ProjectionReport(0.0, "waiting")):
            return None
    try:
        if (yield ProjectionReport(0.0, "starting")):
            return None
        command = [sys.executable, "-m", "ser.exploration.worker", method, str(dimensions), str(seed)]
        with subprocess.Popen(
            command,
            cwd=Path(__file__).parents[2],
            # Threads that wait for each other while others train would spin away most of the time.
            env=os.environ | {"OMP_WAIT_POLICY": "PASSIVE"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as process:
            assert process.stdin is not None and process.stdout is not None
            try:
                process.stdin.write(_packed(matrix))
                process.stdin.close()
                for line in process.stdout:
                    message = json.loads(line)
                    if "points" in message:
                        return np.array(message["points"], dtype=np.float32)
                    if (yield ProjectionReport(message["share"], "arranging")):
                        return None
            except (ValueError, OSError):
                pass  # it ended within a line, or before it had read the matrix
            finally:
                process.kill()
        raise SerError(
            f"{SLOW_METHODS[method]} broke off, most likely for want of memory (about 450 MB are needed). "
            "Try again later or choose another map."
        )
    finally:
        _ONE_PROCESS.release()


def _packed(array: np.ndarray) -> bytes:
    # Not straight into the pipe: numpy asks a file for its position, which a pipe has not.
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=False)
    return stream.getvalue()


def _tsne(matrix: np.ndarray, dimensions: int, seed: int, report: Callable[[float], None]) -> np.ndarray:
    from sklearn.manifold import TSNE

    from ser.sklearn_private import tsne_iterations

    def count(done: int) -> None:
        if done % _ITERATIONS_PER_REPORT == 0:
            report(done / _ITERATIONS)

    perplexity = min(30.0, (len(matrix) - 1) / 3)
    tsne = TSNE(dimensions, perplexity=perplexity, max_iter=_ITERATIONS, init="pca", random_state=seed)
    with tsne_iterations(count):
        return tsne.fit_transform(matrix)


def _umap(matrix: np.ndarray, dimensions: int, seed: int, report: Callable[[float], None]) -> np.ndarray:
    from umap import UMAP

    report(_UMAP_IMPORTED)

    class Bar(io.TextIOBase):
        """Takes what UMAP's tqdm writes, which `bar_format` makes JSON."""

        def write(self, text: str) -> int:
            if text.strip():
                epochs = json.loads(text)
                report(_UMAP_EPOCHS + (1 - _UMAP_EPOCHS) * epochs["done"] / epochs["total"])
            return len(text)

    bar = {"disable": False, "file": Bar(), "bar_format": '{{"done": {n}, "total": {total}}}'}
    neighbours = max(2, min(15, len(matrix) // 4))
    # It begins as t-SNE does; its own spectral beginning does not work for a handful of clips.
    umap = UMAP(neighbours, n_components=dimensions, init="pca", random_state=seed, n_jobs=1, tqdm_kwds=bar)
    return umap.fit_transform(matrix)


def _main(method: str, dimensions: int, seed: int) -> None:
    """Read the matrix, arrange it and write the messages."""
    warnings.simplefilter("ignore")
    with contextlib.suppress(OSError):  # Linux alone has it
        # Should memory run out, it is this process that ends, and not the app that waits for it.
        Path("/proc/self/oom_score_adj").write_text("1000")
    # Standard output carries messages alone; what libraries print goes to standard error.
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def send(**message: object) -> None:
        out.write(json.dumps(message) + "\n")
        out.flush()

    matrix = np.load(io.BytesIO(sys.stdin.buffer.read()), allow_pickle=False)
    arranger = _tsne if method == "tsne" else _umap
    points = arranger(matrix, dimensions, seed, lambda share: send(share=share))
    send(points=points.astype(float).tolist())


if __name__ == "__main__":
    _main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
