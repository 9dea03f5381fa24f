"""Training and calibration together."""

from dataclasses import replace

import numpy as np

from ser.data.changed_recordings import changed_recordings
from ser.steps import Command, finish
from ser.training.fitting import calibration_folds, fit
from ser.training.settings import TrainingSettings
from tests.helpers.quick import SMALL
from tests.helpers.steps import stopped


def test_calibration_folds_part_actors():
    actors = np.repeat(np.arange(1, 11), 6)
    folds = calibration_folds(replace(SMALL, calibration_folds=4), actors)
    assert len(folds) == 4
    assert np.array_equal(np.sum(folds, axis=0), np.ones(60))
    for held in folds:
        assert not set(actors[held]) & set(actors[~held])


def test_fit_calibrates_on_actors_unheard(part):
    rows = np.flatnonzero(part.actors <= 6)
    raw = finish(fit(SMALL, part, rows))
    folded = finish(fit(replace(SMALL, calibration_folds=3), part, rows))
    watched = finish(fit(replace(SMALL, validation=0.3), part, rows))
    assert raw.trust.general.set_threshold is None
    assert folded.trust.general.set_threshold is not None and watched.trust.general.set_threshold is not None
    # The weights do not hear of it.
    assert np.array_equal(raw.networks[0].weights[0], folded.networks[0].weights[0])


def test_given_up_calibration_is_as_if_there_were_no_folds(part):
    rows = np.flatnonzero(part.actors <= 6)
    settings = replace(SMALL, validation=0.3, epochs=2)
    steps = fit(replace(settings, calibration_folds=3), part, rows)
    for _ in range(3):  # two epochs and one of the first fold
        next(steps)
    assert stopped(steps).trust == finish(fit(settings, part, rows)).trust


def test_the_folds_follow_a_learning_rate_changed_on_the_way(part):
    rows = np.flatnonzero(part.actors <= 6)
    steps = fit(replace(SMALL, calibration_folds=3), part, rows)
    next(steps)
    steps.send(Command(learning_rate=0.02))
    changed = finish(steps)
    again = finish(fit(TrainingSettings.from_json(changed.settings), part, rows))
    assert changed.settings["learning_rate_changes"] and changed.trust == again.trust


def test_the_confidence_falls_in_worse_recordings_by_what_training_speakers_show(table):
    """Clips of speakers that are not learnt from change nothing, and labels never change."""
    rows = np.flatnonzero((table.actors <= 6) & (np.arange(len(table)) % 2 == 0))
    settings = TrainingSettings(hidden_layers=(16,), epochs=3, members=1, specialists=0, calibration_folds=3, copies=1)
    model = finish(fit(settings, table, rows))
    measure = model.degradation
    assert measure is not None and measure.weights.shape == (3, len(model.feature_names))
    assert (measure.slopes >= 0).all() and (measure.slopes <= 1).all() and (measure.high > measure.low).all()
    # New speakers: little degradation as recorded, much in recordings with the disturbance.
    new = np.flatnonzero(table.actors > 12)
    _, kinds, disturbed = changed_recordings(table, new, "standard")
    assert (measure.amounts(model.inputs(table.matrix("standard")[new])) > 0).mean() < 0.1
    amounts = measure.amounts(model.inputs(disturbed[0]))
    assert all(np.median(amounts[kinds == kind, kind]) > 0.4 for kind in range(3))
    labels = table.labels.copy()
    labels[new] = np.roll(labels[new], 11)
    other = replace(table, clips=table.clips.assign(emotion=labels))
    again = finish(fit(settings, other, rows))
    assert np.array_equal(again.degradation.slopes, measure.slopes)
    assert np.array_equal(again.degradation.weights, measure.weights)
    # Without folds there are no out-of-fold answers to learn it from.
    assert finish(fit(replace(settings, calibration_folds=0), table, rows)).degradation is None
