"""Cross-validation: who is judged by which model, and its progress."""

from dataclasses import replace

import numpy as np
import pytest

from ser.data.splits import split
from ser.evaluation.crossvalidation import cross_validate
from ser.steps import finish
from ser.training.fitting import fit
from tests.helpers.quick import SMALL
from tests.helpers.steps import stopped


def test_scores_are_those_of_models_that_never_saw_the_actor(part):
    """Turning a test actor's labels round cannot change what is answered about that actor."""
    settings = replace(SMALL, test_actors=(1, 2))
    rows = split("heldout", part.labels, part.actors, test_actors=(1, 2))[0]
    found = finish(cross_validate(settings, part))
    model = finish(fit(settings, part, rows.train))
    assert np.array_equal(found.rows, rows.test)
    assert np.array_equal(found.probabilities, model.probabilities(part.matrix("notebook")[rows.test]))
    spoilt = part.clips.copy()
    spoilt.loc[spoilt.actor <= 2, "emotion"] = "sad"
    again = finish(cross_validate(settings, type(part)(spoilt, part.matrices)))
    assert np.array_equal(found.probabilities, again.probabilities)


def test_every_epoch_of_every_fold_reports(part):
    settings = replace(SMALL, protocol="loso", epochs=2, calibration_folds=2)
    seen = list(cross_validate(settings, part))
    # In each fold a training and two for calibration, two epochs each.
    assert [report.fold for report in seen] == list(np.repeat(np.arange(1, 9), 6))
    np.testing.assert_allclose([report.share for report in seen], np.arange(1, 49) / 48)
    assert seen[-1].seconds_left == pytest.approx(0, abs=0.5) and seen[0].seconds_left > 0


@pytest.mark.parametrize(
    "more",
    [
        {"calibration_folds": 12},  # more folds than actors
        {"calibration_folds": 1},  # one is none
        {"calibration_folds": 2, "emotions": ("happy", "sad")},  # nobody speaks plainly
    ],
    ids=str,
)
def test_every_training_counts_once_in_the_progress(part, more):
    few = part.select(part.actors <= 4)
    settings = replace(SMALL, protocol="loso", epochs=2, **more)
    shares = [report.share for report in cross_validate(settings, few)]
    np.testing.assert_allclose(shares, np.arange(1, len(shares) + 1) / len(shares))


@pytest.mark.parametrize("after", [1, 3, 9])
def test_it_can_be_given_up_after_any_epoch(part, after):
    steps = cross_validate(replace(SMALL, protocol="loso", epochs=2, calibration_folds=2), part)
    for _ in range(after):
        next(steps)
    assert stopped(steps) is None


def test_chosen_emotions_only(part):
    settings = replace(SMALL, emotions=("calm", "happy"), epochs=2, test_actors=(1,))
    found = finish(cross_validate(settings, part))
    assert found.evaluation.labels == ("calm", "happy")
    assert set(part.labels[found.rows]) == {"calm", "happy"}
