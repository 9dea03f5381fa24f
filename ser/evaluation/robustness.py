"""Robustness: clips of held-out actors in other recordings, and whether the answer stays.

The same speech reaches a model through other microphones, codecs, lines and rooms than it learnt from. For each change
there are three figures: the share of clips whose label is the same as for the clip as recorded, whether right or wrong,
the UAR against the emotion that the actor meant, and whether the confidence is lower where the label did not stay.

Every clip is answered by a model that was trained without its actor (EmoBox's six folds). The babble is spoken by that
model's training actors, so the voice that is scored occurs nowhere else. A changed clip becomes a file and goes through
`ser.inference.prediction.predict`, so a visitor would get the same answer. The file holds floats, so that only the
change is measured; rounding a quiet recording to 16 bits is a change of its own. A clip that is refused, because it has
become too quiet, counts as changed and as wrong.
"""

import io
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import soundfile

from ser.audio.decoding.decoder import decode
from ser.audio.waveform import Waveform
from ser.data.ravdess import Source
from ser.data.splits import Fold, split
from ser.data.table import FeatureTable
from ser.errors import DatasetError, SerError
from ser.evaluation.recording_changes import CHANGES, N_VOICES
from ser.inference.prediction import predict
from ser.metrics import expected_calibration_error, uar
from ser.model.emotion_model import EmotionModel
from ser.steps import Steps, until_stopped
from ser.training.fitting import fit, trainings_of_fit
from ser.training.progress import share_of_fit
from ser.training.selection import chosen_emotions
from ser.training.settings import TrainingSettings
from ser.workers import side_by_side

DEFAULT_CLIPS = 240
_RATE = 16_000


@dataclass(frozen=True)
class RobustnessReport:
    """The state of a measurement.

    Attributes:
        fold: the fold under way, from 1.
        folds: folds in all.
        name: its name, such as "actors 1, 11, 20, 21".
        training: how much of its training is done, 0 to 1.
        done: clips answered with all their changes, over all folds.
        total: clips in all.
        seconds_left: at the pace so far; None until a fold is trained and a clip is answered.
    """

    fold: int
    folds: int
    name: str
    training: float
    done: int
    total: int
    seconds_left: float | None


@dataclass(frozen=True)
class ChangeScore:
    """The effect of a change.

    Attributes:
        about: the change in words.
        same_label: share of clips whose label stayed, 0 to 1.
        uar: unweighted average recall of the answers to the changed clips, 0 to 1.
        refused: number of clips that could no longer be used; the figures below leave them out.
        confidence: mean confidence of the answers to the changed clips, 0 to 1.
        ece: expected calibration error of these answers, 0 to 1.
        confidence_if_same: mean confidence of those whose label stayed; None if there are none.
        confidence_if_other: mean confidence of those whose label did not stay; None if there are none.
        auroc: how well the confidence tells these two apart: the chance that an answer whose label stayed is more
            confident than one whose label did not, 0 to 1; None if either are missing.
    """

    about: str
    same_label: float
    uar: float
    refused: int
    confidence: float = 0.0
    ece: float = 1.0
    confidence_if_same: float | None = None
    confidence_if_other: float | None = None
    auroc: float | None = None


