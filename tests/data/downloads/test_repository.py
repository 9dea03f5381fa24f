"""The download of a repository against a real HTTP server on this machine that stands for GitHub."""

import hashlib
import http.server
import json
import re
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import pytest

from ser.cli.main import main
from ser.data.corpus import open_corpus_source
from ser.data.data_sets import DATA_SETS, NEMO, Repository
from ser.data.downloads import repository as module
from ser.data.downloads.repository import SUMS, FolderProgress, Hosts, download_repository, repository_folder
from ser.errors import DatasetError
from ser.steps import finish
from tests.helpers.local_http import serving
from tests.helpers.server import free_port

PLAIN = Repository("some/voices", "main", "samples", ("data.tsv",), 1)
rng = np.random.default_rng(0)
SOUNDS = {f"WR0_fear_{n}.wav": b"RIFF" + rng.bytes(5000 + 1000 * n) for n in range(12)}


def blob_sha(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def pointer(content: bytes) -> bytes:
    checksum = hashlib.sha256(content).hexdigest()
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{checksum}\nsize {len(content)}\n".encode()


@dataclass
class Server:
    """What is published, what the next answers are like, and what was asked."""

    hosts: Hosts = field(default_factory=Hosts)
    name: str = PLAIN.name
    branch: str = PLAIN.branch
    folder: str = PLAIN.folder
    sounds: dict[str, bytes] = field(default_factory=lambda: dict(SOUNDS))
    beside: dict[str, bytes] = field(default_factory=lambda: {"data.tsv": b"file_id\temotion\n" * 100, "other": b"x"})
    lfs: bool = False
    damaged: set[str] = field(default_factory=set)
    truncated: bool = False
    statuses: dict[str, int] = field(default_factory=dict)  # a path's end → status, once
    limited: bool = False
    break_off: set[str] = field(default_factory=set)  # the connection is dropped half-way, once
    asked: list[tuple[str, str | None]] = field(default_factory=list)  # path, Range

    def content(self, path: str) -> bytes | None:
        """What lies at a path."""
        stored = {name: pointer(sound) if self.lfs else sound for name, sound in self.sounds.items()}
        trees = f"/api/repos/{self.name}/git/trees"
        files = {f"/raw/{self.name}/{self.branch}/{name}": each for name, each in self.beside.items()}
        files |= {f"/raw/{self.name}/{self.branch}/{self.folder}/{name}": each for name, each in stored.items()}
        if self.lfs:
            files |= {
                f"/media/{self.name}/{self.branch}/{self.folder}/{name}": sound for name, sound in self.sounds.items()
            }
        files[f"{trees}/{self.branch}"] = self.tree(self.beside, [(self.folder, "f0")])
        files[f"{trees}/f0"] = self.tree(stored, [])
        return files.get(path)

    def tree(self, files: dict[str, bytes], folders: list[tuple[str, str]]) -> bytes:
        """GitHub's list of a folder."""
        entries = [{"path": p, "type": "blob", "size": len(c), "sha": blob_sha(c)} for p, c in files.items()]
        entries += [{"path": path, "type": "tree", "sha": sha} for path, sha in folders]
        return json.dumps({"tree": entries, "truncated": self.truncated}).encode()

    def fetch(self, folder, repository=PLAIN):
        """Run a download to its end."""
        reports = []
        return finish(download_repository(repository, folder, hosts=self.hosts, waits=(0, 0)), reports.append), reports


@contextmanager
def served(port: int = 0):
    """A server while this context lasts."""
    state = Server()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked, name = self.headers.get("Range"), self.path.rpartition("/")[2]
            state.asked.append((self.path, asked))
            content = state.content(self.path)
            status = state.statuses.pop(name, None) or (404 if content is None else 200)
            if state.limited:
                self.send_response(403, "rate limit exceeded")
                self.send_header("X-RateLimit-Remaining", "0")
                self.end_headers()
                return
            if status != 200:
                self.send_error(status)
                return
            if name in state.damaged and not self.path.startswith("/api") and len(content) > 1000:
                content = content[:-1] + b"\0"
            start = int(re.fullmatch(r"bytes=(\d+)-", asked)[1]) if asked else 0
            self.send_response(206 if start else 200)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
            self.send_header("Content-Length", str(len(content) - start))
            self.end_headers()
            half = name in state.break_off and not (state.lfs and self.path.startswith("/raw"))
            state.break_off -= {name} if half else set()
            self.wfile.write(content[start : len(content) // 2] if half else content[start:])

        def log_message(self, *_):
            pass

    with serving(Handler, port) as address:
        state.hosts = Hosts(f"{address}/api", f"{address}/raw", f"{address}/media")
        yield state


@pytest.fixture
def server():
    with served() as state:
        yield state


def assert_whole(server, folder):
    assert {file.name: file.read_bytes() for file in (folder / server.folder).iterdir()} == server.sounds
    sums = dict(reversed(line.split("  ")) for line in (folder / SUMS).read_text().splitlines())
    assert sums == {path: hashlib.sha256((folder / path).read_bytes()).hexdigest() for path in sums}
    assert set(sums) == {"data.tsv", *(f"{server.folder}/{name}" for name in server.sounds)}


@pytest.mark.parametrize("lfs", [False, True])
def test_all_files_arrive_and_are_listed(server, tmp_path, lfs):
    server.lfs = lfs
    folder, steps = server.fetch(tmp_path)
    assert folder == tmp_path / "voices" == repository_folder(PLAIN, tmp_path)
    assert_whole(server, folder)
    assert not (folder / "other").exists()
    assert steps[0] == FolderProgress(0, 13, 0.0, None) and steps[-1].done == steps[-1].total == 13
    assert [step.done for step in steps] == list(range(14)) and steps[-1].seconds_left == 0
    assert any(path.startswith("/media/some/voices/main/samples/") for path, _ in server.asked) == lfs


@pytest.mark.parametrize("lfs", [False, True])
def test_a_download_that_stopped_goes_on_with_the_rest(server, tmp_path, lfs):
    server.lfs = lfs
    running = download_repository(PLAIN, tmp_path, hosts=server.hosts, waits=())
    for step in running:
        if step.done == 4:
            break
    running.close()
    listed = (tmp_path / "voices" / SUMS).read_text().splitlines()
    assert len(listed) == 4
    server.asked.clear()
    folder, steps = server.fetch(tmp_path)
    assert steps[0].done == 4 and steps[-1].done == 13
    assert_whole(server, folder)
    again = {path for path, _ in server.asked}
    assert not [line for line in listed if any(path.endswith(line.split("  ")[1]) for path in again)]


def test_what_is_complete_is_not_fetched(server, tmp_path):
    server.fetch(tmp_path)
    server.asked.clear()
    folder, steps = server.fetch(tmp_path)
    assert steps == [FolderProgress(13, 13, 0.0, 0.0)]
    assert all(path.startswith("/api/") for path, _ in server.asked)
    assert_whole(server, folder)


def test_what_was_changed_is_fetched_again(server, tmp_path):
    folder, _ = server.fetch(tmp_path)
    (folder / "samples" / "WR0_fear_3.wav").write_bytes(b"something else")
    (folder / "samples" / "WR0_fear_4.wav").unlink()
    _, steps = server.fetch(tmp_path)
    assert steps[0].done == 11
    assert (folder / "samples" / "WR0_fear_3.wav").read_bytes() == SOUNDS["WR0_fear_3.wav"]


@pytest.mark.parametrize("lfs", [False, True])
def test_within_a_file_only_the_rest_is_asked_for(server, tmp_path, lfs):
    server.lfs, server.break_off = lfs, {"WR0_fear_5.wav"}
    folder, _ = server.fetch(tmp_path)
    half = len(SOUNDS["WR0_fear_5.wav"]) // 2
    assert [asked for _, asked in server.asked if asked] == [f"bytes={half}-"]
    assert_whole(server, folder)


@pytest.mark.parametrize("lfs", [False, True])
def test_a_damaged_file_is_removed_and_named(server, tmp_path, lfs):
    server.lfs, server.damaged = lfs, {"WR0_fear_5.wav"}
    name = "SHA-256" if lfs else "SHA-1"
    with pytest.raises(DatasetError, match=rf"WR0_fear_5\.wav sent has {name} [0-9a-f]+, but .* It was removed"):
        server.fetch(tmp_path)
    assert not list((tmp_path / "voices" / "samples").glob("WR0_fear_5.wav*"))
    server.damaged = set()
    assert_whole(server, server.fetch(tmp_path)[0])


def test_a_passing_trouble_passes(server, tmp_path):
    server.statuses = {"WR0_fear_2.wav": 503, "main": 502, "f0": 429}
    assert_whole(server, server.fetch(tmp_path)[0])


def test_a_file_that_is_gone_is_named(server, tmp_path):
    server.statuses = {"WR0_fear_2.wav": 404}
    with pytest.raises(DatasetError, match=r"WR0_fear_2\.wav answers 404 .* Check the address"):
        server.fetch(tmp_path)


def test_too_many_lists_say_when_to_come_again(server, tmp_path):
    server.limited = True
    with pytest.raises(DatasetError, match="again in an hour"):
        server.fetch(tmp_path)


def test_a_list_that_is_not_whole_or_not_there(server, tmp_path):
    server.truncated = True
    with pytest.raises(DatasetError, match="only a part of the files"):
        server.fetch(tmp_path)
    server.truncated, server.folder = False, "elsewhere"
    with pytest.raises(DatasetError, match="lists no folder samples"):
        server.fetch(tmp_path)


def test_a_list_cannot_name_a_file_outside(server, tmp_path):
    server.sounds = {"../../evil.wav": b"RIFF" + bytes(2000), "good.wav": b"RIFF" + bytes(3000)}
    folder, _ = server.fetch(tmp_path)
    assert [file.name for file in (folder / "samples").iterdir()] == ["good.wav"]
    assert not (tmp_path / "evil.wav").exists()


def test_a_folder_that_cannot_be_written(server, tmp_path):
    (tmp_path / "voices").write_text("in the way")
    with pytest.raises(DatasetError, match=r"cannot be written to .* Choose another folder"):
        server.fetch(tmp_path)


def test_a_server_that_is_not_there(tmp_path):
    nobody = Hosts(*["http://127.0.0.1:9"] * 3)
    with pytest.raises(DatasetError, match=r"Nothing arrived from .* in 2 attempts: the connection was refused"):
        finish(download_repository(PLAIN, tmp_path, hosts=nobody, waits=(0,)))


def test_a_server_that_goes_away_and_comes_back(tmp_path):
    port = free_port()
    with served(port) as server:
        running = download_repository(PLAIN, tmp_path, hosts=server.hosts, waits=())
        while next(running).done < 4:
            pass
        running.close()
        server.break_off = set(SOUNDS)
        with pytest.raises(
            DatasetError, match=r"Only .* bytes arrived from .*\.wav in 1 attempt: the connection broke"
        ):
            finish(download_repository(PLAIN, tmp_path, hosts=server.hosts, waits=()))
    with pytest.raises(DatasetError, match=r"^Nothing arrived .* 1 attempt: the connection was refused\. Run the"):
        finish(download_repository(PLAIN, tmp_path, hosts=server.hosts, waits=()))
    parts = list((tmp_path / "voices").rglob("*.part"))
    assert parts and len((tmp_path / "voices" / SUMS).read_text().splitlines()) >= 4
    with served(port) as server:
        folder, steps = server.fetch(tmp_path)
    assert steps[0].done >= 4 and sum(bool(asked) for _, asked in server.asked) == len(parts)
    assert_whole(server, folder)


def test_an_end_does_not_wait_for_further_tries(server, tmp_path):
    """Without a network, Ctrl-C would take as long as the longest of them."""
    name = "WR0_fear_9.wav"
    server.statuses = {name: 503}
    running = download_repository(PLAIN, tmp_path, hosts=server.hosts, waits=(1000,))
    while next(running).done < 12:
        pass
    assert server.statuses == {}
    running.close()
    assert not (tmp_path / "voices" / "samples" / name).exists()


def test_checksums_are_gits():
    assert module.blob_sha(b"") == "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"


@pytest.mark.parametrize("key", ["nemo", "cremad"])
def test_the_command_fetches_what_extract_reads(server, tmp_path, monkeypatch, capsys, key):
    repository = DATA_SETS[key].repository
    server.name, server.branch, server.folder, server.lfs = (
        repository.name, repository.branch, repository.folder, key == "cremad",
    )  # fmt: skip
    if key == "cremad":
        server.sounds = {"1001_DFA_ANG_XX.wav": b"RIFF" + bytes(2000), "1002_IEO_SAD_LO.wav": b"RIFF" + bytes(900)}
    monkeypatch.setattr(module, "GITHUB", server.hosts)
    assert main(["download", key, "--to", str(tmp_path)]) == 0
    folder = repository_folder(repository, tmp_path)
    assert capsys.readouterr().out.strip() == str(folder)
    with open_corpus_source(folder, key) as source:
        assert len(source.clips) == len(server.sounds)
        assert source.read(source.clips[0]) == server.sounds[f"{source.clips[0].name}.wav"]


def test_extract_takes_what_was_downloaded(server, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(module.config, "cache_folders", lambda: (tmp_path, tmp_path / "old"))
    assert main(["extract", "--corpus", "nemo"]) == 1
    assert "run `python -m ser download nemo`" in capsys.readouterr().err
    server.name, server.branch, server.folder = "amu-cai/nEMO", "main", "samples"
    finish(download_repository(NEMO.repository, hosts=server.hosts))
    # The sounds of this server are none, so the command finds them and says so.
    assert main(["extract", "--corpus", "nemo", "--out", str(tmp_path / "t.parquet"), "--jobs", "1"]) == 1
    assert "Not one of the 10 clips in" in capsys.readouterr().err


def test_addresses_are_those_of_github():
    assert NEMO.repository.name == "amu-cai/nEMO" and NEMO.repository.folder == "samples"
    cremad = DATA_SETS["cremad"].repository
    assert f"{Hosts().media}/{cremad.name}/{cremad.branch}/{cremad.folder}/" == (
        "https://media.githubusercontent.com/media/CheyneyComputerScience/CREMA-D/master/AudioWAV/"
    )
