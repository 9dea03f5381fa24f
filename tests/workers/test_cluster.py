"""Work on a real Dask scheduler with two real workers gives the same as work on this machine, also when one dies."""

import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from ser.data.archives.locations import ClipLocation
from ser.data.extraction import row_of
from ser.data.ravdess import open_source
from ser.data.table_file import load_table
from ser.errors import SerError
from ser.evaluation.crossvalidation import cross_validate
from ser.experiments.search import draw_candidates, run_search
from ser.steps import finish
from ser.training.settings import TrainingSettings
from ser.workers import cluster as clusters
from ser.workers.cluster import connected
from ser.workers.parallel import side_by_side
from tests.helpers import shipped
from tests.helpers.dask_cluster import dask_cluster, kill

ROOT = Path(__file__).parents[2]
QUICK = TrainingSettings.from_json(
    {"feature_set": "notebook", "corpora": ["ravdess"], "epochs": 2, "members": 1, "hidden_layers": [16]}
)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    with dask_cluster(tmp_path_factory.mktemp("dask")) as running:
        yield running


@pytest.fixture(scope="module")
def audio(ravdess, tmp_path_factory):
    """A folder of 16 clips that workers can read."""
    folder = tmp_path_factory.mktemp("shared")
    for clip in ravdess.clips[::90]:
        (folder / f"{clip.name}.wav").write_bytes(ravdess.read(clip))
    return folder


def ser(*words: object) -> subprocess.Popen:
    command = [sys.executable, "-m", "ser", *map(str, words)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def extracted(audio: Path, out: Path, *words: object) -> None:
    process = ser("extract", "--data", audio, "--out", out, *words)
    said = process.communicate()[1]
    assert process.returncode == 0, said


def test_results_come_in_order_and_errors_pass_through(cluster):
    with connected(cluster.address):
        assert list(side_by_side(divmod, ((each, 7) for each in range(50)), together=4)) == [
            divmod(each, 7) for each in range(50)
        ]
        with pytest.raises(ZeroDivisionError):
            list(side_by_side(divmod, [(1, 0)]))
        assert list(side_by_side(np.add, [(1,), (2,)], shared=(np.arange(3),)))[1].tolist() == [2, 3, 4]


def test_a_worker_with_other_versions_is_named(cluster, monkeypatch):
    mine = (*clusters.versions()[:-1], ("pandas", "0.1"))
    monkeypatch.setattr(clusters, "versions", lambda: mine)
    with (
        connected(cluster.address),
        pytest.raises(SerError, match=r"A worker has pandas .* where this command has 0\.1"),
    ):
        list(side_by_side(divmod, [(1, 2)]))


def test_a_scheduler_without_workers_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(clusters, "SECONDS_WITHOUT_WORKERS", 0)
    with dask_cluster(tmp_path / "empty", workers=0) as empty, connected(empty.address):  # noqa: SIM117
        with pytest.raises(SerError, match=r"has no workers\. Start some with `dask worker tcp://"):
            list(side_by_side(divmod, [(1, 2)]))


@pytest.mark.ravdess
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_table_is_the_same_to_the_last_bit_with_a_worker_killed_midway(audio, tmp_path):
    here, there = tmp_path / "here.parquet", tmp_path / "there.parquet"
    extracted(audio, here, "--jobs", 2)
    with dask_cluster(tmp_path / "dask") as running:
        process = ser("extract", "--data", audio, "--out", there, "--scheduler", running.address)
        said = []
        for line in process.stderr:
            said.append(line)
            if "of 16 clips" in line:
                kill(running.workers[0])
                break
        rest = process.communicate()[1]
        assert process.returncode == 0, "".join(said) + rest
    local, far = load_table(here), load_table(there)
    assert len(far) == 16 and far.clips.equals(local.clips)
    assert here.read_bytes() == there.read_bytes()


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_cross_validation_and_search_give_the_same_to_the_last_bit(cluster):
    table = shipped.table()
    local = finish(cross_validate(QUICK, table, jobs=2))
    drawn = draw_candidates(QUICK, {"alpha": (0.1, 1.0, 10.0)}, 3)
    found = finish(run_search(drawn, table))
    with connected(cluster.address) as there:
        assert there.threads == 2
        far = finish(cross_validate(QUICK, table, jobs=2))
        found_there = finish(run_search(drawn, table))
    assert (far.rows == local.rows).all() and (far.probabilities == local.probabilities).all()
    assert [each.uar for each in found_there.candidates] == [each.uar for each in found.candidates]
    assert found_there.best == found.best
    assert (found_there.judged.probabilities == found.judged.probabilities).all()


def test_a_zip_that_workers_cannot_open_is_named(cluster):
    """The client may see a folder that workers do not."""
    location = ClipLocation("/only/here/clips.zip", "", "one.wav")
    with (
        connected(cluster.address),
        pytest.raises(SerError, match=r"A worker cannot open the data: There is no folder"),
    ):
        list(side_by_side(row_of, [("one", location, None)]))


@pytest.mark.ravdess
def test_clips_at_an_address_are_read_by_the_workers(cluster, audio, tmp_path):
    """With fsspec's own reader of files, in a folder and in a zip."""
    archive = tmp_path / "clips.zip"
    names = sorted(path.name for path in audio.iterdir())[:2]
    with zipfile.ZipFile(archive, "w") as out:
        for name in names:
            out.write(audio / name, f"in/{name}")
    for address, count in ((f"file://{archive}", 2), (f"file://{audio}", 16)):
        with open_source(address) as source, connected(cluster.address):
            assert len(source.clips) == count
            assert source.read(source.clips[0]) == (audio / names[0]).read_bytes()
            location = source.location(source.clips[0])
            assert location.archive == address
            assert list(side_by_side(_size, [(location,)])) == [len((audio / names[0]).read_bytes())]


def _size(location: ClipLocation) -> int:
    return len(location.read())
