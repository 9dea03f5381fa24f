"""The Recognise page without a browser: what it shows in every state, and that nothing is worked out twice."""

import io
import json
import re
import threading
import tomllib
import zipfile
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import soundfile
import streamlit as st

from pages.common import resources
from pages.common.models import ModelState, own_key
from pages.recognise import extraction, model_choice, state, texts
from pages.recognise.microphone import record as microphone
from pages.recognise.result import answer, change_view, models_view, sound_view
from pages.recognise.state import InputClip, RecogniseState
from ser.audio.quality import QualityWarning
from ser.data.table import FeatureTable
from ser.emotions import BY_NAME, EMOTIONS, LABELS
from ser.errors import AudioError, ModelStoreError
from ser.features.sets import FEATURE_SETS
from ser.inference import batch, prediction
from ser.inference.clip_features import ClipFeatures, extract_clip
from ser.inference.prediction import Prediction, WindowPrediction
from ser.model.card import ModelCard, Score
from ser.model.emotion_model import EmotionModel, Network
from ser.model.out_of_fold import OutOfFoldAnswers
from ser.model.store import StoredModel
from ser.model.training_clips import LEARNT
from ser.model.voice_profile import VoiceProfile
from ser.workers.pool import WorkerDiedError
from tests.helpers.pages import app_test, remember, remembered, run, text
from tests.helpers.sounds import file, voice

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
# Six of every eight clips right, two taken for the next emotion.
CONFUSION = (6 * np.eye(8, dtype=int) + 2 * np.roll(np.eye(8, dtype=int), 1, axis=1)).tolist()
SCORE = {
    "protocol": "emobox",
    "uar": 0.61,
    "uar_interval": [0.56, 0.66],
    "labels": list(LABELS),
    "ece": 0.03,
    "n_clips": 64,
    "confusion": CONFUSION,
}
TABLE = FeatureTable(
    pd.DataFrame({"name": ["a", "b", "c"], "emotion": ["calm", "sad", "angry"], "actor": [1, 2, 3]}),
    {"standard": np.random.default_rng(0).normal(size=(3, len(FEATURE_SETS["standard"].features))).astype(np.float32)},
)


def sound(seconds=1.0, pitch=150.0, rate=16_000, volume=0.2):
    """A buzz with a WAV header, different for every pitch."""
    time = np.arange(int(seconds * rate)) / rate
    wave = volume * np.sign(np.sin(2 * np.pi * pitch * time)) * (1 + np.sin(2 * np.pi * 3 * time)) / 2
    buffer = io.BytesIO()
    soundfile.write(buffer, wave, rate, format="WAV", subtype="PCM_16")
    return buffer.getvalue()


def prediction_of(label="happy", confidence=0.72, likely=(), abstained=False, warnings=(), labels=LABELS, seconds=1.0):
    """A prediction as the page gets it."""
    rest = (1 - confidence) / (len(labels) - 1)
    probabilities = {name: confidence if name == label else rest for name in labels}
    return Prediction(
        "clip", label, confidence, probabilities, (label, *likely), abstained, tuple(warnings), seconds, ()
    )


def clip_features(seconds=1.0, name="clip"):
    """What is heard of a clip that has nothing out of the ordinary."""
    width = len(FEATURE_SETS["standard"].features)
    return ClipFeatures(name, seconds, (), "standard", ((0.0, seconds),), np.zeros((1, 1, width), np.float32))


@pytest.fixture
def world(monkeypatch):
    """One shipped model, a recorder that nobody touched, and a hearing that counts how often it is asked."""
    world = SimpleNamespace(
        asked=[], reply=prediction_of(), recording=None, warnings=(), stored={"default": model_of("default")}
    )

    def extract_(data, model, *, name=None, decoder=None):
        world.asked.append((data, model.views))
        yield 1.0
        if data.startswith(b"no sound"):
            raise AudioError("This is not audio. Choose a recording.")
        # What was heard carries which bytes it was, so that an answer can depend on them.
        vectors = clip_features().vectors + len(world.asked)
        return replace(clip_features(name=name), vectors=vectors, warnings=world.warnings)

    def answer_(sounds, model, profile=None):
        data = world.asked[int(sounds.vectors[0, 0, 0]) - 1][0]
        return world.reply(model, data) if callable(world.reply) else world.reply

    monkeypatch.setattr(batch, "extract_clip", extract_)
    monkeypatch.setattr(models_view, "extract_clip", extract_)
    monkeypatch.setattr(answer, "answer", answer_)
    monkeypatch.setattr(microphone, "recorder", lambda *_: world.recording)
    monkeypatch.setattr(resources, "store", lambda: Shelf(world.stored))
    monkeypatch.setattr(resources, "examples_store", lambda: Shelf({"examples": model_of("examples")}))
    monkeypatch.setattr(resources, "table", lambda: TABLE)
    monkeypatch.setattr(resources, "dataset", lambda: None)
    st.cache_resource.clear()
    yield world
    st.cache_resource.clear()


class Shelf:
    """A model store without a folder."""

    def __init__(self, stored):
        self.stored = stored

    def names(self):
        return tuple(sorted(self.stored))

    def card(self, name):
        return self.stored[name].card

    def load(self, name):
        return self.stored[name]


def model_of(name, scores=(SCORE,), labels=LABELS):
    """A model that has learnt nothing."""
    names = FEATURE_SETS["standard"].names
    flat = Network("relu", (np.zeros((len(names), len(labels))),), (np.zeros(len(labels)),))
    ones = np.ones(len(names))
    model = EmotionModel(labels, "standard", names, 0 * ones, ones, (flat,), settings={"name": name})
    return StoredModel(
        name, model, ModelCard(labels, "standard", sha256=name, scores=tuple(map(Score.from_json, scores)))
    )


