"""The ways to an answer and its parts: they are measured with the right clip, and do what their lines say."""

import numpy as np
import pytest

from ser.audio.augmentation import VIEWS
from ser.benchmark.answering import ways_to_answer, ways_to_features
from ser.benchmark.clips import synthetic_voice
from ser.benchmark.lines import lines_of
from tests.helpers import shipped

FILES = [synthetic_voice(1)]


@pytest.fixture(scope="module")
def results() -> dict:
    ways = ways_to_answer(FILES, shipped.model()) | ways_to_features(FILES)
    return {key: run(0) for key, run in ways.items() if not key.startswith("opensmile")}


def test_every_way_has_a_line(results):
    assert set(results) <= {line.key for line in lines_of(tuple(VIEWS))}


def test_parts_belong_to_the_answer(results):
    assert results["networks"].probabilities == results["answer"].probabilities
    parts = [results[key] for key in ("features_as_recorded", "features_view_1", "features_view_2")]
    parts[0] = parts[0][0]
    np.testing.assert_allclose(results["features"], np.stack(parts), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(results["standard"], parts[0], rtol=1e-5, atol=1e-5)
    assert results["quality"] == tuple(w for w in results["answer"].warnings if w.code != "unlike")


def test_the_notebooks_two_ways_agree(results):
    np.testing.assert_allclose(results["notebook"], results["notebook_librosa"], rtol=1e-4, atol=1e-4)
