"""Effect sizes, correlations and the map, on tables whose answers are known."""

from dataclasses import replace

import numpy as np
import pytest

from ser.errors import DatasetError
from ser.exploration.effect_sizes import correlate, eta_squared, group_differences, interaction, separation
from ser.features.feature import Feature

EMOTIONS = np.tile(["calm", "sad", "angry", "happy"], 12)
ACTORS = np.repeat(np.arange(1, 7), 8)


def features(*names):
    return tuple(Feature(name, "dB", "timbre") for name in names)


@pytest.fixture
def noise():
    return np.random.default_rng(0).normal(size=(48, 5)).astype(np.float32)


def test_eta_squared_is_the_share_between_groups():
    values = np.array([[1.0], [3.0], [5.0], [7.0]])  # group means 2 and 6, grand mean 4: between 16 of 20
    assert eta_squared(values, np.array(["a", "a", "b", "b"])) == pytest.approx([16 / 20])


def test_eta_squared_equals_one_way_anova(noise):
    from scipy.stats import f_oneway

    groups = [noise[emotion == EMOTIONS] for emotion in np.unique(EMOTIONS)]
    f, between, within = f_oneway(*groups).statistic, len(groups) - 1, len(noise) - len(groups)
    assert eta_squared(noise, EMOTIONS) == pytest.approx(f * between / (f * between + within), rel=1e-5)


@pytest.mark.parametrize("constant", [0.0, 1e-6, 48_000.1])
def test_a_constant_feature_explains_nothing_at_any_magnitude(constant):
    column = np.full((48, 2), constant, np.float32)
    assert eta_squared(column, EMOTIONS).tolist() == [0.0, 0.0]
    assert correlate(column, features("a", "b")).values.tolist() == [[1.0, 0.0], [0.0, 1.0]]


@pytest.mark.parametrize("unit", [1e-9, 1.0, 1e6])
def test_the_unit_of_a_feature_does_not_matter(noise, unit):
    assert eta_squared(noise * np.float32(unit), EMOTIONS) == pytest.approx(eta_squared(noise, EMOTIONS), rel=1e-3)
    scaled = correlate(noise * np.float32(unit), features(*"abcde")).values
    assert scaled == pytest.approx(correlate(noise, features(*"abcde")).values, abs=1e-3)


def test_separation_tells_an_emotion_feature_from_an_actor_feature(noise):
    matrix = noise.copy()
    matrix[:, 1] += 20 * np.unique(EMOTIONS, return_inverse=True)[1]
    matrix[:, 3] += 20 * ACTORS
    found = separation(matrix, features(*"abcde"), EMOTIONS, ACTORS)
    assert found.best(1).tolist() == [1]
    assert found.by_emotion[1] > 0.95 and found.by_actor[3] > 0.95
    assert found.by_emotion[3] < 0.05 and found.by_actor[1] < 0.05


def test_chance_is_what_random_labels_reach():
    draws = np.random.default_rng(1).normal(size=(48, 4000))
    found = separation(draws, features(*map(str, range(4000))), EMOTIONS, ACTORS)
    assert found.by_emotion.mean() == pytest.approx(found.chance_emotion, rel=0.05)
    assert found.by_actor.mean() == pytest.approx(found.chance_actor, rel=0.05)


def test_correlations_put_like_features_side_by_side(noise):
    matrix = np.column_stack([noise[:, 0], noise[:, 1], -noise[:, 0], noise[:, 1] * 2 + 1])
    found = correlate(matrix, features("a", "b", "minus a", "2 b"))
    names = [feature.name for feature in found.features]
    assert {frozenset(names[:2]), frozenset(names[2:])} == {frozenset({"a", "minus a"}), frozenset({"b", "2 b"})}
    assert found.values[names.index("a"), names.index("minus a")] == pytest.approx(-1)
    assert np.allclose(found.values, found.values.T) and found.left_out == 0


def test_correlations_keep_the_heaviest_and_say_how_many_they_left_out(noise):
    found = correlate(noise, features(*"abcde"), most=2, weight=np.array([0, 9, 0, 8, 0]))
    assert {feature.name for feature in found.features} == {"b", "d"} and found.left_out == 3


@pytest.mark.parametrize(
    ("emotion", "actor", "sex", "verdict"),
    [
        (0.5, 0.2, 0.0, "tells the emotion"),
        (0.2, 0.6, 0.1, "tells the actor more than the emotion"),
        (0.2, 0.6, 0.5, "tells women from men more than the emotion"),
        (0.3, 0.35, 0.0, "tells a little of both"),
        (0.01, 0.02, 0.0, "tells neither"),
    ],
)
def test_the_verdict_says_what_a_feature_is_good_for(noise, emotion, actor, sex, verdict):
    found = separation(np.tile(noise, (10, 1)), features(*"abcde"), np.tile(EMOTIONS, 10), np.tile(ACTORS, 10))
    shares = {"by_emotion": emotion, "by_actor": actor, "by_sex": sex}
    found = replace(found, **{name: np.full(5, share) for name, share in shares.items()})
    assert found.verdict(2) == verdict


