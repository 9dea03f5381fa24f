"""The table and the models on disk, and answers that come from them."""

import io
import json
import pickle
import shutil
import subprocess
import warnings
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from ser.audio.decoding.decoder import decode
from ser.config import SHIPPED_MODELS
from ser.data.table_file import SHIPPED, load_table, load_tables, save_table
from ser.errors import DatasetError, ModelStoreError
from ser.features.sets import FEATURE_SETS
from ser.inference.prediction import predict
from ser.model import model_file
from ser.model.card import TrainedOn, card_of
from ser.model.degradation import Degradation
from ser.model.emotion_model import Calibration, EmotionModel, Network, Trust
from ser.model.store import DEFAULT_NAME, SHIPPED_NAMES, ModelStore
from ser.model.training_clips import SHIPPED_CLIPS
from ser.training.settings import TrainingSettings
from tests.helpers import shipped

ROOT = Path(__file__).parents[2]


@pytest.fixture
def model():
    rng = np.random.default_rng(0)
    names = FEATURE_SETS["notebook"].names
    network = Network("relu", (rng.normal(size=(180, 8)), rng.normal(size=(8, 3))), (np.zeros(8), np.zeros(3)))
    return EmotionModel(
        ("calm", "sad", "angry"),
        "notebook",
        names,
        np.zeros(180),
        np.ones(180),
        (network,),
        Trust(Calibration(2.0, 0.1, 0.4)),
    )


@pytest.fixture
def store(tmp_path, model):
    kept = ModelStore(tmp_path)
    kept.save("mine", model, card_of(model, TrainedOn((1,), 60)))
    return kept


class TestTable:
    def test_the_shipped_table_is_whole(self, table):
        assert len(table) == 1440
        assert table.clips.groupby("actor").size().tolist() == [60] * 24
        assert (table.labels == "neutral").sum() == 96
        assert all((table.labels == label).sum() == 192 for label in set(table.labels) - {"neutral"})
        assert (table.clips.channels == 2).sum() == 5  # the five stereo files that the data set is known for
        assert table.clips.seconds.between(2.9, 5.3).all()
        for name, feature_set in FEATURE_SETS.items():
            assert table.matrix(name).shape == (1440, len(feature_set.features))
            assert np.isfinite(table.matrix(name)).all()

    def test_round_trip_and_select(self, table, tmp_path):
        part = table.select(table.actors == 3)
        save_table(part, tmp_path / "t.parquet")
        again = load_table(tmp_path / "t.parquet")
        assert again.clips.equals(part.clips)
        assert all(np.array_equal(again.matrix(name), part.matrix(name)) for name in part.sets)

    def test_what_is_no_table_is_refused(self, table, tmp_path):
        (tmp_path / "x.parquet").write_text("no")
        table.clips.to_parquet(tmp_path / "other.parquet")
        for path in (tmp_path / "missing.parquet", tmp_path / "x.parquet", tmp_path / "other.parquet"):
            with pytest.raises(DatasetError, match="ser extract"):
                load_table(path)

    def test_unknown_set_is_refused(self, table):
        with pytest.raises(DatasetError, match="no set"):
            table.matrix("opensmile")

    @pytest.mark.ravdess
    def test_clips_give_their_rows(self, table, ravdess):
        """What `predict` computes of a clip is what the table has, to 1e-5 of each feature's spread, or of 1.

        Without the spread the bound would ask more of a feature in decibels than processors agree on. Other versions of
        numpy and scipy than those that computed the table round differently, so that a decision at a threshold may fall
        the other way: there a feature in a thousand may be off, by a hundredth of its spread at most.
        """
        same_versions = ModelStore().card(DEFAULT_NAME).versions["numpy"] == np.__version__
        for row in (0, 431, 777, 1203, 1439):
            clip = table.clips.iloc[row]
            for name, feature_set in FEATURE_SETS.items():
                data = ravdess.read(clip["name"])
                waveform = decode(data, rate=feature_set.rate, levelled=feature_set.levelled)
                matrix = table.matrix(name)
                apart = np.abs(feature_set.extract(waveform) - matrix[row])
                allowed = 1e-5 * (np.maximum(matrix.std(axis=0), 1) + np.abs(matrix[row]))
                worst = clip["name"], feature_set.names[np.argmax(apart - allowed)]
                assert np.mean(apart > allowed) <= (0 if same_versions else 1e-3), worst
                assert (apart <= (1 if same_versions else 1000) * allowed).all(), worst


