"""Diagnostics of a finished run that take a while: feature importance, the learning curve, another data set."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from operator import itemgetter
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from pages.common import resources
from pages.common.inputs import choose
from pages.common.panel import panel
from pages.common.progress import Progress, follow
from pages.train import texts
from pages.train.report.scores_view import headline
from pages.train.workspace import NamedRun, Workspace
from ser.data.data_sets import DATA_SETS, SHIPPED_CORPORA
from ser.data.splits import SPEAKER_INDEPENDENT
from ser.evaluation.crossvalidation import CrossValidation, cross_validate
from ser.evaluation.diagnostics import Importance, LearningPoint, learning_curve, permutation_importance
from ser.experiments.run import RunSnapshot
from ser.figures.report import importance_figure, learning_curve_figure
from ser.jobs import Job, JobSnapshot
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

    _job(
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

    _job(
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

    _job(
        workspace,
        (entry.number, f"by_{held}"),
        start,
        show,
        f"Judge by {titles[held]}",
        texts.another_data_set(learnt),
        share=lambda report: report.share,
        so_far=None,
    )


def _job(
    workspace: Workspace,
    key: tuple,
    start: Callable,
    show: Callable,
    label: str,
    about: str,
    *,
    share: Callable[[Any], float] = itemgetter(0),
    so_far: Callable[[Any], Any] | None = itemgetter(1),
) -> None:
    """Show a button that starts the work, its progress, and its results so far.

    `share` and `so_far` give from a report of the work how much of it is done, and its results so far, if it has any.
    """
    job = workspace.jobs.get(key)
    if job is None:
        if st.button(label, key=f"train_job_{key[1]}", icon=":material/play_arrow:"):
            workspace.jobs[key] = Job(start(), owner=workspace.token).start()
            st.rerun()
        st.caption(about)
        return
    snapshot = job.snapshot()
    if not snapshot.over:
        follow(
            job,
            partial(_progress, share),
            key="train_job_stop",
            below=lambda now: show(found) if so_far and now.report and (found := so_far(now.report)) else None,
        )
        return
    if snapshot.error:
        st.error(snapshot.error, icon=":material/block:")
    if snapshot.state != "done":
        if not snapshot.error:
            st.caption(texts.STOPPED)
        if st.button("Do it again", key=f"train_job_{key[1]}", icon=":material/replay:"):
            workspace.jobs[key] = Job(start(), owner=workspace.token).start()
            st.rerun()
    if snapshot.result:
        show(snapshot.result)


def _progress(share: Callable[[Any], float], snapshot: JobSnapshot) -> Progress:
    done = share(snapshot.report) if snapshot.report else 0.0
    return Progress(done, f"{percent(done)} done")
