"""Protocols: who is trained on and who is scored."""

import numpy as np
import pytest
from sklearn.model_selection import train_test_split

from ser.data.splits import (
    EMOBOX_FOLDS,
    PROTOCOLS,
    SPEAKER_INDEPENDENT,
    hold_out,
    scored_on,
    speaker_independent,
    split,
)
from ser.errors import TrainingError
from tests.helpers import shipped


@pytest.fixture(scope="module")
def clips():
    table = shipped.table()
    return table.labels, table.actors


@pytest.mark.parametrize("protocol", SPEAKER_INDEPENDENT)
def test_no_actor_is_on_both_sides(protocol, clips):
    labels, actors = clips
    for fold in split(protocol, labels, actors):
        assert not set(actors[fold.train]) & set(actors[fold.test]), fold.name


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_every_clip_is_on_one_side(protocol, clips):
    labels, actors = clips
    for fold in split(protocol, labels, actors):
        assert sorted([*fold.train, *fold.test]) == list(range(labels.size))


@pytest.mark.parametrize(("protocol", "folds"), [("emobox", 6), ("loso", 24)])
def test_cross_validation_scores_every_clip_once(protocol, folds, clips):
    labels, actors = clips
    found = split(protocol, labels, actors)
    assert len(found) == folds
    assert sorted(np.concatenate([fold.test for fold in found])) == list(range(labels.size))


def test_emobox_folds_are_the_published_ones(clips):
    """Fold by fold and in the published order: another partition is another benchmark."""
    published = [{1, 11, 20, 21}, {4, 10, 12, 14}, {8, 9, 19, 23}, {3, 5, 7, 24}, {2, 15, 16, 18}, {6, 13, 17, 22}]
    labels, actors = clips
    assert [set(group) for group in EMOBOX_FOLDS] == published
    assert [set(actors[fold.test]) for fold in split("emobox", labels, actors)] == published


def test_a_random_split_is_the_notebooks_and_not_drawn_within_each_emotion(clips):
    labels, actors = clips
    train, test = train_test_split(np.arange(labels.size), test_size=0.2, random_state=9)
    (fold,) = split("random", labels, actors, seed=9)
    assert np.array_equal(fold.test, np.sort(test)) and np.array_equal(fold.train, np.sort(train))
    shares = [(labels[fold.test] == label).sum() / (labels == label).sum() for label in np.unique(labels)]
    assert max(shares) - min(shares) > 0.02


@pytest.mark.parametrize(
    ("protocol", "actors", "expected"),
    [
        *((protocol, [1, 4, 9], protocol) for protocol in SPEAKER_INDEPENDENT),
        ("random", [1, 4, 9], "emobox"),
        ("clips", [1, 4, 9], "emobox"),
        ("random", [1, 101], "emobox"),  # a voice of the visitor's own beside RAVDESS
        ("random", [101, 102], "loso"),
        ("clips", [101, 102, 103], "loso"),
        ("random", [1, 11], "loso"),  # of one EmoBox group: nobody would be left to train on
        ("random", [7], None),
        ("clips", [101], None),
    ],
)
def test_a_leaking_protocol_is_replaced_by_one_that_these_actors_allow(protocol, actors, expected):
    labels, actors = np.tile(["calm", "sad"], len(actors)), np.repeat(actors, 2)
    found = speaker_independent(protocol, actors)
    assert found == expected
    if found not in (None, "heldout"):
        assert all(not set(actors[f.train]) & set(actors[f.test]) for f in split(found, labels, actors))


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_card_claims_held_out_actors_only_where_there_were_some(protocol):
    assert ("actor" in scored_on(protocol).split(";")[1]) == (protocol in SPEAKER_INDEPENDENT)
    assert scored_on("heldout", (3, 7)) == "held-out actors: 3, 7, whom this model never heard"


def test_random_split_leaks_voices_and_repeats_with_its_seed(clips):
    labels, actors = clips
    one, again, other = (split("random", labels, actors, seed=seed)[0] for seed in (9, 9, 10))
    assert set(actors[one.test]) <= set(actors[one.train])
    assert np.array_equal(one.test, again.test)
    assert not np.array_equal(one.test, other.test)
    assert one.test.size == 288


@pytest.mark.parametrize("share", [0.1, 0.2, 0.5])
def test_validation_takes_whole_actors(share, clips):
    labels, actors = clips
    fit, watch = hold_out("heldout", labels, actors, share)
    assert not set(actors[fit]) & set(actors[watch])
    assert len(set(actors[watch])) == round(share * 24)
    assert sorted([*fit, *watch]) == list(range(labels.size))


def test_no_validation_holds_out_nothing(clips):
    fit, watch = hold_out("heldout", *clips, 0.0)
    assert fit.size == clips[0].size and watch.size == 0


@pytest.mark.parametrize(
    ("protocol", "test_actors", "says"),
    [("heldout", tuple(range(1, 25)), "train on"), ("heldout", (99,), "score"), ("bootstrap", (1,), "no protocol")],
)
def test_splits_that_leave_nothing_are_refused(protocol, test_actors, says, clips):
    with pytest.raises(TrainingError, match=says):
        split(protocol, *clips, test_actors=test_actors)


def test_one_actor_cannot_be_validated_on():
    with pytest.raises(TrainingError, match="one actor"):
        hold_out("heldout", np.array(["sad", "calm"]), np.array([3, 3]), 0.2)


def test_folds_of_clips_score_every_clip_once_with_every_emotion_on_both_sides():
    labels = np.repeat(["tired", "awake", "sad"], 5)
    folds = split("clips", labels, np.ones(15, int))
    assert len(folds) == 5
    assert np.array_equal(np.sort(np.concatenate([fold.test for fold in folds])), np.arange(15))
    for fold in folds:
        assert sorted(labels[fold.test]) == ["awake", "sad", "tired"] and set(labels[fold.train]) == set(labels)


def test_folds_of_clips_are_as_many_as_the_rarest_emotion_has_clips():
    assert len(split("clips", np.array(["a"] * 9 + ["b"] * 2), np.ones(11, int))) == 2
    with pytest.raises(TrainingError, match="a single clip"):
        split("clips", np.array(["a"] * 9 + ["b"]), np.ones(10, int))
