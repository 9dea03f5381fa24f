"""A visitor's own set of clips: upload, feature extraction, and a report on files that cannot be used."""

from collections.abc import Sequence

import streamlit as st

from pages.common import texts as common_texts
from pages.common.label_preview import PendingUpload, preview
from pages.common.progress import Progress, follow
from pages.common.server.counters import sentence_of
from pages.common.session import no_room
from pages.explore import state, texts
from pages.explore.state import UploadedSet
from ser.audio.formats import NAMES
from ser.data.archives.opening import open_upload
from ser.data.extraction import ExtractReport
from ser.data.labels.labelled import LabelledSet, find_labels
from ser.data.own_set import measure_set, to_own_set
from ser.errors import SerError
from ser.jobs import Job, JobSnapshot
from ser.lanes import BATCHES
from ser.limits import VISITOR
from ser.text import count, plain


def bring() -> UploadedSet | None:
    """Show the upload or its progress, and return the set once its features are extracted; before that, None."""
    own = state.current().upload
    if own is None:
        _invite()
        if (pending := state.current().pending) is not None:
            _ask(pending)
        return None
    now = own.job.snapshot()
    if not now.over:
        follow(own.job, _progress, key="explore_own_stop")
        return None
    if now.result is not None:
        _report(own)
        return own
    st.info(sentence_of(now.error_type(now.error)) if now.error else texts.MEASURING_STOPPED, icon=":material/info:")
    st.button("Choose other clips", on_click=_forget, key="explore_own_again", type="primary")
    return None


def _invite() -> None:
    st.markdown(texts.UPLOAD)
    way = st.segmented_control(
        "What to upload", ["Zip or files", "Folder"], default="Zip or files", required=True, key="explore_own_way"
    )
    folder = way == "Folder"
    st.file_uploader(
        "Your clips",
        accept_multiple_files="directory" if folder else True,
        key=f"explore_own_{'folder' if folder else 'files'}",
        max_upload_size=VISITOR.upload_bytes >> 20,
        on_change=_take,
        args=(f"explore_own_{'folder' if folder else 'files'}",),
        help=texts.upload_help(NAMES, VISITOR.measured_clips, VISITOR.upload_bytes >> 20),
    )
    for sentence in state.current().refused:
        st.info(sentence, icon=":material/info:")
    st.caption(texts.UPLOAD_PRIVACY)


def _take(key: str) -> None:
    """Open an upload; features are extracted once the visitor has seen its labels."""
    files, visitor = st.session_state[key] or [], state.current()
    visitor.refused, visitor.pending = (), None
    if not files:
        return
    if sentence := no_room(sum(file.size for file in files)):
        visitor.refused = (sentence,)
        return
    try:
        archive = open_upload([(file.name, file.getvalue()) for file in files])
    except SerError as error:
        visitor.refused = (sentence_of(error),)
        return

    def find(label: str, source: str | None, meanings: dict[str, str]) -> LabelledSet:
        return find_labels(archive, source=source, label=label, meanings=meanings, most=VISITOR.measured_clips)

    visitor.n_uploads += 1
    visitor.pending = PendingUpload(archive, visitor.n_uploads, find, "", "explore")


def _ask(upload: PendingUpload) -> None:
    """Show the labels of an upload, and a button that starts the extraction."""
    with st.container(border=True):
        found = preview(upload)
        if found is not None:
            st.button(
                f"Explore {count(len(found.clips), 'clip')}",
                type="primary",
                icon=":material/query_stats:",
                key="explore_own_start",
                on_click=_start,
                args=(found,),
            )


def _start(found: LabelledSet) -> None:
    own = to_own_set(found)
    state.current().pending = None
    state.current().upload = UploadedSet(own, Job(measure_set(own), lane=BATCHES, owner=id(state.current())).start())


def _forget() -> None:
    own = state.current().upload
    if own is not None:
        own.job.stop()
    state.current().upload = None


def _progress(snapshot: JobSnapshot) -> Progress:
    report: ExtractReport | None = snapshot.report
    if report is None:
        return Progress(0.0, "Measuring …")
    return Progress(report.done / report.total, f"Measuring {report.done} of {report.total} clips")


def _report(own: UploadedSet) -> None:
    """Show the set's name and labels, and the files that cannot be used."""
    refused: Sequence[str] = (*own.set.left_out, *own.job.snapshot().result.refused)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f"**{plain(own.set.path)}** · {common_texts.labels_from(own.set.labels.source)}", width="content")
        st.button("Other clips", on_click=_forget, key="explore_own_forget", icon=":material/swap_horiz:")
    if refused:
        title = f"{count(len(refused), 'note')} on files that are not used"
        with st.expander(title, icon=":material/info:", key="explore_own_refused_list"):
            st.markdown("\n".join(f"- {plain(sentence)}" for sentence in refused[:200]))
