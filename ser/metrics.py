"""How good answers are: unweighted average recall and related scores.

Every clip has one actual emotion, and a model gives a probability to every emotion. Rows of a confusion matrix are
actual, columns predicted. A class without a clip is left out of averages over classes. The answer is the most probable
emotion, and the first in label order on a tie.

Metrics:
    UAR: unweighted average recall, the mean over emotions of the share of its clips that were recognised
        (Schuller et al. 2009); chance is 1 / number of emotions, whatever their counts.
    ECE: expected calibration error with ten equal bins of confidence (Guo et al. 2017).
    Interval: percentiles of the metric when speakers are drawn with replacement, because clips of one speaker are
        not independent (Ferrer & Riera, "Confidence intervals for evaluation in machine learning").
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from ser.errors import TrainingError

BOOTSTRAPS = 1000


@dataclass(frozen=True)
class ClassScore:
    """Scores of one emotion, or the mean of several weighted by the number of clips.

    Attributes:
        precision: share of the answers with this emotion that were right, 0 to 1.
        recall: share of this emotion's clips that were recognised, 0 to 1.
        f1: their harmonic mean, 0 to 1.
        support: number of clips.
    """

    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True)
class Evaluation:
    """The scores of a protocol.

    Attributes:
        protocol: how the scored clips were chosen, a name out of `ser.data.splits.PROTOCOLS`, or which corpus they are.
        n_clips: how many were scored.
        labels: emotions in the order of `confusion`.
        uar: unweighted average recall, 0 to 1.
        uar_interval: its 95 % interval over speakers, (low, high).
        accuracy: share of clips answered right, 0 to 1.
        ece: expected calibration error, 0 to 1.
        per_class: emotion → `ClassScore`.
        weighted: mean of `per_class` weighted by support.
        per_actor_uar: actor → UAR over the actor's own clips; a number, or in other corpora than RAVDESS a name.
        confusion: counts, rows actual, columns predicted.
    """

    protocol: str
    n_clips: int
    labels: tuple[str, ...]
    uar: float
    uar_interval: tuple[float, float]
    accuracy: float
    ece: float
    per_class: dict[str, ClassScore]
    weighted: ClassScore
    per_actor_uar: dict[int | str, float]
    confusion: tuple[tuple[int, ...], ...]

    @property
    def macro_f1(self) -> float:
        """Mean F1 over the emotions that occur, 0 to 1."""
        return sum(each.f1 for each in self.per_class.values()) / len(self.per_class)

    @property
    def accuracy_interval(self) -> tuple[float, float]:
        """95 % interval (Wilson) of the accuracy if clips were independent; for clips of a single speaker."""
        right = sum(self.confusion[i][i] for i in range(len(self.labels)))
        from scipy.stats import binomtest

        low, high = binomtest(right, self.n_clips).proportion_ci(method="wilson")
        return float(low), float(high)

    def to_json(self) -> dict[str, Any]:
        """The evaluation as plain numbers, lists and dicts, with the keys that `ser evaluate --json` prints."""
        record = asdict(self)
        record["labels"] = list(self.labels)
        record["uar_interval"] = list(self.uar_interval)
        record["macro_f1"] = self.macro_f1
        record["per_class_recall"] = {label: score.recall for label, score in self.per_class.items()}
        record["per_actor_uar"] = {str(actor): value for actor, value in self.per_actor_uar.items()}
        record["confusion"] = [list(row) for row in self.confusion]
        return record


def uar(actual: np.ndarray, predicted: np.ndarray) -> float:
    """Unweighted average recall, 0 to 1, over the labels that occur in `actual`.

    Examples:
        >>> uar(np.array(["sad", "sad", "sad", "calm"]), np.array(["sad", "sad", "sad", "sad"]))
        0.5
    """
    hits = actual == predicted
    return float(np.mean([hits[actual == label].mean() for label in np.unique(actual)]))


def expected_calibration_error(confidence: np.ndarray, right: np.ndarray, bins: int = 10) -> float:
    """How far confidence and share of right answers lie apart, 0 to 1: the mean gap over bins, weighted by answers.

    Examples:
        >>> expected_calibration_error(np.array([0.75, 0.75, 0.75, 0.75]), np.array([True, True, True, False]))
        0.0
    """
    index = np.minimum((confidence * bins).astype(int), bins - 1)
    gap = np.bincount(index, confidence - right.astype(float), minlength=bins)
    return float(np.abs(gap).sum() / confidence.size)


def score(
    actual: np.ndarray, probabilities: np.ndarray, labels: tuple[str, ...], actors: np.ndarray, protocol: str
) -> Evaluation:
    """Judge probabilities, shape (n, len(labels)), of clips; `TrainingError` if there is no clip."""
    if actual.size == 0:
        raise TrainingError("There is no clip to score; at least one is needed. Hold out other actors.")
    from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

    names = np.array(labels)
    predicted = names[probabilities.argmax(axis=1)]
    precision, recall, f1, support = precision_recall_fscore_support(actual, predicted, labels=names, zero_division=0)
    per_class = {
        label: ClassScore(float(precision[i]), float(recall[i]), float(f1[i]), int(support[i]))
        for i, label in enumerate(labels)
        if support[i] > 0
    }
    share = support / support.sum()
    right = predicted == actual
    return Evaluation(
        protocol=protocol,
        n_clips=int(actual.size),
        labels=tuple(labels),
        uar=uar(actual, predicted),
        uar_interval=_interval(actual, predicted, actors),
        accuracy=float(right.mean()),
        ece=expected_calibration_error(probabilities.max(axis=1), right),
        per_class=per_class,
        weighted=ClassScore(float(precision @ share), float(recall @ share), float(f1 @ share), int(support.sum())),
        per_actor_uar={a.item(): uar(actual[actors == a], predicted[actors == a]) for a in np.unique(actors)},
        confusion=tuple(tuple(int(n) for n in row) for row in confusion_matrix(actual, predicted, labels=names)),
    )


def _interval(actual: np.ndarray, predicted: np.ndarray, actors: np.ndarray) -> tuple[float, float]:
    """95 % interval of the UAR over speakers drawn with replacement."""
    classes, row = np.unique(actual, return_inverse=True)
    speakers, speaker = np.unique(actors, return_inverse=True)
    # With hits and clips by speaker and class, a draw is a sum and not another pass over the clips.
    hits = np.zeros((speakers.size, classes.size))
    clips = np.zeros_like(hits)
    np.add.at(hits, (speaker, row), actual == predicted)
    np.add.at(clips, (speaker, row), 1)
    draws = np.random.default_rng(0).integers(speakers.size, size=(BOOTSTRAPS, speakers.size))
    with np.errstate(invalid="ignore"):
        recalls = hits[draws].sum(axis=1) / clips[draws].sum(axis=1)
    low, high = np.nanpercentile(np.nanmean(recalls, axis=1), [2.5, 97.5])
    return float(low), float(high)
