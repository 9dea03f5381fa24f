"""What is unlike anything learnt is told from speech like the training clips, on real examples."""

from dataclasses import replace

import numpy as np
import pytest

from ser.audio.augmentation import speed
from ser.audio.decoding.decoder import decode
from ser.data.labels.labelled import open_corpus
from ser.inference.prediction import OUT_OF_DISTRIBUTION, predict
from ser.model.novelty import (
    UNUSUAL,
    fit_detector,
    flattened,
    novelty_distances,
    novelty_p_values,
    novelty_sentence,
    with_held_out,
)
from ser.steps import finish
from ser.training.fitting import fit
from ser.training.presets import PRESETS
from tests.helpers import shipped
from tests.helpers.sounds import file, tone
from tests.helpers.voices import ALL


@pytest.fixture(scope="module")
def model():
    return shipped.model()


def music() -> np.ndarray:
    """Two seconds of three-voiced chords with plucked envelopes."""
    t = np.arange(32_000) / 16_000
    chord = np.sign(np.sin(2 * np.pi * 4 * t)) + 2
    notes = sum(np.sin(2 * np.pi * f * chord * t) * np.exp(-3 * (t % 0.25)) for f in (220, 277.2, 329.6))
    return (0.1 * notes).astype(np.float32)


def test_distance_is_one_for_what_was_learnt_and_grows_away_from_it():
    rng = np.random.default_rng(0)
    known = fit_detector(rng.normal(size=(4000, 80)))
    near, far = rng.normal(size=(500, 80)), 2 * rng.normal(size=(500, 80))
    assert novelty_distances(near, known).mean() == pytest.approx(1, abs=0.1)
    assert novelty_distances(far, known).mean() == pytest.approx(2, abs=0.2)


def test_p_values_of_the_training_clips_are_spread_evenly(model):
    table = shipped.table()
    own = novelty_p_values(model, table.matrix("standard"))
    assert 0.3 < np.median(own) < 0.9 and (own < OUT_OF_DISTRIBUTION).mean() < 0.01 and own.max() > 0.95


def test_likeness_in_words_gives_the_share_and_what_it_means():
    assert "70\xa0% of clips of new speakers are as unusual or more" in novelty_sentence(0.7)
    assert "only 5\xa0%" in novelty_sentence(0.05) and "believe the answer less" in novelty_sentence(0.05)
    # Where the answer carries a warning, or nothing is known, there is nothing to add.
    assert novelty_sentence(OUT_OF_DISTRIBUTION / 2) is None and novelty_sentence(None) is None


@pytest.mark.parametrize(
    "sound",
    [tone(440), (0.1 * np.random.default_rng(0).standard_normal(32_000)).astype(np.float32), music()],
    ids=["tone", "noise", "music"],
)
def test_tones_noise_and_music_are_unlike_speech(model, sound):
    found = predict(file(sound, 16_000), model)
    assert found.novelty_p_value < OUT_OF_DISTRIBUTION and "unlike" in {warning.code for warning in found.warnings}
    assert found.confidence < 0.7


def test_ravdess_speech_is_like_what_was_learnt(model, ravdess):
    answers = [predict(ravdess.read(clip), model, name=clip.name) for clip in ravdess.clips[::97]]
    assert sum("unlike" in {warning.code for warning in each.warnings} for each in answers) <= 1


def test_another_language_and_a_childs_size_of_voice_are_unusual(model, ravdess, emodb):
    """German speech, and English in a voice half as high again: more unusual than voices like the learnt ones."""
    own = [ravdess.read(clip) for clip in ravdess.clips[::97]]
    with open_corpus(emodb, "emodb") as corpus:
        german = [predict(clip.read(), model).novelty_p_value for clip in corpus.clips[::36]]
    small = [
        predict(file(speed(decode(data, rate=16_000), 1.5).samples, 16_000), model).novelty_p_value for data in own
    ]
    usual = np.median([predict(data, model).novelty_p_value for data in own])
    assert np.median(german) < usual / 2 and np.median(small) < UNUSUAL < usual
    assert "believe the answer less" in novelty_sentence(float(np.median(small)))


@pytest.mark.parametrize(
    "settings",
    [
        PRESETS["fast"],
        PRESETS["small"],
        replace(PRESETS["notebook"], epochs=3, protocol="heldout"),
        replace(PRESETS["fast"], calibration_folds=3, epochs=3),
        replace(PRESETS["fast"], groups=("pitch", "rhythm", "timbre"), epochs=3),
    ],
    ids=["quick try", "small", "notebook", "calibrated", "some groups"],
)
def test_every_model_warns_of_a_synthetic_voice_and_not_of_new_speakers(settings):
    table = shipped.table()
    held = np.isin(table.actors, (1, 11, 20, 21))
    trained = finish(fit(settings, table, np.flatnonzero(~held)))
    synthetic = [predict(clip, trained) for clip in ALL]
    assert sum("unlike" in {warning.code for warning in each.warnings} for each in synthetic) >= 3
    shares = novelty_p_values(trained, table.matrix(settings.feature_set)[held])
    assert (shares < OUT_OF_DISTRIBUTION).mean() < 0.05 and np.median(shares) > 0.2


def test_the_shipped_notebook_model_warns_too():
    found = [predict(clip, shipped.model("notebook")) for clip in ALL]
    assert all("unlike" in {warning.code for warning in each.warnings} for each in found)


def test_a_dozen_clips_of_one_voice_tell_another_kind_of_sound(ravdess):
    """There are no other speakers to hold out, so it is other clips of the voice that the sentence names."""
    table = shipped.table()
    rows = np.flatnonzero((table.actors == 5) & np.isin(table.labels, ("sad", "angry")))[:14]
    settings = replace(PRESETS["few"], emotions=("sad", "angry"), epochs=2)
    trained = finish(fit(settings, table.select(rows), np.arange(rows.size)))
    assert not trained.novelty_detector.new_speakers
    for sound in (tone(440), music()):
        (warning,) = [each for each in predict(file(sound, 16_000), trained).warnings if each.code == "unlike"]
        assert "other clips of the same voice" in warning.sentence and "speakers" not in warning.sentence


def test_flattening_keeps_the_order_and_leaves_the_familiar_alone():
    probabilities = np.array([[0.7, 0.2, 0.1], [0.7, 0.2, 0.1]])
    found = flattened(probabilities, np.array([1.0, 2.0]))
    assert np.array_equal(found[0], probabilities[0])
    assert found[1].argmax() == 0 and found[1, 0] < 0.5 and found[1].sum() == pytest.approx(1)


def test_without_distances_nothing_is_claimed(model):
    rng = np.random.default_rng(0)
    known = with_held_out(fit_detector(rng.normal(size=(50, 20))), rng.uniform(0.5, 2, 300))
    assert known.distances[0] == pytest.approx(0.5, abs=0.05) and known.distances[-1] == pytest.approx(2, abs=0.05)
    ignorant = replace(model, novelty_detector=None)
    assert novelty_p_values(ignorant, shipped.table().matrix("standard")[:2]) is None
    assert predict(file(tone(440), 16_000), ignorant).novelty_sentence is None