def open_page(*boxes):
    """The page, with some boxes open that a visitor opens with a click."""
    page = app_test(timeout=20)
    for box in boxes:
        page.session_state[f"recognise_{box}"] = True
    return run(page)


def upload(page, *files):
    page.segmented_control(key="recognise_way").set_value("upload").run()
    page.file_uploader[0].set_value([(name, data, "audio/wav") for name, data in files]).run()
    assert not page.exception
    return page


def players(page):
    return page.get("audio")


def test_before_the_first_clip_it_says_what_to_do(world):
    page = open_page()
    assert "play an example" in page.info[0].value
    assert not players(page)
    assert not page.get("plotly_chart")
    assert world.asked == []


def test_it_says_what_it_is_not_for_and_how_good_the_model_is(world):
    shown = text(open_page())
    assert "how a voice *sounds*" in shown
    assert "North American English" in shown
    assert "Never use it to decide about people" in shown
    assert "**61\xa0%**" in shown
    assert any("56\xa0% to 66\xa0%" in str(each.help) for each in open_page().markdown)


def test_the_sound_of_a_clip_comes_with_its_features(world, monkeypatch):
    monkeypatch.setattr(sound_view, "wait_for", lambda *_, **__: pytest.fail("The clip is decoded again."))
    page = upload(open_page(), ("a.wav", sound()))
    assert len(players(page)) == 1 and "Happy" in page.title[1].value


def test_an_example_is_answered_in_words_bars_and_pictures(world):
    page = open_page()
    page.segmented_control(key="recognise_way").set_value("examples").run()
    page.button(key="recognise_example_quick_and_high").click().run()
    assert not page.exception
    assert "synthetic" in text(page)
    assert "😄" in page.title[1].value
    assert "Happy" in page.title[1].value
    assert BY_NAME["happy"].colour in page.title[1].value
    assert "72\xa0%" in page.title[1].value
    assert len(players(page)) == 1
    assert len(page.get("plotly_chart")) == 2  # bars, effects
    page.segmented_control(key="recognise_more").set_value("sound").run()
    assert len(page.get("plotly_chart")) == 4  # and waveform, mel
    assert not page.info


def test_an_example_is_worked_on_once_for_all_visitors(world):
    for _ in range(2):
        page = open_page()
        page.segmented_control(key="recognise_way").set_value("examples").run()
        page.button(key="recognise_example_quick_and_high").click().run()
        assert "Happy" in page.title[1].value and len(players(page)) == 1
    assert len(world.asked) == 1


def test_no_example_claims_an_emotion():
    names = " ".join(path.stem for path in resources.EXAMPLES.glob("*.ogg"))
    assert names
    for emotion in EMOTIONS:
        assert emotion.name not in names
        assert emotion.adjective not in names


def test_a_rerun_predicts_nothing_twice(world):
    page = upload(open_page(), ("one.wav", sound()))
    for _ in range(3):
        page.run()
    page.segmented_control(key="recognise_way").set_value("record").run()
    assert "Happy" in page.title[1].value
    assert len(world.asked) == 1


def test_a_failure_is_not_tried_twice_either(world):
    page = upload(open_page(), ("broken.wav", b"no sound"))
    page.run()
    assert len(world.asked) == 1
    assert len(page.error) == 1
    assert "**Could not use**" in text(page)


def test_a_new_recording_replaces_the_last_and_an_old_one_never_comes_back(world):
    world.recording = sound(pitch=100)
    page = open_page()
    assert len(world.asked) == 1
    upload(page, ("other.wav", sound(pitch=200)))
    assert "other" in text(page)
    page.segmented_control(key="recognise_way").set_value("record").run()
    assert "other" in text(page)
    world.recording = sound(pitch=300)
    page.run()
    assert "recording · 1.0\xa0s" in text(page)
    assert [data for data, _ in world.asked] == [sound(pitch=pitch) for pitch in (100, 200, 300)]


def test_the_browsers_recorder_is_answered_and_clear_removes_clip_and_answer(world):
    page = open_page("microphone_browser_box")
    page.audio_input(key="recognise_microphone_browser_0").set_value(("audio.wav", sound(), "audio/wav")).run()
    assert "recording · 1.0\xa0s" in text(page)
    page.button(key="recognise_clear").click().run()
    assert page.info and not players(page)
    page.run()
    assert page.info and not players(page)
    assert not remembered(page, RecogniseState).results
    assert page.button(key="recognise_clear").disabled


def test_clear_empties_the_upload_and_the_recorder_does_not_bring_its_last_recording_back(world):
    world.recording = sound(pitch=100)
    page = upload(open_page(), ("one.wav", sound()))
    assert "one.wav" in text(page)
    page.button(key="recognise_clear").click().run()
    page.segmented_control(key="recognise_way").set_value("record").run()
    assert page.info and not players(page)


def test_a_clip_that_cannot_be_used_gets_one_sentence(world, monkeypatch):
    monkeypatch.setattr(batch, "extract_clip", extract_clip)
    page = upload(open_page(), ("notes.wav", b"Dear diary, this is text."))
    assert len(page.error) == 1
    assert "Traceback" not in page.error[0].value
    assert not players(page)


