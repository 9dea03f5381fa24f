"""A page is kept up to date as Streamlit's browser code does it, message by message."""

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.protocol import DrivingError, MissingWidgetError, Page

FINISHED, FRAGMENT_FINISHED = ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY
EARLY = ForwardMsg.FINISHED_EARLY_FOR_RERUN


def begin(page: Page, run: str, *fragments: str) -> None:
    message = ForwardMsg()
    message.new_session.page_script_hash = "here"
    message.new_session.config.max_cached_message_age = 2
    message.new_session.initialize.session_id = "session"
    message.metadata.run.script_run_id = run
    message.metadata.run.fragment_ids.extend(fragments)
    page.receive(message, 0.0)


def finish(page: Page, run: str, *fragments: str, status: int | None = None) -> None:
    message = ForwardMsg(script_finished=status if status is not None else FRAGMENT_FINISHED if fragments else FINISHED)
    message.metadata.run.script_run_id = run
    message.metadata.run.fragment_ids.extend(fragments)
    page.receive(message, 0.0)


def element(*path: int, fragment: str = "") -> ForwardMsg:
    message = ForwardMsg()
    message.metadata.delta_path.extend(path)
    message.delta.fragment_id = fragment
    message.delta.new_element.SetInParent()
    return message


def heading(page: Page, body: str, *path: int, fragment: str = "", arrived: float = 1.0) -> None:
    message = element(*path, fragment=fragment)
    message.delta.new_element.heading.body = body
    page.receive(message, arrived)


def headings(page: Page) -> list[str]:
    return [node.text for node in page.all("heading")]


def test_a_full_run_removes_what_it_did_not_draw():
    page = Page()
    begin(page, "one")
    heading(page, "first", 0, 0)
    heading(page, "second", 0, 1)
    finish(page, "one")
    begin(page, "two")
    assert page.running and headings(page) == ["first", "second"]
    heading(page, "changed", 0, 0, arrived=5.0)
    assert [node.text for node in page.all("heading", since=2.0)] == ["changed"]
    finish(page, "two")
    assert headings(page) == ["changed"] and not page.running and page.full_runs == 2
    assert (page.session, page.script) == ("session", "here")


def test_an_interrupted_run_removes_nothing_and_does_not_count():
    page = Page()
    begin(page, "one")
    heading(page, "first", 0, 0)
    finish(page, "one")
    begin(page, "two")
    finish(page, "two", status=EARLY)
    assert headings(page) == ["first"] and page.full_runs == 1


def test_a_run_of_a_fragment_touches_this_fragment_only():
    page = Page()
    begin(page, "one")
    heading(page, "outside", 0, 0)
    heading(page, "inside", 0, 1, fragment="f")
    heading(page, "inside too", 0, 2, fragment="f")
    heading(page, "in another", 0, 3, fragment="g")
    finish(page, "one")
    begin(page, "two", "f")
    heading(page, "inside again", 0, 1, fragment="f")
    finish(page, "two", "f")
    assert headings(page) == ["outside", "inside again", "in another"] and page.full_runs == 1


def test_an_element_in_place_of_a_container_removes_what_it_held():
    page = Page()
    begin(page, "one")
    block = ForwardMsg()
    block.metadata.delta_path.extend([0, 0])
    block.delta.add_block.flex_container.SetInParent()
    page.receive(block, 0.0)
    heading(page, "held", 0, 0, 0)
    heading(page, "beside", 0, 1)
    heading(page, "instead", 0, 0)
    assert headings(page) == ["instead", "beside"]


def test_a_spinner_replaces_nothing():
    page = Page()
    begin(page, "one")
    heading(page, "answer", 0, 0)
    message = ForwardMsg()
    message.metadata.delta_path.extend([0, 0])
    message.delta.new_transient.SetInParent()
    page.receive(message, 0.0)
    assert headings(page) == ["answer"]


def test_a_large_message_is_sent_once_and_then_named():
    page = Page()
    begin(page, "one")
    message = element(0, 0)
    message.hash, message.metadata.cacheable = "abc", True
    message.delta.new_element.plotly_chart.alt = "A chart"
    page.receive(message, 1.0)
    finish(page, "one")
    assert page.cached_hashes == ["abc"]
    begin(page, "two")
    reference = ForwardMsg(ref_hash="abc")
    reference.metadata.delta_path.extend([0, 4])
    page.receive(reference, 2.0)
    finish(page, "two")
    assert [(path, node.text, node.arrived) for path, node in page.nodes.items()] == [((0, 4), "A chart", 2.0)]
    for run in ("three", "four"):
        assert page.cached_hashes == ["abc"]
        begin(page, run)
        finish(page, run)
    assert page.cached_hashes == []
    with pytest.raises(DrivingError, match="never sent"):
        page.receive(reference, 3.0)


def test_timers_last_until_the_next_full_run():
    page = Page()
    begin(page, "one")
    message = ForwardMsg()
    message.auto_rerun.interval, message.auto_rerun.fragment_id = 0.5, "f"
    page.receive(message, 0.0)
    finish(page, "one")
    begin(page, "two", "f")
    finish(page, "two", "f")
    assert page.timers == {"f": 0.5}
    begin(page, "three")
    assert page.timers == {}
    page.receive(message, 0.0)
    stop = ForwardMsg()
    stop.stop_auto_rerun.fragment_ids.append("f")
    page.receive(stop, 0.0)
    assert page.timers == {}


def test_widgets_are_found_by_type_label_key_and_option():
    page = Page()
    begin(page, "one")
    button = element(0, 0)
    button.delta.new_element.button.id, button.delta.new_element.button.label = "$$ID-a1b2-go_on-there", "Go on"
    group = element(0, 1)
    group.delta.new_element.button_group.id = "$$ID-a1b2-None"
    for option in ("Record", "Upload"):
        group.delta.new_element.button_group.options.add(content=option)
    for message in (button, group):
        page.receive(message, 0.0)
    assert page.need("button", label="Go on") is page.need("button", key="go_on-there")
    assert page.need("button_group", option="Upload").key is None
    assert page.find("button", label="Go on", key="other") is None
    with pytest.raises(MissingWidgetError, match="no button with the label “Stop”; of that type it shows “Go on”"):
        page.need("button", label="Stop")
    with pytest.raises(MissingWidgetError, match="no slider with the key “pace”; of that type it shows nothing"):
        page.need("slider", key="pace")
    with pytest.raises(MissingWidgetError, match="with the option “Type”; of that type it shows “Record, Upload”"):
        page.need("button_group", option="Type")


def test_an_error_on_the_page_is_a_refusal_and_a_warning_is_none():
    page = Page()
    begin(page, "one")
    message = element(0, 0)
    alert = message.delta.new_element.alert
    alert.body, alert.format = "Take care.", alert.WARNING
    page.receive(message, 1.0)
    assert page.refusal() is None
    alert.body, alert.format = "It is damaged.", alert.ERROR
    page.receive(message, 2.0)
    assert page.refusal() == "It is damaged." and page.refusal(since=3.0) is None
    crash = element(0, 0)
    crash.delta.new_element.exception.message = "It broke."
    page.receive(crash, 4.0)
    assert page.refusal(since=3.0) == "It broke."
