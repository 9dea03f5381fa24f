"""Degradation: it is found where it is, and the temperature that follows leaves the most probable emotion alone."""

from dataclasses import replace

import numpy as np
import pytest

from ser.model.degradation import Degradation, Recordings, at_temperatures, fit_degradation, with_slopes
from ser.model.emotion_model import Calibration, Trust
from tests.helpers import shipped


def test_temperatures_follow_from_the_amounts_of_all_kinds():
    found = Degradation(np.eye(2), np.array([0.0, 1.0]), np.array([1.0, 3.0]), np.log([2.0, 3.0]))
    inputs = np.array([[-5.0, 0.0], [0.5, 1.0], [1.0, 2.0], [9.0, 9.0]])
    np.testing.assert_allclose(found.amounts(inputs), [[0, 0], [0.5, 0], [1, 0.5], [1, 1]])
    np.testing.assert_allclose(found.temperatures(inputs), [1, 2**0.5, 2 * 3**0.5, 6])


def test_a_temperature_of_two_takes_the_square_root():
    found = at_temperatures(np.array([[0.9, 0.1], [0.9, 0.1]]), np.array([1.0, 2.0]))
    np.testing.assert_allclose(found, [[0.9, 0.1], [0.75, 0.25]])


def speakers_and_recordings(seed: int, n: int = 600):
    """Clips of thirty speakers with a copy each, and disturbed recordings: kind 0 moves input 0, kind 1 input 1."""
    rng = np.random.default_rng(seed)
    speakers = np.repeat(np.arange(30), n // 30)
    inputs = rng.normal(size=(2, n, 6))
    inputs[1, :, 0] += 1.0  # the copies are a little disturbed, too
    disturbed, kinds = rng.normal(size=(n, 6)), np.arange(n) % 2
    disturbed[np.arange(n), kinds] += 5.0
    folds = [speakers % 3 == number for number in range(3)]
    return inputs, folds, Recordings(disturbed, kinds, folds)


def test_each_kind_is_measured_and_training_clips_and_copies_have_none():
    inputs, folds, disturbed = speakers_and_recordings(0)
    found, amounts, amounts_disturbed = fit_degradation(inputs, folds, disturbed)
    new, _, others = speakers_and_recordings(1)
    for recordings, measured in ((others.inputs, found.amounts(others.inputs)), (disturbed.inputs, amounts_disturbed)):
        assert len(recordings) == len(measured)
        own = measured[np.arange(600), others.kinds]
        assert np.median(own) > 0.9 and measured[np.arange(600), 1 - others.kinds].mean() < 0.1
    assert (amounts > 0).mean() < 0.04 and (found.amounts(new[0]) > 0).mean() < 0.04
    assert (found.amounts(new[1]) > 0).mean() < 0.06


def overconfident(n: int, amounts: np.ndarray, slopes: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Answers whose probabilities are too extreme by the temperature that the slopes say, and the actual emotions."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 1.5, size=(n, 4))
    truth = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    actual = (truth.cumsum(axis=1) > rng.random((n, 1))).argmax(axis=1)
    return at_temperatures(truth, 1 / np.exp(amounts @ slopes)), actual


def test_the_slopes_are_those_by_which_answers_are_too_sure():
    amounts = np.random.default_rng(1).random((6000, 2))
    blank = Degradation(np.eye(2), np.zeros(2), np.ones(2), np.zeros(2))
    answers, actual = overconfident(6000, amounts, np.array([0.6, 0.0]), seed=2)
    assert with_slopes(blank, answers, amounts, actual).slopes == pytest.approx([0.6, 0.0], abs=0.1)
    # Answers that are too modest are not made surer.
    modest, actual = overconfident(6000, amounts, np.array([-0.5, 0.0]), seed=3)
    assert with_slopes(blank, modest, amounts, actual).slopes.tolist() == [0.0, 0.0]


def test_no_label_changes_and_only_the_clip_as_it_is_counts(table):
    model = replace(shipped.model(), trust=Trust(Calibration(1.4)))
    views = table.views("standard", np.arange(0, 1440, 90), model.views)
    inputs = model.inputs(views)
    n_used = inputs.shape[-1]
    weights = np.random.default_rng(0).normal(size=(1, n_used)).astype(np.float32)
    found = Degradation(weights, np.array([-30.0]), np.array([30.0]), np.array([0.8]))
    with_it, without = replace(model, degradation=found), replace(model, degradation=None)
    answers, before = with_it.probabilities(views), without.probabilities(views)
    assert np.array_equal(answers.argmax(axis=1), before.argmax(axis=1))
    assert (answers.max(axis=1) <= before.max(axis=1) + 1e-12).all() and not np.allclose(answers, before)
    np.testing.assert_allclose(answers, at_temperatures(before, found.temperatures(inputs[0])))
    np.testing.assert_allclose(answers.sum(axis=1), 1)
