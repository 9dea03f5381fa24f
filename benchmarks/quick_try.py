"""Measures how much longer a quick training takes because the model can also recognise unusual and known clips.

    python -m benchmarks.quick_try

A model that answers visitors' clips also learns which clips are out of distribution and which are its training clips.
This benchmark trains the Train page's preset "fast" alternately without and with that. It prints the median
processor time of both and their ratio. The first pair is a warm-up and is not counted. Takes about a minute.
"""

from statistics import median

import numpy as np

from ser.benchmark.interleaved import interleaved, warm_up
from ser.data.splits import split
from ser.data.table_file import load_table
from ser.steps import finish
from ser.training.fitting import fit
from ser.training.presets import PRESETS

REPEATS = 9


def main() -> None:
    """Train alternately without and with the detection of unusual and known clips, and print the medians."""
    table, settings = load_table(), PRESETS["fast"]
    rows = np.asarray(split("heldout", table.labels, table.actors)[0].train)

    ways = {
        "without": lambda _: finish(fit(settings, table, rows, answers=False)),
        "with": lambda _: finish(fit(settings, table, rows)),
    }
    warm_up(ways)
    without, both = map(median, finish(interleaved(ways, 1, REPEATS)).values())
    print(f"without {without:.2f} s, with {both:.2f} s: {both / without:.2f} times")


if __name__ == "__main__":
    main()
