"""The Train page in a real browser: curves that grow, Stop, and the new model answering on Recognise."""

import io
import json
import re
import zipfile

import numpy as np
import onnxruntime
import pytest
import soundfile
from browser import EXAMPLES, ROOT, graph, settle

from ser.audio import decode
from ser.features import feature_set

pytestmark = pytest.mark.browser

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


def test_curves_grow_stop_works_and_recognise_answers_with_the_new_model(visit):
    page = visit("train")
    page.get_by_text("The curves grow here").wait_for()
    page.get_by_role("tab", name="Learning").click()
    # To the far end of the slider: 500 epochs leave time to watch, and to stop.
    slide(page, "Epochs, at most", "End", 1)
    page.get_by_text("epochs 20 → 500").wait_for()
    page.get_by_role("button", name="Train", exact=True).click()

    page.get_by_text(re.compile(r"Epoch \d+ of")).first.wait_for()
    page.wait_for_function(f"({DRAWN} || 0) >= 5")
    early = epochs_drawn(page)
    page.wait_for_function(
        f"early => ({DRAWN} || 0) > early + 15",
        arg=early,
    )
    assert page.get_by_role("button", name="Train", exact=True).is_disabled()

    stop(page)
    page.get_by_text("Stopped after").wait_for()
    settle(page)
    assert graph(page, "train_confusion")[0]["type"] == "heatmap"
    look_into(page, "How it learnt")
    stopped_at = epochs_drawn(page)
    assert 20 < stopped_at < 500
    training, validation = graph(page, "train_uar")[:2]
    assert len(training["y"]) == len(validation["y"]) == stopped_at
    look_into(page, "Emotions")
    assert [trace["name"] for trace in graph(page, "train_per_class")] == ["precision", "recall", "F1"]
    page.get_by_text("Accuracy").first.wait_for()
    look_into(page, "How it learnt")

    # Away and back: nothing is lost.
    page.get_by_role("link", name="Explore").click()
    page.get_by_role("heading", name="What the voices are like").wait_for()
    settle(page)
    page.get_by_role("link", name="Train").click()
    page.get_by_text("Stopped after").wait_for()
    settle(page)
    assert epochs_drawn(page) == stopped_at
    page.get_by_text("epochs 20 → 500").wait_for()

    page.get_by_role("textbox", name="Name of the model").fill("browser-made")
    page.keyboard.press("Enter")
    settle(page)
    page.get_by_role("button", name="Use on Recognise").click()
    page.get_by_text("browser-made now answers").wait_for()
    page.get_by_role("link", name="Go to Recognise").click()
    page.get_by_role("radio", name="Examples").click()
    page.get_by_role("button", name="Plain and even").click()
    page.get_by_text("synthetic voice, plain and even").wait_for()
    settle(page)
    assert sum(graph(page, "recognise_bars")[0]["x"]) == pytest.approx(100, abs=1e-6)
    assert "browser-made (yours)" in page.get_by_test_id("stMain").inner_text() or (
        page.get_by_role("combobox", name="Which model answers").input_value() == "browser-made (yours)"
    )


def test_twenty_epochs_grow_to_twenty_points(visit):
    page = visit("train")
    page.get_by_text("The curves grow here").wait_for()
    slide(page, "Members", "End", 1)  # eight networks at once, slow enough to be seen at it
    slide(page, "Units in layer 1", "End", 1)
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_text(re.compile(r"Epoch \d+ of")).first.wait_for()
    seen = set()
    while page.get_by_text("Done after 20 epochs").count() == 0:
        seen.add(page.evaluate(DRAWN) or 0)
        page.wait_for_timeout(100)
    settle(page)
    look_into(page, "How it learnt")
    assert len(seen - {0}) >= 3 and max(seen) <= 20
    assert epochs_drawn(page) == epochs_drawn(page, "train_uar") == 20


def open_train(visit):
    page = visit("train")
    page.set_default_timeout(60_000)  # trainings share the machine with whatever else is tested on it
    page.get_by_text("The curves grow here").wait_for()
    return page


