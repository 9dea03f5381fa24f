"""What passes between the server and a worker: pickled objects, in which large shared ones are named, not copied.

Both ends are this package on this machine, so unpickling is safe here.
"""

import importlib
import io
import pickle
from collections.abc import Callable
from functools import cache
from multiprocessing.connection import Connection
from typing import Any

#: By its id, each object that workers have too, with the name of the function that loads it.
_shared: dict[int, tuple[Any, str]] = {}


def name_of(function: Callable) -> str:
    """The name of a module's function, as in "ser.data.table_file:load_table"."""
    return f"{function.__module__}:{function.__qualname__}"


@cache
def loaded(name: str) -> Any:
    """What a function without arguments returns, by its name. It is called once in a process and in all its forks."""
    module, _, function = name.partition(":")
    return getattr(importlib.import_module(module), function)()


def share(value: Any, load: Callable[[], Any]) -> None:
    """Pass an object to workers by name from now on, not as a copy.

    Args:
        value: the object.
        load: a function of a module that gives an equal one; workers call it once.

    Raises:
        AttributeError: `load` is no function of a module.
    """
    if "." in load.__qualname__:
        raise AttributeError(f"{load.__qualname__} is not a function of its module; workers could not find it.")
    _shared[id(value)] = value, name_of(load)


class _Pickler(pickle.Pickler):
    def persistent_id(self, value: Any) -> str | None:
        """The name of a shared object."""
        known = _shared.get(id(value))
        return known and known[1]


class _Unpickler(pickle.Unpickler):
    def persistent_load(self, name: str) -> Any:
        """The shared object of that name."""
        return loaded(name)


class HungUpError(Exception):
    """The other end is gone. Work may raise `EOFError` or `OSError` too, so these cannot say so."""


def send(connection: Connection, message: Any) -> None:
    """Send a message; `HungUpError` if the other end is gone."""
    stream = io.BytesIO()
    _Pickler(stream, protocol=5).dump(message)
    try:
        connection.send_bytes(stream.getbuffer())
    except OSError as error:
        raise HungUpError from error


def receive(connection: Connection) -> Any:
    """Wait for a message and return it; `HungUpError` if the other end is gone."""
    try:
        received = connection.recv_bytes()
    except (EOFError, OSError) as error:
        raise HungUpError from error
    return _Unpickler(io.BytesIO(received)).load()
