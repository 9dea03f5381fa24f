"""The bundle: the same answers as the model, without this package and without a pickle."""

import io
import json
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from ser.audio.decoding.decoder import decode
from ser.data.table_file import load_tables
from ser.features.sets import feature_set
from ser.inference.prediction import predict
from ser.model.card import card_of, trained_on
from ser.model.degradation import Degradation
from ser.model.emotion_model import Calibration, Trust
from ser.model.onnx_export import export_onnx, one_view, onnx_bytes
from ser.model.store import StoredModel
from ser.steps import finish
from ser.training.fitting import fit
from ser.training.settings import TrainingSettings
from tests.helpers import shipped


def answers(model, features):
    session = onnxruntime.InferenceSession(onnx_bytes(model))
    return session.run(None, {"features": features.astype(np.float32)})[0]


@pytest.mark.parametrize(
    "settings",
    [
        {"activation": "relu", "members": 3},
        {"activation": "tanh", "hidden_layers": (16, 8)},
        {"activation": "logistic", "groups": ("pitch", "rhythm")},
        {"emotions": ("calm", "angry")},
        {"feature_set": "notebook", "scale": False},
    ],
    ids=str,
)
@pytest.mark.parametrize("temperature", [1.0, 1.7])
def test_the_graph_gives_the_same_probabilities(table, settings, temperature):
    small = replace(TrainingSettings(hidden_layers=(16,), members=1, epochs=2, calibration_folds=0), **settings)
    model = replace(finish(fit(small, table, np.arange(0, 1440, 5))), trust=Trust(Calibration(temperature)))
    features = table.matrix(small.feature_set)
    assert np.abs(answers(model, features) - model.probabilities(features)).max() < 1e-5


def test_the_graph_has_the_specialists_behind_their_gate():
    both = load_tables()
    small = TrainingSettings(hidden_layers=(16,), members=1, specialists=2, epochs=2, calibration_folds=0)
    model = finish(fit(small, both, np.arange(0, len(both), 5)))
    features = both.matrix("standard")
    shares = model.shares(model.inputs(features))
    assert len(model.specialists) == 2 and (shares == 0).any() and (shares == 1).any() and (shares % 1 > 0).any()
    for trust in (Trust(), Trust(Calibration(1.3), Calibration(0.6))):
        calibrated = replace(model, trust=trust)
        assert np.abs(answers(calibrated, features) - calibrated.probabilities(features)).max() < 1e-5


def test_the_graph_measures_the_degradation(table):
    small = TrainingSettings(hidden_layers=(16,), members=1, specialists=0, epochs=2, calibration_folds=0)
    model = finish(fit(small, table, np.arange(0, 1440, 5)))
    features = table.matrix("standard")
    inputs, rng = model.inputs(features), np.random.default_rng(0)
    weights = rng.normal(size=(2, inputs.shape[1])).astype(np.float32)
    low, high = np.quantile(inputs @ weights.T, (0.2, 0.8), axis=0)
    for trust in (Trust(), Trust(Calibration(1.3))):
        degraded = replace(model, trust=trust, degradation=Degradation(weights, low, high, np.array([0.3, 0.7])))
        assert np.abs(answers(degraded, features) - degraded.probabilities(features)).max() < 1e-5
        assert (
            np.abs(answers(degraded, features) - replace(degraded, degradation=None).probabilities(features)).max()
            > 0.01
        )


def test_the_shipped_model_too(table):
    model = shipped.model()
    features = table.matrix(model.feature_set)
    assert np.abs(answers(model, features) - model.probabilities(features)).max() < 1e-5


@pytest.mark.parametrize("name", ["default", "notebook"])
def test_a_real_clip_gets_the_answer_that_predict_gives_in_that_mode(name, tmp_path):
    """By the README's own lines, on a clip that the whole model answers otherwise."""
    clip = Path(__file__).parents[2] / "pages" / "common" / "examples" / "plain_and_even.ogg"
    stored = shipped.stored(name)
    (tmp_path / "clip.wav").write_bytes(clip.read_bytes())
    with zipfile.ZipFile(
        io.BytesIO(export_onnx(stored, np.zeros(len(feature_set(stored.model.feature_set).names))))
    ) as zipped:
        readme = zipped.read("README.txt").decode("utf-8")
        session = onnxruntime.InferenceSession(zipped.read("model.onnx"))
    lines = [line.strip() for line in readme.splitlines() if line.startswith("    ")]
    found = {}
    # The lines are those that the file tells its reader to run.
    exec("\n".join(lines).replace('"clip.wav"', repr(str(tmp_path / "clip.wav"))), found)
    [probabilities] = session.run(None, {"features": found["features"][None].astype(np.float32)})
    same, whole = predict(clip, one_view(stored.model)), predict(clip, stored.model)
    assert list(same.probabilities.values()) == pytest.approx(probabilities[0].tolist(), abs=1e-4)
    # And what is left out matters: the whole model warns of this synthetic voice, and is less sure.
    assert any(warning.code == "unlike" for warning in whole.warnings) and not same.warnings
    assert max(abs(same.probabilities[each] - whole.probabilities[each]) for each in same.probabilities) > 1e-3
    assert ("this file uses one" in readme) == bool(stored.model.views) and "Nothing here warns" in readme


@pytest.mark.ravdess
@pytest.mark.parametrize("name", ["default", "notebook"])
def test_an_actors_clip_gets_the_answer_that_predict_gives_in_that_mode(name, ravdess):
    stored = shipped.stored(name)
    wanted = feature_set(stored.model.feature_set)
    session = None
    for clip in ravdess.clips[::360]:
        data = ravdess.read(clip)
        features = wanted.extract(decode(data, rate=wanted.rate, levelled=wanted.levelled))
        if session is None:
            with zipfile.ZipFile(io.BytesIO(export_onnx(stored, features))) as zipped:
                session = onnxruntime.InferenceSession(zipped.read("model.onnx"))
        [probabilities] = session.run(None, {"features": features[None].astype(np.float32)})
        same = predict(data, one_view(stored.model))
        assert list(same.probabilities.values()) == pytest.approx(probabilities[0].tolist(), abs=1e-4)


def test_the_example_runs_by_itself(table, tmp_path):
    settings = TrainingSettings(hidden_layers=(16,), members=2, epochs=2, calibration_folds=3)
    rows = np.arange(0, 1440, 5)
    model = finish(fit(settings, table, rows))
    features = table.matrix("standard")[7]
    stored = StoredModel("mine", model, card_of(model, trained_on(table, rows)))
    with zipfile.ZipFile(io.BytesIO(export_onnx(stored, features))) as archive:
        assert sorted(archive.namelist()) == ["README.txt", "card.json", "example.json", "example.py", "model.onnx"]
        archive.extractall(tmp_path)
    script = (tmp_path / "example.py").read_text("utf-8")
    assert len(script.splitlines()) <= 10 and "from ser" not in script and "import ser" not in script
    done = subprocess.run([sys.executable, "example.py"], cwd=tmp_path, capture_output=True, text=True, check=True)
    said, told = json.loads(done.stdout), json.loads((tmp_path / "example.json").read_text())["probabilities"]
    expected = dict(zip(model.labels, model.probabilities(features[None])[0], strict=True))
    assert list(said) == list(told) == list(expected)
    for label, probability in expected.items():
        assert said[label] == pytest.approx(probability, abs=1e-5) and told[label] == probability
    card = json.loads((tmp_path / "card.json").read_text("utf-8"))
    assert card["inputs"] == [feature.name for feature in table.features("standard")]
    assert card["labels"] == list(model.labels) and card["licence"]
