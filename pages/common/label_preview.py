"""A preview of the labels in an upload, where the visitor can correct them before the clips are used."""

from collections.abc import Callable
from dataclasses import dataclass, field

import streamlit as st

from pages.common import texts
from pages.common.server.counters import sentence_of
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
        find: (label, source, meanings) → the labels by these choices.
        label: typed beside the uploader; "" if none was.
        name: "train" or "explore", for the keys of widgets.
    """

    archive: Archive
    number: int
    find: Callable[[str, str | None, dict[str, str]], LabelledSet]
    label: str
    name: str
    _known: dict = field(default_factory=dict, repr=False, compare=False)

    def labelled(self, label: str, source: str | None, meanings: dict[str, str]) -> LabelledSet:
        """Return the labels by these choices, computed only once; a SerError says why nothing can be used."""
        choice = label, source, tuple(sorted(meanings.items()))
        if choice not in self._known:
            self._known[choice] = self.find(label, source, meanings)
        return self._known[choice]

    def key(self, widget: str) -> str:
        """Return the key of a widget of this upload."""
        return f"{self.name}_upload_{widget}_{self.number}"


def preview(upload: PendingUpload) -> LabelledSet | None:
    """Show the labels, let the visitor change them, and return the set; None if no clip has a label yet."""
    top = st.container()
    try:
        first = upload.labelled(upload.label, None, {})
        label, source = _typed(upload, first), _source(upload, first)
        labelled = upload.labelled(label, source, {})
        if labelled.words and source != TYPED:
            labelled = upload.labelled(label, source, _meanings(upload, labelled.words, labelled.source))
    except SerError as error:
        st.info(plain(sentence_of(error)), icon=":material/info:")
        return None
    if not labelled.clips:
        st.info(plain(no_labels(labelled)), icon=":material/info:")
        return None
    with top:
        _summary(labelled)
    return labelled


def _typed(upload: PendingUpload, first: LabelledSet) -> str:
    """Return the label typed beside the uploader, or ask for one where no other source gives labels."""
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
    """Ask which source of labels to use, if there are several."""
    if first.disagreement:
        st.warning(plain(first.disagreement), icon=":material/rule:")
    options = [first.source, *first.others]
    if upload.label and TYPED not in options and first.source:
        options.append(TYPED)  # never chosen automatically
    if len(options) < 2:
        return None
    return st.segmented_control(
        "Labels from",
        options,
        format_func=lambda source: f"“{plain(upload.label)}”, typed" if source == TYPED else SOURCES[source],
        default=first.source,
        required=True,
        wrap=True,
        key=upload.key("source"),
    )


def _meanings(upload: PendingUpload, words: tuple[Word, ...], source: str) -> dict[str, str]:
    """Ask which label each word stands for, and return the answers that differ from the suggestions."""
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
                key=upload.key(f"word_{source}_{word.word}"),
            )
    return {word.word: chosen[word.word] for word in open_words if chosen.get(word.word) not in (None, word.label)}


def _summary(labelled: LabelledSet) -> None:
    """Show how many clips there are of each label, their speakers, and the files that are left out."""
    counts = {label: [clip for clip in labelled.clips if clip.label == label] for label in labelled.labels}
    speakers = sorted({clip.speaker for clip in labelled.clips if clip.speaker})
    n_clips = count(len(labelled.clips), "clip")
    st.markdown(f"**{plain(labelled.name)}** · **{n_clips}** · {texts.labels_from(labelled.source)}")
    st.markdown(" · ".join(f"**{plain(label)}** {len(clips):,}" for label, clips in counts.items()))
    if speakers:
        st.caption(f"{count(len(speakers), 'speaker')}: {few([plain(name) for name in speakers], 8)}")
    else:
        st.caption("No speakers are named.")
    if labelled.reported:
        with st.expander(f"{count(len(labelled.reported), 'note')} on files that are not used", icon=":material/info:"):
            st.markdown("\n".join(f"- {plain(sentence)}" for sentence in labelled.reported[:100]))
