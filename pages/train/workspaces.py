"""Which laboratory a visitor of Train works in, found again from a second tab or after a lost page.

Every session has a laboratory of its own. From its first run on, the page's address carries the laboratory's token,
drawn at random and too long to guess; a tab that opens that address works in the same laboratory. That is all that
is shared: clips, own models and answers stay in their session.
"""

import secrets
import threading
import time

import streamlit as st

from pages.common import session
from pages.common.workspace import Laboratory

_PARAMETER = "lab"
_MOST_LABORATORIES = 40
_FORGOTTEN_AFTER = 6 * 3600.0


class _Laboratories:
    """All laboratories of the process, by token; those long unused make room."""

    def __init__(self) -> None:
        self._lock, self._by_token = threading.Lock(), {}

    def find(self, token: str) -> Laboratory | None:
        with self._lock:
            return self._by_token.get(token)

    def open(self) -> Laboratory:
        laboratory = Laboratory(secrets.token_urlsafe(16))
        with self._lock:
            self._by_token[laboratory.token] = laboratory
            idle = sorted((each for each in self._by_token.values() if not each.busy), key=lambda each: each.used)
            for each in idle:
                too_old = time.monotonic() - each.used > _FORGOTTEN_AFTER
                if each is not laboratory and (too_old or len(self._by_token) > _MOST_LABORATORIES):
                    del self._by_token[each.token]
        return laboratory


@st.cache_resource(show_spinner=False)
def _laboratories() -> _Laboratories:
    return _Laboratories()


def current() -> Laboratory:
    """Return this visitor's laboratory: the session's, the one that the address names, or a new one."""
    me, token = session.visitor(), st.query_params.get(_PARAMETER)
    if me.laboratory is None or (token not in (None, me.laboratory.token) and not me.laboratory.entries):
        named = _laboratories().find(token) if token else None
        me.laboratory = named or me.laboratory or _laboratories().open()
    me.laboratory.used = time.monotonic()
    if me.laboratory.entries or me.laboratory.search is not None:
        if token != me.laboratory.token:
            st.query_params[_PARAMETER] = me.laboratory.token
    elif token:
        del st.query_params[_PARAMETER]
    return me.laboratory
