"""The Train page in a real browser: a run steered while its curves grow, two tabs, two visitors, a line that breaks,
runs compared, a search, own clips, and models that answer elsewhere as they did here.

Every test ends the trainings that it began: those left behind would slow the next ones down."""

import contextlib
import io
import json
import re
import zipfile
from urllib.parse import urlencode

import numpy as np
import onnxruntime
import pytest
import soundfile

from ser.audio.decoding.decoder import decode
from ser.features.sets import feature_set
from ser.inference.prediction import predict
from ser.model.onnx_export import one_view
from ser.model.store import ModelStore
from tests.helpers.browser import EXAMPLES, ROOT, graph, serious, settle
from tests.helpers.voices import VOICES

# Trainings share the machine with whatever else is done on it, so patience is long; nothing here waits in vain.
pytestmark = [pytest.mark.browser, pytest.mark.timeout(480)]
PATIENCE = 120_000

# How many points the loss has on the screen at this moment, if it is there.
DRAWN = "document.querySelector('.st-key-train_loss .js-plotly-plot')?._fullData?.[0].x.length"


def slide(page, name, key, times):
    """Move a slider by arrow keys, as a visitor without a mouse does."""
    thumb = page.get_by_role("slider", name=name)
    thumb.focus()
    for _ in range(times):
        page.keyboard.press(key)
    settle(page)


def look_into(page, part):
    page.get_by_role("radiogroup", name="Look into").get_by_role("radio", name=part, exact=True).click()
    settle(page)


def epochs_drawn(page, key="train_loss"):
    return len(graph(page, key)[0]["x"])


@pytest.fixture
def open_train(visit):
    """Opens Train as a new visitor; what is still trained when the test ends, or fails, is stopped."""
    opened = []

    def open_page(**changed):
        page = visit(f"train?{urlencode({'set': json.dumps(changed)})}" if changed else "train?preset=fast")
        page.context.set_default_timeout(PATIENCE)
        page.set_default_timeout(PATIENCE)
        opened.append(page.context)
        page.get_by_text("The curves grow here").wait_for()
        settle(page)
        return page

    yield open_page
    from playwright.sync_api import Error

    for page in (page for context in opened for page in context.pages):
        with contextlib.suppress(Error):
            page.get_by_test_id("stMain").get_by_role("button", name="Stop").click(timeout=1000)


def stop(page):
    """Press our own Stop: Streamlit has one in its header for as long as a script runs."""
    page.get_by_test_id("stMain").get_by_role("button", name="Stop").click()


def view(page, name):
    page.get_by_role("radiogroup", name="View").get_by_role("radio", name=name, exact=True).click()
    settle(page)


def train(page, button="Train", scores=2):
    """Train to the end with what the sliders say; what the scores are then."""
    before = page.get_by_role("heading", level=2).all_inner_texts()
    page.get_by_role("button", name=button, exact=True).click()
    page.wait_for_function(
        "before => { const now = Array.from(document.querySelectorAll('h2'), each => each.innerText);"
        " return now.length && now.join() != before; }",
        arg=",".join(before),
    )
    page.get_by_text("Done after").wait_for()
    metrics = page.get_by_test_id("stMetricValue")
    metrics.nth(scores - 1).wait_for()
    settle(page)
    return [float(each.rstrip("%")) for each in metrics.all_inner_texts()]


def long_run(open_train):
    """A visitor whose run goes on until it is stopped, and has its first points."""
    page = open_train(epochs=2000)
    page.get_by_text("epochs 20 → 2000").wait_for()
    page.get_by_role("button", name="Train", exact=True).click()
    page.wait_for_function(f"({DRAWN} || 0) >= 2")
    return page


def paused_after(page):
    text = page.get_by_text(re.compile(r"Paused after epoch \d+ of")).inner_text()
    return int(re.search(r"epoch (\d+)", text).group(1))


def spread(map_):
    """How far from the middle the clips of a map lie."""
    return np.hypot(*(np.concatenate([trace[axis] for trace in map_[1:]]) for axis in "xy")).mean()


