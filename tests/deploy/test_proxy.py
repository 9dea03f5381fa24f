"""Two replicas of the demo behind a real nginx with the file of deploy/: sticky visitors, and the loss of a replica."""

import asyncio
import contextlib
import os
import shutil
import signal
import ssl
import subprocess
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from benchmarks.connection import Connection
from benchmarks.visits import choose_upload, open_page
from tests.helpers.server import ROOT, app_server, free_port

pytestmark = pytest.mark.slow


@contextlib.contextmanager
def proxy(folder: Path, replicas: list[str]):
    """Run nginx with the shipped file, in which only names, ports and the certificate are other ones; give its port."""
    program = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
    assert program, "nginx is not installed: apt-get install nginx-light"
    key, certificate = folder / "privkey.pem", folder / "fullchain.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    plain, secure = free_port(), free_port()
    text = (ROOT / "deploy" / "nginx.conf").read_text("utf-8")
    changes = {
        "app1:8501": replicas[0],
        "app2:8501": replicas[1],
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "listen 443 ssl;": f"listen 127.0.0.1:{secure} ssl;",
        "voice.example.org": "127.0.0.1",
        "/etc/nginx/certificates/fullchain.pem": str(certificate),
        "/etc/nginx/certificates/privkey.pem": str(key),
        "/tmp/nginx.pid": str(folder / "nginx.pid"),
        "/dev/stdout": str(folder / "access.log"),
        "/dev/stderr": str(folder / "error.log"),
    }
    for before, after in changes.items():
        assert before in text
        text = text.replace(before, after)
    (folder / "nginx.conf").write_text(text)
    server = subprocess.Popen([program, "-c", folder / "nginx.conf", "-g", "daemon off;"], cwd=folder)
    try:
        deadline = time.monotonic() + 20
        while not (folder / "nginx.pid").exists():
            assert server.poll() is None and time.monotonic() < deadline
            time.sleep(0.05)
        yield plain, secure, certificate
    finally:
        server.send_signal(signal.SIGQUIT)
        server.wait(20)


class Visitor:
    """Whoever asks for pages through the proxy, with the cookie that the first answer brought."""

    def __init__(self, port: int, certificate: Path, executor: ThreadPoolExecutor) -> None:
        self.address, self._executor = f"https://127.0.0.1:{port}", executor
        self._trusted = ssl.create_default_context(cafile=str(certificate))
        self.headers = self.ask("/").headers
        set_cookies = [each for each in self.headers.get_all("Set-Cookie") if each.startswith("replica=")]
        assert len(set_cookies) == 1 and "HttpOnly" in set_cookies[0] and "Secure" in set_cookies[0]
        self.cookie = set_cookies[0].partition(";")[0]

    def ask(self, path: str, **request):
        """Send a request, and return the answer."""
        asked = urllib.request.Request(f"{self.address}{path}", **request)
        return urllib.request.urlopen(asked, timeout=30, context=self._trusted)

    async def visit(self) -> Connection:
        """Open the first page, as a browser with the cookie does."""
        connection = Connection(self.address, self._executor, 60, cookie=self.cookie, trusted=self._trusted)
        await open_page(connection)
        return connection


def visitors_of(replica: str) -> int:
    """How many visitors a replica has had."""
    with urllib.request.urlopen(f"{replica}/counters", timeout=30) as reply:
        return int(reply.read().decode().partition("\nser_visitors_total ")[2].split()[0])


async def come_until_both_have_one(
    port: int, certificate: Path, executor: ThreadPoolExecutor, replicas: list[str]
) -> dict[str, tuple[Visitor, Connection]]:
    """Visitors come until each replica has one; the replicas, each with its visitor."""
    homes: dict[str, tuple[Visitor, Connection]] = {}
    for _ in range(40):
        before = {replica: visitors_of(replica) for replica in replicas}
        visitor = Visitor(port, certificate, executor)
        connection = await visitor.visit()
        home = next(replica for replica in replicas if visitors_of(replica) > before[replica])
        if home in homes:
            await connection.close()
        else:
            homes[home] = visitor, connection
        if len(homes) == len(replicas):
            return homes
    raise AssertionError("One replica never had a visitor.")


async def lose_one(homes: dict[str, tuple[Visitor, Connection]], pids: dict[str, int]) -> None:
    """Upload through the proxy, kill one replica, and go on at the other."""
    # An upload has to reach the replica that has the websocket; any other would refuse it.
    for _, connection in homes.values():
        await choose_upload(connection)
        await connection.upload(uploader(connection), "bad.wav", b"no audio at all " * 1000)
        await connection.until(lambda page: page.refusal() and not page.running, "the refusal")
    gone, stays = homes
    os.kill(pids[gone], signal.SIGKILL)
    connection = homes[stays][1]
    before = visitors_of(stays)
    await connection.remove(uploader(connection))
    await connection.until(lambda page: not page.refusal() and not page.running, "the page without it")
    assert visitors_of(stays) == before  # the same session
    # Whoever was at the other one begins anew here.
    again = await homes[gone][0].visit()
    assert visitors_of(stays) == before + 1
    await again.close()
    await connection.close()


def uploader(connection: Connection):
    return connection.page.need("file_uploader")


def test_visitors_stay_with_their_replica_and_survive_the_loss_of_the_other(tmp_path):
    shared = {"SER_COUNTERS": "1", "STREAMLIT_SERVER_COOKIE_SECRET": "the same for both", "SER_WORKERS": "0"}
    with contextlib.ExitStack() as stack:
        replicas = [stack.enter_context(app_server(tmp_path / f"{number}.log", **shared)) for number in (1, 2)]
        addresses = [address.removeprefix("http://") for address, _ in replicas]
        plain, secure, certificate = stack.enter_context(proxy(tmp_path, addresses))
        executor = stack.enter_context(ThreadPoolExecutor(8))
        visitor = Visitor(secure, certificate, executor)
        for header in ("Strict-Transport-Security", "Referrer-Policy", "Permissions-Policy", "X-Content-Type-Options"):
            assert visitor.headers[header]
        assert visitor.ask("/health").status == 200
        for path in ("/counters", "/_stcore/metrics"):
            with pytest.raises(urllib.error.HTTPError, match="404"):
                visitor.ask(path)
        with pytest.raises(urllib.error.HTTPError, match="413"):  # more than may be uploaded
            visitor.ask("/_stcore/upload_file/x/y", method="PUT", headers={"Content-Length": str(300 << 20)}, data=b"")
        with pytest.raises(urllib.error.HTTPError, match="301"):
            urllib.request.build_opener(NoRedirect).open(f"http://127.0.0.1:{plain}/", timeout=30)

        async def visit() -> None:
            homes = await come_until_both_have_one(secure, certificate, executor, [each for each, _ in replicas])
            await lose_one(homes, dict(replicas))

        executor.submit(asyncio.run, visit()).result()
    written = (tmp_path / "access.log").read_text()
    assert written and "127.0.0.1" not in written and "bad.wav" not in written


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """Leaves a redirect to whoever asked."""

    def redirect_request(self, *_):
        return None
