"""Settings: their checks and their JSON."""

import json

import pytest

from ser.errors import TrainingError
from ser.training.presets import PRESETS
from ser.training.settings import TrainingSettings


def test_json_round_trip():
    for preset in PRESETS.values():
        assert TrainingSettings.from_json(json.dumps(preset.to_json())) == preset


def test_what_is_left_out_is_the_shipped_models():
    assert TrainingSettings.from_json("{}") == TrainingSettings() == PRESETS["shipped"]


@pytest.mark.parametrize(
    ("record", "says"),
    [
        ({"epochs": 0}, "epochs is 0"),
        ({"epochs": 2.5}, "whole number"),
        ({"epochs": True}, "epochs is True"),
        ({"alpha": -1}, "alpha is -1"),
        ({"alpha": float("nan")}, "alpha is nan"),
        ({"alpha": "much"}, "alpha is 'much'"),
        ({"learning_rate": 5}, "learning_rate is 5"),
        ({"batch_size": 0}, "batch_size is 0"),
        ({"validation": 0.9}, "validation is 0.9"),
        ({"members": 99}, "members is 99"),
        ({"seed": -1}, "seed is -1"),
        ({"solver": "adagrad"}, "adam, sgd, lbfgs"),
        ({"activation": "swish"}, "relu, tanh, logistic"),
        ({"schedule": "staircase"}, "constant, cosine, invscaling, adaptive"),
        ({"protocol": "bootstrap"}, "protocol is 'bootstrap'"),
        ({"feature_set": "opensmile"}, "no feature set"),
        ({"groups": ["formants"]}, "groups has 'formants'"),
        ({"groups": "pitch"}, "a list is needed"),
        ({"emotions": ["happy"]}, "at least two"),
        ({"emotions": ["happy", ""]}, "emotions has ''"),
        ({"emotions": ["happy", 7]}, "emotions has 7"),
        ({"emotions": ["happy", "x" * 41]}, "1 to 40 characters"),
        ({"momentum": 1.0}, "momentum is 1.0"),
        ({"beta_1": 1}, "beta_1 is 1"),
        ({"epsilon": 0}, "epsilon is 0"),
        ({"tolerance": -1e-4}, "tolerance is"),
        ({"nesterov": "yes"}, "true or false"),
        ({"learning_rate_changes": [[0, 0.1]]}, "learning_rate_changes has"),
        ({"learning_rate_changes": [[3, 5.0]]}, "learning_rate_changes has"),
        ({"learning_rate_changes": [3]}, "pairs"),
        ({"hidden_layers": []}, "hidden_layers"),
        ({"hidden_layers": [0]}, "hidden_layers"),
        ({"hidden_layers": [16, 16, 16, 16, 16]}, "1 to 4 layers"),
        ({"test_actors": ["one"]}, "test_actors"),
        ({"scale": 1}, "true or false"),
        ({"dropout": 0.5}, "no setting 'dropout'"),
        ([1, 2], "an object"),
        ("{", "not JSON"),
    ],
)
def test_what_does_not_fit_gets_a_sentence(record, says):
    with pytest.raises(TrainingError, match=says):
        TrainingSettings.from_json(record)


def test_emotions_come_in_label_order():
    assert TrainingSettings(emotions=("sad", "calm", "neutral")).emotions == ("neutral", "calm", "sad")


def test_own_labels_come_after_the_known_in_their_order():
    assert TrainingSettings(emotions=("tired", "sad", "bored", "calm")).emotions == (
        "calm",
        "sad",
        "tired",
        "bored",
    )


def test_changes_of_the_learning_rate_are_sorted_and_survive_json():
    settings = TrainingSettings(learning_rate_changes=[[9, 0.01], [3, 0.1]])
    assert settings.learning_rate_changes == ((3, 0.1), (9, 0.01))
    assert TrainingSettings.from_json(json.dumps(settings.to_json())) == settings