def ask_for_an_example(page, name):
    """Go to Recognise with the new model and let it answer one of the examples; the bars."""
    page.get_by_role("button", name="Use on Recognise").click()
    page.get_by_text("now answers on Recognise").wait_for()
    page.get_by_role("link", name="Go to Recognise").click()
    page.get_by_role("radio", name="Examples").click()
    page.get_by_role("button", name=name).click()
    page.get_by_text(f"synthetic voice, {name[0].lower()}{name[1:]}").first.wait_for()
    settle(page)
    guess = page.get_by_text("Show the model’s guess")
    if guess.count():  # a synthetic voice may be unlike all that the model knows
        guess.click()
        settle(page)
    return graph(page, "recognise_bars")[0]


def test_the_guide_leads_by_keyboard_from_a_model_to_ones_own_voice(visit):
    from axe_playwright_python.sync_playwright import Axe

    page = visit("train")
    page.set_default_timeout(PATIENCE)
    page.get_by_role("button", name="Train a model", exact=True).press("Enter")
    page.get_by_text("It named the right emotion for").wait_for()
    settle(page)
    page.get_by_role("button", name="Show what a leaky test would say").press("Enter")
    page.get_by_text("A new person gets the fair score").wait_for()
    metrics = page.get_by_test_id("stMetricValue")
    metrics.nth(1).wait_for()
    settle(page)
    fair, leaky = (float(each.rstrip("%")) for each in metrics.all_inner_texts())
    assert leaky > fair > 100 / 8
    assert not serious(Axe(), page)
    page.get_by_role("button", name="Use it on my voice").press("Enter")
    page.get_by_role("heading", name="How a voice sounds").wait_for()
    settle(page)
    page.get_by_role("button", name="Model: my-first-model").wait_for()


def test_a_run_is_watched_paused_stepped_steered_stopped_and_found_again(open_train):
    page = long_run(open_train)
    assert page.get_by_role("button", name="Train", exact=True).is_disabled()
    early, first_map = epochs_drawn(page), graph(page, "train_map")
    assert sum(len(trace["x"]) for trace in first_map[1:]) == 240  # four actors are watched
    page.wait_for_function(f"early => ({DRAWN} || 0) > early + 3", arg=early)

    page.get_by_role("button", name="Pause").click()
    page.get_by_text("Paused after").wait_for()
    at = paused_after(page)
    page.wait_for_timeout(1500)
    assert paused_after(page) == at == epochs_drawn(page)
    for step in (1, 2):
        page.get_by_role("button", name="One epoch").click()
        page.get_by_text(f"Paused after epoch {at + step} of").wait_for()
        page.wait_for_function(f"n => ({DRAWN} || 0) == n", arg=at + step)
    slide(page, re.compile("Learning rate from the next epoch on"), "ArrowRight", 1)
    page.get_by_role("button", name="One epoch").click()
    page.get_by_text("(last epoch: 0.003)").wait_for()
    page.get_by_role("button", name="Resume").click()
    page.wait_for_function(f"at => ({DRAWN} || 0) > at + 10", arg=at)

    stop(page)
    page.get_by_text("Stopped after").wait_for()
    settle(page)
    assert graph(page, "train_confusion")[0]["type"] == "heatmap"
    look_into(page, "Downloads")
    with page.expect_download() as download:
        page.locator(".st-key-train_json").get_by_role("button", name="Download settings").click()
    settings = json.loads(download.value.path().read_text("utf-8"))
    assert settings["learning_rate_changes"] == [[at + 3, 0.003]] and settings["epochs"] < 2000
    look_into(page, "How it learnt")
    assert epochs_drawn(page) == settings["epochs"]
    assert spread(graph(page, "train_map")) > spread(first_map)  # from a muddle in the middle towards the names
    training, validation = graph(page, "train_uar")[:2]
    assert len(training["y"]) == len(validation["y"]) == settings["epochs"]

    # Away and back: nothing is lost.
    page.get_by_role("link", name="Explore").click()
    page.get_by_role("heading", name="What the voices are like").wait_for()
    settle(page)
    page.get_by_role("link", name="Train").click()
    page.get_by_text("Stopped after").wait_for()
    settle(page)
    assert epochs_drawn(page) == settings["epochs"]
    page.get_by_text("epochs 20 → 2000").wait_for()


