"""Writes the answers to several clips: CSV for a spreadsheet, JSON for a program."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ser.errors import SerError
from ser.inference.prediction import Prediction


@dataclass(frozen=True)
class Result:
    """The outcome for one clip.

    Attributes:
        name: the clip's.
        outcome: the answer, or the error.
    """

    name: str
    outcome: Prediction | SerError


def to_csv(results: Sequence[Result]) -> str:
    """A CSV with a line for each clip, in order, and a column for each emotion that any answer knows."""
    labels = dict.fromkeys(x for r in results if isinstance(r.outcome, Prediction) for x in r.outcome.probabilities)
    return "".join(csv_lines(results, tuple(labels)))


def csv_lines(results: Iterable[Result], labels: Sequence[str]) -> Iterator[str]:
    """The header of a CSV, then a line for each clip as soon as there is its answer, each with a line feed.

    The columns are file, label, confidence, abstained, prediction_set, warnings, seconds, error, and p_… for each of
    the `labels`.
    """
    yield csv_line(
        ["file", "label", "confidence", "abstained", "prediction_set", "warnings", "seconds", "error"]
        + [f"p_{label}" for label in labels]
    )
    for result in results:
        answer = result.outcome
        if not isinstance(answer, Prediction):
            yield csv_line([result.name, *[""] * 6, str(answer), *[""] * len(labels)])
            continue
        yield csv_line(
            [
                result.name,
                answer.label,
                f"{answer.confidence:.6f}",
                answer.abstained,
                " ".join(answer.prediction_set),
                " ".join(answer.sentences),
                f"{answer.seconds:.3f}",
                "",
                *(f"{answer.probabilities[x]:.6f}" if x in answer.probabilities else "" for x in labels),
            ]
        )


def to_json(results: Sequence[Result]) -> str:
    """A JSON list with an object for each clip, in order, as `as_object` gives it."""
    return json.dumps([as_object(result) for result in results], ensure_ascii=False, indent=1)


def as_object(result: Result) -> dict:
    """The JSON object that `ser predict --json` prints: the keys of `Prediction.to_json`, or `file` and `error`."""
    name = encodable(result.name)
    if isinstance(result.outcome, Prediction):
        return result.outcome.to_json() | {"file": name}
    return {"file": name, "error": encodable(str(result.outcome))}


def encodable(text: str) -> str:
    r"""A text that every Unicode encoding can write.

    Python puts lone surrogates for bytes that its encoding does not know. They are read as UTF-8 here, or else written
    as escapes.

    Examples:
        >>> encodable("a\udcff.wav"), encodable("\udcf0\udc9f\udc98\udc80.wav")
        ('a\\xff.wav', '😀.wav')
    """
    try:
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:  # a surrogate that stands for no byte
        return text.encode("utf-8", "backslashreplace").decode("utf-8")


def csv_line(cells: Sequence[object]) -> str:
    """A line of a CSV file. No text in it is a formula to a spreadsheet, and each can be encoded."""
    file = io.StringIO()
    # The writer puts quotes round a carriage return only if its own line ends have one.
    csv.writer(file, lineterminator="\r\n").writerow(
        [_harmless(encodable(cell)) if isinstance(cell, str) else cell for cell in cells]
    )
    return file.getvalue().removesuffix("\r\n") + "\n"


def _harmless(cell: str) -> str:
    """A cell that a spreadsheet does not take for a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else cell
