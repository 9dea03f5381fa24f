"""Each limit of the demo: its variable has an effect, and a value that cannot be used is named in the log."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ser import config, limits

ROOT = Path(__file__).parents[1]

LIMITED = {
    "SER_UPLOAD_MB": "1",
    "SER_CLIP_SECONDS": "2",
    "SER_BATCH": "2",
    "SER_TRAININGS": "1",
    "SER_VISITOR_TRAININGS": "2",
    "SER_PARAMETERS": "60000",
    "SER_TRAINING_SECONDS": "30",
    "SER_RUNS": "2",
    "SER_VISITOR_MB": "3",
}

# Functions only: no page is needed to see these effects.
EFFECTS = """
import io, json, zipfile
import numpy as np
import soundfile
from ser.audio.decoding.decoder import decode
from ser.data.archives.clip_files import unpack
from ser.data.archives.opening import open_upload
from ser.data.table_file import load_table
from ser.errors import SerError
from ser.experiments.cost import check_demo_limits
from ser.jobs import Job
from ser.limits import VISITOR
from ser.training.presets import PRESETS
from dataclasses import replace

def wav(seconds):
    file = io.BytesIO()
    soundfile.write(file, 0.1 * np.sin(np.arange(int(seconds * 16000)) / 9), 16000, format="WAV")
    return file.getvalue()

def zipped(n):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for i in range(n):
            archive.writestr(f"{i}.wav", wav(0.6))
    return file.getvalue()

def sentence(work):
    try:
        work()
    except SerError as error:
        return str(error)

def endless():
    while not (yield 0):
        pass

table = load_table()
one, other = Job(endless()).start(), Job(endless()).start()
one.join(1)
found = {
    "upload": sentence(lambda: open_upload([("a.wav", bytes((1 << 20) + 1))])),
    "short": sentence(lambda: decode(wav(2.0))),
    "long": sentence(lambda: decode(wav(3.0), name="a.wav")),
    "two": sentence(lambda: unpack([("a.zip", zipped(2))], most=VISITOR.answered_clips)),
    "three": sentence(lambda: unpack([("a.zip", zipped(3))], most=VISITOR.answered_clips)),
    "small": sentence(lambda: check_demo_limits(PRESETS["small"], table)),
    "wide": sentence(lambda: check_demo_limits(PRESETS["fast"])),
    "slow": sentence(lambda: check_demo_limits(replace(PRESETS["small"], epochs=2000, protocol="loso"), table)),
    "states": sorted(job.snapshot().state for job in (one, other)),
}
one.stop(), other.stop()
print(json.dumps(found))
"""

# The Train page, as a visitor uses it.
PAGE = """
import json
from tests.helpers.pages import app_test, press, remembered, run, says
from pages.train.state import TrainState

def begin(at):
    at = press(at, "train_start")
    return remembered(at, TrainState).workspace

settings = {"epochs": 2000, "hidden_layers": [8], "members": 1, "protocol": "heldout"}
at = run(app_test("train", timeout=120, preset="small", set=json.dumps(settings)))
found = {"refused_at_first": [error.value for error in at.error]}
lab = begin(at)
found["one"] = at.button(key="train_start").proto.disabled
begin(at)
found["two"] = at.button(key="train_start").proto.disabled
found["positions"] = [entry.run.snapshot().position for entry in lab.entries.values()]
for entry in lab.entries.values():
    entry.run.stop()
    entry.run.join(60)
run(at)
found["makes_room"] = says(at, "The next run will replace Run 1. There is room for 2 runs, or for ")
for number in lab.entries:
    lab.pin(number, True)
run(at)
found["pinned"] = at.button(key="train_start").proto.disabled and says(at, "All your runs are pinned, and no more fit")
print(json.dumps(found))
"""


# A run that takes longer than it may, and uploads on each page that are more than the visitor may hold.
LATE = """
import json
from dataclasses import replace
from tests.helpers.pages import app_test, remembered, run, says
from tests.helpers.sounds import file, voice
from pages.explore.state import ExploreState
from pages.recognise.state import RecogniseState
from pages.train.state import TrainState
from pages.train.workspace import Workspace
from ser.experiments.run import TrainingRun
from ser.data.table_file import load_table
from ser.training.presets import PRESETS

lab = Workspace("token")
slow = replace(PRESETS["small"], epochs=2000, patience=0, batch_size=16)
entry = lab.begin(TrainingRun(slow, load_table()))
entry.run.join(60)
at = app_test("train")
at.session_state["TrainState"] = TrainState(workspace=lab)
run(at)
sentence = "Stopped after 1 s, because no training may take longer here."
found = {"state": entry.run.snapshot().state, "says": says(at, sentence)}

