"""The command line as scripts meet it: real processes, their output, their exit status.

Complaints are asked for within this process, since a new one imports for seconds before it complains.
"""

import argparse
import collections
import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import soundfile

from ser.cli import extract
from ser.cli.main import main
from ser.config import SHIPPED_MODELS
from ser.data.table_file import load_table
from ser.emotions import LABELS
from ser.errors import SerError
from ser.model.store import ModelStore
from ser.training.setting_fields import SETTINGS
from tests.helpers import shipped, sounds
from tests.helpers.voices import ALL as VOICES
from tools import model_card

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
QUICK = {"feature_set": "notebook", "hidden_layers": [16], "epochs": 2, "members": 1, "calibration_folds": 0}


def ser(*words, **environment) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "ser", *map(str, words)],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1", **environment},
        capture_output=True,
        text=True,
        timeout=200,
    )


@pytest.fixture
def settings(tmp_path):
    path = tmp_path / "settings.json"
    path.write_text(json.dumps(QUICK))
    return path


def test_predict_json_goes_on_after_a_bad_clip(tmp_path):
    bad = tmp_path / "notes.wav"
    bad.write_text("This is no sound.")
    done = ser("predict", VOICES[0], bad, tmp_path / "missing.wav", tmp_path, VOICES[1], "--json")
    assert done.returncode == 1
    first, *errors, last = map(json.loads, done.stdout.splitlines())
    assert len(errors) == 3
    for answer, clip in ((first, VOICES[0]), (last, VOICES[1])):
        assert set(answer) == {
            "file", "label", "confidence", "probabilities", "prediction_set", "abstained", "warnings", "seconds",
        }  # fmt: skip
        assert answer["file"] == str(clip)
        assert tuple(answer["probabilities"]) == LABELS
        assert sum(answer["probabilities"].values()) == pytest.approx(1)
        assert answer["probabilities"][answer["label"]] == answer["confidence"] == max(answer["probabilities"].values())
        assert answer["label"] in answer["prediction_set"]
    for error in errors:
        assert set(error) == {"file", "error"}
        assert "\n" not in error["error"]
    assert "Traceback" not in done.stderr


