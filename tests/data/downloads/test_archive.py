"""The download against a real HTTP server on this machine that behaves well or badly on purpose."""

import errno
import hashlib
import http.server
import io
import itertools
import os
import re
import shutil
import ssl
import urllib.error
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from ser.cli.main import main
from ser.data.downloads import archive as archive_module
from ser.data.downloads import fetching as module
from ser.data.downloads.archive import download
from ser.data.downloads.fetching import DownloadProgress
from ser.data.ravdess import ARCHIVE_NAME
from ser.errors import DatasetError
from ser.steps import finish
from tests.helpers.local_http import serving
from tests.helpers.server import free_port

CONTENT = np.random.default_rng(0).bytes(3_000_000)
MD5 = hashlib.md5(CONTENT).hexdigest()
HALF = len(CONTENT) // 2


@dataclass
class Server:
    """What the next answers are like, and what was asked."""

    url: str = ""
    content: bytes = CONTENT
    ranges: bool = True
    length: bool = True
    statuses: list[int] = field(default_factory=list)  # taken one by one before the content is sent
    send_at_most: list[int] = field(default_factory=list)  # bytes before the connection is dropped, one by one
    asked: list[str | None] = field(default_factory=list)  # each request's Range

    def fetch(self, folder: Path, **options) -> tuple[Path, list[DownloadProgress]]:
        """Run a download to its end."""
        reports = []
        options = {"url": self.url, "md5": MD5, "size": len(CONTENT), "waits": (0, 0)} | options
        return finish(download(folder, **options), reports.append), reports


@contextmanager
def served(port: int = 0):
    """A server while this context lasts."""
    state = Server()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked = self.headers.get("Range")
            state.asked.append(asked)
            if state.statuses and (status := state.statuses.pop(0)) != 200:
                self.send_error(status)
                return
            start = int(re.fullmatch(r"bytes=(\d+)-", asked)[1]) if asked and state.ranges else 0
            if start >= len(state.content):
                self.send_error(416)
                return
            body = state.content[start:]
            self.send_response(206 if start else 200)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(state.content) - 1}/{len(state.content)}")
            if state.length:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: state.send_at_most.pop(0)] if state.send_at_most else body)

        def log_message(self, *_):
            pass

    with serving(Handler, port) as address:
        state.url = f"{address}/archive.zip"
        yield state


@pytest.fixture
def server():
    with served() as state:
        yield state


def part_in(folder: Path) -> Path:
    return folder / f"{ARCHIVE_NAME}.part"


def assert_whole(folder: Path, archive: Path) -> None:
    assert archive == folder / ARCHIVE_NAME
    assert archive.read_bytes() == CONTENT
    assert [file.name for file in folder.iterdir()] == [ARCHIVE_NAME]


def test_a_good_server(server, tmp_path):
    archive, steps = server.fetch(tmp_path / "new" / "folder")
    assert_whole(tmp_path / "new" / "folder", archive)
    assert (steps[0].done, steps[0].rate, steps[0].seconds_left) == (0, 0, None)
    assert steps[-1].done == steps[-1].total == len(CONTENT)
    assert steps[-1].seconds_left == 0
    assert all(a.done <= b.done for a, b in itertools.pairwise(steps))
    assert server.asked == [None]


def test_nothing_is_waited_for_after_a_good_answer(server, tmp_path, monkeypatch):
    waited = []
    monkeypatch.setattr(module.time, "sleep", waited.append)
    server.fetch(tmp_path, waits=(1, 3))
    assert waited == [0]


def test_progress_tells_rate_and_time_left(server, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "STEP_SECONDS", 0)
    seconds = itertools.count()  # each look at the clock is a second later than the last
    monkeypatch.setattr(module.time, "monotonic", lambda: next(seconds))
    _, steps = server.fetch(tmp_path)
    under_way = [step for step in steps if 0 < step.done < step.total]
    assert len(under_way) >= 5
    for step in under_way:
        assert 0 < step.rate <= step.done
        assert step.seconds_left == pytest.approx((step.total - step.done) / step.rate)


