"""A visitor's connection to the app, which speaks Streamlit's protocol as its browser code does."""

import asyncio
import http.client
import itertools
import ssl
import uuid
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import Executor
from http.cookies import SimpleCookie
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import UploadedFileInfo
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from benchmarks.protocol import DrivingError, Node, Page, now

# What a browser asks for before it opens the connection; scripts and styles come from its cache.
_FIRST_REQUESTS = ("/", "/_stcore/health", "/_stcore/host-config")
_XSRF_COOKIE = "_streamlit_xsrf"


class Connection:
    """One visit: the page as it is shown, and what a visitor can do with it.

    Attributes:
        page: what a browser would show now.
    """

    def __init__(
        self,
        address: str,
        executor: Executor,
        patience: float,
        *,
        cookie: str = "",
        trusted: ssl.SSLContext | None = None,
    ) -> None:
        """Prepare a visit; HTTP requests run in the executor, and no wait takes longer than `patience` seconds.

        `cookie` goes with every request, beside Streamlit's own. `trusted` is needed for an address with HTTPS.
        """
        self.page, self._address, self._executor, self._patience = Page(), address, executor, patience
        self._cookie, self._trusted = cookie, trusted
        self._websocket: ClientConnection | None = None
        self._reader: asyncio.Task | None = None
        self._changed = asyncio.Event()
        self._lost: str | None = None
        self._timers: dict[str, tuple[float, asyncio.Task]] = {}
        self._states: dict[str, WidgetState] = {}
        self._xsrf, self._path = "", ""

    async def open(self, path: str = "", query: str = "") -> None:
        """Load the page at a path of the app, with the parameters of a query, and wait until it is complete."""
        self._path, self.page.query = path, query
        self._xsrf = await self._within(self._in_thread(self._first_requests), "an answer to the first requests")
        scheme, _, host = self._address.partition("://")
        try:
            self._websocket = await connect(
                f"{scheme.replace('http', 'ws')}://{host}/_stcore/stream",
                ssl=self._trusted,
                origin=self._address,
                subprotocols=["streamlit", self._xsrf],
                additional_headers={"Cookie": self._cookies()},
                open_timeout=self._patience,
                ping_interval=None,
                max_size=None,
                proxy=None,
            )
        except (OSError, WebSocketException) as error:
            raise DrivingError(f"The server does not accept a connection: {error}") from error
        self._reader = asyncio.create_task(self._read())
        await self._rerun()
        await self.complete("the page")

    async def close(self) -> None:
        """Leave, as a visitor who closes the tab."""
        for _, timer in self._timers.values():
            timer.cancel()
        if self._reader is not None:
            self._reader.cancel()
        if self._websocket is not None:
            await self._websocket.close()

    async def until(self, shown: Callable[[Page], object], looked_for: str) -> None:
        """Wait until the page fits; a `DrivingError` names what was looked for if it does not come."""
        deadline = now() + self._patience
        while not shown(self.page):
            if self._lost:
                raise DrivingError(f"The connection ended before {looked_for} came: {self._lost}")
            self._changed.clear()
            try:
                await asyncio.wait_for(self._changed.wait(), deadline - now())
            except TimeoutError:
                raise DrivingError(f"There was no sign of {looked_for} after {self._patience:.0f} s.") from None

    async def complete(self, looked_for: str, runs: int | None = None) -> None:
        """Wait until a run of the whole script has ended after the first `runs` ones, and nothing runs any more."""
        before = self.page.full_runs if runs is None else runs
        await self.until(lambda page: page.full_runs > before and not page.running, looked_for)

    async def click(self, button: Node) -> None:
        """Click a button."""
        await self._set(button, keep=False, trigger_value=True)

    async def switch(self, toggle: Node) -> bool:
        """Move a toggle to its other side, and return whether it is on now."""
        content, state = toggle.content, self._states.get(toggle.content.id)
        before = state.bool_value if state is not None else content.value if content.set_value else content.default
        await self._set(toggle, bool_value=not before)
        return not before

    async def choose(self, group: Node, option: str) -> None:
        """Choose an option of a segmented control."""
        content = next(each for each in group.content.options if each.content == option)
        state = WidgetState(id=group.content.id)
        state.string_array_value.data.append(" ".join(filter(None, (content.content_icon, content.content))))
        await self._keep(state, group.fragment)

    async def upload(self, uploader: Node, name: str, data: bytes) -> None:
        """Hand a file to an uploader."""
        request = uuid.uuid4().hex
        asked = BackMsg()
        asked.file_urls_request.request_id = request
        asked.file_urls_request.file_names.append(name)
        asked.file_urls_request.session_id = self.page.session
        await self._send(asked)
        await self.until(lambda page: request in page.upload_urls, "the address to upload a file to")
        answer = self.page.upload_urls.pop(request)
        if not answer.file_urls:
            raise DrivingError(f"The server refuses an upload: {answer.error_msg}")
        urls = answer.file_urls[0]
        sending = self._in_thread(lambda: self._transfer("PUT", urls.upload_url, name, data))
        await self._within(sending, "the end of an upload")
        state = WidgetState(id=uploader.content.id)
        info = UploadedFileInfo(name=name, size=len(data), file_id=urls.file_id, file_urls=urls)
        state.file_uploader_state_value.uploaded_file_info.append(info)
        await self._keep(state, uploader.fragment)

    async def remove(self, uploader: Node) -> None:
        """Take all files out of an uploader."""
        before = self._states[uploader.content.id].file_uploader_state_value.uploaded_file_info
        for info in before:
            removing = self._in_thread(lambda url=info.file_urls.delete_url: self._transfer("DELETE", url))
            await self._within(removing, "the end of a removal")
        state = WidgetState(id=uploader.content.id)
        state.file_uploader_state_value.SetInParent()
        await self._keep(state, uploader.fragment)

    async def go_to(self, title: str) -> None:
        """Go to another page of the app by its title in the navigation."""
        if title not in self.page.addresses:
            raise DrivingError(f"The navigation has no page “{title}”; it has {', '.join(self.page.addresses)}.")
        self.page.leave()
        self._match_timers()
        self.page.script, self._path = self.page.addresses[title], title.lower()
        await self._rerun()

    async def _set(self, node: Node, *, keep: bool = True, **value: object) -> None:
        if getattr(node.content, "disabled", False):
            raise DrivingError(f"The {node.element_type} “{node.text}” cannot be used now.")
        state = WidgetState(id=node.content.id, **value)
        if keep:
            await self._keep(state, node.fragment)
        else:
            await self._rerun([state], fragment=node.fragment)

    async def _keep(self, state: WidgetState, fragment: str) -> None:
        self._states[state.id] = state
        await self._rerun(fragment=fragment)

    async def _rerun(self, states: Iterable[WidgetState] = (), *, fragment: str = "", by_timer: bool = False) -> None:
        shown = {getattr(node.content, "id", "") for node in self.page.nodes.values()}
        message = BackMsg()
        rerun = message.rerun_script
        rerun.page_script_hash, rerun.page_name = self.page.script, "" if self.page.script else self._path
        rerun.query_string = self.page.query
        rerun.fragment_id, rerun.is_auto_rerun = fragment, by_timer
        kept = (state for widget, state in self._states.items() if widget in shown)
        rerun.widget_states.widgets.extend(itertools.chain(kept, states))
        rerun.cached_message_hashes.extend(self.page.cached_hashes)
        rerun.context_info.url = f"{self._address}/{self._path}"
        rerun.context_info.locale, rerun.context_info.timezone = "en-US", "UTC"
        await self._send(message)

    async def _send(self, message: BackMsg) -> None:
        try:
            await self._websocket.send(message.SerializeToString())
        except WebSocketException as error:
            raise DrivingError(f"The connection ended: {error}") from error

    async def _read(self) -> None:
        """Apply what the server sends, until the connection ends."""
        try:
            async for data in self._websocket:
                self.page.receive(ForwardMsg.FromString(data), now())
                self._match_timers()
                self._changed.set()
            self._lost = "the server closed it"
        except (WebSocketException, DrivingError) as error:
            self._lost = str(error)
        self._changed.set()

    def _match_timers(self) -> None:
        """Start and stop the timers of fragments as the page has them."""
        for fragment, (interval, timer) in list(self._timers.items()):
            if self.page.timers.get(fragment) != interval:
                timer.cancel()
                del self._timers[fragment]
        for fragment, interval in self.page.timers.items():
            if fragment not in self._timers:
                self._timers[fragment] = interval, asyncio.create_task(self._repeat(fragment, interval))

    async def _repeat(self, fragment: str, interval: float) -> None:
        while not self._lost:
            await asyncio.sleep(interval)
            try:
                await self._rerun(fragment=fragment, by_timer=True)
            except DrivingError:
                return

    async def _within(self, request: Awaitable, looked_for: str) -> object:
        try:
            return await asyncio.wait_for(request, self._patience)
        except TimeoutError:
            raise DrivingError(f"There was no sign of {looked_for} after {self._patience:.0f} s.") from None
        except (OSError, http.client.HTTPException) as error:
            raise DrivingError(
                f"There was no {looked_for.removeprefix('an ').removeprefix('the ')}: {error}"
            ) from error

    def _in_thread(self, request: Callable[[], object]) -> Awaitable:
        return asyncio.get_running_loop().run_in_executor(self._executor, request)

    def _http(self) -> http.client.HTTPConnection:
        parts = urlsplit(self._address)
        if self._trusted is not None:
            return http.client.HTTPSConnection(
                parts.hostname, parts.port, timeout=self._patience, context=self._trusted
            )
        return http.client.HTTPConnection(parts.hostname, parts.port, timeout=self._patience)

    def _cookies(self) -> str:
        return "; ".join(filter(None, (f"{_XSRF_COOKIE}={self._xsrf}", self._cookie)))

    def _first_requests(self) -> str:
        """Ask for what a browser asks for first, and return the token against forged requests."""
        connection, cookies = self._http(), SimpleCookie()
        for path in _FIRST_REQUESTS:
            connection.request("GET", path, headers={"Cookie": self._cookie} if self._cookie else {})
            reply = connection.getresponse()
            reply.read()
            if reply.status != 200:
                raise DrivingError(f"The server answers {path} with status {reply.status}.")
            for cookie in reply.headers.get_all("Set-Cookie", ()):
                cookies.load(cookie)
        connection.close()
        return cookies[_XSRF_COOKIE].value if _XSRF_COOKIE in cookies else ""

    def _transfer(self, method: str, url: str, name: str = "", data: bytes | None = None) -> None:
        """Send a file to the server, or have the server delete it."""
        headers, body = {"X-Xsrftoken": self._xsrf, "Cookie": self._cookies()}, None
        if data is not None:
            boundary = uuid.uuid4().hex
            headers["Content-Type"] = f"multipart/form-data; boundary={boundary}"
            disposition = f'Content-Disposition: form-data; name="{name}"; filename="{name}"'
            head = f"--{boundary}\r\n{disposition}\r\nContent-Type: audio/wav\r\n\r\n"
            body = head.encode() + data + f"\r\n--{boundary}--\r\n".encode()
        connection = self._http()
        connection.request(method, url, body, headers)
        reply = connection.getresponse()
        reply.read()
        connection.close()
        if reply.status >= 300:
            raise DrivingError(f"The server answers {method} of a file with status {reply.status}.")
