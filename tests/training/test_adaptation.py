"""What a model learns of emotions, so that it can tell a voice from them."""

from dataclasses import replace

import numpy as np
import pytest

from ser.metrics import uar
from ser.model.voice_profile import estimated_shares, speaker_offset
from ser.steps import finish
from ser.training.adaptation import unlabelled_offsets, with_emotion_offsets
from ser.training.presets import PRESETS
from ser.training.settings import TrainingSettings
from ser.training.trainer import train

EMOTIONS = ("neutral", "happy", "sad")


PATTERNS = np.random.default_rng(5).normal(0, 1, (3, 20))


def voices(n_speakers: int, rng: np.random.Generator, spread: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Clips whose first twenty features are numbers of the speaker's own plus those of the emotion."""
    speakers, labels = np.repeat(np.arange(1, n_speakers + 1), 12), np.tile(np.repeat(EMOTIONS, 4), n_speakers)
    features = rng.normal(0, 0.3, (labels.size, 180)).astype(np.float32)
    own = rng.normal(0, spread, (n_speakers + 1, 20))
    features[:, :20] += own[speakers] + PATTERNS[[EMOTIONS.index(label) for label in labels]]
    return features, labels, speakers


@pytest.fixture(scope="module")
def model():
    features, labels, speakers = voices(40, np.random.default_rng(0), spread=1.5)
    settings = TrainingSettings.from_json(
        PRESETS["fast"].to_json()
        | {"feature_set": "notebook", "emotions": EMOTIONS, "alpha": 0.01, "epochs": 30, "learning_rate": 0.01}
        | {"validation": 0.0}
    )
    trained = finish(train(settings, features, labels, speakers))
    return with_emotion_offsets(trained, features[None], labels, speakers, np.full(labels.size, "one"))


def test_the_offsets_are_those_of_the_emotions(model):
    wanted = (PATTERNS - PATTERNS.mean(axis=0)) / model.scale[:20]
    np.testing.assert_allclose(model.emotion_offsets[:, :20], wanted, atol=0.1)
    assert np.abs(model.emotion_offsets[:, 20:]).max() < 0.3
    assert np.abs(model.emotion_offsets.mean(axis=0)).max() < 0.05


def test_a_single_speaker_teaches_no_adaptation(model):
    features, labels, speakers = voices(1, np.random.default_rng(1), spread=1.0)
    untaught = replace(model, emotion_offsets=None)
    corpora = np.full(labels.size, "one")
    assert not with_emotion_offsets(untaught, features[None], labels, speakers, corpora).adapts


def test_other_clips_of_a_speaker_improve_the_answers(model):
    features, labels, speakers = voices(30, np.random.default_rng(2), spread=1.5)
    offsets = unlabelled_offsets(model, features[None], speakers, count=6, seed=0)
    alone = np.array(EMOTIONS)[model.probabilities(features[None]).argmax(axis=1)]
    adapted = np.array(EMOTIONS)[model.probabilities(features[None], offsets).argmax(axis=1)]
    assert uar(labels, adapted) > uar(labels, alone) + 0.05


def test_more_clips_and_more_emotions_move_further(model):
    mean = np.ones((1, 180))
    even, single = np.full(3, 1 / 3), np.array([1.0, 0.0, 0.0])

    def moved(count: int, shares: np.ndarray, known: bool = False) -> float:
        expected = mean - shares @ model.emotion_offsets
        return float((speaker_offset(model, mean, count, shares, known=known)[0, 0] / expected)[0, 5])

    # 1 / (1 + 2 / emotions + 1 / clips), and one clip is one emotion at most. A known emotion counts as two.
    assert moved(1, even) == pytest.approx(1 / 4)
    assert moved(3, even) == pytest.approx(1 / (1 + 2 / 3 + 1 / 3))
    assert moved(3, single) == pytest.approx(1 / (1 + 2 + 1 / 3))
    assert moved(1000, even) == pytest.approx(1 / (1 + 2 / 3), rel=1e-2)
    assert moved(3, single, known=True) == pytest.approx(1 / (1 + 1 + 1 / 3))


def test_the_emotions_of_clips_are_estimated(model):
    features, labels, _ = voices(1, np.random.default_rng(3), spread=0.0)
    happy = model.inputs(features[None])[:, labels == "happy"]
    shares = estimated_shares(model, happy)
    assert shares.sum() == pytest.approx(1) and shares.argmax() == EMOTIONS.index("happy") and shares.max() > 0.6