large, small = bytes(4 << 20), file(voice(1.0), 16_000)
found["refused"] = []
at = run(app_test("recognise"))
at.button_group(key="recognise_way").set_value("upload").run()
at.file_uploader(key="recognise_upload_0").set_value(("a.wav", small, "audio/wav")).run()
at.file_uploader(key="recognise_upload_0").set_value(("b.wav", large, "audio/wav")).run()
found["refused"].append("a visitor has 3 MB here" in " ".join(remembered(at, RecogniseState).refused))
found["clips"] = len(remembered(at, RecogniseState).clips)
at = run(app_test("explore"))
at.selectbox(key="explore_source").set_value("My own").run()
at.file_uploader(key="explore_own_files").set_value([("b.wav", large, "audio/wav")]).run()
found["refused"].append("a visitor has 3 MB here" in " ".join(remembered(at, ExploreState).refused))
at = run(app_test("train"))
at.button_group(key="train_view").set_value("My clips").run()
at.file_uploader(key="train_own_files_0").set_value([("b.wav", large, "audio/wav")]).run()
found["refused"].append("a visitor has 3 MB here" in " ".join(remembered(at, TrainState).refused))
print(json.dumps(found))
"""


def ran(code: str, **environment: str) -> subprocess.CompletedProcess:
    """Run Python code in the project's folder, with these variables."""
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=300, check=True,
        env=os.environ | environment,
    )  # fmt: skip


@pytest.fixture(scope="module")
def effects() -> dict:
    """What functions do with small limits."""
    return json.loads(ran(EFFECTS, **LIMITED).stdout)


@pytest.mark.parametrize(
    ("work", "says"),
    [
        ("upload", "more than 1 MB. Give a part of them"),
        ("short", None),
        ("long", "at most 2 s can be used. Cut out the part you need."),
        ("two", None),
        ("three", "at most 2 can be used at once"),
        ("small", None),
        ("wide", "at most 60,000 can be trained here. Choose fewer"),
        ("slow", "a training may take 30 s here. Choose fewer"),
    ],
)
def test_a_variable_sets_a_limit(effects, work, says):
    assert effects[work] == says if says is None else says in effects[work]


def test_more_trainings_than_the_server_allows_wait(effects):
    assert effects["states"] == ["waiting", "working"]


@pytest.mark.slow
def test_trainings_and_runs_of_a_visitor_are_bounded():
    found = json.loads(ran(PAGE, **{**LIMITED, "SER_TRAINING_SECONDS": "3000", "SER_VISITOR_MB": "400"}).stdout)
    assert found["refused_at_first"] == []
    assert not found["one"] and found["two"] and found["positions"] == [None, 1]
    assert found["makes_room"] and found["pinned"]


@pytest.mark.slow
def test_a_training_ends_in_time_and_an_upload_needs_room():
    found = json.loads(ran(LATE, SER_TRAINING_SECONDS="1", SER_VISITOR_MB="3").stdout)
    assert found == {"state": "stopped", "says": True, "refused": [True, True, True], "clips": 1}


@pytest.mark.parametrize("given", ["many", "0", "-3", "1.5"])
def test_a_value_that_cannot_be_used_is_named(monkeypatch, caplog, given):
    monkeypatch.setenv("SER_RUNS", given)
    assert config.limit("SER_RUNS", 20) == 20
    needed = "a whole number of at least 1 is needed. Set it to one or remove it. Now 20 is used."
    assert caplog.messages == [f"SER_RUNS is “{given}”, but {needed}"]


@pytest.mark.parametrize(("given", "used"), [("7", 7), (" 7 ", 7), ("", 20)])
def test_a_value_that_can_be_used_is_used(monkeypatch, caplog, given, used):
    monkeypatch.setenv("SER_RUNS", given)
    assert config.limit("SER_RUNS", 20) == used and not caplog.messages


def test_the_documentation_names_every_variable_and_its_default():
    page = (ROOT / "docs" / "settings.md").read_text("utf-8")
    source = (ROOT / "ser" / "limits.py").read_text("utf-8")
    assert {name for name in LIMITED if f'limit("{name}"' in source} == set(LIMITED)
    defaults = {
        "SER_UPLOAD_MB": limits.VISITOR.upload_bytes >> 20,
        "SER_CLIP_SECONDS": limits.CLIP_SECONDS,
        "SER_BATCH": limits.VISITOR.answered_clips,
        "SER_VISITOR_TRAININGS": limits.DEMO.visitor_trainings,
        "SER_PARAMETERS": limits.DEMO.parameters,
        "SER_TRAINING_SECONDS": limits.DEMO.training_seconds,
        "SER_RUNS": limits.DEMO.runs,
        "SER_VISITOR_MB": limits.DEMO.memory_bytes >> 20,
    }
    for name, default in defaults.items():
        assert f"| `{name}` | {default:,} |" in page
    assert "| `SER_TRAININGS` |" in page