def test_two_tabs_steer_one_run_two_visitors_are_apart_and_the_line_may_break(open_train):
    page = long_run(open_train)
    page.context.set_offline(True)
    page.wait_for_timeout(3000)
    page.context.set_offline(False)
    before = page.evaluate(DRAWN) or 0
    page.wait_for_function(f"before => ({DRAWN} || 0) > before + 5", arg=before)

    assert "lab=" in page.url
    second = page.context.new_page()
    second.goto(page.url)
    second.get_by_role("button", name="Pause").click()
    page.get_by_text("Paused after").wait_for()
    at, address = paused_after(page), page.url
    page.close()
    other = open_train()
    train(other)  # while the first run waits
    assert other.get_by_role("heading", name="Run 1").count() == 1
    assert "Paused" not in other.get_by_test_id("stMain").inner_text()
    other.close()
    # A tab that is closed and opened again finds its run as it left it.
    again = second.context.new_page()
    again.goto(address)
    again.get_by_text(f"Paused after epoch {at} of").wait_for()
    stop(again)
    second.get_by_text("Stopped after").wait_for()


def test_the_leaky_test_a_cell_that_is_heard_and_two_runs_compared(open_train, ravdess):
    page = open_train()
    train(page)
    page.get_by_role("button", name="Show what a leaky test would say").click()
    page.get_by_text("A new person gets the fair score").wait_for()
    settle(page)
    shown = [float(each.rstrip("%")) for each in page.get_by_test_id("stMetricValue").all_inner_texts()]
    assert len(shown) == 4 and shown[0] > shown[2] + 5
    look_into(page, "How it learnt")
    assert epochs_drawn(page) == epochs_drawn(page, "train_uar") == 20
    look_into(page, "Emotions")
    assert [trace["name"] for trace in graph(page, "train_per_class")] == ["precision", "recall", "F1"]

    look_into(page, "Confusion")
    graph(page, "train_confusion")
    plot = page.locator(".st-key-train_confusion .js-plotly-plot").locator("visible=true")
    plot.scroll_into_view_if_needed()
    place = plot.evaluate(
        "plot => { const box = plot.getBoundingClientRect(), axes = plot._fullLayout;"
        " return [box.x + axes.xaxis._offset + axes.xaxis.d2p(1), box.y + axes.yaxis._offset + axes.yaxis.d2p(1)]; }"
    )
    page.mouse.click(*place)
    page.get_by_text(re.compile(r"clips of calm were answered calm")).wait_for()
    page.locator("audio").first.wait_for()
    assert page.locator("audio").first.evaluate("sound => sound.play().then(() => !sound.paused)")

    slide(page, "Units in layer 1", "Home", 1)
    train(page)
    view(page, "Runs")
    assert [trace["name"] for trace in graph(page, "train_runs_overlay")] == ["Run 2", "Run 1"]
    page.get_by_text(re.compile(r"Over 4 actors, Run [12] differs from Run [12] by")).wait_for()
    assert len(graph(page, "train_runs_differences")[0]["x"]) == 4
    page.get_by_text("Rename, pin, delete, use again").click()
    page.get_by_role("textbox", name="Name").fill("tiny")
    page.keyboard.press("Enter")
    page.get_by_text(re.compile("tiny differs from Run 1|Run 1 differs from tiny")).wait_for()
    with page.expect_download() as download:
        page.get_by_role("button", name="All runs (CSV)").click()
    assert "tiny" in download.value.path().read_text("utf-8")


