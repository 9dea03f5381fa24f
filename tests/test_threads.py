"""Linear algebra on one thread."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_linear_algebra_has_one_thread_wherever_a_training_runs():
    """In a process of its own, for the tests' own process is limited before any training."""
    code = """
import threading
from dataclasses import replace
import numpy as np
from threadpoolctl import threadpool_info
from ser.training.presets import PRESETS
from ser.training.trainer import train
settings = replace(PRESETS["small"], feature_set="notebook")
X, labels, actors = np.random.default_rng(0).normal(size=(64, 180)), np.array(settings.emotions * 8), np.arange(64) // 8
def look():
    steps = train(settings, X, labels, actors)
    next(steps)
    print(sorted({each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"}))
    steps.close()
# First here, in a thread that lives on, then in another: OpenBLAS obeys one thread at a time.
look()
thread = threading.Thread(target=look)
thread.start()
thread.join()
"""
    environment = {key: value for key, value in os.environ.items() if not key.endswith("_NUM_THREADS")}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, env=environment)
    assert done.stdout.splitlines() == ["[1]", "[1]"], done.stderr
