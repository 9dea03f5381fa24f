"""A visitor's own clips: heard, advised on, saved and loaded, learnt from."""

import io
import json
import zipfile
from dataclasses import replace

import numpy as np
import pytest

from ser.data.table import joined
from ser.errors import AudioError, DatasetError
from ser.evaluation.crossvalidation import cross_validate
from ser.inference.prediction import predict
from ser.steps import finish
from ser.training.fitting import fit
from ser.training.own_clips import (
    FIRST_SPEAKER,
    OwnClips,
    checked_label,
    conclusions,
    extract_files,
    extract_recording,
)
from ser.training.presets import PRESETS
from tests.helpers import shipped
from tests.helpers.sounds import file, voice
from tests.helpers.steps import stopped

FEW = PRESETS["few"]


def recording(pitch=1.0, level=-26.0, seed=0):
    """A voice-like sound, played faster or slower."""
    samples = voice(2.0, 16_000, level=level)
    place = np.arange(0, len(samples) - 1, pitch)
    samples = np.interp(place, np.arange(len(samples)), samples)
    samples = samples + 10 ** ((level - 45) / 20) * np.random.default_rng(seed).standard_normal(len(samples))
    return file(samples.astype(np.float32), 16_000)


@pytest.fixture(scope="module")
def own():
    """Three labels, five clips each, told apart by pitch and pace."""
    files = {"slow": 0.8, "middling": 1.0, "quick": 1.25}
    clips = [
        extract_recording(recording(pitch * (0.96 + 0.02 * take), seed=take), f"{label}-{take}.wav", label)
        for label, pitch in files.items()
        for take in range(5)
    ]
    return OwnClips().adding(clips)


def settings_for(own):
    return replace(FEW, emotions=own.labels)


def test_three_labels_of_five_clips_give_a_score_and_answers(own):
    found = finish(cross_validate(settings_for(own), own.table()))
    assert found.evaluation.n_clips == 15 and found.evaluation.labels == ("slow", "middling", "quick")
    assert found.evaluation.accuracy > 0.8
    model = finish(fit(settings_for(own), own.table(), np.arange(15)))
    answer = predict(recording(1.26, seed=77), model, name="new.wav")
    assert answer.label == "quick" and set(answer.probabilities) == {"slow", "middling", "quick"}


def test_together_with_ravdess(own):
    both = joined([shipped.table(), own.table()])
    assert len(both) == 1455 and set(both.actors[-15:]) == {FIRST_SPEAKER}
    settings = replace(FEW, emotions=("calm", "angry", "slow"), epochs=2, members=1)
    model = finish(fit(settings, both, np.arange(len(both))))
    assert model.labels == ("calm", "angry", "slow")


def test_known_emotions_come_first_and_speakers_are_numbered(own):
    clips = [replace(own.clips[0], label=label, speaker=speaker, name=label) for label, speaker in
             (("tired", "Ann"), ("sad", "Ben"), ("bored", "Ann"), ("calm", ""))]  # fmt: skip
    mixed = OwnClips(tuple(clips))
    assert mixed.labels == ("calm", "sad", "tired", "bored")
    assert mixed.table().actors.tolist() == [101, 102, 101, 103]


def test_names_stay_apart_and_nothing_comes_twice(own):
    first = own.clips[0]
    more = own.adding([first, replace(first, data=own.clips[1].data, label="quick"), replace(first, label="quick")])
    assert len(more) == 17
    names = [clip.name for clip in more.clips]
    assert len(set(names)) == 17 and names[-2:] == ["slow-0.wav (2)", "slow-0.wav (3)"]
    assert more.audio("slow-0.wav (2)") == own.clips[1].data and more.audio("nothing") is None
    assert len(more.without(["slow-0.wav"])) == 16


def test_saved_and_loaded_again_is_the_same(own):
    said = OwnClips(tuple(replace(clip, speaker="Ann") for clip in own.clips))
    data = said.to_zip()
    back = finish(extract_files([("session.zip", data)], ""))
    again = OwnClips().adding(back.clips)
    assert not back.refused
    assert [(c.name, c.label, c.speaker, c.data) for c in again.clips] == [
        (c.name, c.label, c.speaker, c.data) for c in said.clips
    ]
    assert np.array_equal(again.table().matrix("standard"), said.table().matrix("standard"))
    assert not any(name.endswith((".pkl", ".joblib")) for name in zipfile.ZipFile(io.BytesIO(data)).namelist())


def packed(members):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()


def test_a_zip_with_a_folder_for_each_label():
    data = packed({"tired/a.wav": recording(0.9), "awake/eva/b.wav": recording(1.2), "c.wav": recording(1.0)})
    found = finish(extract_files([("clips.zip", data)], "unsorted", "Ann"))
    assert [(clip.name, clip.label, clip.speaker) for clip in found.clips] == [
        ("a.wav", "tired", "Ann"),
        ("b.wav", "awake", "eva"),
        ("c.wav", "unsorted", "Ann"),
    ]


@pytest.mark.parametrize(
    "manifest",
    [b"{", b"[]", b'{"clips": 3}', b'{"clips": [{"file": "../../etc/passwd", "name": "x", "label": "y"}]}', b"\xff"],
)
def test_a_manifest_that_does_not_fit_is_refused(manifest):
    found = finish(extract_files([("bad.zip", packed({"clips.json": manifest, "audio/0001": recording()}))], ""))
    assert found.clips == () and len(found.refused) == 1 and "does not fit its recordings" in found.refused[0]


def test_what_cannot_be_used_is_said_and_the_rest_is_kept():
    files = [("noise.txt", b"not audio"), ("good.wav", recording())]
    found = finish(extract_files(files, "tired"))
    assert [clip.name for clip in found.clips] == ["good.wav"] and "noise.txt" in found.refused[0]


def test_reading_can_be_stopped():
    steps = extract_files([(f"{i}.wav", recording(seed=i)) for i in range(4)], "tired")
    assert next(steps).done == 1
    assert len(stopped(steps).clips) == 1


def test_a_bad_recording_gets_advice():
    assert any("quiet" in sentence.lower() for sentence in extract_recording(recording(level=-65.0), "a", "b").advice)


@pytest.mark.parametrize("label", ["", "   ", "x" * 41])
def test_labels_have_1_to_40_characters(label):
    with pytest.raises(DatasetError, match="1 to 40"):
        checked_label(label)


def test_no_clips_no_table():
    with pytest.raises(DatasetError, match="no clips of your own"):
        OwnClips().table()
    with pytest.raises(AudioError):
        extract_recording(b"", "empty.wav", "tired")


def test_what_can_be_concluded(own):
    said = " ".join(conclusions(own))
    assert "15 clips" in said and "33\xa0%" in said and "one voice" in said and "fewer than" not in said
    assert "second one" in conclusions(own.without([c.name for c in own.clips if c.label != "slow"]))[0]
    assert "fewer than 5 clips of slow" in conclusions(own.without(["slow-0.wav"]))[0]
    two = OwnClips(tuple(replace(clip, speaker=str(i % 2)) for i, clip in enumerate(own.clips)))
    assert "2 voices" in " ".join(conclusions(two))


def test_too_many_clips_are_refused(own):
    many = [replace(own.clips[0], name=str(i), data=str(i).encode()) for i in range(301)]
    with pytest.raises(DatasetError, match="at most 300"):
        own.adding(many)


def test_the_manifest_holds_no_path(own):
    said = json.loads(zipfile.ZipFile(io.BytesIO(own.to_zip())).read("clips.json"))["clips"]
    assert all(each["file"] == f"audio/{number:04d}" for number, each in enumerate(said, start=1))
