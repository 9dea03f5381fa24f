"""Does once in the server what an answer needs, so that no visitor waits for imports and models."""

import importlib
import logging
import pkgutil
from concurrent.futures import ThreadPoolExecutor

from threadpoolctl import threadpool_limits

import pages
from pages.common import models, resources
from pages.common.server import memory
from pages.common.server.timers import pass_over_early_timers
from ser.data.table import FeatureTable
from ser.errors import SerError
from ser.figures.clip import probability_figure
from ser.figures.explanation import effects_figure
from ser.figures.timeline import emotions_figure, voice_figure
from ser.inference.clip_features import ClipFeatures, FeatureDemand
from ser.inference.explanation import explain
from ser.inference.prediction import answer
from ser.inference.rehearsal import extract_all
from ser.inference.timeline import TimelineFeatures, timeline
from ser.memory import keep_little
from ser.model.emotion_model import EmotionModel
from ser.model.store import DEFAULT_NAME
from ser.steps import finish
from ser.workers import in_worker

# Scripts that Streamlit runs to show a page.
_LEFT_OUT = (".page", "._explore", "._train")

_log = logging.getLogger(__name__)


def rehearse() -> None:
    """Import, load and prepare what visitors need, and answer an example."""
    # Opening the audio now logs any problem with it at the start.
    resources.dataset()
    # With many visitors, several threads for one small matrix product wait for each other. With two busy processors,
    # the features of four seconds take 100 ms with several threads and 16 ms with one.
    threadpool_limits(1, user_api="blas")
    keep_little()
    pass_over_early_timers()
    memory.keep_sounds_for_a_while()
    with ThreadPoolExecutor(2) as beside:
        # The table is read, and a worker extracts the example, while this thread imports.
        table, extracted = beside.submit(resources.table), beside.submit(_extract_an_example)
        for module in pkgutil.walk_packages(pages.__path__, "pages."):
            if not module.name.endswith(_LEFT_OUT):
                importlib.import_module(module.name)
        try:
            _answer_an_example(table.result(), *extracted.result())
        except SerError as error:  # the page that needs the model shows the error
            _log.warning("Warming up: %s", error)
    memory.set_aside()


def _extract_an_example() -> tuple[EmotionModel, ClipFeatures, TimelineFeatures]:
    """Extract what Recognise extracts of a clip, in a worker."""
    model = models.shared(DEFAULT_NAME).model
    clip, demand = next(resources.EXAMPLES.glob("*.ogg")).read_bytes(), FeatureDemand.from_model(model)
    return model, *finish(in_worker(extract_all, clip, demand))


def _answer_an_example(
    table: FeatureTable, model: EmotionModel, features: ClipFeatures, of_timeline: TimelineFeatures
) -> None:
    """Do what Recognise does with the features of a clip."""
    prediction = answer(features, model)
    over_time = timeline(features, of_timeline, model)
    probability_figure(prediction.probabilities, likely=prediction.prediction_set)
    effects_figure(explain(features, model, table))
    emotions_figure(over_time)
    voice_figure(over_time)
    models.shared(models.EXAMPLES_KEY)