def test_sex_is_part_of_the_actor(noise):
    sexes = np.where(ACTORS % 2, "male", "female")
    matrix = noise.copy()
    matrix[:, 0] += 20 * (sexes == "male")
    found = separation(matrix, features(*"abcde"), EMOTIONS, ACTORS, sexes)
    assert found.by_sex[0] > 0.95 and (found.by_sex <= found.by_actor + 1e-9).all()
    assert found.verdict(0) == "tells women from men more than the emotion"
    assert not separation(matrix, features(*"abcde"), EMOTIONS, ACTORS).by_sex.any()  # not known
    pair = np.isin(ACTORS, np.unique(ACTORS)[:2])
    found = separation(matrix[pair], features(*"abcde"), EMOTIONS[pair], ACTORS[pair], sexes[pair])
    # Or the sex: two speakers cannot say which.
    assert found.verdict(0, "speaker") == "tells the speaker more than the emotion"


CROSSED = (np.repeat(["calm", "sad"], 20), np.tile(np.repeat(["normal", "strong"], 10), 2))
ORDERS = (("calm", "sad"), ("normal", "strong"))


@pytest.mark.parametrize(
    ("effect", "shares"),
    [
        (lambda e, i: e, (1, 0, 0)),
        (lambda e, i: i, (0, 1, 0)),
        (lambda e, i: e * i, (0, 0, 1)),
        (lambda e, i: e + i, (0.5, 0.5, 0)),
    ],
)
def test_interaction_parts_what_is_known(effect, shares):
    e, i = (np.where(kinds == np.unique(kinds)[0], -1.0, 1.0) for kinds in CROSSED)
    found = interaction(effect(e, i), *CROSSED, ORDERS)
    assert (found.by_emotion, found.by_level, found.by_both) == pytest.approx(shares, abs=1e-9)
    assert found.crossed == ("calm", "sad") and found.means.shape == (2, 2)


def test_an_emotion_of_one_intensity_is_drawn_but_not_counted():
    emotions, intensities = (
        np.concatenate([kinds, [more] * 10]) for kinds, more in zip(CROSSED, ("neutral", "normal"), strict=True)
    )
    values = np.random.default_rng(3).normal(size=50)
    found = interaction(values, emotions, intensities, (("neutral", "calm", "sad"), ORDERS[1]))
    alone = interaction(values[:40], *CROSSED, ORDERS)
    assert found.crossed == ("calm", "sad") and np.isnan(found.means[0, 1]) and np.isfinite(found.means[0, 0])
    assert found.by_both == pytest.approx(alone.by_both)


def test_intervals_of_means_are_those_of_students_t():
    from scipy.stats import t

    values = np.random.default_rng(4).normal(size=40)
    cell = values[:10]
    low, high = t.interval(0.95, 9, cell.mean(), cell.std(ddof=1) / np.sqrt(10))
    found = interaction(values, *CROSSED, ORDERS)
    assert found.errors[0, 0] == pytest.approx((high - low) / 2)


def test_compare_finds_what_was_moved_and_by_how_much():
    rng = np.random.default_rng(7)
    matrix, first = rng.normal(size=(4000, 4)), np.arange(4000) < 2000
    matrix[first, 2] -= 1.5
    found = group_differences(matrix, features(*"abcd"), first, ~first, most=2)
    assert found.features[0].name == "c" and found.d[0] == pytest.approx(-1.5, abs=0.1) and len(found.d) == 2
    assert found.first[0] == pytest.approx(matrix[first, 2].mean())
    turned = group_differences(matrix, features(*"abcd"), ~first, first)
    assert turned.d[0] == pytest.approx(-found.d[0])


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: eta_squared(np.zeros((0, 2)), np.array([])), "no clip at all"),
        (lambda: eta_squared(np.zeros((3, 2)), np.array(["sad"] * 3)), "only “sad”"),
        (lambda: separation(np.zeros((2, 1)), features("a"), EMOTIONS[:2], ACTORS[:2]), "1 actor; "),
        (lambda: separation(np.zeros((2, 1)), features("a"), EMOTIONS[7:9], ACTORS[7:9]), "too few"),
        (lambda: correlate(np.zeros((2, 2)), features("a", "b")), "2 clips"),
    ],
)
def test_too_little_to_compare_is_one_sentence_with_a_remedy(call, sentence):
    with pytest.raises(DatasetError, match=sentence) as caught:
        call()
    assert "Widen the filters" in str(caught.value)


def test_a_group_of_one_clip_cannot_be_compared(noise):
    one = np.arange(48) == 0
    with pytest.raises(DatasetError, match="1 clip and 47 clips"):
        group_differences(noise, features(*"abcde"), one, ~one)
