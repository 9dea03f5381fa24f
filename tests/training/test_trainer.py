"""The training loop, held against scikit-learn's own `fit` where there is one."""

import itertools
import time
from dataclasses import replace

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

from ser.data.splits import hold_out
from ser.emotions import LABELS
from ser.errors import TrainingError
from ser.steps import Command, finish
from ser.training.network.mlp import LBFGS_STRIDE
from ser.training.settings import TrainingSettings
from ser.training.trainer import train
from tests.helpers.quick import SMALL, learnt, reports
from tests.helpers.steps import stopped


@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_same_weights_as_one_fit(part, solver):
    """One epoch of ours is one of scikit-learn's own `fit`, weight by weight."""
    settings = replace(SMALL, solver=solver, scale=True, balanced=False, epochs=1, schedule="adaptive")
    model = learnt(settings, part)
    X = StandardScaler().fit_transform(part.matrix("notebook").astype(np.float64)).astype(np.float32)
    y = np.array([LABELS.index(label) for label in part.labels])
    reference = MLPClassifier(
        (16,), solver=solver, alpha=0.01, batch_size=64, learning_rate="adaptive", max_iter=1, random_state=0
    )
    with pytest.warns(ConvergenceWarning):
        reference.fit(X, y)
    for ours, theirs in zip(model.networks[0].weights, reference.coefs_, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-4)
    np.testing.assert_allclose(model.probabilities(part.matrix("notebook")), reference.predict_proba(X), atol=1e-3)


@pytest.mark.parametrize(
    "ours",
    [
        {"solver": "sgd", "momentum": 0.3},
        {"solver": "sgd", "nesterov": False},
        {"solver": "sgd", "schedule": "invscaling", "power_t": 0.2},
        {"solver": "adam", "beta_1": 0.5},
        {"solver": "adam", "beta_2": 0.9},
        {"solver": "adam", "epsilon": 0.01},
    ],
    ids=lambda ours: list(ours)[-1],
)
def test_each_number_of_the_optimiser_acts_as_in_scikit_learn(part, ours):
    settings = replace(SMALL, scale=True, balanced=False, epochs=1, **ours)
    X = StandardScaler().fit_transform(part.matrix("notebook").astype(np.float64)).astype(np.float32)
    theirs = {"nesterov": "nesterovs_momentum", "schedule": "learning_rate"}
    named = {theirs.get(name, name): value for name, value in ours.items()}
    reference = MLPClassifier((16,), alpha=0.01, batch_size=64, max_iter=1, random_state=0, **named)
    with pytest.warns(ConvergenceWarning):
        reference.fit(X, np.array([LABELS.index(label) for label in part.labels]))
    model = learnt(settings, part)
    np.testing.assert_allclose(model.networks[0].weights[0], reference.coefs_[0], atol=1e-4)
    assert not np.allclose(
        model.networks[0].weights[0], learnt(replace(SMALL, balanced=False, epochs=1), part).networks[0].weights[0]
    )


def test_tolerance_decides_how_much_is_an_improvement(part):
    patient = replace(SMALL, patience=2, epochs=60)
    assert len(reports(replace(patient, tolerance=0.5), part)) < len(reports(patient, part))


@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_a_learning_rate_changed_on_the_way_is_in_the_settings_and_gives_the_same_model_again(part, solver):
    settings = replace(SMALL, solver=solver, members=2, epochs=6)
    training = train(settings, part.matrix("notebook"), part.labels, part.actors)
    seen = [next(training), next(training), training.send(Command(learning_rate=0.02))]
    model = finish(training, seen.append)
    assert [report.learning_rate for report in seen] == [0.001, 0.001, 0.02, 0.02, 0.02, 0.02]
    assert model.settings["learning_rate_changes"] == [[3, 0.02]]
    x = part.matrix("notebook")
    again = learnt(TrainingSettings.from_json(model.settings), part)
    assert np.array_equal(again.probabilities(x), model.probabilities(x))
    assert not np.allclose(learnt(settings, part).probabilities(x), model.probabilities(x))


def test_lbfgs_has_no_learning_rate_to_change(part):
    training = train(replace(SMALL, solver="lbfgs", epochs=20), part.matrix("notebook"), part.labels, part.actors)
    assert next(training).learning_rate is None
    training.send(Command(learning_rate=0.1))
    assert finish(training).settings["learning_rate_changes"] == []


def test_the_reports_tell_what_is_answered_for_the_watched_clips(part):
    settings = replace(SMALL, validation=0.25, epochs=3)
    last = reports(settings, part)[-1]
    _, rows = hold_out("heldout", part.labels, part.actors, 0.25)
    assert last.watched.shape == (rows.size, 8)
    hits = np.array(LABELS)[last.watched.argmax(axis=1)] == part.labels[rows]
    present = np.unique(part.labels[rows])
    recalls = [hits[part.labels[rows] == label].mean() for label in present]
    assert np.mean(recalls) == pytest.approx(last.validation_uar)
    assert reports(replace(settings, validation=0.0), part)[-1].watched is None


