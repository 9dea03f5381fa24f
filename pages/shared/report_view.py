"""The report of a run: its scores, and parts to look into, one at a time."""

import json
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from pages.shared import resources, run_view
from pages.shared.laboratory import Entry, Laboratory
from pages.shared.panel import heading, panel
from pages.shared.take_view import take
from pages.shared.words import plain
from ser.crossvalidation import CrossValidation
from ser.evaluation import Evaluation
from ser.figures import report as figures
from ser.figures import training as training_figures
from ser.inspection import (
    HardClip,
    answered_as,
    hardest,
    learning_curve,
    permutation_importance,
    reliability,
    risk_coverage,
)
from ser.job import Job
from ser.run import RunSnapshot
from ser.run_report import answers_csv, explain_gap, report_html
from ser.splits import SPEAKER_INDEPENDENT

# Clips of one cell to hear; more would be a list that nobody listens to.
_CLIPS_TO_HEAR = 6


def report(laboratory: Laboratory, entry: Entry) -> None:
    """Show a run that is over."""
    snapshot = entry.run.snapshot()
    st.markdown(f"#### {plain(entry.name)}")
    if snapshot.error:
        st.error(snapshot.error, icon=":material/block:")
    if snapshot.model is None:
        if not snapshot.error:
            st.info("Stopped before the first epoch was over: there is no model to judge.")
        return
    last = snapshot.reports[-1]
    kept = f", epoch {last.best_epoch} kept" if last.best_epoch != last.epoch else ""
    ended = "Stopped" if snapshot.state == "stopped" else "Done"
    epochs = f"{last.epoch} epoch{'s'[: last.epoch > 1]}"
    st.success(f"{ended} after {epochs} and {snapshot.seconds:.0f} s{kept}.", icon=":material/check_circle:")
    if snapshot.judged is not None:
        _scores(snapshot)
    take(entry, snapshot)
    _parts(laboratory, entry, snapshot)


def _scores(snapshot: RunSnapshot) -> None:
    leaking, unseen = snapshot.leaking, snapshot.unseen
    if leaking is None:
        evaluation = unseen.evaluation
        headline("Unseen actors", f"{evaluation.n_clips} clips of {len(evaluation.per_actor_uar)} actors", evaluation)
        return
    if unseen is None and len(leaking.evaluation.per_actor_uar) == 1:
        headline(
            "Folds of clips", f"{leaking.evaluation.n_clips} clips of one voice, each scored once", leaking.evaluation
        )
        return
    left, right = st.columns(2, border=True)
    with left:
        title = "Random split" if leaking.evaluation.protocol == "random" else "Folds of clips"
        headline(title, "the same actors on both sides", leaking.evaluation)
    with right:
        if unseen is not None:
            every = unseen.evaluation.protocol in ("emobox", "loso")
            whom = "every actor unheard once" if every else f"{len(unseen.evaluation.per_actor_uar)} actors unheard"
            headline("Unseen actors", whom, unseen.evaluation)
        else:
            st.markdown("**Unseen actors**")
            st.caption(
                "Not judged, as the run was stopped before."
                if snapshot.state == "stopped"
                else "Not judged. The leak test does both."
            )
    if unseen is not None:
        st.markdown(explain_gap(leaking, unseen))


def headline(title: str, on_whom: str, evaluation: Evaluation) -> None:
    """Accuracy and UAR with its interval."""
    low, high = evaluation.uar_interval
    st.markdown(f"**{title}**: {on_whom}")
    accuracy, uar = st.columns(2, wrap=False)
    accuracy.metric("Accuracy", f"{evaluation.accuracy:.1%}", help="Share of clips answered right.")
    uar.metric(
        "UAR",
        f"{evaluation.uar:.1%}",
        help=f"Unweighted average recall: every emotion counts alike. Guessing gives {1 / len(evaluation.labels):.0%}.",
    )
    if len(evaluation.per_actor_uar) > 1:
        st.caption(f"95 % interval of the UAR over speakers: {low:.0%} to {high:.0%}")
    else:
        low, high = evaluation.accuracy_interval
        st.caption(f"95 % interval of the accuracy, by the number of clips alone: {low:.0%} to {high:.0%}")


