"""Settings, the training loop, calibration and cross-validation."""

import itertools
import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

from ser.data.splits import hold_out, split
from ser.emotions import LABELS
from ser.errors import TrainingError
from ser.evaluation.crossvalidation import _Place, _watched, calibration_folds, cross_validate, fit, with_profiles
from ser.features import feature_set
from ser.metrics import expected_calibration_error, uar
from ser.model.calibration import calibrate
from ser.steps import Command, finish
from ser.training.trainer import LBFGS_STRIDE, PRESETS, TrainingSettings, emphasised, train, train_enrolled
from tests.helpers.quick import PLAIN
from tests.helpers.steps import stopped

ROOT = Path(__file__).parents[2]
SMALL = replace(PLAIN, epochs=6)


@pytest.fixture(scope="module")
def part(table):
    """About twenty clips of an actor of eight: enough to learn from, quick to learn."""
    return table.select((table.actors <= 8) & (np.random.default_rng(0).random(len(table)) < 0.34))


def learnt(settings, part):
    return finish(train(settings, part.matrix(settings.feature_set), part.labels, part.actors))


def reports(settings, part):
    return list(train(settings, part.matrix(settings.feature_set), part.labels, part.actors))


class TestSettings:
    def test_json_round_trip(self):
        for preset in PRESETS.values():
            assert TrainingSettings.from_json(json.dumps(preset.to_json())) == preset

    def test_what_is_left_out_is_the_shipped_models(self):
        assert TrainingSettings.from_json("{}") == TrainingSettings() == PRESETS["shipped"]

    @pytest.mark.parametrize(
        ("record", "says"),
        [
            ({"epochs": 0}, "epochs is 0"),
            ({"epochs": 2.5}, "whole number"),
            ({"epochs": True}, "epochs is True"),
            ({"alpha": -1}, "alpha is -1"),
            ({"alpha": float("nan")}, "alpha is nan"),
            ({"alpha": "much"}, "alpha is 'much'"),
            ({"learning_rate": 5}, "learning_rate is 5"),
            ({"batch_size": 0}, "batch_size is 0"),
            ({"validation": 0.9}, "validation is 0.9"),
            ({"members": 99}, "members is 99"),
            ({"seed": -1}, "seed is -1"),
            ({"solver": "adagrad"}, "adam, sgd, lbfgs"),
            ({"activation": "swish"}, "relu, tanh, logistic"),
            ({"schedule": "staircase"}, "constant, cosine, invscaling, adaptive"),
            ({"protocol": "bootstrap"}, "protocol is 'bootstrap'"),
            ({"feature_set": "opensmile"}, "no feature set"),
            ({"groups": ["formants"]}, "groups has 'formants'"),
            ({"groups": "pitch"}, "a list is needed"),
            ({"emotions": ["happy"]}, "at least two"),
            ({"emotions": ["happy", ""]}, "emotions has ''"),
            ({"emotions": ["happy", 7]}, "emotions has 7"),
            ({"emotions": ["happy", "x" * 41]}, "1 to 40 characters"),
            ({"momentum": 1.0}, "momentum is 1.0"),
            ({"beta_1": 1}, "beta_1 is 1"),
            ({"epsilon": 0}, "epsilon is 0"),
            ({"tolerance": -1e-4}, "tolerance is"),
            ({"nesterov": "yes"}, "true or false"),
            ({"learning_rate_changes": [[0, 0.1]]}, "learning_rate_changes has"),
            ({"learning_rate_changes": [[3, 5.0]]}, "learning_rate_changes has"),
            ({"learning_rate_changes": [3]}, "pairs"),
            ({"hidden_layers": []}, "hidden_layers"),
            ({"hidden_layers": [0]}, "hidden_layers"),
            ({"hidden_layers": [16, 16, 16, 16, 16]}, "1 to 4 layers"),
            ({"test_actors": ["one"]}, "test_actors"),
            ({"scale": 1}, "true or false"),
            ({"dropout": 0.5}, "no setting 'dropout'"),
            ([1, 2], "an object"),
            ("{", "not JSON"),
        ],
    )
    def test_what_does_not_fit_gets_a_sentence(self, record, says):
        with pytest.raises(TrainingError, match=says):
            TrainingSettings.from_json(record)

    def test_emotions_come_in_label_order(self):
        assert TrainingSettings(emotions=("sad", "calm", "neutral")).emotions == ("neutral", "calm", "sad")

    def test_own_labels_come_after_the_known_in_their_order(self):
        assert TrainingSettings(emotions=("tired", "sad", "bored", "calm")).emotions == (
            "calm",
            "sad",
            "tired",
            "bored",
        )

    def test_changes_of_the_learning_rate_are_sorted_and_survive_json(self):
        settings = TrainingSettings(learning_rate_changes=[[9, 0.01], [3, 0.1]])
        assert settings.learning_rate_changes == ((3, 0.1), (9, 0.01))
        assert TrainingSettings.from_json(json.dumps(settings.to_json())) == settings


