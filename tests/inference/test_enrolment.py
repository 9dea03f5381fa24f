"""A speaker's neutral voice: what is kept of it, what it changes, and what is noticed when it is wrong."""

import json

import numpy as np
import pytest

from ser.errors import AudioError, SerError
from ser.inference.clip_features import extract_whole
from ser.inference.enrolment import adapt, enrol, unlabelled_profile, voice_profile
from ser.inference.prediction import answer
from ser.model.voice_profile import VoiceProfile, speaker_offset
from tests.helpers import shipped
from tests.helpers.sounds import file, voice


@pytest.fixture(scope="module")
def model():
    return shipped.model()


@pytest.fixture(scope="module")
def spoken():
    return file(voice(3.0), 16_000)


def test_a_profile_survives_json_and_holds_no_audio(model, spoken):
    profile = enrol([spoken, spoken], model, names=["a.wav", "b.wav"])
    text = json.dumps(profile.to_json())
    again = VoiceProfile.from_json(text)
    assert np.array_equal(again.vectors, profile.vectors) and again.n_clips == 2 and again.doubts == profile.doubts
    assert set(json.loads(text)) == {"kind", "feature_set", "names", "readings", "n_clips", "doubts", "emotions"}
    assert {len(view) for view in json.loads(text)["readings"]} == {len(json.loads(text)["names"])}


def test_the_profile_of_a_clip_is_its_own_features(model, spoken):
    profile = enrol([spoken], model)
    clip_features = extract_whole(spoken, model)
    np.testing.assert_allclose(profile.vectors, clip_features.vectors[0], rtol=1e-6)
    neutral = np.array([float(label == "neutral") for label in model.labels])
    wanted = speaker_offset(model, model.inputs(clip_features.vectors[0]), 1, neutral, known=True)
    np.testing.assert_allclose(profile.offset(model), wanted, rtol=1e-5, atol=1e-6)


def test_a_profile_changes_the_answer_and_only_where_it_is_used(model, spoken):
    clip_features = extract_whole(file(voice(3.0, level=-20), 16_000), model)
    profile = enrol([spoken], model)
    with_it, without = answer(clip_features, model, profile=profile), answer(clip_features, model)
    assert with_it.probabilities != without.probabilities
    assert sum(with_it.probabilities.values()) == pytest.approx(1)
    notebook = shipped.model("notebook")
    assert not notebook.adapts
    with pytest.raises(SerError, match="does not use a voice profile"):
        enrol([spoken], notebook)


@pytest.mark.parametrize("count", [0, 6])
def test_one_to_five_clips_are_needed(model, spoken, count):
    with pytest.raises(SerError, match=f"{count} clips are given"):
        enrol([spoken] * count, model)


def test_a_clip_that_cannot_be_used_is_said(model, spoken):
    with pytest.raises(AudioError, match="empty"):
        enrol([spoken, b""], model)


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"kind": "other"}', '{"kind": "ser voice profile"}'])
def test_what_is_no_profile_is_refused(text):
    with pytest.raises(SerError, match="not a voice profile"):
        VoiceProfile.from_json(text)


def test_a_profile_of_other_features_is_refused(model, spoken):
    record = enrol([spoken], model).to_json()
    with pytest.raises(SerError, match="another version"):
        VoiceProfile.from_json(record | {"names": record["names"][1:]})
    # Older profiles hold no views.
    mean = record["readings"][0]
    del record["readings"]
    with pytest.raises(SerError, match="another version"):
        VoiceProfile.from_json(record | {"mean": mean})


def test_two_speakers_are_noticed(model, spoken):
    samples = voice(3.0)
    higher = np.interp(np.arange(0, samples.size, 1.6), np.arange(samples.size), samples).astype(np.float32)
    profile = enrol([spoken, file(higher, 16_000)], model)
    assert any("as if two people spoke" in doubt for doubt in profile.doubts)
    assert not any("two people" in doubt for doubt in enrol([spoken, spoken], model).doubts)


def test_anger_is_not_taken_for_a_neutral_voice_in_silence(model, ravdess):
    angry = [clip for clip in ravdess.clips if clip.emotion == "angry" and clip.intensity == "strong"][:12]
    neutral = [clip for clip in ravdess.clips if clip.emotion == "neutral"][:12]

    def doubted(clips):
        profiles = [enrol([ravdess.read(clip)], model, names=[clip.name]) for clip in clips]
        return sum(any("does not sound neutral" in doubt for doubt in each.doubts) for each in profiles)

    assert doubted(angry) >= 9 and doubted(neutral) <= 1


def test_a_batch_adapts_to_its_speaker(model, ravdess):
    clips = [clip for clip in ravdess.clips if clip.actor == 3][::6]
    clip_features = [extract_whole(ravdess.read(clip), model, name=clip.name) for clip in clips]
    adapted, alone = adapt(clip_features, model), [answer(each, model) for each in clip_features]
    assert [each.file for each in adapted] == [each.file for each in alone]
    assert any(a.probabilities != b.probabilities for a, b in zip(adapted, alone, strict=True))
    # One clip alone says nothing of its speaker apart from itself.
    assert adapt(clip_features[:1], model) == alone[:1]


def test_any_clips_of_a_speaker_make_a_profile(model, ravdess):
    """Its emotions are shares of one whole, and it survives JSON; neutral clips count as neutral."""
    clips = [clip for clip in ravdess.clips if clip.actor == 3][::6]
    clip_features = [extract_whole(ravdess.read(clip), model, name=clip.name) for clip in clips]
    profile = unlabelled_profile(clip_features, model)
    assert sum(profile.emotions.values()) == pytest.approx(1) and not profile.neutral
    assert set(profile.emotions) == set(model.labels) and profile.n_clips == len(clips)
    again = VoiceProfile.from_json(json.dumps(profile.to_json()))
    np.testing.assert_allclose(again.offset(model), profile.offset(model))
    assert voice_profile(clip_features[:2], model).neutral
    with pytest.raises(SerError, match="not a voice profile"):
        VoiceProfile.from_json(profile.to_json() | {"emotions": {"happy": 0.5}})