@dataclass(frozen=True)
class Robustness:
    """How robust answers are.

    Attributes:
        protocol: which models answered which clips, a name out of `ser.data.splits.PROTOCOLS`.
        n_clips: number of clips that were answered, each as recorded and once for every change.
        uar: of the answers to the clips as recorded, 0 to 1.
        confidence: mean confidence of these answers, 0 to 1.
        ece: expected calibration error of these answers, 0 to 1.
        changes: name out of `CHANGES` → `ChangeScore`.
        settings: of the models.
        reported: clips that could not be used even as recorded, in sentences.
    """

    protocol: str
    n_clips: int
    uar: float
    confidence: float
    ece: float
    changes: dict[str, ChangeScore]
    settings: TrainingSettings
    reported: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The measurement as plain numbers, lists and dicts, as `ser evaluate --robustness --json` prints it."""
        return {
            "protocol": self.protocol,
            "n_clips": self.n_clips,
            "uar": self.uar,
            "confidence": self.confidence,
            "ece": self.ece,
            "changes": {name: vars(score) for name, score in self.changes.items()},
            "settings": self.settings.to_json(),
            "reported": list(self.reported),
        }


def measure_robustness(
    settings: TrainingSettings, table: FeatureTable, source: Source, *, clips: int = DEFAULT_CLIPS, jobs: int = 1
) -> Steps[RobustnessReport, Robustness | None]:
    """Train without some actors, change the clips of these actors, and count the labels that stay.

    Args:
        settings: what to train. EmoBox's folds are used whatever their protocol.
        table: clips and features to learn from.
        source: the audio of the clips of the table's first data set, which are scored and whose voices babble.
        clips: how many clips to answer, drawn evenly over actors and emotions; at most all.
        jobs: processes that share the answering.

    Yields:
        A `RobustnessReport` after every epoch of a training and every clip. A `Command` may stop it there.

    Returns:
        A `Robustness`; None if it was stopped.

    Raises:
        DatasetError: the source lacks the table's clips, or not one of those drawn could be used.
        TrainingError: as `ser.training.fitting.fit`.
    """
    settings = replace(settings, protocol="emobox")
    kept = np.flatnonzero(chosen_emotions(settings, table.labels))
    folds = [
        Fold(fold.name, kept[fold.train], kept[fold.test])
        for fold in split("emobox", table.labels[kept], table.actors[kept])
    ]
    scored = np.concatenate([fold.test for fold in folds])
    scored = scored[_recorded(table)[scored]]
    drawn = scored[drawn_evenly(table.labels[scored], table.actors[scored], clips)]
    # A fold without a drawn clip needs no model.
    folds = [replace(fold, test=fold.test[np.isin(fold.test, drawn)]) for fold in folds]
    folds = [fold for fold in folds if fold.test.size]
    progress = _Pace(len(folds), len(drawn))
    rows: list[int] = []
    answers: list[ClipAnswers | str] = []
    for number, fold in enumerate(folds, start=1):
        model = yield from _trained(settings, table, fold, progress.at(number, fold.name))
        if model is None:
            return None
        results = side_by_side(_answers, tasks_of(table, source, fold), jobs=jobs, shared=(model,))
        answered = yield from _answered(results, progress)
        if answered is None:
            return None
        rows += fold.test.tolist()
        answers += answered
    return summarise(settings, table, rows, answers)


def drawn_evenly(labels: np.ndarray, actors: np.ndarray, count: int) -> np.ndarray:
    """Draw clips so that every actor and every emotion has as many as any other, as far as there are clips.

    Examples:
        >>> drawn_evenly(np.array(["calm", "calm", "sad", "sad"]), np.array([1, 1, 2, 2]), 2)
        array([0, 2])
    """
    emotion, actor = (np.unique(each, return_inverse=True)[1] for each in (labels, actors))
    turn = np.zeros(labels.size, int)  # the clip's number among those of its actor and emotion
    seen: dict[tuple[int, int], int] = {}
    for index in np.random.default_rng(0).permutation(labels.size):
        key = int(actor[index]), int(emotion[index])
        turn[index] = seen[key] = seen.get(key, -1) + 1
    # The clips of one turn form a Latin square. Any number of its diagonals has equally many clips of each actor and
    # emotion.
    diagonal = (actor + emotion) % (emotion.max() + 1)
    return np.sort(np.lexsort((actor, diagonal, turn))[:count])


@dataclass(frozen=True)
class ClipAnswer:
    """A label and its confidence, 0 to 1."""

    label: str
    confidence: float


@dataclass(frozen=True)
class ClipAnswers:
    """The answer to a clip as recorded, and by the name of each change; None where the changed clip is refused."""

    recorded: ClipAnswer
    changed: dict[str, ClipAnswer | None]


class _Pace:
    """The progress of a measurement, and the time that the rest will take."""

    def __init__(self, folds: int, total: int) -> None:
        self.folds, self.total = folds, total
        self.number, self.name, self.training, self.done = 0, "", 0.0, 0
        self.trained, self.answering, self._since = 0.0, 0.0, time.perf_counter()

    def at(self, number: int, name: str) -> "_Pace":
        self.number, self.name, self.training = number, name, 0.0
        return self

    def trains(self, share: float) -> RobustnessReport:
        self.training = share
        self.trained += self._lap()
        return self._report()

    def answers(self) -> RobustnessReport:
        self.done += 1
        self.answering += self._lap()
        return self._report()

    def _lap(self) -> float:
        now = time.perf_counter()
        lap, self._since = now - self._since, now
        return lap

    def _report(self) -> RobustnessReport:
        left = None
        if self.done:
            trainings = self.number - 1 + self.training
            left = self.trained / trainings * (self.folds - trainings)
            left += self.answering / self.done * (self.total - self.done)
        return RobustnessReport(self.number, self.folds, self.name, self.training, self.done, self.total, left)


def _recorded(table: FeatureTable) -> np.ndarray:
    """Which clips there is audio of: those of the first data set, booleans, shape (n_clips,)."""
    return table.corpora == table.corpora[0]


def _trained(
    settings: TrainingSettings, table: FeatureTable, fold: Fold, progress: _Pace
) -> Steps[RobustnessReport, EmotionModel | None]:
    steps = fit(settings, table, fold.train)
    trainings = trainings_of_fit(settings, table.actors[fold.train], table.corpora[fold.train])
    return (yield from until_stopped(steps, lambda report: progress.trains(share_of_fit(report, trainings))))


def tasks_of(table: FeatureTable, source: Source, fold: Fold) -> Iterator[tuple[bytes, str, list[bytes], int]]:
    """What is to be answered in a fold: each held-out clip, and the training clips whose voices babble in it."""
    names, recorded = table.clips["name"].to_numpy(dtype=str), _recorded(table)
    for row in fold.test.tolist():
        voices = np.random.default_rng(row).choice(fold.train[recorded[fold.train]], N_VOICES, replace=False)
        yield source.read(names[row]), names[row], [source.read(names[voice]) for voice in voices], row


def _answered(
    results: Generator[ClipAnswers | str], progress: _Pace
) -> Steps[RobustnessReport, list[ClipAnswers | str] | None]:
    answers = []
    for each in results:
        answers.append(each)
        if (yield progress.answers()):
            results.close()
            return None
    return answers


def _answers(model: EmotionModel, data: bytes, name: str, voices: list[bytes], seed: int) -> ClipAnswers | str:
    """The answers to a clip, or a sentence if it cannot be used even as recorded."""
    try:
        recorded = _answer(data, model, name)
        waveform = decode(data, rate=_RATE, name=name)
        others = [decode(voice, rate=_RATE) for voice in voices]
    except SerError as error:
        return str(error)
    changed: dict[str, ClipAnswer | None] = {}
    for key, change in CHANGES.items():
        try:
            changed[key] = _answer(_file(change.alter(waveform, others, seed)), model)
        except SerError:
            changed[key] = None
    return ClipAnswers(recorded, changed)


def _answer(data: bytes, model: EmotionModel, name: str | None = None) -> ClipAnswer:
    found = predict(data, model, name=name)
    return ClipAnswer(found.label, found.confidence)


def _file(waveform: Waveform) -> bytes:
    """A WAV file of floats."""
    file = io.BytesIO()
    soundfile.write(file, waveform.samples, waveform.rate, format="WAV", subtype="FLOAT")
    return file.getvalue()


def summarise(
    settings: TrainingSettings, table: FeatureTable, rows: list[int], answers: list[ClipAnswers | str]
) -> Robustness:
    """The measurement over all clips; a sentence in place of answers says why a clip could not be used."""
    used = [(row, each) for row, each in zip(rows, answers, strict=True) if not isinstance(each, str)]
    reported = tuple(each for each in answers if isinstance(each, str))
    if not used:
        raise DatasetError(f"Not one of the {len(rows)} clips could be used; the first: {reported[0]}")
    actual = table.labels[[row for row, _ in used]]
    recorded = [each.recorded for _, each in used]
    labels = np.array([each.label for each in recorded])
    confidence = np.array([each.confidence for each in recorded])
    changes = {
        name: _score(change.about, actual, labels, [each.changed[name] for _, each in used])
        for name, change in CHANGES.items()
    }
    ece = expected_calibration_error(confidence, labels == actual)
    mean = float(confidence.mean())
    return Robustness("emobox", len(used), uar(actual, labels), mean, ece, changes, settings, reported)


def _score(about: str, actual: np.ndarray, recorded: np.ndarray, changed: list[ClipAnswer | None]) -> ChangeScore:
    """The effect of a change, from the answers to changed clips, the actual emotions and the labels as recorded."""
    labels = np.array([each.label if each else "" for each in changed])
    answered = labels != ""
    plain = float(np.mean(labels == recorded)), uar(actual, labels), int(np.sum(~answered))
    if not answered.any():
        return ChangeScore(about, *plain)
    confidence = np.array([each.confidence for each in changed if each])
    same = (labels == recorded)[answered]
    return ChangeScore(
        about,
        *plain,
        confidence=float(confidence.mean()),
        ece=expected_calibration_error(confidence, (labels == actual)[answered]),
        confidence_if_same=float(confidence[same].mean()) if same.any() else None,
        confidence_if_other=float(confidence[~same].mean()) if not same.all() else None,
        auroc=auroc(confidence[same], confidence[~same]) if same.any() and not same.all() else None,
    )


def auroc(higher: np.ndarray, lower: np.ndarray) -> float:
    """The chance that one of the first values is larger than one of the second; a tie counts half.

    Example:
        >>> auroc(np.array([0.9, 0.6]), np.array([0.6, 0.5]))
        0.875
    """
    differences = higher[:, None] - lower
    return float(np.mean((differences > 0) + 0.5 * (differences == 0)))
