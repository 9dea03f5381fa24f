"""A model on other corpora: which emotions count, what is made of calm, what cannot be scored."""

import io
import json
import zipfile
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from ser.data.labels.labelled import open_corpus
from ser.emotions import LABELS
from ser.errors import DatasetError
from ser.evaluation import cross_corpus
from ser.evaluation.cross_corpus import restricted, score_corpus, shared_labels
from ser.inference.prediction import answer, predict
from ser.metrics import uar
from tests.helpers import shipped
from tests.helpers.steps import followed
from tests.helpers.voices import ALL as VOICES

MODEL = shipped.model()


@pytest.mark.parametrize(
    ("corpus", "model", "shared"),
    [
        (("angry", "bored", "sad"), LABELS, ("sad", "angry")),
        (("neutral", "sad"), ("calm", "sad"), ("neutral", "sad")),
        (("calm", "neutral", "sad"), LABELS, ("neutral", "calm", "sad")),
        (("heimweh", "fernweh"), ("fernweh", "heimweh"), ("fernweh", "heimweh")),
    ],
)
def test_shared_labels(corpus, model, shared):
    assert shared_labels(corpus, model) == shared


@pytest.mark.parametrize(("corpus", "model"), [(("bored",), LABELS), (("sad", "bored"), LABELS)])
def test_too_little_in_common_is_a_sentence(corpus, model):
    with pytest.raises(DatasetError, match="at least two emotions"):
        shared_labels(corpus, model)


def test_probabilities_of_the_rest_go_and_calm_counts_as_neutral():
    model = ("neutral", "calm", "happy", "surprised")
    given = np.array([[0.1, 0.2, 0.3, 0.4], [0.0, 0.0, 0.0, 1.0]])
    assert restricted(given, model, ("neutral", "happy")) == pytest.approx(np.array([[0.5, 0.5], [0.5, 0.5]]))
    with_calm = restricted(given[:1], model, ("neutral", "calm", "happy"))
    assert with_calm == pytest.approx(np.array([[1 / 6, 2 / 6, 3 / 6]]))


def test_scores_are_those_of_single_answers_and_bad_clips_are_told_of(tmp_path):
    labels = ["sad", "angry", "neutral"]
    for i, example in enumerate(VOICES[:6]):
        place = tmp_path / labels[i % 3] / f"speaker{i // 3}" / f"{i}.ogg"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(example.read_bytes())
    (tmp_path / "sad" / "speaker0" / "broken.wav").write_bytes(b"no sound")
    (tmp_path / "bored" / "speaker0").mkdir(parents=True)
    (tmp_path / "bored" / "speaker0" / "b.ogg").write_bytes(VOICES[0].read_bytes())
    with open_corpus(tmp_path, "folder") as corpus:
        reports, found = followed(score_corpus(corpus, MODEL))
    count = min(6, len(VOICES))
    assert [r.done for r in reports] == list(range(1, count + 2)) and reports[0].total == count + 1
    assert [r.name for r in reports if r.error] == ["sad/speaker0/broken.wav"]
    assert found.evaluation.n_clips == count and found.evaluation.labels == ("neutral", "sad", "angry")
    assert set(found.evaluation.per_actor_uar) == {"speaker0", "speaker1"}
    assert any("bored" in line for line in found.reported) and any("broken.wav" in line for line in found.reported)

    actual, answers = [], []
    for clip in (clip for clip in corpus.clips if clip.label != "bored" and "broken" not in clip.name):
        p = predict(clip.read(), MODEL).probabilities
        p = {"neutral": p["neutral"] + p["calm"], "sad": p["sad"], "angry": p["angry"]}
        actual.append(clip.label)
        answers.append(max(p, key=p.get))
    assert found.evaluation.uar == pytest.approx(uar(np.array(actual), np.array(answers)))


