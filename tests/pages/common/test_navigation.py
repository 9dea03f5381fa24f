"""Links within the page: on a phone they lead to every page, on a wide screen the bar at the top does."""

import pytest

from tests.helpers.browser import settle

pytestmark = pytest.mark.browser

# The first button of each line of a choice, and how many buttons that line has.
LINES = """() => Array.from(document.querySelectorAll('[role=radiogroup]')).map(group => {
    const tops = Array.from(group.children, each => Math.round(each.getBoundingClientRect().top));
    return [group.ariaLabel, Object.values(Object.groupBy(tops, top => top)).map(line => line.length)];
})"""


def test_a_phone_has_links_to_all_pages_and_no_option_stands_alone(visit):
    page = visit("explore", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page.get_by_role("radiogroup", name="View").wait_for()
    for name, lines in page.evaluate(LINES):
        assert len(lines) == 1 or sum(lines) < 5 or min(lines) > 1, (name, lines)
    links = page.locator(".st-key-pages_links").get_by_role("link")
    assert links.count() == 3
    links.nth(2).tap()
    page.wait_for_url("**/train")
    page.set_viewport_size({"width": 1440, "height": 900})
    settle(page)
    assert not links.first.is_visible()
