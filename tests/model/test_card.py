"""A model's card as JSON and back."""

import json
from dataclasses import replace

import pytest

from ser.emotions import LABELS
from ser.errors import ModelStoreError
from ser.model.card import SCHEMA_VERSION, ModelCard, Score, TrainedOn
from tests.helpers import shipped

CARD = shipped.stored().card


def test_a_card_survives_json():
    assert ModelCard.from_json(json.loads(json.dumps(CARD.to_json()))) == CARD


def test_a_score_has_room_for_other_data_sets_and_keeps_figures_that_it_does_not_know():
    record = CARD.scores[0].to_json() | {"data_set": "nEMO", "new_figure": 1}
    score = Score.from_json(record)
    assert score.data_set == "nEMO" and score.details["new_figure"] == 1 and score.to_json() == record


SCORES = tuple(
    Score(protocol, LABELS, 0.5, (0.4, 0.6), data_set=name)
    for protocol, name in (("emobox", "RAVDESS"), ("emobox", "nEMO"), ("corpus emodb", "EMO-DB"))
)


@pytest.mark.parametrize(
    ("share", "p_value", "with_stranger", "without"),
    [
        (None, 0.02, "RAVDESS", "RAVDESS"),  # a model without specialists
        (0.9, 0.4, "RAVDESS", "RAVDESS"),
        (0.9, None, "RAVDESS", "RAVDESS"),
        (0.9, 0.05, "EMO-DB", "nEMO"),  # unusual
        (0.3, 0.9, "EMO-DB", "nEMO"),  # between the two
        (0.0, 0.3, "EMO-DB", "nEMO"),
        (0.0, 0.7, "nEMO", "nEMO"),
    ],
)
def test_a_clip_has_the_score_of_the_clips_that_it_resembles(share, p_value, with_stranger, without):
    card = ModelCard(LABELS, "standard", scores=SCORES)
    assert card.score_for(share, p_value).data_set == with_stranger
    assert replace(card, scores=SCORES[:2]).score_for(share, p_value).data_set == without
    assert replace(card, scores=SCORES[:1]).score_for(share, p_value).data_set == "RAVDESS"
    assert replace(card, scores=()).score_for(share, p_value) is None


def test_a_new_score_replaces_that_of_the_same_data_set():
    better = replace(SCORES[1], uar=0.6)
    card = ModelCard(LABELS, "standard", scores=SCORES[:2]).with_score(better)
    assert card.scores == (SCORES[0], better)
    assert card.with_score(SCORES[2]).scores == (SCORES[0], better, SCORES[2])
    assert card.with_score(SCORES[0]).scores == card.scores  # each keeps its place


def test_the_shipped_card_has_reliability_and_sets_for_every_data_set():
    assert [score.data_set for score in CARD.scores] == ["RAVDESS", "nEMO", "EMO-DB"]
    for score in CARD.scores:
        assert sum(each["clips"] for each in score.details["reliability"]) == score.n_clips
        assert 0.8 < score.details["conformal"]["coverage"] <= 1
        assert {"1", "3", "10"} == set(score.details["unlabelled_uar_by_clips"])
    strangers = CARD.scores[-1]
    assert "no test" in strangers.scored_on and strangers.ece < 0.08
    assert set(strangers.details["of_four"]["labels"]) == {"angry", "happy", "neutral", "sad"}


def test_left_out_clips_are_named_only_where_there_are_some():
    assert "left_out" not in TrainedOn((1,), 60).to_json()
    assert TrainedOn.from_json(TrainedOn((1,), 59, ("a",)).to_json()) == TrainedOn((1,), 59, ("a",))


@pytest.mark.parametrize(
    ("record", "sentence"),
    [
        ([], "no JSON object"),
        (CARD.to_json() | {"schema_version": SCHEMA_VERSION + 1}, "newer version"),
        (CARD.to_json() | {"scores": [{"protocol": "loso"}]}, "lacks parts"),
        ({"labels": ["sad"]}, "lacks parts"),
    ],
)
def test_what_is_no_card_is_refused(record, sentence):
    with pytest.raises(ModelStoreError, match=sentence):
        ModelCard.from_json(record)
