"""What all visitors share, loaded once: models, the feature table, and the data set's audio if it is available."""

import logging
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from ser import workers
from ser.config import EXAMPLES_MODEL
from ser.data import ravdess
from ser.data.data_sets import RAVDESS, SHIPPED_CORPORA
from ser.data.shipped_tables import all_clips, ravdess_clips
from ser.data.table import FeatureTable
from ser.data.table_file import load_tables
from ser.errors import DatasetError, SerError
from ser.memory import give_back
from ser.model.card import ModelCard, Score
from ser.model.out_of_fold import OutOfFoldAnswers
from ser.model.store import DEFAULT_NAME, ModelStore

EXAMPLES = Path(__file__).parent / "examples"
ACTORS = EXAMPLES / "actors"

_log = logging.getLogger(__name__)


def store() -> ModelStore:
    """Return the store of the models that all visitors share."""
    return ModelStore()


def examples_store() -> ModelStore:
    """Return the store of the model that answers the example clips of actors, which it did not learn from."""
    return ModelStore(EXAMPLES_MODEL)


def shipped_card() -> ModelCard | None:
    """Return the card of the shipped model; None if there is none."""
    try:
        return store().card(DEFAULT_NAME)
    except SerError:
        return None


def score_to_beat() -> Score | None:
    """Return the score of the shipped model on held-out speakers; None if there is none."""
    card = shipped_card()
    return card and card.held_out_score


def out_of_fold() -> OutOfFoldAnswers | None:
    """Return the out-of-fold answers that came with the shipped model; None if they cannot be used."""
    try:
        kept = store().card(DEFAULT_NAME).out_of_fold
        return kept and _out_of_fold(kept.sha256)
    except SerError as error:
        _log.warning("%s", error)
        return None


@st.cache_resource(show_spinner=False)
def _out_of_fold(sha256: str) -> OutOfFoldAnswers | None:  # `sha256` is part of the key: a file kept anew is read anew
    return store().out_of_fold(DEFAULT_NAME)


@st.cache_resource(show_spinner=False)
def table() -> FeatureTable:
    """Return the shipped feature table of all 1,440 clips of RAVDESS."""
    return _shared(ravdess_clips)


def tables(corpora: tuple[str, ...]) -> FeatureTable:
    """Return the shipped feature tables of some data sets as one table."""
    return table() if corpora == (RAVDESS.key,) else _tables(corpora)


@st.cache_resource(show_spinner=False)
def _tables(corpora: tuple[str, ...]) -> FeatureTable:
    return _shared(all_clips) if corpora == SHIPPED_CORPORA else load_tables(corpora)


def _shared(load: Callable[[], FeatureTable]) -> FeatureTable:
    """A table that workers have too."""
    table = load()
    workers.share(table, load)
    give_back()
    return table


@st.cache_resource(show_spinner=False)
def dataset() -> "ravdess.Source | None":
    """Return the data set's audio, open for the life of the process; None if it is not available.

    If `SER_RAVDESS` names something without RAVDESS clips, the log says so.
    """
    path = ravdess.default_source()
    if path is None:
        return None
    try:
        return ravdess.open_source(path)
    except DatasetError as error:
        _log.warning("The pages play no recordings of RAVDESS: %s", error)
        return None


def recording(name: str) -> bytes | None:
    """Return the file of a clip of the data set; None if it is missing or cannot be read.

    Without the data set, the few clips that come with the app are there.
    """
    source = dataset()
    if source is None:
        shipped = ACTORS / f"{name}.ogg"
        return shipped.read_bytes() if shipped.is_file() else None
    try:
        return source.read(name)
    except DatasetError as error:  # the error names a path of the server
        _log.warning("The clip %s cannot be played: %s", name, error)
        return None
