"""Robustness measured on unseen actors: who is drawn, who babbles, what is counted."""

import json
from dataclasses import replace

import numpy as np
import pytest

from ser.data.splits import EMOBOX_FOLDS
from ser.emotions import LABELS
from ser.errors import DatasetError
from ser.evaluation import robustness
from ser.evaluation.recording_changes import CHANGES
from ser.evaluation.robustness import ClipAnswer, ClipAnswers, drawn_evenly, measure_robustness, summarise
from ser.training.settings import TrainingSettings
from tests.helpers import shipped
from tests.helpers.steps import followed, stopped

pytestmark = pytest.mark.slow

TABLE = shipped.table()
QUICK = TrainingSettings(hidden_layers=(32,), epochs=8, members=1, copies=0, views=False, calibration_folds=0)
# Two folds, so that each trains on the other's actors.
TWO_FOLDS = TABLE.select(np.isin(TABLE.actors, EMOBOX_FOLDS[0] + EMOBOX_FOLDS[1]))


@pytest.mark.parametrize("count", [1, 96, 192, 240, 480, 1440, 2000])
def test_clips_are_drawn_evenly(count):
    rows = drawn_evenly(TABLE.labels, TABLE.actors, count)
    assert rows.size == np.unique(rows).size == min(count, 1440)
    if 24 <= count <= 768:  # neutral has four clips an actor, so up to there every cell can give as many as any other
        actors = np.unique(TABLE.actors[rows], return_counts=True)[1]
        emotions = np.unique(TABLE.labels[rows], return_counts=True)[1]
        assert actors.size == 24 and np.ptp(actors) == 0
        assert emotions.size == 8 and np.ptp(emotions) == 0


def test_every_change_is_of_the_issue():
    kinds = (
        "gain",
        "MP3",
        "Opus",
        "AAC",
        "telephone",
        "white",
        "babble",
        "hum",
        "room",
        "silence",
        "clipping",
        "speed",
    )
    assert all(any(kind in name for name in CHANGES) for kind in kinds)


@pytest.fixture(scope="module")
def measured(ravdess):
    return followed(measure_robustness(QUICK, TWO_FOLDS, ravdess, clips=16, jobs=2))


@pytest.mark.ravdess
def test_a_measurement_adds_up(measured):
    _, found = measured
    assert found.n_clips == 16 and found.protocol == "emobox" and not found.reported
    assert list(found.changes) == list(CHANGES)
    # 16 clips: every share is a sixteenth
    assert all((each.same_label * 16) % 1 == 0 for each in found.changes.values())
    # Levelling takes gain out.
    assert found.changes["gain +6 dB"].same_label == found.changes["gain -6 dB"].same_label == 1
    # Where every label stays, so does the score; strong noise changes labels.
    assert found.changes["gain +6 dB"].uar == found.changes["gain -6 dB"].uar == found.uar
    assert found.changes["white 10 dB"].same_label < found.changes["MP3 64k"].same_label
    printed = json.loads(json.dumps(found.to_json()))
    assert printed["changes"] == {name: vars(each) for name, each in found.changes.items()}
    assert printed["uar"] == found.uar and printed["settings"] == QUICK.to_json()


@pytest.mark.ravdess
def test_progress_is_that_of_the_work(measured):
    reports, _ = measured
    assert [r.done for r in reports] == sorted(r.done for r in reports)
    assert reports[-1].done == reports[-1].total == 16
    assert {r.fold for r in reports} == {1, 2}
    assert reports[0].seconds_left is None and reports[-1].seconds_left == pytest.approx(0)


@pytest.mark.ravdess
def test_folds_without_a_clip_are_not_trained(ravdess, monkeypatch):
    monkeypatch.setattr(robustness, "CHANGES", {"gain +6 dB": CHANGES["gain +6 dB"]})
    reports, found = followed(measure_robustness(QUICK, TWO_FOLDS, ravdess, clips=1))
    assert found.n_clips == 1 and {r.folds for r in reports} == {1}


