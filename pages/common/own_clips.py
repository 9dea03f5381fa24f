"""The clips that a visitor had answered on Recognise, for other pages, and a clip on its way to Recognise."""

from dataclasses import dataclass, field

import numpy as np
import streamlit as st

from pages.common import session
from pages.common.navigation import go_to

RECOGNISE = "pages/recognise/page.py"
_MOST = 10


@dataclass(frozen=True)
class AnsweredClip:
    """A clip and its features.

    Attributes:
        name: the file's name, or "recording".
        data: the file's bytes.
        feature_set: name of the set that was extracted.
        vector: the features of the clip, shape (n_features,).
    """

    name: str
    data: bytes = field(repr=False)
    feature_set: str
    vector: np.ndarray = field(repr=False)


@dataclass
class OwnClips:
    """What the server remembers.

    Attributes:
        answered: the last clips that were answered, by SHA-256, the newest last.
        to_recognise: name and bytes of a clip that the visitor wants to see on Recognise.
    """

    answered: dict[str, AnsweredClip] = field(default_factory=dict)
    to_recognise: tuple[str, bytes] | None = None

    def held(self) -> tuple:
        """What counts as this visitor's memory."""
        return self.answered, self.to_recognise


def current() -> OwnClips:
    """Return what is remembered of this visitor."""
    return session.remembered(OwnClips)


def remember(sha: str, clip: AnsweredClip) -> None:
    """Keep a clip that was answered; the oldest make room."""
    known = current().answered
    if sha in known and known[sha].feature_set == clip.feature_set:
        return
    known.pop(sha, None)
    known[sha] = clip
    while len(known) > _MOST:
        del known[next(iter(known))]


def open_in_recognise(name: str, data: bytes, *, key: str) -> None:
    """Show a button that opens a clip on Recognise, where it is answered."""
    if st.button("Open in Recognise", icon=":material/mic:", key=key):
        current().to_recognise = name, data
        go_to(RECOGNISE)


def take() -> tuple[str, bytes] | None:
    """Return name and bytes of the clip that another page sent, once."""
    sent, current().to_recognise = current().to_recognise, None
    return sent
