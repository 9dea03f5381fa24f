"""What a profile of clips of a single emotion costs: `python -m benchmarks.one_emotion`.

A visitor's clips may all carry one emotion. For each emotion, every held-out speaker is adapted by up to ten clips of
that emotion, and the UAR on the speaker's other clips is compared with that of the same answers without adaptation.
Models are trained in EmoBox's folds, with the speakers of nEMO dealt out to them; the mean over the speakers of a data
set is printed, and the worst emotion. Without calibration, which changes no label, it takes some minutes.
"""

import argparse
from dataclasses import replace

import numpy as np
from joblib import Parallel, cpu_count, delayed

from ser.data.splits import Fold, split
from ser.data.table import FeatureTable
from ser.data.table_file import load_tables
from ser.emotions import NEUTRAL
from ser.evaluation.adapting import AdaptingAnswers, Answers
from ser.evaluation.shared_labels import restricted, shared_labels
from ser.metrics import uar
from ser.steps import finish
from ser.training.fitting import fit
from ser.training.settings import TrainingSettings

CLIPS = 10


def changes_of(settings: TrainingSettings, table: FeatureTable, fold: Fold) -> list[tuple[str, str, float]]:
    """For each held-out speaker and emotion: data set, emotion, and how much the UAR rises."""
    model = finish(fit(settings, table, fold.train, answers=False))
    changes = []
    for actor in np.unique(table.actors[fold.test]):
        rows = fold.test[table.actors[fold.test] == actor]
        labels, corpus = table.labels[rows], str(table.corpora[rows[0]])
        inputs = model.inputs(table.views(settings.feature_set, rows, model.views))
        shares = model.shares(inputs)
        adapting = AdaptingAnswers(model, inputs, shares, rows, table.actors[rows], labels == NEUTRAL)
        shared = shared_labels(tuple(np.unique(labels)), model.labels)
        plain = Answers(rows, model.probabilities_from(inputs, shares))

        def recall(answers: Answers, shared: tuple[str, ...] = shared) -> float:
            known = restricted(answers.probabilities, model.labels, shared)
            return uar(table.labels[answers.rows], np.array(shared)[known.argmax(axis=1)])

        for emotion in shared:
            chosen = np.random.default_rng(0).permutation(np.flatnonzero(labels == emotion))[:CLIPS]
            if not chosen.size:
                continue
            adapted = adapting.adapted(lambda own, chosen=chosen: chosen)
            kept = np.isin(np.arange(len(table)), adapted.rows)
            changes.append((corpus, emotion, recall(adapted) - recall(plain.of(kept))))
    return changes


def main() -> None:
    """Train in all folds and print a line for each data set."""
    parser = argparse.ArgumentParser(description="UAR after adaptation by clips of one emotion, less UAR before it.")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    settings = replace(TrainingSettings(), calibration_folds=0, seed=options.seed)
    table = load_tables(settings.corpora)
    folds = split("emobox", table.labels, table.actors)
    parts = Parallel(cpu_count())(delayed(changes_of)(settings, table, fold) for fold in folds)
    found = [each for part in parts for each in part]
    for corpus in settings.corpora:
        changes: dict[str, list[float]] = {}
        for name, emotion, change in found:
            if name == corpus:
                changes.setdefault(emotion, []).append(change)
        means = {emotion: float(np.mean(each)) for emotion, each in changes.items()}
        worst = min(means, key=means.__getitem__)
        listed = ", ".join(f"{emotion} {mean:+.3f}" for emotion, mean in means.items())
        print(f"{corpus}: {listed}; worst: {worst} {means[worst]:+.3f}")


if __name__ == "__main__":
    main()