def _parts(laboratory: Laboratory, entry: Entry, snapshot: RunSnapshot) -> None:
    parts = {"How it learnt": lambda: _learnt(snapshot)}
    judged = snapshot.unseen or snapshot.judged
    if judged is not None:
        parts |= {
            "Confusion": lambda: _confusion(entry, judged),
            "Emotions": lambda: _emotions(judged.evaluation),
            "Actors": lambda: _actors(judged.evaluation),
            "Trust": lambda: _trust(entry, judged),
            "Hardest clips": lambda: _hardest(entry, judged),
            "What it listens to": lambda: _importance(laboratory, entry, snapshot, judged),
            "More actors": lambda: _learning_curve(laboratory, entry, snapshot),
            "Downloads": lambda: _downloads(entry, snapshot, judged),
        }
    chosen = st.pills(
        "Look into",
        list(parts),
        default="Confusion" if judged is not None else "How it learnt",
        required=True,
        wrap=True,
        key="train_part",
        persist_state="session",
    )
    if judged is not None and chosen not in ("How it learnt", "More actors", "Downloads"):
        independent = judged.evaluation.protocol in SPEAKER_INDEPENDENT
        st.caption(
            f"From {judged.evaluation.n_clips} clips "
            + (
                "of actors that the scored models never heard."
                if independent
                else "with the same actors on both sides."
            )
        )
    parts.get(chosen, parts["How it learnt"])()


def _learnt(snapshot: RunSnapshot) -> None:
    told = ("epoch", "loss", "training_uar", "validation_uar", "validation_loss", "learning_rate")
    heading(
        "Epoch by epoch", pd.DataFrame([{k: getattr(r, k) for k in told} for r in snapshot.reports]), "train_epochs"
    )
    run_view.curves(snapshot)
    run_view.answers_map(snapshot)


def _confusion(entry: Entry, judged: CrossValidation) -> None:
    evaluation = judged.evaluation
    in_cells = st.segmented_control(
        "In the cells",
        ["Clips", "Per cent"],
        default="Clips",
        required=True,
        key="train_cells",
        persist_state="session",
    )
    labels = list(evaluation.labels)
    clicked = panel(
        "Clips by actual and predicted emotion",
        training_figures.confusion_figure(evaluation, per_cent=in_cells == "Per cent"),
        pd.DataFrame(evaluation.confusion, columns=labels).assign(actual=labels)[["actual", *labels]],
        key="train_confusion",
        alt="Confusion matrix: rows are actual emotions, columns predicted ones",
        read="Right answers lie on the diagonal; what lies beside it was taken for something else. Click a cell, or "
        "choose one below, to hear its clips.",
        select=True,
    )
    if clicked and st.session_state.get("train_cell_clicked") != clicked[0]:
        # The selection stays with the chart at every rerun; only a new one may replace what was chosen by hand.
        st.session_state["train_cell_clicked"] = clicked[0]
        row, column = map(int, clicked[0].split(","))
        st.session_state["train_cell_actual"] = labels[row]
        st.session_state["train_cell_answered"] = labels[column]
    for each in ("train_cell_actual", "train_cell_answered"):
        if st.session_state.get(each) not in labels:
            st.session_state[each] = None
    left, right = st.columns(2)
    actual = left.selectbox("Actual", labels, placeholder="Choose", key="train_cell_actual")
    answered = right.selectbox("Answered", labels, placeholder="Choose", key="train_cell_answered")
    if actual is None or answered is None:
        return
    clips = answered_as(judged, entry.run.table, actual, answered)
    st.markdown(f"{len(clips)} clips of *{plain(actual)}* were answered *{plain(answered)}*.")
    _hear(entry, clips)


def _hear(entry: Entry, clips: tuple[HardClip, ...]) -> None:
    """The surest of these clips, to be played where their audio is at hand."""
    source = resources.dataset() if entry.source in ("ravdess", "both") else None
    for clip in clips[:_CLIPS_TO_HEAR]:
        data = entry.audio(clip.name)
        if data is None and source is not None and clip.actor < 100:
            data = source.read(clip.name)
        st.caption(f"{plain(clip.name)}, actor {clip.actor}: {clip.confidence:.0%} {plain(clip.answered)}")
        if data is not None:
            st.audio(data)
    if clips and source is None and entry.source == "ravdess":
        st.caption("The recordings are not at hand here, so they cannot be played.")
    if len(clips) > _CLIPS_TO_HEAR:
        st.caption(f"The {_CLIPS_TO_HEAR} surest of {len(clips)} are shown.")