def test_what_is_there_and_right_is_not_fetched(server, tmp_path):
    (tmp_path / ARCHIVE_NAME).write_bytes(CONTENT)
    archive, steps = server.fetch(tmp_path)
    assert_whole(tmp_path, archive)
    assert steps == [DownloadProgress(len(CONTENT), len(CONTENT), 0.0, 0.0)]
    assert server.asked == []


def test_what_is_there_and_wrong_is_replaced(server, tmp_path):
    (tmp_path / ARCHIVE_NAME).write_bytes(b"something else")
    assert_whole(tmp_path, server.fetch(tmp_path)[0])


def test_an_earlier_part_is_continued(server, tmp_path):
    part_in(tmp_path).write_bytes(CONTENT[:HALF])
    archive, steps = server.fetch(tmp_path)
    assert_whole(tmp_path, archive)
    assert server.asked == [f"bytes={HALF}-"]
    assert steps[0].done == HALF


def test_a_part_that_is_whole_is_only_checked(server, tmp_path):
    part_in(tmp_path).write_bytes(CONTENT)
    assert_whole(tmp_path, server.fetch(tmp_path)[0])
    assert server.asked == []


def test_a_part_longer_than_the_archive_is_dropped(server, tmp_path):
    part_in(tmp_path).write_bytes(CONTENT + b"more")
    assert_whole(tmp_path, server.fetch(tmp_path)[0])
    assert server.asked == [None]


def test_a_lost_connection_is_taken_up_again(server, tmp_path):
    server.send_at_most = [1_000_000, 500_000]
    assert_whole(tmp_path, server.fetch(tmp_path)[0])
    assert server.asked == [None, "bytes=1000000-", "bytes=1500000-"]


def test_a_server_without_ranges_starts_again_from_zero(server, tmp_path):
    server.ranges = False
    part_in(tmp_path).write_bytes(b"x" * HALF)  # kept bytes would be seen in the result
    assert_whole(tmp_path, server.fetch(tmp_path)[0])
    assert server.asked == [f"bytes={HALF}-"]


def test_a_server_without_lengths(server, tmp_path):
    server.length = False
    assert_whole(tmp_path, server.fetch(tmp_path)[0])


def test_truncated_again_and_again_keeps_the_part(server, tmp_path):
    server.send_at_most = [1_000_000, 100_000, 10_000]
    with pytest.raises(
        DatasetError, match=r"Only 1,110,000 of 3,000,000 bytes .* 3 attempts: the connection broke off\. They are kept"
    ):
        server.fetch(tmp_path)
    assert part_in(tmp_path).read_bytes() == CONTENT[:1_110_000]
    assert not (tmp_path / ARCHIVE_NAME).exists()
    server.send_at_most = []
    assert_whole(tmp_path, server.fetch(tmp_path)[0])
    assert server.asked[-1] == "bytes=1110000-"


def test_between_tries_it_waits_longer_and_longer(server, tmp_path, monkeypatch):
    server.statuses = [503] * 9
    waited = []
    monkeypatch.setattr(module.time, "sleep", waited.append)
    with pytest.raises(DatasetError, match="503"):
        server.fetch(tmp_path, waits=(1, 3, 10))
    assert waited == [0, 1, 3, 10]
    assert len(server.asked) == 4


@pytest.mark.parametrize("status", [500, 503, 429])
def test_trouble_of_the_moment_is_tried_again(server, tmp_path, status):
    server.statuses = [status, status]
    assert_whole(tmp_path, server.fetch(tmp_path)[0])


@pytest.mark.parametrize("status", [404, 403, 410])
def test_trouble_that_stays_is_told_at_once(server, tmp_path, status):
    server.statuses = [status] * 9
    with pytest.raises(DatasetError, match=rf"archive.zip answers {status} .* Check the address"):
        server.fetch(tmp_path)
    assert len(server.asked) == 1