@pytest.mark.parametrize(
    ("seconds", "volume", "said"),
    [(0, 0.2, "holds no sound"), (0.2, 0.2, "at least 0.5 s is needed")],
)
def test_an_empty_and_a_very_short_recording_are_handled_as_what_they_are(world, monkeypatch, seconds, volume, said):
    monkeypatch.setattr(batch, "extract_clip", extract_clip)
    world.recording = sound(seconds, volume=volume)
    page = open_page()
    assert [said in error.value for error in page.error] == [True]
    assert "**Could not use**" in text(page)


def test_a_silent_recording_gets_the_headline_of_noise_and_nothing_to_guess(world, monkeypatch):
    monkeypatch.setattr(batch, "extract_clip", extract_clip)
    world.recording = sound(1, volume=0.0)
    page = open_page()
    assert page.title[1].value == "🔇 I can’t hear speech in this"
    assert not page.error and not page.toggle and not page.get("plotly_chart") and not players(page)
    assert "is silent" in page.warning[0].value and "Check that the microphone is on" in page.warning[0].value
    assert "**Done.** The answer to recording is below." in text(page)
    page.button(key="recognise_clear").click().run()
    assert "**Ready.**" in text(page)


def test_where_the_clip_stands_is_said_with_what_was_measured(world):
    page = open_page()
    assert "**Ready.**" in text(page)
    upload(page, ("one.wav", sound()))
    assert "**Done.** The answer to one.wav is below." in text(page)
    assert re.search(r"one.wav · 1.0\xa0s, [01].\d\xa0s of it speech · voice \d+\xa0dB below the loud", text(page))
    upload(page, ("one.wav", sound()), ("two.wav", b"no sound"))
    assert "**Done.** Answered 1 of 2 clips; 1 could not be used." in text(page)
    upload(page, ("one.wav", b"no sound"), ("two.wav", b"no sound"))
    assert "**Could not use** any of the 2 clips." in text(page)
    assert page.error[0].value.count("This is not audio") == 2


def test_speech_in_a_long_recording_of_uneven_loudness_is_counted_part_by_part(world, monkeypatch):
    monkeypatch.setattr(batch, "extract_clip", extract_clip)
    monkeypatch.setattr(answer, "answer", prediction.answer)
    uneven = np.concatenate([voice(10.0), voice(10.0, level=-52.0)])
    page = upload(open_page(), ("uneven.wav", file(uneven, 16_000)))
    remembered(page, RecogniseState).extraction_job.job.join(60)
    page.run()
    (seconds,) = re.findall(r"uneven.wav · 20.\S*\xa0s, (\S+)\xa0s of it speech", text(page))
    # The voice speaks for 9.2 s loudly and for as long softly, of which five lie too near to the loud part.
    assert 13 < float(seconds) < 16


def test_several_files_give_a_table_errors_beside_it_and_one_full_answer(world):
    world.reply = lambda _, data: prediction_of("sad" if data == sound(pitch=200) else "angry")
    page = upload(
        open_page(), ("a.wav", sound(pitch=100)), ("bad_*file*.wav", b"no sound"), ("c.wav", sound(pitch=200))
    )
    rows = page.dataframe[0].value
    assert list(rows["File"]) == ["a.wav", "c.wav"]
    assert list(rows["Emotion"]) == ["😠 angry", "😢 sad"]
    assert len(page.error) == 1
    assert "This is not audio" in page.error[0].value
    # No clip is shown in full before the visitor chooses one.
    assert len(page.title) == 1 and "Click a row" in text(page)
    page.selectbox(key="recognise_shown").select_index(1).run()
    assert "Sad" in page.title[1].value
    assert len(world.asked) == 3


def test_many_clips_are_filtered_by_emotion_doubt_and_warnings(world):
    replies = {
        sound(pitch=100): prediction_of("angry"),
        sound(pitch=200): prediction_of("sad", 0.3, likely=("calm",), abstained=True),
        sound(pitch=300): prediction_of("angry", warnings=[QualityWarning("quiet", "Very quiet.", -60.0)]),
    }
    world.reply = lambda _, data: replies[data]
    page = upload(open_page(), *((f"{i}.wav", data) for i, data in enumerate(replies)))
    pills = page.pills(key="recognise_filter")
    assert pills.options == ["angry", "not sure", "with warnings"]
    for kind, files in (("angry", ["0.wav", "2.wav"]), ("not sure", ["1.wav"]), ("with warnings", ["2.wav"])):
        page.pills(key="recognise_filter").set_value([kind]).run()
        assert list(page.dataframe[0].value["File"]) == files
    page.pills(key="recognise_filter").set_value([]).run()
    assert list(page.dataframe[0].value["Could be"]) == ["angry", "sad, calm", "angry"]


def test_two_clips_are_compared_side_by_side(world):
    world.reply = lambda _, data: prediction_of("sad" if data == sound(pitch=200) else "angry")
    page = upload(open_page(), ("a.wav", sound(pitch=100)), ("c.wav", sound(pitch=200)))
    page.selectbox(key="recognise_shown").select_index(0).run()
    page.selectbox(key="recognise_beside").select_index(0).run()
    assert [title.value.split("{")[0] for title in page.title[1:]] == ["😠 :color[Angry]", "😢 :color[Sad]"]
    assert len(players(page)) == 2
    assert not page.exception
    for number in (1, 2):
        page.session_state[f"recognise_compared_{number}"] = True
    run(page)
    assert [head.value for head in page.subheader] == ["Why", "Why"]


def test_a_zip_is_its_files_and_a_damaged_one_a_sentence(world):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as out:
        out.writestr("takes/one.wav", sound(pitch=100))
        out.writestr("takes/two.wav", sound(pitch=200))
    page = upload(open_page(), ("takes.zip", buffer.getvalue()), ("torn.zip", buffer.getvalue()[:300]))
    assert list(page.dataframe[0].value["File"]) == ["takes/one.wav", "takes/two.wav"]
    assert ["torn.zip is a damaged zip" in error.value for error in page.error] == [True]
    upload(page, ("torn.zip", buffer.getvalue()[:300]))
    assert "**Could not use it.**" in text(page)
    assert not page.info


