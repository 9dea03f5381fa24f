"""What an answer survives: clips of unseen actors recorded otherwise, and whether the answer stays.

Problem: the same speech reaches a model through other microphones, codecs, lines and rooms than it learnt from.
Conventions: the answer to the clip as it was recorded is the reference. For each change stand the share of clips whose
label stays the same as that (whether right or wrong), and the UAR against the actor's intention. Every clip is
answered by a model that was trained, as any is, without its actor (EmoBox's six folds); who babbles is of that model's
training actors, so no voice to be scored is heard elsewhere. A changed clip goes back into a file and through
`ser.inference.prediction.predict`: what is measured is what a visitor gets. The file holds floats, so that nothing but
the change
is measured; what rounding to 16 bits does to a quiet recording is a change by itself. A clip that is refused, because
it has become too quiet, counts as changed and as wrong.
"""

import io
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

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
N_VOICES = 4
"""How many talk in the babble."""
_RATE = 16_000


@dataclass(frozen=True)
class Change:
    """Another recording of the same speech.

    Attributes:
        about: what is done, in words.
        alter: waveform, the voices that may babble, a seed → waveform.
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


def _noise(kind: str, ratio: int) -> Change:
    alter = {
        "white": lambda w, voices, seed: augmentation.noise(w, ratio, seed=seed),
        "babble": lambda w, voices, seed: augmentation.babble(w, ratio, voices, seed=seed),
        "hum": lambda w, voices, seed: augmentation.hum(w, ratio, seed=seed),
    }[kind]
    about = {
        "white": "white noise",
        "babble": f"{N_VOICES} training actors talking meanwhile",
        "hum": "hum of the mains at 50 Hz and its harmonics",
    }[kind]
    return Change(f"{about}, {ratio} dB under the voice", alter)


def _room(about: str, reverberation: float, ratio: float) -> Change:
    return Change(
        f"{about}: RT60 {reverberation:g} s, direct sound {ratio:g} dB over the reverberation",
        lambda w, voices, seed: augmentation.room(w, reverberation, ratio, seed=seed),
    )


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
"""Name → change, in the order of reports."""


@dataclass(frozen=True)
class RobustnessReport:
    """How a measurement stands.

    Attributes:
        fold: the fold under way, from 1.
        folds: folds in all.
        name: of that fold, such as "actors 1, 11, 20, 21".
        training: share of its training that is done, 0 to 1.
        done: clips answered with all their changes, over all folds.
        total: clips in all.
        seconds_left: at the pace so far; None until a fold was trained and a clip answered.
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
    """What a change did.

    Attributes:
        about: what was done, in words.
        same_label: share of clips whose label stayed, 0 to 1.
        uar: unweighted average recall of the answers to the changed clips, 0 to 1.
        refused: clips that could not be used any more.
    """

    about: str
    same_label: float
    uar: float
    refused: int


@dataclass(frozen=True)
class Robustness:
    """What answers survive.

    Attributes:
        protocol: how clips and models were parted, a name out of `ser.data.splits.PROTOCOLS`.
        n_clips: how many clips were answered, each once as recorded and once for every change.
        uar: of the answers to the clips as recorded, 0 to 1.
        changes: name out of `CHANGES` → `ChangeScore`.
        settings: what the models were trained with.
        reported: clips that could not be used even as recorded, in sentences.
    """

    protocol: str
    n_clips: int
    uar: float
    changes: dict[str, ChangeScore]
    settings: TrainingSettings
    reported: tuple[str, ...]

    def to_json(self) -> dict:
        """The measurement as plain numbers, lists and dicts, as `ser evaluate --robustness --json` prints it."""
        return {
            "protocol": self.protocol,
            "n_clips": self.n_clips,
            "uar": self.uar,
            "changes": {name: vars(found) for name, found in self.changes.items()},
            "settings": self.settings.to_json(),
            "reported": list(self.reported),
        }


def measure_robustness(
    settings: TrainingSettings, table: FeatureTable, source: Source, *, clips: int = DEFAULT_CLIPS, jobs: int = 1
) -> Steps[RobustnessReport, Robustness | None]:
    """Train without some actors, change those actors' clips, and count whose label stays.

    Args:
        settings: what to train; whatever their protocol, EmoBox's folds part the actors.
        table: clips and features to learn from.
        source: the audio of the table's clips.
        clips: how many to answer, drawn evenly over actors and emotions; all if more than there are.
        jobs: processes to share the answering.

    Yields:
        A `RobustnessReport` after every epoch of a training and every clip. A `Command` may stop it there.

    Returns:
        A `Robustness`; None if given up.

    Raises:
        DatasetError: the source lacks the table's clips, or not one of those drawn could be used.
        TrainingError: as `ser.training.fitting.fit`.
    """
    from joblib import Parallel

    settings = replace(settings, protocol="emobox")
    kept = np.flatnonzero(chosen_emotions(settings, table.labels))
    folds = split("emobox", table.labels[kept], table.actors[kept])
    folds = [Fold(fold.name, kept[fold.train], kept[fold.test]) for fold in folds]
    scored = np.concatenate([fold.test for fold in folds])
    drawn = scored[drawn_evenly(table.labels[scored], table.actors[scored], clips)]
    # A fold without a drawn clip needs no model.
    folds = [replace(fold, test=fold.test[np.isin(fold.test, drawn)]) for fold in folds]
    folds = [fold for fold in folds if fold.test.size]
    progress = _Pace(len(folds), len(drawn))
    rows, answers = [], []
    with Parallel(n_jobs=jobs, return_as="generator", batch_size=1, pre_dispatch=2 * jobs) as parallel:
        for number, fold in enumerate(folds, start=1):
            model = yield from _trained(settings, table, fold, progress.at(number, fold.name))
            if model is None:
                return None
            found = yield from _answered(_tasks(table, source, fold, model), parallel, progress)
            if found is None:
                return None
            rows += fold.test.tolist()
            answers += found
    return _summed_up(settings, table, rows, answers)


