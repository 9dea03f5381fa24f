"""`ser bench` as scripts meet it: a tiny run through the real command, its keys and its table."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ser.audio.augmentation import VIEWS
from ser.benchmark.lines import TARGETS, Comparison, lines_of, measurements
from ser.cli.bench import table

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "ser", "bench", "--clips", "2", "--rounds", "1", "--json"]
LINES = lines_of(tuple(VIEWS))


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> subprocess.CompletedProcess:
    """A tiny run with synthetic voices, so that it goes alike everywhere."""
    folder = str(tmp_path_factory.mktemp("cache"))
    environment = {name: value for name, value in os.environ.items() if name != "SER_RAVDESS"}
    environment |= {"XDG_CACHE_HOME": folder, "LOCALAPPDATA": folder, "HOME": folder, "PYTHONPATH": str(ROOT)}
    return subprocess.run(COMMAND, cwd=folder, env=environment, capture_output=True, text=True, timeout=220)


@pytest.mark.slow
def test_every_line_is_measured(run):
    assert run.returncode == 0, run.stderr
    found = json.loads(run.stdout)
    assert set(found) == {"clips", "n_clips", "n_many", "rounds", "lines", "targets"}
    assert (found["clips"], found["n_clips"], found["n_many"], found["rounds"]) == ("synthetic voices", 2, 2, 1)
    assert [line["key"] for line in found["lines"]] == [line.key for line in LINES]
    medians = {line["key"]: line["median"] for line in found["lines"]}
    for line in found["lines"]:
        assert set(line) == {"key", "name", "unit", "median", "samples", "compared_with", "ratio", "missing"}
        if line["key"].startswith("opensmile") and line["missing"]:
            continue
        assert line["median"] > 0 and line["missing"] is None
        per_clip = line["unit"] == "ms" and not line["key"].startswith("epoch")
        assert line["samples"] == (2 if per_clip else 1), line["key"]
        if line["compared_with"]:
            assert line["ratio"] == pytest.approx(line["median"] / medians[line["compared_with"]])


@pytest.mark.slow
def test_targets_follow_from_the_lines(run):
    found = json.loads(run.stdout)
    medians = {line["key"]: line["median"] for line in found["lines"]}
    assert [each["key"] for each in found["targets"]] == [target.key for target in TARGETS]
    for target, each in zip(TARGETS, found["targets"], strict=True):
        assert set(each) == {"key", "name", "value", "better", "must", "stretch", "reached"}
        if medians[target.numerator] is not None:
            assert each["value"] == pytest.approx(medians[target.numerator] / medians[target.denominator])
            assert each["reached"] is target.reached(each["value"])


@pytest.mark.slow
def test_progress_goes_to_standard_error(run):
    assert run.stderr.startswith("answers and features, 0%\n")
    assert len(run.stdout.splitlines()) == 1 and "Traceback" not in run.stderr


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no process groups that a signal is sent to")
def test_an_interrupt_is_one_sentence():
    # A test run in the background of a shell ignores interrupts, and what it starts would do so too.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    long = [*COMMAND, "--rounds", "50"]
    with subprocess.Popen(
        long, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        signal.signal(signal.SIGINT, before)
        first = process.stderr.readline()
        os.killpg(process.pid, signal.SIGINT)
        try:
            out, err = process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            # Python drops an interrupt that comes while it destroys an object. People then press the keys again.
            os.killpg(process.pid, signal.SIGINT)
            out, err = process.communicate(timeout=60)
    assert first and process.returncode == 1 and not out
    assert err.splitlines()[-1] == "Stopped." and "Traceback" not in err


def test_the_table_has_a_line_for_each_measurement():
    samples = {line.key: [2.0] for line in LINES if not line.key.startswith("opensmile")}
    text = table(Comparison("RAVDESS", 8, 16, 3, measurements(tuple(VIEWS), samples)))
    rows = text.splitlines()
    for line in LINES:
        (row,) = [row for row in rows if row.startswith(f"{line.name} ") and "  " in row.strip()]
        if line.key.startswith("opensmile"):
            assert row.endswith("not installed")
        elif line.compared_with:
            assert "1.00" in row
    assert "not measured (at least 5, better 10)" in text and "1.00 (at most 2)" in text
    assert rows[-1] == "Clips (RAVDESS): 8, for the workers: 16, rounds: 3"


def test_docs_explain_every_line_and_target():
    text = (ROOT / "docs" / "benchmark.md").read_text("utf-8")
    for key in [*(line.key for line in LINES), *(target.key for target in TARGETS)]:
        assert f"`{key}`" in text, key
