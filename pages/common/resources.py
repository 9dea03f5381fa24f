"""What all visitors share, loaded once: models, the feature table, and the data set's audio if it is available."""

import logging
import threading
from pathlib import Path

import streamlit as st
from threadpoolctl import threadpool_limits

from pages.common import memory
from pages.common.timers import pass_over_early_timers
from ser import config, workers
from ser.data import ravdess
from ser.data.table import FeatureTable
from ser.data.table_file import load_table
from ser.errors import DatasetError, SerError
from ser.inference.clip_features import FeatureDemand, extract_whole
from ser.inference.prediction import answer
from ser.inference.rehearsal import rehearse
from ser.memory import give_back, keep_little
from ser.model.out_of_fold import OutOfFoldAnswers
from ser.model.store import DEFAULT_NAME, ModelStore
from ser.steps import finish
from ser.workers import in_worker

EXAMPLES = Path(__file__).parent / "examples"

# What workers need to begin at once with an extraction or a training.
_MODULES_OF_WORKERS = (
    "ser.inference.batch",
    "ser.data.extraction",
    "ser.training.own_clips",
    "ser.sklearn_private",
    "scipy.optimize",
    "sklearn.isotonic",
    "sklearn.metrics",
    "ser.evaluation.diagnostics",
)

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
    table = load_table()
    workers.share(table, load_table)
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


@st.cache_resource(show_spinner=False)
def warm_up() -> threading.Thread:
    """Predict one example in the background, once a process, and then collect garbage regularly.

    The first prediction takes seconds, because code is compiled and imported; no visitor should wait for that. The
    thread calls nothing of Streamlit.
    """
    # Opening the audio now logs any problem with it at the start.
    dataset()
    # With many visitors, several threads for one small matrix product wait for each other. With two busy processors,
    # the features of four seconds take 100 ms with several threads and 16 ms with one.
    threadpool_limits(1, user_api="blas")
    keep_little()
    pass_over_early_timers()
    if config.work_in_processes():
        workers.start(load_table, rehearse, modules=_MODULES_OF_WORKERS)

    def answer_once() -> None:
        try:
            model = store().load(DEFAULT_NAME).model
            answer(
                finish(in_worker(extract_whole, next(EXAMPLES.glob("*.ogg")), FeatureDemand.from_model(model))), model
            )
        except SerError as error:  # the page that needs the model shows the error
            _log.warning("Warming up: %s", error)
        memory.set_aside()
        memory.collect_regularly(threading.Event())

    thread = threading.Thread(target=answer_once, name="warm-up", daemon=True)
    thread.start()
    return thread
