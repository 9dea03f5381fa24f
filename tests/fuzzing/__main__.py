"""Fuzzes the way from an upload to an answer: `python -m tests.fuzzing --inputs 20000 --minutes 30 --keep DIR`.

A part of the inputs are seeded mutations of one file of each format, each answered in a process of its own that is
watched from here. With `--guided`, Atheris (https://github.com/google/atheris, Apache 2.0, to be installed beside the
tests) looks for inputs that reach new lines of Python in ser.audio and ser.data. Native libraries (libsndfile, FFmpeg,
libsoxr) are not instrumented: they are run, and a crash in them counts, but what they do inside guides nothing.
"""

import argparse
import hashlib
import itertools
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np

from tests.fuzzing.answerer import Answerer, FindingError, allowed_seconds
from tests.fuzzing.mutations import mutated
from tests.fuzzing.seeds import seeds


def main() -> int:
    """Answer mutated files until there were enough of them; the status is 1 if something was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzzing")
    parser.add_argument("--inputs", type=int, default=20_000)
    parser.add_argument("--minutes", type=float, default=30.0, help="end after this time at the latest")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, default=Path("findings"), help="folder for the files that were found")
    options = parser.parse_args()
    files, began = seeds(), time.monotonic()
    counts: Counter[str] = Counter()
    slowest, largest = (0.0, ""), (0.0, "")
    with Answerer() as answerer:
        allowed = {name: allowed_seconds(answerer, data) for name, data in files.items()}
        for number, name in zip(range(options.inputs), itertools.cycle(files), strict=False):
            if time.monotonic() - began > 60 * options.minutes:
                break
            rng = np.random.default_rng([options.seed, number])
            data = mutated(files[name], rng, list(files.values()))
            try:
                outcome = answerer.attempt(data, allowed[name])
            except FindingError as error:
                counts["found"] += 1
                path = options.keep / f"{name.replace(' ', '_')}-{hashlib.sha256(data).hexdigest()[:12]}"
                options.keep.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
                say(f"FOUND {number} {name}: {error} Kept as {path}.")
                continue
            counts["answered" if outcome.answered else "refused"] += 1
            slowest = max(slowest, (50 * outcome.seconds / allowed[name], name))
            largest = max(largest, (outcome.megabytes, name))
            if number % 1000 == 999:
                say(f"{number + 1} inputs in {time.monotonic() - began:.0f} s: {dict(counts)}")
    say(f"{sum(counts.values())} inputs in {time.monotonic() - began:.0f} s: {dict(counts)}.")
    say(f"The slowest took {slowest[0]:.1f} times as long as the unmutated file ({slowest[1]}).")
    say(f"Memory grew by {largest[0]:.0f} MB at most ({largest[1]}).")
    return 1 if counts["found"] else 0


def say(text: str) -> None:
    """Print a line with the time."""
    print(time.strftime("%H:%M:%S", time.gmtime()), text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
