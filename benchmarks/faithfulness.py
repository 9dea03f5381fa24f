"""Whether explanations are true of the model: does the group that is named first matter more than another one?

For each of EmoBox's six actor folds a model with the shipped settings learns from the other actors. Each clip of the
fold is explained (`ser.inference.explanation.explain`), and then the group named first, and one drawn at random from
the others,
is replaced by what ten clips of training actors have in its place: another removal than the one that named it. The clip
is explained as it was recorded, by that reading alone. Counted
is how often the first changes the probabilities more, and how often more than any other group does.

    python -m benchmarks.faithfulness [--folds 6]

prints one JSON object a fold, and one for all.
"""

import argparse
import json

import numpy as np

from ser.data.splits import EMOBOX_FOLDS
from ser.data.table import FeatureTable
from ser.data.table_file import load_table
from ser.features.sets import feature_set
from ser.inference.clip_features import ClipFeatures
from ser.inference.explanation import explain, swap_effect
from ser.steps import finish
from ser.training.fitting import fit
from ser.training.settings import TrainingSettings
from ser.training.threads import one_blas_thread

DONORS = 10


def fold(settings: TrainingSettings, table: FeatureTable, actors: tuple[int, ...], seed: int) -> np.ndarray:
    """What naming a group first was worth on each clip of some actors.

    Args:
        settings: of the model, which learns from all other actors.
        table: clips and features.
        actors: whose clips are explained.
        seed: of the draws.

    Returns:
        bool, shape (n_clips, 2): whether the first group changed the answer more than a random other one, and more
        than every other one.
    """
    out = np.isin(table.actors, actors)
    model = finish(fit(settings, table, np.flatnonzero(~out)))
    random = np.random.default_rng(seed)
    matrix = table.matrix(settings.feature_set)
    donors = matrix[random.choice(np.flatnonzero(~out), DONORS, replace=False)]
    groups = feature_set(settings.feature_set).groups
    found = []
    for row in np.flatnonzero(out):
        clip_features = ClipFeatures("clip", 3.0, (), settings.feature_set, ((0.0, 3.0),), matrix[row][None, None])
        first = explain(clip_features, model, table).groups[0].group
        changes = {group: swap_effect(matrix[row], donors, model, group) for group in groups}
        own = changes.pop(first)
        found.append((own > changes[random.choice(list(changes))], own > max(changes.values())))
    return np.array(found)


def main() -> None:
    """Read the command line, train, explain, print."""
    parser = argparse.ArgumentParser(description="Faithfulness of explanations on actors that a model never heard.")
    parser.add_argument("--folds", type=int, default=len(EMOBOX_FOLDS), help="how many of the six")
    options = parser.parse_args()
    # Voice profiles and calibration say nothing about groups.
    settings = TrainingSettings.from_json({"enrolled_members": 0, "calibration_folds": 0})
    table, parts = load_table(), []
    one_blas_thread()
    for number, actors in enumerate(EMOBOX_FOLDS[: options.folds]):
        parts.append(fold(settings, table, actors, seed=number))
        _say({"actors": list(actors)}, parts[-1])
    _say({"folds": len(parts)}, np.concatenate(parts))


def _say(what: dict, found: np.ndarray) -> None:
    random, every = found.mean(axis=0).round(3)
    print(json.dumps(what | {"n_clips": len(found), "more_than_random": random, "most_of_all": every}), flush=True)


if __name__ == "__main__":
    main()
