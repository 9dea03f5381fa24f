"""Results of clips are kept while there is room; those that were not used for longest make room."""

from types import SimpleNamespace

import numpy as np
import pytest
import streamlit as st

from pages.common import models
from pages.recognise import state
from pages.recognise.state import InputClip

CLIPS = [InputClip(f"{i}.wav", bytes([i]), "upload") for i in range(4)]


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Room for two results of a thousand bytes."""
    monkeypatch.setattr(state, "MOST_RESULT_BYTES", 2000)
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


class TestExamples:
    """Results for examples are the same for all visitors, who share them."""

    example = InputClip("an example", b"sound", state.EXAMPLE)

    @pytest.fixture(autouse=True)
    def nothing_known(self):
        state.common_results.clear()
        yield
        state.common_results.clear()

    def test_another_visitor_finds_them(self):
        state.remember("answer", self.example, None, "happy")
        st.session_state.clear()
        assert state.recall("answer", self.example, None) == "happy"
        assert not state.current().results

    def test_a_clip_of_the_visitor_is_never_among_them(self):
        state.remember("answer", CLIPS[0], None, "happy")
        # Not even if it has the content and the name of an example.
        state.remember("answer", InputClip("an example", b"sound", "upload"), None, "sad")
        st.session_state.clear()
        assert state.recall("answer", CLIPS[0], None) is None
        assert state.recall("answer", self.example, None) is None

    def test_neither_is_the_answer_of_a_model_of_the_visitor(self):
        model = SimpleNamespace()
        models.current().own["mine"] = SimpleNamespace(model=model)
        state.remember("answer", self.example, model, "happy")
        assert state.recall("answer", self.example, model) == "happy"
        st.session_state.clear()
        assert state.recall("answer", self.example, model) is None

    def test_nor_one_adapted_to_the_visitors_voice(self):
        state.current().voice = SimpleNamespace()
        state.remember("answer", self.example, None, "happy")
        st.session_state.clear()
        assert state.recall("answer", self.example, None) is None

    def test_there_is_a_limit(self, monkeypatch):
        monkeypatch.setattr(state, "MOST_COMMON_RESULTS", 2)
        for result in ("answer", "why"):
            state.remember(result, self.example, None, result)
        assert state.recall("answer", self.example, None) == "answer"  # used last
        state.remember("timeline", self.example, None, "timeline")
        assert [state.recall(each, self.example, None) for each in ("answer", "why", "timeline")] == [
            "answer", None, "timeline",
        ]  # fmt: skip