def test_predict_csv_has_a_row_a_clip(tmp_path):
    done = ser("predict", VOICES[0], tmp_path / "missing.wav", "--csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert done.returncode == 1 and len(rows) == 2
    assert sum(float(rows[0][f"p_{label}"]) for label in LABELS) == pytest.approx(1, abs=1e-5)  # of six digits each
    assert rows[1]["error"] and not rows[1]["label"]


NAMES = [
    *("plain.wav", "😀.wav", "悲しい.wav", "müde.wav", 'a,"b"\nc.wav'),
    *("=1+1.wav", "+1.wav", "-1.wav", "@SUM.wav", "\ttab.wav", "\rcr.wav"),
    b"caf\xe9.wav",
]
ENCODINGS = [
    {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    {"LANG": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
    {"PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0"},
    {"PYTHONUTF8": "1"},
]


@pytest.fixture(scope="module")
def odd_names(tmp_path_factory):
    """A folder of good clips and broken ones, under names that some output cannot write."""
    folder = tmp_path_factory.mktemp("names")
    for name in NAMES:
        (folder / os.fsdecode(name)).write_bytes(VOICES[0].read_bytes())
    (folder / "=broken 😀.wav").write_bytes(b"no sound")
    return folder


def in_bytes(folder, *words, **environment):
    """A process in a folder; what it writes as bytes, for its encoding is what is asked about."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("LC_", "LANG", "PYTHON"))}
    return subprocess.run(
        [sys.executable, "-m", "ser", "predict", *words],
        cwd=folder,
        env={**kept, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        timeout=200,
    )


@pytest.mark.parametrize("environment", ENCODINGS, ids=str)
def test_no_file_name_ends_a_batch(odd_names, environment):
    names = [os.fsencode(name) for name in (*NAMES, "=broken 😀.wav")]
    as_csv = in_bytes(odd_names, *names, "--csv", **environment)
    assert as_csv.returncode == 1 and b"Traceback" not in as_csv.stderr
    encoding = "latin-1" if environment.get("PYTHONIOENCODING") == "latin-1" else "utf-8"
    text = as_csv.stdout.decode(encoding)
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert len(rows) == len(names) and not rows[-1]["label"] and rows[-1]["error"]
    assert text.replace("\rcr.wav", "").count("\r") == 0 and text.endswith("\n")
    for row in rows:
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row.values()), row
    assert [row["confidence"] for row in rows[:-1]] == [rows[0]["confidence"]] * len(NAMES)
    assert len(rows[0]["confidence"]) == len("0.123456") and len(rows[0]["p_sad"]) == len("0.123456")


@pytest.mark.parametrize("environment", ENCODINGS[::2], ids=str)
def test_json_is_utf8_whatever_a_file_is_called(odd_names, environment):
    names = [os.fsencode(name) for name in (*NAMES, "=broken 😀.wav")]
    done = in_bytes(odd_names, *names, "--json", **environment)
    assert done.returncode == 1 and b"Traceback" not in done.stderr
    found = [json.loads(line) for line in done.stdout.decode("utf-8").splitlines()]
    assert json.dumps(found, ensure_ascii=False).encode("utf-8")
    said = [each["file"].removeprefix(f".{os.sep}") for each in found]
    assert said == [*NAMES[:-1], "caf\\xe9.wav", "=broken 😀.wav"] and "error" in found[-1]


def test_words_too_are_written_in_any_encoding(odd_names):
    for environment in ENCODINGS[:2]:
        done = in_bytes(odd_names, *(os.fsencode(name) for name in NAMES), **environment)
        assert done.returncode == 0 and not done.stderr, done.stderr
        assert done.stdout.count(b"%)") == len(NAMES)


def test_the_command_line_writes_the_pages_csv(tmp_path):
    from ser.inference.prediction import predict
    from ser.inference.results import Result, to_csv

    model = shipped.model()
    bad = tmp_path / "=bad.wav"
    bad.write_bytes(b"no sound")
    results = [Result(str(VOICES[0]), predict(VOICES[0], model))]
    try:
        predict(bad, model)
    except SerError as error:
        results.append(Result(str(bad), error))
    done = in_bytes(ROOT, str(VOICES[0]), str(bad), "--csv", PYTHONUTF8="1")
    assert done.stdout.decode("utf-8") == to_csv(results)


def test_predict_in_words():
    done = ser("predict", VOICES[0])
    assert done.returncode == 0 and done.stderr == ""
    assert done.stdout.startswith(str(VOICES[0]))


def test_a_long_clip_is_answered_in_windows(tmp_path):
    samples, rate = soundfile.read(VOICES[0])
    path = tmp_path / "long.wav"
    soundfile.write(path, np.tile(samples, int(60 * rate / samples.size)), rate)
    done = ser("predict", path, "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["seconds"] > 50


def test_train_keeps_a_model_that_predicts(tmp_path, settings):
    models = tmp_path / "models"
    done = ser("train", "--settings", settings, "--name", "mine", "--exclude-actors", "1,2", "--models", models)
    assert done.returncode == 0, done.stderr
    kept = ModelStore(models).load("mine")
    assert kept.card.trained_on.actors == (*range(3, 25), *range(201, 210))
    (score,) = kept.card.scores
    assert set(score.details["per_actor_uar"]) == {"1", "2"}
    assert "never heard" in score.scored_on
    answers = ModelStore(models).out_of_fold("mine")
    assert len(answers.names) == score.n_clips and answers.labels == kept.card.labels
    assert {name.split("-")[-1].removesuffix(".wav") for name in answers.names} == {"01", "02"}
    assert ser("predict", VOICES[0], "--model", "mine", "--models", models).returncode == 0


def test_evaluate_json_has_the_contract(settings):
    done = ser("evaluate", "--settings", settings, "--protocol", "emobox", "--seeds", "2", "--json")
    found = json.loads(done.stdout)
    assert done.returncode == 0
    contract = {"protocol", "n_clips", "uar", "uar_interval", "accuracy", "ece", "per_class_recall", "per_actor_uar"}
    assert contract | {"confusion", "settings"} <= set(found)
    assert found["n_clips"] == 1440 and found["protocol"] == "emobox"
    assert found["settings"]["epochs"] == 2
    assert np.sum(found["confusion"]) == 1440
    over = found["over_seeds"]["uar"]
    assert found["seeds"] == [0, 1] and over["each"][0] == found["uar"] != over["each"][1]
    assert over["mean"] == pytest.approx(sum(over["each"]) / 2)


def test_evaluate_on_another_corpus_has_the_same_keys(tmp_path):
    for label, clip in zip(("sad", "angry", "calm"), VOICES, strict=False):
        (tmp_path / "set" / label / "eva").mkdir(parents=True)
        (tmp_path / "set" / label / "eva" / clip.name).write_bytes(clip.read_bytes())
    (tmp_path / "set" / "sad" / "eva" / "bad.wav").write_bytes(b"no sound")
    done = ser("evaluate", "--data", tmp_path / "set", "--corpus", "folder", "--json")
    found = json.loads(done.stdout)
    assert done.returncode == 1 and "bad.wav" in done.stderr  # one clip failed: said, and the rest scored
    contract = {"protocol", "n_clips", "uar", "uar_interval", "accuracy", "ece", "per_class_recall", "per_actor_uar"}
    assert contract | {"confusion", "settings", "labels", "reported"} <= set(found)
    assert found["protocol"] == "corpus folder" and found["n_clips"] == 3
    assert set(found["per_actor_uar"]) == {"eva"} and any("bad.wav" in line for line in found["reported"])
    (tmp_path / "set" / "sad" / "eva" / "bad.wav").unlink()
    words = ser("evaluate", "--data", tmp_path / "set", "--corpus", "folder")
    assert words.returncode == 0 and "class folders, answered by default: 3 clips" in words.stdout


def test_a_score_on_another_corpus_is_kept_on_the_card(tmp_path):
    for label, clip in zip(("sad", "angry"), VOICES, strict=False):
        (tmp_path / "set" / label / "eva").mkdir(parents=True)
        (tmp_path / "set" / label / "eva" / clip.name).write_bytes(clip.read_bytes())
    shutil.copytree(SHIPPED_MODELS, tmp_path / "models")
    before = ModelStore(tmp_path / "models").load("default").card
    for _ in range(2):  # the second score replaces the first
        done = ser(
            "evaluate", "--data", tmp_path / "set", "--corpus", "folder", "--to-card", "--models", tmp_path / "models"
        )
        assert done.returncode == 0, done.stderr
    after = ModelStore(tmp_path / "models").load("default").card
    *others, added = after.scores
    assert tuple(others) == before.scores and after.sha256 == before.sha256
    assert (added.data_set, added.protocol, added.n_clips) == ("folder clips", "corpus folder", 2)
    assert sum(each["clips"] for each in added.details["reliability"]) == 2


def test_clips_of_one_speaker_are_adapted_to_each_other(tmp_path):
    alone = [json.loads(line) for line in ser("predict", *VOICES[:3], "--json").stdout.splitlines()]
    done = ser("predict", *VOICES[:2], tmp_path / "no.wav", VOICES[2], "--same-speaker", "--json")
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1 and "error" in found.pop(2)
    assert [each["file"] for each in found] == [each["file"] for each in alone]
    assert all(set(each) == set(other) for each, other in zip(found, alone, strict=True))
    assert all(a["probabilities"] != b["probabilities"] for a, b in zip(found, alone, strict=True))


def test_a_held_out_data_set_judges_a_model_of_the_others(settings):
    done = ser("evaluate", "--settings", settings, "--held-out-corpus", "nemo", "--json")
    found = json.loads(done.stdout)
    assert done.returncode == 0, done.stderr
    assert found["n_clips"] == 530 and found["settings"]["corpora"] == ["ravdess"]
    assert set(found["per_class_recall"]) == {"neutral", "happy", "sad", "angry", "fearful", "surprised"}
    assert {int(actor) for actor in found["per_actor_uar"]} == set(range(201, 210))


def test_speakers_of_one_data_set_are_left_out_one_by_one(settings):
    words = ("--corpora", "ravdess,nemo", "--protocol", "loso", "--speakers-of", "nemo")
    done = ser("evaluate", "--settings", settings, *words, "--json")
    found = json.loads(done.stdout)
    assert done.returncode == 0, done.stderr
    assert found["n_clips"] == 530 and found["protocol"] == "loso" and len(found["per_actor_uar"]) == 9
    assert "of 9 " in done.stderr  # no fold for a speaker of the other data set


def test_both_data_sets_are_scored(settings):
    done = ser("evaluate", "--settings", settings, "--corpora", "ravdess,nemo", "--json")
    found = json.loads(done.stdout)
    assert done.returncode == 0, done.stderr
    assert found["settings"]["corpora"] == ["ravdess", "nemo"] and found["n_clips"] == 1440
    other = found["corpora"]["nemo"]
    assert other["n_clips"] == 530 and 0 < other["uar"] < 1 and other["uar"] == found["over_seeds"]["nemo_uar"]["mean"]


@pytest.mark.ravdess
def test_evaluate_robustness_json(tmp_path, ravdess):
    from ser.evaluation.robustness import CHANGES

    quick = tmp_path / "quick.json"
    quick.write_text(json.dumps({**QUICK, "feature_set": "standard", "copies": 0, "views": False}))
    done = ser("evaluate", "--robustness", "--clips", "2", "--settings", quick, "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["n_clips"] == 2 and list(found["changes"]) == list(CHANGES)
    assert found["settings"]["epochs"] == 2
    confidence = {"confidence", "confidence_if_same", "confidence_if_other", "auroc", "ece"}
    assert set(found["changes"]["telephone"]) == {"about", "same_label", "uar", "refused"} | confidence


@pytest.mark.ravdess
def test_what_changed_recordings_do_is_kept_on_the_card(tmp_path, ravdess):
    quick, models = tmp_path / "quick.json", tmp_path / "models"
    quick.write_text(json.dumps({**QUICK, "feature_set": "standard", "copies": 0, "views": False}))
    done = ser("train", "--settings", quick, "--name", "quick", "--models", models)
    assert done.returncode == 0, done.stderr
    before = ModelStore(models).card("quick")
    words = ("--clips", "2", "--to-card", "--model", "quick", "--models", models)
    done = ser("evaluate", "--robustness", *words, "--json")
    assert done.returncode == 0, done.stderr
    found, after = json.loads(done.stdout), ModelStore(models).load("quick").card
    assert found["settings"] == before.settings
    record = after.scores[0].details.pop("robustness")
    assert record["changes"] == found["changes"] and record["n_clips"] == 2
    assert after == before
    card = ModelStore(models).card("quick")
    assert f"| a hall | {100 * found['changes']['large room']['same_label']:.0f} % |" in model_card.survival_table(card)
    assert len(model_card.doubt_table(card).splitlines()) == 6


@pytest.mark.ravdess
def test_a_card_without_a_score_on_ravdess_cannot_keep_what_changed_recordings_do(tmp_path, ravdess):
    shutil.copytree(SHIPPED_MODELS, tmp_path / "models")
    path = tmp_path / "models" / "default.json"
    card = json.loads(path.read_text("utf-8"))
    card["scores"] = [score for score in card["scores"] if score["data_set"] != "RAVDESS"]
    path.write_text(json.dumps(card))
    done = ser("evaluate", "--robustness", "--to-card", "--models", tmp_path / "models")
    assert done.returncode == 1 and done.stderr.startswith("The card has no score on RAVDESS")
    assert len(done.stderr.strip().splitlines()) == 1


def test_robustness_without_audio_is_one_sentence(tmp_path):
    done = ser("evaluate", "--robustness", SER_RAVDESS="", XDG_CACHE_HOME=str(tmp_path))
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.startswith("No RAVDESS audio is at hand") and len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["predict", "x.wav", "--model", "nobody"], "There is no model 'nobody'"),
        (["predict", "x.wav", "--model", "../secret"], "cannot be a model's name"),
        (["predict", "x.wav", "--models", "/nonexistent"], "There is no model 'default'"),
        (
            ["train", "--corpora", "ravdess", "--exclude-actors", ",".join(map(str, range(1, 25)))],
            "no clip to train on",
        ),
        (["train", "--exclude-actors", "77"], "no clip to score"),
        (["train", "--corpora", "ravdess,nobody"], "corpora has 'nobody'"),
        (["evaluate", "--held-out-corpus", "nemo", "--corpora", "nemo"], "No data set is left to learn from"),
        (["evaluate", "--speakers-of", "nemo", "--corpora", "ravdess"], "does not learn from nemo"),
        (["train", "--name", "Nämé"], "cannot be a model's name"),
        (["train", "--settings", "/nonexistent.json"], "cannot be read"),
        (["train", "--settings", "."], "cannot be read"),
        (["evaluate", "--settings", "README.md"], "not JSON"),
        (["extract", "--data", "/nonexistent"], "There is no RAVDESS audio"),
        (["extract", "--data", "README.md"], "cannot be opened"),
        (["extract", "--data", "ser"], "no RAVDESS speech clip"),
        (["extract", "--corpus", "emodb", "--out", "t"], "No audio of EMO-DB is at hand. Give --data"),
        (["extract", "--corpus", "folder", "--out", "t"], "No audio of your own is at hand. Give --data"),
        (["extract", "--corpus", "nemo", "--data", "/nonexistent"], "There is no folder or zip"),
        (["extract", "--corpus", "nemo", "--data", "ser"], "no clip of nEMO"),
        (["evaluate", "--data", "/nonexistent", "--corpus", "emodb"], "There is no folder or zip"),
        (["evaluate", "--data", "README.md", "--corpus", "savee"], "neither a folder nor a zip"),
        (["evaluate", "--data", "ser", "--corpus", "tess"], "no clip of TESS"),
        (["evaluate", "--data", "ser", "--corpus", "emodb", "--model", "nobody"], "There is no model 'nobody'"),
    ],
)
def test_bad_input_is_one_sentence_and_status_1(words, says, capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    assert main(words) == 1
    said = "".join(capsys.readouterr())
    assert says in said
    assert len(said.strip().splitlines()) == 1


@pytest.mark.parametrize("command", ["train", "evaluate"])
def test_help_lists_every_setting(command, capsys):
    with pytest.raises(SystemExit) as end:
        main([command, "--help"])
    assert end.value.code == 0
    text = capsys.readouterr().out
    assert all(f"\n  {name} (" in text for name in SETTINGS)


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["predict"],
        ["fly"],
        ["train", "--exclude-actors", "one"],
        ["extract", "--jobs", "0"],
        ["extract", "--corpus", "nobody"],
        ["extract", "--corpus", "emodb", "--data", "x"],
        ["extract", "--corpus", "folder", "--data", "x"],
        ["download", "emodb"],
        ["evaluate", "--data", "x"],
        ["evaluate", "--corpus", "emodb"],
        ["evaluate", "--data", "x", "--corpus", "ravdess"],
        ["evaluate", "--data", "x", "--corpus", "emodb", "--robustness"],
        ["evaluate", "--robustness", "--protocol", "random"],
        ["evaluate", "--clips", "10"],
        ["evaluate", "--model", "default"],
        ["evaluate", "--to-card"],
        ["evaluate", "--robustness", "--to-card", "--settings", "x.json"],
        ["evaluate", "--robustness", "--model", "default"],
        ["evaluate", "--speakers-of", "nemo", "--seeds", "2"],
        ["evaluate", "--speakers-of", "emodb"],
        ["evaluate", "--data", "x", "--corpus", "emodb", "--to-card", "--emotions", "sad,happy"],
        ["evaluate", "--emotions", "sad,happy"],
        ["evaluate", "--held-out-corpus", "emodb"],
        ["evaluate", "--held-out-corpus", "nemo", "--protocol", "loso"],
        ["evaluate", "--data", "x", "--corpus", "emodb", "--corpora", "nemo"],
        ["predict", "x.wav", "--enrol", "y.wav", "--same-speaker"],
    ],
)
def test_words_that_do_not_parse_are_status_2(words, monkeypatch):
    monkeypatch.chdir(ROOT)
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2


@pytest.mark.parametrize(("words", "status"), [(["predict", "x.wav", "--model", "nobody"], 1), (["fly"], 2)])
def test_a_process_ends_with_that_status_and_no_traceback(words, status):
    done = ser(*words)
    assert done.returncode == status and done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.ravdess
def test_extract_writes_a_table(tmp_path, ravdess):
    for clip in ravdess.clips[:8]:
        (tmp_path / f"{clip.name}.wav").write_bytes(ravdess.read(clip))
    (tmp_path / "03-01-01-01-01-01-05.wav").write_bytes(b"RIFF")
    done = ser("extract", "--data", tmp_path, "--out", tmp_path / "t.parquet", "--jobs", "1")
    assert done.returncode == 1  # a clip failed, and actors are missing: said, and the rest done
    assert "03-01-01-01-01-01-05" in done.stderr
    assert len(load_table(tmp_path / "t.parquet")) == 8 - (
        "03-01-01-01-01-01-05" in [c.name for c in ravdess.clips[:8]]
    )


@pytest.mark.ravdess
def test_extract_takes_so_many_clips_of_each_speaker_and_emotion(ravdess):
    chosen = argparse.Namespace(corpus="ravdess", data=ravdess.path, per_emotion=2)
    with extract.opened(chosen) as source:
        groups = collections.Counter((clip.actor, clip.emotion) for clip in source.clips)
    assert len(groups) == 24 * 8 and set(groups.values()) == {2}


def test_extract_writes_a_table_of_another_data_set(tmp_path, nemo):
    few = tmp_path / "few.zip"
    with zipfile.ZipFile(nemo) as whole, zipfile.ZipFile(few, "w") as part:
        for name in ("data.tsv", *(name for name in whole.namelist() if "WR0_" in name or "KD0_fear" in name)):
            part.writestr(name, whole.read(name))
    out = tmp_path / "nemo.parquet"
    done = ser("extract", "--corpus", "nemo", "--data", few, "--out", out, "--jobs", "1")
    assert done.returncode == 0, done.stderr
    assert "7 of the 4,481 clips of nEMO are here" in done.stderr and "7 clips, 1694 standard" in done.stdout
    table = load_table(out)
    assert set(table.corpora) == {"nemo"} and set(table.actors) == {203, 209}
    rows = np.arange(7)
    assert table.augmented_copies("standard", rows, 4).shape == (4, 7, 1694)


def test_a_scheduler_that_is_not_there_is_named(settings):
    done = ser("evaluate", "--settings", settings, "--scheduler", "tcp://127.0.0.1:9")
    assert done.returncode == 1 and "no Dask scheduler at tcp://127.0.0.1:9" in done.stderr
    assert "Traceback" not in done.stderr


ODD_NAMES = {
    "<img src=x onerror=alert(1)>.wav": "<img src=x onerror=alert(1)>.wav",
    "a\x1b[31mred\x07\nb.wav": "a\ufffd[31mred\ufffd\ufffdb.wav",
    "\u202egnp.wav": "\ufffdgnp.wav",
    "x" * 250 + ".wav": "x" * 60 + "…" + "x" * 56 + ".wav",
}


def test_odd_names_are_shown_on_one_line_and_returned_as_they_are(tmp_path):
    for name in ODD_NAMES:
        (tmp_path / name).write_bytes(sounds.file(sounds.voice(1.0), 16_000))
    done = subprocess.run(
        [sys.executable, "-m", "ser", "predict", *ODD_NAMES, "y" * 4096 + ".wav", "n/" * 2000 + ".wav"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    lines = done.stdout.splitlines()
    assert [line.partition(": ")[0] for line in lines] == list(ODD_NAMES.values())
    refused = done.stderr.splitlines()
    assert len(refused) == 2 and max(map(len, refused)) < 400
    assert "cannot be opened (File name too long). Check the path." in refused[0]
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e]", done.stdout + done.stderr)
    whole = ser("predict", *(tmp_path / name for name in ODD_NAMES), "--json").stdout.splitlines()
    assert [json.loads(line)["file"] for line in whole] == [str(tmp_path / name) for name in ODD_NAMES]
