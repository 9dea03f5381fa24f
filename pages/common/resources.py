"""What all visitors share, loaded once: models, the feature table, the data set's audio where it is at hand.

Thin caches round `ser`. Nothing here belongs to one visitor.
"""

import logging
import threading
from pathlib import Path

import streamlit as st
from threadpoolctl import threadpool_limits

from pages.common import memory
from ser.data import ravdess
from ser.data.table import FeatureTable
from ser.data.table_file import load_table
from ser.errors import DatasetError, SerError
from ser.inference.prediction import predict
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


@st.cache_resource(show_spinner="Reading the feature table …")
def table() -> FeatureTable:
    """Return the shipped feature table of all 1,440 clips."""
    return load_table()


@st.cache_resource(show_spinner=False)
def dataset() -> "ravdess.Source | None":
    """Return the data set's audio, open for the life of the process, or None where it is not at hand.

    Where `SER_RAVDESS` names something that holds no RAVDESS clips, the log says so and visitors get no audio.
    """
    place = ravdess.default_source()
    if place is None:
        return None
    try:
        return ravdess.open_source(place)
    except DatasetError as error:
        _log.warning("The pages play no recordings of RAVDESS: %s", error)
        return None


def recording(name: str) -> bytes | None:
    """Return the file of a clip of the data set, or None where it is missing or cannot be read."""
    source = dataset()
    if source is None:
        return None
    try:
        return source.read(name)
    except DatasetError as error:  # its sentence names a path of the server
        _log.warning("The clip %s cannot be played: %s", name, error)
        return None


@st.cache_resource(show_spinner=False)
def warm_up() -> threading.Thread:
    """Do once per process what no visitor should wait for: let one example clip go the whole way, and see to memory.

    Compilers and lazy imports on the way take seconds the first time. The thread works beside the pages, and calls
    nothing of Streamlit; afterwards it goes on to collect garbage.
    """
    # Opened now, so that the log tells at the start what is wrong with the audio.
    dataset()
    # The matrices are small, and visitors are many: several threads for one product wait for each other. Features of
    # four seconds take 100 ms with two busy processors and 16 ms so.
    threadpool_limits(1, user_api="blas")

    def rehearse() -> None:
        try:
            predict(next(EXAMPLES.glob("*.ogg")), store().load(DEFAULT_NAME).model)
        except SerError as error:  # the page that needs the model will say so to the visitor
            _log.warning("Warming up: %s", error)
        memory.set_aside()
        memory.collect_regularly(threading.Event())

    thread = threading.Thread(target=rehearse, name="warm-up", daemon=True)
    thread.start()
    return thread