def stop(page):
    """Press our own Stop: Streamlit has one in its header for as long as a script runs."""
    page.get_by_test_id("stMain").get_by_role("button", name="Stop").click()


def view(page, name):
    page.get_by_role("radiogroup", name="View").get_by_role("radio", name=name, exact=True).click()
    settle(page)


def train(page, button="Train"):
    """Train to the end with what the sliders say."""
    page.get_by_role("button", name=button, exact=True).click()
    page.get_by_text(re.compile(r"Epoch \d+ of|Starting|Judging")).first.wait_for()
    page.get_by_text("Done after").wait_for()
    settle(page)


def long_run(page):
    page.get_by_role("tab", name="Learning", exact=True).click()
    slide(page, "Epochs, at most", "End", 1)
    page.get_by_text("epochs 20 → 500").wait_for()
    page.get_by_role("button", name="Train", exact=True).click()
    page.wait_for_function(f"({DRAWN} || 0) >= 2")


def paused_after(page):
    text = page.get_by_text(re.compile(r"Paused after epoch \d+ of")).inner_text()
    return int(re.search(r"epoch (\d+)", text).group(1))


def test_pause_step_a_new_learning_rate_resume_and_stop(visit):
    page = open_train(visit)
    long_run(page)
    early = graph(page, "train_map")
    assert sum(len(trace["x"]) for trace in early[1:]) == 240  # four actors are watched
    page.get_by_role("button", name="Pause").click()
    page.get_by_text("Paused after").wait_for()
    at = paused_after(page)
    page.wait_for_timeout(1500)
    assert paused_after(page) == at == epochs_drawn(page)
    for step in (1, 2):
        page.get_by_role("button", name="One epoch").click()
        page.get_by_text(f"Paused after epoch {at + step} of").wait_for()
    slide(page, re.compile("Learning rate from the next epoch on"), "ArrowRight", 1)
    page.get_by_role("button", name="One epoch").click()
    page.get_by_text("(last epoch: 0.003)").wait_for()
    page.get_by_role("button", name="Resume").click()
    page.wait_for_function(f"at => ({DRAWN} || 0) > at + 10", arg=at)
    # From a muddle in the middle towards the names.
    late = graph(page, "train_map")
    spread = [np.hypot(np.concatenate([t["x"] for t in map_[1:]]), np.concatenate([t["y"] for t in map_[1:]])).mean()
              for map_ in (early, late)]  # fmt: skip
    assert spread[1] > spread[0]
    stop(page)
    page.get_by_text("Stopped after").wait_for()
    look_into(page, "Downloads")
    with page.expect_download() as download:
        page.get_by_role("button", name="Settings (JSON)").click()
    settings = json.loads(download.value.path().read_text("utf-8"))
    assert settings["learning_rate_changes"] == [[at + 3, 0.003]] and settings["epochs"] < 500


def test_a_second_tab_steers_the_same_run_and_another_visitor_has_none(visit):
    page = open_train(visit)
    long_run(page)
    assert "lab=" in page.url
    second = page.context.new_page()
    second.goto(page.url)
    second.get_by_role("button", name="Pause").click()
    page.get_by_text("Paused after").wait_for()
    other = open_train(visit)
    train(other)  # while the first run waits
    assert other.get_by_text("Run 1").count() == 1 and "Paused" not in other.get_by_test_id("stMain").inner_text()
    # A tab that is closed and opened again finds its run as it left it.
    at = paused_after(page)
    address = page.url
    page.close()
    again = second.context.new_page()
    again.goto(address)
    again.get_by_text(f"Paused after epoch {at} of").wait_for()
    stop(again)
    second.get_by_text("Stopped after").wait_for()


def test_the_line_to_the_server_may_break(visit):
    page = open_train(visit)
    long_run(page)
    page.context.set_offline(True)
    page.wait_for_timeout(3000)
    page.context.set_offline(False)
    before = page.evaluate(DRAWN) or 0
    page.wait_for_function(f"before => ({DRAWN} || 0) > before + 5", arg=before)
    stop(page)
    page.get_by_text("Stopped after").wait_for()


