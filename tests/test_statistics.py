"""Effect sizes, correlations and the map, on tables whose answers are known."""

import numpy as np
import pytest

from ser.errors import DatasetError
from ser.features.feature import Feature
from ser.statistics import correlate, eta_squared, project, separation

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
    assert np.isfinite(project(column, features("a", "b")).points).all()


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
    assert found.best(1).tolist() == [1] and found.tells_the_actor(1).tolist() == [3]
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


@pytest.mark.parametrize("shape", [(40, 6), (6, 40)])
def test_the_map_is_scikit_learns_pca_of_standardised_features(shape):
    from sklearn.decomposition import PCA
    from sklearn.preprocessing import StandardScaler

    matrix = np.random.default_rng(2).normal(size=shape) * np.arange(1, shape[1] + 1)
    found = project(matrix, features(*map(str, range(shape[1]))))
    pca = PCA(2, svd_solver="full").fit(StandardScaler().fit_transform(matrix))
    expected = pca.transform(StandardScaler().fit_transform(matrix))
    assert found.explained == pytest.approx(pca.explained_variance_ratio_)
    assert np.abs(found.points) == pytest.approx(np.abs(expected), abs=1e-8)


def test_the_map_names_what_pulls_on_its_axes(noise):
    matrix = np.column_stack([noise[:, :2], noise[:, :1] + 0.01 * noise[:, 2:3], noise[:, :1] - 0.01 * noise[:, 2:3]])
    assert set(project(matrix, features("a", "b", "c", "d")).pulls[0]) == {"a", "c", "d"}


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: eta_squared(np.zeros((0, 2)), np.array([])), "no clip at all"),
        (lambda: eta_squared(np.zeros((3, 2)), np.array(["sad"] * 3)), "only “sad”"),
        (lambda: separation(np.zeros((2, 1)), features("a"), EMOTIONS[:2], ACTORS[:2]), "1 actor; "),
        (lambda: separation(np.zeros((2, 1)), features("a"), EMOTIONS[7:9], ACTORS[7:9]), "too few"),
        (lambda: correlate(np.zeros((2, 2)), features("a", "b")), "2 clips"),
        (lambda: project(np.zeros((9, 1)), features("a")), "1 feature "),
        (lambda: project(np.zeros((0, 4)), features(*"abcd")), "0 clips"),
    ],
)
def test_too_little_to_compare_is_one_sentence_with_a_remedy(call, sentence):
    with pytest.raises(DatasetError, match=sentence) as caught:
        call()
    assert "Widen the filters" in str(caught.value)