def test_transductive_score_adapts_to_each_speaker_as_a_whole(tmp_path, monkeypatch):
    for i, example in enumerate(VOICES[:6]):
        place = tmp_path / ("sad", "angry")[i % 2] / f"speaker{i // 4}" / f"{i}.ogg"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(example.read_bytes())
    asked = []

    def all_right(clip_features, model):
        asked.append([each.file for each in clip_features])
        found = [answer(each, model) for each in clip_features]
        return [
            replace(each, probabilities={label: float(each.file.startswith(label)) for label in each.probabilities})
            for each in found
        ]

    monkeypatch.setattr(cross_corpus, "adapt", all_right)
    with open_corpus(tmp_path, "folder") as corpus:
        _, plain = followed(score_corpus(corpus, replace(MODEL, emotion_offsets=None)))
        assert plain.transductive_uar is None and "transductive_uar" not in plain.to_json() and not asked
        _, found = followed(score_corpus(corpus, MODEL))
    assert found.to_json()["transductive_uar"] == 1.0 and found.evaluation.uar == plain.evaluation.uar
    assert len(asked) == 2  # speakers
    for names in asked:
        assert len({name.split("/")[1] for name in names}) == 1
    assert sorted(name for names in asked for name in names) == [clip.name for clip in corpus.clips]


def test_without_speakers_there_is_no_score_by_speaker(tmp_path):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as out:
        for label, example in zip(("sad", "angry"), VOICES, strict=False):
            out.writestr(f"{label}/1.ogg", example.read_bytes())
    _, found = followed(score_corpus(open_corpus(stream.getvalue(), "folder"), MODEL))
    assert found.evaluation.per_actor_uar == {} and found.evaluation.n_clips == 2
    assert found.transductive_uar is None


def test_nothing_that_can_be_heard_is_a_sentence(tmp_path):
    for label in ("sad", "angry"):
        (tmp_path / label).mkdir()
        soundfile.write(tmp_path / label / "silent.wav", np.zeros(16000), 16000)
    with open_corpus(tmp_path, "folder") as corpus, pytest.raises(DatasetError, match="could be used"):
        followed(score_corpus(corpus, MODEL))


def test_a_sample_of_emodb(emodb, tmp_path):
    with open_corpus(emodb, "emodb") as corpus:
        per_cell = defaultdict(list)
        for clip in corpus.clips:
            per_cell[clip.label].append(clip)
        for clips in per_cell.values():
            for clip in clips[:: len(clips) // 6][:6]:
                (tmp_path / Path(clip.name).name).write_bytes(clip.read())
    with open_corpus(tmp_path, "emodb") as sample:
        reports, found = followed(score_corpus(sample, MODEL, jobs=2))
    assert len(reports) == 36 and not any(report.error for report in reports)
    assert found.evaluation.labels == ("neutral", "happy", "sad", "angry", "fearful", "disgust")
    assert found.evaluation.uar > 1 / 6  # another language and other speakers, but better than chance
    written = json.loads(json.dumps(found.to_json()))
    assert written["protocol"] == "corpus emodb" and written["labels"] == list(found.evaluation.labels)
    assert written["settings"] == json.loads(json.dumps(MODEL.settings))
    assert written["reported"] == [
        "42 of the 535 clips of EMO-DB are here.",
        "6 clips of the emotion bored, which the model does not know, are left out.",
    ]


@pytest.mark.slow
def test_chosen_emotions_and_clips_of_the_speaker(emodb, tmp_path):
    """Figures over four emotions, and after some clips of the speaker, which are not scored."""
    with open_corpus(emodb, "emodb") as corpus:
        few = replace(corpus, clips=tuple(clip for clip in corpus.clips if clip.speaker in ("03", "08"))[::2])
        _, found = followed(score_corpus(few, MODEL, emotions=("angry", "happy", "neutral", "sad")))
    assert found.evaluation.labels == ("neutral", "happy", "sad", "angry")
    assert sum(map(sum, found.evaluation.confusion)) == found.evaluation.n_clips
    assert set(found.unlabelled_uar_by_clips) == {"1", "3", "10"}
    assert all(0 < each <= 1 for each in found.unlabelled_uar_by_clips.values())
    assert found.to_json()["unlabelled_uar_by_clips"] == found.unlabelled_uar_by_clips
    sets = found.conformal
    assert found.evaluation.accuracy <= sets.coverage <= 1 and 1 <= sets.mean_size <= 4 and sets.target == 0.9
