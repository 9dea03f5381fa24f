"""Commands that are killed with SIGKILL on their way: nothing is harmed and the next run works."""

import hashlib
import http.server
import json
import os
import re
import resource
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from benchmarks.kills import model_of
from ser.data.table_file import load_table
from ser.model.card import TrainedOn, card_of
from ser.model.store import ModelStore
from tests.helpers.local_http import serving
from tests.helpers.processes import all_end, below, processor_seconds
from tests.helpers.server import ROOT
from tests.helpers.voices import ALL as VOICES

pytestmark = pytest.mark.slow

QUICK = {"feature_set": "notebook", "corpora": ["ravdess"], "epochs": 2, "members": 1, "hidden_layers": [16]}
ENDLESS = QUICK | {"epochs": 2000, "hidden_layers": [256]}
# The command line, which stops for ever at one of the steps that put files in place or remove old ones.
STOPS_WHILE_SAVING = """
import sys, time
from pathlib import Path
from ser.cli.main import main
step, last = 0, int(sys.argv.pop(1))
def stopping(change):
    def change_or_stop(path, *words, **more):
        global step
        if path.parent.name == "models" and path.exists():
            step += 1
            if step == last:
                print("stopped before step", step, "at", path.name, file=sys.stderr, flush=True)
                time.sleep(1000)
        return change(path, *words, **more)
    return change_or_stop
Path.replace, Path.unlink = stopping(Path.replace), stopping(Path.unlink)
sys.exit(main())
"""


def killed(command: list, said: Path, ready) -> set[int]:
    """Start a command that writes to `said`, kill it once `ready` says so, and return the processes it had started."""
    with said.open("w") as errors:
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=errors)
    deadline = time.monotonic() + 120
    try:
        while not ready(process.pid):
            assert process.poll() is None and time.monotonic() < deadline, said.read_text()
            time.sleep(0.02)
        return below(process.pid)
    finally:
        process.kill()
        process.wait()


def ser(*words) -> list:
    return [sys.executable, "-m", "ser", *map(str, words)]


def done(command: list) -> None:
    finished = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=200, check=False)
    assert finished.returncode == 0, finished.stderr


def has_said(said: Path, words: str):
    """Whether the file that a command writes its progress to has these words."""
    return lambda _: words in said.read_text()


