"""A training in the background: it hears every command within an epoch, waits its turn, and can be repeated."""

import itertools
import time
from dataclasses import replace

import numpy as np
import pytest

from ser.errors import TrainingError
from ser.evaluation.crossvalidation import cross_validate
from ser.experiments import run as running
from ser.experiments.run import TrainingRun
from ser.lanes import Lane, Slots
from ser.steps import finish
from ser.training.presets import PRESETS
from ser.training.settings import TrainingSettings
from tests.helpers.quick import PLAIN, own_speakers

QUICK = replace(PLAIN, epochs=8, validation=0.25)
ENDLESS = replace(QUICK, epochs=2000)


@pytest.fixture
def start(table):
    """Starts runs, and ends them with the test."""
    started = []

    def begin(settings, *, paused=False, **options):
        run = TrainingRun(settings, table, **options)
        if paused:  # before the start, or a busy machine lets some epochs pass
            run.pause()
        run.start()
        started.append(run)
        return run

    yield begin
    for run in started:
        run.stop()
        run.join(30)


def until(condition, seconds=30.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def epochs(run):
    return len(run.snapshot().reports)


def over(run, seconds=60):
    run.join(seconds)
    snapshot = run.snapshot()
    assert snapshot.over
    return snapshot


def repeated(snapshot, table):
    """What the command line would say for the settings that the run hands out."""
    return finish(cross_validate(TrainingSettings.from_json(snapshot.replay.to_json()), table))


def same(judged, again):
    assert np.array_equal(judged.rows, again.rows)
    assert np.array_equal(judged.probabilities, again.probabilities)
    assert judged.evaluation == again.evaluation


class TestCommands:
    def test_pause_acts_within_an_epoch_and_resume_goes_on(self, start):
        run = start(ENDLESS)
        until(lambda: epochs(run) > 3)
        run.pause()
        before = epochs(run)
        time.sleep(0.3)
        after = epochs(run)
        assert after <= before + 1 and run.snapshot().paused and run.snapshot().halted
        time.sleep(0.3)
        assert epochs(run) == after
        run.resume()
        until(lambda: epochs(run) > after + 3)
        assert not run.snapshot().paused and not run.snapshot().halted

    def test_a_step_is_one_epoch(self, start):
        run = start(ENDLESS, paused=True)
        until(lambda: run.snapshot().halted)
        for expected in (2, 3, 4):
            run.step()
            until(lambda expected=expected: epochs(run) == expected)
            time.sleep(0.1)
            assert epochs(run) == expected and run.snapshot().paused

    def test_stop_acts_within_an_epoch_also_when_paused(self, start):
        run = start(ENDLESS, paused=True)
        until(lambda: run.snapshot().halted)
        run.stop()
        snapshot = over(run)
        assert snapshot.state == "stopped" and len(snapshot.reports) == 1 and snapshot.evaluation is not None

    def test_the_learning_rate_changes_on_the_way(self, start):
        run = start(ENDLESS, paused=True)
        until(lambda: run.snapshot().halted)
        run.change_learning_rate(0.02)
        run.step()
        until(lambda: epochs(run) == 2)
        assert [report.learning_rate for report in run.snapshot().reports] == [0.001, 0.02]
        with pytest.raises(TrainingError, match="learning_rate is 7"):
            run.change_learning_rate(7)

    def test_time_left_does_not_count_a_pause(self, start):
        run = start(replace(QUICK, epochs=3), paused=True)
        until(lambda: run.snapshot().halted)
        time.sleep(0.6)
        run.step()
        until(lambda: epochs(run) == 2)
        assert run.snapshot().reports[-1].seconds < 0.6


class TestRepeating:
    def test_a_whole_run(self, start, table):
        snapshot = over(start(QUICK))
        assert snapshot.replay == QUICK
        same(snapshot.judged, repeated(snapshot, table))

    @pytest.mark.parametrize("folds", [0, 3])
    def test_a_stopped_run_with_a_learning_rate_changed(self, start, table, folds):
        run = start(replace(ENDLESS, calibration_folds=folds, protocol="emobox"), paused=True)
        until(lambda: run.snapshot().halted)
        run.change_learning_rate(0.01)
        for _ in range(3):
            run.step()
        until(lambda: epochs(run) == 4)
        run.stop()
        snapshot = over(run)
        assert snapshot.replay.learning_rate_changes == ((2, 0.01),) and snapshot.replay.epochs == 4
        assert snapshot.replay.protocol == "heldout" and snapshot.replay.test_actors == (1, 11, 20, 21)
        same(snapshot.judged, repeated(snapshot, table))

    def test_a_stopped_run_without_a_learning_rate(self, start, table):
        """Where the schedule is a cosine, which has no effect with lbfgs."""
        run = start(replace(ENDLESS, solver="lbfgs", schedule="cosine"), paused=True)
        until(lambda: run.snapshot().halted)
        run.stop()
        snapshot = over(run)
        assert snapshot.state == "stopped" and snapshot.replay.epochs == 10
        same(snapshot.judged, repeated(snapshot, table))

    def test_every_fold_of_the_protocol_is_judged(self, start, table):
        settings = replace(QUICK, protocol="emobox", epochs=2, calibration_folds=2)
        snapshot = over(start(settings))
        assert len(snapshot.evaluation.per_actor_uar) == 24 and snapshot.state == "done"
        same(snapshot.judged, repeated(snapshot, table))

    def test_stopped_amid_the_folds_the_first_counts_as_held_out_actors(self, start, table):
        run = start(replace(QUICK, protocol="loso", epochs=3))
        until(lambda: run.snapshot().fold is not None)
        run.stop()
        snapshot = over(run)
        assert snapshot.state == "stopped" and snapshot.evaluation.protocol == "heldout"
        assert list(snapshot.evaluation.per_actor_uar) == [1] and snapshot.counterpart is None
        same(snapshot.judged, repeated(snapshot, table))

    def test_stopped_amid_the_calibration(self, start, table):
        run = start(replace(QUICK, calibration_folds=8, epochs=4))
        until(lambda: run.snapshot().fold is not None)
        run.stop()
        snapshot = over(run)
        assert snapshot.state == "stopped"
        same(snapshot.judged, repeated(snapshot, table))


class TestBothWays:
    def test_a_random_split_never_stands_alone(self, start):
        snapshot = over(start(replace(QUICK, protocol="random", epochs=2)))
        assert snapshot.leaking is snapshot.judged and snapshot.unseen is snapshot.counterpart
        assert snapshot.unseen.evaluation.protocol == "emobox"

    @pytest.mark.parametrize("protocol", ["random", "clips"])
    def test_what_cannot_be_compared_takes_nothing_from_the_score(self, table, protocol):
        """Two voices with clips to watch: one is held out, and the other cannot be on both sides."""
        run = TrainingRun(replace(QUICK, protocol=protocol, epochs=2), own_speakers(table, 2))
        run.start()
        snapshot = over(run)
        assert snapshot.state == "done" and snapshot.error is None and snapshot.judged is snapshot.leaking
        assert snapshot.counterpart is None and "one actor" in snapshot.not_compared

    def test_unseen_actors_stand_beside_a_random_split_if_asked(self, start, table):
        run = start(replace(QUICK, epochs=2))
        over(run)
        shares = [report.share for report in run.judge_other_way()]
        assert shares[-1] == 1
        snapshot = run.snapshot()
        assert snapshot.state == "done"
        assert snapshot.unseen is snapshot.judged and snapshot.leaking is snapshot.counterpart
        same(snapshot.leaking, finish(cross_validate(replace(QUICK, epochs=2, protocol="random"), table)))


class TestSlots:
    def test_runs_wait_their_turn_and_a_paused_one_gives_its_place_away(self, start, monkeypatch):
        monkeypatch.setattr(running, "TRAININGS", Lane("test", Slots(1), niceness=0))
        first = start(ENDLESS)
        until(lambda: epochs(first) > 0)
        second, third = start(ENDLESS), start(ENDLESS)
        until(lambda: third.snapshot().position == 2)
        assert second.snapshot().position == 1 and second.snapshot().state == "waiting"
        third.stop()
        until(lambda: third.snapshot().over)
        first.pause()
        until(lambda: epochs(second) > 0)
        assert second.snapshot().position is None
        count = epochs(first)
        first.resume()
        until(lambda: first.snapshot().position == 1)
        second.stop()
        until(lambda: epochs(first) > count)

    def test_two_runs_learn_at_once(self, start):
        one, other = start(ENDLESS), start(ENDLESS)
        for run in (one, other):
            until(lambda run=run: epochs(run) > 3)
        assert not one.snapshot().over and not other.snapshot().over


def test_what_breaks_off_leaves_a_sentence_and_frees_its_place(start, monkeypatch):
    monkeypatch.setattr(running, "TRAININGS", Lane("test", Slots(1), niceness=0))
    failed = over(start(replace(QUICK, emotions=("calm", "bored"))))
    assert failed.state == "failed" and "No clip of 'bored'" in failed.error
    assert over(start(QUICK)).state == "done"


def test_watched_clips_are_those_of_the_reports(start):
    snapshot = over(start(QUICK))
    last = snapshot.reports[-1]
    hits = np.array(QUICK.emotions)[last.watched.argmax(axis=1)] == snapshot.watched_labels
    recalls = [hits[snapshot.watched_labels == label].mean() for label in QUICK.emotions]
    assert np.mean(recalls) == pytest.approx(last.validation_uar)
    given_to_actual = last.watched[
        np.arange(hits.size), [QUICK.emotions.index(each) for each in snapshot.watched_labels]
    ]
    assert -np.log(given_to_actual).mean() == pytest.approx(last.validation_loss, rel=1e-4)
    assert over(start(replace(QUICK, validation=0.0))).watched_labels is None


def test_reports_come_in_order_and_none_is_lost(start):
    snapshot = over(start(PRESETS["fast"]))
    assert [report.epoch for report in snapshot.reports] == list(range(1, 21))
    assert all(a.seconds <= b.seconds for a, b in itertools.pairwise(snapshot.reports))


class TestMemory:
    def test_only_the_last_answers_for_the_watched_clips_are_kept(self, start):
        reports = over(start(QUICK)).reports
        assert len(reports) > 2 and reports[-1].watched is not None
        assert all(report.watched is None for report in reports[:-1])

    def test_models_have_what_is_equal_in_common(self, start):
        one, other, third = (over(start(replace(QUICK, seed=seed))).model for seed in (0, 0, 1))
        assert one.networks[0].weights[0] is other.networks[0].weights[0]
        assert one.networks[0].weights[0] is not third.networks[0].weights[0]
        assert one.novelty_detector.components is other.novelty_detector.components
        assert one.training_clips.codes is other.training_clips.codes
        assert not one.networks[0].weights[0].flags.writeable  # nobody changes the model of somebody else
