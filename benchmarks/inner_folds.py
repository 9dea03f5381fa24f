"""Compare training settings without looking at what they will be judged on.

Every two of EmoBox's six actor folds are left out in turn; a model learns from the other four and is scored on the two.
For the outer fold i this is nested validation: the pairs {i, j} score on j what was trained without i and j. The mean
over the pairs decides what is kept; the outer folds themselves (`python -m ser evaluate`) only judge.

    python -m benchmarks.inner_folds [--settings '{"alpha": 5}'] [--without REGEX] [--seeds 0,1,2] [--pairs 15]
        [--voices | --statements]

prints UAR on the inner folds, mean and spread over seeds, and the seconds it took. With `--voices` the networks for
known voices are trained too, and UAR follows with 1, 2 and 4 neutral clips of the speaker, which are not scored.
With `--statements` a model learns from one of RAVDESS's two statements alone, and UAR follows on the actors left out,
first saying that one, then saying the other: what falls between the two has learnt the words.
Calibration is left out: it does not change which emotion is the most probable.
"""

import argparse
import itertools
import json
import re
import time
from dataclasses import replace

import numpy as np
from joblib import Parallel, cpu_count, delayed

from ser.data.splits import EMOBOX_FOLDS
from ser.data.table import FeatureTable
from ser.data.table_file import load_table
from ser.evaluation.crossvalidation import ENROLMENTS
from ser.features.sets import feature_set
from ser.metrics import uar
from ser.model.emotion_model import EmotionModel
from ser.steps import finish
from ser.training.enrolled import enrolled_probabilities, train_enrolled
from ser.training.settings import TrainingSettings
from ser.training.trainer import train


def pair(
    settings: TrainingSettings, table: FeatureTable, held: tuple[int, int], kept: np.ndarray, voices: bool
) -> list[list[float]]:
    """UAR on each of two folds of a model that heard neither.

    Args:
        settings: what to train.
        table: clips and features.
        held: numbers of the two folds.
        kept: which features may vary, bool, shape (n_features,); the others are set to zero for all clips.
        voices: whether to train for known voices too.

    Returns:
        For each of the two folds UAR without a profile and, if wanted, with one of 1, 2 and 4 clips.
    """
    rows = _others(table, held)
    model = _trained(settings, table, rows, kept)
    if voices:
        name = settings.feature_set
        views = table.views(name, rows, settings.view_names)
        steady = np.concatenate([views, table.session_copies(name, rows, settings.used_sessions)]) * kept
        model = finish(train_enrolled(settings, model, steady, table.labels[rows], table.actors[rows]))
    return [_scores(model, table, np.flatnonzero(np.isin(table.actors, EMOBOX_FOLDS[fold])), kept) for fold in held]


def pair_of_statements(
    settings: TrainingSettings, table: FeatureTable, held: tuple[int, int], kept: np.ndarray
) -> list[list[float]]:
    """UAR on two folds of models that heard neither, and one statement alone.

    Args:
        settings, table, held, kept: as for `pair`.

    Returns:
        For each statement learnt from and each of the two folds, UAR on that statement and on the other.
    """
    statements = table.clips["statement"].to_numpy()
    found = []
    for learnt in np.unique(statements):
        known = table.select(statements == learnt), table.select(statements != learnt)
        rows = _others(known[0], held)
        model = _trained(settings, known[0], rows, kept)
        for fold in held:
            scored = [np.flatnonzero(np.isin(each.actors, EMOBOX_FOLDS[fold])) for each in known]
            found.append([_scores(model, each, where, kept)[0] for each, where in zip(known, scored, strict=True)])
    return found


def _others(table: FeatureTable, held: tuple[int, int]) -> np.ndarray:
    """Rows of the actors in neither fold."""
    return np.flatnonzero(~np.isin(table.actors, [actor for fold in held for actor in EMOBOX_FOLDS[fold]]))


def _trained(settings: TrainingSettings, table: FeatureTable, rows: np.ndarray, kept: np.ndarray) -> EmotionModel:
    name = settings.feature_set
    views = table.views(name, rows, settings.view_names)
    copies = np.concatenate([views[1:], table.augmented_copies(name, rows, settings.used_copies)]) * kept
    return finish(train(settings, views[0] * kept, table.labels[rows], table.actors[rows], copies))


def _scores(model: EmotionModel, table: FeatureTable, rows: np.ndarray, kept: np.ndarray) -> list[float]:
    """UAR without a profile and, where the model can use one, with profiles."""
    views, labels = table.views(model.feature_set, rows, model.views) * kept, table.labels[rows]
    named = np.array(model.labels)
    scores = [uar(labels, named[model.ensemble_probabilities(views).argmax(axis=1)])]
    for count in ENROLMENTS if model.enrolled else ():
        found = []
        for draw in range(5):
            ensemble_probabilities, places = enrolled_probabilities(
                model, views, labels, table.actors[rows], count, draw
            )
            found.append(uar(labels[places], named[ensemble_probabilities.argmax(axis=1)]))
        scores.append(float(np.mean(found)))
    return scores


def main() -> None:
    """Read the command line, train, print a line."""
    parser = argparse.ArgumentParser(description="UAR on inner folds.")
    parser.add_argument("--settings", default="{}", help="JSON of what differs from the shipped model's")
    parser.add_argument("--without", help="leave out features whose name matches this")
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--pairs", type=int, default=15, help="how many of the 15 pairs, spread evenly")
    beside = parser.add_mutually_exclusive_group()
    beside.add_argument("--voices", action="store_true", help="with neutral clips of the speaker too")
    beside.add_argument(
        "--statements", action="store_true", help="trained on one statement, scored on it and the other"
    )
    options = parser.parse_args()
    base = TrainingSettings.from_json({"members": 1} | json.loads(options.settings))
    table, started = load_table(), time.perf_counter()
    names = feature_set(base.feature_set).names
    kept = np.array([not (options.without and re.search(options.without, name)) for name in names])
    every = list(itertools.combinations(range(len(EMOBOX_FOLDS)), 2))
    pairs = [every[i] for i in np.unique(np.linspace(0, len(every) - 1, options.pairs).round().astype(int))]
    means = []
    for seed in map(int, options.seeds.split(",")):
        settings = replace(base, seed=seed)
        if options.statements:
            work = (delayed(pair_of_statements)(settings, table, held, kept) for held in pairs)
        else:
            work = (delayed(pair)(settings, table, held, kept, options.voices) for held in pairs)
        found = Parallel(cpu_count())(work)
        means.append(np.mean(found, axis=(0, 1)))
    seconds = time.perf_counter() - started
    what = f"{options.settings} without {options.without}" if options.without else options.settings
    mean, spread = np.mean(means, axis=0), np.std(means, axis=0)
    scores = ", ".join(f"{a:.4f} ± {b:.4f}" for a, b in zip(mean, spread, strict=True))
    print(f"UAR {scores}  {kept.sum()} features  {seconds:.0f} s  {what}", flush=True)


if __name__ == "__main__":
    main()