def test_companion_files_in_a_zip_are_passed_over_and_reported_once(world):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as out:
        out.writestr("sad/one.wav", sound(pitch=100))
        out.writestr("sad\\two.wav", sound(pitch=200))
        for name in (
            "README.txt",
            "sad/one.TextGrid",
            "sad/cover.jpg",
            ".git/objects/one.wav",
            "__MACOSX/sad/._one.wav",
        ):
            out.writestr(name, b"no sound")
    page = upload(open_page(), ("takes.zip", buffer.getvalue()))
    assert list(page.dataframe[0].value["File"]) == ["sad/one.wav", "sad/two.wav"] and not page.error
    assert [caption.value.startswith("5 files") for caption in page.caption].count(True) == 1


def test_a_long_hearing_shows_how_far_it_is_and_can_be_cancelled_and_taken_up_again(world, monkeypatch):
    go_on = threading.Event()

    def slow(data, model, *, name=None, decoder=None):
        if data == sound(pitch=200):
            yield 0.5
            go_on.wait(20)
            yield 0.75
        return clip_features(name=name)

    monkeypatch.setattr(batch, "extract_clip", slow)
    monkeypatch.setattr(answer, "answer", lambda sounds, model, profile=None: prediction_of())
    monkeypatch.setattr(extraction, "SECONDS_BEFORE_BAR", 0.1)
    page = upload(open_page(), ("a.wav", sound(pitch=100)), ("b.wav", sound(pitch=200)))
    assert "**Working** on 2 clips" in text(page)
    bar = page.get("progress")[0].proto
    assert bar.value == 75
    assert "b.wav (2 of 2)" in bar.text
    page.button(key="recognise_cancel").click()
    threading.Timer(0.2, go_on.set).start()
    page.run()
    remembered(page, RecogniseState).extraction_job.job.join(10)
    page.run()
    assert "**Stopped.** Answered 1 of 2 clips." in text(page)
    assert list(page.dataframe[0].value["File"]) == ["a.wav"]
    page.button(key="recognise_go_on").click().run()
    page.run()
    assert "**Done.** Answered 2 of 2 clips" in text(page)


def test_every_model_answers_the_same_clip_beside_its_score(world):
    world.stored["kept"] = model_of("kept", scores=[{**SCORE, "protocol": "random"}])
    world.reply = lambda model, _: prediction_of("sad" if model.settings["name"] == "kept" else "happy")
    page = upload(open_page(), ("one.wav", sound()))
    page.segmented_control(key="recognise_more").set_value("models").run()
    rows = next(frame.value for frame in page.dataframe if "Model" in frame.value)
    assert list(rows["Model"]) == ["shipped model", "model kept"]
    assert list(rows["Answer"]) == ["😄 happy", "😢 sad"]
    assert list(rows["New voices"]) == ["61\xa0%", "never tested"]


def test_a_model_that_fails_is_a_sentence_beside_the_others_answers(world):
    world.stored["kept"] = model_of("kept")
    page = upload(open_page(), ("one.wav", sound()))

    class Damaged(Shelf):
        def load(self, name):
            if name == "kept":
                raise ModelStoreError("The model kept is damaged. Train it again.")
            return super().load(name)

    resources.store = lambda: Damaged(world.stored)
    page.segmented_control(key="recognise_more").set_value("models").run()
    assert ["The model kept is damaged" in error.value for error in page.error] == [True]
    rows = next(frame.value for frame in page.dataframe if "Model" in frame.value)
    assert list(rows["Model"]) == ["shipped model"]


def test_why_says_what_the_model_does_not_listen_to(world):
    """The model of this test answers the same whatever it hears, so no group may be given any weight."""
    page = upload(open_page(), ("one.wav", sound()))
    assert "No single group of features decides this answer." in text(page)
    rows = next(frame.value for frame in page.dataframe if "Measured" in frame.value)
    assert "Mean pitch" in list(rows["Measured"])


def test_the_report_is_offered(world):
    page = upload(open_page(), ("one.wav", sound()))
    page.segmented_control(key="recognise_more").set_value("report").run()
    assert [button.label for button in page.get("download_button")] == ["Save the report"]


def test_not_sure_is_an_answer(world):
    world.reply = prediction_of("calm", 0.3, likely=("sad", "neutral"), abstained=True)
    page = upload(open_page(), ("one.wav", sound()))
    assert page.title[1].value == "🤔 Not sure"
    assert "It could be **calm**, **neutral** or **happy**." in text(page)
    page.session_state["recognise_trust"] = True
    assert "wrong more often than right" in text(run(page))


def test_the_other_candidates_are_named(world):
    world.reply = prediction_of("calm", 0.6, likely=("disgust",))
    assert "Or it could be **disgust**." in text(upload(open_page(), ("one.wav", sound())))


def test_where_nothing_else_is_likely_it_says_so(world):
    world.reply = prediction_of("calm", 0.9)
    assert "No other emotion is likely." in text(upload(open_page(), ("one.wav", sound())))