def _emotions(evaluation: Evaluation) -> None:
    weighted = evaluation.weighted
    st.markdown(
        f"Weighted over {evaluation.n_clips} clips: precision **{weighted.precision:.1%}**, "
        f"recall **{weighted.recall:.1%}**, F1 **{weighted.f1:.1%}**."
    )
    panel(
        "Scores of each emotion",
        training_figures.per_class_figure(evaluation),
        pd.DataFrame([{"emotion": label, **vars(score)} for label, score in evaluation.per_class.items()]),
        key="train_per_class",
        read="Recall: how many of its clips were recognised. Precision: how many of the answers with it were right.",
        alt="; ".join(
            f"{label}: precision {score.precision:.0%}, recall {score.recall:.0%}, F1 {score.f1:.0%}"
            for label, score in evaluation.per_class.items()
        ),
    )


def _actors(evaluation: Evaluation) -> None:
    values = np.array(list(evaluation.per_actor_uar.values()))
    if len(values) > 1:
        st.markdown(
            f"UAR of the {len(values)} actors: mean **{values.mean():.1%}**, standard deviation "
            f"**{values.std(ddof=1):.1%}**, from {values.min():.0%} to {values.max():.0%}."
        )
    panel(
        "UAR of each actor",
        figures.actors_figure(evaluation),
        pd.DataFrame(evaluation.per_actor_uar.items(), columns=["actor", "UAR"]),
        key="train_actors",
        read="How well each voice is recognised by a model that never heard it; voices differ more than settings do."
        if evaluation.protocol in SPEAKER_INDEPENDENT
        else "How well each voice is recognised by a model that has heard it before.",
        alt="; ".join(f"actor {actor}: UAR {value:.0%}" for actor, value in evaluation.per_actor_uar.items()),
    )


