"""The scores of a run; if voices leak, beside the scores on held-out speakers."""

import streamlit as st

from pages.common import resources
from pages.train.report import texts
from ser.data.table import FeatureTable
from ser.evaluation.crossvalidation import CrossValidation
from ser.evaluation.scores import by_data_set
from ser.experiments.run import RunSnapshot
from ser.metrics import Evaluation
from ser.reports.run_report import explain_gap
from ser.text import percent, plain


def scores(snapshot: RunSnapshot) -> None:
    """Show the scores of the protocol, and if voices leak, those on held-out speakers and the reason for the gap."""
    leaking, unseen = snapshot.leaking, snapshot.unseen
    if leaking is None:
        evaluation = unseen.evaluation
        headline(texts.FAIR, texts.new_voices(evaluation.n_clips, len(evaluation.per_actor_uar)), evaluation)
        _compared(evaluation)
        return
    if unseen is None and len(leaking.evaluation.per_actor_uar) == 1:
        headline(texts.OWN_VOICE, texts.one_voice(leaking.evaluation.n_clips), leaking.evaluation)
        return
    left, right = st.columns(2, border=True)
    with left:
        headline(texts.LEAKY, texts.SAME_ACTORS, leaking.evaluation)
    with right:
        if unseen is not None:
            evaluation = unseen.evaluation
            whom = texts.new_voices(evaluation.n_clips, len(evaluation.per_actor_uar))
            headline(texts.FAIR, whom, evaluation)
        else:
            st.markdown(f"**{texts.FAIR}**")
            st.caption(
                texts.NOT_JUDGED_STOPPED
                if snapshot.state == "stopped"
                else plain(f"Not judged: {snapshot.not_compared}")
                if snapshot.not_compared
                else texts.NOT_JUDGED
            )
    if unseen is not None:
        st.markdown(explain_gap(leaking, unseen))


def _compared(evaluation: Evaluation) -> None:
    """Show what guessing gives, and if the emotions are the same, what the shipped model does."""
    best = resources.score_to_beat()
    alike = best is not None and set(best.labels) == set(evaluation.labels)
    chance = percent(1 / len(evaluation.labels), 1)
    st.caption(texts.compared(chance, percent(best.uar, 1) if best is not None and alike else None))


def data_sets(judged: CrossValidation, table: FeatureTable) -> None:
    """Show the scores of several data sets."""
    parts = by_data_set(judged, table)
    st.markdown(texts.EACH_DATA_SET)
    evaluations = [part.evaluation for part in parts.values()]
    st.dataframe(
        {
            "data set": list(parts),
            "UAR (%)": [100 * each.uar for each in evaluations],
            "95 % interval": [
                f"{percent(each.uar_interval[0])} to {percent(each.uar_interval[1])}" for each in evaluations
            ],
            "guessing (%)": [100 / len(each.labels) for each in evaluations],
            "accuracy (%)": [100 * each.accuracy for each in evaluations],
            "ECE (%)": [100 * each.ece for each in evaluations],
            "clips": [each.n_clips for each in evaluations],
            "speakers": [len(each.per_actor_uar) for each in evaluations],
        },
        column_config={
            name: st.column_config.NumberColumn(format="%.1f")
            for name in ("UAR (%)", "guessing (%)", "accuracy (%)", "ECE (%)")
        },
        hide_index=True,
        key="train_data_sets",
    )


def headline(title: str, on_whom: str, evaluation: Evaluation) -> None:
    """Show accuracy, and UAR with its interval."""
    low, high = evaluation.uar_interval
    # Title and caption take two lines, so that the numbers of two headlines stand at one height.
    st.markdown(f"**{title}**")
    st.caption(on_whom)
    accuracy, uar = st.columns(2, wrap=False)
    accuracy.metric("Accuracy", percent(evaluation.accuracy, 1), help="How many of all clips it gets right.")
    uar.metric(
        "UAR",
        percent(evaluation.uar, 1),
        help=texts.uar_help(percent(1 / len(evaluation.labels))),
    )
    if len(evaluation.per_actor_uar) > 1:
        st.caption(texts.uar_interval(percent(0.95), percent(low), percent(high)))
    else:
        low, high = evaluation.accuracy_interval
        st.caption(texts.accuracy_interval(percent(0.95), percent(low), percent(high)))