@pytest.mark.parametrize(
    ("code", "title"),
    [
        ("no_voice", "🔇 I can’t hear speech in this"),
        ("unlike", "❓ This doesn’t sound like the speech the model knows"),
    ],
)
def test_what_is_no_speech_gets_a_headline_that_says_so_and_its_guess_is_a_click_away(world, code, title):
    world.reply = prediction_of(warnings=[QualityWarning(code, "Why it is doubted.", 0.0)])
    page = upload(open_page(), ("one.wav", sound()))
    assert page.title[1].value == title and "Why it is doubted." in page.warning[0].value
    assert "Happy" not in text(page) and "😄" not in text(page) and not page.get("plotly_chart")
    page.toggle[0].set_value(True).run()
    assert page.title[1].value == title and "The guess: **😄 happy** with 72\xa0%." in text(page)
    assert page.get("plotly_chart")
    # A guess is asked for clip by clip.
    upload(page, ("two.wav", sound(pitch=99)))
    assert not page.get("plotly_chart")


def test_the_headline_of_a_long_clip_is_its_course(world):
    def window(number, label):
        return WindowPrediction(2.0 * number, 2.0 * number + 4, prediction_of(label, 0.8).probabilities)

    parts = [window(number, "happy" if number < 5 else "sad") for number in range(10)]
    world.reply = replace(prediction_of("happy", 0.4), windows=tuple(parts))
    page = upload(open_page(), ("one.wav", sound()))
    assert page.title[1].value == "😄 Happy until 0\\:11, then sad"


def test_answering_only_when_sure_shows_what_that_would_bring(world, monkeypatch):
    shares = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]])
    answers = OutOfFoldAnswers(np.array(["a", "b", "c"]), ("calm", "sad"), shares)
    monkeypatch.setattr(resources, "out_of_fold", lambda: answers)
    page = upload(open_page("trust"), ("one.wav", sound()))
    least = page.slider(key="recognise_least")
    least.set_value(70).run()
    # Of a, b and c, the model is this sure of two, and both are right; its answer to the clip has 72 %.
    assert (
        "answer **67\xa0%** of the test clips, and **100\xa0%** of its answers would be right. If it answered all"
        in text(page)
    )
    assert "It would also answer this clip." in text(page)
    page.slider(key="recognise_least").set_value(75).run()
    assert "It would not answer this clip." in text(page)
    page.slider(key="recognise_least").set_value(95).run()
    assert "no test clip at all" in text(page)


def test_confidence_is_put_as_how_often_such_answers_are_right(world):
    world.reply = prediction_of("happy", 0.72)
    shown = text(upload(open_page("trust"), ("one.wav", sound())))
    assert "Answers this sure are right about 7 times in 10." in shown
    # Six of eight happy clips are found, and six of eight answers "happy" are right.
    assert (
        "In tests with new voices, the model recognised 75\xa0% of the happy clips. People recognised 37\xa0% of"
        in shown
    )
    assert "Of all its answers “happy”, sure or not, 75\xa0% were right." in shown


def test_a_clip_unlike_the_first_data_set_gets_the_figures_of_the_other(world):
    nemo = {**SCORE, "data_set": "nEMO", "uar": 0.5, "confusion": (4 * np.eye(8, dtype=int) + 1).tolist()}
    world.stored["default"] = model_of("default", scores=(SCORE, nemo))
    world.reply = replace(prediction_of("happy", 0.72), specialists_share=0.4)
    shown = text(upload(open_page("trust"), ("one.wav", sound())))
    assert "Answers this sure are right about 7 times in 10 on the voices of nEMO." in shown
    # People were not asked about these clips.
    assert "In tests with new voices of nEMO, the model recognised 42\xa0% of the happy clips. Of all" in shown
    assert "With new voices of RAVDESS, it is right **61" in shown
    assert "With new voices of nEMO, it is right **50" in shown
    world.reply = replace(prediction_of("happy", 0.72), specialists_share=0.6)
    assert "right about 7 times in 10. " in text(upload(open_page(), ("two.wav", sound(pitch=99))))


@pytest.mark.parametrize(
    ("scores", "said"),
    [([], "Nobody has tested this model"), ([{**SCORE, "ece": 0.3}], "Do not rely on the 72")],
)
def test_an_unproven_confidence_is_not_passed_off_as_a_promise(world, scores, said):
    world.stored["default"] = model_of("default", scores=scores)
    shown = text(upload(open_page(), ("one.wav", sound())))
    assert said in shown
    assert "Answers this sure" not in shown


def test_warnings_are_shown_as_they_are_written(world):
    world.reply = prediction_of(warnings=[QualityWarning("quiet", "Very quiet (-48 dBFS). Move closer.", -48.0)])
    page = upload(open_page(), ("one.wav", sound()))
    assert "Move closer" in page.warning[0].value


def test_a_doubtful_answer_has_a_question_mark_and_its_reasons_beside_it(world):
    world.reply = prediction_of(
        warnings=[QualityWarning("noisy", "Noisy.", 5.0), QualityWarning("quiet", "Quiet.", -60.0)]
    )
    page = upload(open_page(), ("one.wav", sound()))
    assert "}? :gray[72" in page.title[1].value
    assert "this one has a problem" in text(page)
    assert page.warning[0].value == "- Noisy.\n- Quiet."


@pytest.mark.parametrize(
    ("p_value", "told"),
    [
        (0.62, "62\xa0% of clips of new speakers are as unusual or more"),
        (0.04, "believe the answer less"),
        (None, None),
    ],
)
def test_how_like_the_training_clips_it_is_is_said_in_words_where_it_is_known(world, p_value, told):
    world.reply = replace(prediction_of(), novelty_p_value=p_value)
    shown = text(upload(open_page("trust"), ("one.wav", sound())))
    assert told in shown if told else "unusual" not in shown


