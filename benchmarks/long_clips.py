"""What it costs that long clips are read once, where short ones are read three times and averaged.

    python -m benchmarks.long_clips

Joins all clips of an actor in one emotion to a recording of about half a minute, cuts it into windows as
`ser.inference.prediction` does, and lets models answer that never heard the actor (EmoBox's folds; one network each).
Windows of
one, two and four actors of a fold are averaged as those of one clip: half a minute, one and two minutes. Prints the UAR
of single windows and of each length, read once and three times. Needs the RAVDESS audio; a few minutes.
"""

import io
import itertools
from dataclasses import replace

import numpy as np
import soundfile
from joblib import Parallel, cpu_count, delayed

from ser.data.ravdess import default_source, open_source
from ser.data.splits import EMOBOX_FOLDS
from ser.data.table_file import load_table
from ser.inference import prediction
from ser.inference.clip_features import extract_whole
from ser.inference.prediction import window_probabilities
from ser.metrics import uar
from ser.model.emotion_model import EmotionModel
from ser.model.store import ModelStore
from ser.steps import finish
from ser.training.fitting import fit
from ser.training.settings import TrainingSettings
from ser.training.threads import one_blas_thread


def windows(names: list[str]) -> np.ndarray:
    """Features of every window of some clips one after another, in all readings.

    Args:
        names: of RAVDESS's clips.

    Returns:
        shape (n_windows, n_readings, n_features).
    """
    one_blas_thread()
    prediction.SINGLE_VIEW_SECONDS = np.inf
    file, parts, rate = io.BytesIO(), [], 0
    with open_source(default_source()) as source:
        for name in names:
            samples, rate = soundfile.read(io.BytesIO(source.read(name)), dtype="float32", always_2d=True)
            parts.append(samples.mean(axis=1))
    soundfile.write(file, np.concatenate(parts), rate, format="WAV", subtype="PCM_16")
    return extract_whole(file.getvalue(), ModelStore().load("default").model).vectors


def model_without(fold: tuple[int, ...]) -> EmotionModel:
    """A model that heard all actors but these.

    Args:
        fold: numbers of actors.

    Returns:
        The model, of one network and as it is: neither depends on what is compared.
    """
    settings = replace(TrainingSettings(), members=1, enrolled_members=0, calibration_folds=0)
    table = load_table()
    return finish(fit(settings, table, np.flatnonzero(~np.isin(table.actors, fold))))


def score(answered: list[tuple[str, np.ndarray]], model: EmotionModel) -> float:
    """UAR of answers.

    Args:
        answered: (actual emotion, probabilities) of each.
        model: that tells the order of the probabilities.

    Returns:
        0 to 1.
    """
    actual = np.array([emotion for emotion, _ in answered])
    return uar(actual, np.array(model.labels)[np.argmax([row for _, row in answered], axis=1)])


def main() -> None:
    """Join, train, answer, print."""
    table = load_table()
    labels, actors = np.unique(table.labels), np.unique(table.actors)
    keys = list(itertools.product(actors, labels))
    names = [table.clips["name"][(table.actors == a) & (table.labels == e)].tolist() for a, e in keys]
    vectors = dict(zip(keys, Parallel(cpu_count())(delayed(windows)(each) for each in names), strict=True))
    models = dict(zip(EMOBOX_FOLDS, map(model_without, EMOBOX_FOLDS), strict=True))
    for readings in (1, 3):
        answers = {
            (actor, emotion): window_probabilities(vectors[actor, emotion][:, :readings], models[fold])
            for fold in EMOBOX_FOLDS
            for actor, emotion in itertools.product(fold, labels)
        }
        single = [(emotion, row) for (_, emotion), rows in answers.items() for row in rows]
        found = [f"windows {score(single, models[EMOBOX_FOLDS[0]]):.3f}"]
        for joined in (1, 2, 4):
            clips = [
                (emotion, np.concatenate([answers[actor, emotion] for actor in together]).mean(axis=0))
                for fold in EMOBOX_FOLDS
                for together, emotion in itertools.product(itertools.combinations(fold, joined), labels)
            ]
            found.append(f"{joined} × 28 s {score(clips, models[EMOBOX_FOLDS[0]]):.3f}")
        print(f"read {readings} times: {', '.join(found)}", flush=True)


if __name__ == "__main__":
    main()
