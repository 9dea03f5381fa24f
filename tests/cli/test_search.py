"""`ser search` on the command line, as a process with real signals."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ser.cli.main import main
from ser.cli.search import searched_values
from ser.errors import TrainingError
from ser.training.settings import TrainingSettings

ROOT = Path(__file__).parents[2]
QUICK = {"epochs": 2, "members": 1, "specialists": 0, "hidden_layers": [16], "calibration_folds": 0}


@pytest.fixture
def settings(tmp_path):
    path = tmp_path / "quick.json"
    path.write_text(json.dumps(QUICK))
    return path


def ser(*words: object) -> subprocess.Popen:
    command = [sys.executable, "-m", "ser", *map(str, words)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.slow
def test_the_best_settings_are_printed_and_kept(settings, tmp_path):
    out = tmp_path / "best.json"
    words = ("--settings", settings, "--corpora", "ravdess", "--vary", "alpha=[0.1, 10]", "--out", out, "--json")
    process = ser("search", *words)
    answer, said = process.communicate()
    assert process.returncode == 0, said
    found = json.loads(answer)
    assert [each["values"] for each in found["candidates"]] == [{"alpha": 10.0}, {"alpha": 0.1}]
    assert found["best"]["mean_uar"] == max(each["mean_uar"] for each in found["candidates"])
    assert not found["stopped"] and found["judged"]["protocol"] == "heldout"
    kept = TrainingSettings.from_json(out.read_text("utf-8"))
    assert kept.to_json() == found["best"]["settings"] and kept.hidden_layers == (16,)
    assert "candidates judged" in said and "Traceback" not in said


@pytest.mark.slow
def test_ctrl_c_prints_the_best_so_far(settings):
    long = (
        "--settings",
        settings,
        "--corpora",
        "ravdess",
        "--vary",
        "epochs=[1, 2000]",
        "--candidates",
        2,
        "--jobs",
        1,
    )
    process = ser("search", *long, "--method", "random")
    for line in process.stderr:
        if line.startswith("1 of 2 candidates judged"):
            process.send_signal(signal.SIGINT)
            break
    answer, said = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "Best: candidate 1" in answer and "The search was stopped" in answer
    assert "Press Ctrl-C again" in said and "Traceback" not in said


def test_values_to_vary_are_checked():
    settings = TrainingSettings()
    assert searched_values(settings, None).keys() == {"alpha", "hidden_layers", "learning_rate"}
    assert searched_values(settings, ["hidden_layers=[[8], [8, 8]]"]) == {"hidden_layers": ((8,), (8, 8))}
    for word, sentence in (
        ("colour", "There is no setting 'colour' to vary; choose one of"),
        ("mixup", r"mixup needs values to draw from, as a JSON list: --vary 'mixup=\["),
        ("alpha=high", "'high' is given for alpha; a JSON list of values is needed"),
        ("alpha=[1, -3]", "alpha is -3; a number from 0 to 100 is needed"),
    ):
        with pytest.raises(TrainingError, match=sentence):
            searched_values(settings, [word])


def test_a_folder_that_is_not_there_is_named_before_the_search(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["search", "--out", "/nowhere/best.json"])
    assert ended.value.code == 2
    assert "there is no folder /nowhere" in capsys.readouterr().err
