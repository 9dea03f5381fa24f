"""Measures whether explanations are faithful: does the feature group named first really matter most to the model?

    python -m benchmarks.faithfulness [--folds 6]

For each of EmoBox's six folds, a model with the shipped settings is trained without the fold's four actors. Every clip
of the fold is explained by `ser.inference.explanation.explain`. The explanation names the group of features that
matters most. Then each group in turn is replaced by the values of ten clips of training actors. This is a different
removal from the one that the explanation used, so a group cannot win merely by how it was measured. Only the clip as
recorded is used, without views.

Prints one JSON object for each fold and one for all folds:

- `more_than_random`: share of clips where the group named first changes the probabilities more than a random other one;
- `most_of_all`: share of clips where it changes them more than every other one.

Takes a few minutes on two cores.
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
from ser.threads import one_blas_thread
from ser.training.fitting import fit
from ser.training.settings import TrainingSettings

DONORS = 10


def judge_fold(settings: TrainingSettings, table: FeatureTable, actors: tuple[int, ...], seed: int) -> np.ndarray:
    """Train without some actors and judge the explanations of their clips: booleans, shape (n_clips, 2).

    The columns say whether the group named first changed the answer more than a random other group, and more than every
    other group.
    """
    held_out = np.isin(table.actors, actors)
    model = finish(fit(settings, table, np.flatnonzero(~held_out)))
    rng = np.random.default_rng(seed)
    matrix = table.matrix(settings.feature_set)
    donors = matrix[rng.choice(np.flatnonzero(~held_out), DONORS, replace=False)]
    groups = feature_set(settings.feature_set).groups
    results = []
    for row in np.flatnonzero(held_out):
        clip_features = ClipFeatures("clip", 3.0, (), settings.feature_set, ((0.0, 3.0),), matrix[row][None, None])
        first = explain(clip_features, model, table).groups[0].group
        changes = {group: swap_effect(matrix[row], donors, model, group) for group in groups}
        change = changes.pop(first)
        results.append((change > changes[rng.choice(list(changes))], change > max(changes.values())))
    return np.array(results)


def main() -> None:
    """Read the command line, train, explain, print."""
    parser = argparse.ArgumentParser(description="Faithfulness of explanations on held-out actors.")
    parser.add_argument("--folds", type=int, default=len(EMOBOX_FOLDS), help="number of EmoBox's six folds to use")
    options = parser.parse_args()
    # Groups are explained without voice profiles and calibration, so these are not trained.
    settings = TrainingSettings.from_json({"corpora": ["ravdess"], "calibration_folds": 0})
    table, results = load_table(), []
    one_blas_thread()
    for seed, actors in enumerate(EMOBOX_FOLDS[: options.folds]):
        results.append(judge_fold(settings, table, actors, seed))
        _print_shares({"actors": list(actors)}, results[-1])
    _print_shares({"folds": len(results)}, np.concatenate(results))


def _print_shares(title: dict, results: np.ndarray) -> None:
    random, every = results.mean(axis=0).round(3)
    print(json.dumps(title | {"n_clips": len(results), "more_than_random": random, "most_of_all": every}), flush=True)


if __name__ == "__main__":
    main()
