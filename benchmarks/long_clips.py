"""Measures what it costs that long clips are predicted without views (test-time augmentation).

    python -m benchmarks.long_clips

All clips of an actor with one emotion are joined to a recording of about half a minute. It is cut into windows, as
`ser.inference.prediction` does, and predicted by a model that was not trained on the actor (EmoBox's folds, one network
each). The probabilities of all windows of one, two and four actors of a fold are averaged, as for one clip of half a
minute, one and two minutes.

Prints two lines, without views (1 version of each window) and with views (3 versions): the UAR of single windows, and
of each length. Needs the RAVDESS audio. Takes a few minutes.
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
from ser.inference.clip_features import extract_whole
from ser.inference.prediction import window_probabilities
from ser.metrics import uar
from ser.model.emotion_model import EmotionModel
from ser.model.store import ModelStore
from ser.steps import finish
from ser.threads import one_blas_thread
from ser.training.fitting import fit
from ser.training.settings import TrainingSettings


def window_features(names: list[str]) -> np.ndarray:
    """Features of all windows of some RAVDESS clips joined, with views: shape (n_windows, n_views, n_features)."""
    one_blas_thread()
    file, parts, rate = io.BytesIO(), [], 0
    with open_source(default_source()) as source:
        for name in names:
            samples, rate = soundfile.read(io.BytesIO(source.read(name)), dtype="float32", always_2d=True)
            parts.append(samples.mean(axis=1))
    soundfile.write(file, np.concatenate(parts), rate, format="WAV", subtype="PCM_16")
    return extract_whole(file.getvalue(), ModelStore().load("default").model).vectors


def model_without(actors: tuple[int, ...]) -> EmotionModel:
    """A model that was trained on all actors but these: one network, neither enrolled nor calibrated."""
    settings = replace(TrainingSettings(), members=1, calibration_folds=0)
    table = load_table()
    return finish(fit(settings, table, np.flatnonzero(~np.isin(table.actors, actors))))


def score(answers: list[tuple[str, np.ndarray]], labels: tuple[str, ...]) -> float:
    """UAR of pairs of actual emotion and probabilities, in the order of `labels`."""
    actual = np.array([emotion for emotion, _ in answers])
    return uar(actual, np.array(labels)[np.argmax([probabilities for _, probabilities in answers], axis=1)])


def main() -> None:
    """Join the clips, train the models, predict with and without views, and print the scores."""
    table = load_table()
    emotions, actors = np.unique(table.labels), np.unique(table.actors)
    keys = list(itertools.product(actors, emotions))
    names = [table.clips["name"][(table.actors == a) & (table.labels == e)].tolist() for a, e in keys]
    vectors = dict(zip(keys, Parallel(cpu_count())(delayed(window_features)(each) for each in names), strict=True))
    models = dict(zip(EMOBOX_FOLDS, map(model_without, EMOBOX_FOLDS), strict=True))
    labels = models[EMOBOX_FOLDS[0]].labels
    for n_views, title in ((1, "without views"), (3, "with views")):
        answers = {
            (actor, emotion): window_probabilities(vectors[actor, emotion][:, :n_views], models[fold])
            for fold in EMOBOX_FOLDS
            for actor, emotion in itertools.product(fold, emotions)
        }
        windows = [(emotion, row) for (_, emotion), rows in answers.items() for row in rows]
        scores = [f"windows {score(windows, labels):.3f}"]
        for joined in (1, 2, 4):
            clips = [
                (emotion, np.concatenate([answers[actor, emotion] for actor in together]).mean(axis=0))
                for fold in EMOBOX_FOLDS
                for together, emotion in itertools.product(itertools.combinations(fold, joined), emotions)
            ]
            scores.append(f"{joined} × 28 s {score(clips, labels):.3f}")
        print(f"{title}: {', '.join(scores)}", flush=True)


if __name__ == "__main__":
    main()
