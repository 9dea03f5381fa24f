"""How much longer a quick try takes because its model also learns which clips are unlike its training clips.

    python -m benchmarks.quick_try

Trains the Train page's preset "fast" with and without, in turn, and prints the medians and their ratio. The first pair
warms up and does not count.
"""

import time
from statistics import median

import numpy as np

from ser.data.splits import split
from ser.data.table_file import load_table
from ser.steps import finish
from ser.training.fitting import fit
from ser.training.presets import PRESETS

REPEATS = 9


def seconds(answers: bool) -> float:
    """Time of one training.

    Args:
        answers: as for `ser.evaluation.crossvalidation.fit`.

    Returns:
        Seconds.
    """
    started = time.perf_counter()
    finish(fit(SETTINGS, TABLE, ROWS, answers=answers))
    return time.perf_counter() - started


if __name__ == "__main__":
    TABLE, SETTINGS = load_table(), PRESETS["fast"]
    ROWS = np.asarray(split("heldout", TABLE.labels, TABLE.actors)[0].train)
    pairs = [(seconds(False), seconds(True)) for _ in range(1 + REPEATS)][1:]
    without, both = (median(each) for each in zip(*pairs, strict=True))
    print(f"without {without:.2f} s, with {both:.2f} s: {both / without:.2f} times")
