"""A visitor's own labelled clips: recording and upload, advice on them, and the choice to learn from them."""

import streamlit as st

from pages.common import resources
from pages.common.charts import chart
from pages.common.inputs import choose, download
from pages.common.label_preview import PendingUpload, preview
from pages.common.player import player
from pages.common.progress import Progress, follow, wait_for
from pages.common.server.counters import sentence_of
from pages.common.session import no_room
from pages.train import state, texts
from pages.train.settings.form import fill
from ser.audio.decoding.decoder import decode
from ser.audio.formats import SUFFIXES
from ser.audio.playback import RATE
from ser.data.archives.opening import open_upload
from ser.data.labels.labelled import LabelledSet
from ser.data.labels.sources import SAVED, TYPED
from ser.data.table import FeatureTable, joined
from ser.emotions import LABELS
from ser.errors import AudioError, SerError
from ser.features.spectrograms import Spectrogram, mel_spectrogram
from ser.figures.clip import mel_figure
from ser.jobs import Job, JobSnapshot
from ser.lanes import BATCHES
from ser.limits import VISITOR
from ser.steps import Steps
from ser.text import count, plain
from ser.training.own_clips import (
    ExtractedClips,
    OwnClips,
    OwnRecording,
    conclusions,
    extract_clips,
    extract_files,
    find_clips,
)
from ser.training.presets import PRESETS

# The uploader checks names only; `ser.audio.decoding` finds out what a file really holds.
KINDS = [*sorted(SUFFIXES), ".zip", ".csv", ".tsv"]
_MOST_ADVICE = 3
# Chosen clips whose spectrogram is shown; nobody looks at more.
_MOST_PICTURES = 6
# Spectrograms that are kept for each visitor.
_KEPT_PICTURES = 12
SOURCES = {"published": "Data sets", "own": "My clips", "both": "Both"}


def pick() -> str:
    """Ask which clips to learn from, if the visitor has own clips; return a key of `SOURCES`."""
    own = state.current().own_clips
    if not own:
        return "published"
    source = choose("Learn from", SOURCES, key="train_source", on_change=_few_clips_need_other_settings)
    if source != "published":
        st.caption(" ".join(conclusions(own)[:2]))
    return source


def clips_of(source: str, corpora: tuple[str, ...]) -> FeatureTable:
    """Return the clips of a source, a key of `SOURCES`; `corpora` are the chosen data sets."""
    if source == "published":
        return resources.tables(corpora)
    own = state.current().own_clips.table()
    return own if source == "own" else joined([resources.tables(corpora), own])


def _few_clips_need_other_settings() -> None:
    if st.session_state["train_source"] == "own":
        st.session_state["train_preset"] = "few"
        fill(PRESETS["few"])


def own_data() -> None:
    """Show the visitor's clips and the ways to add to them."""
    visitor = state.current()
    st.markdown(texts.OWN_CLIPS)
    if visitor.pending:
        # Above both columns, because on a phone these stand one below the other.
        _ask(visitor.pending[0])
    left, right = st.columns([2, 3], gap="large")
    with left:
        _add()
    with right:
        if visitor.extraction_jobs:
            _follow_extraction()
        elif not visitor.own_clips and not visitor.pending:
            st.info(texts.NO_CLIPS, icon=":material/library_music:")
        for sentence in visitor.refused:
            st.warning(plain(sentence), icon=":material/block:")
        if visitor.own_clips:
            _list(visitor.own_clips)


def _add() -> None:
    own = state.current().own_clips
    known = list(dict.fromkeys((*own.labels, *LABELS)))
    label = st.selectbox(
        "Label",
        known,
        index=None,
        accept_new_options=True,
        placeholder="Choose, or type one of your own",
        key="train_own_label",
        persist_state="session",
    )
    speaker = st.text_input(
        "Speaker (optional)",
        key="train_own_speaker",
        max_chars=40,
        persist_state="session",
        help=texts.SPEAKER_HELP,
    )
    st.audio_input(
        "Record a clip of this label",
        sample_rate=48_000,
        key="train_own_recording",
        on_change=_recorded,
        args=(speaker,),
        disabled=not label,
        help=None if label else "Choose a label first.",
    )
    folder = choose("What to upload", ["Files or a zip", "Folder"], key="train_own_way") == "Folder"
    st.file_uploader(
        texts.FOLDER_LABEL if folder else texts.FILES_LABEL,
        type=KINDS,
        accept_multiple_files="directory" if folder else True,
        max_upload_size=VISITOR.upload_bytes >> 20,
        key=_uploader(),
        on_change=_uploaded,
        args=(speaker,),
    )
    if not label:
        st.caption(texts.NO_LABEL)


