"""What was found in an upload of labelled clips, shown before any of it is used, with what can be changed."""

from collections.abc import Callable
from dataclasses import dataclass, field

import streamlit as st

from pages.common import texts
from ser.data.archives.archive import Archive
from ser.data.labels.labelled import LabelledSet, Word, no_labels
from ser.data.labels.sources import SOURCES, TYPED
from ser.emotions import LABELS
from ser.errors import SerError
from ser.text import count, few, plain

_MOST_WORDS = 24


@dataclass(frozen=True)
class PendingUpload:
    """Labelled clips that were uploaded and not yet used.

    Attributes:
        archive: the files.
        number: counts the uploads of a session, so that each has widgets of its own.
        find: (label, source, meanings) → what the labels are then.
        label: typed beside the uploader; "" if none was.
        name: of the clips' use, for widgets: "train" or "explore".
    """

    archive: Archive
    number: int
    find: Callable[[str, str | None, dict[str, str]], LabelledSet]
    label: str
    name: str
    _known: dict = field(default_factory=dict, repr=False, compare=False)

    def found(self, label: str, source: str | None, meanings: dict[str, str]) -> LabelledSet:
        """What the labels are by these choices; worked out once, for a rerun must not wait for it.

        Raises:
            SerError: there is nothing that can be used.
        """
        choice = label, source, tuple(sorted(meanings.items()))
        if choice not in self._known:
            self._known[choice] = self.find(label, source, meanings)
        return self._known[choice]

    def key(self, widget: str) -> str:
        """Name of a widget of this upload."""
        return f"{self.name}_upload_{widget}_{self.number}"


def preview(upload: PendingUpload) -> LabelledSet | None:
    """Show what was found, and let the source of the labels, the words and a missing label be changed.

    Returns:
        The set with the visitor's choices; None if no clip has a label yet.
    """
    top = st.container()
    try:
        first = upload.found(upload.label, None, {})
        label, source = _typed(upload, first), _source(upload, first)
        found = upload.found(label, source, {})
        if found.words and source != TYPED:
            found = upload.found(label, source, _meanings(upload, found.words, found.source))
    except SerError as error:
        st.info(plain(str(error)), icon=":material/info:")
        return None
    if not found.clips:
        st.info(plain(no_labels(found)), icon=":material/info:")
        return None
    with top:
        _summary(found)
    return found


def _typed(upload: PendingUpload, first: LabelledSet) -> str:
    """The label typed beside the uploader, or asked for where nothing else tells one."""
    if upload.label or first.clips:
        return upload.label
    return st.text_input(
        "Label of all these clips",
        value=first.suggested,
        key=upload.key("label"),
        max_chars=40,
        help=texts.NO_LABEL_TOLD,
    )


def _source(upload: PendingUpload, first: LabelledSet) -> str | None:
    """Which source of labels counts, where there are several."""
    if first.disagreement:
        st.warning(plain(first.disagreement), icon=":material/rule:")
    options = [first.source, *first.others]
    if upload.label and TYPED not in options and first.source:
        options.append(TYPED)  # only a choice, never taken by itself
    if len(options) < 2:
        return None
    return st.segmented_control(
        "Labels from",
        options,
        format_func=lambda kind: f"“{plain(upload.label)}”, typed" if kind == TYPED else SOURCES[kind],
        default=first.source,
        required=True,
        wrap=True,
        key=upload.key("source"),
    )


def _meanings(upload: PendingUpload, words: tuple[Word, ...], kind: str) -> dict[str, str]:
    """Which label each word stands for, where the visitor may see it otherwise."""
    open_words = [word for word in words if word.changed or not word.known]
    if not open_words:
        return {}
    chosen = {}
    with st.expander("Words and the labels they stand for", expanded=any(word.changed for word in open_words)):
        st.caption(", ".join(f"{plain(word.word)} → {plain(word.label)} ({word.count})" for word in open_words))
        columns = st.columns(2)
        for i, word in enumerate(open_words[:_MOST_WORDS]):
            options = list(dict.fromkeys((word.label, word.word.strip().lower(), *LABELS)))
            chosen[word.word] = columns[i % 2].selectbox(
                f"“{plain(word.word)}” means",
                options,
                accept_new_options=True,
                key=upload.key(f"word_{kind}_{word.word}"),
            )
    return {word.word: chosen[word.word] for word in open_words if chosen.get(word.word) not in (None, word.label)}


def _summary(found: LabelledSet) -> None:
    """How many clips of which label, by whom, and what is left out."""
    counts = {label: [clip for clip in found.clips if clip.label == label] for label in found.labels}
    speakers = sorted({clip.speaker for clip in found.clips if clip.speaker})
    st.markdown(f"**{plain(found.name)}** · **{count(len(found.clips), 'clip')}** · {texts.labels_from(found.source)}")
    st.markdown(" · ".join(f"**{plain(label)}** {len(clips):,}" for label, clips in counts.items()))
    if speakers:
        st.caption(f"{count(len(speakers), 'speaker')}: {few([plain(name) for name in speakers], 8)}")
    else:
        st.caption("No speakers are named.")
    if found.reported:
        with st.expander(f"{count(len(found.reported), 'note')} on files that are not used", icon=":material/info:"):
            st.markdown("\n".join(f"- {plain(sentence)}" for sentence in found.reported[:100]))
