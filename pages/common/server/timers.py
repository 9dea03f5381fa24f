"""Keeps the timers of fragments from hiding what a run of the page has just drawn.

A fragment with `run_every` asks for a run again and again. If such a request comes when a run of the whole page has
ended, and its last messages still wait in the server's loop, Streamlit starts a new runner and drops these messages
(`AppSession._handle_scriptrunner_event_on_event_loop`, see also github.com/streamlit/streamlit/issues/9921). Under
load, one click in three hundred then seems to do nothing. The timer asks again within a second, so such a request is
left out.
"""

from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequestType


def pass_over_early_timers() -> None:
    """Leave out what a timer asks for before the last run's messages are sent.

    Streamlit has no public way to do this.
    """
    request_rerun = AppSession.request_rerun
    if hasattr(request_rerun, "__wrapped__"):
        return

    def request(session: AppSession, client_state: ClientState | None) -> None:
        if not (client_state is not None and client_state.is_auto_rerun and _has_just_ended(session)):
            request_rerun(session, client_state)

    request.__wrapped__ = request_rerun  # type: ignore[attr-defined]
    AppSession.request_rerun = request


def _has_just_ended(session: AppSession) -> bool:
    """Whether a run has ended, and the loop does not know yet."""
    runner = session._scriptrunner
    return runner is not None and runner._requests._state is ScriptRequestType.STOP
