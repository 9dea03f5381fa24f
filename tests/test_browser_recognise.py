"""The Recognise page in a real browser, with a spoken clip at the fake microphone."""

import csv
import re
from pathlib import Path

import numpy as np
import pytest
import soundfile
from browser import EXAMPLES, graph, settle

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    """The same spoken clip as WAV and as M4A, a second one, and a file that is no audio: name → path."""
    import av

    folder = tmp_path_factory.mktemp("clips")
    samples, rate = soundfile.read(EXAMPLES / "quick_and_low.ogg", dtype="float32")
    soundfile.write(folder / "spoken.wav", samples, rate)
    other, other_rate = soundfile.read(EXAMPLES / "slow_and_low.ogg")
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
    soundfile.write(folder / "ten.flac", np.tile(minute, 10), rate)
    (folder / "broken.mp3").write_bytes(b"This is a diary, not a recording.")
    return {path.name: path for path in folder.iterdir()}


def choose(page, way):
    page.get_by_role("radio", name=way).click()
    settle(page)


def upload(page, *paths):
    choose(page, "Upload")
    page.locator("input[type=file]").set_input_files(paths)
    settle(page)


def expect_answer(page):
    """A player, an answer in words, bars that sum to 100 %, and both pictures of the sound."""
    bars = graph(page, "recognise_bars")[0]
    assert sum(bars["x"]) == pytest.approx(100, abs=1e-6)
    assert len(bars["y"]) == 8
    words = page.get_by_role("heading", level=1).nth(1).inner_text()
    ranked = [label.split()[-1] for label in reversed(bars["y"])]
    assert "Not sure" in words or ranked[0] in words.lower().replace("disgusted", "disgust")
    player = page.get_by_test_id("stAudio").first
    assert player.is_visible()
    page.wait_for_function("document.querySelector('[data-testid=stAudio]').duration > 0.5")
    assert graph(page, "recognise_waveform")[1]["y"]
    assert graph(page, "recognise_mel")[0]["type"] == "heatmap"
    return dict(zip(ranked, sorted(bars["x"], reverse=True), strict=True))


def test_the_recorder_gives_a_prediction(visit):
    page = visit()
    record(page, 3500)
    page.get_by_text("recording ·").wait_for()
    settle(page)
    expect_answer(page)


def test_the_browsers_own_recorder_gives_a_prediction_by_keyboard(visit):
    page = visit()
    page.get_by_role("button", name="Record", exact=True).focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Stop recording").wait_for()
    page.wait_for_timeout(2500)
    page.get_by_role("button", name="Stop recording").focus()
    page.keyboard.press("Enter")
    page.get_by_text("recording ·").wait_for()
    settle(page)
    expect_answer(page)


def test_a_wav_and_the_same_clip_as_m4a_are_answered_alike(visit, clips):
    page = visit()
    upload(page, clips["spoken.wav"])
    page.get_by_text("spoken.wav ·").wait_for()
    wav = expect_answer(page)
    page.get_by_role("button", name=re.compile("Remove|Delete")).first.click()
    page.get_by_text("The answer appears here").wait_for()
    upload(page, clips["spoken.m4a"])
    page.get_by_text("spoken.m4a ·").wait_for()
    m4a = expect_answer(page)
    assert next(iter(wav)) == next(iter(m4a))


def record(page, milliseconds):
    """Record with the component: click, wait, click."""
    icon = page.frame_locator("iframe[title*=audio_recorder]").locator("svg")
    icon.click()
    page.wait_for_timeout(milliseconds)
    icon.click()


def test_a_clipped_recording_says_so(visit, clips):
    page = visit()
    upload(page, clips["clipped.wav"])
    page.get_by_text("Overdriven:").wait_for()
    assert "Turn the microphone down" in page.get_by_test_id("stAlert").inner_text()


def test_a_quiet_recording_says_so_with_its_level(visit, clips):
    page = visit()
    upload(page, clips["quiet.wav"])
    page.get_by_text("Very quiet: the voice is at -6").wait_for()
    assert "Go nearer to the microphone" in page.get_by_test_id("stAlert").inner_text()


@pytest.mark.parametrize(
    ("name", "said"), [("empty.wav", "holds no sound"), ("blip.wav", "0.20 s long; at least 0.5 s")]
)
def test_an_empty_and_a_very_short_recording_say_so(visit, clips, name, said):
    page = visit()
    upload(page, clips[name])
    page.get_by_test_id("stAlert").filter(has_text=said).wait_for()
    assert page.get_by_text("Could not use it").is_visible()
    assert page.get_by_test_id("stAudio").count() == 0


