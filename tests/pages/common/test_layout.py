"""Every button, tab and link can be clicked where it stands, on every page and each of its views, wide and narrow."""

import zipfile

import pytest

from tests.helpers.browser import choose, covered, settle
from tests.helpers.voices import ALL as VOICES

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
# A phone shows what elsewhere comes up under a mouse only.
SCREENS = {
    "wide": {"viewport": {"width": 1440, "height": 900}},
    "narrow": {"viewport": {"width": 390, "height": 844}},
    "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
}


@pytest.fixture(params=SCREENS)
def open_page(visit, request):
    """Opens a page on each screen."""
    return lambda path="": visit(path, **SCREENS[request.param])


def test_recognise(open_page, tmp_path):
    page, found = open_page(), {}
    for way in ("Record", "Upload", "Examples"):
        page.get_by_role("radio", name=way).click()
        found[way] = covered(page)
    page.get_by_role("button", name="Quick and high").click()
    page.get_by_role("heading", name="More", exact=True).wait_for()
    for more in ("Sound", "My voice", "Models", "Report"):
        choose(page, "More about this clip", more)
        found[more] = covered(page)
    page.get_by_text("Clips of the data set that sound most like this one").click()
    page.get_by_text("These clips have the most similar features").wait_for()
    found["alike"] = covered(page)
    several = tmp_path / "several.zip"
    with zipfile.ZipFile(several, "w") as out:
        for path in VOICES:
            out.write(path, path.name)
    page.get_by_role("radio", name="Upload").click()
    settle(page)
    page.locator("input[type=file]").set_input_files(several)
    page.get_by_text("5 of 5 clips").wait_for()
    found["batch"] = covered(page)
    assert not any(found.values()), found


def test_explore(open_page):
    page, found = open_page("explore"), {}
    for view in ("Findings", "Overview", "Over time", "Map", "Clips", "Features"):
        choose(page, "View", view)
        found[view] = covered(page)
    for side in ("Emotion or actor?", "With intensity", "Correlations"):
        page.get_by_role("combobox", name="Look at").click()
        page.get_by_role("option", name=side, exact=True).click()
        found[side] = covered(page)
    page.locator(".st-key-explore_filters").get_by_role("button", name="Emotion").click()
    page.get_by_test_id("stPopoverBody").get_by_role("button", name="neutral", exact=True).click()
    settle(page)
    page.keyboard.press("Escape")
    page.get_by_test_id("stPopoverBody").wait_for(state="hidden")
    found["filtered"] = covered(page)
    page.get_by_role("combobox", name="Clips to explore").click()
    page.get_by_role("option", name="My own", exact=True).click()
    found["own"] = covered(page)
    assert not any(found.values()), found


def test_train(open_page):
    page, found = open_page("train?preset=fast"), {}
    page.get_by_text("The curves grow here").wait_for()
    page.get_by_text("All settings (").click()
    for tab in ("Network", "Learning", "Steps", "Data", "Testing"):
        page.get_by_role("tab", name=tab, exact=True).click()
        found[tab] = covered(page)
    page.get_by_text("Settings as a file or a link").click()
    found["settings"] = covered(page)
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_text("Done after").wait_for()
    settle(page)
    parts = page.get_by_role("radiogroup", name="Look into").get_by_role("radio").all_inner_texts()
    assert len(parts) == 10
    for part in parts:
        choose(page, "Look into", part)
        found[part] = covered(page)
    # The link to the report leads to its heading, which is not hidden behind the bar at the top.
    page.get_by_role("link", name="Run 1").click()
    page.wait_for_function("document.querySelector('[data-testid=stMain]').scrollTop > 0 || innerWidth > 1000")
    assert page.get_by_role("heading", name="Run 1").evaluate(
        "each => { const box = each.getBoundingClientRect();"
        " return each.contains(document.elementFromPoint(box.x + 5, box.y + box.height / 2)); }"
    )
    for view in ("Runs", "Search", "My clips"):
        choose(page, "View", view)
        found[view] = covered(page)
    assert not any(found.values()), found
