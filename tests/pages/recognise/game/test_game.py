"""Beat the machine: the rules, and a whole game on the page and in the browser."""

import pytest

from pages.common import models
from pages.recognise.examples.clips import acted_clips
from pages.recognise.game.state import ROUNDS, GameState, Round
from ser.emotions import EMOTIONS, LABELS
from ser.evaluation import human_baseline
from tests.helpers.browser import serious, settle
from tests.helpers.pages import app_test, keys, press, remembered, run, says, text


def a_clip(emotion):
    return next(each for each in acted_clips() if each.acted.emotion == emotion)


class TestRules:
    def test_a_game_has_ten_different_clips_in_another_order_each_time(self):
        games = [GameState() for _ in range(3)]
        for game in games:
            game.start()
            assert len({each.number for each in game.clips}) == ROUNDS == 10
        assert len({game.clips for game in games}) > 1

    def test_a_clip_is_guessed_once(self):
        game = GameState()
        game.start()
        game.go_on()  # there is no result yet
        assert game.shown == 0 and not game.guessed
        game.guess("sad")
        game.guess("angry")
        assert game.guesses == ["sad"] and game.guessed

    def test_neutral_and_calm_count_as_the_same(self):
        played = Round(a_clip("calm"), "neutral", "sad", 0.4)
        assert played.right(played.visitor) and not played.right(played.machine)

    def test_the_score_counts_both_and_people_by_their_figures(self):
        game = GameState()
        game.start()
        game.rounds = [Round(a_clip("sad"), "sad", "calm", 0.5), Round(a_clip("angry"), "happy", "angry", 0.9)]
        game.rounds.append(Round(a_clip("disgust"), "disgust", "disgust", 0.9))
        assert game.score() == (2, 2)
        shares = human_baseline.BY_EMOTION
        assert game.people() == pytest.approx(shares["sad"] + shares["angry"] + shares["disgust"])


@pytest.mark.slow
class TestPage:
    def open_game(self):
        page = run(app_test("recognise"))
        page.segmented_control(key="recognise_activity").set_value("game").run()
        return press(page, "recognise_game_start")

    def test_a_whole_game_compares_visitor_machine_people_and_intent(self):
        page = self.open_game()
        for number in range(1, ROUNDS + 1):
            game = remembered(page, GameState)
            assert says(page, f"Clip {number} of {ROUNDS}") and not says(page, "The actor meant")
            assert page.get("audio")[0].proto.autoplay
            emotion = game.clip.acted.emotion
            press(page, f"recognise_game_{emotion}")
            shown = text(page)
            assert f"The actor meant {next(each.adjective for each in EMOTIONS if each.name == emotion)}" in shown
            assert "**You:**" in shown and "**The machine:**" in shown
            assert f"{100 * human_baseline.BY_EMOTION[emotion]:.0f}\xa0%" in shown
            run(page)  # a rerun shows the same
            assert text(page) == shown and len(game.rounds) == number
            press(page, "recognise_game_next")
        game = remembered(page, GameState)
        machine = game.score()[1]
        assert game.score()[0] == ROUNDS and game.over
        assert says(page, f"You were right for **10** of 10 clips. The machine was right for **{machine}**.")
        assert not page.get("audio")
        press(page, "recognise_game_replay_4")
        assert len(page.get("audio")) == 1
        press(page, "recognise_game_start")
        assert says(page, "Clip 1 of 10") and not remembered(page, GameState).rounds

    def test_the_machine_is_the_model_that_did_not_learn_from_the_actors(self):
        page = self.open_game()
        press(page, "recognise_game_sad")
        played = remembered(page, GameState).rounds[0]
        assert played.machine in LABELS and 0 < played.confidence < 1
        stored = models.load(models.EXAMPLES_KEY)
        assert played.clip.acted.actor not in stored.card.trained_on.actors

    def test_a_game_waits_while_the_visitor_does_something_else_and_can_be_left(self):
        page = self.open_game()
        press(page, "recognise_game_happy")
        press(page, "recognise_game_next")
        page.segmented_control(key="recognise_activity").set_value("try").run()
        assert not says(page, "Clip 2 of 10")
        page.segmented_control(key="recognise_activity").set_value("game").run()
        assert says(page, "Clip 2 of 10")
        press(page, "recognise_game_leave")
        assert "recognise_game_start" in keys(page) and not remembered(page, GameState).clips


@pytest.mark.browser
def test_a_whole_game_is_played_by_keyboard(visit):
    from axe_playwright_python.sync_playwright import Axe

    page = visit()
    page.get_by_role("radio", name="Beat the machine").click()
    page.get_by_role("button", name="Start").press("Enter")
    for number in range(1, ROUNDS + 1):
        page.get_by_text(f"Clip {number} of {ROUNDS}").wait_for()
        page.get_by_role("button", name="Neutral").wait_for()
        settle(page)
        page.keyboard.press("8")
        page.get_by_role("heading", name="The actor meant").wait_for()
        page.get_by_text("The machine:").wait_for()
        assert "surprised" in page.get_by_role("listitem").filter(has_text="You:").inner_text()
        page.get_by_role("button", name="See the score" if number == ROUNDS else "Next clip").wait_for()
        settle(page)
        page.keyboard.press("n")
    page.get_by_text("You were right for").wait_for()
    page.get_by_role("button", name=f"Clip {ROUNDS}").wait_for()  # the last is drawn last
    assert page.get_by_role("button", name="Clip ").count() == ROUNDS
    assert serious(Axe(), page) == []
    page.get_by_role("button", name="Clip 2").press("Enter")
    page.wait_for_function("document.querySelector('[data-testid=stAudio]')?.currentTime > 0.2")
