"""Compares training settings on inner folds, without looking at the outer folds that judge the model in the end.

    python -m benchmarks.inner_folds [--settings '{"alpha": 5}'] [--without REGEX] [--seeds 0,1,2] [--pairs 15]
        [--voices | --statements]

EmoBox has six folds of actors. Each pair of folds is held out in turn: a model is trained on the other four folds and
scored on the two. For the outer fold i this is nested cross-validation, because the pairs {i, j} score fold j with
models that were trained without i and j. Choose settings by the mean over the pairs; use the outer folds
(`python -m ser evaluate`) only to judge the result. A model is a single network unless the settings say otherwise.
It is not calibrated, because calibration does not change which emotion is the most probable.

Prints one line: UAR on the inner folds (mean ± standard deviation over seeds), the number of features, seconds, and the
settings.

- With `--voices`, enrolled networks are trained, too. The line then also has the UAR with 1, 2 and 4 neutral clips of
  the speaker enrolled. Enrolled clips are not scored.
- With `--statements`, a model is trained on one of RAVDESS's two sentences. The line then has the UAR of the held-out
  actors on that sentence, and on the other one. The gap between the two is what the model learnt from the words.

With `--pairs 8` and three seeds it takes about two minutes on two cores.
"""

import argparse
import itertools
import json
import re
import time
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from joblib import Parallel, cpu_count, delayed
from ser.training.enrolled import enrolled_probabilities, train_enrolled

from ser.data.splits import EMOBOX_FOLDS
from ser.data.table import FeatureTable
from ser.data.table_file import load_table
from ser.evaluation.crossvalidation import ENROLMENTS
from ser.features.sets import feature_set
from ser.metrics import uar
from ser.model.emotion_model import EmotionModel
from ser.steps import finish
from ser.training.settings import TrainingSettings
from ser.training.trainer import train

DRAWS = 5  # of the clips that are enrolled


def score_pair(
    settings: TrainingSettings, table: FeatureTable, pair: tuple[int, int], used: np.ndarray, voices: bool
) -> list[list[float]]:
    """Train without a pair of folds, and return the scores of each of the two, as `_scores` gives them.

    `used` says which features vary, as booleans of shape (n_features,); the others are 0 for all clips.
    """
    rows = _training_rows(table, pair)
    model = _trained(settings, table, rows, used)
    if voices:
        name = settings.feature_set
        views = table.views(name, rows, settings.view_names)
        views = np.concatenate([views, table.session_copies(name, rows, settings.used_sessions)]) * used
        model = finish(train_enrolled(settings, model, views, table.labels[rows], table.actors[rows]))
    return [_scores(model, table, _rows_of_fold(table, fold), used) for fold in pair]


def score_pair_by_statement(
    settings: TrainingSettings, table: FeatureTable, pair: tuple[int, int], used: np.ndarray
) -> list[list[float]]:
    """Train on one statement without a pair of folds; return the UAR on that statement and on the other.

    There is one such list for each of the two statements to train on and each of the two folds.
    """
    statements = table.clips["statement"].to_numpy()
    scores = []
    for statement in np.unique(statements):
        same, other = table.select(statements == statement), table.select(statements != statement)
        model = _trained(settings, same, _training_rows(same, pair), used)
        for fold in pair:
            scores.append([_scores(model, part, _rows_of_fold(part, fold), used)[0] for part in (same, other)])
    return scores


def _training_rows(table: FeatureTable, pair: tuple[int, int]) -> np.ndarray:
    """Rows of the actors in neither fold."""
    return np.flatnonzero(~np.isin(table.actors, [actor for fold in pair for actor in EMOBOX_FOLDS[fold]]))


def _rows_of_fold(table: FeatureTable, fold: int) -> np.ndarray:
    return np.flatnonzero(np.isin(table.actors, EMOBOX_FOLDS[fold]))


def _trained(settings: TrainingSettings, table: FeatureTable, rows: np.ndarray, used: np.ndarray) -> EmotionModel:
    name = settings.feature_set
    views = table.views(name, rows, settings.view_names)
    copies = np.concatenate([views[1:], table.augmented_copies(name, rows, settings.used_copies)]) * used
    return finish(train(settings, views[0] * used, table.labels[rows], table.actors[rows], copies))


def _scores(model: EmotionModel, table: FeatureTable, rows: np.ndarray, used: np.ndarray) -> list[float]:
    """UAR without enrolment and, where the model has enrolled networks, with 1, 2 and 4 neutral clips enrolled."""
    views, labels = table.views(model.feature_set, rows, model.views) * used, table.labels[rows]
    names = np.array(model.labels)
    scores = [uar(labels, names[model.ensemble_probabilities(views).argmax(axis=1)])]
    for count in ENROLMENTS if model.enrolled else ():
        of_draws = []
        for draw in range(DRAWS):
            probabilities, scored = enrolled_probabilities(model, views, labels, table.actors[rows], count, draw)
            of_draws.append(uar(labels[scored], names[probabilities.argmax(axis=1)]))
        scores.append(float(np.mean(of_draws)))
    return scores


def score(
    settings: TrainingSettings, seeds: Iterable[int], n_pairs: int, used: np.ndarray, *, voices: bool, statements: bool
) -> np.ndarray:
    """The mean scores over pairs of folds for each seed, shape (n_seeds, n_scores)."""
    table = load_table()
    pairs = list(itertools.combinations(range(len(EMOBOX_FOLDS)), 2))
    chosen = np.unique(np.linspace(0, len(pairs) - 1, n_pairs).round().astype(int))
    means = []
    for each in (replace(settings, seed=seed) for seed in seeds):
        if statements:
            jobs = (delayed(score_pair_by_statement)(each, table, pairs[i], used) for i in chosen)
        else:
            jobs = (delayed(score_pair)(each, table, pairs[i], used, voices) for i in chosen)
        means.append(np.mean(Parallel(cpu_count())(jobs), axis=(0, 1)))
    return np.array(means)


def main() -> None:
    """Read the command line, train, print a line."""
    parser = argparse.ArgumentParser(description="UAR on inner folds.")
    parser.add_argument("--settings", default="{}", help="JSON object of what differs from the shipped settings")
    parser.add_argument("--without", metavar="REGEX", help="leave out the features whose names match")
    parser.add_argument("--seeds", default="0,1,2", help="separated by commas (default: 0,1,2)")
    parser.add_argument("--pairs", type=int, default=15, help="number of the 15 pairs to use, spread evenly")
    extra = parser.add_mutually_exclusive_group()
    extra.add_argument("--voices", action="store_true", help="also score with neutral clips of the speaker enrolled")
    extra.add_argument("--statements", action="store_true", help="train on one sentence, score on it and the other")
    options = parser.parse_args()
    settings = TrainingSettings.from_json({"members": 1} | json.loads(options.settings))
    names = feature_set(settings.feature_set).names
    used = np.array([not (options.without and re.search(options.without, name)) for name in names])
    seeds = map(int, options.seeds.split(","))
    started = time.perf_counter()
    means = score(settings, seeds, options.pairs, used, voices=options.voices, statements=options.statements)
    seconds = time.perf_counter() - started
    title = f"{options.settings} without {options.without}" if options.without else options.settings
    columns = zip(means.mean(axis=0), means.std(axis=0), strict=True)
    scores = ", ".join(f"{mean:.4f} ± {deviation:.4f}" for mean, deviation in columns)
    print(f"UAR {scores}  {used.sum()} features  {seconds:.0f} s  {title}", flush=True)


if __name__ == "__main__":
    main()
