"""The answers to several clips as files: CSV for a spreadsheet, JSON for a program."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass

from ser.errors import SerError
from ser.prediction import Prediction


@dataclass(frozen=True)
class Result:
    """What one clip came to.

    Attributes:
        name: the clip's.
        outcome: the answer, or why there is none.
    """

    name: str
    outcome: Prediction | SerError


def to_csv(results: Sequence[Result]) -> str:
    """Write a line for each clip, in order.

    Args:
        results: answers and errors.

    Returns:
        CSV with a header: file, label, confidence, abstained, prediction_set, warnings, seconds, error, and a column
        p_… for each emotion that any answer knows.
    """
    labels = list(
        dict.fromkeys(x for r in results if isinstance(r.outcome, Prediction) for x in r.outcome.probabilities)
    )
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(
        ["file", "label", "confidence", "abstained", "prediction_set", "warnings", "seconds", "error"]
        + [f"p_{label}" for label in labels]
    )
    for result in results:
        answer = result.outcome
        if not isinstance(answer, Prediction):
            writer.writerow([_harmless(result.name), *[""] * 6, str(answer), *[""] * len(labels)])
            continue
        writer.writerow(
            [
                _harmless(result.name),
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
    return file.getvalue()


def to_json(results: Sequence[Result]) -> str:
    """Write a list with an object for each clip, in order.

    Args:
        results: answers and errors.

    Returns:
        JSON; each object has the keys that `ser predict --json` prints, or `file` and `error`.
    """
    return json.dumps(
        [
            result.outcome.to_json() | {"file": result.name}
            if isinstance(result.outcome, Prediction)
            else {"file": result.name, "error": str(result.outcome)}
            for result in results
        ],
        ensure_ascii=False,
        indent=1,
    )


def _harmless(name: str) -> str:
    """A name that a spreadsheet does not take for a formula."""
    return f"'{name}" if name[:1] in ("=", "+", "-", "@") else name
