"""The Train page in a real browser: curves that grow, Stop, and the new model answering on Recognise."""

import re

import pytest
from browser import graph, settle

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

    page.get_by_role("button", name="Stop").click()
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
