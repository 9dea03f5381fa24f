"""What the server remembers of a visitor of Explore: the visitor's own set of clips, and what is chosen on the page."""

from dataclasses import dataclass, field

import streamlit as st

from pages.common import session
from pages.common.label_preview import PendingUpload
from ser.data.own_set import OwnSet
from ser.data.table import FeatureTable
from ser.jobs import Job


@dataclass
class UploadedSet:
    """A visitor's own set of clips.

    Attributes:
        set: the clips as they came.
        job: extracts their features.
    """

    set: OwnSet
    job: Job

    @property
    def key(self) -> str:
        """Short name of the set's content, for caches and widgets."""
        return self.set.key[:12]

    @property
    def table(self) -> FeatureTable | None:
        """The clips with their features; None before they are computed."""
        measured = self.job.snapshot().result
        return measured and measured.table

    def read(self, name: str) -> bytes:
        """A clip's file."""
        return self.set.read(name)


@dataclass
class EmptiedFilter:
    """A filter that a button emptied.

    Attributes:
        dropped: the values that it had.
        seen: whether the page has run since.
    """

    dropped: list
    seen: bool = False


@dataclass
class ExploreState:
    """What the server remembers.

    Attributes:
        upload: the set of clips on the page, or being measured; None before there is one.
        pending: an upload whose labels the visitor has not accepted yet.
        n_uploads: how many uploads there were.
        refused: why the last upload could not be opened, as sentences.
        clip: name of the clip chosen in the table of clips.
        group_a: names of the clips that the visitor set aside on the map.
        emptied: filters that a button emptied, by the key of their widget.
        labels: the last label of each button that options lie behind, by its key; see `steady_label`.
    """

    upload: UploadedSet | None = None
    pending: PendingUpload | None = None
    n_uploads: int = 0
    refused: tuple[str, ...] = ()
    clip: str | None = None
    group_a: tuple[str, ...] = ()
    emptied: dict[str, EmptiedFilter] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)

    def held(self) -> tuple:
        """What counts as this visitor's memory."""
        own = self.upload
        return self.pending, own and (own.set, own.job.snapshot().result)

    def __del__(self) -> None:
        """Stop the extraction of features, because the visitor has left."""
        if self.upload is not None:
            self.upload.job.stop()


def current() -> ExploreState:
    """Return what is remembered of this visitor."""
    return session.remembered(ExploreState)


def steady_label(key: str, label: str) -> str:
    """Return the label of a popover, which stays as it is while the popover is open.

    A popover with another label is a new one for Streamlit, so it would close as soon as something in it is chosen.
    """
    labels = current().labels
    if not st.session_state.get(key) or key not in labels:
        labels[key] = label
    return labels[key]