def test_a_click_in_the_timeline_of_a_minute_plays_that_stretch(visit, clips):
    page = visit()
    upload(page, clips["minute.wav"])
    page.get_by_role("heading", name="When").wait_for(timeout=60_000)
    settle(page)
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
    # The stretch's own player, four seconds long, runs.
    page.wait_for_function(
        """() => Array.from(document.querySelectorAll("[data-testid=stAudio]")).some(
            player => Math.abs(player.duration - 4) < 0.1 && player.currentTime > 0.2)"""
    )
    handles = page.get_by_role("slider").evaluate_all("all => all.map(one => Number(one.value))")
    assert handles == pytest.approx(stretch, abs=0.06)


def test_a_drag_over_the_voice_plays_that_stretch(visit, clips):
    page = visit()
    upload(page, clips["minute.wav"])
    page.get_by_role("heading", name="When").wait_for(timeout=60_000)
    settle(page)
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
    page.wait_for_function(
        """() => Array.from(document.querySelectorAll("[data-testid=stAudio]")).some(
            player => Math.abs(player.duration - 10) < 0.3 && player.currentTime > 0.2)"""
    )


def test_a_click_on_a_row_shows_that_clip_in_full(visit, clips):
    page = visit()
    upload(page, clips["spoken.wav"], clips["second.flac"])
    table = page.get_by_test_id("stDataFrame").first
    table.wait_for()
    settle(page)
    table.scroll_into_view_if_needed()
    box = table.bounding_box()
    page.mouse.click(box["x"] + 17, box["y"] + 2.5 * 35)  # the second row's mark
    page.get_by_text("second.flac ·").wait_for()


def test_my_voice_takes_effect_is_shown_before_and_after_and_is_forgotten(visit, clips):
    page = visit()
    upload(page, clips["spoken.wav"])
    page.get_by_text("spoken.wav ·").wait_for()
    choose(page, "My voice")
    page.locator(".st-key-recognise_neutral_files input[type=file]").set_input_files(clips["second.flac"])
    page.get_by_text("1 of at most 5 clips: second.flac").wait_for()
    page.get_by_role("button", name="Use my voice").click()
    page.get_by_text("adapted to your voice").wait_for()
    settle(page)
    after, before = graph(page, "recognise_voice_effect")
    assert (before["name"], after["name"]) == ("Before", "After")
    assert sum(before["x"]) == pytest.approx(100)
    assert sum(after["x"]) == pytest.approx(100)
    assert before["x"] != pytest.approx(after["x"])
    page.get_by_role("button", name="Forget my voice").click()
    page.get_by_text("adapted to your voice").wait_for(state="detached")


def test_ten_minutes_show_progress_and_can_be_cancelled(visit, clips):
    page = visit()
    upload(page, clips["ten.flac"])
    page.locator(".st-key-recognise_cancel button").click()
    page.get_by_text("Stopped before anything was heard").wait_for()
    assert page.get_by_role("button", name="Go on").is_visible()


def test_the_page_fits_at_200_percent_zoom(visit, clips):
    """Zoom of 200 % leaves half the CSS pixels of a 1440 px window."""
    page = visit(viewport={"width": 720, "height": 450}, device_scale_factor=2)
    upload(page, clips["second.flac"])
    page.get_by_text("second.flac ·").wait_for()
    settle(page)
    expect_answer(page)
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 720


def test_a_batch_of_thirty_with_three_broken_gives_27_answers_and_3_sentences(visit, clips, tmp_path):
    files = []
    for number in range(30):
        broken = number % 10 == 4
        files.append(tmp_path / f"{number:02}{'-broken' if broken else ''}.flac")
        files[-1].write_bytes(clips["broken.mp3" if broken else "second.flac"].read_bytes())
    page = visit()
    upload(page, *files)
    page.get_by_text("27 answered").wait_for(timeout=90_000)
    settle(page)
    alerts = page.get_by_test_id("stAlert").filter(has_text="-broken.flac")
    assert alerts.count() == 3
    with page.expect_download() as saving:
        page.get_by_role("button", name="Save as CSV").first.click()
    rows = list(csv.DictReader(Path(saving.value.path()).read_text("utf-8").splitlines()))
    assert len([row for row in rows if row["label"]]) == 27
    assert [row["file"] for row in rows if row["error"]] == ["04-broken.flac", "14-broken.flac", "24-broken.flac"]


