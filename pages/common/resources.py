"""What all visitors share, loaded once: models, the feature table, and the data set's audio if it is available."""

import logging
from pathlib import Path

import streamlit as st

from ser import workers
from ser.data import ravdess
from ser.data.data_sets import RAVDESS, SHIPPED_CORPORA
from ser.data.table import FeatureTable
from ser.data.table_file import load_table, load_tables
from ser.errors import DatasetError, SerError
from ser.memory import give_back
from ser.model.out_of_fold import OutOfFoldAnswers
from ser.model.store import DEFAULT_NAME, ModelStore

EXAMPLES = Path(__file__).parent / "examples"

_log = logging.getLogger(__name__)


def store() -> ModelStore:
    """Return the store of the models that all visitors share."""
    return ModelStore()


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
    table = load_table()
    workers.share(table, load_table)
    give_back()
    return table


def tables(corpora: tuple[str, ...]) -> FeatureTable:
    """Return the shipped feature tables of some data sets as one table."""
    return table() if corpora == (RAVDESS.key,) else _joined_tables(corpora)


@st.cache_resource(show_spinner=False)
def _joined_tables(corpora: tuple[str, ...]) -> FeatureTable:
    table = load_tables(corpora)
    if corpora == SHIPPED_CORPORA:
        workers.share(table, load_tables)
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
    """Return the file of a clip of the data set; None if it is missing or cannot be read."""
    source = dataset()
    if source is None:
        return None
    try:
        return source.read(name)
    except DatasetError as error:  # the error names a path of the server
        _log.warning("The clip %s cannot be played: %s", name, error)
        return None
