"""Networks of the first data set, and the gate that opens for clips like those of it."""

from dataclasses import replace

import numpy as np
import pytest

from ser.data.splits import hold_out
from ser.data.table_file import load_tables
from ser.model.emotion_model import Calibration, EmotionModel, Gate, Network, Trust
from ser.steps import finish
from ser.training.fitting import fit
from ser.training.settings import TrainingSettings
from ser.training.specialists import fit_gate, has_specialists, in_inputs_of

QUICK = TrainingSettings(
    hidden_layers=(8,), epochs=2, members=1, specialists=1, copies=0, views=False, calibration_folds=0
)


@pytest.fixture(scope="module")
def both():
    """Every tenth clip of both shipped tables."""
    table = load_tables()
    return table.select(np.arange(0, len(table), 10))


def test_the_gate_opens_between_its_two_values():
    gate = Gate(np.array([1.0, -1.0]), 2.0, 4.0, np.zeros(2))
    inputs = np.array([[0.0, 0.0], [3.0, 0.0], [9.0, 5.0], [3.0, -3.0]])
    assert gate.shares(inputs).tolist() == [0.0, 0.5, 1.0, 1.0]


def test_a_gate_opens_for_held_out_clips_of_the_first_set_and_for_few_others():
    rng = np.random.default_rng(0)
    speakers = np.repeat(np.arange(30), 20)
    first = speakers < 20
    inputs = rng.normal(size=(600, 10)) + 4.0 * np.where(first, 1, -1)[:, None] * (np.arange(10) == 0)
    folds = [speakers % 3 == number for number in range(3)]
    gate = fit_gate(inputs[None], first, folds, np.zeros(10))
    new = rng.normal(size=(400, 10)) + 4.0 * np.repeat([1, -1], 200)[:, None] * (np.arange(10) == 0)
    shares = gate.shares(new)
    assert (shares[:200] == 1).mean() == pytest.approx(0.9, abs=0.07)
    assert (shares[:200] == 0).mean() < 0.04
    assert not shares[200:].any()


def test_a_gate_that_has_seen_copies_does_not_hang_on_what_they_change():
    """The second input tells the data sets apart in the clips as they are, and nothing in their copies."""
    rng = np.random.default_rng(0)
    first = np.arange(400) < 200
    inputs = rng.normal(size=(2, 400, 2)) + 3.0 * np.where(first, 1, -1)[:, None]
    inputs[1, :, 1] = rng.normal(0, 3, 400)
    folds = [np.arange(400) % 3 == number for number in range(3)]
    plain, robust = fit_gate(inputs[:1], first, folds, np.zeros(2)), fit_gate(inputs, first, folds, np.zeros(2))
    assert abs(robust.weights[1]) < 0.7 * abs(plain.weights[1])
    assert robust.shares(inputs[1])[first].mean() > plain.shares(inputs[1])[first].mean() + 0.05


def test_folds_that_leave_one_data_set_are_passed_over():
    rng = np.random.default_rng(0)
    first = np.arange(40) < 20
    inputs = rng.normal(size=(40, 3)) + 4.0 * np.where(first, 1, -1)[:, None]
    gate = fit_gate(inputs[None], first, [~first, first], np.zeros(3))
    shares = gate.shares(inputs)
    assert (shares[first] == 1).mean() == pytest.approx(0.9) and not shares[~first].any()


def test_networks_of_another_scaling_give_the_same_answers():
    rng = np.random.default_rng(0)
    network = Network("relu", (rng.normal(size=(3, 4)), rng.normal(size=(4, 2))), (rng.normal(size=4), np.zeros(2)))

    def model(mean, scale, networks):
        return EmotionModel(("sad", "happy"), "standard", (), np.array(mean), np.array(scale), networks)

    special = model([1.0, 2.0, 3.0], [1.0, 0.5, 2.0], (network,))
    general = model([0.0, -1.0, 5.0], [2.0, 3.0, 0.5], ())
    x = rng.normal(size=(5, 3))
    (translated,) = in_inputs_of(general, special)
    wanted = network.logits((x - special.mean) / special.scale)
    np.testing.assert_allclose(translated.logits((x - general.mean) / general.scale), wanted)


def test_trust_lies_between_its_two_calibrations():
    trust = Trust(Calibration(1.0, 0.1, 0.2), Calibration(4.0, 0.3, 0.4))
    assert trust.at(0.0) == trust.general
    half = trust.at(0.5)
    assert (half.temperature, half.set_threshold, half.abstain_below) == pytest.approx((2.0, 0.2, 0.3))
    assert trust.at(1.0).temperature == pytest.approx(4.0)
    assert Trust(Calibration(2.0)).at(1.0).temperature == 2.0
    probabilities = np.array([[0.8, 0.2], [0.8, 0.2]])
    first, second = trust.temperature_scaled(probabilities, np.array([0.0, 1.0]))
    assert first.tolist() == [0.8, 0.2]
    assert second[0] == pytest.approx(0.8**0.25 / (0.8**0.25 + 0.2**0.25))


def test_several_data_sets_have_specialists_and_one_has_none(both):
    model = finish(fit(QUICK, both, np.arange(len(both))))
    first = both.corpora == "ravdess"
    assert len(model.specialists) == 1 and model.gate is not None
    assert has_specialists(1, both.corpora) and not has_specialists(0, both.corpora)
    features = both.matrix("standard")
    shares = model.shares(model.inputs(features))
    assert shares[first].mean() > 0.8 and shares[~first].mean() < 0.1
    of_one = finish(fit(QUICK, both, np.flatnonzero(first)))
    assert of_one.specialists == () and of_one.gate is None
    # Where the gate is open, the specialists answer, and where it is closed, the general networks do.
    general = replace(model, gate=None)
    probabilities, without = (each.ensemble_probabilities(features) for each in (model, general))
    np.testing.assert_array_equal(probabilities[shares == 0], without[shares == 0])
    special = replace(model, networks=model.specialists, gate=None).ensemble_probabilities(features)
    np.testing.assert_allclose(probabilities[shares == 1], special[shares == 1], atol=1e-6)


def test_the_specialists_learn_from_the_first_data_set_only(both):
    """Other labels in the second data set change the general networks and leave the specialists as they are."""
    rows = np.arange(len(both))
    model = finish(fit(QUICK, both, rows))
    clips = both.clips.copy()
    second = clips["corpus"] == "nemo"
    clips.loc[second, "emotion"] = np.roll(clips.loc[second, "emotion"].to_numpy(), 7)
    other = finish(fit(QUICK, replace(both, clips=clips), rows))
    for before, after in zip(model.specialists[0].weights, other.specialists[0].weights, strict=True):
        np.testing.assert_array_equal(before, after)
    assert not np.array_equal(model.networks[0].weights[0], other.networks[0].weights[0])


def test_no_network_learns_from_the_watched_clips(both):
    """They may calibrate the model: other labels of theirs change no weight of the specialists."""
    rows, settings = np.arange(len(both)), replace(QUICK, validation=0.2)
    _, watched = hold_out(settings.protocol, both.labels, both.actors, settings.validation, seed=settings.seed)
    model = finish(fit(settings, both, rows))
    clips = both.clips.copy()
    clips.loc[watched, "emotion"] = np.roll(clips.loc[watched, "emotion"].to_numpy(), 5)
    other = finish(fit(settings, replace(both, clips=clips), rows))
    assert (both.corpora[watched] == "ravdess").any()
    for before, after in zip(model.specialists[0].weights, other.specialists[0].weights, strict=True):
        np.testing.assert_array_equal(before, after)
