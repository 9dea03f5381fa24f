"""Clips on their way to what a model hears in them: at once if they are short, else watched and stoppable."""

import streamlit as st

from pages.common.progress import Progress, follow
from pages.recognise import state
from pages.recognise.state import ExtractionJob, InputClip
from ser.errors import AudioError, SerError
from ser.inference.batch import PLACES, BatchReport, ClipFile, extract_batch
from ser.inference.clip_features import ClipFeatures
from ser.jobs import Job, JobSnapshot
from ser.model.emotion_model import EmotionModel
from ser.text import percent, plain

# A short clip is heard within this, and nobody needs to see a bar flash by.
_SECONDS_BEFORE_BAR = 1.5


def extract_all(clips: tuple[InputClip, ...], model: EmotionModel) -> list[ClipFeatures | AudioError | None] | None:
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
    extraction_job = _hearing(
        clips, model, tuple(clip for clip, known in zip(clips, found, strict=True) if known is None)
    )
    snapshot = extraction_job.job.snapshot()
    if not snapshot.over:
        follow(extraction_job.job, _progress, key="recognise_cancel", cancel="Cancel")
        return None
    if snapshot.state == "failed":
        state.current().extraction_job = None  # so that the next click tries again
        raise SerError(snapshot.error)
    for clip, clip_features in zip(extraction_job.missing, snapshot.result or (), strict=False):
        remember(clip, model, clip_features)
    found = [recall(clip, model) for clip in clips]
    if None in found:
        st.button("Go on", key="recognise_go_on", icon=":material/play_arrow:", on_click=stop)
    return found


def recall(clip: InputClip, model: EmotionModel) -> ClipFeatures | AudioError | None:
    """Return what was heard of a clip by this model, or by another that listens to the same; None if nothing was."""
    return state.recall(_feature_key(model), clip, None)


def remember(
    clip: InputClip, model: EmotionModel, clip_features: ClipFeatures | AudioError
) -> ClipFeatures | AudioError:
    """Keep what was heard for every model that listens to the same, and return it."""
    return state.remember(_feature_key(model), clip, None, clip_features)


def _feature_key(model: EmotionModel) -> str:
    return f"heard in {model.feature_set}, views {model.views}"


def _hearing(clips: tuple[InputClip, ...], model: EmotionModel, missing: tuple[InputClip, ...]) -> ExtractionJob:
    """The work on these clips, begun if it is not under way; whatever else was under way is stopped."""
    visitor = state.current()
    if (
        visitor.extraction_job is None
        or visitor.extraction_job.feature_key != _feature_key(model)
        or visitor.extraction_job.clips != clips
    ):
        stop()
        steps = extract_batch([ClipFile(clip.name, clip.data) for clip in missing], model, visitor.decoder)
        visitor.extraction_job = ExtractionJob(clips, missing, _feature_key(model), Job(steps, places=PLACES).start())
        visitor.extraction_job.job.join(_SECONDS_BEFORE_BAR)
    return visitor.extraction_job


def stop() -> None:
    """Stop what is being heard, if anything, and forget about it."""
    visitor = state.current()
    if visitor.extraction_job is not None:
        visitor.extraction_job.job.stop()
        visitor.extraction_job = None


def _progress(snapshot: JobSnapshot) -> Progress:
    report: BatchReport | None = snapshot.report
    if report is None:
        return Progress(0.0, "Opening the file …")
    count = f" ({report.place} of {report.total})" if report.total > 1 else ""
    return Progress(report.share, f"Listening to {plain(report.name)}{count} … {percent(min(1.0, report.share))}")
