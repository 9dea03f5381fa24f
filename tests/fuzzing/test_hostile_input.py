"""Damaged and hostile files get an answer or a sentence, in a process that neither crashes nor hangs nor swells.

`python -m tests.fuzzing` does the same for longer and with other seeds. What fails there is added to
tests/fuzzing/found and tried again here, together with the slowest files that Atheris met.
"""

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzzing.answerer import Answerer, FindingError, allowed_seconds
from tests.fuzzing.bad_files import bomb, overlapping
from tests.fuzzing.mutations import MOST_BYTES, mutated
from tests.fuzzing.seeds import seeds, zipped

FOUND = Path(__file__).parent / "found"
SEEDS = seeds()
INPUTS = 500


@pytest.fixture(scope="module")
def answerer():
    with Answerer() as process:
        yield process


@pytest.fixture(scope="module")
def allowed(answerer):
    """File of `SEEDS` → the processor time that a mutated version of it may take."""
    return {name: allowed_seconds(answerer, data) for name, data in SEEDS.items()}


def test_every_seed_has_an_answer(answerer):
    assert [name for name, data in SEEDS.items() if not answerer.attempt(data).answered] == []
    assert max(map(len, SEEDS.values())) < MOST_BYTES / 10


@pytest.mark.slow
def test_mutated_files_have_an_answer_or_a_sentence(answerer, allowed):
    found, answered = [], 0
    for number, (name, data) in zip(range(INPUTS), itertools.cycle(SEEDS.items()), strict=False):
        hostile = mutated(data, np.random.default_rng([20, number]), list(SEEDS.values()))
        try:
            answered += answerer.attempt(hostile, allowed[name]).answered
        except FindingError as error:
            found.append(f"mutation {number} of {name}: {error}")
    assert found == []
    assert 100 < answered < 400  # mutations are neither too weak nor too strong


@st.composite
def damaged(draw: st.DrawFn) -> tuple[str, bytes]:
    """A name out of `SEEDS`, and its file with pieces replaced and its end cut off; Hypothesis shrinks what fails."""
    name = draw(st.sampled_from(sorted(SEEDS)))
    data = bytearray(SEEDS[name])
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, min(len(data), 400) if draw(st.booleans()) else len(data)))
        data[start : start + draw(st.integers(0, 40))] = draw(st.binary(max_size=40))
    return name, bytes(data[: draw(st.integers(0, len(data)))] if draw(st.booleans()) else data)


@pytest.mark.slow
@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(case=damaged())
def test_damaged_files_have_an_answer_or_a_sentence(answerer, allowed, case):
    name, data = case
    answerer.attempt(data, allowed[name])


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(data=st.binary(max_size=2000))
def test_any_bytes_have_a_sentence(answerer, data):
    assert not answerer.attempt(data).answered


@pytest.mark.parametrize("path", sorted(FOUND.iterdir()), ids=lambda path: path.name)
def test_what_once_failed_does_not_fail_again(answerer, path):
    answerer.attempt(path.read_bytes(), most_seconds=5)


@pytest.mark.parametrize("make", [bomb, overlapping, lambda: zipped({"a.wav": bytes(150 << 20)})])
def test_bombs_stay_small(answerer, make):
    """`attempt` fails where memory grows beyond what a visitor may hold."""
    assert not answerer.attempt(make()).answered


class TestTheWatch:
    """What watches would notice."""

    @pytest.mark.parametrize(
        ("code", "says"),
        [
            ("import os; os.kill(os.getpid(), 11)", r"ended with status -11"),
            ("raise ValueError('slip')", "raised what it must not raise"),
            ("while sum(range(10**6)): pass", "hung"),
        ],
    )
    def test_a_crash_a_slip_and_a_hang(self, code, says, monkeypatch):
        monkeypatch.setenv("SER_FUZZING_TEST", code)
        patience = 1.0 if says == "hung" else 30.0
        with Answerer(patience) as broken, pytest.raises(FindingError, match=says):
            broken.attempt(b"x")

    def test_too_much_time(self, answerer):
        with pytest.raises(FindingError, match=r"0\.00 s are allowed"):
            answerer.attempt(SEEDS["WAV PCM_16"], most_seconds=0)
