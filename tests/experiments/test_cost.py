"""What is told before a training begins."""

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

from ser.data.table_file import load_tables
from ser.experiments.cost import SECONDS_PER_RUN, Pace, measured_seconds, n_parameters, training_bytes, training_seconds
from ser.steps import finish
from ser.training.fitting import fit
from ser.training.presets import PRESETS


@pytest.mark.parametrize("preset", PRESETS)
def test_the_number_of_parameters_is_that_of_the_model(preset, table):
    settings = replace(PRESETS[preset], corpora=("ravdess",))
    small = replace(settings, epochs=1, calibration_folds=0)
    model = finish(fit(small, table, np.flatnonzero(table.actors <= 4)))
    assert n_parameters(settings) == model.n_parameters


def test_specialists_count_as_parameters_where_there_are_several_data_sets():
    both = load_tables()
    small = replace(PRESETS["shipped"], epochs=1, calibration_folds=0, hidden_layers=(8,))
    model = finish(fit(small, both, np.arange(0, len(both), 9)))
    assert n_parameters(small) == model.n_parameters


@pytest.mark.parametrize("more", [{"epochs": 40}, {"hidden_layers": (512,)}, {"members": 3}, {"batch_size": 8}])
def test_more_to_do_takes_longer(more):
    fast = PRESETS["fast"]
    assert training_seconds(replace(fast, **more), 1200) > 1.3 * training_seconds(fast, 1200)


def test_every_fold_and_every_calibration_counts(table):
    settings = replace(PRESETS["fast"], protocol="heldout")
    once = measured_seconds(settings, table) - SECONDS_PER_RUN
    six = measured_seconds(replace(settings, protocol="emobox"), table) - SECONDS_PER_RUN
    # Only one of the six models learns what is unlike its clips.
    assert 4 * once < six < 6 * once
    assert measured_seconds(replace(settings, calibration_folds=4), table) - SECONDS_PER_RUN > 2 * once


def test_a_test_that_leaks_counts_with_the_fair_one_beside_it(table):
    settings = replace(PRESETS["fast"], protocol="random")
    fair = measured_seconds(replace(settings, protocol="emobox"), table)
    assert measured_seconds(settings, table) > fair


def test_the_pace_follows_what_was_seen():
    pace = Pace()
    for _ in range(12):
        pace.observe(2.0, 6.0)
    assert pace.factor == pytest.approx(3, rel=0.01)


def test_the_estimate_is_of_the_right_size(table):
    """Within an order of magnitude on any machine: it must tell seconds from minutes."""
    settings = replace(PRESETS["wide"], epochs=2, calibration_folds=0)
    *_, last = fit(settings, table, np.flatnonzero(table.actors <= 20))
    assert 0.1 < last.seconds / training_seconds(settings, 1200) < 10


@pytest.mark.parametrize(
    "more", [{"hidden_layers": (512,)}, {"copies": 2}, {"hidden_layers": (128,), "solver": "lbfgs", "epochs": 10}]
)
def test_memory_is_foretold_within_a_half(table, more):
    settings = replace(PRESETS["fast"], epochs=2, batch_size=512) if "solver" not in more else PRESETS["fast"]
    settings = replace(settings, **more)
    tracemalloc.start()
    try:
        finish(fit(settings, table, np.arange(len(table))))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert 0.5 < training_bytes(settings, len(table)) / peak < 1.7


def test_networks_that_no_small_host_holds_are_told_from_those_that_fit():
    fast = PRESETS["fast"]
    assert training_bytes(fast, 1440) < 100e6
    assert training_bytes(replace(fast, hidden_layers=(1024,) * 4, members=8), 1440) > 700e6
