"""From bytes to a clip's features: windows, views, and windows without speech."""

import pickle

import numpy as np
import pytest

from ser.inference.clip_features import FeatureDemand, extract_whole
from tests.helpers import shipped
from tests.helpers.sounds import file, voice


@pytest.fixture(scope="module")
def model():
    return shipped.model()


def test_a_short_clip_is_extracted_as_a_whole_with_all_views(model):
    clip_features = extract_whole(file(voice(3.0), 16_000), model, name="short")
    assert clip_features.spans == ((0.0, 3.0),) and clip_features.file == "short"
    assert clip_features.vectors.shape[:2] == (1, 1 + len(model.views))


def test_a_demand_gives_the_features_that_its_model_gives_and_both_can_be_sent_to_a_process(model):
    demand = pickle.loads(pickle.dumps(FeatureDemand.from_model(model)))
    assert (demand.feature_set, demand.views) == (model.feature_set, model.views)
    data = file(voice(1.0), 16_000)
    clip_features = pickle.loads(pickle.dumps(extract_whole(data, demand)))
    assert np.array_equal(clip_features.vectors, extract_whole(data, model).vectors)


def test_a_long_clip_has_no_more_windows_than_that_further_apart(model, monkeypatch):
    monkeypatch.setattr("ser.inference.clip_features.MOST_WINDOWS", 4)
    spans = extract_whole(file(voice(12.0), 16_000), model).spans
    assert spans == ((0.0, 4.0), (3.0, 7.0), (6.0, 10.0), (8.0, 12.0))


def test_a_window_without_speech_is_passed_over(model):
    silent = np.concatenate([voice(6.0), np.zeros(16_000 * 10, np.float32), voice(6.0)])
    spans = extract_whole(file(silent, 16_000), model).spans
    assert all(end <= 8.0 or start >= 14.0 for start, end in spans)
    assert spans[0][0] == 0.0
    assert spans[-1][1] == pytest.approx(22.0)
