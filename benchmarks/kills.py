"""Kills processes while they write models and feature tables, and looks whether everything can still be read.

    python -m benchmarks.kills --kills 100

Each writer is a process of its own that saves two versions in turn under one name, until SIGKILL ends it at a random
moment. After each kill the store and the table are read: a reader must get one of the two versions, whole. Which
moments the kills met is random; what they left behind (`.part` files) shows how many came in the middle of a file.
"""

import argparse
import json
import os
import random
import signal
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from ser.data.clip_views import ClipViews
from ser.data.table import FeatureTable
from ser.data.table_file import load_table, save_table
from ser.errors import SerError
from ser.features.sets import FEATURE_SETS
from ser.model.card import TrainedOn, card_of
from ser.model.emotion_model import EmotionModel, Network
from ser.model.store import ModelStore

_LONGEST_SECONDS = 0.25


def model_of(seed: int) -> EmotionModel:
    """A model that never learnt anything; another one for each seed."""
    rng = np.random.default_rng(seed)
    names = FEATURE_SETS["standard"].names
    network = Network(
        "relu", (rng.normal(size=(len(names), 200)), rng.normal(size=(200, 3))), (np.zeros(200), np.zeros(3))
    )
    return EmotionModel(
        ("calm", "sad", "angry"), "standard", names, np.zeros(len(names)), np.ones(len(names)), (network,)
    )


def table_of(shift: int) -> FeatureTable:
    """A part of the shipped table, whose numbers and augmented versions both tell which version it is."""
    table = load_table()
    part = table.select(table.actors == 1)
    views: ClipViews = part.clip_views
    matrices = {name: matrix + np.float32(shift) for name, matrix in part.matrices.items()}
    return replace(part, matrices=matrices, clip_views=replace(views, source=views.codes + np.uint8(shift)))


def killed(write: Callable[[int], object], seconds: float) -> None:
    """Write version after version in a process of its own, and kill it after so many seconds."""
    child = os.fork()
    if child == 0:
        version = 0
        while True:
            write(version)
            version = 1 - version
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def main() -> None:
    """Kill, read, and print what was found as JSON; the exit status is 1 if something was damaged."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100, help="how many, half of them for each store")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = run(options.kills, options.seed, Path(folder))
    print(json.dumps(found))
    raise SystemExit(1 if found["damaged"] else 0)


def run(kills: int, seed: int, folder: Path) -> dict[str, int]:
    """Kill so many writers; return how many kills there were, met a file half written, and damaged something."""
    rng = random.Random(seed)
    store = ModelStore(folder / "models")
    models, tables = [model_of(0), model_of(1)], [table_of(0), table_of(1)]
    probe = rng_probe(models[0])
    answers = [model.half_precision().probabilities(probe) for model in models]
    path = folder / "table" / "table.parquet"

    def keep(version: int) -> None:
        store.save("mine", models[version], card_of(models[version], TrainedOn((1,), 60)))

    def write(version: int) -> None:
        save_table(tables[version], path)

    def model_is_whole() -> bool:
        got = store.load("mine").model.probabilities(probe)
        return store.names() == ("mine",) and any(np.array_equal(got, answer) for answer in answers)

    def table_is_whole() -> bool:
        got = load_table(path)
        return any(_equal(got, table) for table in tables)

    keep(0)
    write(0)
    found = {"kills": 0, "half_written": 0, "damaged": 0}
    for number in range(kills):
        writes_model = number % 2 == 0
        before = _parts(folder)
        killed(
            keep if writes_model else write,
            rng.uniform(0.0, _LONGEST_SECONDS if writes_model else 4 * _LONGEST_SECONDS),
        )
        found["kills"] += 1
        found["half_written"] += len(_parts(folder)) > len(before)
        try:
            whole = model_is_whole() if writes_model else table_is_whole()
        except SerError as error:
            print(f"kill {number + 1}: {error}")
            whole = False
        found["damaged"] += not whole
    keep(0)  # the next start is clean: it can write
    write(0)
    found["damaged"] += not (model_is_whole() and table_is_whole())
    return found


def rng_probe(model: EmotionModel) -> np.ndarray:
    """Features of clips that never were."""
    return np.random.default_rng(2).normal(size=(3, len(model.feature_names)))


def _parts(folder: Path) -> set[Path]:
    return set(folder.rglob("*.part"))


def _equal(one: FeatureTable, other: FeatureTable) -> bool:
    """Whether two tables hold the same; numbers are rounded when they are written."""
    same = all(np.allclose(one.matrix(name), other.matrix(name), rtol=1e-4, atol=1e-3) for name in other.sets)
    return same and np.array_equal(one.clip_views.codes, other.clip_views.codes)


if __name__ == "__main__":
    main()
