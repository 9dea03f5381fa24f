"""Clips on their way to what a model hears in them: at once if they are short, else watched and stoppable."""

import streamlit as st

from pages.common import session
from pages.common.session_state import HeardClip, Hearing
from pages.common.text import plain
from ser.errors import AudioError, SerError
from ser.inference.batch import PLACES, ListeningReport, Sound, listen
from ser.inference.prediction import Heard
from ser.jobs import Job, JobSnapshot
from ser.model.emotion_model import EmotionModel
from ser.text import percent

# A short clip is heard within this, and nobody needs to see a bar flash by.
_SECONDS_BEFORE_BAR = 1.5
# Every look costs the hearing a tenth of a second of the interpreter.
_SECONDS_BETWEEN_LOOKS = 1.0
_SHARE_TO_JUDGE_BY = 0.1


def hear_all(clips: tuple[HeardClip, ...], model: EmotionModel) -> list[Heard | AudioError | None] | None:
    """Return what was heard in every clip, each worked out once.

    Returns:
        For each clip what was heard, why it cannot be used, or None where the visitor stopped before it; None
        instead of the list while the hearing is under way, and then a bar and a Cancel are on the screen.

    Raises:
        SerError: the model cannot hear anything.
    """
    found = [recall(clip, model) for clip in clips]
    if None not in found:
        return found
    hearing = _hearing(clips, model, tuple(clip for clip, known in zip(clips, found, strict=True) if known is None))
    snapshot = hearing.job.snapshot()
    if not snapshot.over:
        # Only work under way is polled: once it is over the whole page runs again and comes by below.
        st.fragment(_watch, run_every=_SECONDS_BETWEEN_LOOKS)(hearing.job)
        return None
    if snapshot.state == "failed":
        session.visitor().hearing = None  # so that the next click tries again
        raise SerError(snapshot.error)
    for clip, heard in zip(hearing.missing, snapshot.result or (), strict=False):
        remember(clip, model, heard)
    found = [recall(clip, model) for clip in clips]
    if None in found:
        st.button("Go on", key="recognise_go_on", icon=":material/play_arrow:", on_click=stop)
    return found


def recall(clip: HeardClip, model: EmotionModel) -> Heard | AudioError | None:
    """Return what was heard of a clip by this model, or by another that listens to the same; None if nothing was."""
    return session.recall(_ears(model), clip, None)


def remember(clip: HeardClip, model: EmotionModel, heard: Heard | AudioError) -> Heard | AudioError:
    """Keep what was heard for every model that listens to the same, and return it."""
    return session.remember(_ears(model), clip, None, heard)


def _ears(model: EmotionModel) -> str:
    return f"heard in {model.feature_set}, views {model.views}"


def _hearing(clips: tuple[HeardClip, ...], model: EmotionModel, missing: tuple[HeardClip, ...]) -> Hearing:
    """The work on these clips, begun if it is not under way; whatever else was under way is stopped."""
    me = session.visitor()
    if me.hearing is None or me.hearing.ears != _ears(model) or me.hearing.clips != clips:
        stop()
        steps = listen([Sound(clip.name, clip.data) for clip in missing], model, me.decoder)
        me.hearing = Hearing(clips, missing, _ears(model), Job(steps, places=PLACES).start())
        me.hearing.job.join(_SECONDS_BEFORE_BAR)
    return me.hearing


def stop() -> None:
    """Stop what is being heard, if anything, and forget about it."""
    me = session.visitor()
    if me.hearing is not None:
        me.hearing.job.stop()
        me.hearing = None


def _watch(job: Job) -> None:
    snapshot = job.snapshot()
    if snapshot.over:
        st.rerun()
    bar, cancel = st.columns([6, 1], vertical_alignment="bottom")
    bar.progress(*_progress(snapshot))
    cancel.button("Cancel", key="recognise_cancel", icon=":material/close:", on_click=job.stop, width="stretch")


def _progress(snapshot: JobSnapshot) -> tuple[float, str]:
    """How far the work is, 0 to 1, and in words."""
    report: ListeningReport | None = snapshot.report
    if snapshot.position:
        return 0.0, f"Waiting for a free place: number {snapshot.position} in the line."
    if report is None:
        return 0.0, "Opening the file …"
    share = min(1.0, report.share)
    count = f" ({report.place} of {report.total})" if report.total > 1 else ""
    left = (
        f", about {snapshot.seconds * (1 / share - 1):.0f}\N{NO-BREAK SPACE}s left"
        if share > _SHARE_TO_JUDGE_BY
        else ""
    )
    return share, f"Listening to {plain(report.name)}{count} … {percent(share)}{left}"