class TestModel:
    def test_probabilities_sum_to_one_and_temperature_flattens(self, model):
        x = np.random.default_rng(1).normal(size=(20, 180))
        warm, plain = model.probabilities(x), replace(model, trust=Trust()).probabilities(x)
        np.testing.assert_allclose(warm.sum(axis=1), 1)
        assert (warm.max(axis=1) < plain.max(axis=1)).all()
        assert np.array_equal(warm.argmax(axis=1), plain.argmax(axis=1))

    def test_features_that_are_gone_are_said(self, model):
        with pytest.raises(ModelStoreError, match="does not compute"):
            model_file.from_bytes(model_file.to_bytes(replace(model, feature_names=("mfcc0.gone",))))
        with pytest.raises(ModelStoreError, match="cannot be used"):
            model_file.from_bytes(model_file.to_bytes(replace(model, feature_set="gone")))

    def test_what_is_no_model_file_is_refused(self, model):
        whole = model_file.to_bytes(model)
        pickled = io.BytesIO()
        np.savez(pickled, header=np.array([{"labels": []}], dtype=object))
        for data in (b"", b"no", whole[: len(whole) // 2], pickle.dumps({"labels": []}), pickled.getvalue()):
            with pytest.raises(ModelStoreError, match="not the parts"):
                model_file.from_bytes(data)


class TestStore:
    def test_round_trip(self, store, model):
        kept = store.load("mine")
        x = np.random.default_rng(1).normal(size=(5, 180))
        assert np.array_equal(kept.model.probabilities(x), model.half_precision().probabilities(x))
        np.testing.assert_allclose(kept.model.probabilities(x), model.probabilities(x), atol=0.01)
        assert kept.card.calibration == asdict(model.trust)
        assert store.names() == ("mine",)

    def test_the_degradation_is_kept_and_files_of_older_versions_have_none(self, store, model):
        assert store.load("mine").model.degradation is None
        rng = np.random.default_rng(2)
        weights = rng.normal(size=(3, 180)).astype(np.float32)
        degradation = Degradation(weights, np.array([0.0, 1.0, 2.0]), np.array([9.0, 8.0, 7.0]), rng.random(3))
        whole = replace(model, degradation=degradation)
        read = model_file.from_bytes(model_file.to_bytes(whole))
        x = rng.normal(size=(20, 180))
        assert np.array_equal(read.probabilities(x), whole.half_precision().probabilities(x))
        without = replace(read, degradation=None).probabilities(x)
        assert np.array_equal(read.probabilities(x).argmax(axis=1), without.argmax(axis=1))
        assert (read.probabilities(x).max(axis=1) < without.max(axis=1) - 1e-3).any()

    def test_a_model_of_an_older_version_is_not_opened_but_explained(self, store):
        card = store.card("mine").to_json()
        old = store.folder / "mine-12345678.joblib"
        old.write_bytes(b"old")
        (store.folder / "mine.json").write_text(json.dumps(card | {"file": old.name}))
        others = ",".join(str(actor) for actor in range(2, 25))
        command = f"train --settings mine.json --name mine --exclude-actors {others}"
        with pytest.raises(ModelStoreError, match=f"older version.*{command}"):
            store.load("mine")
        assert TrainingSettings.from_json((store.folder / "mine.json").read_text()).epochs > 0
        own = {"actors": [101], "n_clips": 3}
        (store.folder / "mine.json").write_text(json.dumps(card | {"file": old.name, "trained_on": own}))
        with pytest.raises(ModelStoreError, match="Train page"):
            store.load("mine")

    def test_a_changed_file_is_never_opened(self, store, monkeypatch):
        path = store.folder / store.card("mine").file
        data = bytearray(path.read_bytes())
        data[-1] ^= 1
        path.write_bytes(data)
        monkeypatch.setattr("ser.model.model_file.from_bytes", lambda *_: pytest.fail("was opened"))
        with pytest.raises(ModelStoreError, match="not opened"):
            store.load("mine")

    def test_saving_again_replaces_and_leaves_nothing_behind(self, store, model):
        other = replace(model, mean=np.ones(180))
        store.save("mine", other, card_of(other, TrainedOn((2,), 60)))
        assert np.array_equal(store.load("mine").model.mean, np.ones(180))
        assert len(list(store.folder.iterdir())) == 2

    def test_an_interrupted_save_leaves_the_old_model(self, store, model, monkeypatch):
        def full(*_, **__):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("pathlib.Path.write_text", full)
        other = replace(model, mean=np.ones(180))
        with pytest.raises(ModelStoreError, match="cannot be written"):
            store.save("mine", other, card_of(other, TrainedOn((2,), 60)))
        assert np.array_equal(store.load("mine").model.mean, np.zeros(180))

    @pytest.mark.parametrize("name", ["", "..", "a/b", "Big", "x" * 41, ".hidden", "naïve"])
    def test_names_that_are_no_names(self, store, model, name):
        with pytest.raises(ModelStoreError, match="cannot be a model's name"):
            store.save(name, model, {})

    def test_unknown_and_broken(self, store):
        with pytest.raises(ModelStoreError, match="there: mine"):
            store.load("yours")
        (store.folder / "bad.json").write_text("{}")
        with pytest.raises(ModelStoreError, match="no file and SHA-256"):
            store.load("bad")
        (store.folder / store.card("mine").file).unlink()
        with pytest.raises(ModelStoreError, match="cannot be read") as caught:
            store.load("mine")
        # Visitors read this: where the server keeps its files is not for them.
        assert str(store.folder) not in str(caught.value)


class TestShipped:
    def test_loads_without_a_warning_and_vouches_for_itself(self, table):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            stored = ModelStore().load(DEFAULT_NAME)
        score, other, stranger = stored.card.scores
        assert (score.data_set, other.data_set, stranger.data_set) == ("RAVDESS", "nEMO", "EMO-DB")
        assert score.protocol == other.protocol == "emobox" and other.n_clips == len(load_tables(("nemo",)))
        assert "learnt from none of them" in stranger.scored_on
        assert score.n_clips == len(table)
        assert "trained without that clip's actor" in score.scored_on
        assert stored.card.licence == "CC BY-NC-SA 4.0"
        assert stored.model.trust.general.set_threshold is not None

    def test_settings_are_the_defaults(self):
        from ser.training.settings import TrainingSettings

        assert ModelStore().card(DEFAULT_NAME).settings == TrainingSettings().to_json()

    def test_binaries_stay_small(self):
        files = [*SHIPPED.parent.glob("*.parquet"), SHIPPED_CLIPS, *SHIPPED_MODELS.rglob("*.npz")]
        sizes = [path.stat().st_size for path in files]
        assert len(files) >= 9 and sum(sizes) < 40_000_000 and max(sizes) < 25_000_000


@pytest.mark.ravdess
class TestPrediction:
    @pytest.mark.parametrize("form", ["16k", "44k", "stereo", "flac", "pcm24", "loud", "quiet"])
    def test_the_same_clip_in_another_form_has_the_same_answer(self, ravdess, tmp_path, form):
        import soxr

        stored = shipped.model()
        for clip in ravdess.clips[50::480]:
            data = ravdess.read(clip)
            plain = decode(data)
            samples, rate = plain.samples, plain.rate
            options = {"format": "WAV", "subtype": "PCM_16"}
            if form in ("16k", "44k"):
                rate = {"16k": 16_000, "44k": 44_100}[form]
                samples = soxr.resample(samples, plain.rate, rate)
            elif form == "stereo":
                samples = np.stack([samples, samples], axis=1)
            elif form == "flac":
                options = {"format": "FLAC"}
            elif form == "pcm24":
                options = {"format": "WAV", "subtype": "PCM_24"}
            else:
                samples, options = samples * {"loud": 4.0, "quiet": 0.25}[form], {"format": "WAV", "subtype": "FLOAT"}
            path = tmp_path / f"{clip.name}.bin"
            soundfile.write(path, samples, rate, **options)
            before, after = predict(data, stored), predict(path, stored)
            assert before.label == after.label, clip.name
            shift = max(abs(before.probabilities[label] - after.probabilities[label]) for label in before.probabilities)
            assert shift < 0.1, clip.name

    def test_a_long_clip_is_averaged_over_windows_that_speak(self, ravdess):
        stored = shipped.model()
        plain = decode(ravdess.read(ravdess.clips[900]))
        long = np.concatenate([plain.samples, np.zeros(10 * plain.rate, np.float32), plain.samples])
        import io

        buffer = io.BytesIO()
        soundfile.write(buffer, long, plain.rate, format="WAV")
        answer = predict(buffer.getvalue(), stored)
        assert all(window.end <= 6 or window.start >= 12 for window in answer.windows)
        mean = np.mean([list(window.probabilities.values()) for window in answer.windows], axis=0)
        np.testing.assert_allclose(list(answer.probabilities.values()), mean, atol=1e-9)


def test_a_folder_without_models_has_none(tmp_path):
    assert ModelStore(tmp_path / "nothing").names() == ()
    shutil.rmtree(tmp_path / "nothing", ignore_errors=True)


def test_card_is_json(model):
    assert json.loads(json.dumps(card_of(model, TrainedOn()).to_json()))["labels"] == list(model.labels)


class TestRemoval:
    def test_a_removed_model_leaves_nothing_behind_and_others_stay(self, store, model):
        store.save("mine-2", model, card_of(model, TrainedOn((1,), 60)))
        store.remove("mine")
        assert store.names() == ("mine-2",)
        assert {path.name.split("-")[1][:1] for path in store.folder.iterdir()} == {"2"}
        assert store.load("mine-2").model.labels == model.labels

    def test_what_is_interrupted_after_the_card_leaves_no_model(self, store, monkeypatch):
        delete = Path.unlink

        def interrupted(path, **options):
            if path.suffix != ".json":
                raise OSError(5, "Input/output error")
            delete(path, **options)

        monkeypatch.setattr(Path, "unlink", interrupted)
        with pytest.raises(ModelStoreError, match=r"'mine' cannot be removed \(Input/output error\)"):
            store.remove("mine")
        assert not store.names()

    def test_a_model_whose_card_cannot_be_read_is_removed(self, store):
        (store.folder / "mine.json").write_text("{")
        store.remove("mine")
        assert not list(store.folder.iterdir())

    def test_shipped_models_stay(self):
        before = sorted(SHIPPED_MODELS.iterdir())
        for name in ModelStore(SHIPPED_MODELS).names():
            with pytest.raises(ModelStoreError, match="comes with the package"):
                ModelStore(SHIPPED_MODELS).remove(name)
        assert sorted(SHIPPED_MODELS.iterdir()) == before

    def test_the_shipped_models_are_those_of_the_repository(self):
        listed = subprocess.run(
            ["git", "ls-files", "models/*.json"], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout.split()
        assert {Path(card).stem for card in listed if card.count("/") == 1} == set(SHIPPED_NAMES)

    def test_a_model_that_hides_a_shipped_one_may_be_removed(self, store, model):
        store.save(DEFAULT_NAME, model, card_of(model, TrainedOn((1,), 60)))
        store.remove(DEFAULT_NAME)
        assert store.names() == ("mine",)

    @pytest.mark.parametrize("name", ["nobody", "../mine"])
    def test_what_is_not_there_is_a_sentence(self, store, name):
        with pytest.raises(ModelStoreError):
            store.remove(name)
