"""Faults while models are kept: killed writers, a full disk, a read-only folder, two servers, damaged files."""

import json
import os
import pickle
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

from benchmarks import kills
from ser.data.table_file import load_table, save_table
from ser.errors import DatasetError, ModelStoreError
from ser.model.card import TrainedOn, card_of
from ser.model.store import ModelStore
from tests.helpers.server import ROOT

CARD = TrainedOn((1,), 60)
# Keeps a model in a folder and prints what went wrong, if anything. A limit on the size of files stands for a full
# disk: the system refuses to write further in the same way.
KEEP = """
import os, resource, sys, tempfile
from benchmarks.kills import model_of
from ser.errors import SerError
from ser.model.card import TrainedOn, card_of
from ser.model.store import ModelStore
folder, name, size = sys.argv[1:]
model = model_of(1)
card = card_of(model, TrainedOn((1,), 60))
with tempfile.TemporaryDirectory() as other:  # imports all that is needed, some of which another user cannot read
    ModelStore(other).save(name, model, card)
if size != "0":
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(size), int(size)))
if os.geteuid() == 0:  # who may write anywhere becomes a user who owns nothing
    os.setegid(65534)
    os.seteuid(65534)
try:
    ModelStore(folder).save(name, model, card)
except SerError as error:
    print(type(error).__name__, error)
"""


def keep(folder, name="mine", size=0) -> str:
    """Keep a model in a process of its own, and return what it says."""
    command = [sys.executable, "-c", KEEP, str(folder), name, str(size)]
    # Without the measurement of coverage, which writes at the end and would meet the same faults.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert not done.stderr and done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def store():
    with tempfile.TemporaryDirectory() as folder:  # pytest's own folders are for their owner alone
        Path(folder).chmod(0o755)
        models = Path(folder, "models")
        models.mkdir()
        models.chmod(0o777)
        kept = ModelStore(models)
        kept.save("mine", kills.model_of(0), card_of(kills.model_of(0), CARD))
        yield kept


def names(store) -> set[str]:
    return {path.name for path in store.folder.iterdir()}


@pytest.mark.slow
def test_killed_writers_damage_neither_models_nor_tables(tmp_path):
    """`python -m benchmarks.kills --kills 100` does the same more often."""
    found = kills.run(6, 0, tmp_path)
    assert found["kills"] == 6 and found["damaged"] == 0


@pytest.mark.parametrize("size", [1, 20_000])
def test_a_full_disk_leaves_the_models_that_are_there(store, size):
    before = names(store)
    for name in ("mine", "other"):
        said = keep(store.folder, name, size)
        assert said.startswith("ModelStoreError") and "the disk is full" in said and "unharmed" in said
        assert str(store.folder) not in said
    assert names(store) == before  # the half of a model that had room is gone
    store.load("mine")
    assert keep(store.folder, "other") == "" and store.names() == ("mine", "other")


def test_a_read_only_folder_is_one_sentence_and_its_models_can_be_used(store):
    before = names(store)
    store.folder.chmod(0o555)
    try:
        said = keep(store.folder, "other")
        assert store.load("mine")
    finally:
        store.folder.chmod(0o777)
    assert said.startswith("ModelStoreError") and "the folder is read-only" in said
    assert str(store.folder) not in said and names(store) == before


@pytest.mark.parametrize("error", [PermissionError(13, "Permission denied"), OSError(30, "Read-only file system")])
def test_a_folder_that_cannot_be_written_to_is_said_without_its_path(store, monkeypatch, error):
    def refused(*_):
        raise error

    monkeypatch.setattr("ser.files.os.open", refused)
    with pytest.raises(ModelStoreError, match="the folder is read-only") as raised:
        store.save("other", kills.model_of(1), card_of(kills.model_of(1), CARD))
    assert str(store.folder) not in str(raised.value)
    store.load("mine")


@pytest.mark.slow
def test_two_servers_that_keep_the_same_name_leave_one_whole_model(store):
    program = (
        "import sys\n"
        "from benchmarks.kills import model_of\n"
        "from ser.model.card import TrainedOn, card_of\n"
        "from ser.model.store import ModelStore\n"
        "store, model = ModelStore(sys.argv[1]), model_of(int(sys.argv[2]))\n"
        "for _ in range(20):\n"
        "    store.save('mine', model, card_of(model, TrainedOn((1,), 60)))\n"
        "    store.load('mine')\n"
    )
    servers = [
        subprocess.Popen([sys.executable, "-c", program, str(store.folder), str(seed)], cwd=ROOT) for seed in (1, 2)
    ]
    while any(server.poll() is None for server in servers):
        store.load("mine")  # a third one reads all the while
    assert [server.returncode for server in servers] == [0, 0]
    assert len(names(store)) == 2  # a card and its model


def test_of_two_visitors_who_keep_the_same_name_the_first_one_has_it(store):
    with pytest.raises(ModelStoreError, match="already"):
        store.save("mine", kills.model_of(1), card_of(kills.model_of(1), CARD), overwrite=False)
    probe = kills.rng_probe(kills.model_of(0))
    expected = kills.model_of(0).half_precision().probabilities(probe)
    assert np.array_equal(store.load("mine").model.probabilities(probe), expected)