class TestNoNetwork:
    """Each failure is one plain sentence, without an exception's words."""

    def refused(self, folder, url, waits=(0,)) -> str:
        reports = []
        with pytest.raises(DatasetError) as raised:
            finish(download(folder, url=url, md5=MD5, size=len(CONTENT), waits=waits), reports.append)
        assert [each.trouble for each in reports[:2]] == [None, trouble_in(raised.value)]
        assert str(raised.value).endswith("Run the download again once the network works.")
        return str(raised.value)

    def test_a_server_that_is_not_there(self, tmp_path):
        assert "in 2 attempts: the connection was refused." in self.refused(
            tmp_path, f"http://127.0.0.1:{free_port()}/"
        )

    def test_a_name_that_nobody_has(self, tmp_path):
        said = self.refused(tmp_path, "http://nowhere.invalid/a.zip")
        assert "the name nowhere.invalid cannot be found." in said

    @pytest.mark.parametrize("code", [errno.ENETUNREACH, errno.EHOSTUNREACH])
    def test_a_machine_without_a_network(self, tmp_path, monkeypatch, code):
        def unreachable(*_, **__):
            raise OSError(code, os.strerror(code))

        monkeypatch.setattr("socket.create_connection", unreachable)
        assert "the network cannot be reached." in self.refused(tmp_path, "http://127.0.0.1:9/")

    @pytest.mark.parametrize("said_first", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n"])
    def test_a_server_that_takes_the_call_and_says_nothing_more(self, tmp_path, monkeypatch, said_first):
        monkeypatch.setattr(module, "TIMEOUT", 0.2)

        class Silent(http.server.BaseHTTPRequestHandler):
            def handle(self):
                self.wfile.write(said_first)
                self.rfile.read()  # until the other end gives up

        with serving(Silent) as address:
            assert "no answer came within 0.2 seconds." in self.refused(tmp_path, address)

    def test_a_server_that_hangs_up_at_once(self, tmp_path):
        class Rude(http.server.BaseHTTPRequestHandler):
            def handle(self):
                pass

        with serving(Rude) as address:
            assert "the connection broke off." in self.refused(tmp_path, address)

    def test_a_certificate_of_nobody(self, tmp_path, monkeypatch):
        error = ssl.SSLCertVerificationError(1, "certificate verify failed")
        error.verify_message = "self-signed certificate"

        def fails(*_, **__):
            raise urllib.error.URLError(error)

        monkeypatch.setattr(module.urllib.request, "urlopen", fails)
        said = self.refused(tmp_path, "https://somewhere/")
        assert "the server's certificate is not valid (self-signed certificate)." in said


def trouble_in(error: DatasetError) -> str:
    return re.search(r"attempts?: (.*?)\. (They|Run)", str(error))[1]


class TestAServerThatGoesAway:
    """It drops the connection midway, is gone for a while, and comes back."""

    def test_the_part_is_kept_and_the_next_run_goes_on(self, tmp_path):
        port = free_port()
        with served(port) as server:
            server.send_at_most = [1_000_000]
            running = download(tmp_path, url=server.url, md5=MD5, size=len(CONTENT), waits=(0, 0))
            while next(running).trouble is None:
                pass  # the connection is lost, and the next try comes when this goes on
        with pytest.raises(DatasetError) as raised:
            finish(running)
        assert str(raised.value) == (
            f"Only 1,000,000 of 3,000,000 bytes arrived from {server.url} in 3 attempts: the connection was refused. "
            "They are kept: run the download again to go on from there once the network works."
        )
        assert part_in(tmp_path).read_bytes() == CONTENT[:1_000_000]
        with served(port) as server:
            assert_whole(tmp_path, server.fetch(tmp_path)[0])
        assert server.asked == ["bytes=1000000-"]

    def test_one_run_goes_on_if_it_comes_back_in_time(self, tmp_path):
        port = free_port()
        with served(port) as server:
            server.send_at_most = [1_000_000]
            running = download(tmp_path, url=server.url, md5=MD5, size=len(CONTENT), waits=(0, 0, 0))
            while next(running).trouble != "the connection broke off":
                pass
        assert next(running).trouble == "the connection was refused"
        with served(port) as server:
            assert_whole(tmp_path, finish(running))
        assert server.asked == ["bytes=1000000-"]

    def test_the_command_says_one_sentence(self, tmp_path, monkeypatch, capsys):
        port = free_port()
        with served(port) as server:
            server.send_at_most = [1_000_000, 0, 0]
            known = {"url": server.url, "md5": MD5, "size": len(CONTENT), "waits": (0, 0)}
            monkeypatch.setattr(archive_module, "download", partial(download, **known))
            assert main(["download", "--to", str(tmp_path)]) == 1
            progress, sentence = capsys.readouterr().err.splitlines()
            assert progress == "0 of 3 MB, 0.0 MB/s"
            assert sentence.startswith("Only 1,000,000 of 3,000,000 bytes arrived from http://")
            assert main(["download", "--to", str(tmp_path)]) == 0
        assert_whole(tmp_path, Path(capsys.readouterr().out.strip()))


@pytest.mark.parametrize("url", ["nonsense", "htp://somewhere/x"])
def test_not_an_address(server, tmp_path, url):
    with pytest.raises(DatasetError, match=re.escape(url)):
        server.fetch(tmp_path, url=url)


def test_a_wrong_checksum_removes_the_part(server, tmp_path):
    server.content = CONTENT[:-1] + b"?"
    with pytest.raises(DatasetError, match=rf"MD5 [0-9a-f]{{32}}, but {MD5} is published. It was removed"):
        server.fetch(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [CONTENT[:-5], CONTENT + b"more", b"<html>Sign in first</html>"])
def test_an_archive_of_another_length(server, tmp_path, content):
    server.content = content
    with pytest.raises(DatasetError, match=f"announces {len(content):,} bytes, but the published file has 3,000,000"):
        server.fetch(tmp_path)


def test_more_than_the_archive_without_a_length(server, tmp_path):
    server.content, server.length = CONTENT + b"more", False
    with pytest.raises(DatasetError, match="It was removed"):
        server.fetch(tmp_path)


def test_a_part_longer_than_what_the_server_has(server, tmp_path):
    part_in(tmp_path).write_bytes(CONTENT[:HALF])
    server.content = CONTENT[:1000]
    with pytest.raises(DatasetError, match="announces 1,000 bytes"):
        server.fetch(tmp_path)


def test_too_little_room_is_told_before_anything_is_fetched(server, tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(module.shutil, "disk_usage", lambda _: usage._replace(free=1_000_000))
    with pytest.raises(DatasetError, match=r"3 MB are needed in .*, 1 MB are free. Make room"):
        server.fetch(tmp_path)
    assert server.asked == []
    part_in(tmp_path).write_bytes(CONTENT[:2_500_000])  # then half a megabyte is enough
    assert_whole(tmp_path, server.fetch(tmp_path)[0])


def test_a_disk_that_fills_up_keeps_the_part(server, tmp_path, monkeypatch):
    class FullDisk(io.FileIO):
        def write(self, data):
            room = 1_000_000 - self.tell()
            if room <= 0:
                raise OSError(errno.ENOSPC, "No space left on device")
            return super().write(bytes(data)[:room])

    open_path = Path.open
    with monkeypatch.context() as patch:
        patch.setattr(
            Path,
            "open",
            lambda path, mode="r", *rest: (
                io.BufferedWriter(FullDisk(path, mode)) if mode in ("ab", "wb") else open_path(path, mode, *rest)
            ),
        )
        with pytest.raises(DatasetError, match=r"disk is full.* The 1,000,000 bytes that arrived are kept; make room"):
            server.fetch(tmp_path)
    assert part_in(tmp_path).read_bytes() == CONTENT[:1_000_000]
    assert_whole(tmp_path, server.fetch(tmp_path)[0])


def test_a_folder_that_cannot_be_written(server, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DatasetError, match=r"cannot be written to .* Choose another folder"):
        server.fetch(tmp_path / "file" / "below")


def test_stopping_keeps_the_part(server, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "STEP_SECONDS", 0)
    running = download(tmp_path, url=server.url, md5=MD5, size=len(CONTENT))
    for step in running:
        if step.done > 500_000:
            break
    running.close()
    kept = part_in(tmp_path).read_bytes()
    assert len(kept) > 500_000
    assert CONTENT.startswith(kept)
