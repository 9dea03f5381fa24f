"""The Recognise page without a browser: what it shows in every state, and that nothing is worked out twice."""

import doctest
import io
import tomllib
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.shared import answer, models, recorder, resources, session, words
from ser.emotions import BY_NAME, EMOTIONS, LABELS
from ser.errors import AudioError, ModelStoreError
from ser.prediction import Prediction
from ser.quality import QualityWarning
from ser.store import StoredModel

ROOT = Path(__file__).parents[1]
SCORE = {"protocol": "emobox", "uar": 0.61, "uar_interval": [0.56, 0.66], "labels": list(LABELS)}


def sound(seconds=1.0, pitch=150.0, rate=16_000):
    """A buzz with a WAV header, different for every pitch."""
    time = np.arange(int(seconds * rate)) / rate
    wave = 0.2 * np.sign(np.sin(2 * np.pi * pitch * time)) * (1 + np.sin(2 * np.pi * 3 * time)) / 2
    buffer = io.BytesIO()
    soundfile.write(buffer, wave, rate, format="WAV", subtype="PCM_16")
    return buffer.getvalue()


def said(label="happy", confidence=0.72, likely=(), abstained=False, warnings=()):
    """A prediction as the page gets it."""
    rest = (1 - confidence) / (len(LABELS) - 1)
    probabilities = {name: confidence if name == label else rest for name in LABELS}
    return Prediction("clip", label, confidence, probabilities, (label, *likely), abstained, tuple(warnings), 1.0, ())


@pytest.fixture
def world(monkeypatch):
    """One shipped model, a recorder that nobody touched, and a predictor that counts how often it is asked."""
    world = SimpleNamespace(asked=[], reply=said(), recording=None, stored={"default": model_of("default")})

    def predict_windows(data, model, *, name=None):
        world.asked.append((data, model.name))
        yield 1.0
        return world.reply(model) if callable(world.reply) else world.reply

    monkeypatch.setattr(answer, "predict_windows", predict_windows)
    monkeypatch.setattr(recorder, "audio_recorder", lambda **_: world.recording)
    monkeypatch.setattr(resources, "warm_up", lambda: None)
    monkeypatch.setattr(resources, "store", lambda: Shelf(world.stored))
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


def model_of(name, scores=(SCORE,)):
    return StoredModel(name, SimpleNamespace(name=name), {"sha256": name, "scores": list(scores)})


def open_page():
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=20).run()
    assert not page.exception
    return page


def upload(page, *files):
    page.segmented_control(key="recognise_way").set_value("upload").run()
    page.file_uploader(key="recognise_upload").set_value([(name, data, "audio/wav") for name, data in files]).run()
    assert not page.exception
    return page


def text(page):
    """Everything that a visitor can read as words."""
    kinds = ("title", "subheader", "markdown", "caption", "info", "warning", "error")
    return "\n".join(f"{element.value}" for kind in kinds for element in getattr(page, kind))


def players(page):
    return page.get("audio")


def test_before_the_first_clip_it_says_what_to_do(world):
    page = open_page()
    assert "try an example" in page.info[0].value
    assert not players(page)
    assert not page.get("plotly_chart")
    assert world.asked == []


def test_it_says_what_it_is_not_for_and_how_good_the_model_is(world):
    shown = text(open_page())
    assert "how a voice *sounds*" in shown
    assert "North American English" in shown
    assert "not for decisions" in shown
    assert "**61\xa0%**" in shown
    assert "56\xa0% to 66\xa0%" in shown


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
    assert len(page.get("plotly_chart")) == 3
    assert not page.info


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
    def refuse(_):
        raise AudioError("This is not audio. Choose a recording.")

    world.reply = refuse
    page = upload(open_page(), ("broken.wav", b"no sound"))
    page.run()
    assert len(world.asked) == 1
    assert len(page.error) == 1


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


def test_the_browsers_recorder_is_heard_and_can_be_cleared(world):
    page = open_page()
    page.audio_input(key="recognise_browser").set_value(("audio.wav", sound(), "audio/wav")).run()
    assert "recording · 1.0\xa0s" in text(page)
    page.audio_input(key="recognise_browser").set_value(None).run()
    assert page.info


