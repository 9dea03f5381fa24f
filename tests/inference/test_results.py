"""Answers to several clips as CSV and JSON."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from ser.audio.quality import QualityWarning
from ser.cli.main import main
from ser.errors import AudioError, SerError
from ser.inference.prediction import Prediction, predict
from ser.inference.results import Result, to_csv, to_json
from tests.helpers import shipped

EXAMPLES = Path(__file__).parents[2] / "pages" / "common" / "examples"

ANSWER = Prediction(
    "a.wav", "sad", 0.75, {"calm": 0.25, "sad": 0.75}, ("sad", "calm"), False,
    (QualityWarning("quiet", "Very quiet, 5 dB.", -60.0),), 2.5, (),
)  # fmt: skip
RESULTS = (Result("takes/a, b.wav", ANSWER), Result("broken.wav", AudioError('It is "not" audio.')))


def test_csv_keeps_order_numbers_and_errors():
    answered, failed = csv.DictReader(io.StringIO(to_csv(RESULTS)))
    assert answered["file"] == "takes/a, b.wav"
    assert answered["label"] == "sad"
    assert float(answered["p_sad"]) == 0.75
    assert answered["prediction_set"] == "sad calm"
    assert answered["warnings"] == "Very quiet, 5 dB."
    assert failed["file"] == "broken.wav"
    assert failed["error"] == 'It is "not" audio.'
    assert failed["label"] == failed["p_sad"] == ""


def test_json_is_what_the_command_line_prints(tmp_path, capsys):
    """The command line itself, beside the page's file about the same clips."""
    (tmp_path / "broken.wav").write_bytes(b"no sound")
    clips = [str(next(iter(sorted(EXAMPLES.glob("*.ogg"))))), str(tmp_path / "broken.wav")]
    assert main(["predict", *clips, "--json"]) == 1
    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    model, results = shipped.model(), []
    for clip in clips:
        try:
            results.append(Result(clip, predict(clip, model)))
        except SerError as error:
            results.append(Result(clip, error))
    assert json.loads(to_json(results)) == printed
    assert [set(each) >= {"file", "label"} for each in printed] == [True, False]


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula(first):
    """Names, labels of a visitor's own and the sentences that carry them."""
    label = f"{first}cmd"
    own = replace(ANSWER, label=label, probabilities={label: 0.75, "sad": 0.25}, prediction_set=(label,))
    text = to_csv([Result(f"{first}1.wav", own), Result("b.wav", AudioError(f"{first}1.wav is not audio."))])
    for row in csv.reader(io.StringIO(text, newline="")):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)
    assert f"p_{label}" in next(csv.reader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("name", ["caf\udce9.wav", "\ud83d.wav", "😀.wav", "悲しい.wav"])
def test_every_name_can_be_written(name):
    results = [Result(name, ANSWER), Result(name, AudioError(f"{name} is not audio."))]
    assert to_csv(results).encode("utf-8") and to_json(results).encode("utf-8")
    assert json.loads(to_json(results).encode("utf-8").decode("utf-8"))[0]["file"].endswith(".wav")


def test_lines_end_in_a_line_feed_alone():
    assert "\r" not in to_csv(RESULTS) and to_csv(RESULTS).count("\n") == 3


def test_a_name_is_never_a_formula():
    row = next(csv.DictReader(io.StringIO(to_csv([Result("=1+1.wav", ANSWER)]))))
    assert row["file"] == "'=1+1.wav"


def test_nothing_is_a_header_alone():
    assert to_csv([]).count("\n") == 1
    assert json.loads(to_json([])) == []