def test_above_the_answer_stands_that_the_model_learnt_from_this_clip(world):
    """And no claim about how often it is right, for that is known of other clips."""
    page = upload(open_page(), ("one.wav", sound()))
    assert "Answers this sure" in text(page) and LEARNT not in text(page)
    world.reply = replace(prediction_of(), learnt=True)
    page = upload(open_page(), ("one.wav", sound()))
    assert "Answers this sure" not in text(page) and not page.warning
    order = [getattr(element, "value", None) for element in page.main]
    answered = next(place for place, value in enumerate(order) if isinstance(value, str) and "Happy" in value)
    assert order.index(LEARNT) < answered


def test_a_long_clip_is_laid_out_over_time_and_a_stretch_of_it_is_played(world, monkeypatch):
    monkeypatch.setattr(batch, "extract_clip", extract_clip)
    monkeypatch.setattr(answer, "answer", prediction.answer)
    page = upload(open_page(), ("long.wav", sound(seconds=5.0)))
    remembered(page, RecogniseState).extraction_job.job.join(60)
    page.run()
    assert [head.value for head in page.subheader] == ["When", "Why", "More"]
    assert len(page.get("plotly_chart")) == 4
    stretch = page.slider[0]
    assert stretch.value == (0.0, 5.0)
    assert len(players(page)) == 1
    stretch.set_value((1.0, 3.0)).run()
    assert not page.exception
    assert [player.proto.autoplay for player in players(page)] == [False, True]
    assert "Save as CSV" in [button.label for button in page.get("download_button")]


def model_button(page):
    """The label of the button that opens the choice of the model."""
    return next(each.proto.popover.label for each in page.get("popover") if "Model" in each.proto.popover.label)


def test_an_actors_clip_is_answered_by_a_model_that_never_heard_the_actor_and_the_choice_says_so(world):
    page = open_page()
    assert texts.STANDS_IN not in text(page)
    page.button(key="recognise_invite").click().run()
    assert model_button(page) == "Model: a copy" and texts.STANDS_IN in text(page)


def test_with_one_model_there_is_nothing_to_pick(world):
    page = open_page()
    assert model_button(page) == "Model: shipped model"
    assert texts.ONE_MODEL in text(page)
    assert not [box for box in page.selectbox if box.key == "recognise_model"]


def test_another_model_answers_when_it_is_picked_and_a_clip_is_heard_once_for_all_with_the_same_ears(world):
    world.stored["kept"] = model_of("kept", scores=[{**SCORE, "protocol": "random"}])
    world.reply = lambda model, _: prediction_of("sad" if model.settings["name"] == "kept" else "happy")
    page = upload(open_page(), ("one.wav", sound()))
    box = page.selectbox(key="recognise_model")
    assert box.options == ["shipped model", "model kept"]
    assert "Another model may give another answer." in text(page)
    box.set_value("kept").run()
    assert model_button(page) == "Model: kept"
    assert "Sad" in page.title[1].value
    assert "Nobody has tested this model on new voices" in text(page)
    page.selectbox(key="recognise_model").set_value("default").run()
    assert "Happy" in page.title[1].value
    assert len(world.asked) == 1
    kept = world.stored["kept"]
    world.stored["keen"] = replace(
        kept, model=replace(kept.model, views=(1.1,)), card=replace(kept.card, sha256="keen")
    )
    page.run()
    page.selectbox(key="recognise_model").set_value("keen").run()
    assert len(world.asked) == 2


def test_a_visitors_own_model_answers_at_once_and_only_for_that_visitor(world):
    own = model_of("mine")
    own = replace(own, model=replace(own.model, views=(1.2,)))
    mine = ModelState(own={"mine": own}, in_use=own_key("mine"))
    page = run(remember(app_test(timeout=20), mine, RecogniseState(clips=(InputClip("a", sound(), "upload"),))))
    assert page.selectbox(key="recognise_model").value == "own:mine"
    assert world.asked[0][1] == (1.2,)
    other = open_page()
    assert model_button(other) == "Model: shipped model"
    assert other.info
    assert len(world.asked) == 1


def test_a_model_that_fails_to_load_is_a_sentence(world):
    class Broken(Shelf):
        def load(self, name):
            raise ModelStoreError(f"The model {name} is damaged. Train it again.")

    resources.store = lambda: Broken(world.stored)
    page = upload(open_page(), ("one.wav", sound()))
    assert [error.value for error in page.error] == ["The model default is damaged. Train it again."]
    assert not page.exception


def test_without_any_model_it_says_how_to_make_one(world):
    world.stored.clear()
    assert "Train" in open_page().error[0].value


def test_what_is_remembered_is_bounded_and_knows_models_apart():
    st.session_state.clear()
    clip, mine, other = InputClip("a", b"a", "upload"), SimpleNamespace(), SimpleNamespace()
    state.remember("answer", clip, mine, "happy")
    assert state.recall("answer", clip, mine) == "happy"
    assert state.recall("answer", clip, other) is None
    assert state.recall("why", clip, mine) is None
    for number in range(1500):
        state.remember("answer", InputClip("b", b"%d" % number, "upload"), mine, "sad")
    assert len(state.current().results) <= 1000
    st.session_state.clear()


def test_the_theme_colours_the_emotions_as_the_package_does():
    theme = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["theme"]
    assert theme["chartCategoricalColors"] == [emotion.colour for emotion in EMOTIONS]


def test_the_sentence_on_a_model_skips_scores_that_flatter():
    flattering = {**SCORE, "protocol": "random", "uar": 0.99}
    assert "61" in model_choice.in_words(model_of("a", scores=(flattering, SCORE)).card)


