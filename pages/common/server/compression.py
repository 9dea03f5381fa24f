"""Streamlit's own scripts, sent compressed: a visitor on a slow network waits a third as long for the first page.

Streamlit sends them as they are. Each is compressed once and kept, because to do it for every visitor would take the
processors from those who wait for an answer.
"""

import asyncio
import gzip
from dataclasses import dataclass

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_ENDINGS = (".js", ".css")
# For an address without a file, Streamlit sends its page.
_CONTENT_TYPES = ("application/javascript", "text/javascript", "text/css")
# A higher level takes twice the time for one part in a hundred.
_LEVEL = 6
# For shorter files the headers count more.
_SHORTEST = 1000
# Requests for a part of a file, or for a file that the browser may have already, are rare.
_AS_IT_IS = ("range", "if-none-match", "if-modified-since")


@dataclass(frozen=True)
class _Answer:
    """An answer of the app: its first message, and its body."""

    start: Message
    body: bytes

    async def send(self, send: Send) -> None:
        await send(self.start)
        await send({"type": "http.response.body", "body": self.body})


class CompressedScripts:
    """A layer around the app, which compresses scripts and style sheets for browsers that understand it."""

    def __init__(self, app: ASGIApp) -> None:
        """Stand before `app`."""
        self._app = app
        base = str(st.get_option("server.baseUrlPath") or "").strip("/")
        self._folder = f"/{base}/static/" if base else "/static/"
        # At most one for each file of Streamlit's folder: only what is found there is kept.
        self._kept: dict[str, _Answer] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if not self._wanted(scope):
            await self._app(scope, receive, send)
            return
        path = scope["path"]
        if path not in self._kept:
            answer = await self._answer(scope, receive)
            if not _worth_keeping(answer):
                await answer.send(send)
                return
            self._kept[path] = await asyncio.to_thread(_compressed, answer)
        await self._kept[path].send(send)

    async def _answer(self, scope: Scope, receive: Receive) -> _Answer:
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await self._app(scope, receive, keep)
        return _Answer(messages[0], b"".join(message.get("body", b"") for message in messages[1:]))

    def _wanted(self, scope: Scope) -> bool:
        """Return whether a request is for a script or a style sheet, by a browser that takes it compressed."""
        if scope["type"] != "http" or scope["method"] != "GET":
            return False
        path, headers = scope["path"], Headers(scope=scope)
        if not (path.startswith(self._folder) and path.endswith(_ENDINGS)):
            return False
        return "gzip" in headers.get("accept-encoding", "") and not any(name in headers for name in _AS_IT_IS)


def _worth_keeping(answer: _Answer) -> bool:
    """Return whether an answer is a whole script or style sheet, and long enough."""
    content_type = Headers(raw=list(answer.start["headers"])).get("content-type", "")
    return answer.start["status"] == 200 and content_type.startswith(_CONTENT_TYPES) and len(answer.body) >= _SHORTEST


def _compressed(answer: _Answer) -> _Answer:
    body = gzip.compress(answer.body, _LEVEL, mtime=0)
    start: Message = answer.start | {"headers": list(answer.start["headers"])}
    headers = MutableHeaders(raw=start["headers"])
    headers["content-length"] = str(len(body))
    headers["content-encoding"] = "gzip"
    headers.add_vary_header("Accept-Encoding")
    # Parts of the file as it is are not parts of what is sent.
    del headers["accept-ranges"]
    return _Answer(start, body)