class TestTrain:
    @pytest.mark.parametrize("solver", ["adam", "sgd"])
    def test_same_weights_as_one_fit(self, part, solver):
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
    def test_each_number_of_the_optimiser_acts_as_in_scikit_learn(self, part, ours):
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

    def test_tolerance_decides_how_much_is_an_improvement(self, part):
        patient = replace(SMALL, patience=2, epochs=60)
        assert len(reports(replace(patient, tolerance=0.5), part)) < len(reports(patient, part))

    @pytest.mark.parametrize("solver", ["adam", "sgd"])
    def test_a_learning_rate_changed_on_the_way_is_in_the_settings_and_gives_the_same_model_again(self, part, solver):
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

    def test_lbfgs_has_no_learning_rate_to_change(self, part):
        training = train(replace(SMALL, solver="lbfgs", epochs=20), part.matrix("notebook"), part.labels, part.actors)
        assert next(training).learning_rate is None
        training.send(Command(learning_rate=0.1))
        assert finish(training).settings["learning_rate_changes"] == []

    def test_the_reports_tell_what_is_answered_for_the_watched_clips(self, part):
        settings = replace(SMALL, validation=0.25, epochs=3)
        last = reports(settings, part)[-1]
        _, rows = hold_out("heldout", part.labels, part.actors, 0.25)
        assert last.watched.shape == (rows.size, 8)
        hits = np.array(LABELS)[last.watched.argmax(axis=1)] == part.labels[rows]
        present = np.unique(part.labels[rows])
        recalls = [hits[part.labels[rows] == label].mean() for label in present]
        assert np.mean(recalls) == pytest.approx(last.validation_uar)
        assert reports(replace(settings, validation=0.0), part)[-1].watched is None

    def test_time_spent_waiting_between_epochs_is_not_counted(self, part):
        training = train(replace(SMALL, epochs=2), part.matrix("notebook"), part.labels, part.actors)
        next(training)
        time.sleep(0.5)
        assert next(training).seconds < 0.5

    @pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
    def test_loss_falls_and_every_epoch_reports(self, part, solver):
        stride = LBFGS_STRIDE if solver == "lbfgs" else 1
        seen = reports(replace(SMALL, solver=solver, epochs=6 * stride, learning_rate=0.005), part)
        assert [report.epoch for report in seen] == [stride * i for i in range(1, 7)]
        assert seen[-1].loss < seen[0].loss
        assert seen[-1].training_uar > seen[0].training_uar
        assert seen[-1].seconds_left == 0
        assert all(a.seconds <= b.seconds for a, b in itertools.pairwise(seen))

    @pytest.mark.parametrize("activation", ["relu", "tanh", "logistic"])
    def test_two_emotions(self, part, activation):
        settings = replace(SMALL, emotions=("calm", "angry"), activation=activation, epochs=30, learning_rate=0.01)
        model = learnt(settings, part)
        assert model.labels == ("calm", "angry")
        chosen = np.isin(part.labels, model.labels)
        answers = model.probabilities(part.matrix("notebook")[chosen])
        np.testing.assert_allclose(answers.sum(axis=1), 1)
        assert np.mean(np.array(model.labels)[answers.argmax(axis=1)] == part.labels[chosen]) > 0.8

    def test_same_seed_same_model_other_seed_other_model(self, part):
        one, again, other = (learnt(replace(SMALL, seed=seed), part) for seed in (3, 3, 4))
        x = part.matrix("notebook")
        assert np.array_equal(one.probabilities(x), again.probabilities(x))
        assert not np.allclose(one.probabilities(x), other.probabilities(x))

    def test_members_are_averaged(self, part):
        alone = [learnt(replace(SMALL, seed=seed), part) for seed in (5, 6)]
        together = learnt(replace(SMALL, seed=5, members=2), part)
        x = part.matrix("notebook")
        np.testing.assert_allclose(
            together.probabilities(x), np.mean([model.probabilities(x) for model in alone], axis=0), atol=1e-6
        )

    def test_stop_keeps_the_best_so_far(self, part):
        settings = replace(SMALL, validation=0.25, epochs=50)
        training = train(settings, part.matrix("notebook"), part.labels, part.actors)
        seen = [next(training) for _ in range(5)]
        model = stopped(training)
        best = max(seen, key=lambda report: (report.validation_uar, -report.validation_loss))
        assert seen[-1].best_epoch == best.epoch
        same = learnt(replace(settings, epochs=best.epoch), part)
        x = part.matrix("notebook")
        assert np.array_equal(model.probabilities(x), same.probabilities(x))

    def test_patience_ends_it(self, part):
        seen = reports(replace(SMALL, validation=0.25, patience=3, epochs=200), part)
        assert len(seen) < 200
        assert seen[-1].epoch - seen[-1].best_epoch >= 3

    def test_watched_actors_are_not_learnt_from(self, part):
        """A watched actor's clips turned to nonsense leave scaling and weights as they were."""
        settings = replace(SMALL, validation=0.25, epochs=1)
        _, watch = hold_out("heldout", part.labels, part.actors, 0.25)
        spoilt = part.matrix("notebook").copy()
        spoilt[watch] = 1e6
        clean = learnt(settings, part)
        other = finish(train(settings, spoilt, part.labels, part.actors))
        assert np.array_equal(clean.mean, other.mean)
        assert np.array_equal(clean.networks[0].weights[0], other.networks[0].weights[0])

    def test_balanced_lifts_the_rare_emotion(self, part):
        rare = part.select((part.labels != "neutral") | (np.arange(len(part)) % 4 == 0))
        counts = []
        for balanced in (False, True):
            model = learnt(replace(SMALL, balanced=balanced, epochs=20), rare)
            counts.append(model.probabilities(part.matrix("notebook"))[:, 0].sum())
        assert counts[1] > counts[0]

    def test_groups_choose_the_features(self, table):
        model = learnt(
            replace(SMALL, feature_set="standard", groups=("pitch",), epochs=1), table.select(np.arange(0, 1440, 7))
        )
        assert set(model.feature_names) == {f.name for f in table.features("standard") if f.group == "pitch"}
        assert all(name.startswith(("f0", "run_")) for name in model.feature_names)

    def test_an_emotion_without_clips_is_refused(self, part):
        with pytest.raises(TrainingError, match="No clip of 'angry'"):
            learnt(SMALL, part.select(part.labels != "angry"))

    def test_a_loss_that_bursts_is_said(self, part):
        with pytest.raises(TrainingError, match="Lower the learning rate"):
            learnt(replace(SMALL, solver="sgd", learning_rate=1.0, alpha=100.0, epochs=500), part)


