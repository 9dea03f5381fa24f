"""The first visit that a server sees, which may well be at the address of Explore or of Train."""

import re

import pytest

from tests.helpers.browser import serving, settle

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("path", "heading"), [("explore", "What the voices are like"), ("train", "Train a model")])
def test_the_first_visit_of_a_server_gets_the_page_with_its_frame(chromium, tmp_path, path, heading):
    with serving(tmp_path / "server.log") as address:
        context = chromium.new_context()
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.goto(f"{address}/{path}")
        page.get_by_role("heading", level=1, name=heading).wait_for()
        settle(page)
        assert page.get_by_role("dialog").count() == 0  # Streamlit's “Page not found”
        assert re.sub(r"\?.*", "", page.url) == f"{address}/{path}"
        # The frame: all three pages at the top, nothing at the side, and the column of app.py.
        names = [text.split()[-1] for text in page.get_by_test_id("stTopNavLink").all_inner_texts()]
        assert names == ["Recognise", "Explore", "Train"]
        assert page.get_by_test_id("stSidebar").count() == 0
        assert page.get_by_role("heading", level=1).bounding_box()["width"] <= 1100
        page.get_by_role("link", name="Recognise").click()
        page.get_by_role("heading", level=1, name="How a voice sounds").wait_for()
        context.close()
