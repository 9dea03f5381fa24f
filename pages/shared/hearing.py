"""Clips on their way to what a model hears in them: at once if they are short, else watched and stoppable."""

from dataclasses import dataclass

import streamlit as st

from pages.shared import session
from pages.shared.session import HeardClip
from pages.shared.words import plain
from ser.errors import AudioError, SerError
from ser.job import Job
from ser.listening import PLACES, ListeningReport, Sound, listen
from ser.model import EmotionModel
from ser.prediction import Heard

# A short clip is heard within this, and nobody needs to see a bar flash by.
_SECONDS_BEFORE_BAR = 1.5
_SECONDS_BETWEEN_LOOKS = 0.5


@dataclass(frozen=True)
class Hearing:
    """Clips being heard.

    Attributes:
        clips: all that are asked for.
        missing: those among them that were not known before.
        model: who hears them.
        job: the work on these.
    """

    clips: tuple[HeardClip, ...]
    missing: tuple[HeardClip, ...]
    model: EmotionModel
    job: Job


def hear_all(clips: tuple[HeardClip, ...], model: EmotionModel) -> list[Heard | AudioError | None] | None:
    """Return what was heard in every clip, each worked out once.

    Returns:
        For each clip what was heard, why it cannot be used, or None where the visitor stopped before it; None
        instead of the list while the hearing is under way, and then a bar and a Cancel are on the screen.

    Raises:
        SerError: the model cannot hear anything.
    """
    found = [session.recall("heard", clip, model) for clip in clips]
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
        session.remember("heard", clip, model, heard)
    found = [session.recall("heard", clip, model) for clip in clips]
    if None in found:
        _offer_the_rest(len(found) - found.count(None), len(clips))
    return found


def _hearing(clips: tuple[HeardClip, ...], model: EmotionModel, missing: tuple[HeardClip, ...]) -> Hearing:
    """The work on these clips, begun if it is not under way; whatever else was under way is stopped."""
    me = session.visitor()
    if me.hearing is None or me.hearing.model is not model or me.hearing.clips != clips:
        stop()
        steps = listen([Sound(clip.name, clip.data) for clip in missing], model)
        me.hearing = Hearing(clips, missing, model, Job(steps, places=PLACES).start())
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
    bar.progress(*_progress(snapshot.report, snapshot.position))
    cancel.button("Cancel", key="recognise_cancel", icon=":material/close:", on_click=job.stop, width="stretch")


def _progress(report: ListeningReport | None, position: int | None) -> tuple[float, str]:
    """How far the work is, 0 to 1, and in words."""
    if position:
        return 0.0, f"Waiting for a free place: number {position} in the line."
    if report is None:
        return 0.0, "Opening the file …"
    count = f" ({report.place} of {report.total})" if report.total > 1 else ""
    return min(1.0, report.share), f"Listening to {plain(report.name)}{count} …"


def _offer_the_rest(heard: int, total: int) -> None:
    st.info(
        "Stopped before anything was heard." if not heard else f"Stopped: {heard} of {total} clips were heard.",
        icon=":material/pause_circle:",
    )
    st.button("Go on", key="recognise_go_on", icon=":material/play_arrow:", on_click=stop)
