"""The Explore page in a real browser: charts follow the filters, points answer clicks, links can be shared."""

import re
import zipfile
from contextlib import suppress

import pytest

from tests.helpers.browser import graph, serious, serving, settle
from tests.helpers.sounds import file, voice

pytestmark = pytest.mark.browser

# View → what to look at in it → a chart that is then drawn from the shipped table, with audio or without.
CHARTS = {
    ("Overview", None): "explore_counts",
    ("Features", "One feature"): "explore_distribution",
    ("Features", "Emotion or actor?"): "explore_separation",
    ("Features", "With intensity"): "explore_interaction",
    ("Features", "Correlations"): "explore_correlations",
    ("Map", None): "explore_map",
}


def choose(page, key, option):
    """Choose an option of a segmented control or of a list, which may lie behind the button of rare options."""
    control = page.locator(f".st-key-{key}")
    page.locator(f".st-key-{key}, .st-key-explore_rare").first.wait_for()
    settle(page)
    if not control.count():
        page.locator(".st-key-explore_rare").get_by_role("button").click()
        control.wait_for()
    control.get_by_role("combobox").or_(control.get_by_role("radio")).first.wait_for()
    if control.get_by_role("combobox").count():
        control.get_by_role("combobox").click()
        page.get_by_role("option", name=option, exact=True).click()
    else:
        control.get_by_role("radio", name=option, exact=True).click()
    settle(page)
    if page.get_by_test_id("stPopoverBody").is_visible():
        close_popover(page)


def close_popover(page):
    from playwright.sync_api import TimeoutError

    body = page.get_by_test_id("stPopoverBody")
    for _ in range(10):
        page.keyboard.press("Escape")
        with suppress(TimeoutError):
            body.wait_for(state="hidden", timeout=2_000)
            return
    raise AssertionError("The popover stays open")


def place_at_rest(page, element):
    """Where an element is once it no longer moves, as what is above it may still be on its way out."""
    places = [None, None]
    while places[-1] is None or places[-1] != places[-2]:
        element.wait_for()
        places.append(element.bounding_box())
        page.wait_for_timeout(200)
    return places[-1]


def look(page, view, side=None):
    choose(page, "explore_view", view)
    if side:
        choose(page, "explore_side", side)


def narrow(page, field, *values):
    """Open a filter, choose values or let go of them, and close it."""
    often = field in ("Emotion", "Sex", "Data set")
    key = field.lower().replace(" ", "_") if often else "more"
    page.locator(f".st-key-explore_filter_{key}").get_by_role("button").first.click()
    for value in values:
        pill = page.get_by_test_id("stPopoverBody").get_by_role("button", name=value, exact=True)
        before = pill.get_attribute("aria-pressed")
        for _ in range(10):
            pill.click()
            settle(page)
            if pill.get_attribute("aria-pressed") != before:
                break  # else the popover was drawn anew, and the click went to what was leaving
        else:
            raise AssertionError(f"{value} cannot be chosen")
    page.get_by_test_id("stPopoverBody").wait_for()
    close_popover(page)


def drawn(page, key):
    """What a chart shows, as something to compare."""
    return (
        page.locator(f".st-key-{key} .js-plotly-plot")
        .locator("visible=true")
        .evaluate(
            "plot => JSON.stringify(plot._fullData.map(t => [t.name, Array.from(t.x || []), Array.from(t.z || [])]))"
        )
    )


