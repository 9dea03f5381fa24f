"""A clip that the answering model learnt from is recognised, whatever it was converted to; no other is."""

from dataclasses import replace

import numpy as np
import pytest

from ser.audio.augmentation import codec
from ser.audio.decoding.decoder import decode
from ser.experiments.run import TrainingRun
from ser.inference.prediction import predict
from ser.model import model_file
from ser.model.card import card_of, trained_on
from ser.model.store import DEFAULT_NAME, ModelStore
from ser.model.training_clips import LEARNT, NEAREST, distances_to, index_clips, learnt_from
from ser.steps import finish
from ser.training.fitting import fit
from ser.training.own_clips import OwnClips, extract_recording
from ser.training.presets import PRESETS
from tests.helpers import shipped
from tests.helpers.quick import PLAIN, own_speakers
from tests.helpers.sounds import file

pytestmark = pytest.mark.slow

RATE = 48_000


@pytest.fixture(scope="module")
def stored():
    return shipped.stored()


def converted(data: bytes, kind: str) -> bytes:
    plain = decode(data, rate=RATE)
    return {
        "as it is": lambda: data,
        # At 64, 24 and 64 kbit/s.
        "MP3": lambda: file(codec(plain, "mp3").samples, RATE, subtype="FLOAT"),
        "Opus": lambda: file(codec(plain, "opus").samples, RATE, subtype="FLOAT"),
        "AAC": lambda: file(codec(plain, "aac").samples, RATE, subtype="FLOAT"),
        "16 kHz, half as loud": lambda: file(decode(data, rate=16_000).samples / 2, 16_000),
        "FLAC": lambda: file(plain.samples, RATE, "FLAC"),
    }[kind]()


@pytest.mark.ravdess
@pytest.mark.parametrize("kind", ["as it is", "MP3", "Opus", "AAC", "16 kHz, half as loud", "FLAC"])
@pytest.mark.parametrize("name", [DEFAULT_NAME, "notebook"])
def test_training_clips_are_recognised_after_conversion(ravdess, name, kind):
    model = shipped.model(name)
    clips = [clip for clip in ravdess.clips[7::181] if clip.emotion in model.labels]
    found = [predict(converted(ravdess.read(clip), kind), model, name=clip.name) for clip in clips]
    assert sum(each.learnt for each in found) >= len(clips) - 1  # about one in sixty is missed as Opus
    assert all((LEARNT in each.to_json()["warnings"]) == each.learnt for each in found)
    # That it learnt from the clip is no fault of the recording.
    assert not any(warning.sentence == LEARNT for each in found for warning in each.warnings)


@pytest.mark.parametrize("set_name", NEAREST)
def test_other_clips_of_the_same_actor_words_and_emotion_are_not_taken_for_it(table, set_name):
    """The two takes of every sentence, the nearest there are; the one pair with the same bytes counts as one clip."""
    known = index_clips(table.matrix(set_name), set_name)
    sha = table.clips["sha"].to_numpy()
    wrong = 0
    for row, vector in enumerate(table.matrix(set_name)):
        found = distances_to(known, vector, set_name)
        assert found[row] == 0
        wrong += found[sha != sha[row]].min() < NEAREST[set_name]
    assert wrong <= (0 if set_name == "standard" else 2)
    (one, other) = np.flatnonzero(sha == next(each for each in sha if (sha == each).sum() > 1))
    assert distances_to(known, table.matrix(set_name)[one], set_name)[other] == 0


def test_a_model_knows_its_own_clips_and_no_others(table):
    rows = np.flatnonzero((table.actors <= 8) & (table.labels != "sad"))
    model = finish(fit(replace(PLAIN, epochs=1, emotions=tuple(set(PLAIN.emotions) - {"sad"})), table, rows))
    found = np.array([learnt_from(model, vector) for vector in table.matrix("notebook")])
    assert found[rows].all() and found.sum() <= rows.size + 2