@pytest.mark.ravdess
def test_it_can_be_given_up(ravdess):
    for when in (1, 12):  # in the first training, and among the clips
        steps = measure_robustness(QUICK, TWO_FOLDS, ravdess, clips=16)
        for _ in range(when):
            report = next(steps)
        assert (report.done > 0) == (when == 12)
        assert stopped(steps) is None


@pytest.mark.ravdess
def test_nobody_who_is_scored_is_trained_on_or_babbles(ravdess, monkeypatch):
    trained, voices = [], []
    fit, tasks = robustness.fit, robustness.tasks_of

    def watched_fit(settings, table, rows):
        trained.append(set(table.actors[rows]))
        return fit(settings, table, rows)

    def watched_tasks(table, source, fold):
        asked = []
        spy = type("Spy", (), {"read": lambda _, name: asked.append(int(name[-2:])) or source.read(name)})()
        for task in tasks(table, spy, fold):
            voices.append((asked[0], set(asked[1:])))
            asked.clear()
            yield task

    monkeypatch.setattr(robustness, "fit", watched_fit)
    monkeypatch.setattr(robustness, "tasks_of", watched_tasks)
    monkeypatch.setattr(robustness, "CHANGES", {"hum 10 dB": CHANGES["hum 10 dB"]})
    followed(measure_robustness(replace(QUICK, epochs=1), TWO_FOLDS, ravdess, clips=16))
    first, second = set(EMOBOX_FOLDS[0]), set(EMOBOX_FOLDS[1])
    assert trained == [second, first]
    assert len(voices) == 16
    assert all(others <= (second if actor in first else first) for actor, others in voices)


def test_a_confidence_that_falls_where_the_label_changes_tells_these_apart(monkeypatch):
    monkeypatch.setattr(robustness, "CHANGES", {"hum 10 dB": CHANGES["hum 10 dB"]})
    rows = [int(np.flatnonzero(TABLE.labels == label)[0]) for label in LABELS[:4]]
    others = [LABELS[0], LABELS[1], LABELS[0], LABELS[0]]
    sure = (0.9, 0.5, 0.5, 0.3)
    answers = [
        ClipAnswers(ClipAnswer(label, 0.8), {"hum 10 dB": ClipAnswer(other, confidence)})
        for label, other, confidence in zip(LABELS, others, sure, strict=False)
    ]
    (change,) = summarise(QUICK, TABLE, rows, answers).changes.values()
    assert change.confidence_if_same == pytest.approx(0.7) and change.confidence_if_other == pytest.approx(0.4)
    assert change.auroc == 0.875


def test_refused_clips_count_as_changed_and_wrong(monkeypatch):
    monkeypatch.setattr(robustness, "CHANGES", {"gain -12 dB": CHANGES["gain -12 dB"]})
    rows = [int(np.flatnonzero(TABLE.labels == label)[0]) for label in LABELS[:4]]
    answers = [ClipAnswers(ClipAnswer(label, 0.6), {"gain -12 dB": ClipAnswer(label, 0.5)}) for label in LABELS[:3]]
    answers.append(ClipAnswers(ClipAnswer(LABELS[3], 1.0), {"gain -12 dB": None}))
    found = summarise(QUICK, TABLE, [*rows, 0], [*answers, "0.wav is silent."])
    (change,) = found.changes.values()
    assert (found.uar, change.same_label, change.uar, change.refused) == (1, 0.75, 0.75, 1)
    assert (found.confidence, found.ece) == (pytest.approx(0.7), pytest.approx(0.3))
    # The refused clip has no confidence.
    assert (change.confidence, change.ece) == (0.5, 0.5)
    assert (change.confidence_if_same, change.confidence_if_other, change.auroc) == (0.5, None, None)
    assert found.n_clips == 4 and found.reported == ("0.wav is silent.",)
    with pytest.raises(DatasetError, match="could be used"):
        summarise(QUICK, TABLE, [0], ["0.wav is silent."])