def _recorded(speaker: str) -> None:
    recording = st.session_state["train_own_recording"]
    if recording is not None:
        label = st.session_state["train_own_label"]
        number = sum(clip.label == label for clip in state.current().own_clips.clips) + 1
        if not _has_room(recording.size):
            return
        _start(extract_files([(f"{label} {number}", recording.getvalue())], label, speaker))


def _has_room(n_more: int) -> bool:
    """Whether the visitor can hold so many bytes more; if not, a sentence on the page says why."""
    sentence = no_room(n_more)
    if sentence:
        state.current().refused = (sentence,)
    return sentence is None


def _uploaded(speaker: str) -> None:
    files = [(file.name, file.getvalue()) for file in st.session_state[_uploader()]]
    if files:
        state.current().n_uploads += 1
        _take(files, speaker)


def _uploader() -> str:
    """Return the key of the uploader; each upload gets a fresh one, because its clips are then listed elsewhere."""
    way = "folder" if st.session_state.get("train_own_way") == "Folder" else "files"
    return f"train_own_{way}_{state.current().n_uploads}"


def _take(files: list[tuple[str, bytes]], speaker: str) -> None:
    """Add clips whose labels are certain at once; show the labels of others first."""
    label = st.session_state["train_own_label"] or ""
    visitor = state.current()
    if not visitor.extraction_jobs:
        visitor.refused = ()
    if not _has_room(sum(len(data) for _, data in files)):
        return
    try:
        archive = open_upload(files)
        labelled = find_clips(archive, label, speaker)
    except SerError as error:
        visitor.refused = (*visitor.refused, sentence_of(error))
        return

    def find(typed: str, source: str | None, meanings: dict[str, str]) -> LabelledSet:
        return find_clips(archive, typed, speaker, source=source, meanings=meanings)

    # All clips have the typed label, and none came in a zip, which may have labels of its own.
    plainly_typed = labelled.source == TYPED and set(archive.names) <= {name for name, _ in files}
    if labelled.source == SAVED or plainly_typed:
        _start(extract_clips(labelled))
    else:
        visitor.pending.append(PendingUpload(archive, visitor.n_uploads, find, label, "train"))


def _ask(upload: PendingUpload) -> None:
    """Show the labels of an upload, and buttons that add it or leave it out."""
    with st.container(border=True):
        labelled = preview(upload)
        with st.container(horizontal=True):
            n_clips = len(labelled.clips) if labelled else 0
            st.button(
                f"Add {count(n_clips, 'clip')}" if n_clips else "Add clips",
                type="primary",
                icon=":material/add:",
                key="train_upload_add",
                disabled=not n_clips,
                on_click=_add_upload,
                args=(labelled,),
            )
            st.button("Leave out", icon=":material/close:", key="train_upload_leave", on_click=_forget_upload)


def _add_upload(labelled: LabelledSet) -> None:
    _forget_upload()
    _start(extract_clips(labelled))


def _forget_upload() -> None:
    state.current().pending.pop(0)


def _start(steps: Steps[ExtractedClips, ExtractedClips]) -> None:
    # More uploads may come in while features of the last are still extracted.
    visitor = state.current()
    if not visitor.extraction_jobs:
        visitor.refused = ()
    visitor.extraction_jobs.append(Job(steps, lane=BATCHES, owner=id(visitor)).start())


def _follow_extraction() -> None:
    visitor = state.current()
    job = visitor.extraction_jobs[0]
    job.join(1.0)
    snapshot = job.snapshot()
    if not snapshot.over:
        follow(job, _progress, key="train_reading_stop")
        return
    visitor.extraction_jobs.pop(0)
    extracted = snapshot.result
    errors = [snapshot.error_type(snapshot.error)] if snapshot.error else map(AudioError, extracted.refused)
    refused = [*visitor.refused, *map(sentence_of, errors)]
    if extracted is not None:
        before = len(visitor.own_clips)
        try:
            visitor.own_clips = visitor.own_clips.adding(extracted.clips)
        except SerError as error:
            refused.append(sentence_of(error))
        if len(visitor.own_clips) < before + len(extracted.clips):
            refused.append(texts.NOT_ADDED_AGAIN)
    visitor.refused = tuple(refused)
    st.rerun()


