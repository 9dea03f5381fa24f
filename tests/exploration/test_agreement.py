"""Which emotion effects two data sets agree on, on tables whose answers are known."""

import numpy as np
import pytest

from ser.errors import DatasetError
from ser.exploration.agreement import agreement_of_halves, compare_effects, scaled_within, without_speakers
from ser.features.feature import Feature

EMOTIONS = ("neutral", "happy", "sad")
FEATURES = tuple(
    Feature(name, "dB", group) for name, group in (("a", "pitch"), ("b", "pitch"), ("c", "rhythm"), ("d", "rhythm"))
)
# What each emotion adds to each feature in the first data set.
EFFECTS = np.array([[0.0, 2.0, 1.0, 0.0], [3.0, -1.0, 0.0, 0.0], [-3.0, -1.0, -1.0, 0.0]])


def clips(effects, *, speakers, seed, emotions=EMOTIONS, copies=4):
    """Clips of one data set: speaker's own level + effect of the emotion + noise that sums to 0 in every cell."""
    rng = np.random.default_rng(seed)
    rows, labels, voices = [], [], []
    for speaker in speakers:
        level = rng.normal(0, 50, effects.shape[1])
        for emotion, effect in zip(emotions, effects, strict=True):
            noise = np.tile([[1.0], [-1.0]], (copies // 2, 1))
            rows.append(level + effect + noise)
            labels += [emotion] * copies
            voices += [speaker] * copies
    return np.concatenate(rows), np.array(labels), np.array(voices)


def both(first, second, **more):
    """The effects that two data sets with these effects are found to have."""
    parts = clips(first, speakers="abc", seed=1), clips(second, speakers="de", seed=2, **more)
    matrix, labels, voices = (np.concatenate(each) for each in zip(*parts, strict=True))
    corpora = np.repeat(["one", "two"], [len(part[0]) for part in parts])
    return compare_effects(matrix, FEATURES, labels, voices, corpora, order=("calm", *EMOTIONS))


def test_the_same_effects_agree_whatever_the_voices_and_the_size():
    found = both(EFFECTS, 0.5 * EFFECTS)
    assert found.emotions == EMOTIONS
    assert found.by_feature == pytest.approx([1, 1, 1, 0])  # the last feature tells no emotion
    assert found.by_group == pytest.approx({"pitch": 1, "rhythm": 0.5})
    assert list(found.by_group) == ["pitch", "rhythm"]
    assert found.by_emotion.min() > 0.9
    # Of the first feature: noise of 1, effects of 3 and -3 in two thirds of the clips.
    spread = np.sqrt(1 + 9 * 2 / 3)
    assert found.effects[0][:, 0] == pytest.approx(np.array([0, 3, -3]) / spread)


def test_opposite_effects_disagree_and_unrelated_ones_are_at_nought():
    unrelated = EFFECTS.copy()
    unrelated[:, 0] = [-2, 1, 1]  # at right angles to (0, 3, -3)
    found = both(EFFECTS, np.column_stack([unrelated[:, 0], -EFFECTS[:, 1], EFFECTS[:, 2:]]))
    assert found.by_feature == pytest.approx([0, -1, 1, 0])


def test_only_shared_emotions_count():
    found = both(EFFECTS, np.vstack([EFFECTS, [[99, 99, 99, 99]]]), emotions=(*EMOTIONS, "bored"))
    assert found.emotions == EMOTIONS and found.by_feature == pytest.approx([1, 1, 1, 0])


def test_the_number_of_clips_of_an_emotion_does_not_matter():
    matrix, labels, voices = clips(EFFECTS, speakers="ab", seed=3)
    corpora = voices == "a"
    corpora = np.where(corpora, "one", "two")
    fewer = ~((labels == "sad") & (voices == "b") & (np.arange(len(labels)) % 4 > 1))
    found = compare_effects(
        matrix[fewer], FEATURES, labels[fewer], voices[fewer], corpora[fewer], order=EMOTIONS
    )  # fmt: skip
    assert found.by_feature == pytest.approx([1, 1, 1, 0])


def test_the_strongest_features_are_strong_in_both():
    weak = EFFECTS.copy()
    weak[:, 0] *= 0.01
    assert both(EFFECTS, weak).strongest(2).tolist() == [1, 2]


def test_a_constant_feature_agrees_with_nothing():
    matrix, labels, voices = clips(EFFECTS, speakers="ab", seed=4)
    matrix[:, 0] = 48_000.1
    corpora = np.where(voices == "a", "one", "two")
    found = compare_effects(matrix.astype(np.float32), FEATURES, labels, voices, corpora, order=EMOTIONS)
    assert found.by_feature[0] == 0 and np.isfinite(found.effects).all()


def test_one_data_set_or_two_shared_emotions_are_a_sentence():
    matrix, labels, voices = clips(EFFECTS, speakers="ab", seed=5)
    with pytest.raises(DatasetError, match="these are of one only"):
        compare_effects(matrix, FEATURES, labels, voices, np.full(len(labels), "one"), order=EMOTIONS)
    corpora = np.where(voices == "a", "one", "two")
    rows = labels != "sad"
    with pytest.raises(DatasetError, match="share neutral and happy; comparing effects takes at least three"):
        compare_effects(matrix[rows], FEATURES, labels[rows], voices[rows], corpora[rows], order=EMOTIONS)


def test_halves_of_one_data_set_agree_on_what_all_of_its_speakers_do():
    matrix, labels, voices = clips(EFFECTS, speakers="abcdef", seed=7)
    # Every second speaker does the opposite with the second feature.
    matrix[np.isin(voices, list("ace")), 1] *= -1
    found = agreement_of_halves(matrix[:, :3], FEATURES[:3], labels, voices, order=EMOTIONS)
    assert found["rhythm"] == pytest.approx(1) and found["pitch"] < 0.6
    assert found == agreement_of_halves(matrix[:, :3], FEATURES[:3], labels, voices, order=EMOTIONS)
    few = np.isin(voices, list("abc"))
    assert agreement_of_halves(matrix[few], FEATURES, labels[few], voices[few], order=EMOTIONS) == {}


def test_a_speakers_mean_may_be_that_of_some_clips_only():
    values = np.array([[1.0], [3.0], [20.0], [7.0]])
    speakers, counted = np.array(["a", "a", "a", "b"]), np.array([True, True, False, False])
    assert without_speakers(values, speakers, counted).ravel().tolist() == [-1, 1, 18, 0]


def test_scaling_within_data_sets_takes_their_levels_away_and_the_speakers_levels_too():
    matrix, _, voices = clips(EFFECTS, speakers="ab", seed=6)
    scaled = scaled_within(matrix, voices)
    for voice in "ab":
        assert scaled[voices == voice].mean(axis=0) == pytest.approx(np.zeros(4))
        assert scaled[voices == voice].std(axis=0) == pytest.approx(np.ones(4))
        assert without_speakers(matrix, voices)[voices == voice].mean(axis=0) == pytest.approx(np.zeros(4))