def adaptable(name="default", scores=(SCORE,)):
    """A model that adapts, and for which a pitch below the speaker's own sounds sad; 1 is ordinary."""
    stored = model_of(name, scores)
    model = stored.model
    weights = np.zeros((len(model.feature_names), len(LABELS)))
    weights[model.feature_names.index("f0.mean"), LABELS.index("sad")] = -1.0
    offsets = np.zeros((len(LABELS), len(model.feature_names)), np.float32)
    network = Network("relu", (weights,), (np.zeros(len(LABELS)),))
    return replace(stored, model=replace(model, mean=1 + 0 * model.mean, networks=(network,), emotion_offsets=offsets))


def my_voice(world, monkeypatch):
    """The page with an adaptable model, one clip heard and the view "My voice" open."""
    monkeypatch.setattr(answer, "answer", prediction.answer)
    world.stored["default"] = adaptable()
    page = upload(open_page("voice_box"), ("one.wav", sound()))
    page.segmented_control(key="recognise_more").set_value("voice").run()
    assert not page.exception and "does not know your voice yet" in text(page)
    return page


def test_a_voice_profile_is_made_shown_before_and_after_saved_and_forgotten(world, monkeypatch):
    page = my_voice(world, monkeypatch)
    assert page.button(key="recognise_enrol").disabled
    assert "only while this tab is open" in text(page)
    page.audio_input(key="recognise_neutral_0").set_value(("audio.wav", sound(pitch=120), "audio/wav")).run()
    page.file_uploader(key="recognise_neutral_files_0").set_value([("plain.wav", sound(pitch=125), "audio/wav")]).run()
    assert "2 of at most 5 clips: sentence 1, plain.wav" in text(page)
    page.button(key="recognise_enrol").click().run()
    assert not page.exception
    assert remembered(page, RecogniseState).voice.n_clips == 2
    # Before, all are alike; after, the clip is low beside the voice, here and in the answer above.
    assert "**Before**" in text(page)
    assert "😢 sad · 100\xa0%" in text(page)
    assert "Sad" in page.title[1].value
    assert "adapted to your voice" in text(page)
    assert page.get("download_button")
    page.button(key="recognise_voice_forget").click().run()
    assert remembered(page, RecogniseState).voice is None
    # No input goes on showing a clip that is forgotten.
    assert not page.file_uploader(key="recognise_neutral_files_1").value
    assert page.audio_input(key="recognise_neutral_1").value is None
    assert "adapted to your voice" not in text(page)


def test_a_saved_profile_is_loaded_and_another_file_is_a_sentence(world, monkeypatch):
    page = my_voice(world, monkeypatch)
    standard = FEATURE_SETS["standard"]
    vectors = np.full((standard.n_views, len(standard.features)), 10, np.float32)
    saved = json.dumps(VoiceProfile("standard", vectors, 3).to_json()).encode()
    page.file_uploader(key="recognise_voice_load_0").set_value([("diary.json", b"{}", "application/json")]).run()
    assert ["not a voice profile" in error.value for error in page.error] == [True]
    page.file_uploader(key="recognise_voice_load_0").set_value([("voice.json", saved, "application/json")]).run()
    assert not page.error
    assert remembered(page, RecogniseState).voice.n_clips == 3
    assert "Sad" in page.title[1].value


def test_a_model_that_cannot_adapt_says_so(world):
    page = upload(open_page(), ("one.wav", sound()))
    page.segmented_control(key="recognise_more").set_value("voice").run()
    assert "cannot learn your voice" in page.info[0].value


def test_a_batch_of_one_speaker_is_adapted_to_as_a_whole(world, monkeypatch):
    monkeypatch.setattr(answer, "answer", prediction.answer)
    world.stored["default"] = adaptable()
    page = upload(open_page(), ("a.wav", sound(pitch=100)), ("b.wav", sound(pitch=200)))
    assert "😢 sad" not in list(page.dataframe[0].value["Emotion"])
    page.toggle(key="recognise_one_speaker").set_value(True).run()
    # The second clip is higher than the first, so that the first is low for this voice.
    assert [word == "😢 sad" for word in page.dataframe[0].value["Emotion"]] == [True, False]


def adapting(world, monkeypatch):
    """The page with an adaptable model and two clips answered one after the other, the second one higher."""
    monkeypatch.setattr(answer, "answer", prediction.answer)
    score = {**SCORE, "unlabelled_uar_by_clips": {"1": 0.62, "3": 0.64}}
    world.stored["default"] = adaptable(scores=(score,))
    page = upload(open_page("voice_box"), ("high.wav", sound(pitch=200)))
    return upload(page, ("low.wav", sound(pitch=100)))


def test_answers_adapt_to_the_clips_so_far_only_if_the_visitor_wants_that(world, monkeypatch):
    page = adapting(world, monkeypatch)
    visitor = remembered(page, RecogniseState)
    assert not page.toggle(key="recognise_adapting").value and len(visitor.spoken) == 2
    assert "Sad" not in page.title[1].value and "adapted to your voice" not in text(page)
    page.toggle(key="recognise_adapting").set_value(True).run()
    assert not page.exception and "adapted to your voice" in text(page)
    # The second clip's features are higher than those of the first, and the first clip is compared with the second.
    assert "Sad" not in page.title[1].value
    assert "make the answers worse. Compared with your other clip. In tests with new voices of RAVDESS" in text(page)
    assert "the UAR is 61.0\xa0% without this. With one clip of the speaker it is 62.0\xa0%." in text(page)
    page = upload(page, ("high.wav", sound(pitch=200)))
    assert "Sad" in page.title[1].value
    # The same recording counts once, and not beside itself.
    assert len(visitor.spoken) == 2
    assert "Compared with your other clip." in text(page)
    # Nothing is learnt of a voice from a clip that may hold none.
    world.warnings = (QualityWarning("no_voice", "No voice.", 0.0),)
    upload(page, ("tap.wav", sound(pitch=50)))
    assert len(visitor.spoken) == 2


