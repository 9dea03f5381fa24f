"""The Recognise page in a real browser, with a spoken clip at the fake microphone."""

import contextlib
import csv
import re
from pathlib import Path

import numpy as np
import pytest
import soundfile

from pages.recognise.microphone.texts import STOP
from ser.audio.formats import NAMES
from tests.helpers.browser import chromium_path, graph, launched, record, recorder_button, serious, settle
from tests.helpers.sounds import two_tracks
from tests.helpers.voices import VOICES

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    """A spoken clip in several formats, lengths and states of disrepair, and a file that is no audio: name → path."""
    import av

    folder = tmp_path_factory.mktemp("clips")
    samples, rate = soundfile.read(VOICES["quick_and_low"], dtype="float32")
    soundfile.write(folder / "spoken.wav", samples, rate)
    other, other_rate = soundfile.read(VOICES["slow_and_low"])
    soundfile.write(folder / "second.flac", other, other_rate)
    with av.open(str(folder / "spoken.m4a"), "w", format="ipod") as container:
        stream = container.add_stream("aac", rate=rate, layout="mono")
        frame = av.AudioFrame.from_ndarray(samples[None], format="fltp", layout="mono")
        frame.sample_rate = rate
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)
    quiet = samples * 10 ** (-40 / 20)
    soundfile.write(folder / "clipped.wav", np.clip(samples * 20, -1, 1), rate)
    soundfile.write(folder / "quiet.wav", quiet, rate, subtype="PCM_24")
    soundfile.write(folder / "blip.wav", samples[: rate // 5], rate)
    soundfile.write(folder / "empty.wav", samples[:0], rate)
    minute = np.tile(np.concatenate([samples, np.zeros(rate // 2, np.float32)]), 40)[: 60 * rate]
    soundfile.write(folder / "minute.wav", minute, rate)
    soundfile.write(folder / "thirteen.wav", minute[: 13 * rate], rate)
    soundfile.write(folder / "ten.flac", np.tile(minute, 10), rate)
    (folder / "broken.mp3").write_bytes(b"This is a diary, not a recording.")
    return {path.name: path for path in folder.iterdir()}


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    """Files that are read with a note: two audio tracks, the first silent; and a minute with noise in its middle."""
    folder = tmp_path_factory.mktemp("odd")
    samples, rate = soundfile.read(VOICES["quick_and_low"], dtype="float32")
    tone = 0.2 * np.sin(2 * np.pi * 300 * np.arange(len(samples)) / rate)
    (folder / "silent-first.mkv").write_bytes(two_tracks("matroska", "aac", 0 * samples, samples, rate))
    (folder / "two.mkv").write_bytes(two_tracks("matroska", "aac", samples, tone.astype(np.float32), rate))
    hiss = np.random.default_rng(0).normal(0, 0.002, 40 * rate)
    minute = np.concatenate([samples, samples, 0 * hiss, samples, samples])
    minute = minute + np.resize(hiss, len(minute))
    soundfile.write(folder / "noise.wav", minute, rate)
    return {path.name: path for path in folder.iterdir()}


def choose(page, way):
    page.get_by_role("radio", name=way).click()
    settle(page)


def open_box(page, name):
    page.locator("summary").filter(has_text=name).click()
    settle(page)


def upload(page, *paths):
    """Hand files over in place of those that are there."""
    choose(page, "Upload")
    while page.get_by_role("button", name="Remove").count():
        page.get_by_role("button", name="Remove").first.click()
        settle(page)
    page.locator("input[type=file]").first.set_input_files(paths)


def answered(page, name):
    """Wait for the answer to a clip and return its probabilities in percent, the most probable emotion first.

    The answer is a player, words, and bars that sum to 100 %. Where it is a mere guess, it is asked for.
    """
    page.get_by_text(f"{name} ·").first.wait_for()
    settle(page)
    guess = page.get_by_text("Show the model’s guess")
    if guess.count() and not page.get_by_text("The guess:").count():
        guess.click()
        settle(page)
    bars = graph(page, "recognise_bars")[0]
    assert sum(bars["x"]) == pytest.approx(100, abs=1e-6)
    assert len(bars["y"]) == 8
    words = page.get_by_role("heading", level=1).nth(1).inner_text()
    ranked = [label.split()[-1] for label in reversed(bars["y"])]
    assert guess.count() or "Not sure" in words or ranked[0] in words.lower().replace("disgusted", "disgust")
    player = page.get_by_test_id("stAudio").first
    assert player.is_visible()
    page.wait_for_function("document.querySelector('[data-testid=stAudio]').duration > 0.5")
    return dict(zip(ranked, sorted(bars["x"], reverse=True), strict=True))


def press_until(page, key, reached):
    """Press a key, and wait for the page to follow, until the focus is where it is wanted; no pointer."""
    for _ in range(40):
        if reached.count() and reached.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press(key)
        settle(page)
    raise AssertionError(f"{key} does not lead to {reached}")


def record_by_the_browser(page):
    """Record with the browser's recorder by keyboard, until another clip is answered: a busy machine loses sound."""
    from playwright.sync_api import TimeoutError

    before = page.get_by_test_id("stAudio").first.get_attribute("src")
    answered_another = (
        "before => ![null, before].includes("
        "document.querySelector('[data-testid=stAudio]')?.getAttribute('src') ?? null)"
    )
    for _ in range(5):
        press_until(page, "Tab", page.get_by_role("button", name="Record", exact=True))
        if page.evaluate(answered_another, before):
            return  # late, but it has come
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Stop recording").wait_for()
        page.get_by_test_id("stAudioInputWaveformTimeCode").get_by_text("00:02").wait_for()
        press_until(page, "Tab", page.get_by_role("button", name="Stop recording"))
        page.keyboard.press("Enter")
        with contextlib.suppress(TimeoutError):
            page.wait_for_function(answered_another, arg=before, timeout=30_000)
            return
    raise AssertionError("every recording was too short or lost")


def pick(page, box, option):
    """Choose from a list by keyboard; a list that a rerun has closed is opened again."""
    wanted = page.get_by_role("option", name=option)
    for _ in range(20):
        page.get_by_role("combobox", name=box).press("ArrowDown")
        page.wait_for_timeout(300)
        if wanted.count():
            wanted.click()
            settle(page)
            return
    raise AssertionError(f"{box} does not offer {option}")


def fits(page, width):
    return page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= width


def test_the_recorder_says_what_it_does_and_nothing_above_its_answer_moves(visit):
    page = visit(viewport={"width": 390, "height": 844})
    recorder_button(page).wait_for()
    settle(page)
    page.get_by_text("Ready.").wait_for()

    def end_of_inputs():
        """Pixels from the microphone to the end of the inputs, wherever the page was scrolled to."""
        box, top = page.get_by_role("button", name="Clear").bounding_box(), recorder_button(page).bounding_box()
        return box["y"] + box["height"] - top["y"]

    target, end = recorder_button(page).bounding_box(), end_of_inputs()
    assert min(target["width"], target["height"]) >= 80

    presses = []

    def press():
        recorder_button(page).click()
        presses.append(len(presses))
        if presses == [0]:
            page.get_by_text("Recording", exact=True).wait_for()
            assert not page.get_by_text("Ready.").is_visible()
            assert end_of_inputs() == pytest.approx(end, abs=1)

    record(page, press, page.get_by_text("recording ·").first)
    answered(page, "recording")
    page.get_by_text("Done.", exact=True).wait_for()
    assert not page.get_by_text("Recording", exact=True).is_visible()
    # A screen reader names the frame and reads the line out.
    assert page.locator("iframe[title*=audio_recorder]").get_attribute("aria-label") == "Microphone"
    assert page.locator("[aria-live=polite]").get_by_text("Done.", exact=True).count() == 1
    assert end_of_inputs() == pytest.approx(end, abs=1)
    page.get_by_role("button", name="Clear").click()
    page.get_by_text("The answer appears here").wait_for()
    assert page.get_by_test_id("stAudio").count() == 0


def test_a_microphone_that_is_silent_at_first_is_not_given_up(visit, chromium, tmp_path):
    samples, rate = soundfile.read(VOICES["quick_and_low"], dtype="float32")
    soundfile.write(tmp_path / "late.wav", np.concatenate([np.zeros(rate, np.float32), samples]), rate)
    browser = launched(chromium.browser_type, chromium_path(), tmp_path / "late.wav")
    page = visit(browser=browser)
    settle(page)
    presses = []

    def press():
        recorder_button(page).click()
        presses.append(len(presses))
        if presses == [0]:
            page.get_by_text("0:01", exact=True).wait_for()
            assert recorder_button(page).get_attribute("aria-label") == STOP

    record(page, press, page.get_by_text("recording ·").first)
    answered(page, "recording")
    browser.close()


def test_both_recorders_and_an_example_are_answered_by_keyboard_alone(visit):
    page = visit()
    settle(page)
    press_until(page, "Tab", recorder_button(page))
    record(page, lambda: page.keyboard.press("Enter"), page.get_by_text("recording ·").first)
    answered(page, "recording")
    press_until(page, "Tab", page.locator("summary").filter(has_text="browser’s recorder"))
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Record", exact=True).wait_for()
    record_by_the_browser(page)
    answered(page, "recording")
    press_until(page, "Shift+Tab", page.get_by_role("radio", name="Record"))
    press_until(page, "ArrowRight", page.get_by_role("radio", name="Examples"))
    page.keyboard.press("Enter")
    wanted = page.get_by_role("button", name="Quick and high")
    wanted.wait_for()
    press_until(page, "Tab", wanted)
    page.keyboard.press("Enter")
    answered(page, "synthetic voice, quick and high")


def test_a_wav_and_the_same_clip_as_m4a_are_answered_alike_and_reported_as_shown(visit, clips, chromium, tmp_path):
    page = visit()
    upload(page, clips["spoken.wav"])
    wav = answered(page, "spoken.wav")
    upload(page, clips["spoken.m4a"])
    m4a = answered(page, "spoken.m4a")
    assert next(iter(wav)) == next(iter(m4a))
    choose(page, "Report")
    with page.expect_download() as saving:
        page.get_by_role("button", name="Save the report").click()
    path = tmp_path / "report.html"
    saving.value.save_as(path)
    # It opens without a network and shows the same numbers.
    context = chromium.new_context(offline=True)
    asked, faults = [], []
    report = context.new_page()
    report.on("request", lambda request: asked.append(request.url))
    report.on("pageerror", lambda error: faults.append(str(error)))
    report.goto(path.as_uri())
    report.wait_for_function("document.querySelectorAll('.js-plotly-plot .main-svg').length > 1", timeout=60_000)
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
    bars = report.evaluate("Array.from(document.querySelector('.js-plotly-plot')._fullData[0].x)")
    table = report.locator("table").first.locator("tbody tr").all_inner_texts()
    context.close()
    assert faults == []
    assert sorted(bars, reverse=True) == pytest.approx(list(m4a.values()))
    assert sorted((float(row.split()[-2]) for row in table), reverse=True) == pytest.approx(
        list(m4a.values()), abs=0.051
    )


def test_doubtful_and_unusable_recordings_say_what_is_wrong_and_what_to_do(visit, clips):
    page = visit()
    alert = page.get_by_test_id("stAlert")
    for name, said in (
        ("clipped.wav", "Overdriven:.*Turn the microphone down"),
        ("quiet.wav", r"Very quiet: the voice is at -6\d dBFS.*Go nearer to the microphone"),
    ):
        upload(page, clips[name])
        answered(page, name)
        assert re.search(said, alert.inner_text(), re.DOTALL)
    for name, said in (
        ("empty.wav", "holds no sound"),
        ("blip.wav", "0.20 s long; at least 0.5 s"),
        ("broken.mp3", "broken.mp3 is a text, not a recording"),
    ):
        upload(page, clips[name])
        alert.filter(has_text=said).wait_for()
        settle(page)
        assert alert.count() == 1
        assert page.get_by_text("Could not use", exact=True).is_visible()
        assert page.get_by_test_id("stAudio").count() == 0


def test_a_click_and_a_drag_in_the_timeline_of_a_minute_play_that_stretch(visit, clips):
    page = visit()
    upload(page, clips["minute.wav"])
    page.get_by_text("minute.wav ·").wait_for(timeout=300_000)
    answered(page, "minute.wav")
    page.get_by_role("heading", name="When").wait_for(timeout=300_000)
    settle(page)
    graph(page, "recognise_timeline")
    plot = page.locator(".st-key-recognise_timeline .js-plotly-plot").locator("visible=true")
    plot.scroll_into_view_if_needed()
    place, stretch = plot.evaluate(
        """plot => {
            const marks = plot._fullData.find(trace => trace.name === "Leading emotion");
            const box = plot.getBoundingClientRect(), area = plot._fullLayout;
            const at = 10;
            return [
                {x: box.x + area.xaxis._offset + area.xaxis.d2p(marks.x[at]),
                 y: box.y + area.yaxis._offset + area.yaxis.d2p(marks.y[at])},
                Array.from(marks.customdata[at]),
            ];
        }"""
    )
    assert stretch[1] - stretch[0] == pytest.approx(4)
    page.mouse.move(place["x"], place["y"])
    page.mouse.click(place["x"], place["y"])
    expect_running(page, 4)
    handles = page.get_by_role("slider").evaluate_all("all => all.map(one => Number(one.value))")
    assert handles == pytest.approx(stretch, abs=0.06)

    graph(page, "recognise_voice")
    plot = page.locator(".st-key-recognise_voice .js-plotly-plot").locator("visible=true")
    plot.scroll_into_view_if_needed()
    start, end = plot.evaluate(
        """plot => [10, 20].map(second => {
            const box = plot.getBoundingClientRect(), area = plot._fullLayout;
            return {x: box.x + area.xaxis._offset + area.xaxis.d2p(second), y: box.y + area.yaxis._offset + 20};
        })"""
    )
    page.mouse.move(**start)
    page.mouse.down()
    page.mouse.move(end["x"], end["y"] + 4, steps=8)
    page.mouse.up()
    expect_running(page, 10)


def expect_running(page, seconds):
    """Wait until a player as long as that runs."""
    page.wait_for_function(
        """seconds => Array.from(document.querySelectorAll("[data-testid=stAudio]")).some(
            player => Math.abs(player.duration - seconds) < 0.3 && player.currentTime > 0.1)""",
        arg=seconds,
    )


def test_my_voice_takes_effect_is_shown_before_and_after_saved_forgotten_and_loaded(visit, clips, tmp_path):
    page = visit()
    upload(page, clips["spoken.wav"])
    page.get_by_text("spoken.wav ·").wait_for()
    open_box(page, "My voice")
    page.locator(".st-key-recognise_neutral_files_0 input[type=file]").set_input_files(clips["second.flac"])
    page.get_by_text("1 of at most 5 clips: second.flac").wait_for()
    page.get_by_role("button", name="Use my voice").click()
    page.get_by_text("adapted to your voice").wait_for()
    answered(page, "spoken.wav")
    choose(page, "My voice")
    after, before = graph(page, "recognise_voice_effect")
    assert (before["name"], after["name"]) == ("Before", "After")
    assert sum(before["x"]) == pytest.approx(100)
    assert sum(after["x"]) == pytest.approx(100)
    assert before["x"] != pytest.approx(after["x"])
    with page.expect_download() as saving:
        page.get_by_role("button", name="Save my profile").click()
    saving.value.save_as(tmp_path / "my-voice.json")
    page.get_by_role("button", name="Forget my voice").click()
    page.get_by_text("adapted to your voice").wait_for(state="detached")
    page.locator(".st-key-recognise_voice_load_1 input[type=file]").set_input_files(tmp_path / "my-voice.json")
    page.get_by_text("adapted to your voice").wait_for()
    settle(page)
    assert graph(page, "recognise_voice_effect")[0]["x"] == pytest.approx(after["x"])


def test_answers_adapt_to_the_clips_so_far_and_forget_them(visit, clips):
    page = visit()
    upload(page, clips["spoken.wav"])
    page.get_by_text("spoken.wav ·").wait_for()
    open_box(page, "My voice")
    page.get_by_text("Adapt to my voice from my clips so far").click()
    page.get_by_text("It begins with your second clip.").wait_for()
    upload(page, clips["second.flac"])
    page.get_by_text("Compared with your other clip.").wait_for()
    page.get_by_text("adapted to your voice").wait_for()
    settle(page)
    page.get_by_role("button", name="Forget my voice").click()
    page.get_by_text("adapted to your voice").wait_for(state="detached")
    page.get_by_role("switch", name="Adapt to my voice", checked=False).wait_for()


def test_ten_minutes_show_progress_and_can_be_cancelled(visit, clips):
    page = visit()
    upload(page, clips["ten.flac"])
    page.get_by_text(re.compile(r"Listening to ten.flac … \d+")).wait_for()
    page.locator(".st-key-recognise_cancel button").click()
    page.get_by_text("Stopped before the end of ten.flac.").wait_for()
    assert page.get_by_role("button", name="Go on").is_visible()


def test_a_batch_of_thirty_with_three_broken_gives_27_answers_and_3_sentences(visit, clips, tmp_path):
    files = []
    for number in range(30):
        broken = number % 10 == 4
        files.append(tmp_path / f"{number:02}{'-broken' if broken else ''}.wav")
        files[-1].write_bytes(clips["broken.mp3" if broken else "spoken.wav"].read_bytes())
    page = visit()
    upload(page, *files)
    page.get_by_text("Answered 27 of 30 clips; 3 could not be used.").wait_for(timeout=300_000)
    settle(page)
    refused = page.get_by_test_id("stAlert").filter(has_text="3 clips could not be used")
    assert refused.get_by_role("listitem").all_inner_texts() == [
        f"{number:02}-broken.wav is a text, not a recording. Choose a {NAMES} file." for number in (4, 14, 24)
    ]
    with page.expect_download() as saving:
        page.get_by_role("button", name="Save as CSV").first.click()
    rows = list(csv.DictReader(Path(saving.value.path()).read_text("utf-8").splitlines()))
    assert len([row for row in rows if row["label"]]) == 27
    assert [row["file"] for row in rows if row["error"]] == ["04-broken.wav", "14-broken.wav", "24-broken.wav"]
    # A click on a row's mark, or a choice from the list, shows that clip in full.
    table = page.get_by_test_id("stDataFrame").first
    table.scroll_into_view_if_needed()
    box = table.bounding_box()
    page.mouse.click(box["x"] + 17, box["y"] + 2.5 * 35)
    answered(page, "01.wav")
    pick(page, "Full answer of", "02.wav")
    answered(page, "02.wav")
    pick(page, "Compare with", "03.wav")
    both = graph(page, "recognise_compared")
    assert sorted(each["name"] for each in both) == ["02.wav", "03.wav"]


def test_axe_finds_nothing_serious_in_light_or_dark(visit, clips):
    from axe_playwright_python.sync_playwright import Axe

    axe, page = Axe(), visit()
    page.get_by_text("What it must not be used for").wait_for()
    found = {"empty": serious(axe, page)}
    upload(page, clips["thirteen.wav"])
    page.get_by_text("thirteen.wav ·").wait_for(timeout=300_000)
    answered(page, "thirteen.wav")
    page.get_by_role("heading", name="When").wait_for(timeout=300_000)
    for name, shown in (("My voice", ".st-key-recognise_enrol"), ("How far can I trust", ".st-key-recognise_least")):
        open_box(page, name)
        page.locator(shown).wait_for()
    for view, shown in (
        ("Sound", ".st-key-recognise_mel"),
        ("Models", ".st-key-recognise_models_chart"),
        ("Report", ".st-key-recognise_report"),
    ):
        choose(page, view)
        page.locator(shown).wait_for(timeout=300_000)
        found[view] = serious(axe, page)
    choose(page, "Change it")
    page.get_by_role("slider", name="Brightness").press("ArrowRight")
    page.locator(".st-key-recognise_change_effect").wait_for()
    found["Change it"] = serious(axe, page)
    upload(page, clips["spoken.wav"], clips["broken.mp3"], clips["second.flac"])
    page.get_by_text(re.compile("Answered 2 of 3 clips")).wait_for()
    found["batch"] = serious(axe, page)
    pick(page, "Full answer of", "spoken.wav")
    answered(page, "spoken.wav")
    pick(page, "Compare with", "second.flac")
    graph(page, "recognise_compared")
    found["Compare"] = serious(axe, page)
    assert not any(found.values()), found


def test_two_visitors_see_nothing_of_each_other(visit, clips):
    one, other = visit(), visit()
    upload(one, clips["spoken.wav"])
    one.get_by_text("spoken.wav ·").wait_for()
    choose(other, "Examples")
    other.get_by_role("button", name="Quick and high").wait_for()
    assert other.get_by_text("The answer appears here").is_visible()
    assert other.get_by_text("spoken.wav").count() == 0
    other.get_by_role("button", name="Quick and high").click()
    other.get_by_text("synthetic voice, quick and high ·").wait_for()
    choose(one, "Record")
    assert one.get_by_text("spoken.wav ·").count() == 1
    assert one.get_by_text("synthetic voice").count() == 0


def test_the_page_fits_a_phone_with_the_answer_in_sight_and_a_zoom_of_200_percent(visit):
    page = visit(viewport={"width": 390, "height": 844})
    choose(page, "Examples")
    page.get_by_role("button", name="Play an actor’s clip").click()
    page.get_by_text(re.compile("actor’s clip .* ·")).first.wait_for()
    clip = page.get_by_text(re.compile("actor’s clip .* ·")).first.inner_text().split(" ·")[0]
    answered(page, clip)
    choose(page, "Record")
    answered(page, clip)
    assert fits(page, 390)
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight") <= 3500
    page.evaluate("document.querySelector('[data-testid=stMain]').scrollTo(0, 0)")
    words = page.get_by_role("heading", level=1).nth(1).bounding_box()
    assert words["y"] + words["height"] < 844
    # A zoom of 200 % leaves half the CSS pixels of a window 1440 wide.
    page.set_viewport_size({"width": 720, "height": 450})
    answered(page, clip)
    assert fits(page, 720)


def test_of_two_tracks_the_answer_names_one_and_offers_the_other(visit, odd):
    page = visit()
    upload(page, odd["silent-first.mkv"])
    answered(page, "silent-first.mkv")
    assert page.get_by_text("The answer is based on track 2, as track 1 is silent.").is_visible()
    page.get_by_role("radio", name="Track 1").click()
    page.get_by_text("Track 1: silent-first.mkv is silent").wait_for()
    upload(page, odd["two.mkv"])
    answered(page, "two.mkv")
    before = graph(page, "recognise_bars")[0]["x"]
    page.get_by_role("radio", name="Track 2").click()
    answered(page, "two.mkv, track 2")
    assert graph(page, "recognise_bars")[0]["x"] != before
    page.get_by_role("radio", name="Track 1").click()
    answered(page, "two.mkv, track 1")


def test_a_stretch_without_an_answer_says_why(visit, odd):
    page = visit()
    upload(page, odd["noise.wav"])
    answered(page, "noise.wav")
    assert page.get_by_text("have no answer: there is nothing but background noise").is_visible()
    assert page.get_by_text("no answer: noise").first.is_visible()
