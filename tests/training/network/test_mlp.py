"""The network in training: its learning rate and its outputs. `test_perceptron` holds it against scikit-learn."""

import numpy as np
import pytest

from ser.training.network.mlp import mlp_in_training
from ser.training.settings import TrainingSettings

RNG = np.random.default_rng(0)
X = RNG.normal(size=(300, 12)).astype(np.float32)


@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_the_learning_rate_is_set_before_and_after_the_first_epoch(solver):
    settings = TrainingSettings(solver=solver, schedule="constant", hidden_layers=(4,), emotions=("calm", "sad"))
    mlp, y = mlp_in_training(settings, 0), np.arange(300) % 2
    for rate in (0.02, 0.03):
        mlp.set_learning_rate(rate)
        mlp.advance(X, y, None)
        assert mlp.learning_rate == rate


def test_two_emotions_have_two_outputs():
    mlp = mlp_in_training(TrainingSettings(hidden_layers=(4,), emotions=("calm", "sad")), 0)
    mlp.advance(X, np.arange(300) % 2, None)
    assert mlp.network().logits(X).shape == (300, 2)