def test_time_spent_waiting_between_epochs_is_not_counted(part):
    training = train(replace(SMALL, epochs=2), part.matrix("notebook"), part.labels, part.actors)
    next(training)
    time.sleep(0.5)
    assert next(training).seconds < 0.5


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_loss_falls_and_every_epoch_reports(part, solver):
    stride = LBFGS_STRIDE if solver == "lbfgs" else 1
    seen = reports(replace(SMALL, solver=solver, epochs=6 * stride, learning_rate=0.005), part)
    assert [report.epoch for report in seen] == [stride * i for i in range(1, 7)]
    assert seen[-1].loss < seen[0].loss
    assert seen[-1].training_uar > seen[0].training_uar
    assert seen[-1].seconds_left == 0
    assert all(a.seconds <= b.seconds for a, b in itertools.pairwise(seen))


@pytest.mark.parametrize("activation", ["relu", "tanh", "logistic"])
def test_two_emotions(part, activation):
    settings = replace(SMALL, emotions=("calm", "angry"), activation=activation, epochs=30, learning_rate=0.01)
    model = learnt(settings, part)
    assert model.labels == ("calm", "angry")
    chosen = np.isin(part.labels, model.labels)
    answers = model.probabilities(part.matrix("notebook")[chosen])
    np.testing.assert_allclose(answers.sum(axis=1), 1)
    assert np.mean(np.array(model.labels)[answers.argmax(axis=1)] == part.labels[chosen]) > 0.8


def test_same_seed_same_model_other_seed_other_model(part):
    one, again, other = (learnt(replace(SMALL, seed=seed), part) for seed in (3, 3, 4))
    x = part.matrix("notebook")
    assert np.array_equal(one.probabilities(x), again.probabilities(x))
    assert not np.allclose(one.probabilities(x), other.probabilities(x))


def test_members_are_averaged(part):
    alone = [learnt(replace(SMALL, seed=seed), part) for seed in (5, 6)]
    together = learnt(replace(SMALL, seed=5, members=2), part)
    x = part.matrix("notebook")
    np.testing.assert_allclose(
        together.probabilities(x), np.mean([model.probabilities(x) for model in alone], axis=0), atol=1e-6
    )


def test_stop_keeps_the_best_so_far(part):
    settings = replace(SMALL, validation=0.25, epochs=50)
    training = train(settings, part.matrix("notebook"), part.labels, part.actors)
    seen = [next(training) for _ in range(5)]
    model = stopped(training)
    best = max(seen, key=lambda report: (report.validation_uar, -report.validation_loss))
    assert seen[-1].best_epoch == best.epoch
    same = learnt(replace(settings, epochs=best.epoch), part)
    x = part.matrix("notebook")
    assert np.array_equal(model.probabilities(x), same.probabilities(x))


def test_patience_ends_it(part):
    seen = reports(replace(SMALL, validation=0.25, patience=3, epochs=200), part)
    assert len(seen) < 200
    assert seen[-1].epoch - seen[-1].best_epoch >= 3


def test_watched_actors_are_not_learnt_from(part):
    """A watched actor's clips turned to nonsense leave scaling and weights as they were."""
    settings = replace(SMALL, validation=0.25, epochs=1)
    _, watch = hold_out("heldout", part.labels, part.actors, 0.25)
    spoilt = part.matrix("notebook").copy()
    spoilt[watch] = 1e6
    clean = learnt(settings, part)
    other = finish(train(settings, spoilt, part.labels, part.actors))
    assert np.array_equal(clean.mean, other.mean)
    assert np.array_equal(clean.networks[0].weights[0], other.networks[0].weights[0])


def test_balanced_lifts_the_rare_emotion(part):
    rare = part.select((part.labels != "neutral") | (np.arange(len(part)) % 4 == 0))
    counts = []
    for balanced in (False, True):
        model = learnt(replace(SMALL, balanced=balanced, epochs=20), rare)
        counts.append(model.probabilities(part.matrix("notebook"))[:, 0].sum())
    assert counts[1] > counts[0]


def test_groups_choose_the_features(table):
    model = learnt(
        replace(SMALL, feature_set="standard", groups=("pitch",), epochs=1), table.select(np.arange(0, 1440, 7))
    )
    assert set(model.feature_names) == {f.name for f in table.features("standard") if f.group == "pitch"}
    assert all(name.startswith(("f0", "run_")) for name in model.feature_names)


def test_an_emotion_without_clips_is_refused(part):
    with pytest.raises(TrainingError, match="No clip of 'angry'"):
        learnt(SMALL, part.select(part.labels != "angry"))


def test_a_loss_that_bursts_is_said(part):
    with pytest.raises(TrainingError, match="Lower the learning rate"):
        learnt(replace(SMALL, solver="sgd", learning_rate=1.0, alpha=100.0, epochs=500), part)