def test_the_report_opens_without_a_network_and_shows_the_same_numbers(visit, clips, chromium, tmp_path):
    page = visit()
    upload(page, clips["spoken.wav"])
    page.get_by_text("spoken.wav ·").wait_for()
    shown = graph(page, "recognise_bars")[0]
    choose(page, "Report")
    with page.expect_download() as saving:
        page.get_by_role("button", name="Save the report").click()
    path = tmp_path / "report.html"
    saving.value.save_as(path)
    context = chromium.new_context(offline=True)
    asked, faults = [], []
    report = context.new_page()
    report.on("request", lambda request: asked.append(request.url))
    report.on("pageerror", lambda error: faults.append(str(error)))
    report.goto(path.as_uri())
    report.wait_for_function("document.querySelectorAll('.js-plotly-plot .main-svg').length > 1")
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
    bars = report.evaluate("Array.from(document.querySelector('.js-plotly-plot')._fullData[0].x)")
    table = report.locator("table").first.locator("tbody tr").all_inner_texts()
    context.close()
    assert faults == []
    assert bars == pytest.approx(shown["x"])
    assert sorted(float(row.split()[-2]) for row in table) == pytest.approx(sorted(shown["x"]), abs=0.051)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(visit, clips, scheme):
    from axe_playwright_python.sync_playwright import Axe

    page = visit(color_scheme=scheme)
    found = {"empty": serious(Axe(), page)}
    upload(page, clips["minute.wav"])
    page.get_by_role("heading", name="When").wait_for(timeout=60_000)
    for view in ("The sound", "Other models", "Report"):
        choose(page, view)
        found[view] = serious(Axe(), page)
    upload(page, clips["spoken.wav"], clips["broken.mp3"], clips["second.flac"])
    page.get_by_test_id("stDataFrame").first.wait_for()
    settle(page)
    found["batch"] = serious(Axe(), page)
    assert not any(found.values()), found


def serious(axe, page):
    """What axe calls serious or worse, as (rule, where)."""
    settle(page)
    violations = axe.run(page).response["violations"]
    return [
        (each["id"], node["target"], node.get("failureSummary", "")[:200])
        for each in violations
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]


def test_a_broken_file_gets_one_sentence(visit, clips):
    page = visit()
    upload(page, clips["broken.mp3"])
    page.get_by_test_id("stAlert").filter(has_text="broken.mp3").wait_for()
    alert = page.get_by_test_id("stAlert")
    assert alert.count() == 1
    assert "broken.mp3" in alert.inner_text()
    assert page.get_by_test_id("stAudio").count() == 0


def test_several_files_one_of_them_broken(visit, clips):
    page = visit()
    upload(page, clips["spoken.wav"], clips["broken.mp3"], clips["second.flac"])
    page.get_by_test_id("stDataFrame").first.wait_for()
    settle(page)
    assert page.get_by_test_id("stAlert").filter(has_text="broken.mp3").count() == 1
    expect_answer(page)
    page.get_by_role("combobox", name="Full answer of").press("ArrowDown")
    page.get_by_role("option", name="second.flac").click()
    page.get_by_text("second.flac ·").wait_for()
    settle(page)
    expect_answer(page)


def test_two_visitors_see_nothing_of_each_other(visit, clips):
    one, other = visit(), visit()
    upload(one, clips["spoken.wav"])
    one.get_by_text("spoken.wav ·").wait_for()
    other.reload()
    other.get_by_text("The answer appears here").wait_for()
    assert other.get_by_text("spoken.wav").count() == 0
    choose(other, "Examples")
    other.get_by_role("button", name="Whispered").click()
    other.get_by_text("synthetic voice, whispered ·").wait_for()
    choose(one, "Record")
    assert one.get_by_text("spoken.wav ·").count() == 1
    assert one.get_by_text("whispered").count() == 0


def press_until(page, key, reached):
    """Press a key, and wait for the page to follow, until the focus is where it is wanted; no pointer."""
    for _ in range(40):
        if reached.count() and reached.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press(key)
        settle(page)
    raise AssertionError(f"{key} does not lead to {reached}")


def test_an_example_is_answered_by_keyboard_alone(visit):
    page = visit()
    settle(page)
    press_until(page, "Tab", page.get_by_role("radio", name="Record"))
    examples = page.get_by_role("radio", name="Examples")
    press_until(page, "ArrowRight", examples)
    page.keyboard.press("Enter")
    wanted = page.get_by_role("button", name="Quick and high")
    wanted.wait_for()
    settle(page)
    press_until(page, "Tab", wanted)
    page.keyboard.press("Enter")
    page.get_by_text("synthetic voice, quick and high ·").wait_for()
    settle(page)
    expect_answer(page)


def test_the_page_fits_a_phone(visit):
    page = visit(viewport={"width": 390, "height": 844})
    choose(page, "Examples")
    page.get_by_role("button", name="Plain and even").click()
    page.get_by_text("synthetic voice, plain and even ·").wait_for()
    settle(page)
    expect_answer(page)
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
