"""The lines of the benchmark: what is measured, what each line is compared with, and the targets that follow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

NOT_INSTALLED = "not installed"
NOT_MEASURABLE = "not measurable on this system"


@dataclass(frozen=True)
class Line:
    """Something that is measured.

    Attributes:
        key: its name in JSON.
        name: its name in the table.
        compared_with: key of the line that its median is divided by; "" if there is none.
        unit: "ms", "s" or "MB".
        missing: why there may be no measurement.
    """

    key: str
    name: str
    compared_with: str = ""
    unit: str = "ms"
    missing: str = NOT_MEASURABLE


def lines_of(views: Sequence[str]) -> tuple[Line, ...]:
    """All lines, in the order of the table, for a model with these views."""
    return (
        Line("answer", "decode → answer", "notebook_librosa"),
        Line("decoding", "  decoding", "answer"),
        Line("features", "  features, all views", "answer"),
        Line("features_as_recorded", "    as recorded", "answer"),
        *(Line(f"features_view_{i}", f"    {view}", "answer") for i, view in enumerate(views, start=1)),
        Line("quality", "  quality of the recording", "answer"),
        Line("networks", "  networks", "answer"),
        Line("decoding_stft", "decoding and one STFT", "answer"),
        Line("standard", "standard features", "notebook_librosa"),
        Line("notebook", "notebook features", "notebook_librosa"),
        Line("notebook_librosa", "notebook's own librosa calls"),
        Line("opensmile_egemaps", "openSMILE eGeMAPS", "standard", missing=NOT_INSTALLED),
        Line("opensmile_compare", "openSMILE ComParE", "standard", missing=NOT_INSTALLED),
        Line("epoch", "an epoch of a training", "epoch_plain"),
        Line("epoch_plain", "an epoch of MLPClassifier.fit"),
        Line("one_worker", "many clips, one worker", unit="s"),
        Line("two_workers", "many clips, two workers", "one_worker", "s"),
        Line("predict_process", "ser predict CLIP, whole process", "imports_process", "s"),
        Line("imports_process", "bare imports, whole process", unit="s"),
        Line("predict_memory", "ser predict CLIP, peak memory", "imports_memory", "MB"),
        Line("imports_memory", "bare imports, peak memory", unit="MB"),
    )


@dataclass(frozen=True)
class Target:
    """How many times as long one line should take as another.

    Attributes:
        key: its name in JSON.
        name: its name in the table.
        numerator, denominator: keys of the lines whose medians are divided.
        must: what has to be reached.
        stretch: what would be better still; None if there is no such figure.
        at_most: whether less is better.
    """

    key: str
    name: str
    numerator: str
    denominator: str
    must: float
    stretch: float | None = None
    at_most: bool = False

    def reached(self, value: float) -> bool:
        """Whether a value is as good as it must be."""
        return value <= self.must if self.at_most else value >= self.must


TARGETS = (
    Target(
        "answer_against_notebook",
        "decode → answer: times as fast as the notebook's own librosa calls",
        "notebook_librosa",
        "answer",
        1.0,
        1.6,
    ),
    Target(
        "standard_against_egemaps",
        "standard features: times as fast as openSMILE eGeMAPS",
        "opensmile_egemaps",
        "standard",
        5.0,
        10.0,
    ),
    Target("two_workers_against_one", "two workers: times as fast as one", "one_worker", "two_workers", 1.7),
    Target(
        "predict_against_imports",
        "ser predict: times as long as bare imports",
        "predict_process",
        "imports_process",
        2.0,
        at_most=True,
    ),
)


@dataclass(frozen=True)
class Measurement:
    """What was measured for a line.

    Attributes:
        line: the line.
        samples: all single measurements, in the line's unit; none if it could not be measured.
        reference: median of the line that it is compared with; None if there is none.
    """

    line: Line
    samples: tuple[float, ...]
    reference: float | None

    @property
    def median(self) -> float | None:
        """The median of the samples; None if there are none."""
        return median(self.samples) if self.samples else None

    @property
    def ratio(self) -> float | None:
        """The median divided by that of the other line; None if one of them is missing."""
        return None if self.median is None or self.reference is None else self.median / self.reference

    def to_json(self) -> dict[str, Any]:
        """The line as an object."""
        return {
            "key": self.line.key,
            "name": self.line.name.strip(),
            "unit": self.line.unit,
            "median": self.median,
            "samples": len(self.samples),
            "compared_with": self.line.compared_with or None,
            "ratio": self.ratio,
            "missing": None if self.samples else self.line.missing,
        }


@dataclass(frozen=True)
class Comparison:
    """All that one run measured.

    Attributes:
        source: what the clips are.
        n_clips: clips that were measured one by one.
        n_many: clips that one and two workers extracted.
        rounds: how often everything was measured.
        measurements: one for each line, in the order of the table.
    """

    source: str
    n_clips: int
    n_many: int
    rounds: int
    measurements: tuple[Measurement, ...]

    @property
    def targets(self) -> tuple[tuple[Target, float | None], ...]:
        """The targets with the values that were measured; None where a line is missing."""
        medians = {each.line.key: each.median for each in self.measurements}

        def value(target: Target) -> float | None:
            above, below = medians[target.numerator], medians[target.denominator]
            return None if above is None or below is None else above / below

        return tuple((target, value(target)) for target in TARGETS)

    def to_json(self) -> dict[str, Any]:
        """The object that `ser bench --json` prints."""
        return {
            "clips": self.source,
            "n_clips": self.n_clips,
            "n_many": self.n_many,
            "rounds": self.rounds,
            "lines": [each.to_json() for each in self.measurements],
            "targets": [
                {
                    "key": target.key,
                    "name": target.name,
                    "value": value,
                    "better": "lower" if target.at_most else "higher",
                    "must": target.must,
                    "stretch": target.stretch,
                    "reached": None if value is None else target.reached(value),
                }
                for target, value in self.targets
            ],
        }


def measurements(views: Sequence[str], samples: Mapping[str, Sequence[float]]) -> tuple[Measurement, ...]:
    """The measurement of every line from the samples of each key."""
    medians = {key: median(values) for key, values in samples.items() if values}
    return tuple(
        Measurement(line, tuple(samples.get(line.key, ())), medians.get(line.compared_with)) for line in lines_of(views)
    )