def test_no_choice_of_the_report_is_taller_than_its_options_on_a_phone(visit):
    page = visit("train?preset=fast", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page.set_default_timeout(PATIENCE)
    page.get_by_text("The curves grow here").wait_for()
    train(page)
    room = page.get_by_role("radiogroup").evaluate_all(
        """groups => groups.map(each => each.closest("[data-testid=stElementContainer]").getBoundingClientRect().height
            - each.getBoundingClientRect().height)"""
    )
    assert len(room) > 2 and max(room) < 60, room  # a label stands above the options


def test_a_search_of_eight_is_stopped_midway_and_the_best_goes_to_the_sliders(open_train):
    page = open_train()
    view(page, "Search")
    page.get_by_role("button", name="Search", exact=True).click()
    page.get_by_text(re.compile(r"[2-7] of 8 candidates tested")).wait_for()
    stop(page)
    page.get_by_text(re.compile(r"The best is candidate \d")).wait_for()
    page.get_by_text("You stopped, so the best one was not tested").wait_for()
    page.locator(".st-key-train_parallel .js-plotly-plot").wait_for()
    page.get_by_role("button", name="Use these settings").click()
    page.get_by_text("The curves grow here").wait_for()
    page.get_by_role("button", name="Train", exact=True).wait_for()


def test_a_model_is_used_kept_and_taken_away_with_the_same_answers(open_train):
    page = open_train()
    train(page)
    page.get_by_role("textbox", name="Name of the model").fill("browser-kept")
    page.keyboard.press("Enter")
    settle(page)
    try:
        page.get_by_role("button", name="Keep for everyone").click()
        page.get_by_text("browser-kept is kept on this server").wait_for()
        card = json.loads((ROOT / "models" / "browser-kept.json").read_text("utf-8"))
        assert card["scores"][0]["protocol"] == "heldout"
        kept = ModelStore(ROOT / "models").load("browser-kept").model
    finally:
        for path in (ROOT / "models").glob("browser-kept*"):
            path.unlink()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the model").click()
    bars = ask_for_an_example(page, "Plain and even")
    assert page.get_by_role("button", name="Model: browser-kept (yours)").is_visible()

    with zipfile.ZipFile(download.value.path()) as archive:
        session = onnxruntime.InferenceSession(archive.read("model.onnx"))
        labels = json.loads(archive.read("card.json"))["labels"]
    wanted = feature_set("standard")
    clip = decode(EXAMPLES / "plain_and_even.ogg", rate=wanted.rate, levelled=wanted.levelled)
    [answer] = session.run(None, {"features": wanted.extract(clip)[None].astype(np.float32)})[0]
    # The bundle computes one view and no novelty check; the page, and the kept model, compute all of it.
    example = EXAMPLES / "plain_and_even.ogg"
    assert list(predict(example, one_view(kept)).probabilities.values()) == pytest.approx(answer.tolist(), abs=1e-4)
    whole = predict(example, kept)
    assert labels == list(whole.probabilities)
    assert sorted(bars["x"]) == pytest.approx(sorted(100 * np.array(list(whole.probabilities.values()))), abs=1e-3)
    assert whole.label in bars["y"][int(np.argmax(bars["x"]))]


def synthetic_speech():
    """Three labels of five recordings: synthetic voices, each a little faster or slower."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for label, example in (("even", "plain_and_even"), ("hasty", "quick_and_high"), ("weary", "slow_and_low")):
            samples, rate = soundfile.read(VOICES[example])
            for take in range(5):
                pace = 0.96 + 0.02 * take
                varied = np.interp(np.arange(0, len(samples) - 1, pace), np.arange(len(samples)), samples)
                take_file = io.BytesIO()
                soundfile.write(take_file, varied, rate, format="FLAC")
                archive.writestr(f"{label}/{label} {take}.flac", take_file.getvalue())
    return stream.getvalue()


def test_own_clips_become_a_model_with_a_score_that_answers_on_recognise(open_train):
    page = open_train()
    view(page, "My clips")
    clips = {"name": "clips.zip", "mimeType": "application/zip", "buffer": synthetic_speech()}
    # What the page draws last: a file given in the few milliseconds in which the browser builds the uploader is lost.
    page.get_by_text("No clips yet").wait_for()
    settle(page)
    page.locator("input[type=file]").set_input_files(clips)
    page.get_by_role("button", name="Add 15 clips").click()
    page.get_by_text("With 15 clips a score is rough").wait_for()
    settle(page)
    # One more, recorded: the browser's microphone says the first example over and over.
    page.get_by_role("combobox", name="Label").fill("even")
    page.keyboard.press("Enter")
    settle(page)
    # By its whole name: until the label is known, a help beside it has the word in its name as well.
    page.get_by_role("button", name="Record", exact=True).click()
    page.wait_for_timeout(2500)
    page.get_by_role("button", name="Stop recording").click()
    page.get_by_text("With 16 clips a score is rough").wait_for()
    page.get_by_role("button", name="Train on these").click()
    page.get_by_text("16 clips").first.wait_for()
    accuracy = train(page)[0]
    page.get_by_text("16 clips of one voice, each tested once").wait_for()
    assert accuracy > 60  # guessing: 33
    bars = ask_for_an_example(page, "Quick and high")
    assert "hasty" in bars["y"][int(np.argmax(bars["x"]))]
