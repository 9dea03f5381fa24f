"""Robustness: clips of held-out actors in other recordings, and whether the answer stays.

The same speech reaches a model through other microphones, codecs, lines and rooms than it learnt from. For each change
there are two figures: the share of clips whose label is the same as for the clip as recorded, whether right or wrong,
and the UAR against the emotion that the actor meant.

Every clip is answered by a model that was trained without its actor (EmoBox's six folds). The babble is spoken by that
model's training actors, so the voice that is scored occurs nowhere else. A changed clip becomes a file and goes through
`ser.inference.prediction.predict`, so a visitor would get the same answer. The file holds floats, so that only the
change is measured; rounding a quiet recording to 16 bits is a change of its own. A clip that is refused, because it has
become too quiet, counts as changed and as wrong.
"""

import io
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import soundfile

from ser.audio import augmentation
from ser.audio.decoding.decoder import decode
from ser.audio.waveform import Waveform, wav_bytes
from ser.data.ravdess import Source
from ser.data.splits import Fold, split
from ser.data.table import FeatureTable
from ser.errors import DatasetError, SerError
from ser.inference.prediction import predict
from ser.metrics import uar
from ser.model.emotion_model import EmotionModel
from ser.steps import Steps, until_stopped
from ser.training.fitting import fit, trainings_of_fit
from ser.training.progress import share_of_fit
from ser.training.selection import chosen_emotions
from ser.training.settings import TrainingSettings

if TYPE_CHECKING:
    from joblib import Parallel

DEFAULT_CLIPS = 240
#: Number of voices in the babble.
N_VOICES = 4
_RATE = 16_000


@dataclass(frozen=True)
class Change:
    """Another recording of the same speech.

    Attributes:
        about: the change in words.
        alter: makes the changed waveform out of a waveform, the voices of the babble and a seed.
    """

    about: str
    alter: Callable[[Waveform, Sequence[Waveform], int], Waveform]


def _gain(decibels: int) -> Change:
    return Change(f"{decibels:+d} dB and nothing else", lambda w, voices, seed: augmentation.gain(w, decibels))


def _sixteen_bits(decibels: int) -> Change:
    return Change(
        f"{decibels:+d} dB, then rounded to 16 bits",
        lambda w, voices, seed: decode(wav_bytes(augmentation.gain(w, decibels))),
    )


def _codec(name: str, title: str) -> Change:
    kilobits = augmentation.CODECS[name][2] // 1000
    return Change(f"{title} at {kilobits} kbit/s", lambda w, voices, seed: augmentation.codec(w, name))


def _noise(name: str, ratio: int) -> Change:
    alter = {
        "white": lambda w, voices, seed: augmentation.noise(w, ratio, seed=seed),
        "babble": lambda w, voices, seed: augmentation.babble(w, ratio, voices, seed=seed),
        "hum": lambda w, voices, seed: augmentation.hum(w, ratio, seed=seed),
    }[name]
    about = {
        "white": "white noise",
        "babble": f"{N_VOICES} training actors talking meanwhile",
        "hum": "hum of the mains at 50 Hz and its harmonics",
    }[name]
    return Change(f"{about}, {ratio} dB under the voice", alter)


def _room(about: str, reverberation: float, ratio: float) -> Change:
    return Change(
        f"{about}: RT60 {reverberation:g} s, direct sound {ratio:g} dB over the reverberation",
        lambda w, voices, seed: augmentation.room(w, reverberation, ratio, seed=seed),
    )


