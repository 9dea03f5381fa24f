"""What a card says about trusting answers."""

import pytest

from ser.evaluation.card_summary import track_record
from ser.evaluation.human_baseline import BY_EMOTION
from ser.model.store import ModelStore
from ser.training.trainer import PRESETS


def card(**changes):
    score = {
        "protocol": "emobox",
        "labels": ["neutral", "calm", "sad"],
        "uar": 0.7,
        "uar_interval": [0.6, 0.8],
        "ece": 0.03,
        "n_clips": 30,
        "confusion": [[6, 4, 0], [2, 6, 2], [0, 1, 9]],
    }
    return {"scores": [{**score, "protocol": "random", "uar": 0.99}, score | changes]}


def test_the_first_score_from_unseen_voices_counts():
    assert track_record(card()).uar == 0.7
    assert track_record(card(protocol="random")) is None
    assert track_record({}) is None


def test_neutral_and_calm_are_counted_as_listeners_count_them():
    calm = track_record(card()).of("calm")
    assert calm.names == ("neutral", "calm")
    assert calm.found == pytest.approx(18 / 20)
    assert calm.listeners == BY_EMOTION["calm"]
    # But "it says calm" is about calm alone.
    assert calm.right == pytest.approx(6 / 11)
    assert calm.n_clips == 20


def test_an_emotion_that_was_never_answered_or_is_unknown():
    record = track_record(card(confusion=[[10, 0, 0], [5, 5, 0], [5, 5, 0]]))
    assert record.of("sad").found == 0.0
    assert record.of("sad").right is None
    assert record.of("bored") is None
    assert track_record(card(confusion=[])).of("sad") is None


def test_a_confidence_that_is_off_is_not_calibrated():
    assert track_record(card()).calibrated
    assert not track_record(card(ece=0.2)).calibrated


def test_the_shipped_card_has_a_record_for_every_emotion():
    shipped = ModelStore().card("default")
    record = track_record(shipped)
    assert record.calibrated
    for label in shipped["labels"]:
        assert 0 < record.of(label).found < 1
        assert record.of(label).listeners == BY_EMOTION[label]


def test_the_notebooks_model_ships_beside_it_with_its_honest_record():
    """The preset of Train but for how it is judged: on unseen actors instead of a split that flatters."""
    card = ModelStore().card("notebook")
    assert {**card["settings"], "protocol": "random"} == PRESETS["notebook"].to_json()
    record = track_record(card)
    assert record.labels == ("calm", "happy", "fearful", "disgust")
    assert record.uar < 0.6
    assert not record.calibrated