@pytest.fixture(scope="module")
def two_processes_work():
    """Whether two processes that a command has started work for longer than their imports take here."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    imports = "import ser.evaluation.crossvalidation, ser.experiments.search, ser.training.fitting"
    subprocess.run([sys.executable, "-c", imports], cwd=ROOT, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    enough = 1.5 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) + 2
    return lambda pid: sum(processor_seconds(child) > enough for child in below(pid)) >= 2


@pytest.fixture
def clips(tmp_path) -> Path:
    """Clips of two emotions and two speakers, many enough to take a while."""
    for label, clip in zip(("happy", "sad"), VOICES, strict=False):
        for speaker in ("anna", "ben"):
            folder = tmp_path / "clips" / label / speaker
            folder.mkdir(parents=True)
            for number in range(8):
                # Other bytes each, because equal clips are left out.
                (folder / f"{number}{clip.suffix}").write_bytes(clip.read_bytes() + bytes(number + 1))
    return tmp_path / "clips"


def test_a_killed_extraction_leaves_the_old_table(tmp_path, clips):
    out = tmp_path / "table.parquet"
    one = tmp_path / "one" / "happy" / "anna"
    one.mkdir(parents=True)
    (one / f"1{VOICES[0].suffix}").write_bytes(VOICES[0].read_bytes())
    done(ser("extract", "--corpus", "folder", "--data", tmp_path / "one", "--out", out))
    before = out.read_bytes()
    command = ser("extract", "--corpus", "folder", "--data", clips, "--out", out, "--jobs", "2")
    said = tmp_path / "said"
    children = killed(command, said, has_said(said, "of "))
    assert len(children) >= 2 and all_end(children)
    assert out.read_bytes() == before and len(load_table(out)) == 1
    done(command)
    assert len(load_table(out)) > 1


def test_an_interrupted_extraction_says_one_word(tmp_path, clips):
    said = tmp_path / "said"
    command = ser("extract", "--corpus", "folder", "--data", clips, "--out", tmp_path / "t.parquet", "--jobs", "2")
    # A test run in the background of a shell ignores interrupts, and what it starts would do so too.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with said.open("w") as errors:
            process = subprocess.Popen(command, cwd=ROOT, stderr=errors, start_new_session=True)
    finally:
        signal.signal(signal.SIGINT, before)
    try:
        deadline = time.monotonic() + 120
        while "of 32 clips" not in said.read_text():
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.02)
        children = below(process.pid)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does
        assert process.wait(60) == 1
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    *progress, last = said.read_text().splitlines()
    assert last == "Stopped." and [line for line in progress if " of 32 clips" not in line] == []
    assert len(children) >= 2 and all_end(children) and not (tmp_path / "t.parquet").exists()


@pytest.mark.parametrize("command", ["evaluate", "search"])
def test_a_command_that_is_killed_while_it_trains_leaves_no_process(tmp_path, two_processes_work, command):
    settings = tmp_path / "settings.json"
    settings.write_text(json.dumps(ENDLESS))
    assert all_end(killed(ser(command, "--settings", settings), tmp_path / "said", two_processes_work))


def test_a_training_that_is_killed_leaves_no_process_and_the_model_of_before(tmp_path, two_processes_work):
    settings, models = tmp_path / "settings.json", tmp_path / "models"
    settings.write_text(json.dumps(ENDLESS))
    command = ser("train", "--settings", settings, "--name", "mine", "--models", models)
    store = kept_before(models)
    before = contents(models)
    assert all_end(killed(command, tmp_path / "said", two_processes_work))
    assert contents(models) == before
    store.load("mine")
    settings.write_text(json.dumps(QUICK))
    done(command)
    assert len(store.load("mine").model.labels) == 8


def test_a_training_that_is_killed_while_it_saves_leaves_a_whole_model(tmp_path):
    settings, models = tmp_path / "settings.json", tmp_path / "models"
    settings.write_text(json.dumps(QUICK))
    words = ["train", "--settings", str(settings), "--name", "mine", "--models", str(models)]
    store = kept_before(models)
    said = tmp_path / "said"
    # Before the model, the out-of-fold answers and the card are in place, and before the old model is removed.
    for step, labels in ((1, 3), (2, 3), (3, 3), (4, 8)):
        command = [sys.executable, "-c", STOPS_WHILE_SAVING, str(step), *words]
        killed(command, said, has_said(said, f"stopped before step {step}"))
        assert len(store.load("mine").model.labels) == labels and store.names() == ("mine",)
    done(ser(*words))
    assert len(store.load("mine").model.labels) == 8 and store.out_of_fold("mine")
    # What the killed ones left is gone, but for hidden parts, which go when they are an hour old.
    assert len([path for path in models.iterdir() if not path.name.startswith(".")]) == 3
    for path in models.glob(".*"):
        os.utime(path, (0, 0))
    store.save("other", model_of(0), card_of(model_of(0), TrainedOn((1,), 60)))
    assert not list(models.glob(".*"))


def kept_before(models: Path) -> ModelStore:
    """A store with a model of three emotions."""
    store = ModelStore(models)
    store.save("mine", model_of(0), card_of(model_of(0), TrainedOn((1,), 60)))
    return store


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_killed_download_goes_on_where_it_was(tmp_path):
    content = np.random.default_rng(0).bytes(4_000_000)
    asked = []

    class Slow(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.headers.get("Range"))
            start = int(re.fullmatch(r"bytes=(\d+)-", asked[-1])[1]) if asked[-1] else 0
            self.send_response(206 if start else 200)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
            self.send_header("Content-Length", str(len(content) - start))
            self.end_headers()
            for place in range(start, len(content), 200_000):
                self.wfile.write(content[place : place + 200_000])
                time.sleep(0.0 if start else 0.2)  # slow at the first time alone

        def log_message(self, *_):
            pass

        def handle(self):
            with suppress(ConnectionError):  # whoever asked was killed
                super().handle()

    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from ser.data.downloads.archive import download\n"
        "from ser.steps import finish\n"
        "folder, url, md5, size = sys.argv[1:]\n"
        "print(finish(download(Path(folder), url=url, md5=md5, size=int(size), waits=(0, 0))))\n"
    )
    with serving(Slow) as address:
        digest = hashlib.md5(content).hexdigest()
        command = [sys.executable, "-c", program, str(tmp_path), address, digest, str(len(content))]

        def half_there(_) -> bool:
            return any(part.stat().st_size > 500_000 for part in tmp_path.glob("*.part"))

        killed(command, tmp_path.parent / f"{tmp_path.name}.said", half_there)
        kept = next(tmp_path.glob("*.part")).stat().st_size
        assert 0 < kept < len(content)
        done(command)
    assert asked[0] is None and asked[1] == f"bytes={kept}-"
    (archive,) = tmp_path.iterdir()
    assert archive.read_bytes() == content
