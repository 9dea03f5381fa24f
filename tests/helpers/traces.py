"""The search of a process for what it holds of a visitor."""

import gc
import io
import json
import threading
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pyarrow as pa


def search(mark: str) -> list[str]:
    """Where objects of this process hold a text: the type of the holder, and the beginning of what it holds."""
    places = []
    for holder in gc.get_objects():
        for value in gc.get_referents(holder):
            if holds(value, mark):
                shown = value[:60] if type(value) in (str, bytes) else type(value)
                places.append(f"{type(holder).__name__}: {shown!r}")
    return places


def holds(value: object, mark: str) -> bool:
    """Whether a text, bytes, an array or a column of a table holds a text by itself."""
    # `isinstance` would ask a weak proxy for the class of an object that may be gone.
    kind = type(value)
    if issubclass(kind, str):
        return mark in value
    if issubclass(kind, (bytes, bytearray)):
        return mark.encode() in value
    if issubclass(kind, np.ndarray):
        # The collector does not look into arrays.
        if value.dtype.kind == "O":
            return any(type(each) in (str, bytes) and holds(each, mark) for each in value.flat)
        if value.dtype.kind in "iu" and value.itemsize <= 2:  # samples, or bytes as numbers
            return mark.encode() in value.tobytes()
        return value.dtype.kind in "US" and any(holds(each, mark) for each in value.flat)
    if issubclass(kind, io.BytesIO):
        return not value.closed and mark.encode() in value.getvalue()
    if issubclass(kind, memoryview):
        with suppress(ValueError):  # it was released
            return mark.encode() in value.tobytes()
    if issubclass(kind, pa.ChunkedArray):
        return any(holds(chunk, mark) for chunk in value.chunks)
    if issubclass(kind, pa.Array):
        return any(mark.encode() in buffer.to_pybytes() for buffer in value.buffers() if buffer is not None)
    return False


def answer_searches(asked: str, answered: str, first: str, second: str) -> None:
    """Search whenever the file `asked` appears; the mark comes in two parts, so that it does not find the question."""

    def watch() -> None:
        while True:
            if Path(asked).exists():
                Path(asked).unlink()
                found = json.dumps(search(first + second))
                Path(f"{answered}.part").write_text(found)
                Path(f"{answered}.part").replace(answered)
            time.sleep(0.1)

    threading.Thread(target=watch, daemon=True).start()
