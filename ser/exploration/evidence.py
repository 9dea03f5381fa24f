"""What findings are made of, and what a finding is: a sentence with its numbers and its chart."""

from dataclasses import dataclass, field

import numpy as np

from ser.data.table import FeatureTable
from ser.emotions import LABELS
from ser.evaluation import human_baseline
from ser.model.out_of_fold import OutOfFoldAnswers


@dataclass(frozen=True)
class FindingChart:
    """The numbers of a small chart of bars.

    Attributes:
        axis: title of the axis of values, with its unit.
        labels: of the bars.
        series: name → a value for each label.
    """

    axis: str
    labels: tuple[str, ...]
    series: dict[str, tuple[float, ...]]


@dataclass(frozen=True)
class Finding:
    """A sentence that holds for some clips.

    Attributes:
        name: identifies the finding, and the view behind it.
        sentence: in Markdown.
        numbers: every number in the sentence as it is written there → its value.
        chart: the numbers behind it.
    """

    name: str
    sentence: str
    numbers: dict[str, float]
    chart: FindingChart


@dataclass(frozen=True)
class Evidence:
    """What findings are made of.

    Attributes:
        table: the clips.
        answers: out-of-fold answers to them; None where there are none.
        emotions, speakers: of each clip, strings of shape (n_clips,).
        order: the emotions that occur, in their usual order.
        all_judged: whether the clips are all those that people judged, so that the two can be compared.
    """

    table: FeatureTable
    answers: OutOfFoldAnswers | None = None
    emotions: np.ndarray = field(init=False)
    speakers: np.ndarray = field(init=False)
    order: tuple[str, ...] = field(init=False)
    all_judged: bool = field(init=False)

    def __post_init__(self) -> None:
        """Derive what many findings need."""
        clips = self.table.clips
        emotions = clips["emotion"].to_numpy(dtype=str)
        present = set(emotions)
        known = [label for label in LABELS if label in present]
        names = set() if self.answers is None else set(self.answers.names.tolist())
        object.__setattr__(self, "emotions", emotions)
        object.__setattr__(self, "speakers", clips["actor"].astype(str).to_numpy(dtype=str))
        object.__setattr__(self, "order", (*known, *sorted(present.difference(known))))
        object.__setattr__(self, "all_judged", bool(names) and names == set(clips["name"]))

    def answered(self) -> np.ndarray | None:
        """The answer to each clip as a label, shape (n_clips,); None unless every clip has one."""
        names = self.table.clips["name"]
        if self.answers is None or not set(names) <= set(self.answers.names.tolist()):
            return None
        rows = {str(name): row for row, name in enumerate(self.answers.names)}
        labels = np.array(self.answers.labels)[self.answers.probabilities.argmax(axis=1)]
        return labels[[rows[name] for name in names]]

    def shares(self, column: str) -> dict[str, float]:
        """Group → share of right answers of the model, counted as people's are; empty where not all were judged."""
        answered = self.answered()
        if answered is None or not self.all_judged or column not in self.table.clips:
            return {}
        right, groups = human_baseline.right(self.emotions, answered), self.table.clips[column].to_numpy(dtype=str)
        shares = {group: float(right[groups == group].mean()) for group in np.unique(groups)}
        if column == "emotion":
            both = float(right[np.isin(groups, list(human_baseline.ONE))].mean())
            shares = {label: both if label in human_baseline.ONE else shares[label] for label in self.order}
        return shares
