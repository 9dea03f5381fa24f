"""A visitor's own set of clips on Explore: brought, measured, explored, and forgotten with the session."""

from collections.abc import Sequence

import streamlit as st

from pages.shared import session
from pages.shared.belongings import Brought
from pages.shared.words import plain
from ser.errors import SerError
from ser.job import Job
from ser.own_set import measure_set, open_set

_LABELLED = {
    "CSV": "The labels come from the CSV among the files.",
    "class folders": "The labels are the names of the folders that the clips lie in.",
}


def bring() -> Brought | None:
    """Let the visitor bring a set and watch it being measured.

    Returns:
        The set once it is measured; None before.
    """
    own = session.visitor().explored
    if own is None:
        _invite()
        return None
    now = own.job.snapshot()
    if not now.over:
        _watch(own)
        return None
    if now.result is not None:
        _report(own)
        return own
    st.info(now.error or "The measuring was stopped before it was finished.", icon=":material/info:")
    st.button("Choose other clips", on_click=_forget, key="explore_own_again", type="primary")
    return None


def _invite() -> None:
    st.markdown(
        "Bring a **zip** or a **folder** of clips and see them in the same charts. Labels are read from a CSV among "
        "them (columns `path`, `label` and, if you like, `speaker`), from file names (RAVDESS, EMO-DB, SAVEE, TESS, "
        "CREMA-D), or from folders: `happy/one.wav`, or `happy/anna/one.wav` with speakers."
    )
    way = st.segmented_control(
        "What to bring", ["Zip or files", "Folder"], default="Zip or files", required=True, key="explore_own_way"
    )
    folder = way == "Folder"
    st.file_uploader(
        "Your clips",
        accept_multiple_files="directory" if folder else True,
        key=f"explore_own_{'folder' if folder else 'files'}",
        on_change=_take,
        args=(f"explore_own_{'folder' if folder else 'files'}",),
        help="WAV, FLAC, OGG, MP3, AIFF, M4A and more; at most 1,500 clips and 200 MB.",
    )
    for sentence in st.session_state.get("explore_own_refused", ()):
        st.info(sentence, icon=":material/info:")
    st.caption("They stay in this session: nobody else sees them, and closing the tab forgets them.")


def _take(key: str) -> None:
    """Open what was brought and begin to measure it."""
    files = st.session_state[key] or []
    st.session_state["explore_own_refused"] = ()
    if not files:
        return
    try:
        own = open_set([(file.name, file.getvalue()) for file in files])
    except SerError as error:
        st.session_state["explore_own_refused"] = (str(error),)
        return
    session.visitor().explored = Brought(own, Job(measure_set(own)).start())


def _forget() -> None:
    own = session.visitor().explored
    if own is not None:
        own.job.stop()
    session.visitor().explored = None


def _watch(own: Brought) -> None:
    @st.fragment(run_every=0.5)
    def bar() -> None:
        now = own.job.snapshot()
        if now.over:
            st.rerun()
        done, total = (now.report.done, now.report.total) if now.report else (0, len(own.set.clips))
        left = now.seconds / done * (total - done) if done > 3 else None
        told = f", about {left:.0f} s left" if left is not None else ""
        waits = " when other work is done" if now.position else ""
        st.progress(done / total, f"Measuring {done} of {total} clips{waits}{told}")
        st.button("Stop", on_click=own.job.stop, key="explore_own_stop", icon=":material/stop_circle:")

    bar()


def _report(own: Brought) -> None:
    """What the set is, and what of it cannot be used."""
    refused: Sequence[str] = (*own.set.left_out, *own.job.snapshot().result.refused)
    kind = own.set.labelled_by
    told = _LABELLED.get(kind, f"The labels come from the files’ names, by the rule of {kind}.")
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f"**{plain(own.set.path)}** · {told}", width="content")
        st.button("Other clips", on_click=_forget, key="explore_own_forget", icon=":material/swap_horiz:")
    if refused:
        notes = f"{len(refused)} note{'s'[: len(refused) > 1]}"
        with st.expander(f"{notes} on files that are not used", icon=":material/info:", key="explore_own_refused_list"):
            st.markdown("\n".join(f"- {plain(sentence)}" for sentence in refused[:200]))
