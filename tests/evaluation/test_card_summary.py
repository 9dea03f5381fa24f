"""What a card says about trusting answers."""

import pytest

from ser.evaluation.card_summary import calibrated, emotion_score
from ser.evaluation.human_baseline import BY_EMOTION
from ser.model.card import ModelCard
from ser.model.store import ModelStore
from ser.training.presets import PRESETS


def score(**changes):
    score = {
        "protocol": "emobox",
        "labels": ["neutral", "calm", "sad"],
        "uar": 0.7,
        "uar_interval": [0.6, 0.8],
        "ece": 0.03,
        "n_clips": 30,
        "confusion": [[6, 4, 0], [2, 6, 2], [0, 1, 9]],
    }
    record = {"scores": [{**score, "protocol": "random", "uar": 0.99}, score | changes], "feature_set": "standard"}
    return ModelCard.from_json(record).held_out_score


def test_the_first_score_from_unseen_voices_counts():
    assert score().uar == 0.7
    assert score(protocol="random") is None
    assert ModelCard((), "standard").held_out_score is None


def test_neutral_and_calm_are_counted_as_listeners_count_them():
    calm = emotion_score(score(), "calm")
    assert calm.names == ("neutral", "calm")
    assert calm.recall == pytest.approx(18 / 20)
    assert calm.human_recall == BY_EMOTION["calm"]
    # But "it says calm" is about calm alone.
    assert calm.precision == pytest.approx(6 / 11)
    assert calm.n_clips == 20


def test_an_emotion_that_was_never_answered_or_is_unknown():
    never = score(confusion=[[10, 0, 0], [5, 5, 0], [5, 5, 0]])
    assert emotion_score(never, "sad").recall == 0.0
    assert emotion_score(never, "sad").precision is None
    assert emotion_score(never, "bored") is None
    assert emotion_score(score(confusion=[]), "sad") is None


def test_a_confidence_that_is_off_is_not_calibrated():
    assert calibrated(score())
    assert not calibrated(score(ece=0.2))


def test_the_shipped_card_has_a_score_for_every_emotion():
    shipped = ModelStore().card("default")
    assert calibrated(shipped.held_out_score)
    for label in shipped.labels:
        emotion = emotion_score(shipped.held_out_score, label)
        assert 0 < emotion.recall < 1
        assert emotion.human_recall == BY_EMOTION[label]


def test_the_notebooks_model_ships_beside_it_with_its_honest_score():
    """The preset of Train but for how it is judged: on unseen actors instead of a split that flatters."""
    card = ModelStore().card("notebook")
    assert {**card.settings, "protocol": "random"} == PRESETS["notebook"].to_json()
    score = card.held_out_score
    assert score.labels == ("calm", "happy", "fearful", "disgust")
    assert score.uar < 0.6
    assert not calibrated(score)
