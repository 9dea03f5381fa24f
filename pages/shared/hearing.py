"""Clips on their way to what a model hears in them: at once if they are short, else watched and stoppable."""

from dataclasses import dataclass

import streamlit as st

from pages.shared import session
from pages.shared.session import HeardClip
from pages.shared.words import plain
from ser.errors import AudioError
from ser.listening import Listening, Sound
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
        run: the work on these.
    """

    clips: tuple[HeardClip, ...]
    missing: tuple[HeardClip, ...]
    run: Listening


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
    run = _run(clips, model, tuple(clip for clip, known in zip(clips, found, strict=True) if known is None))
    snapshot = run.run.snapshot()
    if not snapshot.over:
        # Only a run under way is polled: once it is over the whole page runs again and comes by below.
        st.fragment(_watch, run_every=_SECONDS_BETWEEN_LOOKS)(run.run)
        return None
    if snapshot.state == "failed":
        session.visitor().hearing = None  # so that the next click tries again
        raise snapshot.error
    for clip, heard in zip(run.missing, snapshot.found, strict=False):
        session.remember("heard", clip, model, heard)
    if snapshot.state == "stopped":
        _offer_the_rest(len(clips) - len(run.missing) + len(snapshot.found), len(clips))
    return [session.recall("heard", clip, model) for clip in clips]


def _run(clips: tuple[HeardClip, ...], model: EmotionModel, missing: tuple[HeardClip, ...]) -> Hearing:
    """The work on these clips, begun if it is not under way; whatever else was under way is stopped."""
    me = session.visitor()
    if me.hearing is None or me.hearing.run.model is not model or me.hearing.clips != clips:
        stop()
        me.hearing = Hearing(clips, missing, Listening([Sound(clip.name, clip.data) for clip in missing], model))
        me.hearing.run.start()
        me.hearing.run.join(_SECONDS_BEFORE_BAR)
    return me.hearing


def stop() -> None:
    """Stop what is being heard, if anything, and forget about it."""
    me = session.visitor()
    if me.hearing is not None:
        me.hearing.run.stop()
        me.hearing = None


def _watch(run: Listening) -> None:
    snapshot = run.snapshot()
    if snapshot.over:
        st.rerun()
    bar, cancel = st.columns([6, 1], vertical_alignment="bottom")
    place = min(len(snapshot.found), len(run.sounds) - 1)
    count = f" ({place + 1} of {len(run.sounds)})" if len(run.sounds) > 1 else ""
    text = "Waiting for a free place …"
    if snapshot.state == "listening":
        text = f"Listening to {plain(run.sounds[place].name)}{count} …"
    bar.progress(snapshot.share, text)
    cancel.button("Cancel", key="recognise_cancel", icon=":material/close:", on_click=run.stop, width="stretch")


def _offer_the_rest(heard: int, total: int) -> None:
    st.info(
        "Stopped before anything was heard." if not heard else f"Stopped: {heard} of {total} clips were heard.",
        icon=":material/pause_circle:",
    )
    st.button("Go on", key="recognise_go_on", icon=":material/play_arrow:", on_click=stop)