def click_point(page, number=0):
    """Click a point of the map's topmost trace that stands apart, and return the name of its clip."""
    plot = page.locator(".st-key-explore_map .js-plotly-plot").locator("visible=true")
    plot.scroll_into_view_if_needed()
    place = plot.evaluate(
        """(plot, number) => {
            // A point that no other lies over or near: a click goes to the nearest.
            const trace = plot._fullData.length - 1, data = plot._fullData[trace], box = plot.getBoundingClientRect();
            const {xaxis, yaxis, _size} = plot._fullLayout;
            const place = (t, i) => [xaxis.d2p(t.x[i]), yaxis.d2p(t.y[i])];
            const all = plot._fullData.flatMap(t => Array.from(t.x, (_, i) => place(t, i)));
            // The second nearest, for the nearest to a point is the point itself.
            const room = i => {
                const [x, y] = place(data, i);
                return all.map(([u, v]) => Math.hypot(u - x, v - y)).sort((p, q) => p - q)[1];
            };
            const apart = Array.from(data.x.keys()).sort((i, j) => room(j) - room(i));
            const chosen = apart[number], [x, y] = place(data, chosen);
            return {x: box.x + _size.l + x, y: box.y + _size.t + y, name: [data.customdata[chosen]].flat()[0]};
        }""",
        number,
    )
    page.mouse.move(place["x"], place["y"])
    # A click selects what the pointer was last found to hover over.
    page.locator(".hoverlayer", has_text=place["name"]).locator("visible=true").wait_for()
    page.mouse.click(place["x"], place["y"])
    settle(page)
    return place["name"]


def test_every_chart_is_drawn_fits_a_phone_and_follows_a_filter(visit):
    page = visit("explore?explore_view=Overview", viewport={"width": 390, "height": 844}, color_scheme="dark")
    page.get_by_text("1,440 clips · ").wait_for()
    before = {}
    for view, key in CHARTS.items():
        look(page, *view)
        assert graph(page, key)
        before[view] = drawn(page, key)
        assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390, view
    look(page, "Overview")
    assert sum(graph(page, "explore_counts")[0]["x"]) == 1440
    narrow(page, "Emotion", "angry", "sad")
    page.get_by_text("384 clips").wait_for()
    assert graph(page, "explore_counts")[0]["y"] == ["sad", "angry"]
    for view, key in CHARTS.items():
        look(page, *view)
        graph(page, key)
        assert drawn(page, key) != before[view], view
    page.get_by_role("button", name="Show all clips").click()
    page.get_by_text("1,440 clips · ").wait_for()


