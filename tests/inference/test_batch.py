"""Clips extracted one after the other: results in order, errors beside them, and a stop that acts."""

import numpy as np
import pytest

from ser.errors import AudioError, ModelStoreError
from ser.inference import batch
from ser.inference.batch import ClipFile, extract_batch
from ser.inference.clip_features import ClipFeatures
from tests.helpers import shipped
from tests.helpers.sounds import file, voice
from tests.helpers.steps import followed


@pytest.fixture(scope="module")
def model():
    return shipped.model()


def test_thirty_files_three_of_them_broken_give_27_results_and_3_errors_in_order(model):
    good = file(voice(1.0), 16_000)
    sounds = [ClipFile(f"{i}.wav", b"This is a diary." if i % 10 == 4 else good) for i in range(30)]
    reports, found = followed(extract_batch(sounds, model))
    assert [isinstance(each, AudioError) for each in found] == [i % 10 == 4 for i in range(30)]
    assert all(sounds[i].name in str(found[i]) for i in (4, 14, 24))
    assert [each.file for each in found if isinstance(each, ClipFeatures)] == [
        sound.name for i, sound in enumerate(sounds) if i % 10 != 4
    ]
    assert reports[-1].share == 1.0


def test_the_share_only_grows_and_says_which_clip_is_under_way(model):
    reports, _ = followed(extract_batch([ClipFile("a", file(voice(8.0), 16_000)), ClipFile("b", b"no sound")], model))
    shares = [report.share for report in reports]
    assert shares == sorted(shares)
    assert len(set(shares)) > 3
    assert {(report.number, report.name) for report in reports} == {(1, "a"), (2, "b")}


def test_a_stop_acts_within_a_window_and_keeps_what_was_found(model):
    sounds = [ClipFile("short", file(voice(1.0), 16_000)), ClipFile("long", file(np.tile(voice(10.0), 12), 16_000))]
    reports, found = followed(extract_batch(sounds, model), lambda reports: len(reports) == 3)
    assert [each.file for each in found] == ["short"]
    assert len(reports) == 3


def test_a_stop_after_a_broken_clip_keeps_its_error(model):
    reports, found = followed(
        extract_batch([ClipFile("a", b""), ClipFile("b", b"")], model), lambda reports: len(reports) == 1
    )
    assert len(reports) == len(found) == 1
    assert isinstance(found[0], AudioError)


def test_what_no_clip_is_to_blame_for_ends_it(model, monkeypatch):
    def refuse(*_, **__):
        raise ModelStoreError("Made for other features.")
        yield

    monkeypatch.setattr(batch, "extract_clip", refuse)
    with pytest.raises(ModelStoreError):
        followed(extract_batch([ClipFile("a", b"")], model))
