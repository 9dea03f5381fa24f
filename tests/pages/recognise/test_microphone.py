"""The microphone: a recording is returned once, and the page's script knows what it needs."""

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.recognise.microphone import record, texts

pytestmark = pytest.mark.slow


def script():
    import streamlit as st

    from pages.recognise.microphone.record import record

    data, status = record("try")
    status.markdown("Ready.")
    st.session_state.setdefault("came", []).append(data)


def test_a_recording_is_returned_in_the_run_in_which_it_arrives_and_never_again(monkeypatch):
    recording = [None]
    monkeypatch.setattr(record, "recorder", lambda *_: recording[0])
    page = AppTest.from_function(script, default_timeout=20).run()
    recording[0] = b"one"
    page.run()
    page.run()
    recording[0] = b"two"
    page.run()
    assert not page.exception
    assert page.session_state["came"] == [None, b"one", None, b"two"]


def test_every_state_of_the_script_has_words_and_every_key_of_its_data_is_given():
    watched = record.watched("try", 0)
    source = Path(record.__file__).with_name("watch.js").read_text("utf-8")
    assert set(re.findall(r"\bdata\.(\w+)", source)) == set(watched)
    states = set(re.findall(r'enter\("(\w+)"\)', source)) - {"idle"} | {"asking"}
    assert states == set(texts.live(2.0))
    assert set(re.findall(r"data\.refused\.(\w+)", source)) <= set(texts.REFUSED)