@pytest.mark.parametrize("protocol", ["heldout", "random"])
def test_a_kept_model_knows_the_clips_of_its_card(table, tmp_path, protocol):
    """A random split leaves out clips of actors that it learnt from; the model's file holds no features of clips."""
    run = TrainingRun(replace(PLAIN, epochs=1, protocol=protocol), table)
    run.start()
    run.join(60)
    snapshot = run.snapshot()
    kept = ModelStore(tmp_path)
    kept.save("mine", snapshot.model, card_of(snapshot.model, snapshot.trained_on))
    model, tested = kept.load("mine").model, set(snapshot.judged.rows.tolist())
    assert len(model.training_clips.codes) == snapshot.trained_on.n_clips == 1440 - len(tested)
    assert model_file.from_bytes(model_file.to_bytes(model)).training_clips is None
    found = {row for row, vector in enumerate(table.matrix("notebook")) if learnt_from(model, vector)}
    assert set(range(1440)) - tested <= found and len(found & tested) <= 3


def test_clips_that_are_not_in_the_shipped_table_are_not_claimed(table, tmp_path):
    own = own_speakers(table, 2)
    model = finish(fit(replace(PLAIN, epochs=1), own, np.arange(len(own))))
    assert len(model.training_clips.codes) == len(own)
    kept = ModelStore(tmp_path)
    kept.save("mine", model, card_of(model, trained_on(own, np.arange(len(own)))))
    assert kept.load("mine").model.training_clips is None


@pytest.mark.ravdess
def test_a_visitors_own_clips_are_recognised_too(ravdess):
    """A dozen clips of one voice: the measure must not depend on how alike they are."""
    chosen = [clip for clip in ravdess.clips if clip.actor == 5 and clip.emotion in ("sad", "angry")][:12]
    own = OwnClips().adding(tuple(extract_recording(ravdess.read(clip), clip.name, clip.emotion) for clip in chosen))
    settings = replace(PRESETS["few"], emotions=("sad", "angry"), epochs=2)
    model = finish(fit(settings, own.table(), np.arange(len(own))))
    for kind in ("as it is", "MP3", "Opus"):
        assert sum(predict(converted(ravdess.read(clip), kind), model).learnt for clip in chosen) >= 11
    rest = [clip for clip in ravdess.clips if clip.actor == 5 and clip.emotion == "happy"]
    assert not any(predict(ravdess.read(clip), model).learnt for clip in rest)


@pytest.mark.ravdess
def test_a_held_out_actors_clips_are_not_claimed(ravdess, table):
    rows = np.flatnonzero(~np.isin(table.actors, (1, 11)))
    model = finish(fit(PRESETS["fast"], table, rows))
    held_out = [clip for clip in ravdess.clips if clip.actor in (1, 11)][::10]
    assert not any(predict(ravdess.read(clip), model).learnt for clip in held_out)


@pytest.mark.ravdess
def test_own_clips_that_are_answered_in_windows_are_recognised_as_whole_ones(ravdess):
    """Two sentences in one clip of seven seconds and more; one of them with a third is another clip."""
    sentences = [decode(ravdess.read(clip), rate=RATE).samples for clip in ravdess.clips if clip.actor == 5][:8]
    pairs = [np.concatenate(sentences[place : place + 2]) for place in range(0, 8, 2)]
    files = [file(samples, RATE) for samples in pairs]
    own = OwnClips().adding(
        tuple(extract_recording(data, f"{i}.wav", ("sad", "angry")[i % 2]) for i, data in enumerate(files))
    )
    settings = replace(PRESETS["few"], emotions=("sad", "angry"), epochs=2)
    model = finish(fit(settings, own.table(), np.arange(len(own))))
    for data, samples in zip(files, pairs, strict=True):
        assert samples.size > 6 * RATE
        assert predict(data, model).learnt and predict(converted(data, "MP3"), model).learnt
    assert not predict(file(np.concatenate([sentences[1], sentences[2]]), RATE), model).learnt


@pytest.mark.ravdess
def test_a_training_clip_within_a_long_recording_does_not_make_it_one(ravdess, stored):
    samples = decode(ravdess.read(ravdess.clips[0]), rate=RATE).samples
    assert predict(file(samples, RATE), stored.model).learnt
    assert not predict(file(np.tile(samples, 3), RATE), stored.model).learnt
