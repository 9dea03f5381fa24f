"""Timers of fragments: a contract with the parts of Streamlit that `pages.common.server.timers` uses."""

import inspect
from types import SimpleNamespace

import pytest
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime.app_session import AppSession, AppSessionState
from streamlit.runtime.scriptrunner import ScriptRunner
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequests

from pages.common.server.timers import pass_over_early_timers

TIMER, CLICK = ClientState(fragment_id="look", is_auto_rerun=True), ClientState(fragment_id="look")


def runner():
    requests = ScriptRequests()
    return SimpleNamespace(_requests=requests, request_rerun=requests.request_rerun)


@pytest.fixture
def session():
    """A session whose run has ended, which its loop does not know yet; `started` notes new runs."""
    started = []
    session = SimpleNamespace(
        _state=AppSessionState.APP_NOT_RUNNING,
        _client_state=ClientState(),
        _scriptrunner=runner(),
        has_fragment=lambda fragment: True,
        _create_scriptrunner=started.append,
        started=started,
    )
    session._scriptrunner._requests.on_scriptrunner_ready()
    return session


@pytest.fixture
def request_rerun(monkeypatch):
    """Streamlit's own method; it is put back after the test."""
    own = getattr(AppSession.request_rerun, "__wrapped__", AppSession.request_rerun)
    monkeypatch.setattr(AppSession, "request_rerun", own)
    return own


def test_a_timer_starts_no_run_before_the_last_ones_messages_are_sent(session, request_rerun):
    request_rerun(session, TIMER)
    assert len(session.started) == 1  # so Streamlit does by itself
    pass_over_early_timers()
    pass_over_early_timers()
    AppSession.request_rerun(session, TIMER)
    assert len(session.started) == 1


def test_no_click_is_left_out_and_no_timer_at_another_time(session, request_rerun):
    pass_over_early_timers()
    AppSession.request_rerun(session, CLICK)
    session._scriptrunner = None
    AppSession.request_rerun(session, TIMER)
    assert [data.fragment_id for data in session.started] == ["look", "look"]
    session._scriptrunner = runner()
    AppSession.request_rerun(session, TIMER)
    assert session._scriptrunner._requests._rerun_data.fragment_id_queue == ["look"] and len(session.started) == 2


def test_a_runner_has_the_part_that_tells():
    assert "self._requests = ScriptRequests()" in inspect.getsource(ScriptRunner.__init__)
