"""The entries of published data sets."""

import pytest

from ser.data.data_sets import (
    DATA_SETS,
    NEMO,
    RAVDESS,
    SHIPPED_CORPORA,
    corpora_of,
    credits,
    data_set,
    own_actor,
    recognised,
)
from ser.emotions import LABELS
from ser.errors import DatasetError
from ser.training.own_clips import FIRST_SPEAKER


@pytest.mark.parametrize("each", DATA_SETS.values(), ids=DATA_SETS)
def test_an_entry_is_complete_and_its_own_example_follows_its_rule(each):
    assert all((each.title, each.authors, each.language, each.licence, each.citation, each.url))
    example = each.naming.example.split(" or ")[0]
    named = each.read_name(example)
    assert named.speaker in each.speakers and named.label in each.emotions
    assert recognised([example]) is each
    assert each.title in each.attribution and each.licence in each.attribution


def test_no_two_speakers_share_a_number():
    numbers = [actor for each in DATA_SETS.values() for actor in each.actors]
    assert len(set(numbers)) == len(numbers)
    assert own_actor(0) == FIRST_SPEAKER
    own = [own_actor(index) for index in range(20_000)]
    assert len(set(own)) == 20_000 and not set(own) & set(numbers)


def test_speakers_and_numbers_are_each_others_inverse():
    assert [NEMO.actor(speaker) for speaker in sorted(NEMO.speakers)] == list(range(201, 210))
    assert NEMO.speaker(209) == "WR0" and RAVDESS.speaker(7) == "07"
    with pytest.raises(DatasetError, match="no speaker 'XY0'"):
        NEMO.actor("XY0")
    with pytest.raises(DatasetError, match="201 to 209"):
        NEMO.speaker(1)


def test_emotions_are_in_our_order():
    assert NEMO.emotions == ("neutral", "happy", "sad", "angry", "fearful", "surprised")
    assert RAVDESS.emotions == LABELS
    assert DATA_SETS["emodb"].emotions[-1] == "bored"


def test_the_speakers_sex_comes_with_the_name():
    assert NEMO.read_name("samples/WR0_surprised_64.wav").sex == "male"
    assert NEMO.read_name("KD0_fear_2 (1).wav").sex == "female"


def test_an_unknown_data_set_is_one_sentence():
    with pytest.raises(DatasetError, match="no data set 'nope'; choose one of ravdess"):
        data_set("nope")


def test_what_may_not_be_shipped_is_said():
    assert [key for key, each in DATA_SETS.items() if not each.may_ship] == ["emodb", "savee", "tess"]
    assert all(DATA_SETS[key].may_ship for key in SHIPPED_CORPORA)


def test_what_is_computed_from_two_sets_credits_both():
    found = credits(corpora_of((3, 205)))
    assert found["attribution"] == f"{RAVDESS.attribution} {NEMO.attribution}"
    assert found["licence"] == "CC BY-NC-SA 4.0" and "Christop" in found["citation"]
    assert corpora_of((101, 102)) == ()
    assert credits(("own",)) == {"attribution": "", "citation": "", "licence": ""}
