"""Maps: known shapes come out, LDA does not flatter itself, and too little for a map is a sentence."""

import numpy as np
import pytest

from ser.errors import DatasetError, SerError
from ser.exploration.projection import METHODS, project
from ser.features.feature import Feature
from tests.helpers.steps import followed

RNG = np.random.default_rng(0)
LABELS = np.tile(["angry", "calm", "happy", "sad"], 30)
SPEAKERS = np.repeat(np.arange(12), 10)


def features(n):
    return tuple(Feature(f"f{i}", "dB", "timbre") for i in range(n))


def mapped(matrix, method="pca", dimensions=2, **options):
    reports, projection = followed(project(matrix, features(matrix.shape[1]), method, dimensions, **options))
    return projection, reports


@pytest.mark.parametrize("shape", [(40, 6), (6, 40)])
def test_pca_varies_most_on_its_first_axis_and_names_its_features(shape):
    matrix = RNG.normal(size=shape)
    matrix[:, 2] = matrix[:, 1] * 3 + 0.01 * matrix[:, 2]
    found, reports = mapped(matrix)
    assert not reports and found.points.shape == (shape[0], 2)
    assert found.points[:, 0].var() >= found.points[:, 1].var()
    assert "\N{NO-BREAK SPACE}% of how clips differ" in found.axes[0] and len(found.pulls[0]) == 3


def test_pca_names_what_pulls():
    base = RNG.normal(size=(50, 2))
    matrix = np.column_stack([base, base[:, 0] * 2, base[:, 0] * -1 + 5])
    assert set(mapped(matrix)[0].pulls[0]) == {"f0", "f2", "f3"}


@pytest.mark.parametrize("unit", [1e-6, 1.0, 1e6])
def test_the_unit_of_a_feature_does_not_matter(unit):
    matrix = RNG.normal(size=(40, 5))
    assert mapped(matrix * [unit, 1, 1, 1, 1])[0].points == pytest.approx(mapped(matrix)[0].points, abs=1e-6)


def test_constant_features_leave_the_map_finite():
    assert np.isfinite(mapped(np.full((20, 3), 7.0))[0].points).all()


def test_lda_is_fitted_on_two_thirds_of_the_speakers_and_separates_what_can_be():
    matrix = RNG.normal(size=(120, 10))
    matrix[:, :4] += 6 * np.eye(4)[np.unique(LABELS, return_inverse=True)[1]]
    found, _ = mapped(matrix, "lda", labels=LABELS, speakers=SPEAKERS)
    shown = ~found.fitted
    assert len(set(SPEAKERS[shown])) == 4 and not set(SPEAKERS[shown]) & set(SPEAKERS[found.fitted])
    spread = np.mean([found.points[shown & (label == LABELS)].std(axis=0).mean() for label in set(LABELS)])
    assert found.points[shown].std(axis=0).mean() > 2 * spread  # on speakers that it was not fitted on


def separated(points, labels):
    """Share of the points' variance that lies between labels."""
    means = np.array([points[labels == label].mean(axis=0) for label in labels])
    return means.var(axis=0).sum() / points.var(axis=0).sum()


def test_lda_flatters_noise_only_where_it_was_fitted():
    noise = np.random.default_rng(5).normal(size=(240, 60))
    labels, speakers = np.tile(LABELS, 2), np.repeat(np.arange(24), 10)
    found, _ = mapped(noise, "lda", labels=labels, speakers=speakers)
    fitted, rest = (separated(found.points[rows], labels[rows]) for rows in (found.fitted, ~found.fitted))
    assert fitted > 2 * rest


def test_lda_of_one_speaker_says_that_it_was_fitted_on_all():
    found, _ = mapped(RNG.normal(size=(120, 5)), "lda", labels=LABELS, speakers=np.zeros(120))
    assert found.fitted.all()


@pytest.mark.parametrize("method", sorted(set(METHODS) - {"umap"}))
def test_three_dimensions_and_a_handful_of_clips(method):
    matrix = RNG.normal(size=(12, 8))
    found, _ = mapped(matrix, method, 3, labels=LABELS[:12], speakers=np.zeros(12))
    assert found.points.shape == (12, 3) and len(found.axes) == 3 and np.isfinite(found.points).all()


@pytest.mark.parametrize(
    ("shape", "method", "options", "sentence"),
    [
        ((3, 5), "pca", {}, "these are 3 and 5"),
        ((9, 1), "pca", {}, "these are 9 and 1"),
        ((9, 5), "lda", {}, "have 0"),
        ((9, 5), "lda", {"labels": np.array(["sad"] * 9)}, "have 1"),
    ],
)
def test_too_little_for_a_map_is_a_sentence(shape, method, options, sentence):
    with pytest.raises(DatasetError, match=sentence):
        mapped(RNG.normal(size=shape), method, **options)


def test_an_unknown_map_is_refused():
    with pytest.raises(SerError, match="Choose one of them"):
        mapped(RNG.normal(size=(9, 5)), "star")