def test_the_leak_test_shows_both_scores_side_by_side(visit):
    page = open_train(visit)
    train(page, "Leak test")
    shown = [float(each.rstrip("%")) for each in page.get_by_test_id("stMetricValue").all_inner_texts()]
    assert len(shown) == 4 and shown[0] > shown[2] + 5
    page.get_by_text("a stranger gets the second score").wait_for()


def test_two_runs_are_compared_and_one_is_renamed(visit):
    page = open_train(visit)
    train(page)
    slide(page, "Units in layer 1", "Home", 1)
    train(page)
    view(page, "Runs")
    assert [trace["name"] for trace in graph(page, "train_runs_overlay")] == ["Run 2", "Run 1"]
    page.get_by_text(re.compile(r"Over 4 actors, Run 2 differs from Run 1 by")).wait_for()
    assert len(graph(page, "train_runs_differences")[0]["x"]) == 4
    page.get_by_text("Rename, pin, delete, use again").click()
    page.get_by_role("textbox", name="Name").fill("tiny")
    page.keyboard.press("Enter")
    page.get_by_text("tiny differs from Run 1").wait_for()
    with page.expect_download() as download:
        page.get_by_role("button", name="All runs (CSV)").click()
    assert "tiny" in download.value.path().read_text("utf-8")


def test_a_search_of_eight_is_stopped_midway_and_the_best_goes_to_the_sliders(visit):
    page = open_train(visit)
    slide(page, "Members", "ArrowRight", 2)
    view(page, "Search")
    page.get_by_role("button", name="Search", exact=True).click()
    page.get_by_text(re.compile(r"[2-7] of 8 candidates judged")).wait_for(timeout=60_000)
    stop(page)
    page.get_by_text(re.compile(r"The best is candidate \d")).wait_for()
    settle(page)
    page.get_by_text("Stopped, so the best was not judged").wait_for()
    page.locator(".st-key-train_parallel .js-plotly-plot").wait_for()
    page.get_by_role("button", name="Best to the sliders").click()
    settle(page)
    train(page)
    page.get_by_text("Unseen actors").first.wait_for()


def test_a_cell_of_the_confusion_matrix_plays_its_clips(visit, ravdess):
    page = open_train(visit)
    train(page)
    plot = page.locator(".st-key-train_confusion .js-plotly-plot").locator("visible=true")
    plot.scroll_into_view_if_needed()
    place = plot.evaluate(
        "plot => { const box = plot.getBoundingClientRect(), axes = plot._fullLayout;"
        " return [box.x + axes.xaxis._offset + axes.xaxis.d2p(1), box.y + axes.yaxis._offset + axes.yaxis.d2p(1)]; }"
    )
    page.mouse.click(*place)
    page.get_by_text(re.compile(r"clips of calm were answered calm")).wait_for()
    settle(page)
    assert page.locator("audio").count() >= 1
    assert page.locator("audio").first.evaluate("sound => sound.play().then(() => !sound.paused)")


