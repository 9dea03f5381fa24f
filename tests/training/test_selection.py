"""How much each feature counts while learning."""

from dataclasses import replace

import numpy as np
import pytest

from ser.features.sets import feature_set
from ser.steps import finish
from ser.training.selection import group_weights
from ser.training.settings import TrainingSettings
from ser.training.trainer import train
from tests.helpers.quick import PLAIN


def test_voice_counts_more_and_correlations_less():
    names = feature_set("standard").names
    weights = dict(zip(names, group_weights(TrainingSettings(emphasis=2.0)), strict=True))
    plain = weights["mfcc3.mean"]
    assert weights["f0.mean"] == weights["hnr.mean"] == pytest.approx(2 * plain)
    assert weights["coupling_cross.cpp~mfcc1"] == weights["mfcc0~mfcc1.lag8"] == pytest.approx(plain / 2)
    assert np.mean(np.square(list(weights.values()))) == pytest.approx(1.0)


@pytest.mark.parametrize("changed", [{"emphasis": 1.0}, {"scale": False}, {"feature_set": "notebook"}])
def test_none_where_there_is_nothing_to_emphasise(changed):
    assert (group_weights(replace(TrainingSettings(), **changed)) == 1).all()


def test_the_model_takes_features_as_they_are(part):
    """What learnt from emphasised inputs answers, given plain ones, as a network that was handed them weighted."""
    settings = replace(PLAIN, feature_set="standard", epochs=4, limit=0.0, emphasis=1.5)
    features = part.matrix("standard")
    model = finish(train(settings, features, part.labels, part.actors))
    weighted = model.inputs(features) * group_weights(settings)
    other = replace(settings, scale=False)
    reference = finish(train(other, weighted, part.labels, part.actors))
    assert np.allclose(model.ensemble_probabilities(features), reference.ensemble_probabilities(weighted), atol=1e-5)