def test_on_a_touch_screen_no_chart_is_cut_off_and_its_button_has_no_box(visit):
    page = visit("explore", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    plots = page.locator("[class*=st-key-explore_finding_] .js-plotly-plot").locator("visible=true")
    plots.nth(4).locator(".xtitle").wait_for()
    settle(page)
    assert plots.count() == 5
    cut_off = """plot => {
        const box = plot.closest("[data-testid=stElementContainer]"), title = plot.querySelector(".xtitle");
        return title.getBoundingClientRect().bottom > box.getBoundingClientRect().bottom;
    }"""
    for plot in plots.all():
        plot.locator(".xtitle").wait_for()
        assert not plot.evaluate(cut_off)
        group = plot.locator(".modebar-group")
        assert group.evaluate("each => getComputedStyle(each).backgroundColor") == "rgba(0, 0, 0, 0)"
        assert group.get_by_role("button").count() == 1


# The first chart of each view, or the table in its place.
FIRST = ".js-plotly-plot, [data-testid=stDataFrame]"
VIEWS = ("Findings", "Overview", "Features", "Over time", "Map", "Clips")


@pytest.mark.parametrize(("width", "most"), [(1440, 500), (390, 650)])
def test_every_view_shows_its_first_chart_on_the_first_screen(visit, width, most):
    page = visit("explore", viewport={"width": width, "height": 844})
    tops = {}
    for view in (*VIEWS, *(side for name, side in CHARTS if name == "Features")):
        look(page, *((view,) if view in VIEWS else ("Features", view)))
        if side_views := [key for (name, side), key in CHARTS.items() if view in (name, side)]:
            graph(page, side_views[0])
        tops[view] = place_at_rest(page, page.locator(FIRST).locator("visible=true").first)["y"]
    assert not {view: top for view, top in tops.items() if top > most}


def test_a_finding_leads_to_its_view_and_the_page_is_accessible(visit):
    from axe_playwright_python.sync_playwright import Axe

    page = visit("explore")
    page.locator("[class*=st-key-explore_finding_] .js-plotly-plot").nth(4).wait_for()
    assert not serious(Axe(), page)
    page.locator(".st-key-explore_behind_depends_on_the_speaker").get_by_role("button").click()
    assert graph(page, "explore_separation")


def test_two_data_sets_side_by_side_fit_a_phone_and_a_link_keeps_them(visit):
    from axe_playwright_python.sync_playwright import Axe

    axe, phone = Axe(), {"width": 390, "height": 844}
    page = visit("explore?explore_view=Overview", viewport=phone, color_scheme="dark")
    page.get_by_text("1,440 clips · ").wait_for()
    choose(page, "explore_source", "RAVDESS and nEMO")
    page.get_by_text("1,970 clips · ").wait_for()
    assert len(graph(page, "explore_recognised")) == 2
    for view, key in {"Features": "explore_each", "Map": "explore_map", "Over time": "explore_contours"}.items():
        look(page, view)
        assert graph(page, key)
        assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390, view
    look(page, "Features")
    choose(page, "explore_side_ravdess_nemo", "Both data sets")
    assert len(graph(page, "explore_agree")) == 3
    assert not serious(axe, page)
    narrow(page, "Data set", "nEMO")
    page.get_by_text("Comparing effects takes clips of two data sets").wait_for()
    other = visit("explore")
    other.goto(page.url)
    other.get_by_text("530 clips · ").wait_for()
    other.get_by_text("Comparing effects takes clips of two data sets").wait_for()
    look(other, "Clips")
    other.get_by_text("The recordings of nEMO are not on this server").wait_for()
    assert other.locator("audio").count() == 0
    choose(other, "explore_source", "RAVDESS")
    other.get_by_text("1,440 clips · ").wait_for()


def test_axe_finds_nothing_serious_in_light_or_dark(visit):
    from axe_playwright_python.sync_playwright import Axe

    axe, page, found = Axe(), visit("explore"), {}
    for view, key in CHARTS.items():
        look(page, *view)
        graph(page, key)
        found[view] = serious(axe, page)
    look(page, "Clips")
    page.get_by_role("heading", name="The same sentence in every emotion").wait_for()
    found["Clips"] = serious(axe, page)
    assert not any(found.values()), found


def test_the_first_visitor_of_a_server_comes_in_by_the_front_door_too(chromium, tmp_path):
    with serving(tmp_path / "server.log") as address, chromium.new_context() as context:
        page = context.new_page()
        page.goto(f"{address}/explore")
        page.get_by_role("link", name="Train").wait_for(timeout=60_000)
        page.get_by_role("heading", name="What the voices are like").wait_for()
        assert page.get_by_test_id("stSidebar").count() == 0


def test_filters_that_leave_nothing_say_so(visit):
    page = visit("explore")
    page.get_by_text("1,440 clips · ").wait_for()
    narrow(page, "Emotion", "neutral")
    narrow(page, "Intensity", "strong")  # RAVDESS has no strong neutral
    page.get_by_text("No clip fits all filters at once: emotion neutral, intensity strong.").wait_for()
    assert page.locator(".js-plotly-plot").count() == 0
    page.get_by_role("button", name="Show all clips").click()
    page.get_by_text("1,440 clips · ").wait_for()


def test_all_clips_stay_shown_and_a_filter_that_was_let_go_can_be_set_again(visit):
    page = visit("explore?explore_view=Map&explore_sex=female")
    page.get_by_text("720 clips · ").wait_for()
    narrow(page, "Emotion", "angry", "sad")
    narrow(page, "Actor")  # opened only
    choose(page, "explore_colour_by", "Sex")
    page.get_by_text("192 clips · ").wait_for()
    page.get_by_role("button", name="Show all clips").click()
    page.get_by_text("1,440 clips · ").wait_for()
    for colour in ("Actor", "Sex"):
        choose(page, "explore_colour_by", colour)
        page.get_by_text("1,440 clips · ").wait_for()
        assert "explore_emotion" not in page.url and "explore_sex" not in page.url and "explore_view=Map" in page.url
    look(page, "Overview")
    page.get_by_text("1,440 clips · ").wait_for()
    assert graph(page, "explore_counts")[0]["y"][:2] == ["neutral", "calm"]
    page.get_by_role("link", name="Train").click()
    page.get_by_role("button", name="Skip to the settings").click()
    page.get_by_text("The curves grow here").wait_for()
    page.get_by_role("link", name="Explore").click()
    page.get_by_text("1,440 clips · ").wait_for()
    narrow(page, "Emotion", "angry", "sad")  # the very values that were let go
    look(page, "Map")
    page.get_by_text("384 clips · ").wait_for()
    narrow(page, "Emotion", "angry")
    page.get_by_role("button", name="Show all clips").click()
    page.get_by_text("1,440 clips · ").wait_for()
    narrow(page, "Emotion", "sad")
    look(page, "Overview")
    page.get_by_text("192 clips · ").wait_for()
    assert graph(page, "explore_counts")[0]["y"] == ["sad"]


def test_a_link_shows_another_visitor_the_same_and_filters_stay_apart(visit):
    first, second = visit("explore"), visit("explore")
    narrow(first, "Emotion", "angry")
    look(first, "Map")
    choose(first, "explore_colour_by", "Sex")
    first.wait_for_url(re.compile("explore_emotion=angry.*"))
    settle(second)
    second.get_by_text("1,440 clips · ").wait_for()  # nothing of the first visitor's came over
    second.goto(first.url)
    second.get_by_text("192 clips · ").wait_for()
    assert [trace["name"] for trace in graph(second, "explore_map")] == ["female", "male"]
    narrow(first, "Emotion", "angry")
    first.get_by_text("1,440 clips · ").wait_for()
    assert "explore_emotion" not in first.url


def test_a_chart_hands_out_its_data(visit):
    page = visit("explore?explore_view=Overview")
    page.get_by_text("1,440 clips · ").wait_for()
    with page.expect_download() as download:
        page.locator(".st-key-explore_counts_csv button").locator("visible=true").first.click()
    lines = download.value.path().read_text("utf-8-sig").splitlines()
    assert lines[0] == "Emotion,Clips" and lines[1] == "neutral,96" and len(lines) == 9


def test_a_line_round_points_compares_them_with_the_others(visit):
    page = visit("explore?explore_view=Map")
    graph(page, "explore_map")
    choose(page, "explore_drag", "Select an area")
    plot = page.locator(".st-key-explore_map .nsewdrag").locator("visible=true").first
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    left, top, wide, high = box["x"], box["y"], box["width"], box["height"]
    corners = [(0.45, 0.1), (0.95, 0.1), (0.95, 0.9), (0.45, 0.9), (0.45, 0.1)]
    page.mouse.move(left + wide * corners[0][0], top + high * corners[0][1])
    page.mouse.down()
    for x, y in corners[1:]:
        page.mouse.move(left + wide * x, top + high * y, steps=6)
    page.mouse.up()
    page.get_by_text("clips selected, compared with the").wait_for()
    # At first the features that are easy to picture, then the strongest of all.
    assert "Mean pitch (semitones)" in graph(page, "explore_comparison")[0]["y"]
    page.locator(".st-key-explore_compare_every label").click()
    page.wait_for_function(
        "() => document.querySelector('.st-key-explore_comparison .js-plotly-plot')?._fullData?.[0].x.length == 12"
    )


def test_a_slow_map_shows_progress_and_is_there_at_once_the_second_time(visit):
    page = visit("explore?explore_view=Map&explore_actor=1&explore_actor=2&explore_method=t-SNE")
    page.get_by_text("t-SNE arranges 120 clips").first.wait_for()
    page.set_default_timeout(90_000)
    assert sum(len(trace["x"]) for trace in graph(page, "explore_map")) == 120
    other = visit("explore?explore_view=Map&explore_actor=1&explore_actor=2&explore_method=t-SNE")
    assert sum(len(trace["x"]) for trace in graph(other, "explore_map")) == 120
    assert other.get_by_text("t-SNE arranges").count() == 0


@pytest.mark.ravdess
def test_a_click_on_a_point_shows_and_plays_its_clip(visit, ravdess):
    page = visit("explore?explore_view=Map")
    graph(page, "explore_map")
    name = click_point(page)
    emotion, actor = int(name.split("-")[2]), int(name.split("-")[-1])
    assert emotion == 8
    page.get_by_text(f"Actor {actor} (").locator("visible=true").first.wait_for()
    page.get_by_text("surprised, ").locator("visible=true").first.wait_for()
    assert graph(page, "explore_map_mel")
    page.locator("audio").evaluate("player => player.play()")
    page.wait_for_function("document.querySelector('audio').currentTime > 0.2")


@pytest.mark.ravdess
def test_a_clip_is_heard_and_seen_beside_its_siblings(visit, ravdess):
    page = visit("explore?explore_view=Clips")
    for key in ("waveform", "mel", "pitch", "mfcc", "chroma", "contrast"):
        assert graph(page, f"explore_{key}")
    assert page.locator("audio").count() == 10  # the clip, all in a row, and eight emotions
    row = page.locator("audio").nth(1)
    page.wait_for_function("document.querySelectorAll('audio')[1].duration > 20")
    row.evaluate("player => player.play()")
    page.wait_for_function("document.querySelectorAll('audio')[1].currentTime > 0.2")


def test_a_clip_that_was_chosen_stays_so_while_the_filters_keep_it(visit):
    page = visit("explore?explore_view=Clips")
    table = page.get_by_test_id("stDataFrame").first
    table.wait_for()
    settle(page)
    row, below = 35, 4  # pixels, and rows under the titles
    table.click(position={"x": 20, "y": row * below + row / 2})
    page.get_by_role("heading", name="Actor 4 (female) · neutral").wait_for()
    narrow(page, "Sex", "female")
    page.get_by_text("720 clips · ").wait_for()
    settle(page)
    page.get_by_role("heading", name="Actor 4 (female) · neutral").wait_for()
    assert page.get_by_role("heading", name="Actor 8 (female) · neutral").count() == 0


def test_own_clips_are_explored_by_their_visitor_alone(visit, tmp_path):
    mine = tmp_path / "mine.zip"
    with zipfile.ZipFile(mine, "w") as out:
        for label, level in (("bored", -35.0), ("cheerful", -18.0)):
            for i in range(4):
                out.writestr(f"{label}/{i}.wav", file(voice(1.2 + 0.2 * i, level=level), 16_000))
        out.writestr("cheerful/broken.wav", b"no sound")
    first, second = visit("explore"), visit("explore")
    for page in (first, second):
        choose(page, "explore_source", "My own")
    first.locator("input[type=file]").set_input_files(mine)
    first.get_by_role("button", name="Explore 9 clips").click()
    first.get_by_text("8 clips · ").wait_for(timeout=150_000)
    settle(first)
    choose(first, "explore_view", "Overview")
    assert graph(first, "explore_counts")[0]["y"] == ["bored", "cheerful"]
    first.get_by_text("1 note on files that are not used").wait_for()
    choose(first, "explore_view", "Map")
    name = click_point(first)
    assert name.startswith("cheerful/")
    assert graph(first, "explore_map_mel")
    first.locator("audio").evaluate("player => player.play()")
    first.wait_for_function("document.querySelector('audio').currentTime > 0.2")
    # The other visitor, and this one's address, know nothing of it.
    assert "cheerful" not in first.url
    second.reload()
    choose(second, "explore_source", "My own")
    second.get_by_text("They stay in this session").wait_for()
    assert second.get_by_text("8 clips · ").count() == 0


@pytest.mark.ravdess
def test_a_clip_opens_in_recognise_and_a_finding_leads_to_train(visit, ravdess):
    page = visit("explore?explore_view=Clips")
    page.get_by_role("button", name="Open in Recognise").click()
    page.get_by_role("heading", name="How a voice sounds").wait_for()
    page.get_by_text("03-01-01-01-01-01-01").first.wait_for()
    page = visit("explore?explore_source=RAVDESS")
    page.get_by_role("button", name="Try it on Train").click()
    page.wait_for_url("**/train")
