"""Clips heard in the background: results in order, errors beside them, and a stop that acts."""

import threading
import time

import numpy as np
import pytest
from sounds import file, voice

from ser import listening
from ser.errors import AudioError, ModelStoreError
from ser.listening import Listening, Sound
from ser.prediction import Heard
from ser.store import ModelStore


@pytest.fixture(scope="module")
def model():
    return ModelStore().load("default").model


def test_thirty_files_three_of_them_broken_give_27_results_and_3_errors_in_order(model):
    good = file(voice(1.0), 16_000)
    sounds = [Sound(f"{i}.wav", b"This is a diary." if i % 10 == 4 else good) for i in range(30)]
    run = Listening(sounds, model)
    run.start()
    run.join(120)
    snapshot = run.snapshot()
    assert snapshot.state == "done"
    assert snapshot.share == 1.0
    assert [isinstance(found, AudioError) for found in snapshot.found] == [i % 10 == 4 for i in range(30)]
    assert all(sounds[i].name in str(snapshot.found[i]) for i in (4, 14, 24))
    assert [found.file for found in snapshot.found if isinstance(found, Heard)] == [
        sound.name for i, sound in enumerate(sounds) if i % 10 != 4
    ]


def test_a_stop_acts_within_a_window_and_keeps_what_was_found(model):
    long = file(np.tile(voice(10.0), 12), 16_000)
    run = Listening([Sound("short", file(voice(1.0), 16_000)), Sound("long", long)], model)
    run.start()
    deadline = time.monotonic() + 60
    while len(run.snapshot().found) < 1 or run.snapshot().share <= 0.5:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    run.stop()
    run.join(30)
    snapshot = run.snapshot()
    assert snapshot.state == "stopped"
    assert [found.file for found in snapshot.found] == ["short"]
    assert 0.5 < snapshot.share < 1.0


def test_the_share_only_grows(model, monkeypatch):
    seen = []
    real = Listening._set

    def watched(self, **changes):
        real(self, **changes)
        seen.append(self.snapshot().share)

    monkeypatch.setattr(Listening, "_set", watched)
    run = Listening([Sound("a", file(voice(8.0), 16_000)), Sound("b", b"no sound")], model)
    run.start()
    run.join(60)
    assert seen == sorted(seen)
    assert len(set(seen)) > 3


def test_who_waits_for_a_place_can_be_stopped(model, monkeypatch):
    monkeypatch.setattr(listening, "_PLACES", threading.BoundedSemaphore(1))
    listening._PLACES.acquire()
    run = Listening([Sound("a", file(voice(1.0), 16_000))], model)
    run.start()
    assert run.snapshot().state == "waiting"
    run.stop()
    run.join(10)
    assert run.snapshot().state == "stopped"


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        (ModelStoreError("Made for other features."), "Made for other features."),
        (RuntimeError("a bug"), "fault of the"),
    ],
)
def test_what_no_clip_is_to_blame_for_ends_it_with_a_sentence(model, monkeypatch, raised, said):
    def broken(*_, **__):
        raise raised
        yield

    monkeypatch.setattr(listening, "hear", broken)
    run = Listening([Sound("a", b""), Sound("b", b"")], model)
    run.start()
    run.join(10)
    assert run.snapshot().state == "failed"
    assert said in str(run.snapshot().error)
