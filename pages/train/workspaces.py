"""The workspaces of all visitors, found again from a second tab or after a reload.

Every session has a workspace, and a workspace lives as long as one of its sessions. From its first run on, the page's
address carries the workspace's token, which is random and too long to guess. A tab that opens the address uses the
same workspace. Nothing else is shared: clips, own models and answers stay in their session.
"""

import secrets
import threading
import weakref

import streamlit as st

from pages.train import state
from pages.train.workspace import Workspace

_PARAMETER = "lab"


class Workspaces:
    """The workspaces of all sessions by token."""

    def __init__(self) -> None:
        """Begin without any."""
        self._lock = threading.Lock()
        self._by_token: weakref.WeakValueDictionary[str, Workspace] = weakref.WeakValueDictionary()

    def find(self, token: str) -> Workspace | None:
        with self._lock:
            return self._by_token.get(token)

    def open(self) -> Workspace:
        workspace = Workspace(secrets.token_urlsafe(16))
        with self._lock:
            self._by_token[workspace.token] = workspace
        return workspace


@st.cache_resource(show_spinner=False)
def _workspaces() -> Workspaces:
    return Workspaces()


def current() -> Workspace:
    """Return this visitor's workspace: the session's, the one in the address, or a new one."""
    visitor, token = state.current(), st.query_params.get(_PARAMETER)
    if visitor.workspace is None or (token not in (None, visitor.workspace.token) and not visitor.workspace.entries):
        named = _workspaces().find(token) if token else None
        visitor.use(named or visitor.workspace or _workspaces().open())
    if visitor.workspace.entries or visitor.workspace.search is not None:
        if token != visitor.workspace.token:
            st.query_params[_PARAMETER] = visitor.workspace.token
    elif token:
        del st.query_params[_PARAMETER]
    return visitor.workspace
