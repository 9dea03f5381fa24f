"""Words for emotions: languages, spellings, marks beside them, and words that must stay what they are."""

import pytest

from ser.data.labels.emotion_words import Meaning, meaning


@pytest.mark.parametrize(
    ("label", "words"),
    [
        (
            "happy",
            "Happy HAPPINESS joy excited exc Excitement happyness hapiness Freude joie alegría радость 快乐 Glück",
        ),
        ("sad", "sad Sadness sadnes Trauer tristeza tristesse smutek грусть 悲伤"),
        ("angry", "ANG anger angery Ärger Aerger A\u0308rger wütend wuetend colère COLERE rabbia злость 愤怒"),
        ("fearful", "fear fearfull anxiety anxious Angst Furcht peur miedo strach страх"),
        ("disgust", "digust disguist Disgusted Ekel dégoût asco"),
        (
            "surprised",
            "suprised suprise Pleasant_surprise pleasant-surprised ps PleasantSurprise Überraschung sorpresa",
        ),
        ("neutral", "neutral nuetral NEU neutre neutro 中立"),
        ("calm", "calm clam calmness ruhig"),
        ("bored", "bored boredom Langeweile"),
    ],
)
def test_words_stand_for_an_emotion(label, words):
    assert {word: meaning(word).label for word in words.split()} == dict.fromkeys(words.split(), label)


@pytest.mark.parametrize(
    ("word", "label", "sex"),
    [
        ("male_angry", "angry", "male"),
        ("female_suprised", "surprised", "female"),
        ("OAF_Pleasant_surprise", "surprised", ""),
        ("YAF_sad", "sad", ""),
        ("05-angry", "angry", ""),
        ("angry2", "angry", ""),
        ("m_anger", "angry", "male"),
        ("happy_strong", "happy", ""),
        ("Sad speech", "sad", ""),
        ("Happy (female)", "happy", "female"),
    ],
)
def test_marks_beside_a_word_do_not_matter(word, label, sex):
    assert meaning(word) == Meaning(label, True, sex)


OTHERS = """unhappy unhappiness danger ranger hungry fearless not_happy happy_birthday tired awake anna 0011 Actor_01
train session1 amused contempt content sadie marc surfer Heimweh male joyless disappointed clap normal strong_wind"""


@pytest.mark.parametrize("word", OTHERS.split())
def test_other_words_stay_what_they_are(word):
    assert meaning(word) == Meaning(word.lower(), False)
