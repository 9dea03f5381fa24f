"""Scripts and style sheets are sent compressed, each compressed once, and everything else as it is."""

import asyncio
import gzip

import pytest

from pages.common.server.compression import CompressedScripts

SCRIPT = b"const voice = 'how a voice sounds';\n" * 200
SHORT = SCRIPT[:100]
TAKES_GZIP = {"accept-encoding": "gzip, deflate, br"}


class App:
    """An app that sends a script in two parts, says that there is none, or sends a page instead."""

    def __init__(self):
        self.asked = 0

    async def __call__(self, scope, receive, send):
        self.asked += 1
        path = scope["path"]
        found = "missing" not in path
        content_type = b"text/html" if "page" in path else b"text/css" if path.endswith(".css") else b"text/javascript"
        body = (SHORT if "short" in path else SCRIPT) if found else b"not found" * 200
        headers = [(b"content-length", b"%d" % len(body)), (b"etag", b'"1"'), (b"accept-ranges", b"bytes")]
        headers.append((b"content-type", content_type))
        await send({"type": "http.response.start", "status": 200 if found else 404, "headers": headers})
        await send({"type": "http.response.body", "body": body[:100], "more_body": True})
        await send({"type": "http.response.body", "body": body[100:]})


def get(app, path="/static/js/index.js", *, method="GET", **headers):
    """Ask for a path; the status, the headers and the body of the answer."""
    sent = []

    async def send(message):
        sent.append(message)

    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    asyncio.run(app({"type": "http", "method": method, "path": path, "headers": raw}, None, send))
    found = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], found, b"".join(message.get("body", b"") for message in sent[1:])


@pytest.mark.parametrize("path", ["/static/js/index.js", "/static/css/index.css"])
def test_a_script_is_compressed_once_and_is_the_same_for_the_browser(path):
    inner = App()
    app = CompressedScripts(inner)
    for _ in range(3):
        status, headers, body = get(app, path, **TAKES_GZIP)
        assert status == 200 and headers["content-encoding"] == "gzip" and headers["vary"] == "Accept-Encoding"
        assert int(headers["content-length"]) == len(body) < len(SCRIPT) / 3
        assert "accept-ranges" not in headers and gzip.decompress(body) == SCRIPT
    assert inner.asked == 1


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/static/js/index.js", {}),
        ("/static/js/index.js", TAKES_GZIP | {"range": "bytes=0-9"}),
        ("/static/js/index.js", TAKES_GZIP | {"if-none-match": '"1"'}),
        ("/static/media/font.woff2", TAKES_GZIP),
        ("/media/clip.js", TAKES_GZIP),
        ("/static/page.js", TAKES_GZIP),
        ("/elsewhere/static/js/index.js", TAKES_GZIP),
    ],
)
def test_all_else_is_sent_as_it_is(path, headers):
    status, found, body = get(CompressedScripts(App()), path, **headers)
    assert status == 200 and body == SCRIPT and "content-encoding" not in found


def test_a_short_script_and_a_question_for_the_headers_alone_are_passed_on():
    app = CompressedScripts(App())
    assert get(app, "/static/js/short.js", **TAKES_GZIP)[2] == SHORT
    assert "content-encoding" not in get(app, method="HEAD", **TAKES_GZIP)[1]


def test_what_is_not_there_is_not_kept():
    inner = App()
    app = CompressedScripts(inner)
    for asked in (1, 2):
        status, headers, body = get(app, "/static/js/missing.js", **TAKES_GZIP)
        assert status == 404 and body.startswith(b"not found") and "content-encoding" not in headers
        assert inner.asked == asked