class TestCalibration:
    def test_overconfident_probabilities_are_tempered(self):
        rng = np.random.default_rng(0)
        logits = rng.normal(size=(4000, 4))
        truth = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        actual = (truth.cumsum(axis=1) > rng.random((4000, 1))).argmax(axis=1)
        overconfident = truth**3 / (truth**3).sum(axis=1, keepdims=True)
        found = calibrate(overconfident, actual)
        assert found.temperature == pytest.approx(3, rel=0.1)
        temperature_scaled = overconfident ** (1 / found.temperature)
        temperature_scaled /= temperature_scaled.sum(axis=1, keepdims=True)
        right = temperature_scaled.argmax(axis=1) == actual
        assert expected_calibration_error(temperature_scaled.max(axis=1), right) < 0.02
        held = temperature_scaled[np.arange(actual.size), actual] >= found.set_threshold
        assert held.mean() == pytest.approx(0.9, abs=0.005)
        doubted = temperature_scaled.max(axis=1) < found.abstain_below
        assert right[doubted].mean() < 0.5 < right[~doubted].mean()

    def test_calibration_folds_part_actors(self):
        actors = np.repeat(np.arange(1, 11), 6)
        folds = calibration_folds(replace(SMALL, calibration_folds=4), actors)
        assert len(folds) == 4
        assert np.array_equal(np.sum(folds, axis=0), np.ones(60))
        for held in folds:
            assert not set(actors[held]) & set(actors[~held])

    def test_fit_calibrates_on_actors_unheard(self, part):
        rows = np.flatnonzero(part.actors <= 6)
        raw = finish(fit(SMALL, part, rows))
        folded = finish(fit(replace(SMALL, calibration_folds=3), part, rows))
        watched = finish(fit(replace(SMALL, validation=0.3), part, rows))
        assert raw.calibration.set_threshold is None
        assert folded.calibration.set_threshold is not None and watched.calibration.set_threshold is not None
        # The weights do not hear of it.
        assert np.array_equal(raw.networks[0].weights[0], folded.networks[0].weights[0])

    def test_given_up_calibration_is_as_if_there_were_no_folds(self, part):
        rows = np.flatnonzero(part.actors <= 6)
        settings = replace(SMALL, validation=0.3, epochs=2)
        steps = fit(replace(settings, calibration_folds=3), part, rows)
        for _ in range(3):  # two epochs and one of the first fold
            next(steps)
        assert stopped(steps).calibration == finish(fit(settings, part, rows)).calibration

    def test_the_folds_follow_a_learning_rate_changed_on_the_way(self, part):
        rows = np.flatnonzero(part.actors <= 6)
        steps = fit(replace(SMALL, calibration_folds=3), part, rows)
        next(steps)
        steps.send(Command(learning_rate=0.02))
        changed = finish(steps)
        again = finish(fit(TrainingSettings.from_json(changed.settings), part, rows))
        assert changed.settings["learning_rate_changes"] and changed.calibration == again.calibration


