"""Does with an upload what Recognise does, from bytes to answers, and says how it went."""

import json
import resource
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from ser.data.archives.clip_files import unpack
from ser.data.archives.zips import is_zip
from ser.errors import DatasetError, SerError
from ser.inference.prediction import predict
from ser.limits import VISITOR
from ser.memory import give_back
from ser.model.emotion_model import EmotionModel
from ser.model.store import ModelStore
from ser.threads import one_blas_thread

_CLEAR = Path("/proc/self/clear_refs")


@dataclass(frozen=True)
class Outcome:
    """What became of one file.

    Attributes:
        answered: whether there was an answer for it, or for a clip of a zip.
        refusal: the sentence of the `SerError` otherwise.
        seconds: processor time.
        megabytes: that memory grew by at its highest.
    """

    answered: bool
    refusal: str
    seconds: float
    megabytes: float


def ready() -> EmotionModel:
    """The shipped model, with libraries loaded and one thread for linear algebra."""
    one_blas_thread()
    store = ModelStore()
    return store.load(store.names()[0]).model


def attempt(data: bytes, model: EmotionModel) -> Outcome:
    """Answer for a file; any exception other than a `SerError` is a finding and passes through."""
    before = _megabytes("VmRSS")
    if _CLEAR.exists():
        _CLEAR.write_text("5")  # the highest use so far is forgotten
    began, refusal = time.process_time(), ""
    try:
        answers = _answers(data, model)
    except SerError as error:
        answers, refusal = 0, str(error)
    spent = time.process_time() - began
    grown = _megabytes("VmHWM") - before
    if grown > 50:
        give_back()
    return Outcome(bool(answers), refusal, spent, grown)


def _answers(data: bytes, model: EmotionModel) -> int:
    """How many clips have an answer; a `SerError` if not one has."""
    if not is_zip(data, "upload.zip"):
        _checked(predict(data, model, name="upload").to_json())
        return 1
    unpacked, first, answered = unpack([("upload.zip", data)], most=VISITOR.answered_clips), None, 0
    for name, content in unpacked.clips:
        try:
            _checked(predict(content, model, name=name).to_json())
            answered += 1
        except SerError as error:
            first = first or error
    if not answered:
        raise first or DatasetError(" ".join(unpacked.reported))
    return answered


def _checked(answer: dict) -> None:
    """An answer is JSON without NaN, and its probabilities sum to 1."""
    json.dumps(answer, allow_nan=False)
    assert abs(sum(answer["probabilities"].values()) - 1) < 1e-6, answer


def _megabytes(field: str) -> float:
    """VmRSS or VmHWM of this process."""
    try:
        text = Path("/proc/self/status").read_text("utf-8")
    except OSError:  # not on Linux
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return int(text.partition(f"{field}:")[2].split()[0]) / 1024


def as_json(outcome: Outcome) -> str:
    """One line for the process that asked."""
    return json.dumps(asdict(outcome))
