"""Whole processes from their start to their end: their time and their peak memory."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import ser
from ser.benchmark.interleaved import Samples
from ser.errors import SerError
from ser.steps import Steps

IMPORTS = "import numpy, scipy.fft, soxr, soundfile, av"

# A process's peak includes that of the process it was started from, and this one is large: it holds a feature table.
# So a small process starts the measured one.
_LAUNCHER = """
import json, subprocess, sys, time
try:
    import resource
except ImportError:
    resource = None
started = time.perf_counter()
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
seconds = time.perf_counter() - started
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss if resource else None
print(json.dumps([seconds, peak, done.returncode, done.stderr.decode(errors="replace")]))
"""
# Linux counts in kibibytes, macOS in bytes.
_PEAK_UNIT = 1 if sys.platform == "darwin" else 1024


def measure_processes(clip: Path, rounds: int) -> Steps[float, Samples]:
    """Seconds and peak megabytes of `ser predict` and of bare imports, in turn; yields the share that is done."""
    commands = {"predict": ["-m", "ser", "predict", str(clip)], "imports": ["-c", IMPORTS]}
    samples: Samples = {f"{name}_{part}": [] for name in commands for part in ("process", "memory")}
    for command in commands.values():
        run_python(command)
    for turn in range(rounds):
        for name, command in commands.items():
            seconds, megabytes = run_python(command)
            samples[f"{name}_process"].append(seconds)
            samples[f"{name}_memory"] += [] if megabytes is None else [megabytes]
        yield (turn + 1) / rounds
    return samples


def run_python(command: Sequence[str]) -> tuple[float, float | None]:
    """Seconds and peak megabytes of a Python process; None where the system does not tell the peak."""
    words = [sys.executable, "-I", "-S", "-c", _LAUNCHER, sys.executable, *command]
    done = subprocess.run(words, env=_environment(), capture_output=True, text=True)
    if done.returncode:
        raise SerError(f"A process to be measured could not be started: {done.stderr.strip()[-200:]}")
    seconds, peak, status, complaint = json.loads(done.stdout)
    if status:
        raise SerError(f"`python {' '.join(command)}` ended with status {status}: {complaint.strip()[-200:]}")
    return seconds, None if peak is None else peak * _PEAK_UNIT / 1e6


def _environment() -> Mapping[str, str]:
    """The environment of the measured processes: one thread each, and this very package to be found."""
    paths = [str(Path(ser.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    return os.environ | threads | {"PYTHONPATH": os.pathsep.join(filter(None, paths))}