class TestCrossValidation:
    def test_scores_are_those_of_models_that_never_saw_the_actor(self, part):
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

    def test_every_epoch_of_every_fold_reports(self, part):
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
            {"calibration_folds": 2, "enrolled_members": 1},
            {"calibration_folds": 2, "enrolled_members": 1, "emotions": ("happy", "sad")},  # nobody speaks plainly
        ],
        ids=str,
    )
    def test_every_training_counts_once_in_the_progress(self, part, more):
        few = part.select(part.actors <= 4)
        settings = replace(SMALL, protocol="loso", epochs=2, **more)
        shares = [report.share for report in cross_validate(settings, few)]
        np.testing.assert_allclose(shares, np.arange(1, len(shares) + 1) / len(shares))

    @pytest.mark.parametrize("after", [1, 3, 9])
    def test_it_can_be_given_up_after_any_epoch(self, part, after):
        steps = cross_validate(replace(SMALL, protocol="loso", epochs=2, calibration_folds=2), part)
        for _ in range(after):
            next(steps)
        assert stopped(steps) is None

    def test_chosen_emotions_only(self, part):
        settings = replace(SMALL, emotions=("calm", "happy"), epochs=2, test_actors=(1,))
        found = finish(cross_validate(settings, part))
        assert found.evaluation.labels == ("calm", "happy")
        assert set(part.labels[found.rows]) == {"calm", "happy"}


def test_linear_algebra_has_one_thread_wherever_a_training_runs():
    """In a process of its own, for the tests' own process is limited before any training."""
    code = """
import threading
from dataclasses import replace
import numpy as np
from threadpoolctl import threadpool_info
from ser.training.trainer import PRESETS, train
settings = replace(PRESETS["small"], feature_set="notebook")
X, labels, actors = np.random.default_rng(0).normal(size=(64, 180)), np.array(settings.emotions * 8), np.arange(64) // 8
def look():
    steps = train(settings, X, labels, actors)
    next(steps)
    print(sorted({each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"}))
    steps.close()
# First here, in a thread that lives on, then in another: OpenBLAS obeys one thread at a time.
look()
thread = threading.Thread(target=look)
thread.start()
thread.join()
"""
    environment = {key: value for key, value in os.environ.items() if not key.endswith("_NUM_THREADS")}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, env=environment)
    assert done.stdout.splitlines() == ["[1]", "[1]"], done.stderr


