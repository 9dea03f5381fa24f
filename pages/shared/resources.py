"""What all visitors share, loaded once: models, the feature table, the data set's audio where it is at hand.

Thin caches round `ser`. No cache holds anything of a visitor; `model` and `model_keys` look into the visitor's session.
"""

import logging
import threading
from pathlib import Path

import streamlit as st
from threadpoolctl import threadpool_limits

from pages.shared import session
from ser import ravdess
from ser.errors import SerError
from ser.prediction import predict
from ser.store import DEFAULT_MODELS, DEFAULT_NAME, ModelStore, StoredModel
from ser.table import FeatureTable, load_table

EXAMPLES = Path(__file__).parent / "examples"


def store() -> ModelStore:
    """Return the store of the models that all visitors share."""
    return ModelStore(DEFAULT_MODELS)


@st.cache_resource(show_spinner=False)
def _stored(name: str, sha256: str) -> StoredModel:  # `sha256` is part of the key: a model kept anew is loaded anew
    return store().load(name)


def model(key: str) -> StoredModel:
    """Return the model behind a key of `model_keys`.

    Raises:
        ModelStoreError: it is gone, damaged, or made for other features.
    """
    own = {session.own_key(name): stored for name, stored in session.visitor().models.items()}
    if key in own:
        return own[key]
    return _stored(key, store().card(key)["sha256"])


def model_keys() -> tuple[str, ...]:
    """Return the keys of all models at hand: the shipped one first, then this visitor's own, then the kept ones."""
    shared = store().names()
    first = tuple(name for name in shared if name == DEFAULT_NAME)
    own = tuple(session.own_key(name) for name in session.visitor().models)
    return first + own + tuple(name for name in shared if name != DEFAULT_NAME)


@st.cache_resource(show_spinner="Reading the feature table …")
def table() -> FeatureTable:
    """Return the shipped feature table of all 1,440 clips."""
    return load_table()


@st.cache_resource(show_spinner=False)
def dataset() -> "ravdess.Source | None":
    """Return the data set's audio, open for the life of the process, or None where it is not at hand.

    Raises:
        DatasetError: `SER_RAVDESS` names something that holds no RAVDESS clips.
    """
    place = ravdess.default_source()
    return None if place is None else ravdess.open_source(place)


@st.cache_resource(show_spinner=False)
def warm_up() -> threading.Thread:
    """Let one example clip go the whole way, once per process, so that the first visitor's clip is quick.

    It runs beside the pages: nobody waits for it.

    Compilers and lazy imports on the way take seconds the first time. The thread calls `ser` only, nothing of
    Streamlit.
    """
    # The matrices are small, and visitors are many: several threads for one product wait for each other. Features of
    # four seconds take 100 ms with two busy processors and 16 ms so.
    threadpool_limits(1, user_api="blas")

    def rehearse() -> None:
        try:
            predict(next(EXAMPLES.glob("*.ogg")), store().load(DEFAULT_NAME).model)
        except SerError as error:  # the page that needs the model will say so to the visitor
            logging.getLogger(__name__).warning("Warming up: %s", error)

    thread = threading.Thread(target=rehearse, name="warm-up", daemon=True)
    thread.start()
    return thread