def test_a_model_is_used_kept_and_taken_away_with_the_same_answers(visit):
    page = open_train(visit)
    train(page)
    page.get_by_role("textbox", name="Name of the model").fill("browser-kept")
    page.keyboard.press("Enter")
    settle(page)
    try:
        page.get_by_role("button", name="Keep").click()
        page.get_by_text("Kept as browser-kept in models/").wait_for()
        card = json.loads((ROOT / "models" / "browser-kept.json").read_text("utf-8"))
        assert card["scores"][0]["protocol"] == "heldout"
    finally:
        for path in (ROOT / "models").glob("browser-kept*"):
            path.unlink()
    with page.expect_download() as download:
        page.get_by_role("button", name="Take away").click()
    page.get_by_role("button", name="Use on Recognise").click()
    page.get_by_text("browser-kept now answers").wait_for()
    page.get_by_role("link", name="Go to Recognise").click()
    page.get_by_role("radio", name="Examples").click()
    page.get_by_role("button", name="Plain and even").click()
    page.get_by_text("synthetic voice, plain and even").first.wait_for()
    settle(page)
    bars = graph(page, "recognise_bars")[0]

    with zipfile.ZipFile(download.value.path()) as archive:
        session = onnxruntime.InferenceSession(archive.read("model.onnx"))
        labels = json.loads(archive.read("card.json"))["labels"]
    wanted = feature_set("standard")
    clip = decode(EXAMPLES / "plain_and_even.ogg", rate=wanted.rate, levelled=wanted.levelled)
    [answer] = session.run(None, {"features": wanted.extract(clip)[None].astype(np.float32)})[0]
    assert sorted(bars["x"]) == pytest.approx(sorted(100 * answer), abs=1e-3)
    best = labels[int(answer.argmax())]
    assert best in bars["y"][int(np.argmax(bars["x"]))]


def synthetic_speech():
    """Three labels of five recordings: synthetic voices, each a little faster or slower."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for label, example in (("even", "plain_and_even"), ("hasty", "quick_and_high"), ("weary", "slow_and_low")):
            samples, rate = soundfile.read(EXAMPLES / f"{example}.ogg")
            for take in range(5):
                pace = 0.96 + 0.02 * take
                varied = np.interp(np.arange(0, len(samples) - 1, pace), np.arange(len(samples)), samples)
                take_file = io.BytesIO()
                soundfile.write(take_file, varied, rate, format="FLAC")
                archive.writestr(f"{label}/{label} {take}.flac", take_file.getvalue())
    return stream.getvalue()


def test_own_clips_become_a_model_with_a_score_that_answers_on_recognise(visit):
    page = open_train(visit)
    view(page, "My clips")
    clips = {"name": "clips.zip", "mimeType": "application/zip", "buffer": synthetic_speech()}
    page.locator("input[type=file]").set_input_files(clips)
    page.get_by_text("With 15 clips a score is rough").wait_for(timeout=60_000)
    settle(page)
    # One more, recorded: the browser's microphone says the first example over and over.
    page.get_by_role("combobox", name="Label").fill("even")
    page.keyboard.press("Enter")
    settle(page)
    page.get_by_role("button", name="Record").click()
    page.wait_for_timeout(2500)
    page.get_by_role("button", name="Stop recording").click()
    page.get_by_text("With 16 clips a score is rough").wait_for(timeout=60_000)
    page.get_by_role("button", name="Train on these").click()
    page.get_by_text("16 clips").first.wait_for()
    train(page)
    page.get_by_text("16 clips of one voice, each scored once").wait_for()
    accuracy = float(page.get_by_test_id("stMetricValue").first.inner_text().rstrip("%"))
    assert accuracy > 60  # guessing: 33
    page.get_by_role("button", name="Use on Recognise").click()
    page.get_by_text("my-model now answers").wait_for()
    page.get_by_role("link", name="Go to Recognise").click()
    page.get_by_role("radio", name="Examples").click()
    page.get_by_role("button", name="Quick and high").click()
    page.get_by_text("synthetic voice, quick and high").first.wait_for()
    settle(page)
    bars = graph(page, "recognise_bars")[0]
    assert "hasty" in bars["y"][int(np.argmax(bars["x"]))]


def test_the_notebooks_way_stands_beside_unseen_actors(visit):
    page = open_train(visit)
    page.get_by_role("combobox", name="Start from").click()
    page.get_by_role("option", name="As the notebook did it").click()
    settle(page)
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_text("Done after").wait_for(timeout=120_000)
    settle(page)
    shown = [float(each.rstrip("%")) for each in page.get_by_test_id("stMetricValue").all_inner_texts()]
    assert 65 <= shown[0] <= 79 and shown[3] < shown[1]
    page.get_by_text("a stranger gets the second score").wait_for()
