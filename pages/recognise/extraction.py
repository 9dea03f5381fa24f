"""The extraction of features from clips: short clips at once, longer ones with a progress bar and a Cancel button."""

import streamlit as st

from pages.common.progress import Progress, follow
from pages.recognise import state
from pages.recognise.state import ExtractionJob, InputClip
from ser.errors import AudioError
from ser.inference.batch import BatchReport, ClipFile, extract_batch
from ser.inference.clip_features import ClipFeatures, FeatureDemand
from ser.jobs import Job, JobSnapshot
from ser.lanes import ANSWERS
from ser.model.emotion_model import EmotionModel
from ser.text import percent, plain
from ser.workers import in_worker

# Short clips are done within this time, so that no bar flashes up.
SECONDS_BEFORE_BAR = 1.5


def extract_all(clips: tuple[InputClip, ...], model: EmotionModel) -> list[ClipFeatures | AudioError | None] | None:
    """Return the features of every clip, extracted only once.

    Returns:
        For each clip its features, or the error that says why it cannot be used, or None if the visitor stopped before
        it. None instead of the list while the extraction is under way and the page shows its progress.

    Raises:
        SerError: the extraction failed.
    """
    features = [recall(clip, model) for clip in clips]
    if None not in features:
        return features
    extraction_job = _extraction(
        clips, model, tuple(clip for clip, known in zip(clips, features, strict=True) if known is None)
    )
    snapshot = extraction_job.job.snapshot()
    if not snapshot.over:
        follow(extraction_job.job, _progress, key="recognise_cancel", cancel="Cancel")
        return None
    if snapshot.state == "failed":
        state.current().extraction_job = None  # the next click tries again
        raise snapshot.error_type(snapshot.error)
    for clip, clip_features in zip(extraction_job.missing, snapshot.result or (), strict=False):
        remember(clip, model, clip_features)
    features = [recall(clip, model) for clip in clips]
    if None in features:
        st.button("Go on", key="recognise_go_on", icon=":material/play_arrow:", on_click=stop)
    return features


def recall(clip: InputClip, model: EmotionModel) -> ClipFeatures | AudioError | None:
    """Return the features of a clip that this model, or another with the same features, needed before; else None."""
    return state.recall(_feature_key(model), clip, None)


def remember(
    clip: InputClip, model: EmotionModel, clip_features: ClipFeatures | AudioError
) -> ClipFeatures | AudioError:
    """Keep features for every model that needs the same ones, and return them."""
    return state.remember(_feature_key(model), clip, None, clip_features)


def _feature_key(model: EmotionModel) -> str:
    return f"features {model.feature_set}, views {model.views}"


def _extraction(clips: tuple[InputClip, ...], model: EmotionModel, missing: tuple[InputClip, ...]) -> ExtractionJob:
    """Return the extraction of these clips; start it, and stop any other, if it is not under way."""
    visitor = state.current()
    if (
        visitor.extraction_job is None
        or visitor.extraction_job.feature_key != _feature_key(model)
        or visitor.extraction_job.clips != clips
    ):
        stop()
        files = [ClipFile(clip.name, clip.data) for clip in missing]
        job = Job(
            in_worker(extract_batch, files, FeatureDemand.from_model(model)), lane=ANSWERS, owner=id(visitor)
        ).start()
        visitor.extraction_job = ExtractionJob(clips, missing, _feature_key(model), job)
        visitor.extraction_job.job.join(SECONDS_BEFORE_BAR)
    return visitor.extraction_job


def stop() -> None:
    """Stop the extraction under way, if any, and forget it."""
    visitor = state.current()
    if visitor.extraction_job is not None:
        visitor.extraction_job.job.stop()
        visitor.extraction_job = None


def _progress(snapshot: JobSnapshot) -> Progress:
    report: BatchReport | None = snapshot.report
    if report is None:
        return Progress(0.0, "Opening the file …")
    count = f" ({report.number} of {report.total})" if report.total > 1 else ""
    return Progress(report.share, f"Listening to {plain(report.name)}{count} … {percent(min(1.0, report.share))}")
