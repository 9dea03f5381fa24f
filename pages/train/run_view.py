"""A training under way: its curves, its map of answers, and buttons to control it."""

import weakref
from dataclasses import dataclass
from functools import partial

import plotly.graph_objects as go
import streamlit as st

from pages.common.charts import chart
from pages.common.progress import SECONDS_BETWEEN_LOOKS, Progress, follow
from pages.train import texts
from pages.train.settings.widgets import brief
from ser.experiments.run import RunSnapshot, TrainingRun
from ser.figures import training as figures
from ser.training.epochs import EpochReport
from ser.training.setting_fields import LEARNING_RATES


@dataclass
class Drawn:
    """The figures of a run as they were drawn last: a new report changes them, and without one they stay."""

    reports: tuple[EpochReport, ...] | None = None
    loss: go.Figure | None = None
    uar: go.Figure | None = None
    answers: go.Figure | None = None

    def draw(self, snapshot: RunSnapshot) -> None:
        """Draw the reports of a snapshot that are not drawn yet."""
        reports = snapshot.reports
        if reports is self.reports:
            return
        self.reports = reports
        emotions, actual = snapshot.settings.emotions, snapshot.watched_labels
        self.loss = figures.loss_figure(reports, self.loss)
        self.uar = figures.uar_figure(reports, len(emotions), self.uar)
        if reports and actual is not None:
            self.answers = figures.radviz_figure(reports[-1].watched, actual, emotions, self.answers)


def steer(run: TrainingRun) -> None:
    """Show the progress of a run, and the buttons that control it."""
    drawn = _all_reports(run.snapshot())
    follow(
        run,
        progress,
        key="train_stop",
        cancel=None,  # Stop is among the other buttons
        below=partial(_buttons, run),
        over=lambda snapshot: snapshot.over or _all_reports(snapshot) != drawn,
    )


def watch(run: TrainingRun) -> None:
    """Show the curves and the map of a run under way."""
    # A chart that does not change is not drawn again, because drawing takes time from the training.
    still = _all_reports(run.snapshot()) is not None
    st.fragment(_look, run_every=None if still else SECONDS_BETWEEN_LOOKS)(run, Drawn())


def _all_reports(snapshot: RunSnapshot) -> int | None:
    """Return the number of reports while no more come, because the run is paused or judged; None while it learns."""
    return len(snapshot.reports) if snapshot.halted or snapshot.state == "judging" else None


def _look(run: TrainingRun, drawn: Drawn) -> None:
    snapshot = run.snapshot()
    if snapshot.state == "waiting":
        st.info(texts.CURVES_BEGIN, icon=":material/hourglass_empty:")
        return
    charts(snapshot, drawn)


def _buttons(run: TrainingRun, snapshot: RunSnapshot) -> None:
    """Show the buttons to pause, step, resume and stop, and the learning rate."""
    with st.container(horizontal=True):
        if snapshot.paused:
            st.button("Resume", icon=":material/play_arrow:", key="train_resume", on_click=run.resume, type="primary")
        else:
            st.button(
                "Pause",
                icon=":material/pause:",
                key="train_pause",
                on_click=run.pause,
                help=texts.PAUSE_HELP,
            )
        st.button(
            "One epoch",
            icon=":material/skip_next:",
            key="train_step",
            on_click=run.step,
            disabled=not snapshot.paused,
            help=texts.STEP_HELP,
        )
        st.button(
            "Stop",
            icon=":material/stop_circle:",
            key="train_stop",
            on_click=run.stop,
            help=texts.STOP_HELP,
        )
    if snapshot.settings.solver != "lbfgs" and snapshot.state == "training":
        _learning_rate(run, snapshot)


def _learning_rate(run: TrainingRun, snapshot: RunSnapshot) -> None:
    now = snapshot.reports[-1].learning_rate if snapshot.reports else snapshot.settings.learning_rate
    key = f"train_rate_{id(run)}"
    st.session_state.setdefault(key, snapshot.settings.learning_rate)
    st.select_slider(
        f"Learning rate from the next epoch on (last epoch: {brief(now)})",
        sorted({*LEARNING_RATES.values, snapshot.settings.learning_rate}),
        format_func=brief,
        key=key,
        on_change=_change_learning_rate,
        args=(weakref.ref(run), key),
        help=texts.LEARNING_RATE_HELP,
    )


def _change_learning_rate(run: weakref.ref[TrainingRun], key: str) -> None:
    # Streamlit keeps what a widget calls for as long as the session, and each run has a slider of its own.
    if (steered := run()) is not None:
        steered.change_learning_rate(st.session_state[key])


def progress(snapshot: RunSnapshot) -> Progress:
    """Return the progress of a run."""
    if snapshot.state == "waiting":
        return Progress(0.0, "Starting …")
    if snapshot.state == "judging":
        line = "Testing it on clips that it never heard" if snapshot.model else "Learning how sure it may be"
        fold = snapshot.fold
        if fold is None:
            return Progress(0.0, f"{line} …")
        line += f": round {fold.fold} of {fold.folds}"
        return (
            Progress(fold.share, f"Paused: {line}", 0.0)
            if snapshot.halted
            else Progress(fold.share, line, fold.seconds_left)
        )
    if not snapshot.reports:
        return Progress(0.0, "Starting …")
    last = snapshot.reports[-1]
    share, count = last.epoch / last.epochs, f"{last.epoch} of {last.epochs}"
    if snapshot.halted:
        return Progress(share, f"Paused after epoch {count}", 0.0)
    return Progress(share, f"Epoch {count}", last.seconds_left)


def charts(snapshot: RunSnapshot, drawn: Drawn | None = None) -> None:
    """Show the loss and UAR of every epoch so far, and the answers for the watched clips after the last one."""
    drawn = drawn or Drawn()
    drawn.draw(snapshot)
    reports = len(snapshot.reports)
    one, other = st.columns(2)
    with one:
        st.markdown(texts.LOSS)
        chart(drawn.loss, key="train_loss", alt=f"Loss in training and validation over {reports} reports")
    with other:
        st.markdown(texts.UAR)
        chart(drawn.uar, key="train_uar", alt=f"UAR in training and validation over {reports} reports")
    if snapshot.watched_labels is not None:
        st.caption(texts.LOSS_CURVES)
    st.markdown("**Its answers for clips that it does not learn from**")
    if snapshot.watched_labels is None:
        st.caption(texts.NOTHING_WATCHED)
        return
    if drawn.answers is None:
        st.caption(texts.MAP_BEGINS)
        return
    last = snapshot.reports[-1]
    chart(
        drawn.answers,
        key="train_map",
        alt=f"Map of {len(last.watched)} clips after epoch {last.epoch}, by their probabilities",
    )
    st.caption(texts.answers_map(len(last.watched)))
