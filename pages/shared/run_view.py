"""A training on the screen: its curves while it learns, its scores afterwards, and what to do with the model."""

import streamlit as st

from pages.shared import resources, session
from pages.shared.charts import chart
from ser.errors import ModelStoreError, SerError
from ser.evaluation import Evaluation
from ser.figures import training as figures
from ser.run import RunSnapshot, TrainingRun
from ser.splits import PROTOCOLS
from ser.store import StoredModel, card_of, checked_name

# Often enough to see the curves grow, seldom enough for a slow line and a small machine.
_SECONDS_BETWEEN_LOOKS = 0.7


def watch(run: TrainingRun) -> None:
    """Show a run: live until it is over, then its report."""
    if run.snapshot().over:
        _report(run)
    else:
        # Only a run under way is polled: once it is over the whole page runs again and takes the other branch.
        st.fragment(_live, run_every=_SECONDS_BETWEEN_LOOKS)(run)


def _live(run: TrainingRun) -> None:
    snapshot = run.snapshot()
    if snapshot.over:
        st.rerun()
    st.progress(*_progress(snapshot))
    st.button(
        "Stop",
        icon=":material/stop_circle:",
        key="train_stop",
        on_click=run.stop,
        help="Ends after the epoch under way and keeps the best one so far.",
    )
    _curves(snapshot)


def _progress(snapshot: RunSnapshot) -> tuple[float, str]:
    """How far the run is, 0 to 1, and in words."""
    if snapshot.state == "waiting":
        return 0.0, "Waiting for a free place: other trainings are under way."
    if snapshot.state == "judging":
        what = "Judging on voices it never heard" if snapshot.model else "Learning how far to trust itself"
        if snapshot.fold is None:
            return 0.0, f"{what} …"
        fold = snapshot.fold
        return fold.share, f"{what}: round {fold.fold} of {fold.folds}{_left(fold.seconds_left)}"
    if not snapshot.reports:
        return 0.0, "Starting …"
    last = snapshot.reports[-1]
    return min(1.0, last.epoch / last.epochs), f"Epoch {last.epoch} of {last.epochs}{_left(last.seconds_left)}"


def _left(seconds: float) -> str:
    if seconds < 1:
        return ""
    return f" · about {seconds:.0f} s left" if seconds < 90 else f" · about {seconds / 60:.0f} min left"


def _curves(snapshot: RunSnapshot) -> None:
    reports = snapshot.reports
    left, right = st.columns(2)
    with left:
        st.markdown("**Loss** (what it minimises)")
        chart(figures.loss_figure(reports), key="train_loss", alt=f"Loss over {len(reports)} reports")
    with right:
        st.markdown("**UAR** (recall, averaged over emotions)")
        chart(
            figures.uar_figure(reports, len(snapshot.settings.emotions)),
            key="train_uar",
            alt=f"UAR in training and validation over {len(reports)} reports",
        )


def _report(run: TrainingRun) -> None:
    snapshot = run.snapshot()
    if snapshot.error:
        st.error(snapshot.error, icon=":material/block:")
    if snapshot.model is None:
        if not snapshot.error:
            st.info("Stopped before the first epoch was over: there is no model to judge.")
        return
    last = snapshot.reports[-1]
    kept = f", epoch {last.best_epoch} kept" if last.best_epoch != last.epoch else ""
    ended = "Stopped" if snapshot.state == "stopped" else "Done"
    st.success(f"{ended} after {last.epoch} epochs and {snapshot.seconds:.0f} s{kept}.", icon=":material/check_circle:")
    if snapshot.evaluation is not None:
        _scores(snapshot)
    _take(snapshot)
    st.subheader("How it learnt", anchor=False)
    _curves(snapshot)
    if snapshot.evaluation is not None:
        _details(snapshot.evaluation)


def _scores(snapshot: RunSnapshot) -> None:
    evaluation, unseen = snapshot.evaluation, snapshot.unseen_evaluation
    if evaluation.protocol == "random":
        leaking, honest = st.columns(2, border=True)
        with leaking:
            _headline("Random split", "the same actors on both sides", evaluation)
        with honest:
            if unseen is None:
                st.markdown("**Unseen actors**")
                st.caption("Not judged, as the run was stopped before.")
            else:
                _headline("Unseen actors", "every actor unheard once", unseen)
        if unseen is not None:
            st.markdown(_explain_gap(evaluation, unseen))
    else:
        _headline("Unseen actors", f"{evaluation.n_clips} clips of {len(evaluation.per_actor_uar)} actors", evaluation)