def test_a_known_voice_is_compared_with_itself_in_the_same_reading():
    """One number that is the voice's, an actor's own in every sitting, and a little of the emotion."""
    rng = np.random.default_rng(0)
    emotions = ("neutral", "happy", "sad")

    def session(actors: np.ndarray, labels: np.ndarray) -> np.ndarray:
        features = np.zeros((labels.size, 180), np.float32)
        voice = dict(zip(np.unique(actors), rng.normal(0, 3, np.unique(actors).size), strict=True))
        features[:, 0] = rng.normal(0, 0.1, labels.size)
        features[:, 0] += [voice[actor] + emotions.index(label) for actor, label in zip(actors, labels, strict=True)]
        return features

    actors, labels = np.repeat(np.arange(1, 41), 12), np.tile(np.repeat(emotions, 4), 40)
    readings = np.stack([session(actors, labels) for _ in range(3)])
    settings = replace(
        PRESETS["fast"], feature_set="notebook", emotions=emotions, alpha=1e-4, epochs=30, learning_rate=0.01,
        validation=0.0, enrolled_members=1,
    )  # fmt: skip
    model = finish(train(settings, readings[0], labels, actors, readings[1:]))
    model = finish(train_enrolled(settings, model, readings, labels, actors))
    new, told = np.repeat(np.arange(1, 11), 12), np.tile(np.repeat(emotions, 4), 10)
    clip_views = session(new, told)[None]
    y = np.array([model.labels.index(label) for label in told])
    known, places = with_profiles(model, clip_views, told, new, 1, seed=0)
    assert uar(y, model.ensemble_probabilities(clip_views).argmax(axis=1)) < 0.6
    assert uar(y[places], known.argmax(axis=1)) > 0.85


class TestEmphasis:
    def test_voice_counts_more_and_correlations_less(self):
        names = feature_set("standard").names
        weights = dict(zip(names, emphasised(TrainingSettings(emphasis=2.0)), strict=True))
        plain = weights["mfcc3.mean"]
        assert weights["f0.mean"] == weights["hnr.mean"] == pytest.approx(2 * plain)
        assert weights["coupling_cross.cpp~mfcc1"] == weights["mfcc0~mfcc1.lag8"] == pytest.approx(plain / 2)
        assert np.mean(np.square(list(weights.values()))) == pytest.approx(1.0)

    @pytest.mark.parametrize("changed", [{"emphasis": 1.0}, {"scale": False}, {"feature_set": "notebook"}])
    def test_none_where_there_is_nothing_to_emphasise(self, changed):
        assert (emphasised(replace(TrainingSettings(), **changed)) == 1).all()

    def test_the_model_takes_features_as_they_are(self, part):
        """What learnt from emphasised inputs answers, given plain ones, as a network that was handed them weighted."""
        settings = replace(PLAIN, feature_set="standard", epochs=4, limit=0.0, emphasis=1.5)
        features = part.matrix("standard")
        model = finish(train(settings, features, part.labels, part.actors))
        weighted = model.inputs(features) * emphasised(settings)
        other = replace(settings, scale=False)
        reference = finish(train(other, weighted, part.labels, part.actors))
        assert np.allclose(
            model.ensemble_probabilities(features), reference.ensemble_probabilities(weighted), atol=1e-5
        )


def test_a_first_fold_that_begins_late_still_tells_a_time_left(part):
    """As on a machine so busy that a moment passes between a fold's place being taken and its first epoch."""
    steps = train(SMALL, part.matrix("notebook"), part.labels, part.actors)
    report = next(_watched(steps, 1, _Place(1, 2, "fold 1", time.perf_counter() - 1)))
    assert report.fold == 1
    assert report.seconds_left > 0
