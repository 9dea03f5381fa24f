"""A model's card as JSON and back."""

import json

import pytest

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