def test_a_clip_that_cannot_be_used_gets_one_sentence(world, monkeypatch):
    from ser.prediction import predict_windows

    monkeypatch.setattr(answer, "predict_windows", predict_windows)
    world.stored["default"] = StoredModel(
        "default", resources.ModelStore().load("default").model, {"sha256": "", "scores": []}
    )
    page = upload(open_page(), ("notes.wav", b"Dear diary, this is text."))
    assert len(page.error) == 1
    assert "Traceback" not in page.error[0].value
    assert not players(page)


def test_several_files_give_a_table_errors_beside_it_and_one_full_answer(world):
    def reply(_):
        data = world.asked[-1][0]
        if data == b"no sound":
            raise AudioError("This is not audio. Choose a recording.")
        return said("sad" if data == sound(pitch=200) else "angry")

    world.reply = reply
    page = upload(
        open_page(), ("a.wav", sound(pitch=100)), ("bad_*file*.wav", b"no sound"), ("c.wav", sound(pitch=200))
    )
    rows = page.dataframe[0].value
    assert list(rows["File"]) == ["a.wav", "c.wav"]
    assert list(rows["Emotion"]) == ["😠 angry", "😢 sad"]
    assert len(page.error) == 1
    assert "This is not audio" in page.error[0].value
    assert "Angry" in page.title[1].value
    page.selectbox(key="recognise_shown").select_index(1).run()
    assert "Sad" in page.title[1].value
    assert len(world.asked) == 3


def test_not_sure_is_an_answer(world):
    world.reply = said("calm", 0.3, likely=("sad", "neutral"), abstained=True)
    page = upload(open_page(), ("one.wav", sound()))
    assert page.title[1].value == "🤔 Not sure"
    assert "leading candidates are **calm** (30\xa0%)" in text(page)


def test_the_other_candidates_are_named(world):
    world.reply = said("calm", 0.6, likely=("disgust",))
    assert "It could also be **disgusted**." in text(upload(open_page(), ("one.wav", sound())))


def test_warnings_are_shown_as_they_are_written(world):
    world.reply = said(warnings=[QualityWarning("quiet", "Very quiet (-48 dBFS). Move closer.", -48.0)])
    page = upload(open_page(), ("one.wav", sound()))
    assert "Move closer" in page.warning[0].value


def test_with_one_model_there_is_nothing_to_pick(world):
    page = open_page()
    assert "shipped model" in text(page)
    assert not [box for box in page.selectbox if box.key == "recognise_model"]


def test_another_model_answers_when_it_is_picked_and_each_is_asked_once(world):
    world.stored["kept"] = model_of("kept", scores=[{**SCORE, "protocol": "random"}])
    world.reply = lambda model: said("sad" if model.name == "kept" else "happy")
    page = upload(open_page(), ("one.wav", sound()))
    box = page.selectbox(key="recognise_model")
    assert box.options == ["shipped model", "model kept"]
    box.set_value("kept").run()
    assert "Sad" in page.title[1].value
    assert "never judged on voices" in text(page)
    page.selectbox(key="recognise_model").set_value("default").run()
    assert "Happy" in page.title[1].value
    assert [name for _, name in world.asked] == ["default", "kept"]


def test_a_visitors_own_model_answers_at_once_and_only_for_that_visitor(world):
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=20)
    page.session_state["visitor"] = session.Visitor(
        models={"mine": model_of("mine")},
        model=session.own_key("mine"),
        clips=(session.HeardClip("a", sound(), "upload"),),
    )
    page.run()
    assert page.selectbox(key="recognise_model").value == "own:mine"
    assert world.asked[0][1] == "mine"
    other = open_page()
    assert "shipped model" in text(other)
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


def test_the_memory_of_answers_is_bounded_and_knows_models_apart():
    st.session_state.clear()
    clip, mine, other = session.HeardClip("a", b"a", "upload"), SimpleNamespace(), SimpleNamespace()
    session.remember(clip, mine, "happy")
    assert session.recall(clip, mine) == "happy"
    assert session.recall(clip, other) is None
    for number in range(500):
        session.remember(session.HeardClip("b", b"%d" % number, "upload"), mine, "sad")
    assert len(session.visitor().answers) <= 200
    st.session_state.clear()


def test_the_theme_colours_the_emotions_as_the_package_does():
    theme = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["theme"]
    assert theme["chartCategoricalColors"] == [emotion.colour for emotion in EMOTIONS]


def test_words():
    assert doctest.testmod(words).failed == 0


def test_a_track_record_skips_scores_that_flatter():
    flattering = {**SCORE, "protocol": "random", "uar": 0.99}
    assert "61" in models.track_record({"scores": [flattering, SCORE]})
