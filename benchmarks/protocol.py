"""What Streamlit's server sends to a browser, read without a browser: the page with its elements, runs and timers."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from google.protobuf.message import Message
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg, ForwardMsgMetadata
from streamlit.runtime.state.common import user_key_from_element_id

_FULL, _FRAGMENT = ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY
_MOST_NAMED = 12


class DrivingError(Exception):
    """A visitor cannot go on; the sentence says why."""


class MissingWidgetError(DrivingError):
    """The page does not show what a visitor looks for."""


@dataclass(frozen=True, slots=True)
class Node:
    """An element or a container on the page.

    Attributes:
        element_type: as in Streamlit's messages, such as "button", "plotly_chart" or "flex_container".
        content: the message of that type.
        run: the script run that drew it.
        fragment: the fragment that it belongs to; "" outside of fragments.
        arrived: seconds of `time.perf_counter` at which it came.
    """

    element_type: str
    content: Message
    run: str
    fragment: str
    arrived: float

    @property
    def key(self) -> str | None:
        """The key that the app gave to a widget."""
        element_id = getattr(self.content, "id", "")
        return user_key_from_element_id(element_id) if element_id else None

    @property
    def text(self) -> str:
        """The text that it shows: a body, a label, or what a chart says to screen readers."""
        for name in ("body", "label", "alt", "message"):
            if text := getattr(self.content, name, ""):
                return text
        return ""

    @property
    def options(self) -> list[str]:
        """The options that it offers, without their icons."""
        return [getattr(option, "content", option) for option in getattr(self.content, "options", ())]


class Page:
    """What a browser would show, kept up to date message by message as Streamlit's browser code does it."""

    def __init__(self) -> None:
        """Start with an empty page."""
        self.session, self.script, self.query = "", "", ""
        self.nodes: dict[tuple[int, ...], Node] = {}
        self.addresses: dict[str, str] = {}  # title of a page of the app → hash of its script
        self.timers: dict[str, float] = {}  # fragment → seconds between its reruns
        self.upload_urls: dict[str, Message] = {}  # ID of the request → answer
        self.full_runs, self.running = 0, False
        self._cache: dict[str, tuple[Delta, int, str]] = {}  # hash → delta, runs when last used, fragment
        self._run, self._finished_runs, self._most_age = "", 0, 0

    @property
    def cached_hashes(self) -> list[str]:
        """Hashes of the large messages that the server need not send again."""
        return list(self._cache)

    def receive(self, message: ForwardMsg, arrived: float) -> None:
        """Apply one message from the server."""
        message_type = message.WhichOneof("type")
        if message_type == "delta":
            if message.metadata.cacheable:
                self._cache[message.hash] = (message.delta, self._finished_runs, message.delta.fragment_id)
            self._draw(message.delta, message.metadata, arrived)
        elif message_type == "ref_hash":
            if message.ref_hash not in self._cache:
                raise DrivingError("The server refers to a message that it never sent.")
            delta, _, fragment = self._cache[message.ref_hash]
            self._cache[message.ref_hash] = (delta, self._finished_runs, fragment)
            self._draw(delta, message.metadata, arrived)
        elif message_type == "new_session":
            # Elements do not say which run draws them: it is the one that was announced last.
            self.running, self._run = True, message.metadata.run.script_run_id
            self.session = message.new_session.initialize.session_id or self.session
            self.script = message.new_session.page_script_hash or self.script
            self._most_age = message.new_session.config.max_cached_message_age
            if not message.metadata.run.fragment_ids:
                self.timers.clear()
        elif message_type == "script_finished":
            self._finish(message)
        elif message_type == "navigation":
            self.script = message.navigation.page_script_hash or self.script
            self.addresses = {page.page_name: page.page_script_hash for page in message.navigation.app_pages}
        elif message_type == "page_info_changed":
            self.query = message.page_info_changed.query_string
        elif message_type == "auto_rerun":
            self.timers[message.auto_rerun.fragment_id] = message.auto_rerun.interval
        elif message_type == "stop_auto_rerun":
            for fragment in message.stop_auto_rerun.fragment_ids:
                self.timers.pop(fragment, None)
        elif message_type == "file_urls_response":
            self.upload_urls[message.file_urls_response.response_id] = message.file_urls_response

    def leave(self) -> None:
        """Forget the elements and timers, because the visitor goes to another page of the app."""
        self.nodes.clear()
        self.timers.clear()
        self.query = ""

    def all(self, element_type: str, *, since: float = 0.0) -> Iterator[Node]:
        """Yield the elements of a type that arrived since a moment."""
        return (node for node in self.nodes.values() if node.element_type == element_type and node.arrived >= since)

    def find(
        self, element_type: str, *, label: str | None = None, key: str | None = None, option: str | None = None
    ) -> Node | None:
        """Return the first element of a type with this label, key or option; None if there is none."""
        for node in self.all(element_type):
            fits = (label in (None, node.text), key in (None, node.key), option is None or option in node.options)
            if all(fits):
                return node
        return None

    def need(self, element_type: str, **looked_for: str) -> Node:
        """Return what `find` finds; if there is nothing, a `MissingWidgetError` says what was looked for."""
        found = self.find(element_type, **looked_for)
        if found is None:
            wanted = " and ".join(f"the {name} “{value}”" for name, value in looked_for.items())
            others = [node.text or node.key or ", ".join(node.options) or "…" for node in self.all(element_type)]
            raise MissingWidgetError(
                f"The page shows no {element_type}{f' with {wanted}' if wanted else ''}; "
                f"of that type it shows {_quoted(others)}."
            )
        return found

    def refusal(self, since: float = 0.0) -> str | None:
        """Return the first error that the page shows since a moment; None if it shows none."""
        for node in self.nodes.values():
            if node.arrived >= since and (
                node.element_type == "exception"
                or (node.element_type == "alert" and node.content.format == node.content.ERROR)
            ):
                return node.text
        return None

    def _draw(self, delta: Delta, metadata: ForwardMsgMetadata, arrived: float) -> None:
        path = tuple(metadata.delta_path)
        delta_type = delta.WhichOneof("type")
        if delta_type not in ("new_element", "add_block"):  # a transient element, such as a spinner, replaces nothing
            return
        drawn = getattr(delta, delta_type)
        element_type = drawn.WhichOneof("type") or "block"
        before = self.nodes.get(path)
        if delta_type == "new_element" and before and before.element_type not in drawn.DESCRIPTOR.fields_by_name:
            # An element replaces a container together with what the container holds.
            for inside in [each for each in self.nodes if len(each) > len(path) and each[: len(path)] == path]:
                del self.nodes[inside]
        content = getattr(drawn, element_type, drawn)
        self.nodes[path] = Node(element_type, content, self._run, delta.fragment_id, arrived)

    def _finish(self, message: ForwardMsg) -> None:
        """End a run: elements that it should have drawn again but did not are gone, and old cached messages too."""
        self.running = False
        run, fragments = message.metadata.run.script_run_id, set(message.metadata.run.fragment_ids)
        if message.script_finished in (_FULL, _FRAGMENT):
            self.nodes = {
                path: node
                for path, node in self.nodes.items()
                if node.run == run or (fragments and node.fragment not in fragments)
            }
        if message.script_finished == _FULL:
            self.full_runs += 1
        if message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
            self._finished_runs += 1
            self._cache = {
                key: (delta, used, fragment)
                for key, (delta, used, fragment) in self._cache.items()
                if self._finished_runs - used <= self._most_age or (fragments and fragment not in fragments)
            }


def now() -> float:
    """Return the clock that stamps what arrives."""
    return time.perf_counter()


def _quoted(texts: Iterable[str]) -> str:
    texts = list(texts)
    named = ", ".join(f"“{text}”" for text in texts[:_MOST_NAMED])
    return (named + (" and more" if len(texts) > _MOST_NAMED else "")) or "nothing"
