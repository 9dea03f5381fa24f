"""Diagnostics of a finished run that take a while: feature importance, the learning curve, another data set."""

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from pages.common import resources
from pages.common.inputs import choose
from pages.common.panel import panel
from pages.train.report import background, texts
from pages.train.report.scores_view import headline
from pages.train.workspace import NamedRun, Workspace
from ser.data.data_sets import DATA_SETS, SHIPPED_CORPORA
from ser.data.splits import SPEAKER_INDEPENDENT
from ser.evaluation.crossvalidation import CrossValidation, cross_validate
from ser.evaluation.diagnostics import Importance, LearningPoint, learning_curve, permutation_importance
from ser.experiments.run import RunSnapshot
from ser.figures.report import importance_figure, learning_curve_figure
from ser.lanes import TRAININGS
from ser.text import listed, percent
from ser.workers import in_worker


def importance(workspace: Workspace, entry: NamedRun, snapshot: RunSnapshot, judged: CrossValidation) -> None:
    """Show how much UAR is lost when a group of features is shuffled."""
    training_actors = set(snapshot.trained_on.actors) if judged.evaluation.protocol in SPEAKER_INDEPENDENT else set()
    table = entry.run.table
    rows = np.array([row for row in judged.rows if table.actors[row] not in training_actors])
    features = table.matrix(snapshot.model.feature_set)[rows]
    start = partial(in_worker, permutation_importance, snapshot.model, features, table.labels[rows], lane=TRAININGS)

    def show(found: tuple[Importance, ...]) -> None:
        panel(
            "What the score loses when a group of features is shuffled",
            importance_figure(found),
            pd.DataFrame(
                {
                    "group": [each.group for each in found],
                    "features": [each.features for each in found],
                    "UAR lost, mean (points)": [100 * each.drops.mean() for each in found],
                    "UAR lost, deviation (points)": [100 * each.drops.std() for each in found],
                }
            ),
            key="train_importance",
            alt="; ".join(f"{each.group}: {100 * each.drops.mean():.1f} points" for each in found),
            read=texts.importance(len(rows)),
        )

    background.work(
        workspace,
        (entry.number, "importance"),
        start,
        show,
        "Shuffle the features",
        texts.IMPORTANCE_OFFER,
    )


def more_actors(workspace: Workspace, entry: NamedRun, snapshot: RunSnapshot) -> None:
    """Show the UAR over the number of training actors."""
    start = partial(in_worker, learning_curve, snapshot.replay or snapshot.settings, entry.run.table, lane=TRAININGS)

    def show(found: tuple[LearningPoint, ...]) -> None:
        panel(
            "Would more actors help?",
            learning_curve_figure(found, len(snapshot.settings.emotions)),
            pd.DataFrame([{"actors": each.actors, "clips": each.clips, "UAR": u} for each in found for u in each.uar]),
            key="train_learning_curve",
            alt="; ".join(f"{each.actors} actors: UAR {percent(np.mean(each.uar))}" for each in found),
            read=texts.MORE_ACTORS,
        )

    background.work(
        workspace,
        (entry.number, "curve"),
        start,
        show,
        "Train on fewer actors",
        texts.MORE_ACTORS_OFFER,
    )


def another_data_set(workspace: Workspace, entry: NamedRun, snapshot: RunSnapshot) -> None:
    """Show the score on a data set that was not learnt from."""
    titles = {corpus: DATA_SETS[corpus].title for corpus in SHIPPED_CORPORA}
    held = choose("Judge by", titles, key="train_held_out_corpus")
    learnt = listed([title for corpus, title in titles.items() if corpus != held])
    settings = replace(snapshot.replay or snapshot.settings, corpora=SHIPPED_CORPORA)
    start = partial(
        in_worker,
        cross_validate,
        settings,
        resources.tables(SHIPPED_CORPORA),
        held_out_corpus=held,
        lane=TRAININGS,
    )

    def show(found: CrossValidation) -> None:
        headline(titles[held], texts.learnt_without(learnt, found.evaluation.n_clips), found.evaluation)

    background.work(
        workspace,
        (entry.number, f"by_{held}"),
        start,
        show,
        f"Judge by {titles[held]}",
        texts.another_data_set(learnt),
        share=lambda report: report.share,
        so_far=None,
    )
