"""Memory stays bounded without a collection behind every script run."""

import gc
import os
import subprocess
import sys
import threading
import time
import weakref
from pathlib import Path
from types import SimpleNamespace

import pytest
from streamlit import config
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.local_script_runner import LocalScriptRunner

from pages.common.server import memory

ROOT = Path(__file__).parents[4]


class Knot:
    """An object that only a collection can free."""

    def __init__(self):
        self.itself = self


@pytest.fixture
def only_on_demand():
    """No collection but those that somebody asks for."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def ran(code: str, **environment: str) -> subprocess.CompletedProcess:
    """Run Python code in the project's folder, as the app runs there."""
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120, check=True,
        env=os.environ | environment,
    )  # fmt: skip


def test_the_app_watches_no_files_and_collects_behind_no_run():
    printed = ran(
        "from streamlit import config; "
        "print(config.get_option('server.fileWatcherType'), config.get_option('runner.postScriptGC'))"
    )
    assert printed.stdout.split() == ["none", "False"]
    assert "not a valid config option" not in printed.stderr + printed.stdout


@pytest.mark.parametrize(("on", "freed"), [(True, True), (False, False)])
def test_streamlit_still_knows_the_hidden_option(only_on_demand, monkeypatch, on, freed):
    # The runner of its tests ends a run in its own way; a server's runner ends it as this method of its parent does.
    monkeypatch.delattr(LocalScriptRunner, "_on_script_finished")
    knot = Knot()
    alive = weakref.ref(knot)
    before = config.get_option("runner.postScriptGC")
    config.set_option("runner.postScriptGC", on)
    try:
        del knot
        AppTest.from_string("import streamlit as st\nst.write('one run')").run()
    finally:
        config.set_option("runner.postScriptGC", before)
    assert (alive() is None) == freed


def test_garbage_is_collected_on_a_timer(only_on_demand):
    knot, ended = Knot(), threading.Event()
    alive = weakref.ref(knot)
    del knot
    assert alive() is not None
    timer = threading.Thread(target=memory.collect_regularly, args=(ended, 0.01))
    timer.start()
    deadline = time.monotonic() + 30
    while alive() is not None and time.monotonic() < deadline:
        time.sleep(0.01)
    ended.set()
    timer.join(30)
    assert alive() is None and not timer.is_alive()


@pytest.mark.skipif(sys.platform != "linux", reason="the memory is read from /proc")
def test_the_table_keeps_no_memory_that_it_only_needed_for_reading():
    printed = ran(
        "import os\n"
        "from benchmarks.memory import memory_of\n"
        "from pages.common import resources\n"
        "import pandas, pyarrow.parquet\n"
        "before = memory_of(os.getpid())[0]\n"
        "table = resources.table()\n"
        "print(memory_of(os.getpid())[0] - before)\n"
    )
    # Its arrays have 31 MB. Without being asked, Arrow and the C library keep 150 MB.
    assert float(printed.stdout) < 100


def test_visitors_share_one_table_and_one_model():
    printed = ran(
        "import gc\n"
        "from tests.helpers.pages import app_test, press, run\n"
        "for _ in range(2):\n"
        "    at = run(app_test('recognise'))\n"
        "    at.button_group(key='recognise_way').set_value('examples').run()\n"
        "    press(at, 'recognise_example_plain_and_even')\n"
        "    run(app_test('explore')), run(app_test('train'))\n"
        "gc.collect()\n"
        "held = [type(each).__name__ for each in gc.get_objects()]\n"
        "whole = [each for each in gc.get_objects() if type(each).__name__ == 'FeatureTable' and len(each) == 1440]\n"
        "print(len({id(each.matrices['standard']) for each in whole}), held.count('EmotionModel'))\n"
    )
    assert printed.stdout.split() == ["1", "1"]


class Heavy:
    """A state that can drop something."""

    def __init__(self):
        self.load = bytes(1000)

    def shed(self):
        self.load = b""


def test_a_state_drops_what_can_be_made_again_once_its_visitor_is_away_for_a_while(monkeypatch):
    away, there = Heavy(), Heavy()
    stored = {}

    def session(number, kept):
        state = SimpleNamespace(_old_state={"Heavy": kept, "a widget": 1}, _new_session_state={})
        return SimpleNamespace(session=SimpleNamespace(id=number, _session_state=state))

    manager = SimpleNamespace(
        _storage_lock=threading.Lock(), _session_storage=SimpleNamespace(list=lambda: list(stored.values()))
    )
    monkeypatch.setattr(memory.runtime, "exists", lambda: True)
    monkeypatch.setattr(memory.runtime, "get_instance", lambda: SimpleNamespace(_session_mgr=manager))
    stored["one"] = session("one", away)
    known = memory.lighten_left_sessions()
    assert away.load  # its last run may still be under way
    stored["another"] = session("another", there)
    assert memory.lighten_left_sessions(known) == {"one", "another"}
    assert not away.load and there.load
    del stored["another"]  # who is back keeps everything
    memory.lighten_left_sessions(frozenset({"one", "another"}))
    assert there.load


def test_the_sound_of_a_player_outlives_a_run_that_was_broken_off(monkeypatch):
    monkeypatch.setattr(MediaFileManager, "_get_inactive_file_ids", MediaFileManager._get_inactive_file_ids)
    clock = [0.0]
    monkeypatch.setattr(memory.time, "monotonic", lambda: clock[0])
    memory.keep_sounds_for_a_while(5.0)
    memory.keep_sounds_for_a_while(5.0)  # a second time changes nothing
    storage = MemoryMediaFileStorage("/media")
    manager, visitor = MediaFileManager(storage), "a visitor"
    monkeypatch.setattr("streamlit.runtime.media_file_manager._get_session_id", lambda: visitor)
    name = manager.add(b"sound", "audio/wav", "1").rsplit("/", 1)[-1]

    def left() -> bool:
        manager.remove_orphaned_files()
        return bool(storage._files_by_id)

    manager.clear_session_refs()  # a run begins, and is broken off
    assert left() and storage.get_file(name).content == b"sound"
    clock[0] = 4.0
    manager.add(b"sound", "audio/wav", "1")  # another run shows the player again
    assert left()
    clock[0] = 8.0
    manager.clear_session_refs()
    assert left()
    clock[0] = 12.9
    assert left()
    clock[0] = 13.0
    assert not left()