def _trust(entry: Entry, judged: CrossValidation) -> None:
    labels = np.array(judged.evaluation.labels)
    right = labels[judged.probabilities.argmax(axis=1)] == entry.run.table.labels[judged.rows]
    found, risk = reliability(judged.probabilities, right), risk_coverage(judged.probabilities, right)
    left, other = st.columns(2)
    with left:
        panel(
            "Is it as right as it is confident?",
            figures.reliability_figure(found),
            pd.DataFrame(vars(found)),
            key="train_reliability",
            alt="Share of right answers by confidence",
            read="Below the dotted line it is too sure of itself. "
            f"Expected calibration error: **{judged.evaluation.ece:.1%}**.",
        )
    with other:
        half = risk.risk[max(0, len(risk.risk) // 2 - 1)]
        panel(
            "If it answers only when it is sure",
            figures.risk_coverage_figure(risk),
            pd.DataFrame({"coverage": risk.coverage, "risk": risk.risk}),
            key="train_risk",
            alt="Share of wrong answers by share answered",
            read=f"Answering all: {risk.risk[-1]:.0%} wrong; the surer half alone: **{half:.0%}** wrong.",
        )


def _hardest(entry: Entry, judged: CrossValidation) -> None:
    clips = hardest(judged, entry.run.table)
    if not clips:
        st.success("Not one clip was answered wrong.")
        return
    st.markdown("**Clips whose actual emotion it thought least of**")
    st.dataframe(
        {
            "clip": [clip.name for clip in clips],
            "actor": [clip.actor for clip in clips],
            "actual": [clip.actual for clip in clips],
            "answered": [clip.answered for clip in clips],
            "confidence (%)": [100 * clip.confidence for clip in clips],
            "given to the actual (%)": [100 * clip.given_to_actual for clip in clips],
        },
        column_config={
            "confidence (%)": st.column_config.NumberColumn(format="%.0f"),
            "given to the actual (%)": st.column_config.NumberColumn(format="%.1f"),
        },
        hide_index=True,
        key="train_hardest",
    )
    _hear(entry, clips)


def _importance(laboratory: Laboratory, entry: Entry, snapshot: RunSnapshot, judged: CrossValidation) -> None:
    heard = set(snapshot.trained_on["actors"]) if judged.evaluation.protocol in SPEAKER_INDEPENDENT else set()
    table = entry.run.table
    rows = np.array([row for row in judged.rows if table.actors[row] not in heard])
    features = table.matrix(snapshot.model.feature_set)[rows]
    start = partial(permutation_importance, snapshot.model, features, table.labels[rows])
    found = _job(laboratory, (entry.number, "importance"), start, "Shuffle the features")
    if found:
        panel(
            "What the score loses when a group of features is shuffled",
            figures.importance_figure(found),
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
            read=f"Ten shuffles over {len(rows)} clips that this model did not learn from. Groups that say the same "
            "stand in for each other, so a small loss does not mean that a group says nothing.",
        )
    elif (entry.number, "importance") not in laboratory.jobs:
        st.caption("Shuffles one group of features after the other among the clips, and sees what the score loses.")


def _learning_curve(laboratory: Laboratory, entry: Entry, snapshot: RunSnapshot) -> None:
    start = partial(learning_curve, snapshot.replay or snapshot.settings, entry.run.table)
    found = _job(laboratory, (entry.number, "curve"), start, "Train on fewer actors")
    if found:
        panel(
            "Would more actors help?",
            figures.learning_curve_figure(found, len(snapshot.settings.emotions)),
            pd.DataFrame([{"actors": each.actors, "clips": each.clips, "UAR": u} for each in found for u in each.uar]),
            key="train_learning_curve",
            alt="; ".join(f"{each.actors} actors: UAR {np.mean(each.uar):.0%}" for each in found),
            read="A line that still rises at its end says that more voices would do more than other settings.",
        )
    elif (entry.number, "curve") not in laboratory.jobs:
        st.caption("Would more actors help? Trains on ever more of them, each time judged on the same held-out ones.")


def _job(laboratory: Laboratory, key: tuple, start, label: str):
    """Offer work, follow it while it lasts, and return what it found (so far)."""
    job = laboratory.jobs.get(key)
    if job is None:
        if st.button(label, key=f"train_job_{key[1]}", icon=":material/play_arrow:"):
            laboratory.jobs[key] = Job(start()).start()
            st.rerun()
        return None
    snapshot = job.snapshot()
    if not snapshot.over:
        st.fragment(_follow, run_every=run_view.SECONDS_BETWEEN_LOOKS)(job)
        return snapshot.report[1] if snapshot.report else None
    if snapshot.error:
        st.error(snapshot.error, icon=":material/block:")
    if snapshot.state != "done":
        if not snapshot.error:
            st.caption("Stopped: this is how far it came.")
        if st.button("Do it again", key=f"train_job_{key[1]}", icon=":material/replay:"):
            laboratory.jobs[key] = Job(start()).start()
            st.rerun()
    return snapshot.result


def _follow(job: Job) -> None:
    snapshot = job.snapshot()
    if snapshot.over:
        st.rerun()
    share = snapshot.report[0] if snapshot.report else 0.0
    waits = f"Waiting for a free place: number {snapshot.position} in line." if snapshot.position else None
    remaining = snapshot.seconds / share - snapshot.seconds if share > 0.05 else 0.0
    st.progress(share, waits or f"{share:.0%} done{run_view.left(remaining)}")
    st.button("Stop", icon=":material/stop_circle:", key="train_job_stop", on_click=job.stop)


def _downloads(entry: Entry, snapshot: RunSnapshot, judged: CrossValidation) -> None:
    name = "".join(letter if letter.isalnum() else "-" for letter in entry.name.lower())
    table = entry.run.table
    with st.container(horizontal=True):
        st.download_button(
            "Report (HTML)",
            lambda: report_html(entry.name, snapshot, table),
            f"{name}.html",
            "text/html",
            key="train_html",
            icon=":material/article:",
            on_click="ignore",
        )
        st.download_button(
            "Every answer (CSV)",
            lambda: answers_csv(judged, table),
            f"{name}.csv",
            "text/csv",
            key="train_csv",
            icon=":material/table:",
            on_click="ignore",
        )
        if snapshot.replay is not None:
            st.download_button(
                "Settings (JSON)",
                json.dumps(snapshot.replay.to_json(), indent=1, ensure_ascii=False),
                f"{name}.json",
                "application/json",
                key="train_json",
                icon=":material/data_object:",
                on_click="ignore",
            )
    if snapshot.replay is None:
        st.caption("Stopped amid its folds, this run has no settings that give its score again.")
    elif entry.source == "ravdess":
        evaluation = snapshot.judged.evaluation
        st.markdown(
            f"`python -m ser evaluate --settings {name}.json` prints the same: UAR {evaluation.uar:.3f}, "
            f"accuracy {evaluation.accuracy:.3f}."
        )
    st.caption("Each chart's own button saves it as a picture (PNG).")
