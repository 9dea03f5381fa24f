"""The Explore page in a real browser: every chart is drawn, and follows the filters."""

import pytest
from browser import graph, settle

pytestmark = pytest.mark.browser

CHARTS = {
    "Overview": "explore_counts",
    "One feature": "explore_distribution",
    "Map of clips": "explore_map",
    "Emotion or actor?": "explore_separation",
    "Correlations": "explore_correlations",
}


def view(page, name):
    page.get_by_role("radio", name=name).click()
    settle(page)


def narrow(page, value):
    page.locator(".st-key-explore_filters").get_by_role("button", name=value, exact=True).click()
    settle(page)


def drawn(page, key):
    """What a chart shows, as something to compare."""
    return (
        page.locator(f".st-key-{key} .js-plotly-plot")
        .locator("visible=true")
        .evaluate(
            "plot => JSON.stringify(plot._fullData.map(t => [t.name, Array.from(t.x || []), Array.from(t.z || [])]))"
        )
    )


def test_every_chart_is_drawn_and_follows_a_filter(visit):
    page = visit("explore")
    page.get_by_text("1,440 clips").wait_for()
    before = {}
    for name, key in CHARTS.items():
        view(page, name)
        assert graph(page, key)
        before[name] = drawn(page, key)
    view(page, "Overview")
    assert sum(graph(page, "explore_counts")[0]["x"]) == 1440
    narrow(page, "angry")
    narrow(page, "sad")
    page.get_by_text("384 clips").wait_for()
    assert graph(page, "explore_counts")[0]["y"] == ["sad", "angry"]
    for name, key in CHARTS.items():
        view(page, name)
        graph(page, key)
        assert drawn(page, key) != before[name], name
    page.get_by_role("button", name="Show all clips").click()
    page.get_by_text("1,440 clips").wait_for()


def test_filters_that_leave_nothing_say_so(visit):
    page = visit("explore")
    page.get_by_text("1,440 clips").wait_for()
    narrow(page, "neutral")
    narrow(page, "strong")  # RAVDESS has no strong neutral
    page.get_by_text("No clip fits all filters at once: emotion neutral, intensity strong.").wait_for()
    assert page.locator(".js-plotly-plot").count() == 0
    page.get_by_role("button", name="Show all clips").click()
    page.get_by_text("1,440 clips").wait_for()


def test_the_page_fits_a_phone(visit):
    page = visit("explore", viewport={"width": 390, "height": 844})
    page.get_by_text("1,440 clips").wait_for()
    for name, key in CHARTS.items():
        view(page, name)
        graph(page, key)
        assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390, name


@pytest.mark.ravdess
def test_a_clip_is_heard_and_seen(visit, ravdess):
    page = visit("explore")
    page.get_by_text("1,440 clips").wait_for()
    view(page, "Listen")
    for key in ("explore_waveform", "explore_mel", "explore_mfcc", "explore_chroma", "explore_contrast"):
        assert graph(page, key)
    player = page.locator("audio")
    player.evaluate("player => player.play()")
    page.wait_for_function("document.querySelector('audio').currentTime > 0.2")