#: Name → change, in the order of reports.
CHANGES: dict[str, Change] = {
    "gain -12 dB": _gain(-12),
    "gain -6 dB": _gain(-6),
    "gain +6 dB": _gain(6),
    "gain +12 dB": _gain(12),
    "16 bit": _sixteen_bits(0),
    "16 bit -12 dB": _sixteen_bits(-12),
    "MP3 64k": _codec("mp3", "MP3"),
    "Opus 24k": _codec("opus", "Opus"),
    "AAC 64k": _codec("aac", "AAC"),
    "telephone": Change("300 to 3400 Hz at 8 kHz", lambda w, voices, seed: augmentation.telephone(w)),
    "white 20 dB": _noise("white", 20),
    "white 10 dB": _noise("white", 10),
    "babble 20 dB": _noise("babble", 20),
    "babble 10 dB": _noise("babble", 10),
    "hum 20 dB": _noise("hum", 20),
    "hum 10 dB": _noise("hum", 10),
    "small room": _room("a living room", 0.3, 6),
    "large room": _room("a hall", 0.9, 0),
    "leading silence": Change("1 s of digital silence before", lambda w, voices, seed: augmentation.pad(w, 1, 0)),
    "trailing silence": Change("1 s of digital silence after", lambda w, voices, seed: augmentation.pad(w, 0, 1)),
    "clipping": Change("the loudest 2 % of the samples cut off", lambda w, voices, seed: augmentation.clip(w, 0.02)),
    "speed -5 %": Change("5 % slower and lower", lambda w, voices, seed: augmentation.speed(w, 0.95)),
    "speed +5 %": Change("5 % faster and higher", lambda w, voices, seed: augmentation.speed(w, 1.05)),
}  # fmt: skip


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
        refused: number of clips that could no longer be used.
    """

    about: str
    same_label: float
    uar: float
    refused: int


@dataclass(frozen=True)
class Robustness:
    """How robust answers are.

    Attributes:
        protocol: which models answered which clips, a name out of `ser.data.splits.PROTOCOLS`.
        n_clips: number of clips that were answered, each as recorded and once for every change.
        uar: of the answers to the clips as recorded, 0 to 1.
        changes: name out of `CHANGES` → `ChangeScore`.
        settings: of the models.
        reported: clips that could not be used even as recorded, in sentences.
    """

    protocol: str
    n_clips: int
    uar: float
    changes: dict[str, ChangeScore]
    settings: TrainingSettings
    reported: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The measurement as plain numbers, lists and dicts, as `ser evaluate --robustness --json` prints it."""
        return {
            "protocol": self.protocol,
            "n_clips": self.n_clips,
            "uar": self.uar,
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
    from joblib import Parallel

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
    labels: list[ClipLabels | str] = []
    with Parallel(n_jobs=jobs, return_as="generator", batch_size=1, pre_dispatch=2 * jobs) as parallel:
        for number, fold in enumerate(folds, start=1):
            model = yield from _trained(settings, table, fold, progress.at(number, fold.name))
            if model is None:
                return None
            answered = yield from _answered(tasks_of(table, source, fold, model), parallel, progress)
            if answered is None:
                return None
            rows += fold.test.tolist()
            labels += answered
    return summarise(settings, table, rows, labels)


def drawn_evenly(labels: np.ndarray, actors: np.ndarray, count: int) -> np.ndarray:
    """Draw clips so that every actor and every emotion has as many as any other, as far as there are clips.

    Example:
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
class ClipLabels:
    """The label of a clip as recorded, and by the name of each change; None where the changed clip is refused."""

    recorded: str
    changed: dict[str, str | None]


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


def tasks_of(
    table: FeatureTable, source: Source, fold: Fold, model: EmotionModel
) -> Iterator[tuple[bytes, str, EmotionModel, list[bytes], int]]:
    """What is to be answered in a fold: each held-out clip, and the training clips whose voices babble in it."""
    names, recorded = table.clips["name"].to_numpy(dtype=str), _recorded(table)
    for row in fold.test.tolist():
        voices = np.random.default_rng(row).choice(fold.train[recorded[fold.train]], N_VOICES, replace=False)
        yield source.read(names[row]), names[row], model, [source.read(names[voice]) for voice in voices], row


def _answered(
    tasks: Iterator[tuple], parallel: "Parallel", progress: _Pace
) -> Steps[RobustnessReport, list[ClipLabels | str] | None]:
    from joblib import delayed

    results = parallel(delayed(_labels)(*task) for task in tasks)
    labels = []
    for each in results:
        labels.append(each)
        if (yield progress.answers()):
            results.close()
            return None
    return labels


def _labels(data: bytes, name: str, model: EmotionModel, voices: list[bytes], seed: int) -> ClipLabels | str:
    """The labels of a clip, or a sentence if it cannot be used even as recorded."""
    try:
        recorded = predict(data, model, name=name).label
        waveform = decode(data, rate=_RATE, name=name)
        others = [decode(voice, rate=_RATE) for voice in voices]
    except SerError as error:
        return str(error)
    changed: dict[str, str | None] = {}
    for key, change in CHANGES.items():
        try:
            changed[key] = predict(_file(change.alter(waveform, others, seed)), model).label
        except SerError:
            changed[key] = None
    return ClipLabels(recorded, changed)


def _file(waveform: Waveform) -> bytes:
    """A WAV file of floats."""
    file = io.BytesIO()
    soundfile.write(file, waveform.samples, waveform.rate, format="WAV", subtype="FLOAT")
    return file.getvalue()


def summarise(
    settings: TrainingSettings, table: FeatureTable, rows: list[int], labels: list[ClipLabels | str]
) -> Robustness:
    """The measurement over all clips; a sentence in place of labels says why a clip could not be used."""
    used = [(row, each) for row, each in zip(rows, labels, strict=True) if not isinstance(each, str)]
    reported = tuple(each for each in labels if isinstance(each, str))
    if not used:
        raise DatasetError(f"Not one of the {len(rows)} clips could be used; the first: {reported[0]}")
    actual = table.labels[[row for row, _ in used]]
    recorded = np.array([each.recorded for _, each in used])
    changes = {}
    for name, change in CHANGES.items():
        changed = np.array([each.changed[name] or "" for _, each in used])
        same = float(np.mean(changed == recorded))
        changes[name] = ChangeScore(change.about, same, uar(actual, changed), int(np.sum(changed == "")))
    return Robustness("emobox", len(used), uar(actual, recorded), changes, settings, reported)
