"""Results of clips are kept while there is room; those that were not used for longest make room."""

import numpy as np
import pytest
import streamlit as st

from pages.recognise import state
from pages.recognise.state import InputClip

CLIPS = [InputClip(f"{i}.wav", bytes([i]), "upload") for i in range(4)]


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Room for two results of a thousand bytes."""
    monkeypatch.setattr(state, "_MOST_RESULT_BYTES", 2000)
    st.session_state.clear()
    yield
    st.session_state.clear()


def known() -> list[int]:
    """Numbers of the clips whose result is kept, without using one."""
    return sorted(int(name[0]) for _, _, name, _ in state.current().results)


def keep(number: int) -> None:
    """Keep a result of a thousand bytes."""
    state.remember("answer", CLIPS[number], None, np.zeros(125))


def test_the_result_that_was_not_used_for_longest_goes_first():
    keep(0), keep(1)
    assert state.recall("answer", CLIPS[0], None) is not None
    keep(2)
    assert known() == [0, 2]
    assert state.recall("answer", CLIPS[1], None) is None
    assert set(state.current().result_bytes) == set(state.current().results)


def test_results_of_the_clips_on_the_page_stay():
    state.use_clips(CLIPS[:3])
    keep(0), keep(1), keep(2)
    assert known() == [0, 1, 2]
    state.use_clips(CLIPS[3:])
    keep(3)
    assert known() == [2, 3]
