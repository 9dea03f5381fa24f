"""The Recognise page in a real browser, with a spoken clip at the fake microphone."""

import re

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
    assert page.get_by_test_id("stAudio").count() == 1
    page.wait_for_function("document.querySelector('[data-testid=stAudio]').duration > 0.5")
    assert graph(page, "recognise_waveform")[1]["y"]
    assert graph(page, "recognise_mel")[0]["type"] == "heatmap"
    return dict(zip(ranked, sorted(bars["x"], reverse=True), strict=True))


def test_the_recorder_gives_a_prediction(visit):
    page = visit()
    icon = page.frame_locator("iframe[title*=audio_recorder]").locator("svg")
    icon.click()
    page.wait_for_timeout(3500)
    icon.click()
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
    page.get_by_test_id("stDataFrame").wait_for()
    settle(page)
    assert page.get_by_test_id("stAlert").filter(has_text="broken.mp3").count() == 1
    expect_answer(page)
    page.get_by_role("combobox", name="Full answer of").click()
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
    other.get_by_text("synthetic voice, whispered").wait_for()
    choose(one, "Record")
    assert one.get_by_text("spoken.wav ·").count() == 1
    assert one.get_by_text("whispered").count() == 0


def test_an_example_is_answered_by_keyboard_alone(visit):
    page = visit()
    # The way in: no pointer, only Tab until the choice of ways has the focus.
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.getAttribute('role')") == "radio":
            break
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    wanted = page.get_by_role("button", name="Quick and high")
    wanted.wait_for()
    settle(page)
    for _ in range(10):
        page.keyboard.press("Tab")
        if wanted.evaluate("button => button === document.activeElement"):
            break
    page.keyboard.press("Enter")
    page.get_by_text("synthetic voice, quick and high").wait_for()
    settle(page)
    expect_answer(page)


def test_the_page_fits_a_phone(visit):
    page = visit(viewport={"width": 390, "height": 844})
    choose(page, "Examples")
    page.get_by_role("button", name="Plain and even").click()
    page.get_by_text("synthetic voice, plain and even").wait_for()
    settle(page)
    expect_answer(page)
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