def _progress(snapshot: JobSnapshot) -> Progress:
    report: ExtractedClips | None = snapshot.report
    if report is None:
        return Progress(0.0, "Measuring your clips …")
    return Progress(report.done / report.total, f"Measuring clip {report.done} of {report.total} …")


def _list(own: OwnClips) -> None:
    counts = {label: sum(clip.label == label for clip in own.clips) for label in own.labels}
    st.markdown(" · ".join(f"**{plain(label)}** {count}" for label, count in counts.items()))
    for sentence in conclusions(own):
        st.caption(sentence)
    st.dataframe(
        {
            "clip": [clip.name for clip in own.clips],
            "label": [clip.label for clip in own.clips],
            "speaker": [clip.speaker for clip in own.clips],
            "length (s)": [clip.measured["seconds"] for clip in own.clips],
            "advice": [" ".join(clip.advice) or "good" for clip in own.clips],
        },
        column_config={"length (s)": st.column_config.NumberColumn(format="%.1f")},
        hide_index=True,
        key="train_own_table",
    )
    # The full advice, because a column of the table is too narrow for it.
    advised = [clip for clip in own.clips if clip.advice]
    for clip in advised[:_MOST_ADVICE]:
        st.caption(f":material/warning: {plain(clip.name)}: {plain(' '.join(clip.advice))}")
    if len(advised) > _MOST_ADVICE:
        st.caption(texts.more_advice(len(advised) - _MOST_ADVICE))
    _play_or_remove(own, can_train=len(counts) > 1)


def _play_or_remove(own: OwnClips, *, can_train: bool) -> None:
    """Show players and spectrograms of chosen clips, and the buttons that remove, save and use clips."""
    chosen = st.multiselect(
        "Clips to hear, see or remove",
        [clip.name for clip in own.clips],
        key="train_own_chosen",
        placeholder="Choose clips",
    )
    for number, clip in enumerate(clip for clip in own.clips if clip.name in chosen):
        st.caption(f"{plain(clip.name)}: {plain(clip.label)}")
        player(clip.data, name=clip.name, alt=f"The clip {clip.name}")
        if number < _MOST_PICTURES:
            _spectrogram(clip)
    if chosen:
        st.caption(texts.PICTURE)
    if len(chosen) > _MOST_PICTURES:
        st.caption(texts.first_pictures(_MOST_PICTURES))
    with st.container(horizontal=True):
        st.button(
            "Remove",
            icon=":material/delete:",
            key="train_own_remove",
            disabled=not chosen,
            on_click=_remove,
            args=(chosen,),
        )
        download("Save", own.to_zip, "my-clips.zip", "application/zip", key="train_own_save", help=texts.SAVE_HELP)
        st.button(
            "Train on these",
            icon=":material/model_training:",
            type="primary",
            key="train_own_train",
            disabled=not can_train,
            on_click=_train_on_these,
        )


def _spectrogram(clip: OwnRecording) -> None:
    """Show the mel spectrogram of a clip; one that cannot be decoded again has no picture."""
    try:
        picture = _picture(clip.data, clip.name)
    except SerError as error:
        st.caption(f":material/hide_image: {plain(sentence_of(error))}")
        return
    chart(
        mel_figure(picture, height=220),
        key=f"train_own_mel_{clip.name}",
        alt=f"Mel spectrogram of the clip {clip.name}",
    )


@st.cache_data(show_spinner=False, max_entries=_KEPT_PICTURES, scope="session")
def _picture(data: bytes, name: str) -> Spectrogram:
    return mel_spectrogram(wait_for(decode, data, rate=RATE, name=name))


def _remove(names: list[str]) -> None:
    state.current().own_clips = state.current().own_clips.without(names)


def _train_on_these() -> None:
    st.session_state["train_view"] = "Train"
    st.session_state["train_source"] = "own"
    _few_clips_need_other_settings()