@pytest.mark.parametrize("damage", ["cut", "bit", "gone", "card cut", "card of a list", "card without a file"])
def test_a_damaged_model_is_one_sentence_and_the_others_can_be_used(store, damage):
    store.save("other", kills.model_of(1), card_of(kills.model_of(1), CARD))
    path = store.folder / (store.card("mine").file if "card" not in damage else "mine.json")
    data = path.read_bytes()
    if damage == "bit":
        path.write_bytes(data[:500] + bytes([data[500] ^ 1]) + data[501:])
    elif damage == "gone":
        path.unlink()
    elif damage == "card of a list":
        path.write_text("[]")
    elif damage == "card without a file":
        path.write_text(json.dumps({"labels": []}))
    else:
        path.write_bytes(data[: len(data) // 2])
    with pytest.raises(ModelStoreError) as raised:
        store.load("mine")
    assert "Train the model again" in str(raised.value) and str(store.folder) not in str(raised.value)
    assert store.load("other")
    store.save("mine", kills.model_of(0), card_of(kills.model_of(0), CARD))
    assert store.load("mine")


class TestTables:
    @pytest.fixture
    def table(self):
        return kills.table_of(0)

    def test_a_kill_between_a_table_and_its_versions_tears_nothing_apart(self, table, tmp_path, monkeypatch):
        path = tmp_path / "t.parquet"
        save_table(table, path)
        other = kills.table_of(1)
        # The last step of writing, at which the versions get their name, does not happen.
        monkeypatch.setattr("pathlib.Path.replace", replaced_but(lambda source: source.name.startswith("t_readings-")))
        with pytest.raises(KeyboardInterrupt):
            save_table(other, path)
        monkeypatch.undo()
        got = load_table(path)
        assert np.array_equal(got.clip_views.codes, other.clip_views.codes)
        save_table(other, path)
        assert sorted(each.name for each in tmp_path.iterdir()) == ["t.parquet", "t_readings.parquet"]

    def test_versions_of_another_table_are_refused(self, table, tmp_path):
        save_table(table, tmp_path / "a.parquet")
        save_table(kills.table_of(1), tmp_path / "b.parquet")
        (tmp_path / "b_readings.parquet").replace(tmp_path / "a_readings.parquet")
        with pytest.raises(DatasetError, match="does not belong"):
            load_table(tmp_path / "a.parquet")

    def test_versions_are_read_when_they_are_asked_for_and_are_still_those_of_the_table(self, table, tmp_path):
        path, views = tmp_path / "t.parquet", tmp_path / "t_readings.parquet"
        save_table(table, path)
        first, second, third = (load_table(path).select(np.array([3, 1])) for _ in range(3))
        expected = table.clip_views.codes[:, [3, 1]]
        assert np.array_equal(pickle.loads(pickle.dumps(first)).clip_views.codes, expected)
        assert np.array_equal(first.clip_views.codes, expected)
        save_table(kills.table_of(1), path)
        with pytest.raises(DatasetError, match="written anew"):
            second.clip_views.codes  # noqa: B018
        views.unlink()
        with pytest.raises(DatasetError, match="ser extract"):
            third.clip_views.codes  # noqa: B018
        assert np.array_equal(first.clip_views.codes, expected)

    @pytest.mark.parametrize("which", ["t.parquet", "t_readings.parquet"])
    @pytest.mark.parametrize("share", [0.0, 0.5, 0.99])
    def test_a_damaged_table_is_one_sentence(self, table, tmp_path, which, share):
        save_table(table, tmp_path / "t.parquet")
        data = (tmp_path / which).read_bytes()
        (tmp_path / which).write_bytes(data[: int(share * len(data))])
        with pytest.raises(DatasetError, match="ser extract"):
            load_table(tmp_path / "t.parquet")

    def test_bits_that_flipped_are_one_sentence(self, table, tmp_path):
        save_table(table, tmp_path / "t.parquet")
        data = bytearray((tmp_path / "t.parquet").read_bytes())
        rng = np.random.default_rng(0)
        refused = 0
        for _ in range(20):
            broken = bytearray(data)
            for place in rng.integers(4, len(data) - 4, 50):
                broken[place] ^= 0xFF
            (tmp_path / "t.parquet").write_bytes(broken)
            try:
                load_table(tmp_path / "t.parquet")
            except DatasetError as error:
                refused += 1
                assert "ser extract" in str(error)
        assert refused

    def test_a_full_disk_leaves_the_old_table(self, table, tmp_path):
        path = tmp_path / "t.parquet"
        save_table(table, path)
        before = path.read_bytes()
        program = (
            "import resource, sys\n"
            "from pathlib import Path\n"
            "from benchmarks.kills import table_of\n"
            "from ser.data.table_file import save_table\n"
            "from ser.errors import DatasetError\n"
            "table = table_of(1)\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))\n"
            "try:\n"
            "    save_table(table, Path(sys.argv[1]))\n"
            "except DatasetError as error:\n"
            "    print(error)\n"
        )
        command = [sys.executable, "-c", program, str(path)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=120)
        assert "cannot be written" in done.stdout and "the disk is full" in done.stdout
        assert path.read_bytes() == before and load_table(path)
        assert sorted(each.name for each in tmp_path.iterdir()) == ["t.parquet", "t_readings.parquet"]


def replaced_but(refuses):
    """`Path.replace`, which fails for some files as if the process had been killed there."""
    from pathlib import Path

    replace = Path.replace

    def replace_or_fail(self, target):
        if refuses(self):
            raise KeyboardInterrupt
        return replace(self, target)

    return replace_or_fail
