"""The extraction of features from clips: short clips at once, longer ones with a progress bar and a Cancel button."""

import streamlit as st

from pages.common.progress import Progress, follow
from pages.recognise import state
from pages.recognise.state import ExtractionJob, InputClip
from ser.errors import AudioError
from ser.inference.batch import BatchReport, ClipFile, extract_batch
from ser.inference.clip_features import ClipFeatures, FeatureDemand
from ser.inference.shown import ShownClip, extract_shown
from ser.jobs import Job, JobSnapshot
from ser.lanes import ANSWERS
from ser.model.emotion_model import EmotionModel
from ser.steps import Steps
from ser.text import percent, plain
from ser.workers import in_worker

# Short clips are done within this time, so that no bar flashes up.
SECONDS_BEFORE_BAR = 1.5
# An answer comes only after a look, so there are more of them than where work goes on for minutes.
_SECONDS_BETWEEN_LOOKS = 0.3


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
        follow(extraction_job.job, _progress, key="recognise_cancel", cancel="Cancel", every=_SECONDS_BETWEEN_LOOKS)
        return None
    if snapshot.state == "failed":
        state.current().extraction_job = None  # the next click tries again
        raise snapshot.error_type(snapshot.error)
    for clip, extracted in zip(extraction_job.missing, snapshot.result or (), strict=False):
        _keep(clip, model, extracted)
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


def _keep(clip: InputClip, model: EmotionModel, extracted: ShownClip | ClipFeatures | AudioError) -> None:
    """Keep what was extracted of a clip for this page and its reruns."""
    if isinstance(extracted, ShownClip):
        state.keep_sound(clip, extracted.sound)
        if extracted.timeline is not None:
            state.remember(state.TIMELINE, clip, None, extracted.timeline)
        extracted = extracted.features
    remember(clip, model, extracted)


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
        job = Job(_extracting(clips, missing, model), lane=ANSWERS, owner=id(visitor)).start()
        visitor.extraction_job = ExtractionJob(clips, missing, _feature_key(model), job)
        visitor.extraction_job.job.join(SECONDS_BEFORE_BAR)
    return visitor.extraction_job


def _extracting(
    clips: tuple[InputClip, ...], missing: tuple[InputClip, ...], model: EmotionModel
) -> Steps[BatchReport, tuple[ShownClip | ClipFeatures | AudioError, ...]]:
    """Extract features; of a single clip, also what is shown beside its answer."""
    files, demand = [ClipFile(clip.name, clip.data) for clip in missing], FeatureDemand.from_model(model)
    if len(clips) > 1:
        return (yield from in_worker(extract_batch, files, demand))
    found = yield from in_worker(extract_shown, files[0], demand)
    return () if found is None else (found,)


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