def test_the_voice_in_the_clips_so_far_is_forgotten(world, monkeypatch):
    page = adapting(world, monkeypatch)
    page.toggle(key="recognise_adapting").set_value(True).run()
    page.button(key="recognise_adapting_forget").click().run()
    assert not page.exception and not page.toggle(key="recognise_adapting").value
    assert not remembered(page, RecogniseState).spoken and "adapted to your voice" not in text(page)
    page.toggle(key="recognise_adapting").set_value(True).run()
    # The clip that is still on the page does not come back.
    assert not remembered(page, RecogniseState).spoken and "It begins with your second clip." in text(page)


def test_a_neutral_profile_goes_before_the_clips_so_far(world, monkeypatch):
    page = adapting(world, monkeypatch)
    page.toggle(key="recognise_adapting").set_value(True).run()
    visitor = remembered(page, RecogniseState)
    vectors = np.zeros((FEATURE_SETS["standard"].n_views, len(FEATURE_SETS["standard"].features)), np.float32)
    visitor.voice = VoiceProfile("standard", vectors, 2)
    page.run()
    assert page.toggle(key="recognise_adapting").disabled and "in use, instead of your clips so far." in text(page)
    clip = visitor.clips[0]
    with monkeypatch.context() as inside:
        inside.setattr(state, "current", lambda: visitor)
        assert answer.profile_for(clip, world.stored["default"].model) is visitor.voice


def test_an_example_is_not_adapted_and_teaches_nothing_of_the_voice(world, monkeypatch):
    page = adapting(world, monkeypatch)
    page.toggle(key="recognise_adapting").set_value(True).run()
    page.segmented_control(key="recognise_way").set_value("examples").run()
    page.button(key="recognise_example_quick_and_high").click().run()
    assert not page.exception and len(remembered(page, RecogniseState).spoken) == 2
    assert "An example has a voice of its own" in text(page) and "adapted to your voice" not in text(page)


def test_a_process_that_dies_costs_one_sentence_and_the_next_try_works(world, monkeypatch):
    def die(*arguments, **keywords):
        raise WorkerDiedError("The process that worked on this ended unexpectedly. Try again.")
        yield

    with monkeypatch.context() as once:
        once.setattr(extraction, "in_worker", die)
        page = upload(open_page(), ("one.wav", sound()))
        assert [error.value for error in page.error] == [
            "The process that worked on this ended unexpectedly. Try again."
        ]
    page.run()
    assert not page.error and "Happy" in page.title[1].value


def test_odd_names_are_shown_as_text_on_one_line():
    """A client may send any name: HTML, codes for a terminal, marks that turn the text round, four thousand letters."""
    names = ["<b onclick=alert(1)>*x*</b>.wav", "a\x1b[31m\nb.wav", "\u202egnp.wav", "../../etc/" + "x" * 4000 + ".wav"]
    page = upload(open_page(), *((name, b"no sound") for name in names))
    (shown,) = [each.value for each in page.error]
    assert r"\<b onclick=alert\(1\)\>\*x\*\</b\>.wav" in shown
    assert "a\ufffd\\[31m\ufffdb.wav" in shown and "\ufffdgnp.wav" in shown
    assert "\x1b" not in shown and "\u202e" not in shown and len(shown) < 2000


def test_a_changed_voice_gets_an_answer_of_its_own_beside_the_first(world):
    page = upload(open_page(), ("one.wav", sound(seconds=2.0)))
    page.segmented_control(key="recognise_more").set_value("change").run()
    assert not page.exception and "**After**" not in text(page)
    page.slider(key="recognise_change_pitch").set_value(3.0).run()
    assert not page.exception and "**Before**" in text(page) and "**After**" in text(page)


def test_both_answers_about_a_long_clip_are_to_the_part_that_is_changed(world, monkeypatch):
    answered, extract = [], change_view.extract_whole

    def watched(data, *arguments, **options):
        answered.append(soundfile.info(io.BytesIO(data)).duration)
        return extract(data, *arguments, **options)

    monkeypatch.setattr(change_view, "extract_whole", watched)
    page = upload(open_page(), ("one.wav", sound(seconds=9.0)))
    page.segmented_control(key="recognise_more").set_value("change").run()
    page.slider(key="recognise_change_brightness").set_value(2.0).run()
    assert not page.exception and "**Before**" in text(page)
    assert answered == [pytest.approx(6.0), pytest.approx(6.0)]


def test_both_answers_to_a_changed_voice_use_the_profile_of_the_page(world, monkeypatch):
    used, answer_with = [], change_view.answer_with

    def watched(features, model, *, profile):
        used.append(profile)
        return answer_with(features, model, profile=profile)

    monkeypatch.setattr(change_view, "answer_with", watched)
    page = adapting(world, monkeypatch)
    page.segmented_control(key="recognise_more").set_value("change").run()
    page.slider(key="recognise_change_brightness").set_value(2.0).run()
    assert used == [None, None] and texts.BOTH_ADAPTED not in text(page)
    page.toggle(key="recognise_adapting").set_value(True).run()
    profile = next(profile for _, profile in remembered(page, RecogniseState).profiles.values())
    assert used[2:] == [profile, profile] and texts.BOTH_ADAPTED in text(page)
