"""The examples on Recognise: actors' clips are answered by a model that never heard these actors."""

import itertools

import pytest

from pages.common import models
from pages.recognise.examples.clips import acted, acted_clips, answering, synthetic_clips
from pages.recognise.state import InputClip, RecogniseState
from ser.emotions import EMOTIONS
from ser.model.store import DEFAULT_NAME
from tests.helpers.pages import app_test, keys, press, remembered, run, text

pytestmark = pytest.mark.slow


def open_examples():
    page = run(app_test("recognise"))
    page.segmented_control(key="recognise_way").set_value("examples").run()
    return page


def test_no_name_and_no_order_tells_the_emotion():
    assert len(acted_clips()) == 24
    words = {word for emotion in EMOTIONS for word in (emotion.name, emotion.adjective)}
    assert not any(word in each.clip.name for each in acted_clips() for word in words)
    emotions = [each.acted.emotion for each in acted_clips()]
    assert sum(a == b for a, b in itertools.pairwise(emotions)) < 8


def test_only_a_clip_of_an_actor_replaces_the_shipped_model():
    actors, computers = acted_clips()[0].clip, next(iter(synthetic_clips().values()))
    uploaded = InputClip(actors.name, actors.data, "upload")
    assert answering(DEFAULT_NAME, [actors]) == models.EXAMPLES_KEY
    for clips in ([], [computers], [uploaded], [actors, computers]):
        assert answering(DEFAULT_NAME, clips) == DEFAULT_NAME
    assert answering("own:mine", [actors]) == "own:mine"
    assert acted(uploaded) is None


def test_a_click_plays_the_clip_and_shows_answer_intent_and_people():
    page = open_examples()
    first = acted_clips()[0]
    assert "The actor meant" not in text(page)
    press(page, "recognise_actor_1")
    assert not page.exception
    shown = text(page)
    assert "The actor meant" in shown and first.acted.emotion[:5] in shown
    assert "people recognised" in shown
    assert "So a copy of it answers here, and it was trained without this actor." in shown
    assert page.get("audio")[0].proto.autoplay
    assert "learnt from this very clip" not in shown


def test_one_click_on_the_first_screen_plays_and_answers_and_the_next_click_goes_on():
    page = run(app_test("recognise"))
    press(page, "recognise_invite")
    assert page.segmented_control(key="recognise_way").value == "examples"
    for number in (1, 2):
        assert remembered(page, RecogniseState).clips == (acted_clips()[number - 1].clip,)
        assert "The actor meant" in text(page) and "recognise_invite" not in keys(page)
        press(page, "recognise_next_clip")
    press(page, "recognise_actor_24")
    press(page, "recognise_next_clip")
    assert remembered(page, RecogniseState).clips == (acted_clips()[0].clip,)


def test_a_synthetic_voice_meant_nothing():
    page = open_examples()
    press(page, "recognise_example_quick_and_high")
    assert not page.exception
    assert "The actor meant" not in text(page)