def _details(evaluation: Evaluation) -> None:
    where = "the random split" if evaluation.protocol == "random" else "unseen actors"
    st.subheader(f"What it takes for what, on {where}", anchor=False)
    weighted = evaluation.weighted
    st.markdown(
        f"Weighted over {evaluation.n_clips} clips: precision **{weighted.precision:.1%}**, "
        f"recall **{weighted.recall:.1%}**, F1 **{weighted.f1:.1%}**."
    )
    left, right = st.columns(2)
    with left:
        st.markdown("**Clips by actual and predicted emotion**")
        chart(
            figures.confusion_figure(evaluation),
            key="train_confusion",
            alt="Confusion matrix: rows are actual emotions, columns predicted ones",
        )
    with right:
        st.markdown("**Scores of each emotion**")
        chart(
            figures.per_class_figure(evaluation),
            key="train_per_class",
            alt="; ".join(
                f"{label}: precision {score.precision:.0%}, recall {score.recall:.0%}, F1 {score.f1:.0%}"
                for label, score in evaluation.per_class.items()
            ),
        )


def _headline(title: str, on_whom: str, evaluation: Evaluation) -> None:
    low, high = evaluation.uar_interval
    st.markdown(f"**{title}**: {on_whom}")
    accuracy, uar = st.columns(2, wrap=False)
    accuracy.metric("Accuracy", f"{evaluation.accuracy:.1%}", help="Share of clips answered right.")
    uar.metric(
        "UAR",
        f"{evaluation.uar:.1%}",
        help=f"Unweighted average recall: every emotion counts alike. Guessing gives {1 / len(evaluation.labels):.0%}.",
    )
    st.caption(f"95 % interval of the UAR over speakers: {low:.0%} to {high:.0%}")


def _explain_gap(leaking: Evaluation, honest: Evaluation) -> str:
    gap = 100 * (leaking.accuracy - honest.accuracy)
    return (
        f"The same settings lose **{gap:.0f} points** of accuracy on unseen actors. In the random split each actor is "
        "on both sides, so part of what the model learnt is how *these* people sound; a stranger gets the second score."
        if gap > 0
        else "Here both scores agree, which is rare: with each actor on both sides of a random split, the model can "
        "recognise the speaker, and its score usually flatters."
    )


def _take(snapshot: RunSnapshot) -> None:
    """Let the visitor use the model, or keep it for all."""
    with st.container(border=True):
        name = st.text_input(
            "Name of the model",
            value="my-model",
            max_chars=40,
            key="train_name",
            persist_state="session",
            help="Small letters, digits, - and _.",
        )
        use, keep = st.columns(2)
        use_it = use.button("Use on Recognise", type="primary", key="train_use", width="stretch", icon=":material/mic:")
        keep_it = keep.button(
            "Keep",
            key="train_keep",
            width="stretch",
            icon=":material/save:",
            help="Writes the model to the folder models/, for all who use this installation.",
        )
        try:
            if use_it:
                session.adopt(StoredModel(checked_name(name), snapshot.model, _card(snapshot)))
                st.success(f"{name} now answers on Recognise, for you alone and until you close this tab.")
            if keep_it:
                _keep(name, snapshot)
        except SerError as error:
            st.error(str(error), icon=":material/block:")
        st.page_link("pages/recognise.py", label="Go to Recognise", icon=":material/arrow_forward:")


def _keep(name: str, snapshot: RunSnapshot) -> None:
    store = resources.store()
    if name in store.names():
        # Others may be using it this moment, the shipped one above all.
        raise ModelStoreError(f"There is a model {name!r} in models/ already. Choose another name.")
    store.save(name, snapshot.model, _card(snapshot))
    st.success(f"Kept as {name} in models/, with a card that says how it was made and judged.")


def _card(snapshot: RunSnapshot) -> dict:
    evaluation, unseen = snapshot.evaluation, snapshot.unseen_evaluation
    judged = [evaluation] if unseen is evaluation else [evaluation, unseen]
    scores = [
        evaluation.to_json() | {"scored_on": PROTOCOLS[evaluation.protocol]} for evaluation in judged if evaluation
    ]
    return card_of(snapshot.model, snapshot.trained_on, scores)
