"""Answers to several clips as CSV and JSON."""

import csv
import io
import json

from ser.errors import AudioError
from ser.prediction import Prediction
from ser.quality import QualityWarning
from ser.results import Result, to_csv, to_json

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


def test_json_is_what_the_command_line_prints():
    answered, failed = json.loads(to_json(RESULTS))
    assert answered == ANSWER.to_json() | {"file": "takes/a, b.wav"}
    assert failed == {"file": "broken.wav", "error": 'It is "not" audio.'}


def test_a_name_is_never_a_formula():
    row = next(csv.DictReader(io.StringIO(to_csv([Result("=1+1.wav", ANSWER)]))))
    assert row["file"] == "'=1+1.wav"


def test_nothing_is_a_header_alone():
    assert to_csv([]).count("\n") == 1
    assert json.loads(to_json([])) == []
