"""Act it: three tries for each emotion, answered by the shipped model; recordings go with their prompt."""

import numpy as np
import pytest

from pages.recognise.act import texts
from pages.recognise.act.state import TRIES, ActState, Try
from pages.recognise.examples.clips import acted_clips
from pages.recognise.microphone import record as microphone
from pages.recognise.state import InputClip, RecogniseState
from ser.audio.waveform import Waveform, wav_bytes
from ser.emotions import LABELS
from ser.inference.prediction import predict
from tests.helpers import shipped
from tests.helpers.browser import record, recorder_button, serious, settle
from tests.helpers.pages import app_test, keys, press, remember, remembered, run, says


def a_try(label="happy", share=0.2):
    return Try(InputClip("recording", b"sound", "recorder"), label, 0.5, share)


class TestRules:
    def test_every_emotion_is_asked_for_once(self):
        act = ActState()
        act.start()
        assert sorted(act.prompts) == sorted(LABELS)

    def test_the_first_hit_or_the_third_try_ends_a_prompt(self):
        act = ActState(prompts=("angry", "sad"))
        act.count(a_try())
        assert not act.done
        act.count(a_try("angry", 0.6))
        assert act.done and act.hit and act.best.share == 0.6
        act.go_on()
        assert act.tries == [] and act.target == "sad" and act.passed == [True]
        for share in (0.1, 0.3, 0.2):
            act.count(a_try(share=share))
        assert len(act.tries) == TRIES and act.done and not act.hit and act.best.share == 0.3
        act.go_on()
        assert act.over and act.passed == [True, False]

    def test_a_refused_recording_is_no_try(self):
        act = ActState(prompts=("angry",))
        act.take(InputClip("recording", b"", "recorder"))
        act.refuse("It is empty.")
        assert not act.tries and act.waiting is None and act.refused
        act.take(InputClip("recording", b"sound", "recorder"))
        assert act.refused == ""

    @pytest.mark.parametrize("label", LABELS)
    def test_a_prompt_names_its_emotion(self, label):
        assert ("without any feeling" in texts.prompt(label)) == (label == "neutral")


def empty_wav():
    """What the recorder may give after a very short click."""
    whole = wav_bytes(Waveform.of(np.zeros(16_000), 16_000))
    return whole[:40] + bytes(4)


@pytest.mark.slow
class TestPage:
    @pytest.fixture
    def recorder(self, monkeypatch):
        """What the microphone gives; `None` before a recording."""
        given = []
        monkeypatch.setattr(microphone, "recorder", lambda *_: given[-1] if given else None)
        return given

    def open_prompt(self, *prompts):
        page = run(app_test("recognise"))
        page.segmented_control(key="recognise_activity").set_value("act").run()
        assert "recognise_act_start" in keys(page)
        return run(remember(page, ActState(prompts=prompts)))

    def test_a_recording_is_answered_against_the_target(self, recorder):
        spoken = acted_clips()[0].clip.data
        expected = predict(spoken, shipped.model())
        other = next(each for each in LABELS if each != expected.label)
        page = self.open_prompt(other, expected.label)
        assert "recognise_act_start" not in keys(page)
        recorder.append(spoken)
        run(page)
        act = remembered(page, ActState)
        assert [each.label for each in act.tries] == [expected.label]
        assert act.tries[0].share == pytest.approx(expected.probabilities[other], abs=1e-6)
        assert says(page, "Try 1") and says(page, "2 more tries")
        run(page)  # the recorder returns its last recording at every rerun
        assert len(act.tries) == 1
        press(page, "recognise_act_next")
        assert act.passed == [False] and not page.get("audio")
        recorder.append(spoken + b"\0")
        run(page)
        assert says(page, "Well done!")
        press(page, "recognise_act_next")
        assert says(page, "The model heard what you meant for **1** of 2 emotions.")
        # Nothing of it is among the clips of the page.
        assert remembered(page, RecogniseState).clips == ()
        press(page, "recognise_act_start")
        assert says(page, "Emotion 1 of 8")

    def test_silence_and_an_empty_recording_are_no_tries(self, recorder):
        page = self.open_prompt("angry")
        recorder.append(empty_wav())
        run(page)
        assert len(page.error) == 1
        recorder.append(wav_bytes(Waveform.of(np.zeros(32_000), 16_000)))
        run(page)
        assert len(page.error) == 1 and not remembered(page, ActState).tries
        press(page, "recognise_act_leave")
        assert "recognise_act_start" in keys(page)


@pytest.mark.browser
def test_an_emotion_is_acted_with_the_microphone_and_the_others_are_skipped(visit):
    from axe_playwright_python.sync_playwright import Axe

    page = visit()
    page.get_by_role("radio", name="Act it").click()
    page.get_by_role("button", name="Start").click()
    page.get_by_text(f"Emotion 1 of {len(LABELS)}").wait_for()
    done = page.get_by_role("button", name="Next emotion")
    for number in range(1, TRIES + 1):
        recorder_button(page).wait_for()
        settle(page)
        page.get_by_text("Ready.").wait_for()
        record(page, recorder_button(page).click, page.get_by_text(f"Try {number}:"))
        settle(page)
        assert page.get_by_test_id("stAudio").is_visible()
        if done.count():  # the model heard the emotion that was asked for
            break
        page.get_by_text(f"{TRIES - number} more").wait_for()
    hit = page.get_by_text("Well done!").count()
    assert hit or page.get_by_text("That was hard.").is_visible()
    assert recorder_button(page).count() == 0
    assert serious(Axe(), page) == []
    done.click()
    for number in range(2, len(LABELS) + 1):
        page.get_by_text(f"Emotion {number} of {len(LABELS)}").wait_for()
        page.get_by_text("Try 1:").wait_for(state="detached")
        page.get_by_role("button", name="Skip").click()
    page.get_by_text(f"The model heard what you meant for {hit} of {len(LABELS)} emotions.").wait_for()
