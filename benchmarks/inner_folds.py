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

- With `--voices`, the model adapts to the speaker. The line then also has the UAR with 1, 2 and 4 neutral clips of the
  speaker enrolled. Enrolled clips are not scored.
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

from ser.data.splits import EMOBOX_FOLDS
from ser.data.table import FeatureTable
from ser.data.table_file import load_table
from ser.evaluation.crossvalidation import Answers, fold_answers
from ser.features.sets import feature_set
from ser.metrics import uar
from ser.model.emotion_model import EmotionModel
from ser.steps import finish
from ser.training.adaptation import with_emotion_offsets
from ser.training.settings import TrainingSettings
from ser.training.trainer import train


def score_pair(
    settings: TrainingSettings, table: FeatureTable, pair: tuple[int, int], voices: bool
) -> list[list[float]]:
    """Train without a pair of folds, and return the scores of each of the two, as `_scores` gives them.

    With `voices` the model adapts to the speaker.
    """
    rows = _training_rows(table, pair)
    model = _trained(settings, table, rows)
    if voices:
        views = table.views(settings.feature_set, rows, settings.view_names)
        model = with_emotion_offsets(model, views, table.labels[rows], table.actors[rows], table.corpora[rows])
    return [_scores(model, table, _rows_of_fold(table, fold)) for fold in pair]


def score_pair_by_statement(
    settings: TrainingSettings, table: FeatureTable, pair: tuple[int, int]
) -> list[list[float]]:
    """Train on one statement without a pair of folds; return the UAR on that statement and on the other.

    There is one such list for each of the two statements to train on and each of the two folds.
    """
    statements = table.clips["statement"].to_numpy()
    scores = []
    for statement in np.unique(statements):
        same, other = table.select(statements == statement), table.select(statements != statement)
        model = _trained(settings, same, _training_rows(same, pair))
        for fold in pair:
            scores.append([_scores(model, part, _rows_of_fold(part, fold))[0] for part in (same, other)])
    return scores


def _masked(table: FeatureTable, name: str, used: np.ndarray) -> FeatureTable:
    """The table in which all features of a set but the used ones, booleans of shape (n_features,), are 0."""
    views = table.clip_views
    if views is not None and views.feature_set.name == name:
        views = replace(views, centre=views.centre * used, step=views.step * used)
    return replace(table, matrices=table.matrices | {name: table.matrix(name) * used}, clip_views=views)


def _training_rows(table: FeatureTable, pair: tuple[int, int]) -> np.ndarray:
    """Rows of the actors in neither fold."""
    return np.flatnonzero(~np.isin(table.actors, [actor for fold in pair for actor in EMOBOX_FOLDS[fold]]))


def _rows_of_fold(table: FeatureTable, fold: int) -> np.ndarray:
    return np.flatnonzero(np.isin(table.actors, EMOBOX_FOLDS[fold]))


def _trained(settings: TrainingSettings, table: FeatureTable, rows: np.ndarray) -> EmotionModel:
    name = settings.feature_set
    views = table.views(name, rows, settings.view_names)
    copies = np.concatenate([views[1:], table.augmented_copies(name, rows, settings.used_copies)])
    return finish(train(settings, views[0], table.labels[rows], table.actors[rows], copies))


def _scores(model: EmotionModel, table: FeatureTable, rows: np.ndarray) -> list[float]:
    """UAR without enrolment and, where the model adapts, with 1, 2 and 4 neutral clips enrolled."""
    names = np.array(model.labels)
    answers = fold_answers(model, table, rows)
    scores = [_uar(table, names, answers)]
    for draws in answers.enrolled.values():
        scores.append(float(np.mean([_uar(table, names, draw) for draw in draws])))
    return scores


def _uar(table: FeatureTable, names: np.ndarray, answers: Answers) -> float:
    return uar(table.labels[answers.rows], names[answers.probabilities.argmax(axis=1)])


def score(
    settings: TrainingSettings, seeds: Iterable[int], n_pairs: int, used: np.ndarray, *, voices: bool, statements: bool
) -> np.ndarray:
    """The mean scores over pairs of folds for each seed, shape (n_seeds, n_scores)."""
    table = _masked(load_table(), settings.feature_set, used)
    pairs = list(itertools.combinations(range(len(EMOBOX_FOLDS)), 2))
    chosen = np.unique(np.linspace(0, len(pairs) - 1, n_pairs).round().astype(int))
    means = []
    for each in (replace(settings, seed=seed) for seed in seeds):
        if statements:
            jobs = (delayed(score_pair_by_statement)(each, table, pairs[i]) for i in chosen)
        else:
            jobs = (delayed(score_pair)(each, table, pairs[i], voices) for i in chosen)
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
