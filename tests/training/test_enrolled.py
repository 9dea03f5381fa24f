"""Networks for speakers whose neutral voice is known."""

from dataclasses import replace

import numpy as np
from ser.training.enrolled import enrolled_probabilities, train_enrolled

from ser.metrics import uar
from ser.steps import finish
from ser.training.presets import PRESETS
from ser.training.trainer import train


def test_a_known_voice_is_compared_with_itself_in_the_same_reading():
    """One number that is the voice's, an actor's own in every sitting, and a little of the emotion."""
    rng = np.random.default_rng(0)
    emotions = ("neutral", "happy", "sad")

    def session(actors: np.ndarray, labels: np.ndarray) -> np.ndarray:
        features = np.zeros((labels.size, 180), np.float32)
        voice = dict(zip(np.unique(actors), rng.normal(0, 3, np.unique(actors).size), strict=True))
        features[:, 0] = rng.normal(0, 0.1, labels.size)
        features[:, 0] += [voice[actor] + emotions.index(label) for actor, label in zip(actors, labels, strict=True)]
        return features

    actors, labels = np.repeat(np.arange(1, 41), 12), np.tile(np.repeat(emotions, 4), 40)
    readings = np.stack([session(actors, labels) for _ in range(3)])
    settings = replace(
        PRESETS["fast"], feature_set="notebook", emotions=emotions, alpha=1e-4, epochs=30, learning_rate=0.01,
        validation=0.0, enrolled_members=1,
    )  # fmt: skip
    model = finish(train(settings, readings[0], labels, actors, readings[1:]))
    model = finish(train_enrolled(settings, model, readings, labels, actors))
    new, told = np.repeat(np.arange(1, 11), 12), np.tile(np.repeat(emotions, 4), 10)
    clip_views = session(new, told)[None]
    y = np.array([model.labels.index(label) for label in told])
    known, places = enrolled_probabilities(model, clip_views, told, new, 1, seed=0)
    assert uar(y, model.ensemble_probabilities(clip_views).argmax(axis=1)) < 0.6
    assert uar(y[places], known.argmax(axis=1)) > 0.85