def drawn_evenly(labels: np.ndarray, actors: np.ndarray, count: int) -> np.ndarray:
    """Draw clips so that every actor and every emotion has as many as any other, as far as there are clips.

    Example:
        >>> drawn_evenly(np.array(["calm", "calm", "sad", "sad"]), np.array([1, 1, 2, 2]), 2)
        array([0, 2])
    """
    emotion, actor = (np.unique(each, return_inverse=True)[1] for each in (labels, actors))
    turn = np.zeros(labels.size, int)  # the clip's turn among those of its actor and emotion
    seen: dict[tuple[int, int], int] = {}
    for place in np.random.default_rng(0).permutation(labels.size):
        key = int(actor[place]), int(emotion[place])
        turn[place] = seen[key] = seen.get(key, -1) + 1
    # Within a turn a Latin square, of which any number of diagonals has as many clips of each actor and emotion.
    diagonal = (actor + emotion) % (emotion.max() + 1)
    return np.sort(np.lexsort((actor, diagonal, turn))[:count])


# --- parts ----------------------------------------------------------------------------------------------------------


class _Pace:
    """Where a measurement stands, and how long the rest will take."""

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


def _trained(
    settings: TrainingSettings, table: FeatureTable, fold: Fold, progress: _Pace
) -> Steps[RobustnessReport, EmotionModel | None]:
    steps = fit(settings, table, fold.train)
    trainings = trainings_of_fit(settings, table.labels[fold.train], table.actors[fold.train])
    return (yield from until_stopped(steps, lambda report: progress.trains(share_of_fit(report, trainings))))


def _tasks(
    table: FeatureTable, source: Source, fold: Fold, model: EmotionModel
) -> Iterator[tuple[bytes, str, EmotionModel, list[bytes], int]]:
    names = table.clips["name"].to_numpy(dtype=str)
    for row in fold.test.tolist():
        voices = np.random.default_rng(row).choice(fold.train, N_VOICES, replace=False)
        yield source.read(names[row]), names[row], model, [source.read(names[voice]) for voice in voices], row


def _answered(
    tasks: Iterator[tuple], parallel: "Parallel", progress: _Pace
) -> Steps[RobustnessReport, list[dict[str, str | None] | str] | None]:
    from joblib import delayed

    results = parallel(delayed(_labels)(*task) for task in tasks)
    found = []
    for each in results:
        found.append(each)
        if (yield progress.answers()):
            results.close()
            return None
    return found


def _labels(data: bytes, name: str, model: EmotionModel, voices: list[bytes], seed: int) -> dict[str, str | None] | str:
    """The label of a clip as recorded, under "", and after each change; None where it is refused then.

    A sentence if it cannot be used even as recorded.
    """
    try:
        labels: dict[str, str | None] = {"": predict(data, model, name=name).label}
        waveform = decode(data, rate=_RATE, name=name)
        others = [decode(voice, rate=_RATE) for voice in voices]
    except SerError as error:
        return str(error)
    for change, how in CHANGES.items():
        try:
            labels[change] = predict(_file(how.alter(waveform, others, seed)), model).label
        except SerError:
            labels[change] = None
    return labels


def _file(waveform: Waveform) -> bytes:
    """A WAV file of floats."""
    file = io.BytesIO()
    soundfile.write(file, waveform.samples, waveform.rate, format="WAV", subtype="FLOAT")
    return file.getvalue()


def _summed_up(
    settings: TrainingSettings, table: FeatureTable, rows: list[int], answers: list[dict[str, str | None] | str]
) -> Robustness:
    used = [(row, labels) for row, labels in zip(rows, answers, strict=True) if not isinstance(labels, str)]
    reported = tuple(labels for labels in answers if isinstance(labels, str))
    if not used:
        raise DatasetError(f"Not one of the {len(rows)} clips could be used; the first: {reported[0]}")
    actual = table.labels[[row for row, _ in used]]

    def after(change: str) -> np.ndarray:
        return np.array([labels[change] or "" for _, labels in used])

    before = after("")
    changes = {
        name: ChangeScore(
            change.about,
            float(np.mean(after(name) == before)),
            uar(actual, after(name)),
            int(np.sum(after(name) == "")),
        )
        for name, change in CHANGES.items()
    }
    return Robustness("emobox", len(used), uar(actual, before), changes, settings, reported)
