"""Garbage collection on a timer, because Streamlit collects none after script runs (`runner.postScriptGC = false`).

A collection looks at every object of the process. It takes 0.2 s, and nothing else runs meanwhile. With twenty
visitors, a collection after every run took most of the time. Here the objects that exist after the start are set
aside once, so that a collection only looks at newer ones, and there are six collections a minute. Each also gives
freed memory back to the system.

The timer also ends the sessions of visitors who left. Streamlit keeps a session for `server.disconnectedSessionTTL`
seconds, but lets go of it only when another visitor leaves, so the last visitors of a day would stay in memory. What
can be made again is freed sooner: a state with a method `shed` drops it a few seconds after its visitor has left.

The sounds of players are freed later than Streamlit would. It forgets at the beginning of a run which sounds a page
plays, and deletes all that no page plays at the end of any run: of one that a click broke off, or of another visitor's.
So the sound of a player on the screen could be gone when the browser asked for it, and the player stayed silent.
"""

import gc
import threading
import time

from streamlit import runtime
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.runtime import RuntimeState

from ser.memory import forget, give_back
from ser.workers import pool

SECONDS_BETWEEN_COLLECTIONS = 10.0
SECONDS_BETWEEN_LOOKS_FOR_LEFT_SESSIONS = 5.0
# Longer than a run of a page takes, also on a busy server.
SECONDS_THAT_SOUNDS_STAY = 5.0


def set_aside() -> None:
    """Exclude all objects that exist now from later collections: modules, compiled functions, models."""
    give_back()
    gc.freeze()


def keep_sounds_for_a_while(seconds: float = SECONDS_THAT_SOUNDS_STAY) -> None:
    """Delete sounds and other files only once no page has needed them for so many seconds.

    Streamlit has no public way to do this.
    """
    find = MediaFileManager._get_inactive_file_ids
    if hasattr(find, "__wrapped__"):
        return
    unused_since: dict[str, float] = {}

    def find_unused(manager: MediaFileManager) -> set[str]:
        unused, now = find(manager), time.monotonic()
        for used in unused_since.keys() - unused:
            del unused_since[used]
        return {each for each in unused if now - unused_since.setdefault(each, now) >= seconds}

    find_unused.__wrapped__ = find  # type: ignore[attr-defined]
    MediaFileManager._get_inactive_file_ids = find_unused


def end_left_sessions() -> int:
    """Free the sessions that Streamlit has kept for long enough after their visitors left; return how many they were.

    What only a session refers to is freed with it, and the state of each page stops its work then.
    """
    if not runtime.exists():
        return 0
    # Streamlit has no public way to do this. A test with a real server fails when these names are gone. The sessions
    # are emptied here, because Streamlit's loop refers to the last visitor's session until the next visitor comes.
    sessions = runtime.get_instance()._session_mgr
    with sessions._storage_lock:
        left = sessions._session_storage._cache.expire()
    for _, info in left:
        info.session.shutdown()
        # They are made anew in place, because a thread may still refer to them. Its `clear` would leave the callbacks
        # of widgets, and with them whatever they work on.
        for kept in (info.session._session_state, info.session._fragment_storage):
            type(kept).__init__(kept)
    if left:
        forget()
    return len(left)


def lighten_left_sessions(known: frozenset[str] = frozenset()) -> frozenset[str]:
    """Let the states of visitors who left drop what can be made again; return the IDs of the sessions of such visitors.

    Only sessions in `known` are touched: in others the visitor's last run may not have ended.
    """
    if not runtime.exists():
        return frozenset()
    sessions = runtime.get_instance()._session_mgr
    with sessions._storage_lock:  # so that no visitor comes back meanwhile
        left = {info.session.id: info.session for info in sessions._session_storage.list()}
        for number in known & left.keys():
            state = left[number]._session_state
            for kept in (*state._old_state.values(), *state._new_session_state.values()):
                # The value of a component has any attribute, and it is None.
                if callable(getattr(kept, "shed", None)):
                    kept.shed()
    return frozenset(left)


def collect_regularly(
    ended: threading.Event,
    seconds: float = SECONDS_BETWEEN_COLLECTIONS,
    seconds_between_looks: float = SECONDS_BETWEEN_LOOKS_FOR_LEFT_SESSIONS,
) -> None:
    """Collect garbage every so many seconds and when a visitor's session has ended, until `ended` is set."""
    waited, away = 0.0, frozenset[str]()
    while not ended.wait(min(seconds, seconds_between_looks)):
        waited += min(seconds, seconds_between_looks)
        left, away = end_left_sessions(), lighten_left_sessions(away)
        if runtime.exists():
            runtime.get_instance().media_file_mgr.remove_orphaned_files()
        if left and runtime.get_instance().state == RuntimeState.NO_SESSIONS_CONNECTED:
            # Nobody waits for this. What was set aside before may belong to a visitor who was there then.
            pool.rest()
            gc.unfreeze()
            set_aside()
            waited = 0.0
        elif left or waited >= seconds:
            give_back()
            waited = 0.0
